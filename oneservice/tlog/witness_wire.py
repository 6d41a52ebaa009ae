"""What logs and witnesses say to each other, both ways: C2SP tlog-witness, ``add-checkpoint``."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from oneservice.errors import LogMalformedError
from oneservice.transparency import (
    HASH_BYTES,
    MAX_NOTE_BYTES,
    MAX_PROOF_HASHES,
    MAX_SIGNATURES,
    NoteSignature,
    decode_base64,
    read_number,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_ANSWER_BYTES", "MAX_REQUEST_BYTES", "AddCheckpoint", "WitnessAnswer"]

MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 64 * 64
MAX_ANSWER_BYTES: Final = 65_536
_SIZE_TYPE: Final = "text/x.tlog.size"
_TEXT_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign.

    Attributes:
        old_size: of the head that the witness cosigned last, as the log believes.
        proof: that the new tree grew out of that one.
        checkpoint: the signed note.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Return the request that ``body`` states.

        Raises:
            LogMalformedError: not a line ``old N``, at most 63 hashes, an empty line and a note.
        """
        head, gap, checkpoint = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            first, hashes = "", []
        if not gap or not first.startswith("old ") or len(hashes) > MAX_PROOF_HASHES:
            msg = "a request is 'old SIZE', up to 63 hashes, an empty line and a checkpoint"
            raise LogMalformedError(msg)
        return cls(
            old_size=read_number(first.removeprefix("old "), what="the old size"),
            proof=tuple(decode_base64(one, what="a hash", length=HASH_BYTES) for one in hashes),
            checkpoint=checkpoint,
        )

    def dump(self) -> bytes:
        """Return the body of the request."""
        hashes = [base64.b64encode(one) for one in self.proof]
        return b"\n".join((b"old %d" % self.old_size, *hashes, b"", self.checkpoint))


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAnswer:
    """What a witness answers, as it goes over HTTP."""

    status: int
    body: bytes
    media_type: str = _TEXT_TYPE

    @classmethod
    def cosigned(cls, lines: Iterable[NoteSignature]) -> Self:
        """Return the answer that carries cosignatures."""
        return cls(status=200, body="".join(one.line for one in lines).encode())

    @classmethod
    def conflict(cls, size: int) -> Self:
        """Return the answer that tells the size which the witness cosigned last."""
        return cls(status=409, body=b"%d\n" % size, media_type=_SIZE_TYPE)

    @classmethod
    def refusal(cls, status: int, why: str) -> Self:
        """Return the answer that says why not, for people."""
        return cls(status=status, body=f"{why}\n".encode())

    @property
    def known_size(self) -> int:
        """The size that an answer 409 tells.

        Raises:
            LogMalformedError: it tells none.
        """
        if self.media_type.partition(";")[0].strip() != _SIZE_TYPE:
            msg = f"a conflict is told as {_SIZE_TYPE}"
            raise LogMalformedError(msg)
        text = self.body.decode("ascii", "replace")
        return read_number(text.removesuffix("\n"), what="the size that the witness knows")

    def signatures(self) -> tuple[NoteSignature, ...]:
        """Return the signature lines of an answer 200; whether they hold is not looked at.

        Raises:
            LogMalformedError: there are none, too many, or something else.
        """
        try:
            *lines, rest = self.body.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            lines, rest = [], ""
        if not lines or rest or len(lines) > MAX_SIGNATURES:
            msg = "a witness answers with signature lines, each with its newline"
            raise LogMalformedError(msg)
        return tuple(map(NoteSignature.parse, lines))
