"""Plans of an applicant in another region: which way each step goes, why, and what else to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oneservice.catalog import (
    CrossRegionMode,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
)
from oneservice.errors import IdentifierError
from oneservice.plan import Plan, build_plan, explain_plan, parse_plan
from oneservice.workdays import announced_calendar

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 9, 28)


def plan(origin: str | None, *, region: str = "980201") -> Plan:
    thing = load_catalog(bundled_catalog_dir()).thing("restaurant", region=region, on=DAY)
    answers = load_answers(ROOT / "examples" / "noodle-shop.yaml").answers
    return build_plan(thing, answers, on=DAY, calendar=announced_calendar(), origin=origin)


def test_without_an_origin_a_plan_says_nothing_of_it() -> None:
    document = plan(None).as_json()
    assert "origin" not in document
    assert not any("crossing" in step for step in document["steps"])


def test_who_is_in_the_region_crosses_nothing() -> None:
    assert {step.crossing for step in plan("980201").steps} == {None}
    assert plan("980201").origin == "980201"


def test_a_window_near_the_applicant_takes_the_papers() -> None:
    made = plan("990101")
    crossing = next(step.crossing for step in made.steps if step.id == "food_permit")
    assert crossing is not None
    assert crossing.mode is CrossRegionMode.COLLECT
    assert crossing.window is not None
    assert crossing.window.zh.startswith("当地政务服务中心")
    assert (crossing.papers, crossing.forwarded_within.days) == ("courier", 2)  # type: ignore[union-attr]
    assert crossing.reasons[0].because == "990101 → 990100"
    assert [one.mode for one in crossing.others] == [CrossRegionMode.ONLINE]
    assert "or else" in explain_plan(made)
    assert "fully online" in explain_plan(made)
    assert crossing.reasons[1].clause == "样城市跨省通办合作协议 第二条"
    assert "passed on within 2 working days" in explain_plan(made)
    assert parse_plan(made.as_json()) == made


def test_who_is_farther_away_does_it_online() -> None:
    crossing = next(step.crossing for step in plan("110101").steps if step.id == "food_permit")
    assert crossing is not None
    assert crossing.mode is CrossRegionMode.ONLINE


def test_where_no_way_is_published_it_says_what_to_do_instead() -> None:
    crossing = next(step.crossing for step in plan("990101").steps if step.id == "signboard")
    assert crossing is not None
    assert crossing.mode is None
    assert "代理人" in crossing.reasons[0].text.zh
    assert "agent" in crossing.reasons[0].text.en


def test_what_offices_do_among_themselves_concerns_no_applicant() -> None:
    by_kind = {step.kind: step.crossing for step in plan("990101").steps}
    assert by_kind["bundle"] is None
    assert by_kind["check"] is None


def test_a_wrong_origin_is_an_error_of_ours() -> None:
    with pytest.raises(IdentifierError):
        plan("99")
