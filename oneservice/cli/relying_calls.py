"""``oneservice relying calls``: is every record what was written, and what do they say?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from oneservice.canonical import Digest
from oneservice.cli.options import FILE, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.refusals import FINDING
from oneservice.cli.verify_words import VERDICTS, Words
from oneservice.errors import FileUnusableError, JournalCorruptError
from oneservice.relying import CallHead, CallRecords

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.plan import Language
    from oneservice.relying import Call

__all__ = ["calls"]

_EPILOG = """\
\b
Examples:
  oneservice relying calls calls.db
  oneservice relying calls calls.db --after 17:sha256:… --json

Each record names the one before it; nothing can be changed or left out without
a trace. Only the end could be cut off: keep the last line, or an answer of the
endpoint ("call": {"seq", "digest"}), and give it with --after the next time.

--json writes one JSON object for each record, on one line.

Exit codes: 0 all as written, 1 something was changed, 2 wrong use.
"""


@click.command("calls", epilog=_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@click.option(
    "--after",
    metavar="SEQ:DIGEST",
    help="A record that you know: it must still be there; only what follows is told.",
)
@language_option
@json_option
def calls(*, file: Path, after: str | None, language: str, as_json: bool) -> None:
    """Check the records of calls in FILE, and say how many were answered how."""
    known = None if after is None else _head(after)
    if not file.is_file():
        msg = f"{file}: there is no such file"
        raise FileUnusableError(msg)
    records = CallRecords(file)
    counts: Counter[str] = Counter()
    head = known or CallHead()
    try:
        for head, call in records.read(after=known):
            counts[call.verdict] += 1
            if as_json:
                print_json(_record(head, call), indent=None)
    except JournalCorruptError as error:
        click.echo(f"error[{error.code}]: {error}", err=True)
        raise click.exceptions.Exit(FINDING) from None
    finally:
        records.close()
    if not as_json:
        _show(counts, head, language_of(language))


def _show(counts: Counter[str], head: CallHead, language: Language) -> None:
    page = Page()
    total = counts.total()
    page.line(
        Words(f"{total} 条记录，均与写入时一致", f"{total} records, all as they were written").of(
            language
        ),
        style="bold",
    )
    for verdict, words in VERDICTS.items():
        if counts[verdict]:
            page.point(f"{words.of(language)}: {counts[verdict]}")
    if head.digest is not None:
        page.line(Words("最后一条：", "the last one:").of(language))
        click.echo(f"{head.seq}:{head.digest}")  # to be copied: never broken


def _record(head: CallHead, call: Call) -> dict[str, object]:
    facts = call.as_json()
    return {"seq": head.seq, "digest": head.digest, **facts}


def _head(text: str) -> CallHead:
    seq, _, digest = text.partition(":")
    if not seq.isascii() or not seq.isdigit() or not digest.startswith("sha256:"):
        msg = "a record is named as 17:sha256:…, as the last line of 'calls' has it"
        raise click.BadParameter(msg, param_hint="'--after'")
    return CallHead(seq=int(seq), digest=Digest(digest))
