"""The log that keeps issuers honest: trees, signed heads, witnesses' words, proofs. Pure.

What lives only here, and why: the arithmetic of RFC 6962 and the texts of C2SP (signed notes,
checkpoints, cosignatures, tiles, proofs, policies), read so strictly that two readers never see
two documents; and the question whether two signed heads can both be true. No disk, no network, no
clock: logs, witnesses and monitors that touch the world are in ``oneservice.tlog``.

A leaf holds nothing personal (:class:`Entry`): a kind, and a salted commitment.
"""

from oneservice.transparency.checkpoints import Checkpoint, read_number
from oneservice.transparency.entries import Entry, EntryKind, LoggedEntry, entry_of_list
from oneservice.transparency.growing import GrowingTree
from oneservice.transparency.hashing import (
    EMPTY_ROOT,
    HASH_BYTES,
    MAX_SIZE,
    leaf_hash,
    node_hash,
    subtree_root,
)
from oneservice.transparency.log_proofs import (
    PROOF_SUFFIX,
    LogFinding,
    LogProof,
    OpenedCheckpoint,
    open_checkpoint,
)
from oneservice.transparency.note_keys import (
    NoteKey,
    SignatureType,
    decode_base64,
    has_small_order,
)
from oneservice.transparency.note_signers import NoteSigner, SignsNotes, signed_note
from oneservice.transparency.notes import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    NoteSignature,
    Signed,
    SignedNote,
)
from oneservice.transparency.proofs import (
    MAX_PROOF_HASHES,
    check_consistency,
    check_inclusion,
    consistency_proof,
    consistency_stretches,
    inclusion_proof,
    inclusion_root,
    inclusion_stretches,
)
from oneservice.transparency.ranges import CompactRange, Node, Stretch, covering, range_root
from oneservice.transparency.tiles import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    WIDTH,
    Tile,
    TileHashes,
    entry_bundle,
    parse_entry_bundle,
    parse_tile_path,
    tiles_needed,
    tiles_of,
)
from oneservice.transparency.views import (
    Agreement,
    Comparison,
    PrefixProof,
    SplitView,
    Undecided,
    compare,
    prefix_proof,
)
from oneservice.transparency.witness_policy import (
    KnownLog,
    KnownWitness,
    WitnessGroup,
    WitnessPolicy,
)

__all__ = [
    "EMPTY_ROOT",
    "ENTRIES",
    "HASH_BYTES",
    "MAX_ENTRY_BYTES",
    "MAX_NOTE_BYTES",
    "MAX_PROOF_HASHES",
    "MAX_SIGNATURES",
    "MAX_SIZE",
    "PROOF_SUFFIX",
    "WIDTH",
    "Agreement",
    "Checkpoint",
    "CompactRange",
    "Comparison",
    "Entry",
    "EntryKind",
    "GrowingTree",
    "KnownLog",
    "KnownWitness",
    "LogFinding",
    "LogProof",
    "LoggedEntry",
    "Node",
    "NoteKey",
    "NoteSignature",
    "NoteSigner",
    "OpenedCheckpoint",
    "PrefixProof",
    "SignatureType",
    "Signed",
    "SignedNote",
    "SignsNotes",
    "SplitView",
    "Stretch",
    "Tile",
    "TileHashes",
    "Undecided",
    "WitnessGroup",
    "WitnessPolicy",
    "check_consistency",
    "check_inclusion",
    "compare",
    "consistency_proof",
    "consistency_stretches",
    "covering",
    "decode_base64",
    "entry_bundle",
    "entry_of_list",
    "has_small_order",
    "inclusion_proof",
    "inclusion_root",
    "inclusion_stretches",
    "leaf_hash",
    "node_hash",
    "open_checkpoint",
    "parse_entry_bundle",
    "parse_tile_path",
    "prefix_proof",
    "range_root",
    "read_number",
    "signed_note",
    "subtree_root",
    "tiles_needed",
    "tiles_of",
]
