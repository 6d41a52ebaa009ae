"""What drafts of lists and of directories share: who signs, and what an edition takes over.

People write who publishes and who signs; number, dates, past and chain of roots come from the
edition that is followed, so that nobody can slip in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from oneservice.canonical import Digest
from oneservice.certificates.edition_head import PastEdition
from oneservice.certificates.trust_coding import region, text, whole
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.certificates.trust_roots import ListSigner, SignedRoot, TrustRoot, read_signers
from oneservice.certificates.trust_rotation import following_roots
from oneservice.errors import TrustListError

__all__ = [
    "Followed",
    "Signed",
    "filled",
    "following",
    "publishers_of",
    "read_publishers",
    "refuse_unknown",
    "write_publishers",
]


class Signed(Protocol):
    """Who publishes and who signs, as a draft has it."""

    @property
    def territory(self) -> str:
        """For which it speaks."""
        ...

    @property
    def publisher(self) -> str:
        """URL of whoever publishes it."""
        ...

    @property
    def threshold(self) -> int:
        """How many must sign."""
        ...

    @property
    def signers(self) -> tuple[ListSigner, ...]:
        """Who may."""
        ...


class Followed(Protocol):
    """An edition that another one follows."""

    @property
    def version(self) -> int:
        """Its number."""
        ...

    @property
    def digest(self) -> Digest:
        """What names it."""
        ...

    @property
    def past(self) -> tuple[PastEdition, ...]:
        """The editions before it."""
        ...

    @property
    def roots(self) -> tuple[TrustRoot, ...]:
        """The chain of its signers."""
        ...

    @property
    def document(self) -> Mapping[str, Any] | None:
        """As it was signed."""
        ...


def following(
    draft: Signed,
    after: Followed | None,
    *,
    typ: str,
    issued_at: datetime,
    expires_at: datetime,
    next_update_at: datetime | None,
) -> tuple[dict[str, Any], tuple[SignedRoot, ...]]:
    """Return the head of the edition that ``draft`` becomes, as arguments, and its chain of roots.

    Args:
        draft: who signs; the chain has one root more where that changes.
        after: the edition that it follows; ``None``: it is the first.
        typ: the kind of document.
        issued_at: from when it stands.
        expires_at: after which nothing is certain.
        next_update_at: by when the one after it is promised.

    Raises:
        TrustListError: the signers could never sign.
    """
    signed: tuple[SignedRoot, ...] = ()
    if after is not None and after.roots and after.document is not None:
        signed = SignedEdition.of(after.document, typ=typ).roots
    roots = following_roots(
        signed,
        territory=draft.territory,
        publisher=draft.publisher,
        threshold=draft.threshold,
        signers=draft.signers,
        at=issued_at,
    )
    head: dict[str, Any] = {
        "territory": draft.territory,
        "version": 1,
        "issued_at": issued_at,
        "next_update_at": next_update_at,
        "expires_at": expires_at,
        "past": (),
        "roots": tuple(one.root for one in roots),
    }
    if after is not None:
        last = PastEdition(version=after.version, digest=after.digest)
        head |= {"version": after.version + 1, "past": (*after.past, last)}
    return head, roots


def read_publishers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return who publishes and who signs, as arguments of a draft.

    Raises:
        TrustListError: a member is missing or unusable; its place is named.
    """
    return {
        "territory": region(document, "territory"),
        "publisher": text(document, "publisher"),
        "threshold": whole(document, "threshold"),
        "signers": read_signers(document, "signers"),
    }


def publishers_of(territory: str, root: TrustRoot) -> dict[str, Any]:
    """Return who published and signed under ``root``, as arguments of a draft."""
    return {
        "territory": territory,
        "publisher": root.publisher,
        "threshold": root.threshold,
        "signers": root.signers,
    }


def write_publishers(draft: Signed, *, form: str) -> dict[str, Any]:
    """Return who publishes and who signs, as JSON; ``form`` names the kind of draft."""
    return {
        "format": form,
        "territory": draft.territory,
        "publisher": draft.publisher,
        "threshold": draft.threshold,
        "signers": [
            {"name": one.name, "public_key_multibase": one.public_key_multibase}
            for one in draft.signers
        ],
    }


def filled(value: Any) -> Any:
    """Return an entry without what it does not say."""
    if isinstance(value, dict):
        return {name: filled(one) for name, one in value.items() if one is not None and one != []}
    return [filled(one) for one in value] if isinstance(value, list) else value


def refuse_unknown(given: Any, known: Any, place: str) -> None:
    """Refuse members that nothing was read from: a misspelt one would silently say nothing."""
    if isinstance(given, Mapping) and isinstance(known, Mapping):
        for name, value in given.items():
            below = f"{place}.{name}" if place else str(name)
            if name not in known:
                words = ", ".join(sorted(known))
                raise TrustListError(f"there is no such member; known are {words}", place=below)
            if not _is_free(name):
                refuse_unknown(value, known[name], below)
    elif isinstance(given, list) and isinstance(known, list):
        for index, (one, read) in enumerate(zip(given, known, strict=True)):
            refuse_unknown(one, read, f"{place}[{index}]")


def _is_free(name: str) -> bool:
    """Say whether a member's own names are languages."""
    return name in {"name", "legal_basis"}
