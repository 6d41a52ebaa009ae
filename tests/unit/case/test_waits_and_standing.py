"""What a case waits for, what stands of it, what its clocks read, what a further attempt tells."""

from __future__ import annotations

import typing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import parse_object
from oneservice.case import (
    FINDING_TEXTS,
    Actor,
    Applicant,
    FileAgain,
    Form,
    OptionKind,
    SubCaseStatus,
    WaitKind,
    case_clocks_of,
    clocks_of,
    evolve,
    open_waits,
    promise_light,
    standing_of,
    step_specs,
    submission_body,
)
from oneservice.case.law_events import Reassigned
from oneservice.case.standing_words import MISSING_WORDS, OPTION_WORDS
from oneservice.plan import Plan, parse_plan
from oneservice.workdays import Light, legal_day

AT_DAY = "2026-09-29T00:00:00Z"
PLAN_FILE = Path(__file__).resolve().parents[2] / "golden" / "plan" / "tea-kiosk.json"
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "operate.md"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return parse_plan(parse_object(PLAN_FILE.read_bytes(), max_bytes=2**24))


def waits(life: Any) -> list[tuple[str, str, str, str]]:
    return [
        (one.sub_case_id, str(one.kind), str(one.who), str(legal_day(one.until)))
        for one in open_waits(life.case, life.calendar)
    ]


# --- waits -------------------------------------------------------------------------------------


def test_a_case_tells_on_whom_it_waits_and_until_when(begin: Any, step: Any) -> None:
    life = begin(step(), step("sign", requires=("permit",)), step("bundle", kind="bundle"))
    life.told("received", "09-28")
    assert waits(life)[0] == ("permit", "acceptance", "department", "2026-10-11")
    life.told("accepted", "09-28")
    assert waits(life)[0] == ("permit", "decision", "department", "2026-10-13")
    assert waits(life)[1][:3] == ("sign", "step", "department")
    assert waits(life)[2][:3] == ("bundle", "step", "department")
    life.told("correction_requested", "10-09")
    assert waits(life)[0] == ("permit", "correction", "applicant", "2026-10-22")
    assert "SupplementGiven" in open_waits(life.case, life.calendar)[0].ends_by


def test_a_grant_that_was_revoked_opens_nothing(begin: Any, step: Any) -> None:
    """What was taken back before the step behind it was filed is no ground to file that one."""
    life = begin(step(), step("fire"), step("sign", requires=("permit", "fire")))
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-28")
    assert life.sub("permit").opens_the_next
    life.told("result_revoked", "09-29", reason="r", by_law="69", effective_at=AT_DAY)
    assert not life.sub("permit").opens_the_next
    assert life.sub("sign").status is SubCaseStatus.NOT_APPLICABLE
    assert life.sub("sign").course.because == "permit"
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-29", "fire")
    assert life.sub("sign").submission is None


def test_once_all_is_in_the_engine_owes_the_bundle(begin: Any, step: Any) -> None:
    life = begin(step(), step("bundle", kind="bundle"))
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-28")
    (only,) = open_waits(life.case, life.calendar)
    assert (only.kind, only.ends_by) == (WaitKind.BUNDLE, ("BundleSigned",))


def test_when_a_wait_has_passed_it_is_told_and_the_next_one_stands(begin: Any, step: Any) -> None:
    life = begin(step(statutory_days=-1))
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.wait("10-15")
    (only,) = open_waits(life.case, life.calendar)
    assert only.is_told
    assert only.then == "nothing"
    assert "CloseCase" in only.ends_by


# --- standing ----------------------------------------------------------------------------------


def test_what_stands_what_is_missing_and_what_can_be_done(
    begin: Any, step: Any, plan: Plan
) -> None:
    """One granted, one refused, one behind it, one to be corrected: nothing granted is lost."""
    life = begin(step(), step("fire"), step("sign", requires=("fire",)), step("drain"))
    for kind in ("received", "accepted", "granted"):
        life.told(kind, "09-28")
    for kind in ("received", "accepted", "refused"):
        life.told(kind, "09-29", "fire")
    for kind in ("received", "correction_requested"):
        life.told(kind, "09-29", "drain")
    told = standing_of(life.case, plan, on=date(2026, 10, 9), calendar=life.calendar)
    assert [(one.sub_case_id, one.number) for one in told.stands] == [("permit", "JY-1")]
    missing = {one.sub_case_id: one for one in told.missing}
    assert set(missing) == {"fire", "sign", "drain"}
    assert missing["fire"].reasons[0].zh == "不符合"
    assert "fire" in missing["sign"].why.en
    options = {(one.sub_case_id, one.kind): one.until for one in told.options}
    assert options[("fire", OptionKind.REVIEW)] == date(2026, 11, 28)  # 60 natural days
    assert options[("fire", OptionKind.LAWSUIT)] == date(2027, 3, 29)  # six months
    assert options[("drain", OptionKind.SUPPLEMENT)] == date(2026, 10, 16)
    assert ("drain", OptionKind.WITHDRAW) in options
    assert ("permit", OptionKind.WITHDRAW) not in options


