"""Options that ``trust`` and ``regions`` share; what they say differs where the documents do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from oneservice.cli.options import FILE, json_option
from oneservice.cli.trust_options import END, SIGNER, START, force_option, key_options

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cosigning_options", "publisher_options", "rotation_options", "signing_options"]

_F = TypeVar("_F", bound="Callable[..., Any]")


def _all(*decorators: Callable[[Any], Any]) -> Callable[[_F], _F]:
    """Return one decorator for all of them, in the order in which ``--help`` lists them."""

    def decorated(function: _F) -> _F:
        for one in reversed(decorators):
            function = one(function)
        return function

    return decorated


def publisher_options(*, who: str, publishes: str) -> Callable[[_F], _F]:
    """Add who publishes and who signs, and where the draft goes: the options of ``init``."""
    return _all(
        click.option("--publisher", required=True, metavar="URL", help=publishes),
        click.option(
            "--signer",
            "signers",
            type=SIGNER,
            multiple=True,
            required=True,
            metavar="NAME=MULTIKEY",
            help=f"{who} that signs, and its public key (z…); may be repeated.",
        ),
        click.option(
            "--threshold", type=int, required=True, metavar="N", help="How many of them must sign."
        ),
        click.option(
            "--out", type=FILE, required=True, metavar="FILE", help="Draft, .yaml or .json."
        ),
        force_option,
        json_option,
    )


def rotation_options(function: _F) -> _F:
    """Add who joins and who leaves: the options of ``rotate``."""
    decorated: _F = _all(
        click.argument("draft_file", type=FILE, metavar="DRAFT"),
        click.option(
            "--add",
            "added",
            type=SIGNER,
            multiple=True,
            metavar="NAME=MULTIKEY",
            help="Signer who joins; may be repeated.",
        ),
        click.option(
            "--drop",
            "dropped",
            multiple=True,
            metavar="NAME",
            help="Signer who leaves; may be repeated.",
        ),
        click.option(
            "--threshold", type=int, metavar="N", help="How many must sign.  [default: as now]"
        ),
        json_option,
    )(function)
    return decorated


def signing_options(*, metavar: str, expiry: str) -> Callable[[_F], _F]:
    """Add the draft, keys and dates: the options of ``sign``.

    Args:
        metavar: what an edition is called.
        expiry: what its end means, and when it is by default.
    """
    return _all(
        click.argument("draft_file", type=FILE, metavar="DRAFT"),
        click.option(
            "--after",
            type=FILE,
            metavar=metavar,
            help="The edition that it follows; without it this is the first edition.",
        ),
        key_options,
        click.option("--issued-at", type=START, metavar="MOMENT", help="[default: now]"),
        click.option(
            "--next-update",
            type=END,
            metavar="MOMENT",
            help="By when the next edition is promised.",
        ),
        click.option("--expires", type=END, metavar="MOMENT", help=expiry),
        click.option("--out", type=FILE, required=True, metavar="FILE", help="The edition."),
        force_option,
        json_option,
    )


def cosigning_options(*, metavar: str, after: str) -> Callable[[_F], _F]:
    """Add the edition, keys and other copies: the options of ``cosign``.

    Args:
        metavar: what an edition is called.
        after: what ``--after`` is good for.
    """
    return _all(
        click.argument("edition_file", type=FILE, metavar=metavar),
        key_options,
        click.option(
            "--with",
            "others",
            type=FILE,
            multiple=True,
            metavar="FILE",
            help="Copy of the same edition with other signatures; may be repeated.",
        ),
        click.option("--after", type=FILE, metavar=metavar, help=after),
        json_option,
    )
