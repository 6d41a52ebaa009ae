"""``oneservice demo``: one restaurant, from a form to certificates that a stranger verifies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from oneservice.catalog import (
    AnswersFile,
    Catalog,
    StepKind,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
)
from oneservice.cli.demo_folder import DemoFolder, answers_of, opened_folder
from oneservice.cli.demo_report import report, verify_in_another_process, write_results
from oneservice.cli.demo_story import Progress, live_story, plan_of, refuse_incomplete
from oneservice.cli.demo_words import say
from oneservice.cli.demo_world import demo_engine
from oneservice.cli.options import FILE, json_option, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.errors import FileUnusableError
from oneservice.plan import Language, Plan

__all__ = ["command"]

_EXAMPLE = "noodle-shop.yaml"


@click.command(
    epilog="""\b
Examples:
  oneservice demo
  oneservice demo --dir noodles --speed 2
  oneservice demo --answers examples/seafood-karaoke.yaml --json

Stop it at any moment, with kill -9 if you like, and run it again with the
same --dir: it goes on where it was. A folder holds one case; another
applicant needs another one.

Exit codes: 0 everything verifies, 1 something does not, or the answers or the
form must be mended, 2 wrong use, or something that the demo needs is missing.""",
)
@click.option(
    "--dir",
    "folder",
    type=FILE,
    help="Where everything is kept. A fresh folder by default; its name is printed.",
)
@click.option(
    "--answers",
    type=FILE,
    help="Answers, form and materials of the applicant. Those of the folder, or a noodle shop, by "
    "default.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Virtual days per second; 0: as fast as the machine can.",
)
@language_option
@json_option
def command(
    *, folder: Path | None, answers: Path | None, speed: float, language: Language, as_json: bool
) -> None:
    """Watch one case, from a form to verified certificates.

    Starts the departments of a fictional region as servers on loopback, opens the case of a small
    restaurant, lets days pass on a virtual clock, and shows who does what until when. At the end
    the certificates are verified offline by a separate process.
    """
    file = answers_of(folder, answers, default=example_answers())
    given = load_answers(file)
    catalog = load_catalog([bundled_catalog_dir()])
    plan = plan_of(given, catalog)
    refuse_incomplete(given, plan)
    where = opened_folder(folder)
    with where.occupied():
        where.belong_to(file)
        if not as_json:
            Page().line(say("folder", language, where.path))
        story = _run(where, given, catalog, plan, speed=speed, language=language, as_json=as_json)
        outcome = asyncio.run(story)
    if as_json:
        print_json(outcome)
    raise SystemExit(0 if outcome["verified"] else 1)


def example_answers() -> Path:
    """Return the answers file of the noodle shop, from the checkout or from the wheel.

    Raises:
        FileUnusableError: neither has it.
    """
    here = Path(__file__).resolve()
    for candidate in (
        here.parents[1] / "examples" / _EXAMPLE,
        here.parents[2] / "examples" / _EXAMPLE,
    ):
        if candidate.is_file():
            return candidate
    msg = f"{_EXAMPLE} is not installed; give --answers FILE"
    raise FileUnusableError(msg)


async def _run(
    folder: DemoFolder,
    answers: AnswersFile,
    catalog: Catalog,
    plan: Plan,
    *,
    speed: float,
    language: Language,
    as_json: bool,
) -> dict[str, object]:
    async with demo_engine(
        folder,
        catalog=catalog,
        region=answers.region,
        departments={step.department for step in plan.steps if step.kind is not StepKind.BUNDLE},
        pace_s_per_day=1 / speed if speed else 0.0,
    ) as engine:
        progress = Progress(language=language, is_silent=as_json)
        case = await live_story(engine, answers, plan, progress)
        results = await write_results(folder, engine, case, language=language)
    checks = verify_in_another_process(folder, results, at=results.at)
    return report(folder, case, results, checks, language=language, is_silent=as_json)
