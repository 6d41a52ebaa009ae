"""``trust sign`` and ``cosign``: several people, several machines, one edition."""

from __future__ import annotations

from typing import Any, Final

import click

from oneservice.certificates import EDITION_TYPE, TrustStore, require_successor, require_within
from oneservice.cli.edition_making import Cosigning, Kind, Signing
from oneservice.cli.edition_options import cosigning_options, signing_options
from oneservice.cli.trust_files import read_draft, read_list

__all__ = ["cosign", "sign"]


def _follows(before: TrustStore | None, proposed: TrustStore) -> None:
    if before is not None:
        require_successor(before, proposed)
    require_within(proposed, before=before)


_LISTS: Final = Kind(
    typ=EDITION_TYPE,
    read_draft=read_draft,
    read=read_list,
    proposed=TrustStore.proposed,
    follows=_follows,
    days=90,
)


@click.command("sign", short_help="Make an edition of a draft, and sign it.")
@signing_options(
    metavar="LIST",
    expiry="After it nothing is certain any more.  [default: 90 days after it is issued]",
)
def sign(**given: Any) -> None:
    """Make an edition of a draft, and sign it with one or more keys.

    Its number, its past and the chain of its signers come from --after. It is refused where it
    would change what that edition said about the time before it, or says something beyond the
    territory that it did not. Without --key an edition is written that waits for its signatures.
    Exit code 1: signatures are still missing.
    """
    Signing(**given).make(_LISTS)


@click.command("cosign", short_help="Add a signature, or those of other copies.")
@cosigning_options(
    metavar="LIST",
    after="Refuse to sign what may not follow this edition. Wise: it is the one you signed last. "
    "What it says beyond its territory may stay.",
)
def cosign(**given: Any) -> None:
    """Add your signature to an edition, or put together those of several copies.

    LIST itself gets the signatures; it never loses one. 'oneservice trust diff' tells what you
    sign. What speaks beyond its territory gets none. Exit code 1: signatures are still missing.
    """
    Cosigning(**given).make(_LISTS)
