"""Letters that are sealed and not logged yet: kept, so that a kill in between logs none twice.

Theory of operation. A seal gives other bytes each time, and the salt of an entry is drawn; whoever
began anew after a kill would log another letter beside the first. So both are written down before
the log sees them, and who says the same thing again says it with the bytes that are there. A
draft goes when its move takes the next step: what was said stands in the book then.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from oneservice.canonical import canonical, parse_object
from oneservice.certificates import Certificate, Claims, claims_document
from oneservice.transparency import Entry, EntryKind

__all__ = ["Draft", "Drafts"]

_SALT_BYTES: Final = 24


class Drafts(Protocol):
    """Where drafts are kept; :class:`oneservice.runtimes.MovingBook` is one."""

    def draft(self, move_id: str, name: str) -> bytes | None:
        """Return what was kept under a name; ``None``: nothing."""
        ...

    def keep_draft(self, move_id: str, name: str, document: bytes) -> None:
        """Keep it, durably, in the place of what was kept before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sealed paper, and the salt under which it is logged."""

    paper: Certificate
    salt: str

    @classmethod
    def of(cls, paper: Certificate) -> Self:
        """Return a draft of ``paper`` under a new salt."""
        return cls(paper=paper, salt=secrets.token_urlsafe(_SALT_BYTES))

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Return the draft that was kept."""
        kept = parse_object(document)
        return cls(paper=Certificate.of(kept["paper"]), salt=kept["salt"])

    def dump(self) -> bytes:
        """Return it as it is kept."""
        return canonical({"paper": parse_object(self.paper.dump()), "salt": self.salt})

    @property
    def entry(self) -> Entry:
        """What the log is asked to hold."""
        return Entry(kind=EntryKind.CERTIFICATE, digest=self.paper.digest, salt=self.salt)

    def states(self, claims: Claims, *, key_id: str) -> bool:
        """Say whether it says just this, under this key: another one may not count any more."""
        content: Mapping[str, Any] = self.paper.content
        bare = {name: value for name, value in content.items() if name != "proof"}
        named = content["proof"]["verificationMethod"]
        return named == key_id and canonical(bare) == canonical(claims_document(claims))
