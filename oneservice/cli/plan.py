"""``oneservice plan``: what follows from a person's answers, on one page."""

from __future__ import annotations

from typing import Any

import click

from oneservice.cli.options import json_option, language_of, language_option, situation_options
from oneservice.cli.pages import Page, print_json
from oneservice.cli.plan_page import show_answers, show_plan, show_reasons
from oneservice.cli.situations import Situated, planned
from oneservice.exchange import invitations
from oneservice.plan import reduction

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice plan restaurant --answers examples/noodle-shop.yaml \\
      --on 2026-09-28
  oneservice plan restaurant --region 990101 --set has_licence=true \\
      --set area=80 --set staff_count=3 --why
  oneservice plan restaurant --answers examples/noodle-shop.yaml \\
      --set area=420
  oneservice plan restaurant --answers examples/noodle-shop.yaml \\
      --held staff.1=cook.json --trust here.json --trust there.json

--json gives {"plan", "reduction"}: the plan with all reasons and its digest, and what
it saves.

Exit codes: 0 fine, 1 answers or catalog must be mended, 2 wrong use.
"""


@click.command("plan", epilog=_EPILOG, short_help="Show what follows from answers.")
@situation_options
@click.option("--why", is_flag=True, help="Give the reason of each step, material and field.")
@language_option
@json_option
def command(*, why: bool, language: str, as_json: bool, **asked: Any) -> None:
    """Show what follows from answers: steps, dates, what to bring, what nobody asks for."""
    made = planned(Situated(**asked), language=language_of(language), has_notes=not as_json)
    plan = made.plan
    if as_json:
        saved = reduction(plan)
        print_json({"plan": plan.as_json(), "reduction": saved and saved.as_json()})
        return
    page = Page()
    invited = invitations(plan, made.definition, language_of(language))
    show_plan(page, plan, language_of(language), invited=invited, regions=made.regions)
    if why:
        show_answers(page, plan, made.definition.thing.situations, language_of(language))
        show_reasons(page, plan, language_of(language))
