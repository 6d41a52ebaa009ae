"""``oneservice keys book``: what was done with a seal, judged by its own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import examine_book, read_book
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, read_file, write_file
from oneservice.cli.refusals import FINDING, refusal_of, tell
from oneservice.errors import ForgedCertificateError
from oneservice.seals import SealBook
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.certificates import BookReport

__all__ = ["book"]

_MAX_BOOK_BYTES: Final = 1_073_741_824
_SQLITE: Final = b"SQLite format 3\0"
_EPILOG = """\
\b
Examples:
  oneservice keys book seal.db
  oneservice keys book seal.db --out seal-book.jsonl
  oneservice keys book seal-book.jsonl --json

A book holds roles and salted commitments, no persons: it may be handed to the
audit office. Exit code 1: a record was changed, or a use broke the rules.
"""


@click.command("book", epilog=_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--out", type=FILE, metavar="FILE", help="Write the book as lines of JSON, too.")
@json_option
def book(*, file: Path, out: Path | None, as_json: bool) -> None:
    """Recompute every link of a book, and judge every use by the rules that held then."""
    keep_inputs(out, (file,))
    data = read_file(file, max_bytes=_MAX_BOOK_BYTES)
    if data.startswith(_SQLITE):
        with SealBook.existing(file) as found:
            data = found.dump()
    try:
        report = examine_book(read_book(data), calendar=announced_calendar())
    except ForgedCertificateError as error:
        tell(refusal_of(error), as_json=as_json)
        raise SystemExit(FINDING) from None
    if out is not None:
        write_file(out, data)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)
    if report.findings:
        raise SystemExit(FINDING)


def _show(report: BookReport) -> None:
    click.echo(f"seal      {report.head.seal_id}")
    click.echo(f"head      record {report.head.seq}, {report.head.head}")
    click.echo(f"rules     {report.policy_digest}")
    click.echo(f"sealed    {report.sealed}")
    click.echo(f"unused    {len(report.unused)}")
    click.echo(f"refused   {sum(report.refused.values())}")
    for reason, count in report.refused.items():
        click.echo(f"          {count} {reason}")
    for one in report.findings:
        click.echo(f"finding   record {one.seq}: {one.reason}: {one.message}")
