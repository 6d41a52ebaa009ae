"""``oneservice consents``: what people must agree to, before data of theirs cross a border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.canonical import digest_bytes, parse_object
from oneservice.cli.options import (
    DAY,
    json_option,
    language_of,
    language_option,
    situation_options,
)
from oneservice.cli.pages import Page, print_json
from oneservice.cli.plan_words import Words
from oneservice.cli.situations import Situated, planned
from oneservice.errors import IdentifierError
from oneservice.identifiers import parse_region

if TYPE_CHECKING:
    from datetime import date

    from oneservice.engine import Crossing
    from oneservice.plan import Plan

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice consents newborn --answers examples/newborn.yaml \\
      --region 970301 --set born_in=970301 --set home_region=980201 \\
      --peer 980200
  oneservice consents newborn --answers examples/newborn.yaml \\
      --peer 980200=region-980200 --until 2026-12-31 --language zh

An engine lists the same for the applicant (engine.people.crossings), without
what the office over there does not ask for.

--json gives {"consents", "parties"}: of each consent its id, the terms that are
signed and kept, and their digest.

Exit codes: 0 fine, also where nothing crosses; 1 answers or catalog must be
mended, 2 wrong use.
"""


@click.command("consents", epilog=_EPILOG, short_help="Show what people must agree to.")
@situation_options
@click.option(
    "--peer",
    "peers",
    multiple=True,
    required=True,
    metavar="CODE[=DEPARTMENT]",
    help="A region with an engine of its own, and as which department it is known here; may be "
    "repeated.  [default department: region-CODE]",
)
@click.option(
    "--until",
    type=DAY,
    metavar="DATE",
    help="Last day of the consents.  [default: until the case has ended]",
)
@language_option
@json_option
def command(
    *, peers: tuple[str, ...], until: date | None, language: str, as_json: bool, **asked: Any
) -> None:
    """Show what people must agree to before data cross a border, word for word."""
    from oneservice.engine import crossings_of  # noqa: PLC0415 - brings the engine along

    known = dict(_peer(text) for text in peers)
    chosen = language_of(language)
    made = planned(Situated(**asked), language=chosen, has_notes=not as_json, peers=known)
    plan = made.plan
    crossings = crossings_of(plan, known)
    if as_json:
        print_json(
            {
                "consents": [_as_json(one, until) for one in crossings],
                "parties": [one.id for one in plan.parties if one.must_consent],
            }
        )
        return
    _show(plan, crossings, until, Words(chosen))


def _peer(text: str) -> tuple[str, str]:
    code, _, department = text.partition("=")
    try:
        region = parse_region(code.strip())
    except IdentifierError as error:
        msg = f"--peer takes CODE or CODE=DEPARTMENT, such as --peer 980200: {error}"
        raise click.UsageError(msg) from None
    return region, department.strip() or f"region-{region}"


def _as_json(crossing: Crossing, until: date | None) -> dict[str, Any]:
    statement = crossing.statement(until=until)
    return {
        "id": crossing.consent_id,
        "terms": parse_object(statement),
        "proof": digest_bytes(statement),
    }


def _show(plan: Plan, crossings: tuple[Crossing, ...], until: date | None, words: Words) -> None:
    page = Page()
    page.title(words.of(plan.title))
    if not crossings:
        page.line(
            words(
                "没有信息提供给其他地区：无需跨地区提供信息的同意书。",
                "Nothing goes to another region: no consent to a crossing is needed.",
            )
        )
    for one in crossings:
        page.head(words(f"同意书 {one.consent_id}", f"Consent {one.consent_id}"))
        for line in words.of(one.text(until=until)).split("\n"):
            page.line(line)
        digest = digest_bytes(one.statement(until=until))
        page.line(words(f"声明摘要 {digest}", f"digest of the statement {digest}"), style="dim")
    parties = [words.of(one.title) for one in plan.parties if one.must_consent]
    if parties:
        beside = words("还须同意的人", "Who else must agree")
        at_all = words("办理此事项本身须经同意的人", "Who must agree to the case itself")
        page.head(beside if crossings else at_all)
        for party in parties:
            page.point(party)
