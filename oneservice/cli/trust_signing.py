"""``trust sign`` and ``cosign``: several people, several machines, one edition."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from oneservice.certificates import TrustStore, require_successor, require_within
from oneservice.cli.options import FILE, json_option
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.trust_files import (
    read_draft,
    read_edition,
    read_list,
    refuse_existing,
    write_fresh,
)
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
    metavar="LIST",
    help="The edition that it follows; without it this is the first edition.",
)
@key_options
@click.option("--issued-at", type=START, metavar="MOMENT", help="[default: now]")
@click.option(
    "--next-update",
    type=END,
    metavar="MOMENT",
    help="By when the next edition is promised.",
)
@click.option(
    "--expires",
    type=END,
    metavar="MOMENT",
    help="After it nothing is certain any more.  [default: 90 days after it is issued]",
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

    Its number, its past and the chain of its signers come from --after. It is refused where it
    would change what that edition said about the time before it, or says something beyond the
    territory that it did not. Without --key an edition is written that waits for its signatures.
    Exit code 1: signatures are still missing.
    """
    keep_inputs(out, (draft_file, after, *keys))
    refuse_existing(out, force=force)
    draft = read_draft(draft_file)
    before = None if after is None else read_list(after)
    now = SystemClock().now()
    begins = issued_at or now
    edition = draft.edition(
        after=before,
        issued_at=begins,
        next_update_at=next_update,
        expires_at=expires or begins + timedelta(days=90),
    )
    for key in open_keys(keys, password_file=password_file, password_fd=password_fd):
        edition = edition.by(key, at=now)
    write_fresh(out, edition.dump(), force=force)
    tell_edition(out, edition, as_json=as_json)


@click.command("cosign", short_help="Add a signature, or those of other copies.")
@click.argument("edition_file", type=FILE, metavar="LIST")
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
    metavar="LIST",
    help="Refuse to sign what may not follow this edition. Wise: it is the one you signed last. "
    "What it says beyond its territory may stay.",
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

    LIST itself gets the signatures; it never loses one. 'oneservice trust diff' tells what you
    sign. What speaks beyond its territory gets none. Exit code 1: signatures are still missing.
    """
    edition = read_edition(edition_file)
    for other in others:
        edition = edition.merged(read_edition(other))
    before, proposed = None if after is None else read_list(after), TrustStore.proposed(edition)
    if before is not None:
        require_successor(before, proposed)
    require_within(proposed, before=before)
    now = SystemClock().now()
    for key in open_keys(keys, password_file=password_file, password_fd=password_fd):
        edition = edition.by(key, at=now)
    write_file(edition_file, edition.dump())
    tell_edition(edition_file, edition, as_json=as_json)
