"""``oneservice cross-region``: what can be handed in from another region, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from oneservice.catalog import (
    CrossRegionEntry,
    CrossRegionMode,
    bundled_catalog_dir,
    cross_region_list,
    load_catalog,
)
from oneservice.cli.options import (
    DAY,
    FILE,
    OFFICE_ZONE,
    json_option,
    language_of,
    language_option,
)
from oneservice.cli.pages import Page, counted, print_json
from oneservice.clocks import SystemClock
from oneservice.exchange import GuideWords
from oneservice.plan import MODE_TITLES

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice cross-region --origin 990101
  oneservice cross-region --destination 980201 --mode collect
  oneservice cross-region --item 户口 --language zh

\b
Modes:
  online   nobody goes anywhere (全程网办)
  collect  a window near the applicant takes the papers (异地代收代办)
  joint    several regions each decide their part (多地联办)

--json gives one object per line of the list.

Exit codes: 0 fine, also where nothing is found; 1 the catalog must be mended,
2 wrong use.
"""


@click.command("cross-region", epilog=_EPILOG, short_help="List what crosses regions, and how.")
@click.option("--origin", metavar="CODE", help="Where the applicant is.")
@click.option(
    "--destination",
    "destinations",
    multiple=True,
    metavar="CODE",
    help="Whose offices decide; may be repeated.  [default: all]",
)
@click.option(
    "--mode",
    type=click.Choice([one.value for one in CrossRegionMode]),
    help="Only this one.  [default: all]",
)
@click.option("--item", metavar="TEXT", help="Only items whose id or title contains TEXT.")
@click.option("--on", type=DAY, metavar="DATE", help="Day whose rules count.  [default: today]")
@click.option(
    "--catalog",
    "catalog_paths",
    type=FILE,
    multiple=True,
    metavar="PATH",
    help="Catalog file or folder; may be repeated.  [default: the bundled catalogs]",
)
@language_option
@json_option
def command(
    *,
    origin: str | None,
    destinations: tuple[str, ...],
    mode: str | None,
    item: str | None,
    on: date | None,
    catalog_paths: tuple[Path, ...],
    language: str,
    as_json: bool,
) -> None:
    """List items that can be handed in from another region, by mode, origin and destination."""
    catalog = load_catalog(catalog_paths or bundled_catalog_dir())
    day = on or SystemClock().now().astimezone(OFFICE_ZONE).date()
    found = cross_region_list(
        catalog,
        day,
        destinations=destinations,
        origin=origin,
        mode=None if mode is None else CrossRegionMode(mode),
        item=item,
    )
    if as_json:
        for one in found:
            print_json(one.as_json(), indent=None)
        return
    words = GuideWords(language=language_of(language), regions=catalog.region_names(day))
    _show(Page(), found, words)


def _show(page: Page, found: tuple[CrossRegionEntry, ...], words: GuideWords) -> None:
    if not found:
        page.line(words("没有符合条件的跨区域事项", "nothing of that kind crosses regions"))
        return
    heads = (("事项", "item"), ("办理地", "decided in"), ("方式", "mode"), ("申请地", "from"))
    page.table(
        [words(*head) for head in heads],
        [
            (
                words.of(one.title),
                words.region(one.destination),
                words.of(MODE_TITLES[one.mode]),
                words.listed(map(words.region, one.origins)) or words("不限", "anywhere"),
            )
            for one in found
        ],
        unbroken=frozenset({1, 2}),
    )
    page.line()
    count = len(found)
    page.line(words(f"共 {count} 条", counted(count, "way")))
