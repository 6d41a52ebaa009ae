"""The edges of limits: nothing, one day, natural days, a promise without a day, what comes back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.case import (
    Actor,
    CaseStatus,
    FileAgain,
    SupplementGiven,
    case_clocks_of,
    clocks_of,
    due_on,
    next_due,
)
from oneservice.case.clocks import promise_until
from oneservice.workdays import legal_day


def accepted(begin: Any, *steps: Any, **opening: Any) -> Any:
    life = begin(*steps, **opening)
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    return life


def dues(life: Any) -> tuple[str | None, str | None]:
    found = [due_on(life.sub(), name, life.calendar) for name in ("promised", "statutory")]
    first, second = (one.isoformat()[5:] if one is not None else None for one in found)
    return first, second


def kinds(events: Any) -> list[str]:
    return [one.kind for one in events]


def test_a_promise_of_no_days_is_due_on_the_day_itself_and_has_no_light(
    begin: Any, step: Any
) -> None:
    life = accepted(begin, step(promised_days=0, statutory_days=0))
    assert dues(life) == ("09-28", "09-28")
    assert kinds(life.wait("09-29")) == ["deadline_passed", "deadline_passed"]


def test_natural_days_run_through_holidays_and_suspensions(begin: Any, step: Any) -> None:
    life = accepted(begin, step(promised_days=10, promised_unit="natural_days", statutory_days=-1))
    assert dues(life) == ("10-08", None)
    assert kinds(life.wait("10-06")) == ["deadline_near"]
    life.told("extended", "10-08", working_days=1)
    assert dues(life) == ("10-09", None), "extended by a working day after the last natural one"
    assert life.problems() == []


def test_a_natural_limit_that_ended_is_not_extended(begin: Any, step: Any) -> None:
    life = accepted(begin, step(promised_days=10, promised_unit="natural_days", statutory_days=-1))
    life.told("extended", "10-09", working_days=1)
    assert dues(life) == ("10-08", None)
    assert "extension-late" in life.problems()


@pytest.mark.parametrize(
    ("days", "due", "problems"),
    [(0, "10-14", ["extension-unapproved"]), (1, "10-15", []), (10, "10-28", [])],
)
def test_an_extension_is_of_one_to_ten_days(
    begin: Any, days: int, due: str, problems: list[str]
) -> None:
    life = accepted(begin)
    life.told("extended", "10-12", working_days=days)
    assert dues(life)[0] == due
    assert life.problems() == problems
    read = clocks_of(life.sub(), on=date(2026, 10, 12), calendar=life.calendar)
    assert read is not None
    assert read.promised_due == date.fromisoformat(f"2026-{due}")


def test_without_a_limit_of_the_law_the_promise_judges_an_extension(begin: Any, step: Any) -> None:
    life = accepted(begin, step(statutory_days=-1))
    life.told("extended", "10-15")
    assert "extension-late" in life.problems()
    assert dues(life) == ("10-14", None)


@pytest.mark.parametrize(("own", "until"), [(0, "09-28"), (6, "10-12"), (-1, "10-30")])
def test_a_promised_material_without_a_day_follows_by_the_items_own(
    begin: Any, step: Any, own: int, until: str
) -> None:
    life = accepted(begin, step(tolerance_days=own))
    life.told("granted_pending_material", "09-29", pending=[{"material": "m", "until": "soon"}])
    (promise,) = life.case.promises
    assert promise_until(life.sub(), promise, life.calendar).isoformat()[5:] == until


def test_a_cap_of_no_days_and_no_cap(begin: Any, step: Any) -> None:
    plain = accepted(begin, step(promised_days=90, statutory_days=-1))
    assert case_clocks_of(plain.case, on=date(2026, 9, 28), calendar=plain.calendar) is None
    capped = accepted(begin, step(promised_days=90, statutory_days=-1), joint_days=0)
    read = case_clocks_of(capped.case, on=date(2026, 9, 28), calendar=capped.calendar)
    assert read is not None
    assert read.cap_due == date(2026, 9, 28)
    due = next_due(capped.case, capped.calendar)
    assert due is not None
    assert (due.kind, due.name, str(legal_day(due.instant))) == (
        "case_limit",
        "joint",
        "2026-09-29",
    )


def test_only_what_was_dropped_for_this_end_comes_back(begin: Any, step: Any, hour: Any) -> None:
    life = begin(
        step(),
        step("fire"),
        step("both", requires=("permit", "fire")),
        step("sign", requires=("permit",)),
        step("lamp", requires=("sign",)),
        step("bundle", kind="bundle"),
    )
    for name in ("permit", "fire"):
        life.told("received", "09-28", name)
        life.told("not_accepted", "09-28", name)
    assert life.case.status is CaseStatus.REJECTED
    assert life.status("bundle") == "not_applicable"
    by = Actor.operator("op-7")
    life.give(FileAgain(at=hour("09-29"), sub_case_id="permit", by=by, why="mended"))
    names = ("sign", "lamp", "both", "fire", "bundle")
    assert [life.status(one) for one in names] == [
        "waiting",
        "waiting",
        "not_applicable",
        "not_accepted",
        "waiting",
    ]
    life.give(FileAgain(at=hour("09-30"), sub_case_id="fire", by=by, why="mended"))
    assert life.status("both") == "waiting"


def test_an_answer_that_crosses_the_end_of_its_correction_is_moot(begin: Any, hour: Any) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("correction_requested", "09-29")
    life.give(
        SupplementGiven(
            at=hour("09-30"),
            sub_case_id="permit",
            correction_id="r1",
            supplement_id="s1",
            request_digest=life.case.plan,
        )
    )
    assert [one.answers for one in life.sub().deliveries] == ["r1"]
    life.told("accepted", "09-30")
    assert life.sub().deliveries == ()


def test_a_promised_material_on_its_way_stays_until_it_is_confirmed(begin: Any, hour: Any) -> None:
    life = accepted(begin)
    life.told("granted_pending_material", "09-29")
    life.give(
        SupplementGiven(
            at=hour("09-30"),
            sub_case_id="permit",
            correction_id=None,
            supplement_id="s2",
            request_digest=life.case.plan,
            materials=("m_health",),
        )
    )
    assert [one.message_id for one in life.sub().deliveries] == ["s2"]
    life.told("lapsed", "10-20")
    assert life.sub().deliveries == ()
