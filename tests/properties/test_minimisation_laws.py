"""A step never receives a field, a material or a consent that it does not declare.

Whatever is handed in, whatever is supplemented, whatever definition the case moved to: plans are
drawn by chance, and the bodies are composed by the very functions that the engine sends.

References: domain page, invariant 10; Personal Information Protection Law art. 6.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import (
    OWN_CONSENT,
    Actor,
    Applicant,
    Case,
    ConsentGiven,
    ConsentTerms,
    Document,
    Form,
    Migrate,
    OpenCase,
    consent_terms,
    fill_form,
    fill_part,
    submission_body,
    supplement_body,
    transition,
)
from oneservice.catalog import load_catalog, normalise_answers
from oneservice.engine.ordering import refitted
from oneservice.errors import FormIncompleteError
from oneservice.plan import Plan, PlannedParty, build_plan
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
ON = date(2026, 9, 28)
BOOK_STALL = Path(__file__).resolve().parents[2] / "docs" / "book-stall"
CALENDAR = announced_calendar()
APPLICANT = Applicant(name="Old Pages", code="92990101MA99000523")
FIELDS = {"name": "Old Pages", "phone": "13800000000"}


@cache
def base() -> Plan:
    thing = load_catalog(BOOK_STALL).thing("book_stall", region="990101", on=ON)
    answers = {"area": "8", "new_books": True, "evening": True, "lamps": 2}
    normal = normalise_answers(thing, answers)
    return build_plan(thing, normal, on=ON, calendar=CALENDAR)


def redeclared(plan: Plan, data: Any) -> Plan:
    """Return ``plan`` with other declarations: what each step takes is drawn by chance."""
    fields = [one.id for one in plan.form]
    materials = [one.id for one in plan.materials]
    steps = tuple(
        dataclasses.replace(
            step,
            fields=tuple(sorted(data.draw(st.sets(st.sampled_from(fields))))),
            materials=tuple(sorted(data.draw(st.sets(st.sampled_from(materials))))),
        )
        for step in plan.steps
    )
    return dataclasses.replace(plan, steps=steps, digest=digest_bytes(repr(steps).encode()))


def with_parties(plan: Plan, parties: dict[str, bool]) -> Plan:
    title = plan.title
    return dataclasses.replace(
        plan,
        parties=tuple(
            PlannedParty(id=name, title=title, must_consent=must, reasons=())
            for name, must in sorted(parties.items())
        ),
    )


def opened(plan: Plan, form: Form) -> Case:
    terms = consent_terms(plan, form.consents)
    given = OpenCase(at=START, plan=plan, form=form.digest, consents=terms)
    return transition(None, given, case_id="c1", calendar=CALENDAR)[1]


def handed_in(plan: Plan, data: Any) -> Form:
    materials = [one.id for one in plan.materials if one.source.value == "applicant"]
    chosen = data.draw(st.sets(st.sampled_from(materials))) if materials else set()
    consents = {
        party.id: ConsentGiven(
            by="x",
            at=START,
            proof=digest_bytes(party.id.encode()),
            fields=tuple(
                sorted(data.draw(st.sets(st.sampled_from([one.id for one in plan.form]))))
            ),
        )
        for party in plan.parties
    }
    return fill_form(
        plan,
        APPLICANT,
        fields={name: value for name, value in FIELDS.items() if _is_asked(plan, name)},
        materials={name: [Document(content=name.encode())] for name in chosen},
        consents=consents,
    )


def _is_asked(plan: Plan, name: str) -> bool:
    return any(one.id == name for one in plan.form)


def refuse_too_much(case: Case, plan: Plan, form: Form) -> None:
    for step in plan.steps:
        body = parse_object(submission_body(case, plan, form, step.id, 1))
        assert set(body["fields"]) <= set(step.fields)
        assert {one["material"] for one in body["materials"]} <= set(step.materials)
        shown = {one["id"] for one in body.get("consents", ())}
        concerned = {one.id for one in case.people.consents if one.is_alive and one.covers(step.id)}
        assert shown == concerned
        for consent in case.people.consents:
            if consent.id in shown and consent.fields and not _must(plan, consent.id):
                assert set(consent.fields) & set(step.fields)


def _must(plan: Plan, party: str) -> bool:
    return any(one.id == party and one.must_consent for one in plan.parties)


@given(st.data())
def test_a_filing_holds_what_its_step_declares_and_nothing_else(data: st.DataObject) -> None:
    parties = data.draw(st.dictionaries(st.sampled_from(["owner", "partner"]), st.booleans()))
    plan = with_parties(redeclared(base(), data), parties)
    form = handed_in(plan, data)
    refuse_too_much(opened(plan, form), plan, form)


@given(st.data())
def test_a_supplement_holds_what_its_step_declares_or_is_refused(data: st.DataObject) -> None:
    plan = redeclared(base(), data)
    step = data.draw(st.sampled_from(plan.steps))
    fields = data.draw(st.sets(st.sampled_from([one.id for one in plan.form if one.group is None])))
    materials = data.draw(st.sets(st.sampled_from([one.id for one in plan.materials])))
    values = {name: {**FIELDS, "stall_area": "8"}[name] for name in fields}
    documents = {name: [Document(content=b"x")] for name in materials}
    strangers = (fields - set(step.fields)) | (materials - set(step.materials))
    if strangers:
        with pytest.raises(FormIncompleteError) as caught:
            fill_part(plan, step.id, fields=values, materials=documents)
        assert set(caught.value.problems) == strangers
        return
    filled = fill_part(plan, step.id, fields=values, materials=documents)
    references = {name: [one.reference() for one in some] for name, some in documents.items()}
    body = parse_object(supplement_body("k1", fields=filled, materials=references))
    assert set(body["fields"]) <= set(step.fields)
    assert {one["material"] for one in body["materials"]} <= set(step.materials)


@given(st.data())
def test_after_a_migration_too(data: st.DataObject) -> None:
    before = redeclared(base(), data)
    form = handed_in(before, data)
    case = opened(before, form)
    kept = data.draw(st.sets(st.sampled_from([one.id for one in before.form])))
    after = redeclared(before, data)
    asked = tuple(one for one in after.form if one.id in kept or one.value is not None)
    after = dataclasses.replace(after, form=asked, digest=digest_bytes(after.digest.encode()))
    moved = refitted(form, after, before=before, fields={})
    assert set(moved.fields) <= {one.id for one in asked}, "what is not asked for is left out"
    assert set(moved.materials) <= {one.id for one in after.materials}
    order = Migrate(
        at=START,
        before=before,
        plan=after,
        form=moved,
        by=Actor.operator("op-7"),
        why="new measures",
    )
    case = transition(case, order, case_id="c1", calendar=CALENDAR)[1]
    assert (case.plan, case.form) == (after.digest, moved.digest)
    refuse_too_much(case, after, moved)


@given(st.data())
def test_across_a_border_go_only_names_that_everybody_let_go(data: st.DataObject) -> None:
    """The applicant and a party each name what they like; a step at home is told as ever."""
    plan = with_parties(base(), {"landlord": True})
    abroad, *_ = {step.department for step in plan.steps}
    some = st.sets(st.sampled_from([one.id for one in (*plan.form, *plan.materials)]))
    hers, his = (tuple(sorted(data.draw(some))) for _ in range(2))
    form = handed_in(plan, data)
    own = ConsentTerms(
        consent_id=f"{OWN_CONSENT}{abroad}",
        agreed_at=START,
        purpose=plan.thing,
        level="low",
        proof=digest_bytes(b"hers"),
        sub_case_ids=tuple(one.id for one in plan.steps if one.department == abroad),
        is_required=True,
        fields=hers,
        materials=hers,
    )
    (landlords,) = consent_terms(plan, form.consents)
    landlords = dataclasses.replace(landlords, fields=his, materials=his)
    opening = OpenCase(at=START, plan=plan, form=form.digest, consents=(own, landlords))
    _, case = transition(None, opening, case_id="c1", calendar=CALENDAR)
    for step in plan.steps:
        body = parse_object(submission_body(case, plan, form, step.id, 1))
        told = {*body["fields"], *(one["material"] for one in body["materials"])}
        shown = {one["id"] for one in body["consents"]}
        if step.department == abroad:
            assert shown == {own.consent_id, "landlord"}
            assert told <= {*hers}
            assert not his or told <= {*his}, "one that names nothing leaves nothing out"
        else:
            assert shown == {"landlord"}
            known = opened_without_own(plan, form, landlords)
            assert body["fields"] == known(step.id)["fields"]


def opened_without_own(plan: Plan, form: Form, landlords: ConsentTerms) -> Any:
    given = OpenCase(at=START, plan=plan, form=form.digest, consents=(landlords,))
    _, case = transition(None, given, case_id="c1", calendar=CALENDAR)
    return lambda name: parse_object(submission_body(case, plan, form, name, 1))
