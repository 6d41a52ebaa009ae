"""``oneservice guide``: the one notice (一次告知) of a plan, as a page to read, keep and print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.cli.options import (
    FILE,
    json_option,
    language_of,
    language_option,
    situation_options,
)
from oneservice.cli.pages import print_json
from oneservice.cli.plan_words import Words
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.situations import Situated, planned
from oneservice.exchange import service_guide

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice guide restaurant --answers examples/noodle-shop.yaml \\
      --out guide.html
  oneservice guide restaurant --answers examples/noodle-shop.yaml \\
      --language zh --on 2026-09-28 --out guide.html

The page is one file without scripts; any browser shows it and prints it on A4.

--json gives {"plan_digest", "file"}, or "text" in the place of "file" without --out.

Exit codes: 0 fine, 1 answers or catalog must be mended, 2 wrong use.
"""


@click.command("guide", epilog=_EPILOG, short_help="Write the service guide of a plan.")
@situation_options
@click.option("--out", type=FILE, metavar="FILE", help="Write to FILE.  [default: standard output]")
@language_option
@json_option
def command(*, out: Path | None, language: str, as_json: bool, **asked: Any) -> None:
    """Write all that an applicant must know, at once, as one HTML page."""
    situated = Situated(**asked)
    keep_inputs(out, situated.input_files)
    made = planned(situated, language=language_of(language))
    plan = made.plan
    page = service_guide(
        plan,
        language=language_of(language),
        definition=made.definition,
        regions=made.regions,
    )
    if out is not None:
        write_file(out, page.encode("utf-8"))
    if as_json:
        place = {"text": page} if out is None else {"file": str(out)}
        print_json({"plan_digest": plan.digest, **place})
    elif out is None:
        click.echo(page, nl=False)
    else:
        words, count = Words(language_of(language)), len(plan.steps)
        said = words(f"服务指南，{count} 个办理事项", f"service guide, {count} sub-cases")
        click.echo(f"{out}{words('：', ': ')}{said}")
