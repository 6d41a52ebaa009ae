"""What the engine refuses, and in which words: no slip of a portal costs an applicant."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import oneservice
from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import (
    Actor,
    AssuranceLevel,
    CaseChannel,
    ConsentGiven,
    Document,
    SubCaseStatus,
    submission_body,
)
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import examine_bundle
from oneservice.clocks import VirtualClock
from oneservice.engine import Authority
from oneservice.errors import (
    CaseNotFoundError,
    FormIncompleteError,
    IllegalInputError,
    JournalLockedError,
    JournalUnavailableError,
    NotAllowedError,
    SubmissionConflictError,
)
from oneservice.plan import Plan
from oneservice.sandbox import PROMPT, Behaviour, Behaviours, SandboxSeals, SimulatedDepartments

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
Open = Callable[..., AbstractAsyncContextManager[Engine]]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@pytest.fixture
def open_engine(tmp_path: Path, catalog: Catalog) -> Open:
    def opened(**parts: Any) -> AbstractAsyncContextManager[Engine]:
        parts = {"start": START, "catalog": catalog, **parts}
        return Engine.sandbox(tmp_path / "cases.db", **parts)

    return opened


def visit(engine: Engine, name: str = "tea-kiosk") -> tuple[Plan, Applicant, dict[str, Any]]:
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


# --- what a refusal tells to do ----------------------------------------------------------------


async def test_an_agent_without_a_mandate_is_told_how_to_hand_in(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        agent = Actor.agent("ag-3", mandate="m1")
        with pytest.raises(NotAllowedError, match="`authority=`, without `by=`"):
            await engine.submit(plan, applicant, by=agent, **given)


async def test_a_mandate_for_what_there_is_not_is_told_what(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        wide = Authority(agent="ag-3", text=b"signed", actions=("open", "rate"))
        with pytest.raises(IllegalInputError, match="it names 'rate'"):
            await engine.people.give_mandate(case.id, wide)


async def test_a_supplement_to_nothing_is_told_why(open_engine: Open) -> None:
    asks = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "missing"})})
    async with open_engine(behaviours=asks) as engine:
        plan, applicant, given = visit(engine)
        layout = {"m_layout": given["materials"].pop("m_layout")}
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        with pytest.raises(IllegalInputError, match=r"has no step 'sign'.*food_permit"):
            await engine.supplement(case.id, "sign", materials=layout)
        with pytest.raises(IllegalInputError, match="give the correction"):
            await engine.supplement(case.id, "food_permit", materials=layout)


# --- one key, one application -----------------------------------------------------------------


async def test_a_key_never_shows_somebody_elses_case(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        await engine.submit(plan, applicant, key="k", **given)
        somebody = dataclasses.replace(applicant, name="另一家店")
        other_fields = {**given["fields"], "phone": "13900000000"}
        others: list[tuple[Applicant, dict[str, Any]]] = [
            (somebody, given),
            (applicant, {**given, "fields": other_fields}),
            (applicant, {**given, "materials": {}}),
        ]
        for who, what in others:
            with pytest.raises(SubmissionConflictError, match="id of this visit") as caught:
                await engine.submit(plan, who, key="k", **what)
            assert "另一家店" not in str(caught.value)
        assert len(await engine.cases()) == 1


async def test_the_same_application_is_the_same_case_days_later(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        first = await engine.submit(plan, applicant, key="k", **given)
        await engine.wait_until(START + timedelta(days=3))
        later, _, _ = visit(engine)
        assert later.digest != plan.digest
        assert (await engine.submit(later, applicant, key="k", **given)).id == first.id
    async with open_engine(behaviours=PROMPT, start=START + timedelta(days=9)) as engine:
        later, _, _ = visit(engine)
        assert (await engine.submit(later, applicant, key="k", **given)).id == first.id


@pytest.mark.parametrize("half", ["\ud800", "c1\udfff"])
async def test_half_a_character_names_no_case_and_is_no_key(open_engine: Open, half: str) -> None:
    by: dict[str, Any] = {"by": Actor.operator("op-7"), "why": "a test"}
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        for ask in (
            engine.case(half),
            engine.bundle(half),
            engine.withdraw(half),
            engine.supplement(half, "food_permit"),
            engine.settled(half),
            engine.operators.erase(half, **by),
            engine.counter.code(half, for_channel=CaseChannel.KIOSK),
        ):
            with pytest.raises(CaseNotFoundError) as caught:
                await ask
            assert half not in str(caught.value)
        assert await engine.journal(half) == ()
        with pytest.raises(FormIncompleteError, match="key: holds half a character"):
            await engine.submit(plan, applicant, key=half, **given)
        assert (await engine.settled(case.id)).status is CaseStatus.CONCLUDED


# --- what is handed in ------------------------------------------------------------------------


async def test_an_answer_with_nothing_in_it_leaves_the_correction_open(open_engine: Open) -> None:
    asks = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "missing"})})
    async with open_engine(behaviours=asks) as engine:
        plan, applicant, given = visit(engine)
        layout = given["materials"].pop("m_layout")
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        (correction,) = case.corrections
        with pytest.raises(FormIncompleteError, match="m_layout: is asked for and missing"):
            await engine.supplement(case.id, correction)
        for nothing in (b"", [], [b""], Document(content=b"")):
            with pytest.raises(FormIncompleteError, match=r"m_layout: (the|no) document is"):
                await engine.supplement(case.id, correction, materials={"m_layout": nothing})
        assert (await engine.case(case.id)).corrections == (correction,)
        await engine.supplement(case.id, correction, materials={"m_layout": layout})
        case = await engine.settled(case.id)
        assert case.sub_cases["food_permit"].status is SubCaseStatus.GRANTED


@pytest.mark.parametrize(
    ("material", "told"),
    [
        (b"", "the document is empty"),
        ((), "no document is given"),
        ("text", "not str"),
        (["text"], "must be bytes"),
        (7, "not int"),
        (Document(content="text"), "must be bytes"),  # type: ignore[arg-type]
    ],
)
async def test_what_is_no_document_is_told(open_engine: Open, material: Any, told: str) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        given["materials"]["m_layout"] = material
        with pytest.raises(FormIncompleteError, match=f"m_layout: .*{told}"):
            await engine.submit(plan, applicant, **given)
        assert await engine.cases() == ()


@pytest.mark.parametrize("letter", ["\u202e", "\x07", "\u2067", "\x00"])
async def test_a_name_that_no_paper_can_show_is_refused(open_engine: Open, letter: str) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        somebody = dataclasses.replace(applicant, name=f"某店{letter}铺")
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, somebody, **given)
        assert set(caught.value.problems) == {"applicant.name"}


@pytest.mark.parametrize("code", ["", "92990101MA99000524", "nothing", "990101198501011014"])
async def test_a_wrong_code_or_no_name_is_refused(open_engine: Open, code: str) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, _, given = visit(engine)
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, Applicant(name="", code=code), **given)
        assert set(caught.value.problems) == {"applicant.name", "applicant.code"}
        assert not code or code not in str(caught.value)


# --- what others agree to ---------------------------------------------------------------------


async def test_nothing_is_filed_before_the_other_parent_agrees(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine, "newborn")
        agreed = ConsentGiven.to(b"I agree.", by="陆舟", at=START)
        with pytest.raises(FormIncompleteError, match=r"consents.other_parent: .*The other parent"):
            await engine.submit(plan, applicant, **given)
        broken: list[Any] = [
            {"other_parent": "yes"},
            {"other_parent": dataclasses.replace(agreed, by=" ")},
            {"other_parent": dataclasses.replace(agreed, at=datetime(2026, 9, 28))},  # noqa: DTZ001
            {"other_parent": dataclasses.replace(agreed, proof="sha256:1")},
            {"other_parent": agreed, "neighbour": agreed},
        ]
        for consents in broken:
            with pytest.raises(FormIncompleteError, match="consents") as caught:
                await engine.submit(plan, applicant, consents=consents, **given)
            assert "陆舟" not in str(caught.value)
        assert await engine.cases() == ()


async def test_departments_are_told_that_consent_is_there(open_engine: Open) -> None:
    agreed = ConsentGiven.to(b"I agree.", by="陆舟", at=START, until=date(2026, 12, 31))
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine, "newborn")
        given["consents"] = {"other_parent": agreed}
        case = await engine.submit(plan, applicant, key="k", **given)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
    async with open_engine(behaviours=PROMPT) as engine:
        hot = await engine._driver.hot(case.id)
        assert hot.form.consents == {"other_parent": agreed}
        bodies = [
            parse_object(submission_body(hot.case, hot.plan, hot.form, step.id, 1))
            for step in hot.plan.steps
        ]
        for body in bodies:
            assert body["consents"] == [
                {
                    "id": "other_parent",
                    "scope": "newborn",
                    "until": "2026-12-31",
                    "proof": agreed.proof,
                }
            ]
        signed_anew = {"other_parent": dataclasses.replace(agreed, at=START + timedelta(hours=1))}
        again = await engine.submit(plan, applicant, key="k", **{**given, "consents": signed_anew})
        assert again.id == case.id


@pytest.mark.parametrize(
    "change",
    [
        {"proof": ConsentGiven.to(b"I agree to less.", by="x", at=START).proof},
        {"by": "何静"},
        {"until": date(2026, 12, 30)},
        {"level": AssuranceLevel.HIGH},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_another_consent_under_one_key_is_told_how_it_is_given(
    open_engine: Open, change: dict[str, Any]
) -> None:
    agreed = ConsentGiven.to(b"I agree.", by="陆舟", at=START, until=date(2026, 12, 31))
    other = {"other_parent": dataclasses.replace(agreed, **change)}
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine, "newborn")
        case = await engine.submit(
            plan, applicant, key="k", consents={"other_parent": agreed}, **given
        )
        with pytest.raises(SubmissionConflictError, match="other_parent; a new one") as caught:
            await engine.submit(plan, applicant, key="k", consents=other, **given)
        assert "陆舟" not in str(caught.value)
        await engine.people.give_consent(case.id, "other_parent", other["other_parent"])
        again = await engine.submit(
            plan, applicant, key="k", consents={"other_parent": agreed}, **given
        )
        assert again.id == case.id, "it is still what was handed in"


# --- the default sandbox ----------------------------------------------------------------------


async def test_departments_of_a_sandbox_ask_once_for_everything_missing(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        papers, given["materials"] = given["materials"], {}
        must_bring = {one.id: set(one.steps) for one in plan.materials if one.must_bring}
        case = await engine.submit(plan, applicant, **given)
        asked: dict[str, set[str]] = {}
        while (case := await engine.settled(case.id)).corrections:
            for one in case.corrections:
                assert one.sub_case_id not in asked, "once"
                assert one.is_complete_list
                assert all(item["text"]["zh"] != item["text"]["en"] for item in one.items)
                asked[one.sub_case_id] = set(one.materials)
                answer = {name: papers[name] for name in one.materials}
                await engine.supplement(case.id, one, materials=answer)
        assert case.status is CaseStatus.CONCLUDED
        assert asked == {
            step.id: wanted
            for step in plan.steps
            if (wanted := {name for name, steps in must_bring.items() if step.id in steps})
            and step.kind != "bundle"
        }


async def test_what_simulated_departments_said_is_proven_by_the_bundle(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        assert case.status is CaseStatus.CONCLUDED
        bundle = await engine.bundle(case.id)
        report = examine_bundle(bundle.dump(), trust=engine.trust, at=engine.now())
        (check,) = [one for one in report.checks if one.name == "department_signatures"]
        assert str(check.result) == "pass", check
        assert check.evidence["signed"] == check.evidence["events"] > 0


# --- opening and closing ----------------------------------------------------------------------


async def test_a_closed_engine_says_so(open_engine: Open) -> None:
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: engine.submit(plan, applicant, **given),
        lambda: engine.submit(plan, applicant, key="k", **given),
        lambda: engine.case(case.id),
        lambda: engine.case("c404"),
        lambda: engine.plan_of(case.id),
        engine.cases,
        engine.progress,
        engine.next_wake,
        engine.run,
        lambda: engine.settled(case.id),
        lambda: engine.withdraw(case.id),
        lambda: engine.journal(case.id),
        lambda: engine.bundle(case.id),
    ]
    for call in calls:
        async with asyncio.timeout(60):
            with pytest.raises(JournalUnavailableError, match="the engine is closed"):
                await call()


async def test_a_file_that_cannot_be_made_is_told(tmp_path: Path, catalog: Catalog) -> None:
    with pytest.raises(JournalUnavailableError, match="folder"):
        async with Engine.sandbox(tmp_path / "no" / "p.db", catalog=catalog):
            pass


async def test_a_time_without_a_zone_is_no_start(open_engine: Open) -> None:
    with pytest.raises(IllegalInputError, match="zone"):
        async with open_engine(start=datetime(2026, 9, 28)):  # noqa: DTZ001 - the mistake
            pass


async def test_the_lock_tells_when_the_holder_is_oneself(open_engine: Open) -> None:
    async with open_engine():
        with pytest.raises(JournalLockedError, match="this very process"):
            async with open_engine():
                pass


async def test_a_withdrawn_case_never_has_a_bundle(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        with pytest.raises(IllegalInputError, match="not been handed out yet"):
            await engine.bundle(case.id)
        await engine.withdraw(case.id)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.WITHDRAWN
        with pytest.raises(IllegalInputError, match="no results were handed out"):
            await engine.bundle(case.id)


async def test_an_engine_without_a_trust_list_says_so_at_once(
    tmp_path: Path, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    clock = VirtualClock(START)
    things = {one.thing.id: one for one in catalog.things("990101", START.date())}
    seals = SandboxSeals(things, region="990101")
    departments = SimulatedDepartments(clock=clock, seals=seals, behaviours=PROMPT)
    async with Engine.embedded(
        tmp_path / "cases.db",
        region="990101",
        departments=departments,
        signer=seals.signer(),
        catalog=catalog,
        clock=clock,
    ) as engine:
        assert [one.message for one in caplog.records if "trust=" in one.message]
        plan, applicant, given = visit(engine)
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        assert case.status is CaseStatus.CONCLUDED
        with pytest.raises(IllegalInputError, match="trust list"):
            await engine.bundle(case.id)
    departments.close()


def test_the_package_lists_its_names() -> None:
    assert set(oneservice.__all__) <= set(dir(oneservice))


# --- what people should look at ---------------------------------------------------------------


async def test_a_grant_without_its_paper_is_a_finding(
    open_engine: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = SandboxSeals.certificate

    def forgetful(
        self: Any, department: str, name: str, body: Any, at: datetime, **more: Any
    ) -> Any:
        is_permit = body["step_id"] == "food_permit"
        return None if is_permit else issue(self, department, name, body, at, **more)

    monkeypatch.setattr(SandboxSeals, "certificate", forgetful)
    async with open_engine(behaviours=PROMPT) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        assert await engine.findings(case.id) == ()
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        (finding,) = await engine.findings(case.id)
        assert finding.sub_case_id == "food_permit"
        assert finding.problem == "granted-without-certificate"
        assert "market-regulation" in finding.text
