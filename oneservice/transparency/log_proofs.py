"""What travels with a certificate: its place in a log, the log's signed head, cosignatures.

A proof is good offline, for ever, for whoever knows the keys of the log and of some witnesses.

References:
    C2SP tlog-proof.
"""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from oneservice.errors import LogKeyUnknownError, LogMalformedError, LogProofError
from oneservice.transparency.checkpoints import Checkpoint, read_number
from oneservice.transparency.hashing import EMPTY_ROOT, HASH_BYTES, leaf_hash
from oneservice.transparency.note_keys import NoteKey, decode_base64
from oneservice.transparency.notes import MAX_NOTE_BYTES, Signed, SignedNote
from oneservice.transparency.proofs import MAX_PROOF_HASHES, check_inclusion

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PROOF_SUFFIX", "LogFinding", "LogProof", "OpenedCheckpoint", "open_checkpoint"]

PROOF_SUFFIX: Final = ".tlog-proof"
"""What the name of a file ends with, for the proof that lies beside it."""

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_EXTRA_BYTES: Final = 65_536
_MAX_BYTES: Final = MAX_NOTE_BYTES + 2 * _MAX_EXTRA_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures hold.

    Attributes:
        checkpoint: what the log signed.
        note: with all its signatures, also those of strangers.
        log: the log's key.
        cosigned: name of each known witness that vouches for it, and when it did.
    """

    checkpoint: Checkpoint
    note: SignedNote
    log: NoteKey
    cosigned: tuple[tuple[str, datetime], ...] = ()


def open_checkpoint(
    data: bytes, *, log: NoteKey, witnesses: Sequence[NoteKey] = (), origin: str | None = None
) -> OpenedCheckpoint:
    """Return the checkpoint in ``data``, signed by ``log``, and which witnesses cosigned it.

    Whoever holds two keys is one witness, and a log is no witness of itself.

    Args:
        data: a signed note.
        log: the key of the log.
        witnesses: keys of cosignatures that the relier knows.
        origin: of the log, where it is not the name of its key.

    Raises:
        LogMalformedError: the bytes are no such note, or a witness's key makes no cosignatures.
        LogKeyUnknownError: the log did not sign it, or it is another log's.
        LogProofError: a signature by one of these keys does not hold.
    """
    return _opened(data, log, tuple(witnesses), log.name if origin is None else origin)


@functools.lru_cache(maxsize=64)
def _opened(
    data: bytes, log: NoteKey, witnesses: tuple[NoteKey, ...], origin: str
) -> OpenedCheckpoint:
    # Remembered, because of many proofs that are judged at once most name the same head.
    if not all(one.type.is_cosignature for one in witnesses):
        msg = "the key of a witness is one for cosignatures (type 0x04 or 0x06); ask it for that"
        raise LogMalformedError(msg)
    note = SignedNote.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    signed = note.check((log, *witnesses))
    if checkpoint.origin != origin or all(one.key != log for one in signed):
        msg = f"the checkpoint is not signed by the log {origin}, whose key was given"
        raise LogKeyUnknownError(msg)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        msg = f"the log {origin} signed an empty tree under the root of another tree"
        raise LogProofError(msg)
    return OpenedCheckpoint(
        checkpoint=checkpoint, note=note, log=log, cosigned=_witnessed(signed, log)
    )


def _witnessed(signed: Sequence[Signed], log: NoteKey) -> tuple[tuple[str, datetime], ...]:
    """Return each witness once: neither a second name nor a second key makes a second witness."""
    found: dict[str, datetime] = {}
    seen = {log.public}
    for one in signed:
        if one.at is not None and one.key.public not in seen and one.key.name not in found:
            found[one.key.name] = one.at
            seen.add(one.key.public)
    return tuple(found.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFinding:
    """What a proof shows.

    Attributes:
        origin: of the log that holds the entry.
        index: of the entry, from 0.
        size: of the tree whose head was signed.
        root: of that tree.
        logged_by: the checkpoint that the log signed.
        cosigned: name and moment of each known witness: the entry existed *before* that moment.
    """

    origin: str
    index: int
    size: int
    root: bytes
    logged_by: Checkpoint
    cosigned: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """Where an entry stands in a log; what that is worth only :meth:`check` tells.

    Attributes:
        index: of the entry, from 0.
        hashes: from the leaf's sibling up to the child of the root.
        checkpoint: the signed note, as it came.
        extra: whatever else came with it; nobody signed it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """Return the proof that ``data`` states.

        Raises:
            LogMalformedError: not the text of a proof, in exactly one spelling, or too large.
        """
        if len(data) > _MAX_BYTES:
            msg = f"a proof of a log has at most {_MAX_BYTES} bytes"
            raise LogMalformedError(msg)
        try:
            head, gap, checkpoint = data.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError:
            head, gap, checkpoint = "", "", ""
        header, *lines = head.split("\n")
        if header != _HEADER or not gap or not checkpoint:
            msg = f"not a proof of a log: '{_HEADER}', an index, hashes, an empty line, a note"
            raise LogMalformedError(msg)
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), what="the extra data")
        if not lines or not lines[0].startswith("index "):
            msg = "a proof of a log has no line 'index N' where it is due"
            raise LogMalformedError(msg)
        index = read_number(lines[0].removeprefix("index "), what="the index in a proof")
        hashes = tuple(decode_base64(one, what="a hash", length=HASH_BYTES) for one in lines[1:])
        if len(hashes) > MAX_PROOF_HASHES or len(extra) > _MAX_EXTRA_BYTES:
            msg = (
                f"a proof has at most {MAX_PROOF_HASHES} hashes and {_MAX_EXTRA_BYTES} extra bytes"
            )
            raise LogMalformedError(msg)
        return cls(index=index, hashes=hashes, checkpoint=checkpoint.encode("utf-8"), extra=extra)

    def dump(self) -> bytes:
        """Return the text of the proof, to be kept as ``NAME.tlog-proof``."""
        lines = [_HEADER]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode('ascii')}")
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode("ascii") for one in self.hashes]
        return "\n".join([*lines, "", ""]).encode("ascii") + self.checkpoint

    def check(
        self,
        entry: bytes,
        *,
        log: NoteKey,
        witnesses: Sequence[NoteKey] = (),
        origin: str | None = None,
    ) -> LogFinding:
        """Return what the proof shows about ``entry``.

        Which witnesses are enough is for the caller to say, by who is in ``cosigned``.

        Args:
            entry: the bytes of the leaf (:meth:`Entry.encode`).
            log: the key of the log.
            witnesses: keys of cosignatures that the relier knows; others are passed over.
            origin: of the log, where it is not the name of its key.

        Raises:
            LogMalformedError: the checkpoint in it is none.
            LogKeyUnknownError: its checkpoint is not signed by this log.
            LogProofError: a signature or the path of hashes does not hold.
        """
        opened = open_checkpoint(self.checkpoint, log=log, witnesses=witnesses, origin=origin)
        head = opened.checkpoint
        check_inclusion(
            leaf_hash(entry), index=self.index, size=head.size, proof=self.hashes, root=head.root
        )
        return LogFinding(
            origin=head.origin,
            index=self.index,
            size=head.size,
            root=head.root,
            logged_by=head,
            cosigned=opened.cosigned,
        )
