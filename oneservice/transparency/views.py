"""Two views of one log, held against each other; and the evidence when both cannot be true.

Theory of operation: an ordinary consistency proof can fail because whoever made it erred or lied,
so a failing one accuses nobody. A :class:`PrefixProof` names the perfect subtrees of the smaller
tree *and* of what came after it. If they fold to the root of the larger checkpoint they are what
the log signed there; and if the first of them do not fold to the root of the smaller checkpoint,
the log has signed two histories. That can be checked by anybody, for ever, with the log's key.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from oneservice.canonical import canonical, parse_object
from oneservice.errors import LogMalformedError, LogProofError, MalformedJsonError
from oneservice.transparency.hashing import HASH_BYTES
from oneservice.transparency.log_proofs import OpenedCheckpoint, open_checkpoint
from oneservice.transparency.note_keys import decode_base64
from oneservice.transparency.notes import MAX_NOTE_BYTES
from oneservice.transparency.ranges import CompactRange, Node, covering, refuse_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.transparency.note_keys import NoteKey

__all__ = [
    "Agreement",
    "Comparison",
    "PrefixProof",
    "SplitView",
    "Undecided",
    "compare",
    "prefix_proof",
]

_FORMAT: Final = "oneservice-split-view/1"
_UNREADABLE: Final = f"not the evidence of a split view ({_FORMAT})"
_MAX_BYTES: Final = 4 * MAX_NOTE_BYTES
_MAX_NODES: Final = 126


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixProof:
    """The perfect subtrees of a smaller tree, and of what followed it in a larger one."""

    before: tuple[bytes, ...]
    after: tuple[bytes, ...]

    def roots(self, old: int, new: int) -> tuple[bytes, bytes]:
        """Return the roots of both trees that these subtrees make.

        Raises:
            LogMalformedError: they are not as many as the sizes ask for.
        """
        refuse_size(old, new)
        nodes = covering(old, new)
        if len(nodes) != len(self.after) or {len(one) for one in self.after} - {HASH_BYTES}:
            msg = f"{len(nodes)} subtrees lead from {old} leaves to {new}"
            raise LogMalformedError(msg)
        small = CompactRange(size=old, hashes=self.before)
        return small.root, small.joined(zip(nodes, self.after, strict=True)).root


def prefix_proof(old: int, new: int, read: Callable[[Node], bytes]) -> PrefixProof:
    """Return the subtrees of the first ``old`` leaves, and of the others up to ``new``."""
    return PrefixProof(
        before=tuple(map(read, covering(0, old))), after=tuple(map(read, covering(old, new)))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Both views belong to one history. ``is_proven``: other than by being the same."""

    is_proven: bool
    kind: Literal["agreement"] = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """Nothing can be said; ``why`` tells what is missing."""

    why: str
    kind: Literal["undecided"] = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """Two notes by one log that cannot both be true: a document that others can check.

    Attributes:
        first: the signed checkpoint of the smaller tree, as it came.
        second: that of the larger one, or of another tree of the same size.
        proof: subtrees that fold to the second root and not to the first; none for equal sizes.
    """

    first: bytes
    second: bytes
    proof: PrefixProof | None = None
    kind: Literal["split-view"] = "split-view"

    def dump(self) -> bytes:
        """Return the document: canonical JSON."""
        proof = self.proof or PrefixProof(before=(), after=())
        return canonical(
            {
                "format": _FORMAT,
                "first": _text(self.first),
                "second": _text(self.second),
                "before": [base64.b64encode(one).decode("ascii") for one in proof.before],
                "after": [base64.b64encode(one).decode("ascii") for one in proof.after],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> SplitView:
        """Return the accusation that ``data`` states; whether it holds only :meth:`check` tells.

        Raises:
            LogMalformedError: no such document.
        """
        try:
            document = parse_object(data, max_bytes=_MAX_BYTES, max_depth=2)
            before, after = _hashes(document["before"]), _hashes(document["after"])
            proof = PrefixProof(before=before, after=after) if before or after else None
            first, second = document["first"].encode(), document["second"].encode()
            is_ours = document["format"] == _FORMAT
        except (MalformedJsonError, KeyError, TypeError, AttributeError, ValueError) as error:
            what = str(error) if isinstance(error, MalformedJsonError) else "a member is missing"
            raise LogMalformedError(f"{_UNREADABLE}: {what}") from None
        if not is_ours:
            raise LogMalformedError(_UNREADABLE)
        return cls(first=first, second=second, proof=proof)

    def check(self, *, log: NoteKey, origin: str | None = None) -> None:
        """Return if both notes are signed by ``log`` and contradict each other.

        Raises:
            LogProofError: they do not contradict each other, or a signature does not hold.
            LogKeyUnknownError: a note is not signed by this log.
            LogMalformedError: a note is none.
        """
        first = open_checkpoint(self.first, log=log, origin=origin)
        second = open_checkpoint(self.second, log=log, origin=origin)
        if not isinstance(compare(first, second, self.proof), SplitView):
            msg = "the two checkpoints do not contradict each other; this accuses nobody"
            raise LogProofError(msg)


Comparison: TypeAlias = Agreement | SplitView | Undecided


def compare(
    one: OpenedCheckpoint, other: OpenedCheckpoint, proof: PrefixProof | None = None
) -> Comparison:
    """Return whether two checkpoints of one log belong to one history.

    Args:
        one: a checkpoint whose signature holds.
        other: another one, by the same key; their order does not matter.
        proof: for different sizes, from whoever has the tiles of the larger tree.
    """
    if (one.log, one.checkpoint.origin) != (other.log, other.checkpoint.origin):
        return Undecided(why="the checkpoints are of two logs, or signed by two keys")
    small, large = sorted((one, other), key=lambda each: each.checkpoint.size)
    old, new = small.checkpoint, large.checkpoint
    evidence = SplitView(first=small.note.dump(), second=large.note.dump())
    if old.size == new.size:
        return Agreement(is_proven=False) if old.root == new.root else evidence
    if old.size == 0:
        return Agreement(is_proven=False)
    if proof is None:
        return Undecided(why="the trees differ in size; the subtrees of the larger one are missing")
    try:
        before, after = proof.roots(old.size, new.size)
    except LogMalformedError as error:
        return Undecided(why=str(error))
    if after != new.root:
        return Undecided(why="these are not the subtrees of the larger tree")
    if before == old.root:
        return Agreement(is_proven=True)
    return SplitView(first=evidence.first, second=evidence.second, proof=proof)


def _text(note: bytes) -> str:
    return note.decode("utf-8")


def _hashes(members: Any) -> tuple[bytes, ...]:
    if not isinstance(members, list) or len(members) > _MAX_NODES:
        raise TypeError
    return tuple(decode_base64(one, what="a hash", length=HASH_BYTES) for one in members)
