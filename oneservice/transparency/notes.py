"""Signed notes: a text and lines of signatures below it, one line for each signer.

A signature by an unknown key says nothing, and is passed over; one that claims to be by a known
key and is not spoils the whole note. Bytes that several readers could read in several ways (another
base 64, a second empty line, control characters) are refused.

References:
    C2SP signed-note and tlog-cosignature.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from oneservice.errors import LogKeyUnknownError, LogMalformedError, LogProofError
from oneservice.transparency.checkpoints import Checkpoint
from oneservice.transparency.note_keys import NoteKey, SignatureType, decode_base64, is_key_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "NoteSignature",
    "Signed",
    "SignedNote",
    "signed_bytes",
    "timestamped",
]

MAX_NOTE_BYTES: Final = 524_288
"""A hundred signatures by ML-DSA, and some text."""
MAX_SIGNATURES: Final = 100
_MARK: Final = "— "
_KEY_ID: Final = 4
_TIME: Final = 8
_SUBTREE: Final = b"subtree/v1\n\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One line below a note: who claims to have signed, and the bytes."""

    name: str
    key_id: bytes
    value: bytes = field(repr=False)

    @property
    def line(self) -> str:
        """The line with its newline."""
        encoded = base64.b64encode(self.key_id + self.value).decode("ascii")
        return f"{_MARK}{self.name} {encoded}\n"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Return the signature of a line without its newline.

        Raises:
            LogMalformedError: no such line.
        """
        name, space, encoded = line.removeprefix(_MARK).partition(" ")
        if not line.startswith(_MARK) or not space or not is_key_name(name):
            msg = "a signature line is an em dash, the name of the key, and base 64"
            raise LogMalformedError(msg)
        data = decode_base64(encoded, what="a signature")
        if len(data) <= _KEY_ID:
            msg = "a signature has no bytes beside the id of its key"
            raise LogMalformedError(msg)
        return cls(name=name, key_id=data[:_KEY_ID], value=data[_KEY_ID:])

    def is_by(self, key: NoteKey) -> bool:
        """Say whether it *claims* to be by ``key``."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that holds: by which key, and when where a witness says so."""

    key: NoteKey
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """A text with signatures; whether they hold only :meth:`check` tells."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> SignedNote:
        """Return the note that ``data`` states.

        Raises:
            LogMalformedError: no UTF-8, control characters, no signature line, more than a hundred
                of them, or more than 512 KiB.
        """
        if len(data) > MAX_NOTE_BYTES:
            msg = f"a signed note has at most {MAX_NOTE_BYTES} bytes"
            raise LogMalformedError(msg)
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            msg = "a signed note is UTF-8"
            raise LogMalformedError(msg) from None
        if any(one < " " and one != "\n" for one in whole):
            msg = "a signed note has no control characters but newlines"
            raise LogMalformedError(msg)
        text, gap, below = whole.rpartition("\n\n")
        if not gap or not below.endswith("\n"):
            msg = "a signed note is a text, an empty line and signature lines, each with a newline"
            raise LogMalformedError(msg)
        lines = below[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            msg = f"a signed note has at most {MAX_SIGNATURES} signatures"
            raise LogMalformedError(msg)
        return cls(text=text + "\n", signatures=tuple(map(NoteSignature.parse, lines)))

    def dump(self) -> bytes:
        """Return the note in the bytes that :meth:`parse` reads."""
        return f"{self.text}\n{''.join(one.line for one in self.signatures)}".encode()

    def with_signatures(self, more: Iterable[NoteSignature]) -> SignedNote:
        """Return the note with further signatures, each once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *more))))

    def check(self, keys: Iterable[NoteKey]) -> tuple[Signed, ...]:
        """Return which of ``keys`` signed this, each key once, in the order of the note.

        A key of a kind that this installation cannot check counts as unknown: it tells nothing.

        Raises:
            LogKeyUnknownError: none of them did.
            LogProofError: a signature in the name of one of them does not hold.
            LogMalformedError: two keys have one name and one id, so that nobody could tell which
                signed; or a cosignature is on something that is no checkpoint.
        """
        known: dict[tuple[str, bytes], NoteKey] = {}
        for key in keys:
            if known.setdefault((key.name, key.id), key) != key:
                msg = f"two keys are called {key.name} and have the same id; rename one of them"
                raise LogMalformedError(msg)
        found: dict[NoteKey, Signed] = {}
        for signature in self.signatures:
            signer = known.get((signature.name, signature.key_id))
            if signer is not None and signer.is_usable:
                found.setdefault(signer, _checked(self.text, signature, signer))
        if not found:
            msg = "the note is signed by no key that is known here"
            raise LogKeyUnknownError(msg)
        return tuple(found.values())


def signed_bytes(text: str, key: NoteKey, at: datetime | None) -> bytes:
    """Return the bytes that ``key`` signs for a note of that text.

    Args:
        text: of the note; for a cosignature it is a checkpoint.
        key: its kind decides.
        at: the moment of a cosignature, in whole seconds.

    Raises:
        LogMalformedError: a cosignature by ML-DSA on a text that is no checkpoint.
    """
    plain = text.encode("utf-8")
    if at is None:
        return plain
    second = int(at.timestamp())
    if key.type is not SignatureType.COSIGNATURE_ML_DSA_44:
        return b"cosignature/v1\ntime %d\n%s" % (second, plain)
    head = Checkpoint.parse(text)
    name, origin = key.name.encode("utf-8"), head.origin.encode("utf-8")
    if max(len(name), len(origin)) > 255:  # noqa: PLR2004 - their length is written in one byte
        msg = "the name of a witness and the origin of a log have at most 255 bytes here"
        raise LogMalformedError(msg)
    fields = (
        bytes([len(name)]) + name,
        second.to_bytes(8, "big"),
        bytes([len(origin)]) + origin,
        bytes(8),
        head.size.to_bytes(8, "big"),
        head.root,
    )
    return _SUBTREE + b"".join(fields)


def timestamped(at: datetime | None, signature: bytes) -> bytes:
    """Return the bytes of a signature as a note carries them: the time, where there is one."""
    return signature if at is None else int(at.timestamp()).to_bytes(_TIME, "big") + signature


def _checked(text: str, signature: NoteSignature, key: NoteKey) -> Signed:
    at, value = None, signature.value
    if key.type.is_cosignature:
        at, value = _instant(value[:_TIME]), value[_TIME:]
        Checkpoint.parse(text)  # a witness speaks about the heads of trees, and nothing else
    if not key.verifies(value, signed_bytes(text, key, at)):
        msg = f"the signature in the name of {key.name} does not hold; the note was changed"
        raise LogProofError(msg)
    return Signed(key=key, at=at)


def _instant(data: bytes) -> datetime:
    """Return the moment of a cosignature; zero would say that it tells none."""
    try:
        second = int.from_bytes(data, "big")
        if second:
            return datetime.fromtimestamp(second, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    msg = "a cosignature tells no moment"
    raise LogMalformedError(msg)
