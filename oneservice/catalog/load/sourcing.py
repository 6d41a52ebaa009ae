"""A document and the bytes it came from: where its values stand is read again when asked for."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from oneservice.catalog.load.text import read_text
from oneservice.catalog.places import Place, SourcedDocument

if TYPE_CHECKING:
    from oneservice.catalog.documents import CatalogDocument

__all__ = ["SECTIONS", "names_of", "places_of", "sourced"]

SECTIONS: Final = {"departments": "id", "items": "id", "things": "id", "overlays": "thing"}
"""The sections whose parts are asked for one by one, and the key that names a part."""
_FILES_WITH_PLACES = 8
"""Files whose places are kept: findings come file by file."""


def sourced(document: CatalogDocument, data: bytes, *, file: str, name: str) -> SourcedDocument:
    """Return ``document``, which ``data`` states, with what is needed to find things in it."""

    def part(section: str, index: int) -> Any:
        return getattr(document, section)[index]

    return SourcedDocument(
        file=file,
        name=name,
        region=document.region,
        effective_from=document.effective_from,
        effective_until=document.effective_until,
        names=names_of(document),
        make_part=part,
        make_document=lambda: document,
        locate=partial(places_of, data, file),
    )


def names_of(document: CatalogDocument) -> dict[str, tuple[str, ...]]:
    """Return, by section, what its parts are called."""
    return {
        section: tuple(getattr(part, key) for part in getattr(document, section))
        for section, key in SECTIONS.items()
    }


@lru_cache(maxsize=_FILES_WITH_PLACES)
def places_of(data: bytes, file: str) -> Place:
    """Return where every value of a readable file stands."""
    return read_text(data, file)[1]
