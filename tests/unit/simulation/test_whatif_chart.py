"""The chart is well-formed, says in words what it shows, and stays on its sheet."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.plan import Language
from oneservice.simulation.chart import to_chart
from oneservice.simulation.whatif import Comparison, what_if

SVG = "{http://www.w3.org/2000/svg}"
LONG = "restaurant " + "fire_track" + " = commitment"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("restaurant", region="990101", on=date(2026, 9, 28))
    return what_if(thing, cases_per_day=8, days=16, runs=2, changes=("fire inspectors +1", LONG))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_chart_is_read_aloud_and_runs_nothing(comparison: Comparison, language: Language) -> None:
    picture = to_chart(comparison, language=language)
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    assert root.attrib["role"] == "img"
    assert root.attrib["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    ids = {root.find(f"{SVG}{name}").attrib["id"] for name in ("title", "desc")}  # type: ignore[union-attr]
    assert set(root.attrib["aria-labelledby"].split()) == ids
    said = root.findtext(f"{SVG}desc") or ""
    assert LONG in said
    assert str(comparison.baseline.figures.mean_days.value) in said
    assert "<script" not in picture
    assert "href" not in picture


def test_everything_is_on_the_sheet(comparison: Comparison) -> None:
    root = ET.fromstring(to_chart(comparison, language="en"))  # noqa: S314 - our own picture
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for one in root.iter():
        x, y = float(one.attrib.get("x", 0)), float(one.attrib.get("y", 0))
        assert 0 <= x <= width
        assert 0 <= y <= height
        assert x + float(one.attrib.get("width", "0").rstrip("%")) <= width + 0.1


def test_a_chart_is_the_same_every_time(comparison: Comparison) -> None:
    assert to_chart(comparison) == to_chart(comparison)


@pytest.fixture(scope="module")
def crowded() -> Comparison:
    """Many more cases move many steps; one more inspector, nothing for certain."""
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("restaurant", region="990101", on=date(2026, 9, 28))
    changes = ("fire inspectors +1", "cases per day 30")
    return what_if(thing, cases_per_day=8, days=16, runs=4, changes=changes)


@pytest.mark.parametrize(
    ("language", "unsure", "more"),
    [("en", "no certain difference", r"and \d more$"), ("zh", "差异不确定", r"另有 \d 项$")],
)
def test_a_note_has_whole_steps_and_counts_the_others(
    crowded: Comparison, language: Language, unsure: str, more: str
) -> None:
    root = ET.fromstring(to_chart(crowded, language=language))  # noqa: S314 - our own picture
    said = [one.text for one in root.iter(f"{SVG}text")]
    assert None not in said, "no empty line"
    words = [one or "" for one in said]
    assert not [one for one in words if one.endswith("…")]
    assert any(unsure in one for one in words), "not to be told by two bars of one length"
    assert any(re.search(more, one) for one in words)
