"""A step that is routed away is decided by the other region's own office, under its own name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from oneservice.catalog import bundled_catalog_dir, lint, load_catalog

if TYPE_CHECKING:
    from pathlib import Path

ON = date(2026, 9, 28)


def test_the_deciding_regions_office_is_named() -> None:
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("credit_repair", region="990101", on=ON)
    here = thing.office("market-regulation", "990101")
    assert here == thing.departments["market-regulation"]
    assert thing.office("market-regulation", "990100") == here
    elsewhere = thing.office("market-regulation", "980201")
    assert elsewhere.name != here.name, "the office of another province bears another name"


def test_where_nothing_is_routed_other_regions_offices_do_not_matter() -> None:
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("restaurant", region="990101", on=ON)
    assert thing.offices == {}
    assert thing.office("fire-rescue", "980201") == thing.departments["fire-rescue"]


WATCHED = """\
format: oneservice-catalog/1
region: "990101"
effective_from: 2026-01-01
departments:
  - id: inspectorate
    name: {zh: 督查室, en: Inspectorate}
overlays:
  - thing: restaurant
    change_items:
      - id: food_permit
        on_overdue: escalate
        escalation:
          - {level: county, office: inspectorate, after: {days: 1}}
"""


def test_an_office_that_only_watches_is_one_of_the_thing(tmp_path: Path) -> None:
    own = tmp_path / "990101.yaml"
    own.write_text(WATCHED, encoding="utf-8")
    catalog = load_catalog([bundled_catalog_dir(), own])
    thing = catalog.thing("restaurant", region="990101", on=ON)
    assert thing.departments["inspectorate"].name.en == "Inspectorate"
    assert [one for one in lint(catalog) if one.code == "unknown_reference"] == []
