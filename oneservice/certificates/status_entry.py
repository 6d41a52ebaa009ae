"""Where a certificate's state is published: one index in one register, three lists that show it.

A register is published as a Token Status List (two bits an entry, for wallets) and as two W3C
Bitstring Status Lists (revocation and suspension). All three stand under one URL and use one index,
so that a certificate names a single place and any reader finds the publication that it speaks.

References:
    W3C Bitstring Status List 1.1, section 2.1; Token Status List (draft-ietf-oauth-status-list),
    section 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from oneservice.certificates.urls import is_url
from oneservice.errors import MalformedCertificateError

__all__ = [
    "MAX_ENTRIES",
    "Publication",
    "StatusEntry",
    "StatusReference",
    "read_references",
    "token_reference",
]

MAX_ENTRIES: Final = 2**27
"""134 million entries a list, 32 MiB in two bits: whoever needs more opens another list."""
_BITSTRING: Final = "BitstringStatusListEntry"
_TOKEN: Final = "TokenStatusListEntry"  # noqa: S105 - a type's name, no secret
_MAX_REFERENCES: Final = 8
_MAX_DIGITS: Final = 9


class Publication(StrEnum):
    """The lists in which one register is published; the values name them in reports."""

    TOKEN = "token"  # noqa: S105 - a kind of list, no secret
    REVOCATION = "revocation"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReference:
    """One list and one index in it, as some document names them. ``uri`` is the list's own URL."""

    publication: Publication
    uri: str
    index: int


_PLACES: Final = (
    (Publication.TOKEN, ""),
    (Publication.REVOCATION, "/revocation"),
    (Publication.SUSPENSION, "/suspension"),
)
"""What follows a register's URL in those of its lists."""
_PATHS: Final = dict(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEntry:
    """The place of one certificate in one register.

    Args:
        uri: URL of the register's Token Status List; the two bitstring lists stand below it, as
            ``{uri}/revocation`` and ``{uri}/suspension``.
        index: drawn at random when the certificate was issued, so that a neighbour says nothing.

    Raises:
        MalformedCertificateError: no URL, or no index that a list could have.
    """

    uri: str
    index: int
    references: tuple[StatusReference, ...] = field(init=False, repr=False, compare=False)
    """The three places in which the same state can be read; made once, read by several."""

    def __post_init__(self) -> None:
        """Refuse a place that no list could have."""
        _check_place(self.uri, self.index)
        uri, index = self.uri, self.index
        places = [
            StatusReference(publication=one, uri=uri + path, index=index) for one, path in _PLACES
        ]
        object.__setattr__(self, "references", tuple(places))

    def as_json(self) -> list[dict[str, Any]]:
        """Return the ``credentialStatus`` of a credential."""
        return [_write(one) for one in self.references]

    @classmethod
    def of(cls, value: object) -> StatusEntry | None:
        """Return the entry that the ``credentialStatus`` of one of our certificates states.

        ``None``: its state stands elsewhere, in a way of which :func:`read_references` may know.

        Raises:
            MalformedCertificateError: it names a place of ours and is not exactly what
                :meth:`as_json` writes: a certificate that sends different readers to different
                places has no state.
        """
        token = next((one for one in _listed(value) if one.get("type") == _TOKEN), None)
        if token is None:
            return None
        entry = cls(uri=_text(token, "uri"), index=_whole(token.get("idx")))
        if value != entry.as_json():
            msg = "credentialStatus does not name one index in the three lists of one register"
            raise MalformedCertificateError(msg)
        return entry


def list_url(uri: str, publication: Publication) -> str:
    """Return the URL of one publication of the register at ``uri``."""
    return uri + _PATHS[publication]


def read_references(value: object) -> tuple[StatusReference, ...]:
    """Return the places that any ``credentialStatus`` names, of the kinds that we read.

    Entries of another type, purpose or size are let pass: they say nothing about being in force.

    Raises:
        MalformedCertificateError: no object or list of objects, or an entry of ours is misshapen.
    """
    found = (_read(one) for one in _listed(value))
    return tuple(one for one in found if one is not None)


def token_reference(status: object) -> StatusReference | None:
    """Return the place that a JWT's ``status`` claim names; ``None``: by another mechanism.

    Raises:
        MalformedCertificateError: the claim is misshapen.
    """
    if not isinstance(status, dict):
        msg = "the status claim is no object"
        raise MalformedCertificateError(msg)
    place = status.get("status_list")
    if place is None:
        return None
    if not isinstance(place, dict):
        msg = "status.status_list is no object"
        raise MalformedCertificateError(msg)
    uri, index = _text(place, "uri"), _whole(place.get("idx"))
    _check_place(uri, index)
    return StatusReference(publication=Publication.TOKEN, uri=uri, index=index)


def _write(reference: StatusReference) -> dict[str, Any]:
    publication, uri = reference.publication, reference.uri
    if publication is Publication.TOKEN:
        return {"type": _TOKEN, "uri": uri, "idx": reference.index}
    digits = str(reference.index)
    return {
        "id": f"{uri}#{digits}",
        "type": _BITSTRING,
        "statusPurpose": str(publication),
        "statusListIndex": digits,
        "statusListCredential": uri,
    }


def _read(entry: Mapping[str, Any]) -> StatusReference | None:
    kind, purpose = entry.get("type"), entry.get("statusPurpose")
    if kind == _TOKEN:
        publication, uri, index = Publication.TOKEN, _text(entry, "uri"), _whole(entry.get("idx"))
    elif kind == _BITSTRING and purpose in ("revocation", "suspension"):
        if entry.get("statusSize", 1) != 1:
            return None
        publication, uri = Publication(purpose), _text(entry, "statusListCredential")
        index = _digits(entry.get("statusListIndex"))
    else:
        return None
    _check_place(uri, index)
    return StatusReference(publication=publication, uri=uri, index=index)


def _listed(value: object) -> list[dict[str, Any]]:
    entries: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(one, dict) for one in entries) or len(entries) > _MAX_REFERENCES:
        msg = f"credentialStatus is no object, nor a list of at most {_MAX_REFERENCES}"
        raise MalformedCertificateError(msg)
    return entries


def _check_place(uri: str, index: int) -> None:
    if not is_url(uri) or not 0 <= index < MAX_ENTRIES:
        msg = f"a place in a status list is a URL and an index from 0 to {MAX_ENTRIES - 1}"
        raise MalformedCertificateError(msg)


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        msg = f"a status entry has no {name}"
        raise MalformedCertificateError(msg)
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        msg = "the index of a status entry is no whole number"
        raise MalformedCertificateError(msg)
    return value


def _digits(value: object) -> int:
    """Return the index that text of decimal digits states (Bitstring Status List, section 2.1)."""
    is_index = isinstance(value, str) and value.isascii() and value.isdigit()
    if not is_index or not isinstance(value, str) or len(value) > _MAX_DIGITS:
        msg = "statusListIndex is no text of at most nine digits"
        raise MalformedCertificateError(msg)
    return int(value)
