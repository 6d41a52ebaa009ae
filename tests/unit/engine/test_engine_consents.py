"""Agents and parties on a real engine: who hands in, who agreed, and what departments are shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import (
    Actor,
    AssuranceLevel,
    ConsentGiven,
    Form,
    Role,
    SubCaseStatus,
    WaitKind,
    consent_document,
    read_consent_document,
)
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.engine import Authority
from oneservice.errors import FormIncompleteError, IllegalInputError, NotAllowedError
from oneservice.plan import Plan
from oneservice.sandbox import PROMPT, Behaviour, Behaviours

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
Open = Callable[..., AbstractAsyncContextManager[Engine]]
AGREED = ConsentGiven.to(b"I agree.", by="陆舟", at=START, level=AssuranceLevel.SUBSTANTIAL)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@pytest.fixture
def open_engine(tmp_path: Path, catalog: Catalog) -> Open:
    def opened(behaviours: Behaviours = PROMPT) -> AbstractAsyncContextManager[Engine]:
        return Engine.sandbox(
            tmp_path / "cases.db", start=START, catalog=catalog, behaviours=behaviours
        )

    return opened


def visit(engine: Engine, name: str) -> tuple[Plan, Applicant, dict[str, Any]]:
    given = load_answers(EXAMPLES / f"{name}.yaml")
    plan = engine.plan(given.thing, answers=given.answers, region=given.region)
    known = {field.group or field.id for field in plan.form}
    return (
        plan,
        Applicant(**given.applicant.model_dump()),
        {
            "fields": {key: value for key, value in given.fields.items() if key in known},
            "materials": {key: given.material_bytes(key) for key in given.materials},
        },
    )


async def filed(engine: Engine, case_id: str) -> dict[str, dict[str, Any]]:
    """Return the bodies that were filed, by step."""
    found = {}
    for line in await engine.journal(case_id):
        record = parse_object(line)
        for message in record["data"].get("messages", ()):
            if message["message"] == "submission":
                body = await engine._driver.store.blob(case_id, message["request_digest"])
                assert body is not None
                found[message["sub_case_id"]] = parse_object(body)
    return found


# --- consents ---------------------------------------------------------------------------------


SLOW_BIRTH = Behaviours(otherwise=Behaviour())


async def test_a_consent_that_is_taken_back_stops_what_is_not_filed(open_engine: Open) -> None:
    async with open_engine(SLOW_BIRTH) as engine:
        plan, applicant, given = visit(engine, "newborn")
        case = await engine.submit(plan, applicant, consents={"other_parent": AGREED}, **given)
        before = set(await filed(engine, case.id))
        case = await engine.people.withdraw_consent(case.id, "other_parent")
        case = await engine.settled(case.id)
        assert set(await filed(engine, case.id)) == before, "nothing more was filed"
        assert case.granted, "what was filed on it is decided, and stands"
        waits = [one for one in await engine.waits(case.id) if one.kind is WaitKind.CONSENT]
        waiting = {one.id for one in case.sub_cases.values() if one.status is SubCaseStatus.WAITING}
        assert waits
        assert {one.sub_case_id for one in waits} <= waiting

        with pytest.raises(FormIncompleteError, match="takes no part"):
            await engine.people.give_consent(case.id, "neighbour", AGREED)
        again = ConsentGiven.to(b"I agree again.", by="陆舟", at=engine.now())
        await engine.people.give_consent(case.id, "other_parent", again)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        bodies = await filed(engine, case.id)
        for name, body in bodies.items():
            proof = AGREED.proof if name in before else again.proof
            assert [one["proof"] for one in body["consents"]] == [proof]
        (consent,) = case.people.consents
        assert consent.document is not None
        kept = await engine._driver.store.blob(case.id, consent.document)
        assert kept is not None
        assert read_consent_document(kept) == again
        assert "陆舟" not in b"".join(await engine.journal(case.id)).decode()


async def test_the_journal_has_the_terms_of_a_consent_and_no_name(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine, "newborn")
        case = await engine.submit(plan, applicant, consents={"other_parent": AGREED}, **given)
        (told,) = [
            one["data"]
            for one in map(parse_object, await engine.journal(case.id))
            if one["kind"] == "consent_recorded"
        ]
        assert told["purpose"] == "newborn"
        assert told["level"] == "substantial"
        assert (told["proof"], told["is_required"]) == (digest_bytes(b"I agree."), True)
        assert "by" in told
        assert "陆舟" not in str(told)


def test_a_consent_of_the_first_releases_keeps_its_bytes() -> None:
    plain = ConsentGiven.to(b"I agree.", by="x", at=START, until=date(2026, 12, 31))
    form = Form(
        applicant=Applicant(name="a", code="b"),
        fields={},
        groups={},
        materials={},
        consents={"p": plain},
    )
    assert parse_object(form.dump())["consents"] == {
        "p": {"by": "x", "at": "2026-09-28T01:00:00Z", "proof": plain.proof, "until": "2026-12-31"}
    }
    assert Form.parse(form.dump()) == form
    rich = ConsentGiven(
        by="x",
        at=START,
        proof=plain.proof,
        level=AssuranceLevel.HIGH,
        purpose="newborn",
        fields=("a",),
        materials=("b",),
        evidence=("c",),
    )
    assert read_consent_document(consent_document(rich)) == rich


@pytest.mark.parametrize(
    "wrong", [{"purpose": "restaurant"}, {"fields": ("nothing",)}, {"materials": ("m_nothing",)}]
)
async def test_a_consent_to_something_else_is_refused(open_engine: Open, wrong: Any) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine, "newborn")
        consent = ConsentGiven(by="陆舟", at=START, proof=AGREED.proof, **wrong)
        with pytest.raises(FormIncompleteError, match=r"consents\.other_parent"):
            await engine.submit(plan, applicant, consents={"other_parent": consent}, **given)


# --- agents -----------------------------------------------------------------------------------


STRICT = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "No plan."})})
AUTHORITY = Authority(
    agent="ag-3",
    text=b"I let Ms. Li act for me.",
    actions=("open", "supplement"),
    until=date(2026, 10, 9),
)


async def test_an_agent_hands_in_and_answers_and_no_more(open_engine: Open) -> None:
    async with open_engine(STRICT) as engine:
        plan, applicant, given = visit(engine, "tea-kiosk")
        layout = given["materials"].pop("m_layout")
        case = await engine.submit(plan, applicant, authority=AUTHORITY, **given)
        agent = Actor.agent("ag-3", mandate="m1")
        opened, mandate, *_ = [parse_object(one) for one in await engine.journal(case.id)]
        assert opened["data"]["by"] == "agent:ag-3/m1"
        assert mandate["kind"] == "mandate_given"
        assert mandate["data"]["proof"] == digest_bytes(AUTHORITY.text)
        assert await engine._driver.store.blob(case.id, mandate["data"]["proof"]) == AUTHORITY.text
        case = await engine.settled(case.id)
        (asked,) = case.corrections
        with pytest.raises(NotAllowedError, match="for open, supplement only"):
            await engine.withdraw(case.id, by=agent)
        await engine.supplement(case.id, asked, materials={"m_layout": layout}, by=agent)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED


async def test_a_mandate_is_given_later_and_taken_back(open_engine: Open) -> None:
    async with open_engine(STRICT) as engine:
        plan, applicant, given = visit(engine, "tea-kiosk")
        layout = given["materials"].pop("m_layout")
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        (asked,) = case.corrections
        agent = await engine.people.give_mandate(case.id, AUTHORITY, by=Actor.clerk("w-1"))
        await engine.people.end_mandate(case.id, "m1", why="no longer needed")
        with pytest.raises(NotAllowedError, match="has ended"):
            await engine.supplement(case.id, asked, materials={"m_layout": layout}, by=agent)
        with pytest.raises(IllegalInputError, match="ended"):
            await engine.people.end_mandate(case.id, "m1")
        second = await engine.people.give_mandate(case.id, AUTHORITY)
        assert second.mandate == "m2"
        await engine.wait_until(datetime(2026, 10, 10, 1, tzinfo=UTC))
        await engine.progress()
        case = await engine.case(case.id)
        assert [one.end for one in case.people.mandates] == ["revoked", "expired"]


async def test_the_form_is_shown_as_the_viewer_may_see_it(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine, "newborn")
        case = await engine.submit(plan, applicant, consents={"other_parent": AGREED}, **given)
        own = await engine.people.form(case.id, Role.APPLICANT, language="en")
        work = await engine.people.form(case.id, Role.OFFICER, language="en")
        assert "何静" in repr(own)
        assert "何静" not in repr(work)
        told = {one.place: one.text for one in work.values}
        assert told["relation_to_householder"] == "Child"
        assert told["follows"] != "father", "an answer's value has the words of its question"
