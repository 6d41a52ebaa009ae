"""``oneservice what-if``: a manager's question, answered by a simulated year."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.cli.options import (
    DAY,
    FILE,
    OFFICE_ZONE,
    json_option,
    language_of,
    language_option,
)
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.whatif_page import show_comparison
from oneservice.cli.whatif_people import read_population
from oneservice.clocks import SystemClock
from oneservice.simulation import to_chart, what_if

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice what-if restaurant --region 990101 --cases-per-day 40 \\
      --change "fire-rescue inspectors +1" \\
      --change "restaurant fire_track = commitment"
  oneservice what-if restaurant --region 990101 --cases-per-day 40 \\
      --given "fire-rescue inspectors = 3" \\
      --change "joint inspection off" --chart chart.svg

\b
A change is one of:
  OFFICE inspectors +1        OFFICE desks = 6
  STEP correction rate 10 %   STEP inspection minutes 90
  ONE_THING QUESTION = VALUE  joint inspection off
  cases per day 50
Names may be shortened; an unknown one is answered with those that there are.

--json gives the comparison; figures are decimal text with their margins.

Exit codes: 0 fine, 1 the population's answers must be mended, 2 wrong use.
"""


@click.command("what-if", epilog=_EPILOG, short_help="Ask what a change would do.")
@click.argument("one_thing", metavar="ONE_THING")
@click.option("--region", required=True, metavar="CODE", help="Region, such as 990101.")
@click.option(
    "--cases-per-day",
    type=click.IntRange(1, 100_000),
    default=40,
    show_default=True,
    help="Cases that come on an average working day.",
)
@click.option(
    "--days",
    type=click.IntRange(8, 5_000),
    default=120,
    show_default=True,
    help="Working days on which somebody comes.",
)
@click.option("--change", "changes", multiple=True, metavar="TEXT", help="May be repeated.")
@click.option(
    "--given",
    multiple=True,
    metavar="TEXT",
    help="A change that is in force already, such as how many people there really are; may be "
    "repeated.  [default: as many as keep each office busy for 85 % of the time]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of chance.")
@click.option(
    "--runs",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="How often each scenario is lived through; 2 or more give margins.",
)
@click.option(
    "--population",
    "population_file",
    type=FILE,
    metavar="FILE",
    help="YAML: who comes; profiles with title, weight and answers, and their source.",
)
@click.option("--on", type=DAY, metavar="DATE", help="Day whose rules count.  [default: today]")
@click.option(
    "--catalog",
    "catalog_paths",
    type=FILE,
    multiple=True,
    metavar="PATH",
    help="Catalog file or folder; may be repeated.  [default: the bundled catalogs]",
)
@click.option("--chart", type=FILE, metavar="FILE", help="Write a chart as SVG to FILE.")
@language_option
@json_option
def command(
    *,
    one_thing: str,
    region: str,
    on: date | None,
    catalog_paths: tuple[Path, ...],
    population_file: Path | None,
    chart: Path | None,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """Ask what a change would do: days, share on time, bottleneck, beside things as they are."""
    keep_inputs(chart, (*catalog_paths, population_file))
    day = on or SystemClock().now().astimezone(OFFICE_ZONE).date()
    catalog = load_catalog(catalog_paths or bundled_catalog_dir())
    thing = catalog.thing(one_thing, region=region, on=day)
    people = None if population_file is None else read_population(population_file)
    with click.progressbar(
        length=(1 + len(asked["changes"])) * asked["runs"],
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as told:
        comparison = what_if(thing, population=people, lived_one=lambda: told.update(1), **asked)
    if chart is not None:
        picture = to_chart(comparison, language=language_of(language))
        write_file(chart, picture.encode("utf-8"))
    if as_json:
        print_json(comparison.as_json() | ({} if chart is None else {"file": str(chart)}))
        return
    show_comparison(comparison, language_of(language))
    if chart is not None:
        click.echo(f"{chart}: svg")
