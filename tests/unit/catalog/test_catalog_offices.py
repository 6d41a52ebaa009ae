"""A step that is routed away is decided by the other region's own office, under its own name."""

from __future__ import annotations

from datetime import date

from oneservice.catalog import bundled_catalog_dir, load_catalog

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
