"""The page of a plan with every shape of the guide, in both languages and any width."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oneservice.catalog import read_catalog
from oneservice.cli.pages import Page
from oneservice.cli.plan_page import show_plan, show_reasons
from oneservice.cli.wrapping import columns
from oneservice.plan import HeldCertificate, Holdings, Plan, build_plan
from oneservice.workdays import national_calendar

SHAPES = Path(__file__).resolve().parents[3] / "docs" / "shapes"
ANSWERS = {
    "new_home": "980201001",
    "moved_on": "2026-07-01",
    "abroad": True,
    "supplies": ["water"],
    "cars": 2,
    "drivers": 3,
    "commits": True,
}


@pytest.fixture(scope="module")
def moving() -> Plan:
    catalog, _ = read_catalog([SHAPES])
    thing = catalog.thing("move_house", region="990101", on=date(2026, 3, 2))
    held = HeldCertificate(type="lease_record", reference="L-1", valid_until=date(2027, 1, 1))
    return build_plan(
        thing,
        ANSWERS,
        on=date(2026, 3, 2),
        calendar=national_calendar(),
        holdings=Holdings(certificates=(held,)),
    )


@pytest.fixture
def shown(moving, capsys, monkeypatch):
    def show(language, width):
        monkeypatch.setenv("COLUMNS", str(width))
        page = Page()
        show_plan(page, moving, language)
        show_reasons(page, moving, language)
        return capsys.readouterr().out

    return show


@pytest.mark.parametrize("width", [24, 50, 80, 132])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_fits(shown, language, width) -> None:
    for line in shown(language, width).splitlines():
        assert columns(line) <= width
        assert line == line.rstrip()


def test_the_page_tells_what_is_special_here(shown) -> None:
    page = " ".join(shown("en", 100).split())
    for words in (
        "about: The child that moves",
        "must agree first: The other guardian",
        "batch: Autumn, taken from 2026-06-01 to 2026-08-15",
        "(by others)",
        "about 10 working days",
        "(980201)",
        "(is told)",
        "with it, all is expected by 2026-09-04",
        "1 trip to The police station's window",
        "fees: 6.00 CNY, of which 6.00 may be reduced",
        "Photograph (may follow until 2026-08-19)",
        "Proof of the home: you hold it, valid until 2027-01-01",
        "Who was registered abroad must be seen in person: abroad [!abroad]",
        "you already hold Proof of the home (valid until 2027-01-01): no need to bring it",
    ):
        assert words in page


def test_it_says_the_same_in_chinese(shown) -> None:
    page = shown("zh", 100)
    for words in (
        "办理对象：搬家的孩子",
        "须经同意：另一位监护人",
        "接管施工（第三方）",
        "计入后预计 2026-09-04 全部办结",
        "照片（可容缺，2026-08-19 前补交）",
        "您已持有，有效期至 2027-01-01",
        "费用 6.00 CNY",
    ):
        assert words in page
