"""Types of certificates that are all but another: ``health-certificate``, ``health_certificate``.

Types are compared letter by letter. A list that names one which nothing is ever issued under is in
order, and of no effect; so whoever enters it is told.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.errors import OneServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["warn_of_twin"]


def warn_of_twin(name: str, *, known: Iterable[str]) -> None:
    """Tell, on the standard error, that ``name`` is all but a type that is known.

    Args:
        name: the type that was given.
        known: types that the draft names already; those of the bundled catalogs are known, too.
    """
    types = frozenset(known)
    if name in types:
        return
    twins = sorted(one for one in types | _issued() if _plain(one) == _plain(name) and one != name)
    if twins and name not in _issued():
        click.echo(
            f"warning: nothing is known to be issued as {name}; did you mean {twins[0]}? "
            "Types are compared letter by letter",
            err=True,
        )


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


@functools.cache
def _issued() -> frozenset[str]:
    """Return the types that items of the bundled catalogs issue; none where there is no catalog."""
    try:
        catalog = load_catalog(bundled_catalog_dir())
    except OneServiceError:
        return frozenset()
    return frozenset(
        item.result.type
        for sourced in catalog.documents
        for item in sourced.document.items
        if item.result is not None
    )
