"""What a duty table names belongs to the definition: its items, its offices, its digest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from oneservice.catalog import load_catalog

SHAPES = Path(__file__).resolve().parents[3] / "docs" / "shapes"


def test_items_and_offices_of_the_duty_table_are_in_the_definition() -> None:
    on = date(2026, 9, 28)
    catalog = load_catalog([SHAPES])
    things = catalog.things("990101", on)
    tables = [thing for thing in things if thing.thing.dispatch is not None]
    assert tables, "docs/shapes shows a dispatch thing"
    for thing in tables:
        assert thing.thing.dispatch is not None
        for duty in thing.thing.dispatch.duties:
            assert duty.item in thing.items
            assert duty.department in thing.departments
