"""``oneservice diff``: is it the same standard here and there, then and now; and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.catalog import (
    Difference,
    EffectiveThing,
    bundled_catalog_dir,
    diff,
    diff_item,
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
from oneservice.cli.refusals import FINDING, FINE
from oneservice.clocks import SystemClock

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from oneservice.plan import Language

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice diff restaurant --region 000000 --region 990101
  oneservice diff restaurant --region 990101 --on 2025-06-01 --on 2026-06-01
  oneservice diff restaurant --region 990101 --region 980201 \\
      --item food_permit

Who exactly an office is makes no difference here; which kind of office decides does.

Exit codes: 0 the same, 1 different, 2 wrong use.
"""
_HEADS = {
    "thing": ("总体", "As a whole"),
    "question": ("问题", "Questions"),
    "step": ("步骤", "Steps"),
    "limit": ("时限", "Limits"),
    "fee": ("收费", "Fees"),
    "field": ("表单", "Fields"),
    "material": ("材料", "Materials"),
}


@click.command("diff", epilog=_EPILOG, short_help="Compare a one-thing in two regions or days.")
@click.argument("one_thing", metavar="ONE_THING")
@click.option("--region", "regions", metavar="CODE", multiple=True, help="Region; one or two.")
@click.option(
    "--on", "days", type=DAY, metavar="DATE", multiple=True, help="Day.  [default: today]"
)
@click.option("--item", metavar="ITEM", help="Only this item: its steps, fields, materials.")
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
    one_thing: str,
    regions: tuple[str, ...],
    days: tuple[date, ...],
    item: str | None,
    catalog_paths: tuple[Path, ...],
    language: str,
    as_json: bool,
) -> None:
    """Compare the rules of a one-thing in two regions, or on two days, in plain words."""
    sides = _sides(regions, days)
    catalog = load_catalog(catalog_paths or bundled_catalog_dir())
    first, second = (catalog.thing(one_thing, region=region, on=on) for region, on in sides)
    found = diff(first, second) if item is None else diff_item(first, second, item)
    names = tuple(str(on) if len(days) > 1 else region for region, on in sides)
    if as_json:
        print_json(
            {
                "first": _side(first),
                "second": _side(second),
                "differences": [_as_json(each, names) for each in found],
            }
        )
    else:
        _show(first, found, names, language_of(language))
    raise click.exceptions.Exit(FINDING if found else FINE)


def _sides(
    regions: tuple[str, ...], days: tuple[date, ...]
) -> tuple[tuple[str, date], tuple[str, date]]:
    today = SystemClock().now().astimezone(OFFICE_ZONE).date()
    match regions, days:
        case (first, second), () | (_,):
            on = days[0] if days else today
            return (first, on), (second, on)
        case (region,), (one, other):
            return (region, one), (region, other)
        case _:
            msg = "give two of --region and at most one --on, or one --region and two of --on"
            raise click.UsageError(msg)


def _side(effective: EffectiveThing) -> dict[str, Any]:
    return {
        "region": effective.region,
        "on": effective.on.isoformat(),
        "digest": effective.digest,
        "layers": [layer.name for layer in effective.layers],
    }


def _as_json(each: Difference, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "kind": each.kind.value,
        "id": each.id,
        "member": each.member,
        "first": each.first.model_dump() if each.first else None,
        "second": each.second.model_dump() if each.second else None,
        "text": each.sentence(*names[:2]).model_dump(),
    }


def _show(
    effective: EffectiveThing,
    found: tuple[Difference, ...],
    names: tuple[str, ...],
    language: Language,
) -> None:
    is_zh = language == "zh"
    page = Page()
    title = effective.thing.title
    page.title(f"{title.zh if is_zh else title.en}: {names[0]} — {names[1]}")
    if not found:
        page.line("同一标准，无差异。" if is_zh else "The same standard: no rule differs.")
        return
    for kind, (zh, en) in _HEADS.items():
        listed = [each for each in found if each.kind == kind]
        if listed:
            page.head(zh if is_zh else en)
        for each in listed:
            text = each.sentence(*names[:2])
            page.point(text.zh if is_zh else text.en)
    page.line()
    page.line(f"共{len(found)}处差异" if is_zh else counted(len(found), "difference"))
