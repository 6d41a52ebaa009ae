"""The first calls of a newcomer: a path as text, a day as text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oneservice.catalog import bundled_catalog_dir, load_catalog, read_catalog


def test_a_path_may_be_text() -> None:
    folder = bundled_catalog_dir()
    files = [each.file for each in load_catalog(folder).documents]
    for paths in (str(folder), [str(folder)]):
        assert [each.file for each in load_catalog(paths).documents] == files
        catalog, _ = read_catalog(paths)
        assert catalog is not None


@pytest.mark.parametrize("on", ["2026-09-28", datetime(2026, 9, 28, tzinfo=UTC), None])
def test_a_day_is_a_date(on: Any) -> None:
    catalog = load_catalog(bundled_catalog_dir())
    assert catalog.thing("restaurant", region="990101", on=date(2026, 9, 28)).on
    with pytest.raises(TypeError, match=r"such as date\(2026, 9, 28\)"):
        catalog.thing("restaurant", region="990101", on=on)
