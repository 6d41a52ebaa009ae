"""``oneservice simulate``: a province under faults on a virtual clock; one seed, one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from time import monotonic
from typing import Any, Final

import click

from oneservice.cli.options import json_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.refusals import FINDING, FINE
from oneservice.cli.simulate_page import tell_failure, tell_invariants, tell_province
from oneservice.simulation import (
    BETWEEN_REGIONS,
    MOST_REGIONS,
    FaultKind,
    Manner,
    Province,
    ProvinceReport,
    WorldReport,
    invariants,
    kinds_named,
    replay_text,
    replayed,
    run_world,
    shrink,
    simulate,
)

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice simulate                           1,000 cases under all faults
  oneservice simulate --cases 20000 --jobs 2    more, on two processors
  oneservice simulate --faults crash,torn_write --seed 7
  oneservice simulate --regions 3 --cases 100 --district 20 --days 8
  oneservice simulate --until-failure           seed after seed, until stopped
  oneservice simulate --invariants              what is checked

Exit codes: 0 every invariant held, 1 one was broken (the seed, the case and a smaller run that
breaks it too are told), 2 wrong use.
"""
_MOST_CASES: Final = 10_000_000


@click.command("simulate", epilog=_EPILOG, short_help="Try a province out under every fault.")
@click.option(
    "--cases",
    type=click.IntRange(1, _MOST_CASES),
    default=1000,
    show_default=True,
    help="How many applicants come.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Whence everything follows: the same seed, the same run.",
)
@click.option(
    "--faults",
    default="all",
    show_default=True,
    metavar="LIST",
    help="all, none, or kinds with commas between, such as crash,drop_answer.",
)
@click.option(
    "--times",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="How much more often than usual each fault happens.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 365),
    default=20,
    show_default=True,
    help="Virtual days on which people come and faults begin, in each district.",
)
@click.option(
    "--offices",
    type=click.Choice([str(one) for one in Manner]),
    default="typical",
    show_default=True,
    help="Offices with queues, corrections and refusals, or such as grant at once.",
)
@click.option(
    "--district",
    type=click.IntRange(1, 5000),
    default=250,
    show_default=True,
    help="Cases that share one engine; each district is a world of its own.",
)
@click.option(
    "--regions",
    type=click.IntRange(1, MOST_REGIONS),
    default=1,
    show_default=True,
    help="Regions of each world, each with an engine, clock, disk and offices of its own.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes; the result does not hang on it.",
)
@click.option("--until-failure", is_flag=True, help="Go on with the next seeds until one fails.")
@click.option(
    "--soak",
    type=click.IntRange(1),
    metavar="MINUTES",
    help="Go on with the next seeds for so long, or until one fails.",
)
@click.option(
    "--replay", metavar="WORLD", help="Live one world again: the line that a failing run printed."
)
@click.option(
    "--shrink/--no-shrink",
    "shrinks",
    default=True,
    show_default=True,
    help="Look for a smaller world that fails in the same way.",
)
@click.option("--invariants", "lists", is_flag=True, help="List what is checked, and end.")
@json_option
def command(*, lists: bool, replay: str | None, as_json: bool, **options: Any) -> None:
    """Carry out thousands of cases in a world in which everything fails, and check all of it.

    The engine, its journal and the pace with departments are the real ones; the disk, the network,
    the offices, the people and time are simulated. Requests and answers are dropped, delayed,
    doubled, cut and forged; offices restore old backups; the engine dies at any write. After the
    faults have stopped every case must come to its end, with nothing lost and nothing doubled.

    With several regions people want something of the next one: their engines speak real HTTP, and
    regions are cut off, go dark, leave, change keys, lose their clocks and restore old backups.
    """
    if lists:
        tell_invariants(invariants(regions=options["regions"]), as_json=as_json)
        return
    report, took_s = _lived(replay, options)
    failed = report.failed
    small = shrink(failed) if failed is not None and options["shrinks"] else failed
    if as_json:
        print_json(report.as_json() | _failure_json(small))
    else:
        page = Page()
        tell_province(page, report, took_s=took_s)
        if failed is not None and small is not None:
            tell_failure(page, failed, small)
    raise click.exceptions.Exit(FINE if failed is None else FINDING)


def _lived(replay: str | None, options: dict[str, Any]) -> tuple[ProvinceReport, float]:
    """Return what was seen, and the seconds that it took."""
    report, started_s = ProvinceReport(), monotonic()
    worlds: Iterator[WorldReport]
    if replay is not None:
        worlds = iter((run_world(replayed(replay)),))
    else:
        worlds = _worlds(options, started_s)
    try:
        for world in worlds:
            report.add(world)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)  # a soak ends like this: what was seen counts
    return report, monotonic() - started_s


def _worlds(options: dict[str, Any], started_s: float) -> Iterator[WorldReport]:
    province = Province(
        cases=options["cases"],
        seed=options["seed"],
        kinds=_kinds(options["faults"], regions=options["regions"]),
        days=options["days"],
        manner=Manner(options["offices"]),
        scale=options["times"],
        district_cases=options["district"],
        jobs=options["jobs"],
        regions=options["regions"],
    )
    soak_s = None if options["soak"] is None else 60 * options["soak"]
    for seed in count(province.seed):
        for world in simulate(replace(province, seed=seed)):
            yield world
            if world.violation is not None:
                return
            if soak_s is not None and monotonic() - started_s > soak_s:
                return
        if soak_s is None and not options["until_failure"]:
            return
        click.echo(f"seed {seed}: every invariant held", err=True)


def _kinds(text: str, *, regions: int) -> frozenset[FaultKind]:
    """Return the faults that were asked for; one that could never happen is refused."""
    names = [one.strip() for one in text.split(",")]
    kinds = kinds_named(names)
    idle = sorted(kinds & BETWEEN_REGIONS) if regions == 1 and names != ["all"] else []
    if idle:
        msg = f"{', '.join(idle)}: happens between regions only; add --regions 3, or leave it out"
        raise click.BadParameter(msg, param_hint="'--faults'")
    return kinds


def _failure_json(failed: WorldReport | None) -> dict[str, Any]:
    if failed is None or failed.violation is None:
        return {"failure": None}
    violation = failed.violation
    return {
        "failure": {
            "invariant": violation.invariant,
            "case": violation.case_id,
            "problem": violation.problem,
            "last_events": list(violation.last_events),
            "seed": failed.settings.seed,
            "faults": list(failed.fault_ids),
            "replay": replay_text(failed.settings),
        }
    }
