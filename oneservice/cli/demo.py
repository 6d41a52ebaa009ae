"""``oneservice demo``: one restaurant, from a form to certificates that a stranger verifies."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
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
from oneservice.cli.demo_folder import DemoFolder, answers_of, opened_folder, story_of
from oneservice.cli.demo_moments import five_moments
from oneservice.cli.demo_progress import Progress
from oneservice.cli.demo_regions import CROSS_REGION
from oneservice.cli.demo_report import (
    lay_proofs_beside,
    report,
    verify_in_another_process,
    write_results,
)
from oneservice.cli.demo_scripts import Script, StoryName, example, script_of
from oneservice.cli.demo_story import live_story, plan_of, refuse_incomplete
from oneservice.cli.demo_telling import Telling
from oneservice.cli.demo_words import say
from oneservice.cli.demo_world import demo_engine
from oneservice.cli.options import FILE, json_option, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.engine import Engine
from oneservice.plan import Language, Plan

__all__ = ["command"]


@click.command(
    epilog="""\b
Examples:
  oneservice demo
  oneservice demo --dir noodles --speed 2
  oneservice demo --answers examples/seafood-karaoke.yaml --json
  oneservice demo --story correction
  oneservice demo --story overdue --language zh --speed 2
  oneservice demo --story cross-region --dir three-regions

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
    "--story",
    type=click.Choice([*(str(one) for one in StoryName), CROSS_REGION]),
    metavar="STORY",
    help=f"Tell what happens when not all goes well: {', '.join(StoryName)}. Each story has an "
    f"applicant of its own. Or {CROSS_REGION}: three regions, and papers that travel.",
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
    *,
    folder: Path | None,
    answers: Path | None,
    story: str | None,
    speed: float,
    language: Language,
    as_json: bool,
) -> None:
    """Watch one case, from a form to verified certificates.

    Starts the departments of a fictional region as servers on loopback, opens the case of a small
    restaurant, lets days pass on a virtual clock, and shows who does what until when. At the end
    the certificates are verified offline by a separate process.
    """
    if story == CROSS_REGION:
        raise SystemExit(_cross_region(folder, answers, language=language, as_json=as_json))
    script, file = _chosen(folder, answers, story)
    given = script.applicant(load_answers(file))
    rules = [example(script.rules)] if script.rules else []
    catalog = load_catalog([bundled_catalog_dir(), *rules])
    plan = plan_of(given, catalog)
    refuse_incomplete(given, plan)
    where = opened_folder(folder)
    with where.occupied():
        where.belong_to(file, story=script.name)
        if not as_json:
            Page().line(say("folder", language, where.path))
        world = demo_engine(
            where,
            catalog=catalog,
            region=given.region,
            departments={one.department for one in plan.steps if one.kind is not StepKind.BUNDLE},
            pace_s_per_day=1 / speed if speed else 0.0,
            stories=script.offices,
        )
        kind = Telling if script.name else Progress
        view = kind(script, language=language, is_silent=as_json)
        outcome = asyncio.run(
            _run(where, world, given, catalog=catalog, plan=plan, script=script, view=view)
        )
    if as_json:
        print_json(outcome)
    raise SystemExit(0 if outcome["verified"] else 1)


def _cross_region(
    folder: Path | None, answers: Path | None, *, language: Language, as_json: bool
) -> int:
    """Tell the story of three regions; their clocks jump, so there is no speed to choose."""
    from oneservice.cli.demo_regions.story import cross_region  # noqa: PLC0415 - of this story only

    if answers is not None:
        msg = f"the story {CROSS_REGION} brings its own applicants; leave --answers out"
        raise click.UsageError(msg)
    where = opened_folder(folder)
    with where.occupied():
        if not as_json:
            Page().line(say("folder", language, where.path))
        return 0 if cross_region(where.path, language=language, as_json=as_json) else 1


def _chosen(folder: Path | None, answers: Path | None, story: str | None) -> tuple[Script, Path]:
    """Return the story of this run and its applicant's file: asked for, the folder's, or none."""
    name = story_of(folder, story, known=[str(one) for one in StoryName])
    script = script_of(StoryName(name) if name else None)
    if name is None:
        return script, answers_of(folder, answers, default=example(script.file))
    if answers is not None:
        msg = f"the story {name} brings its own applicant; leave --answers out"
        raise click.UsageError(msg)
    return script, example(script.file)


async def _run(
    folder: DemoFolder,
    world: AbstractAsyncContextManager[Engine],
    answers: AnswersFile,
    *,
    catalog: Catalog,
    plan: Plan,
    script: Script,
    view: Progress | Telling,
) -> dict[str, object]:
    async with world as engine:
        case = await live_story(engine, answers, plan, view, script)
        results = await write_results(folder, engine, case, catalog=catalog, language=view.language)
        ending = await view.ending(engine, results.plan, case)
        trust = engine.trust
    lay_proofs_beside(folder)
    moments = None
    if script.revoked is not None and trust is not None:
        moments = five_moments(
            folder,
            case,
            script.revoked,
            trust=trust,
            sealed_at=results.sealed_at,
            now=results.at,
        )
    # Of a story that goes on after the end, the file is judged as of the day of handing out.
    at = results.at if moments is None else results.sealed_at
    checks = verify_in_another_process(folder, results, at=at)
    return report(
        folder,
        case,
        results,
        checks,
        language=view.language,
        is_silent=view.is_silent,
        ending=ending,
        moments=moments,
    )
