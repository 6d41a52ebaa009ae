"""Plans that cases are pinned to: the bytes of the three example plans may not move unnoticed.

A plan changes when the catalog, the calendar or the planner does. ``first_release`` holds plans as
they were written first; nobody writes those anew. Run this file as a script to
write the golden files anew, and say in the changelog why they moved.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from oneservice.canonical import parse_object
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.plan import Plan, build_plan, explain_plan, parse_plan, plan_bytes, to_svg
from oneservice.workdays import national_calendar

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "examples"
NAMES = ("noodle-shop", "seafood-karaoke", "tea-kiosk")
ACCEPTED = date(2026, 9, 28)


def example(name: str) -> Plan:
    catalog = load_catalog([bundled_catalog_dir()])
    filled = load_answers(EXAMPLES / f"{name}.yaml")
    thing = catalog.thing("restaurant", region=filled.region, on=ACCEPTED)
    return build_plan(thing, filled.answers, on=ACCEPTED, calendar=national_calendar())


@pytest.mark.parametrize("name", NAMES)
def test_the_bytes_stay(name: str) -> None:
    golden = (HERE / f"{name}.json").read_bytes()
    made = plan_bytes(example(name))
    assert made == golden, f"the plan of examples/{name}.yaml moved; see the top of this file"


@pytest.mark.parametrize("folder", [HERE, HERE / "first_release"])
@pytest.mark.parametrize("name", NAMES)
def test_old_plans_are_still_read(folder: Path, name: str) -> None:
    """A case of years ago pins these very bytes: read and written back, they are the same."""
    golden = (folder / f"{name}.json").read_bytes()
    assert plan_bytes(parse_plan(parse_object(golden))) == golden


@pytest.mark.parametrize("name", NAMES)
def test_plans_of_the_first_release_can_still_be_shown(name: str) -> None:
    plan = parse_plan(parse_object((HERE / "first_release" / f"{name}.json").read_bytes()))
    assert plan.joint_cap is None
    assert plan.trip_count is None
    assert plan.promised_working_days == example(name).promised_working_days
    assert explain_plan(plan)
    assert to_svg(plan)


if __name__ == "__main__":
    for each in NAMES:
        (HERE / f"{each}.json").write_bytes(plan_bytes(example(each)))
