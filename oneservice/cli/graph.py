"""``oneservice graph``: the plan as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.cli.options import (
    FILE,
    json_option,
    language_of,
    language_option,
    situation_options,
)
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.situations import Situated, planned
from oneservice.plan import to_mermaid, to_svg

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]

_TEXTS: Final = ("", ".mmd", ".mermaid", ".md", ".txt")
_FORMS: Final = dict.fromkeys(_TEXTS, "mermaid") | {".svg": "svg"}
"""What an ending promises; a device such as /dev/stdout has none."""
_EPILOG = """\
\b
Examples:
  oneservice graph restaurant --answers examples/noodle-shop.yaml
  oneservice graph restaurant --answers examples/noodle-shop.yaml \\
      --language zh --out plan.svg

--json gives {"format", "plan_digest", "file"}, or "text" in the place of "file" without
--out.

Exit codes: 0 fine, 1 answers or catalog must be mended, 2 wrong use.
"""


@click.command("graph", epilog=_EPILOG, short_help="Draw the plan as mermaid text or SVG.")
@situation_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "svg"]),
    default=None,
    help="Text for wikis and issues, or a picture to print.  [default: as the name after --out "
    "says, else mermaid]",
)
@click.option("--out", type=FILE, metavar="FILE", help="Write to FILE.  [default: standard output]")
@language_option
@json_option
def command(
    *, form: str | None, out: Path | None, language: str, as_json: bool, **asked: Any
) -> None:
    """Draw what follows from answers: steps, what each waits for, and the critical path."""
    form = form or _form_of(out)
    situated = Situated(**asked)
    keep_inputs(out, situated.input_files)
    plan = planned(situated, language=language_of(language)).plan
    draw = to_svg if form == "svg" else to_mermaid
    picture = draw(plan, language=language_of(language))
    if out is not None:
        write_file(out, picture.encode("utf-8"))
    if as_json:
        place = {"text": picture} if out is None else {"file": str(out)}
        print_json({"format": form, "plan_digest": plan.digest, **place})
    elif out is None:
        click.echo(picture, nl=False)
    else:
        click.echo(f"{out}: {form}, {len(plan.steps)} sub-cases")


def _form_of(out: Path | None) -> str:
    ending = "" if out is None else out.suffix.lower()
    if ending not in _FORMS:
        msg = (
            f"{out}: no picture is written as {ending}; name a .svg or .mmd file, or give --format"
        )
        raise click.UsageError(msg)
    return _FORMS[ending]
