"""Plans of an applicant in another region: which way each step goes, why, and what else to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oneservice.catalog import (
    AcceptedBy,
    CrossRegionMode,
    LimitUnit,
    PaperRoute,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
)
from oneservice.errors import IdentifierError
from oneservice.plan import (
    OtherCrossing,
    Plan,
    TimeLimit,
    build_plan,
    explain_plan,
    parse_plan,
    plan_digest,
)
from oneservice.workdays import announced_calendar

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 9, 28)


ONLINE_FIRST = """format: oneservice-catalog/1
region: "980201"
effective_from: 2026-01-01
overlays:
  - thing: restaurant
    change_items:
      - id: food_permit
        cross_region:
          - mode: online
          - mode: collect
            origins: ["990100"]
            window: {zh: 当地窗口, en: The window near you}
            papers: network
            forwarded_within: {days: 3}
          - {mode: joint, accepted_by: destination}
"""


def online_first(folder: Path) -> Path:
    """Return a file of the county that prefers everything online, and takes the other ways, too."""
    path = folder / "online-first.yaml"
    path.write_text(ONLINE_FIRST, encoding="utf-8")
    return path


def plan(origin: str | None, *, region: str = "980201", more: Path | None = None) -> Plan:
    catalog = load_catalog([bundled_catalog_dir(), *([more] if more is not None else [])])
    thing = catalog.thing("restaurant", region=region, on=DAY)
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


def test_a_way_that_is_not_preferred_says_all_that_a_window_needs(tmp_path: Path) -> None:
    """The deciding region prefers that everything is online; who likes the window may go there."""
    made = plan("990101", more=online_first(tmp_path))
    crossing = next(step.crossing for step in made.steps if step.id == "food_permit")
    assert crossing is not None
    assert crossing.mode is CrossRegionMode.ONLINE
    assert crossing.forwarded_within is None
    window = crossing.way(CrossRegionMode.COLLECT)
    assert isinstance(window, OtherCrossing)
    assert (window.papers, window.forwarded_within) == (
        PaperRoute.NETWORK,
        TimeLimit(days=3, unit=LimitUnit.WORKING_DAYS),
    )
    joint = crossing.way(CrossRegionMode.JOINT)
    assert joint is not None
    assert joint.accepted_by is AcceptedBy.DESTINATION
    assert crossing.way(CrossRegionMode.ONLINE) is crossing
    assert "passed on within 3 working days" in explain_plan(made)
    assert parse_plan(made.as_json()) == made


def test_plans_that_told_no_other_ways_still_open() -> None:
    """They came before the member, and must give the same bytes again."""
    document = plan("990101").as_json()
    for step in document["steps"]:
        if "crossing" in step:
            del step["crossing"]["others"]
    document["digest"] = plan_digest(document)
    old = parse_plan(document)
    assert old.as_json() == document
    crossing = next(step.crossing for step in old.steps if step.id == "food_permit")
    assert crossing is not None
    assert crossing.way(CrossRegionMode.ONLINE) is None
    assert "or else" not in explain_plan(old)
