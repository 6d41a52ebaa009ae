"""What comes beside a certificate, so that it can be judged years later without asking anybody.

Proofs that logs hold it, status lists, timestamps, the receipt of the seal, signatures by national
algorithms. None of it is covered by the certificate's own signature; each part is proven by
whoever made it, and says by its own words which certificate it is about.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NoReturn

from oneservice.canonical import JsonObject
from oneservice.errors import (
    LogMalformedError,
    MalformedCertificateError,
)
from oneservice.transparency import LogProof

__all__ = ["NOTHING", "EnclosedList", "EnclosedProof", "Enclosures"]

_MAX_PARTS: Final = 32
"""More logs, lists or clocks than this nobody needs for one certificate."""
_MAX_TEXT: Final = 16_777_216
"""A whole status list of some millions of entries, compressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosedProof:
    """A proof that a log holds the certificate.

    Args:
        text: of the proof (C2SP tlog-proof).
        salt: of the entry; without it nobody can tell which certificate the entry means.
    """

    text: str
    salt: str

    def read(self) -> LogProof:
        """Return the proof.

        Raises:
            LogMalformedError: the text is none.
        """
        return LogProof.parse(self.text.encode("utf-8"))

    def as_json(self) -> JsonObject:
        """Return the proof as it stands in a file."""
        return {"proof": self.text, "salt": self.salt}

    @classmethod
    def of(cls, entry: object) -> EnclosedProof:
        """Return the proof that an entry of a file states.

        Raises:
            MalformedCertificateError: it is none.
        """
        where = "a proof of logging"
        if not isinstance(entry, Mapping) or entry.keys() != {"proof", "salt"}:
            _refuse(f"{where}: an object with 'proof' and 'salt' is due")
        text, salt = entry["proof"], entry["salt"]
        if not isinstance(text, str) or not isinstance(salt, str) or not salt.isascii():
            _refuse(f"{where}: proof and salt are texts")
        found = cls(text=text, salt=salt)
        try:
            found.read()
        except (LogMalformedError, UnicodeEncodeError) as error:
            _refuse(f"{where}: {error}")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosedList:
    """A published status list, and what proves since when it existed.

    Args:
        data: the list as it was fetched: a signed credential or a token.
        log_proof: that a log holds this edition; ``None``: its only clock is its issuer's.
    """

    data: bytes
    log_proof: EnclosedProof | None = None

    def as_json(self) -> JsonObject:
        """Return the list as it stands in a file."""
        proof = {} if self.log_proof is None else self.log_proof.as_json()
        return {"list": self.data.decode("utf-8"), **proof}

    @classmethod
    def of(cls, entry: object) -> EnclosedList:
        """Return the list that an entry of a file states.

        Raises:
            MalformedCertificateError: it is none.
        """
        where = "a status list"
        if not isinstance(entry, Mapping) or "list" not in entry:
            _refuse(f"{where}: an object with 'list' is due")
        text = entry["list"]
        if not isinstance(text, str) or not 0 < len(text) <= _MAX_TEXT:
            _refuse(f"{where}: its text as it was fetched is due")
        rest = {name: value for name, value in entry.items() if name != "list"}
        try:
            data = text.encode("utf-8")
        except UnicodeEncodeError:
            _refuse(f"{where}: its text is none")
        return cls(data=data, log_proof=EnclosedProof.of(rest) if rest else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosures:
    """Everything that came beside one certificate; nothing of it is believed yet.

    Args:
        log_proofs: that logs hold the certificate.
        status_lists: published lists in which its state can be read.
        timestamps: RFC 3161 tokens over the SHA-256 of the certificate, DER.
        seal_receipt: JSON of the receipt of its seal.
        national: JSON of signatures by national algorithms over the same bytes.
    """

    log_proofs: tuple[EnclosedProof, ...] = ()
    status_lists: tuple[EnclosedList, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    seal_receipt: JsonObject | None = None
    national: tuple[JsonObject, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing came along."""
        return not any(getattr(self, one.name) for one in fields(self))

    def as_json(self) -> JsonObject:
        """Return what came along, as it stands in a file; what is not there is left out."""
        stated: JsonObject = {
            "log_proofs": [one.as_json() for one in self.log_proofs],
            "status_lists": [one.as_json() for one in self.status_lists],
            "timestamps": [base64.b64encode(one).decode("ascii") for one in self.timestamps],
            "seal_receipt": self.seal_receipt,
            "national": list(self.national),
        }
        return {name: value for name, value in stated.items() if value}

    @classmethod
    def of(cls, document: object) -> Enclosures:
        """Return what ``document`` states, each part readable as what it says it is.

        Raises:
            MalformedCertificateError: a member that is not known, or a part that is misshapen:
                what nobody reads, nobody should rely on.
        """
        if not isinstance(document, Mapping) or not document.keys() <= _READERS.keys():
            _refuse(f"enclosures: an object with some of {', '.join(_READERS)} is due")
        if not all(document.values()):
            _refuse("enclosures: what is not there is left out, not empty")
        found: dict[str, Any] = {name: _READERS[name](value) for name, value in document.items()}
        return cls(**found)


NOTHING: Final = Enclosures()


def _listed(value: object, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MAX_PARTS:
        _refuse(f"{what}: a list of at most {_MAX_PARTS} is due")
    return value


def _proofs(value: object) -> tuple[EnclosedProof, ...]:
    return tuple(map(EnclosedProof.of, _listed(value, "log_proofs")))


def _lists(value: object) -> tuple[EnclosedList, ...]:
    return tuple(map(EnclosedList.of, _listed(value, "status_lists")))


def _tokens(value: object) -> tuple[bytes, ...]:
    return tuple(_token(one) for one in _listed(value, "timestamps"))


def _token(value: object) -> bytes:
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode("ascii") != value:
        _refuse("timestamps: each is DER in base64, in the one way that there is")
    return data


def _receipt(value: object) -> JsonObject:
    if not isinstance(value, dict):
        _refuse("seal_receipt: an object is due")
    return value


def _signatures(value: object) -> tuple[JsonObject, ...]:
    found = _listed(value, "national")
    if not all(isinstance(one, dict) for one in found):
        _refuse("national: a list of objects is due")
    return tuple(found)


_READERS: Final = {
    "log_proofs": _proofs,
    "status_lists": _lists,
    "timestamps": _tokens,
    "seal_receipt": _receipt,
    "national": _signatures,
}


def _refuse(why: str) -> NoReturn:
    raise MalformedCertificateError(why)
