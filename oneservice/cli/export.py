"""``oneservice export``: a one-thing in other people's forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.cli.options import DAY, FILE, OFFICE_ZONE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.clocks import SystemClock
from oneservice.exchange import (
    ItemRecord,
    MaterialRecord,
    cpsv_text,
    export_thing,
    write_csv,
    write_thing_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from oneservice.catalog import EffectiveThing

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice export restaurant --region 990101 --format cpsv --out shop.jsonld
  oneservice export restaurant --region 990101 --format exchange-json
  oneservice export restaurant --region 990101 --format exchange-csv \\
      --table materials --out materials.csv

cpsv is CPSV-AP 3.2 as JSON-LD. The exchange forms have the fields of the national
service platform; --complete adds a column x_oneservice from which the whole definition
comes back.

--json gives {"format", "definition", "file"}, or "text" in the place of "file" without
--out.

Exit codes: 0 fine, 1 the catalog must be mended, 2 wrong use.
"""


@click.command("export", epilog=_EPILOG, short_help="Write a one-thing for other systems.")
@click.argument("one_thing", metavar="ONE_THING")
@click.option(
    "--format",
    "form",
    type=click.Choice(["cpsv", "exchange-json", "exchange-csv"]),
    required=True,
    help="European directories, or rows of the national exchange.",
)
@click.option("--region", metavar="CODE", required=True, help="Region, such as 990101.")
@click.option("--on", type=DAY, metavar="DATE", help="Day of the definition.  [default: today]")
@click.option(
    "--table",
    type=click.Choice(["items", "materials"]),
    default="items",
    show_default=True,
    help="With exchange-csv: which table.",
)
@click.option("--complete", is_flag=True, help="Add what the exchange has no field for.")
@click.option(
    "--catalog",
    "catalog_paths",
    type=FILE,
    multiple=True,
    metavar="PATH",
    help="Catalog file or folder; may be repeated.  [default: the bundled catalogs]",
)
@click.option("--out", type=FILE, metavar="FILE", help="Write to FILE.  [default: standard output]")
@json_option
def command(
    *,
    one_thing: str,
    form: str,
    region: str,
    on: date | None,
    table: str,
    complete: bool,
    catalog_paths: tuple[Path, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Write a one-thing for directories and platforms that do not speak our catalogs."""
    keep_inputs(out, catalog_paths)
    source = click.get_current_context().get_parameter_source("table")
    if form != "exchange-csv" and source is not ParameterSource.DEFAULT:
        msg = "--table goes with --format exchange-csv"
        raise click.UsageError(msg)
    if form == "cpsv" and complete:
        msg = "--complete goes with the exchange forms; cpsv has no field for it"
        raise click.UsageError(msg)
    day = on or SystemClock().now().astimezone(OFFICE_ZONE).date()
    catalog = load_catalog(catalog_paths or bundled_catalog_dir())
    thing = catalog.thing(one_thing, region=region, on=day)
    text = _FORMS[form](thing, table, complete)
    if out is not None:
        write_file(out, text.encode("utf-8"))
    if as_json:
        place = {"text": text} if out is None else {"file": str(out)}
        print_json({"format": form, "definition": thing.digest, **place})
    elif out is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{out}: {form}, {len(thing.thing.steps)} steps")


def _csv(thing: EffectiveThing, table: str, complete: bool) -> str:  # noqa: FBT001 - one table of forms
    rows = export_thing(thing, with_luggage=complete)
    if table == "items":
        return write_csv(ItemRecord, rows.items)
    return write_csv(MaterialRecord, rows.materials)


_FORMS: Final[Mapping[str, Callable[[EffectiveThing, str, bool], str]]] = {
    "cpsv": lambda thing, _, __: cpsv_text(thing),
    "exchange-json": lambda thing, _, complete: write_thing_json(
        export_thing(thing, with_luggage=complete)
    ),
    "exchange-csv": _csv,
}
