"""``regions sign`` and ``cosign``: several regions, several machines, one edition."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import click

from oneservice.certificates import (
    DIRECTORY_TYPE,
    DirectoryDraft,
    RegionDirectory,
    require_successor,
)
from oneservice.cli.edition_making import Cosigning, Kind, Signing
from oneservice.cli.edition_options import cosigning_options, signing_options
from oneservice.cli.regions_files import read_directory
from oneservice.cli.trust_files import read_draft_of

__all__ = ["cosign", "sign"]


def _follows(before: RegionDirectory | None, proposed: RegionDirectory) -> None:
    if before is not None:
        require_successor(before, proposed)


_DIRECTORIES: Final = Kind(
    typ=DIRECTORY_TYPE,
    read_draft=partial(read_draft_of, read=DirectoryDraft.of),
    read=read_directory,
    proposed=RegionDirectory.proposed,
    follows=_follows,
    days=30,
)


@click.command("sign", short_help="Make an edition of a draft, and sign it.")
@signing_options(
    metavar="DIRECTORY",
    expiry="After it nobody may act on it.  [default: 30 days after it is issued]",
)
def sign(**given: Any) -> None:
    """Make an edition of a draft, and sign it with one or more keys.

    Number, past and chain of signers come from --after. It is refused where it would change what
    that edition said about the time before it. Exit code 1: signatures are still missing.
    """
    Signing(**given).make(_DIRECTORIES)


@click.command("cosign", short_help="Add a signature, or those of other copies.")
@cosigning_options(
    metavar="DIRECTORY",
    after="Refuse to sign what may not follow this edition: the one you signed last.",
)
def cosign(**given: Any) -> None:
    """Add your signature to an edition, or put together those of several copies.

    DIRECTORY itself gets the signatures; it never loses one. Exit code 1: some are still missing.
    """
    Cosigning(**given).make(_DIRECTORIES)
