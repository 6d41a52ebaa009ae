"""What a case handed out as pages: to look at, to print, to be read by a scanner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from oneservice.catalog import Catalog
from oneservice.certificates import Bundle
from oneservice.errors import FileUnusableError
from oneservice.faces import bundle_pages

__all__ = ["PAGES", "drawn_pages"]

PAGES = "pages"
"""Folder of the pages, in that of the demonstration."""


def drawn_pages(
    bundle: Bundle, *, catalog: Catalog, write: Callable[[str, bytes], Path]
) -> tuple[Path, ...]:
    """Write a page for each certificate of ``bundle``; none where the extra ``faces`` is missing.

    Args:
        bundle: of the case.
        catalog: has the words for facts.
        write: writes a file of a name, whole or not at all.
    """
    try:
        pages = tuple(bundle_pages(bundle, catalog=catalog))
    except FileUnusableError:  # a demonstration needs no extra but the server
        return ()
    return tuple(write(f"{PAGES}/{name}.html", page.encode("utf-8")) for name, page in pages)
