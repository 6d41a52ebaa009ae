"""Where an overlay stands in its file, and what it names that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.catalog.rules import did_you_mean
from oneservice.errors import UnknownReferenceError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Protocol

    from oneservice.catalog.effective import Origin
    from oneservice.catalog.places import SourcedDocument

    class _Names(Container[str], Iterable[str], Protocol):
        """Names that can be looked for and listed."""


__all__ = ["OverlayPlace", "require_known"]


class OverlayPlace:
    """The overlay ``index`` of a file; paths are below it."""

    def __init__(self, document: SourcedDocument, index: int) -> None:
        self._document = document
        self._prefix = ("overlays", index)

    def origin(self, *path: str | int) -> Origin:
        """Return what a part of a definition that comes from ``path`` remembers."""
        return self._document, (*self._prefix, *path)

    def source(self, *path: str | int) -> str:
        """Return ``file:line:column`` of ``path``."""
        return self._document.source(*self._prefix, *path)


def require_known(name: str, known: _Names, kind: str, at: OverlayPlace, *path: str | int) -> None:
    """Refuse a change of what is not there.

    Raises:
        UnknownReferenceError: ``name`` is not among ``known``.
    """
    if name not in known:
        msg = f"there is no {kind} '{name}' to change here{did_you_mean(name, known)}"
        raise UnknownReferenceError(msg, source=at.source(*path))
