"""Exports that others read: the bytes of a small fictional one-thing may not move unnoticed.

The definition stands here and not in ``catalogs/``, so that only the exporters can move them. Run
this file as a script to write the golden files anew, and say in the changelog why they moved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from oneservice.catalog import EffectiveThing, load_catalog
from oneservice.exchange import (
    ItemRecord,
    MaterialRecord,
    cpsv_text,
    export_thing,
    service_guide,
    write_csv,
    write_thing_json,
)
from oneservice.plan import build_plan
from oneservice.workdays import national_calendar

HERE = Path(__file__).resolve().parent
MONDAY = date(2026, 9, 28)


def stall() -> EffectiveThing:
    return load_catalog([HERE / "tea-stall.yaml"]).thing("tea_stall", region="990101", on=MONDAY)


def guide() -> str:
    thing = stall()
    plan = build_plan(thing, {"sells_cake": True}, on=MONDAY, calendar=national_calendar())
    page = service_guide(plan, language="en", questions=thing.thing.situations)
    return re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", page)  # plans have golden files of their own


MADE: dict[str, Callable[[], str]] = {
    "tea-stall.jsonld": lambda: cpsv_text(stall()),
    "tea-stall.json": lambda: write_thing_json(export_thing(stall(), with_luggage=True)),
    "tea-stall-items.csv": lambda: write_csv(ItemRecord, export_thing(stall()).items),
    "tea-stall-materials.csv": lambda: write_csv(MaterialRecord, export_thing(stall()).materials),
    "tea-stall.html": guide,
}


@pytest.mark.parametrize("name", MADE)
def test_the_bytes_stay(name: str) -> None:
    golden = (HERE / name).read_bytes().decode("utf-8")
    assert MADE[name]() == golden, f"{name} moved; see the top of this file"


if __name__ == "__main__":
    for each, make in MADE.items():
        (HERE / each).write_bytes(make().encode("utf-8"))
