"""``regions sign`` and ``cosign``: several regions, several machines, one edition."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from oneservice.certificates import (
    DIRECTORY_TYPE,
    DirectoryDraft,
    RegionDirectory,
    require_successor,
)
from oneservice.cli.options import FILE, json_option
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.regions_files import read_directory
from oneservice.cli.trust_files import read_draft_of, read_edition, refuse_existing, write_fresh
from oneservice.cli.trust_options import END, START, force_option, key_options, open_keys
from oneservice.cli.trust_page import tell_edition
from oneservice.clocks import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cosign", "sign"]


@click.command("sign", short_help="Make an edition of a draft, and sign it.")
@click.argument("draft_file", type=FILE, metavar="DRAFT")
@click.option(
    "--after",
    type=FILE,
    metavar="DIRECTORY",
    help="The edition that it follows; without it this is the first edition.",
)
@key_options
@click.option("--issued-at", type=START, metavar="MOMENT", help="[default: now]")
@click.option(
    "--next-update", type=END, metavar="MOMENT", help="By when the next edition is promised."
)
@click.option(
    "--expires",
    type=END,
    metavar="MOMENT",
    help="After it nobody may act on it.  [default: 30 days after it is issued]",
)
@click.option("--out", type=FILE, required=True, metavar="FILE", help="The edition.")
@force_option
@json_option
def sign(
    *,
    draft_file: Path,
    after: Path | None,
    keys: tuple[Path, ...],
    password_file: Path | None,
    password_fd: int | None,
    issued_at: datetime | None,
    next_update: datetime | None,
    expires: datetime | None,
    out: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Make an edition of a draft, and sign it with one or more keys.

    Number, past and chain of signers come from --after. It is refused where it would change what
    that edition said about the time before it. Exit code 1: signatures are still missing.
    """
    keep_inputs(out, (draft_file, after, *keys))
    refuse_existing(out, force=force)
    draft = read_draft_of(draft_file, DirectoryDraft.of)
    now = SystemClock().now()
    begins = issued_at or now
    edition = draft.edition(
        after=None if after is None else read_directory(after),
        issued_at=begins,
        next_update_at=next_update,
        expires_at=expires or begins + timedelta(days=30),
    )
    for key in open_keys(keys, password_file=password_file, password_fd=password_fd):
        edition = edition.by(key, at=now)
    write_fresh(out, edition.dump(), force=force)
    tell_edition(out, edition, as_json=as_json)


@click.command("cosign", short_help="Add a signature, or those of other copies.")
@click.argument("edition_file", type=FILE, metavar="DIRECTORY")
@key_options
@click.option(
    "--with",
    "others",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Copy of the same edition with other signatures; may be repeated.",
)
@click.option(
    "--after",
    type=FILE,
    metavar="DIRECTORY",
    help="Refuse to sign what may not follow this edition: the one you signed last.",
)
@json_option
def cosign(
    *,
    edition_file: Path,
    keys: tuple[Path, ...],
    password_file: Path | None,
    password_fd: int | None,
    others: tuple[Path, ...],
    after: Path | None,
    as_json: bool,
) -> None:
    """Add your signature to an edition, or put together those of several copies.

    DIRECTORY itself gets the signatures; it never loses one. Exit code 1: some are still missing.
    """
    edition = read_edition(edition_file, typ=DIRECTORY_TYPE)
    for other in others:
        edition = edition.merged(read_edition(other, typ=DIRECTORY_TYPE))
    if after is not None:
        require_successor(read_directory(after), RegionDirectory.proposed(edition))
    now = SystemClock().now()
    for key in open_keys(keys, password_file=password_file, password_fd=password_fd):
        edition = edition.by(key, at=now)
    write_file(edition_file, edition.dump())
    tell_edition(edition_file, edition, as_json=as_json)
