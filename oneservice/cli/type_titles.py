"""Types of certificates: what people call them, and which are all but another.

Lists and machines name types, compared letter by letter. People read titles, which the bundled
catalogs know; and a list that names a type which nothing is ever issued under, such as
``health-certificate`` for ``health_certificate``, is in order and of no effect, so whoever enters
it is told.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

from oneservice.catalog import Text, bundled_catalog_dir, load_catalog
from oneservice.certificates import BUNDLE_TYPE
from oneservice.errors import OneServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oneservice.plan import Language

__all__ = ["titled_type", "warn_of_twin"]

_BUNDLE: Final = Text(zh="办结凭证", en="Bundle certificate")
"""No item issues it: the office that hands out all results does."""


def titled_type(name: str, language: Language) -> str:
    """Return what people call a type, with the type itself, which alone counts, behind."""
    title = _titles().get(name)
    if language == "zh":
        return f"“{name}”" if title is None else f"“{title.zh}”（{name}）"
    return name if title is None else f"{title.en} ({name})"


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


def _issued() -> frozenset[str]:
    return frozenset(_titles()) - {BUNDLE_TYPE}


@functools.cache
def _titles() -> Mapping[str, Text]:
    """Return the types that the bundled catalogs know; none where there is no catalog."""
    try:
        catalog = load_catalog(bundled_catalog_dir())
    except OneServiceError:
        return MappingProxyType({})
    return MappingProxyType(catalog.type_titles() | {BUNDLE_TYPE: _BUNDLE})
