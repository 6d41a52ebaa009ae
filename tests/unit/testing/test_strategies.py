"""What is drawn for other people's tests is taken by the engine's own checks, every time."""

from __future__ import annotations

from datetime import date
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.case import EventType, Submission, advance, event_digest, fold
from oneservice.catalog import (
    EffectiveThing,
    Severity,
    bundled_catalog_dir,
    lint,
    load_catalog,
    normalise_answers,
)
from oneservice.identifiers import organisation_code_check_digit, parse_region
from oneservice.testing import strategies as drawn
from oneservice.testing.strategies.catalogs import THING
from oneservice.workdays import announced_calendar, due_working_day

CALENDAR = announced_calendar()
DAY = date(2026, 9, 28)
FEW = settings(max_examples=30)


@cache
def things() -> dict[str, EffectiveThing]:
    found = load_catalog([bundled_catalog_dir()]).things("990101", DAY)
    return {one.thing.id: one for one in found}


@FEW
@given(st.data())
def test_a_form_of_every_plan_is_taken(data: st.DataObject) -> None:
    thing = things()[data.draw(st.sampled_from(sorted(things())))]
    plan = data.draw(drawn.plans(thing, calendar=CALENDAR))
    filled = data.draw(drawn.filled_forms(plan))
    form = filled.form(plan)
    assert type(form).parse(form.dump()) == form


@FEW
@given(st.data())
def test_a_complete_form_lacks_nothing(data: st.DataObject) -> None:
    thing = things()[data.draw(st.sampled_from(sorted(things())))]
    plan = data.draw(drawn.plans(thing, calendar=CALENDAR))
    filled = data.draw(drawn.filled_forms(plan, is_complete=True))
    assert {one.id for one in plan.missing} <= set(filled.materials)


@given(st.data())
def test_answers_never_contradict_one_another(data: st.DataObject) -> None:
    thing = things()[data.draw(st.sampled_from(sorted(things())))]
    normalise_answers(thing, data.draw(drawn.answers(thing)))


@given(drawn.credit_codes(), drawn.citizen_numbers(), drawn.fictional_regions())
def test_numbers_are_right_and_nobodys(credit: str, citizen: str, region: str) -> None:
    assert organisation_code_check_digit(credit[8:16]) == credit[16]
    assert parse_region(region) == region
    for place in (credit[2:4], citizen[:2], region[:2]):
        assert place in {"96", "97", "98", "99"}


@given(drawn.histories(max_size=15))
def test_histories_are_chained_and_legal(history) -> None:
    submission = fold("c1.step.1", history)
    assert submission.seq == len(history)
    assert all(event.digest == event_digest(event) for event in history)


def test_every_type_of_event_can_come() -> None:
    """A type that the protocol gets one day is drawn too, or this test says so."""
    seen: set[str] = set()
    known: set[tuple[object, ...]] = set()
    waiting = [Submission(submission_id="c1.step.1")]
    while waiting:
        submission = waiting.pop()
        standing = (submission.state, submission.was_accepted, submission.correction_id is None)
        more = (submission.withdrawal_id is None, submission.was_extended)
        if (*standing, *more) in known:
            continue
        known.add((*standing, *more))
        for kind in drawn.legal_types(submission):
            seen.add(kind)
            waiting.append(advance(submission, drawn.plain_event(submission, kind)))
    assert seen == set(EventType)


def test_the_types_that_may_come_next_are_those_of_the_table() -> None:
    nothing = Submission(submission_id="c1.step.1")
    assert drawn.legal_types(nothing) == (EventType.RECEIVED,)
    received = advance(nothing, drawn.plain_event(nothing, EventType.RECEIVED))
    assert EventType.ACCEPTED in drawn.legal_types(received)
    assert EventType.GRANTED not in drawn.legal_types(received)
    assert EventType.WITHDRAWAL_REFUSED not in drawn.legal_types(received)


@FEW
@given(drawn.calendars(years=(2026, 2027)), st.data())
def test_calendars_and_suspensions_are_counted_with(calendar, data: st.DataObject) -> None:
    pauses = data.draw(drawn.suspensions(DAY, may_be_open=False))
    due = due_working_day(calendar, DAY, data.draw(st.integers(0, 40)), pauses)
    assert due >= DAY
    assert calendar.years == (2026, 2027)


@FEW
@given(st.data())
def test_drawn_catalogs_are_without_fault_and_lead_to_plans(data: st.DataObject) -> None:
    catalog = data.draw(drawn.catalogs())
    errors = [one for one in lint(catalog) if one.severity is Severity.ERROR]
    assert not errors
    thing = catalog.thing(THING, region="990101", on=DAY)
    plan = data.draw(drawn.plans(thing, calendar=CALENDAR))
    assert data.draw(drawn.filled_forms(plan, is_complete=True)).form(plan)
    assert plan.steps[-1].kind == "bundle"
