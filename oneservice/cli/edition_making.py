"""An edition is made, signed and rotated in the same way, whatever it says.

What differs between a trust list and a directory of regions is a :class:`Kind`: how a draft and an
edition are read, and what may follow what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import click

from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.trust_files import read_edition, refuse_existing, write_fresh
from oneservice.cli.trust_options import open_keys
from oneservice.cli.trust_page import tell_edition
from oneservice.clocks import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from oneservice.certificates import ListSigner, SignedEdition

__all__ = ["Cosigning", "Kind", "Signing", "rotated"]

_E = TypeVar("_E")
_D = TypeVar("_D", bound="_Signable")


class _Signable(Protocol):
    """A draft: who signs it, and what edition becomes of it."""

    @property
    def threshold(self) -> int: ...

    @property
    def signers(self) -> tuple[ListSigner, ...]: ...

    def edition(
        self, *, after: Any, issued_at: datetime, expires_at: datetime, next_update_at: Any
    ) -> SignedEdition: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[_E]):
    """A kind of signed document.

    Args:
        typ: of its editions.
        read_draft: reads a draft.
        read: reads a complete edition.
        proposed: what an edition says, whoever signed it so far.
        follows: raises where the second may not follow the first, if there is a first.
        days: after which an edition expires by default.
    """

    typ: str
    read_draft: Callable[[Path], _Signable]
    read: Callable[[Path], _E]
    proposed: Callable[[SignedEdition], _E]
    follows: Callable[[_E | None, _E], None]
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """Private keys by name, and how they are opened."""

    keys: tuple[Path, ...]
    password_file: Path | None
    password_fd: int | None
    as_json: bool

    def sign(self, edition: SignedEdition, *, at: datetime) -> SignedEdition:
        """Return the edition with one more signature for each key."""
        for key in open_keys(
            self.keys, password_file=self.password_file, password_fd=self.password_fd
        ):
            edition = edition.by(key, at=at)
        return edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing(_Keys):
    """What ``sign`` was called with."""

    draft_file: Path
    after: Path | None
    issued_at: datetime | None
    next_update: datetime | None
    expires: datetime | None
    out: Path
    force: bool

    def make(self, kind: Kind[Any]) -> None:
        """Make an edition of the draft, sign it, write it, and tell; ends the command."""
        keep_inputs(self.out, (self.draft_file, self.after, *self.keys))
        refuse_existing(self.out, force=self.force)
        draft = kind.read_draft(self.draft_file)
        now = SystemClock().now()
        begins = self.issued_at or now
        edition = draft.edition(
            after=None if self.after is None else kind.read(self.after),
            issued_at=begins,
            next_update_at=self.next_update,
            expires_at=self.expires or begins + timedelta(days=kind.days),
        )
        edition = self.sign(edition, at=now)
        write_fresh(self.out, edition.dump(), force=self.force)
        tell_edition(self.out, edition, as_json=self.as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigning(_Keys):
    """What ``cosign`` was called with."""

    edition_file: Path
    others: tuple[Path, ...]
    after: Path | None

    def make(self, kind: Kind[Any]) -> None:
        """Put the copies together, sign, write over the file, and tell; ends the command."""
        edition = read_edition(self.edition_file, typ=kind.typ)
        for other in self.others:
            edition = edition.merged(read_edition(other, typ=kind.typ))
        before = None if self.after is None else kind.read(self.after)
        kind.follows(before, kind.proposed(edition))
        edition = self.sign(edition, at=SystemClock().now())
        write_file(self.edition_file, edition.dump())
        tell_edition(self.edition_file, edition, as_json=self.as_json)


def rotated(
    draft: _D, *, added: tuple[ListSigner, ...], dropped: tuple[str, ...], threshold: int | None
) -> _D:
    """Return the draft with other signers.

    Raises:
        click.BadParameter: somebody is to leave who is no signer.
    """
    unknown = set(dropped) - {one.name for one in draft.signers}
    if unknown:
        names = ", ".join(one.name for one in draft.signers)
        msg = f"no signer is called {', '.join(sorted(unknown))}; there are {names}"
        raise click.BadParameter(msg, param_hint="'--drop'")
    staying = tuple(one for one in draft.signers if one.name not in dropped)
    changed: Any = draft  # a dataclass of either kind; no common base could say so
    made: _D = replace(changed, signers=(*staying, *added), threshold=threshold or draft.threshold)
    return made
