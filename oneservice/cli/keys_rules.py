"""``oneservice keys enact | mandate | revoke``: what may be done with a seal, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oneservice.canonical import write_instant
from oneservice.certificates import Mandate, SealPolicy
from oneservice.cli.keys_options import book_option, read_document
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.refusals import FINDING
from oneservice.clocks import SystemClock
from oneservice.seals import SealBook

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["enact", "mandate", "revoke"]

_ENACT_EPILOG = """\
\b
Example:
  oneservice keys enact policy.json --book seal.db

FILE is JSON of the format oneservice-seal-policy/1; docs/seals.md shows one. The
digest that is printed goes into the trust list: verifiers judge by it.
"""
_MANDATE_EPILOG = """\
\b
Example:
  oneservice keys mandate clerk.json --book seal.db

FILE is JSON: {"id", "seal_id", "holder", "granted_by", "types", "regions",
"valid_from", "valid_until"}; docs/seals.md shows one. A mandate that was revoked
stays so (exit code 1): grant another, with an id of its own.
"""
_REVOKE_EPILOG = """\
\b
Example:
  oneservice keys revoke mandate:990101-03 --book seal.db
"""


@click.command("enact", epilog=_ENACT_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@book_option
@json_option
def enact(*, file: Path, book_file: Path, as_json: bool) -> None:
    """Put the rules in FILE in force, from now on; a book is begun where there is none."""
    policy = SealPolicy.of(read_document(file))
    with SealBook(book_file, seal_id=policy.seal_id) as book:
        book.enact(policy, at=SystemClock().now())
    found = {"seal_id": policy.seal_id, "key_id": policy.key_id, "policy_digest": policy.digest}
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:<14}{value}")


@click.command("mandate", epilog=_MANDATE_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@book_option
@json_option
def mandate(*, file: Path, book_file: Path, as_json: bool) -> None:
    """Enter the mandate in FILE: its holder may use the seal within it, from now on."""
    found = Mandate.of(read_document(file))
    with SealBook.existing(book_file) as book:
        revoked_at = book.mandate(found, at=SystemClock().now())
    since = None if revoked_at is None else write_instant(revoked_at)
    if as_json:
        print_json({"mandate": found.as_json(), "digest": found.digest, "revoked_at": since})
    elif since is None:
        click.echo(f"{found.id}: {found.holder}, until {found.valid_until.isoformat()}")
    else:
        click.echo(
            f"{found.id}: REVOKED since {since}, and stays so: {found.holder} may not use it"
        )
        click.echo(f"  {found.holder} may not use it; grant another, with an id of its own")
    if since is not None:
        raise SystemExit(FINDING)


@click.command("revoke", epilog=_REVOKE_EPILOG)
@click.argument("mandate_id", metavar="ID")
@book_option
@json_option
def revoke(*, mandate_id: str, book_file: Path, as_json: bool) -> None:
    """Revoke a mandate. What is under way and not yet handed out is stopped, too."""
    with SealBook.existing(book_file) as book:
        book.revoke(mandate_id, at=SystemClock().now())
    if as_json:
        print_json({"revoked": mandate_id})
    else:
        click.echo(f"{mandate_id}: revoked")