def test_remedies_end_with_their_last_day_and_the_departments_own_day_counts(
    begin: Any, plan: Plan
) -> None:
    life = begin()
    life.told("received", "09-28")
    remedies = [{"kind": "review", "until": "2026-12-31"}, {"kind": "lawsuit"}]
    life.told("not_accepted", "09-28", remedies=remedies)

    def kinds(on: date) -> dict[OptionKind, date | None]:
        told = standing_of(life.case, plan, on=on, calendar=life.calendar)
        return {one.kind: one.until for one in told.options}

    found = kinds(date(2026, 12, 31))
    assert found[OptionKind.REVIEW] == date(2026, 12, 31)
    assert OptionKind.FILE_AGAIN in found
    assert OptionKind.REVIEW not in kinds(date(2027, 1, 1))
    assert OptionKind.LAWSUIT in kinds(date(2027, 3, 28))
    assert OptionKind.LAWSUIT not in kinds(date(2027, 3, 29))


def test_every_status_and_every_option_has_its_words() -> None:
    granted = {SubCaseStatus.GRANTED}
    assert {str(one) for one in set(SubCaseStatus) - granted} <= set(MISSING_WORDS)
    assert {str(one) for one in OptionKind} == set(OPTION_WORDS)


# --- clocks for pages --------------------------------------------------------------------------


def test_the_clocks_of_a_step_for_a_page(begin: Any) -> None:
    life = begin(joint_days=45)
    assert clocks_of(life.sub(), on=date(2026, 9, 28), calendar=life.calendar) is None
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    life.told("extended", "10-12", working_days=11)
    read = clocks_of(life.sub(), on=date(2026, 10, 13), calendar=life.calendar)
    assert read is not None
    assert (read.promised_due, read.light) == (date(2026, 10, 14), Light.WARNING)
    case = case_clocks_of(life.case, on=date(2026, 10, 13), calendar=life.calendar)
    assert case is not None
    assert (case.cap_due, case.light) == (date(2026, 12, 4), Light.ON_TIME)


@pytest.mark.parametrize(
    ("on", "light"),
    [("09-30", Light.ON_TIME), ("10-12", Light.WARNING), ("10-13", Light.OVERDUE)],
)
def test_a_promised_material_has_a_light_of_its_own(
    begin: Any, hour: Any, on: str, light: Light
) -> None:
    life = begin()
    for kind in ("received", "accepted", "granted_pending_material"):
        life.told(kind, "09-28")
    (promise,) = life.case.promises
    day = hour(on).date()
    assert promise_light(life.sub(), promise, on=day, calendar=life.calendar) is light


# --- what a department is told of a further attempt --------------------------------------------


def form() -> Form:
    return Form(
        applicant=Applicant(name="Li's", code="92990101MA99000523"),
        fields={},
        groups={},
        materials={},
        consents={},
    )


def test_a_further_attempt_names_what_it_continues_but_not_to_another_office(
    begin: Any, plan: Plan, hour: Any
) -> None:
    specs = [one for one in step_specs(plan) if not one.requires and one.kind != "bundle"]
    name = specs[0].id
    life = begin(*specs)
    life.told("received", "09-28", name)
    life.told("not_accepted", "09-28", name)
    by = Actor.operator("op-7")
    life.give(FileAgain(at=hour("09-29"), sub_case_id=name, by=by, why="mended"))
    body = parse_object(submission_body(life.case, plan, form(), name, 2))
    assert (body["continues"], body["attempt"]) == (f"c1.{name}.1", 2)
    again = life.case
    life.file("09-29")
    life.told("received", "09-29", name)
    life.told("not_accepted", "09-29", name)
    moved = evolve(
        life.case,
        Reassigned(
            at=hour("09-30"), sub_case_id=name, department="other", by=by, why="w", region="990102"
        ),
        case_id="c1",
    )
    body = parse_object(submission_body(moved, plan, form(), name, 3))
    assert "continues" not in body
    assert body["region"] == "990102"
    assert again.sub_cases[name].spec.department != "other"


# --- findings ----------------------------------------------------------------------------------


def test_the_guide_has_the_table_of_findings() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for code, text in FINDING_TEXTS.items():
        assert f"| `{code}` |" in guide, f"docs/operate.md lacks {code}"
        for words in typing.cast("tuple[str, ...]", (text.zh, text.en, text.clause)):
            assert words.strip()
        text.zh.format("step", "fact")
        text.en.format("step", "fact")


def test_a_departments_own_clock_is_told_where_it_differs(begin: Any) -> None:
    """P-37: ours counts; said again it is not told again, and when it agrees it is gone."""
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28")
    (*_, last) = life.told_of["c1.permit.1"].history

    def shown(day: str) -> list[str]:
        events = life.give(life.read("permit", "09-29", last, clock_due_on=day))
        return [one.kind for one in events]

    assert shown("2026-10-14") == []
    assert shown("2026-10-12") == ["clock_differed"]
    assert shown("2026-10-12") == []
    assert life.problems() == ["clock-differs"]


def test_another_promise_than_published_is_told_while_it_matters(begin: Any) -> None:
    life = begin()
    life.told("received", "09-28")
    life.told("accepted", "09-28", promised_working_days=12)
    assert life.problems() == ["promise-differs"]
    life.told("granted", "09-29")
    assert life.problems() == []
