"""What moves when a case moves to another definition, told in plain words; and what keeps it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.case import (
    APPLICANT,
    Actor,
    Applicant,
    Case,
    ConsentGiven,
    FileAgain,
    Form,
    Message,
    MessagesComposed,
    Migrate,
    OpenCase,
    Prepare,
    Reassign,
    Spared,
    SubCaseStatus,
    consent_terms,
    filed_steps,
    fill_form,
    outstanding,
    plan_changes,
    step_specs,
    transition,
)
from oneservice.catalog import load_catalog, normalise_answers
from oneservice.errors import IllegalInputError
from oneservice.plan import (
    FeeTotal,
    HeldCertificate,
    Plan,
    PlannedParty,
    SkippedStep,
    TimeLimit,
    build_plan,
)
from oneservice.workdays import LimitUnit, announced_calendar

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
BOOK_STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall"
CALENDAR = announced_calendar()
OP = Actor.operator("op-7")


@cache
def before() -> Plan:
    thing = load_catalog(BOOK_STALL).thing("book_stall", region="990101", on=date(2026, 9, 28))
    answers = normalise_answers(thing, {"area": "8", "new_books": True, "evening": False})
    return build_plan(thing, answers, on=date(2026, 9, 28), calendar=CALENDAR)


def changed(**more: Any) -> Plan:
    digest = digest_bytes(repr(sorted(more)).encode())
    return dataclasses.replace(before(), **{"digest": digest, **more})


def with_step(name: str, **more: Any) -> Plan:
    steps = tuple(
        dataclasses.replace(one, **more) if one.id == name else one for one in before().steps
    )
    return changed(steps=steps)


def handed_in() -> Form:
    return fill_form(
        before(),
        Applicant(name="Old Pages", code="92990101MA99000523"),
        fields={"name": "Old Pages", "phone": "13800000000"},
        materials={},
    )


def opened() -> Case:
    form = handed_in()
    terms = consent_terms(before(), form.consents)
    given = OpenCase(at=START, plan=before(), form=form.digest, consents=terms)
    return transition(None, given, case_id="c1", calendar=CALENDAR)[1]


def order(plan: Plan, **more: Any) -> Migrate:
    members: dict[str, Any] = {
        "at": START,
        "before": before(),
        "plan": plan,
        "form": handed_in(),
        "by": OP,
        "why": "new measures",
    }
    return Migrate(**(members | more))


SHORTER = TimeLimit(days=1, unit=LimitUnit.WORKING_DAYS)
DIFFERENCES: list[tuple[str, Callable[[], Plan], list[str]]] = [
    ("nothing", changed, []),
    (
        "limit",
        lambda: with_step("book_record", promised=SHORTER),
        ['Record of the book trade, promised limit: from "2 working days" to "1 working day"'],
    ),
    (
        "limit by law",
        lambda: with_step("pitch", statutory=None),
        ['Permit for a pitch, limit by law: from "10 working days" to "none"'],
    ),
    (
        "order",
        lambda: with_step("book_record", requires=()),
        ['Record of the book trade, comes after: from "pitch" to "none"'],
    ),
    (
        "step",
        lambda: changed(steps=tuple(one for one in before().steps if one.id != "book_record")),
        ["no longer: Record of the book trade"],
    ),
    (
        "fields of a step",
        lambda: with_step("book_record", fields=("stall_area",)),
        ['Record of the book trade, fields: from "name, stall_area" to "stall_area"'],
    ),
    (
        "a field",
        lambda: changed(form=tuple(one for one in before().form if one.id != "phone")),
        ["no longer: Telephone"],
    ),
    (
        "materials",
        lambda: changed(materials=()),
        ["no longer: Sketch of the place", "no longer: Pitch permit"],
    ),
    (
        "fees",
        lambda: changed(fees=(FeeTotal(currency="CNY", amount="20", reducible="0"),)),
        ['fees, total: from "0" to "20"'],
    ),
]


@pytest.mark.parametrize(
    ("made", "said"), [row[1:] for row in DIFFERENCES], ids=[row[0] for row in DIFFERENCES]
)
def test_each_difference_is_told_in_both_languages(made: Any, said: list[str]) -> None:
    told = plan_changes(before(), made())
    assert sorted(one.en for one in told) == sorted(said)
    assert all(one.zh and not one.zh.isascii() for one in told)


@pytest.mark.parametrize(
    "made", [row[1] for row in DIFFERENCES[1:]], ids=[row[0] for row in DIFFERENCES[1:]]
)
def test_each_difference_whole_does_not_move(
    golden: Any, made: Any, request: pytest.FixtureRequest
) -> None:
    """Which part of what, from what to what. To write it anew, delete the file and run this."""
    name = request.node.callspec.id.replace(" ", "-")
    golden.compare(
        f"migration-{name}.txt", [golden.write(one) for one in plan_changes(before(), made())]
    )


def test_a_changed_department_is_told() -> None:
    (pitch,) = [one for one in before().steps if one.id == "pitch"]
    (record,) = [one for one in before().steps if one.id == "book_record"]
    plan = with_step(
        "book_record", department=pitch.department, department_name=pitch.department_name
    )
    (told,) = plan_changes(before(), plan)
    assert told.part == "department"
    assert pitch.department_name.en in told.en
    assert record.department_name.zh in told.zh


def test_unfiled_steps_go_by_the_new_definition() -> None:
    events, after = transition(
        opened(),
        order(with_step("book_record", promised=SHORTER)),
        case_id="c1",
        calendar=CALENDAR,
    )
    assert [one.kind for one in events] == ["migrated"]
    assert after.sub_cases["book_record"].spec.promised_days == 1
    (migration,) = after.people.migrations
    assert (migration.before, migration.after) == (before().digest, after.plan)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: order(before()), "nothing to move to"),
        (lambda: order(changed(thing="restaurant")), "another one-thing"),
        (lambda: order(changed(region="990102")), "another one-thing or region"),
        (lambda: order(changed(), before=changed(title=before().title)), "meanwhile"),
    ],
)
def test_a_case_stays_under_its_definition(wrong: Any, said: str) -> None:
    with pytest.raises(IllegalInputError, match=said):
        transition(opened(), wrong(), case_id="c1", calendar=CALENDAR)


def test_a_filed_step_that_is_gone_keeps_the_case(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("permit"), step("sign", requires=("permit",)), thing="book_stall")
    assert filed_steps(life.case) == ("permit",)
    given = order(changed(), before=changed(digest=life.case.plan), at=hour("09-29"))
    with pytest.raises(IllegalInputError, match="has no permit, which is filed"):
        life.give(given)


def test_who_must_agree_now_agrees_with_the_migration() -> None:
    owner = PlannedParty(id="owner", title=before().title, must_consent=True, reasons=())
    plan = changed(parties=(owner,))
    agreed = ConsentGiven.to(b"I agree.", by="x", at=START)
    form = dataclasses.replace(handed_in(), consents={"owner": agreed})
    events, after = transition(opened(), order(plan, form=form), case_id="c1", calendar=CALENDAR)
    assert [one.kind for one in events] == ["migrated", "consent_recorded"]
    assert after.people.consent("owner").is_required


def owed(case: Case) -> list[Prepare]:
    return [one for one in outstanding(case, CALENDAR) if isinstance(one, Prepare)]


def not_accepted_and_filed_again() -> Case:
    """The pitch was filed once, not accepted, and is to be filed again; nothing is composed yet."""
    case = opened()
    (first,) = owed(case)
    message = Message(
        sub_case_id=first.sub_case_id,
        message=first.message,
        message_id=first.message_id,
        submission_id=first.submission_id,
        request_digest=before().digest,
        attempt=first.attempt,
    )
    composed = MessagesComposed(at=START, messages=(message,))
    case = transition(case, composed, case_id="c1", calendar=CALENDAR)[1]
    sub = case.sub_cases["pitch"]
    assert sub.submission is not None
    ended = dataclasses.replace(
        sub,
        status=SubCaseStatus.NOT_ACCEPTED,
        submission=dataclasses.replace(sub.submission, state="not_accepted", seq=2),
        decided_at=START,
        deliveries=(),
    )
    case = dataclasses.replace(case, sub_cases={**case.sub_cases, "pitch": ended})
    again = FileAgain(at=START, sub_case_id="pitch", by=APPLICANT, why="the sketch was mended")
    return transition(case, again, case_id="c1", calendar=CALENDAR)[1]


def test_an_id_that_a_department_has_seen_is_never_used_again() -> None:
    case = not_accepted_and_filed_again()
    (waiting,) = owed(case)
    assert waiting.submission_id == "c1.pitch.2"
    given = order(with_step("book_record", promised=SHORTER))
    case = transition(case, given, case_id="c1", calendar=CALENDAR)[1]
    assert owed(case) == [waiting]
    assert [one.submission_id for one in case.sub_cases["pitch"].course.earlier] == ["c1.pitch.1"]


def test_what_was_dropped_unfiled_comes_back_as_the_new_definition_has_it() -> None:
    # `book_record` waits for two; one of them ended, so it was dropped; the other one goes.
    case = not_accepted_and_filed_again()
    subs = dict(case.sub_cases)
    dropped = subs["book_record"]
    extra = dataclasses.replace(dropped.spec, id="stamp", step_id="stamp", requires=())
    subs["stamp"] = dataclasses.replace(dropped, spec=extra)
    subs["book_record"] = dataclasses.replace(
        dropped,
        spec=dataclasses.replace(dropped.spec, requires=("pitch", "stamp")),
        status=SubCaseStatus.NOT_APPLICABLE,
        decided_at=START,
        course=dataclasses.replace(dropped.course, because="pitch"),
    )
    subs["pitch"] = dataclasses.replace(subs["pitch"], status=SubCaseStatus.NOT_ACCEPTED)
    case = dataclasses.replace(case, sub_cases=subs)
    given = order(with_step("book_record", promised=SHORTER))
    case = transition(case, given, case_id="c1", calendar=CALENDAR)[1]
    assert case.sub_cases["book_record"].spec.requires == ("pitch",)
    again = FileAgain(at=START, sub_case_id="pitch", by=APPLICANT, why="mended")
    case = transition(case, again, case_id="c1", calendar=CALENDAR)[1]
    assert case.sub_cases["book_record"].status is SubCaseStatus.WAITING


def filed_then_moved_then_not_accepted(plan: Plan, **spec: Any) -> Case:
    """The pitch was filed under the old definition, the case moved, and the pitch came back."""
    case = opened()
    (first,) = owed(case)
    message = Message(
        sub_case_id=first.sub_case_id,
        message=first.message,
        message_id=first.message_id,
        submission_id=first.submission_id,
        request_digest=before().digest,
        attempt=first.attempt,
    )
    composed = MessagesComposed(at=START, messages=(message,))
    case = transition(case, composed, case_id="c1", calendar=CALENDAR)[1]
    case = transition(case, order(plan), case_id="c1", calendar=CALENDAR)[1]
    sub = case.sub_cases["pitch"]
    assert sub.submission is not None
    ended = dataclasses.replace(
        sub,
        status=SubCaseStatus.NOT_ACCEPTED,
        submission=dataclasses.replace(sub.submission, state="not_accepted", seq=2),
        decided_at=START,
        deliveries=(),
        **spec,
    )
    return dataclasses.replace(case, sub_cases={**case.sub_cases, "pitch": ended})


def test_what_is_filed_again_goes_by_the_definition_that_the_case_is_pinned_to() -> None:
    plan = with_step("pitch", promised=SHORTER)
    case = filed_then_moved_then_not_accepted(plan)
    old = case.sub_cases["pitch"].spec
    assert case.people.plan_of("pitch", case.plan) == before().digest
    assert old.promised_days != SHORTER.days
    again = FileAgain(at=START, sub_case_id="pitch", by=APPLICANT, why="the sketch was mended")
    case = transition(case, again, case_id="c1", calendar=CALENDAR)[1]
    assert case.people.plan_of("pitch", case.plan) == plan.digest == case.plan
    (spec,) = [one for one in step_specs(plan) if one.id == "pitch"]
    assert case.sub_cases["pitch"].spec == spec
    assert [one.submission_id for one in owed(case)] == ["c1.pitch.2"]


def test_whom_a_step_was_given_to_keeps_it_under_the_next_definition() -> None:
    case = filed_then_moved_then_not_accepted(with_step("pitch", promised=SHORTER))
    given = Reassign(at=START, sub_case_id="pitch", department="other", by=OP, why="w")
    case = transition(case, given, case_id="c1", calendar=CALENDAR)[1]
    spec = case.sub_cases["pitch"].spec
    assert (spec.department, spec.promised_days) == ("other", SHORTER.days)


def test_a_case_is_not_opened_on_a_consent_that_has_run_out() -> None:
    agreed = ConsentGiven.to(b"I agree.", by="A", at=START, until=date(2026, 9, 28))
    (terms,) = consent_terms(before(), {"other": agreed})
    given = OpenCase(at=START, plan=before(), form=handed_in().digest, consents=(terms,))
    case = transition(None, given, case_id="c1", calendar=CALENDAR)[1]
    assert case.people.consents[0].is_alive
    late = dataclasses.replace(
        given, consents=(dataclasses.replace(terms, until=date(2026, 9, 27)),)
    )
    with pytest.raises(IllegalInputError, match="last day of the consent"):
        transition(None, late, case_id="c1", calendar=CALENDAR)


def spared_by(reference: str) -> SkippedStep:
    held = HeldCertificate(type="card", reference=reference)
    title = before().steps[0].title
    return SkippedStep(step_id="pitch", title=title, reasons=(), instance=None, held=held)


def test_no_step_is_spared_by_a_paper_that_nobody_looked_at() -> None:
    """The opening looks at papers; a migration does not, so it brings none of its own."""
    steps = tuple(
        dataclasses.replace(one, requires=tuple(name for name in one.requires if name != "pitch"))
        for one in before().steps
        if one.id != "pitch"
    )
    sparing = changed(steps=steps, skipped=(spared_by("CARD-1"),))
    with pytest.raises(IllegalInputError, match="spares pitch by a certificate that nobody looked"):
        transition(opened(), order(sparing), case_id="c1", calendar=CALENDAR)
    looked_at = Spared(
        sub_case_id="pitch", type="card", reference="CARD-1", paper=before().digest, level="sealed"
    )
    form = handed_in()
    given = OpenCase(
        at=START,
        plan=sparing,
        form=form.digest,
        consents=consent_terms(sparing, form.consents),
        spared=(looked_at,),
    )
    case = transition(None, given, case_id="c1", calendar=CALENDAR)[1]
    newer = dataclasses.replace(sparing, digest=digest_bytes(b"newer"))
    moved = transition(case, order(newer, before=sparing), case_id="c1", calendar=CALENDAR)[1]
    assert moved.plan == newer.digest
    other = dataclasses.replace(newer, skipped=(spared_by("CARD-2"),))
    with pytest.raises(IllegalInputError, match="nobody looked at"):
        transition(case, order(other, before=sparing), case_id="c1", calendar=CALENDAR)
