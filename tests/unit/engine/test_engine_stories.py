"""The engine's face on the bundled restaurant: what a portal may do, and what it is told."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import parse_object
from oneservice.case import SubCaseStatus, SubmissionState
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.certificates import Certificate, Verdict, examine_bundle
from oneservice.clocks import VirtualClock
from oneservice.engine.starting import FEED_EVERY_SANDBOX
from oneservice.errors import (
    CaseNotFoundError,
    DepartmentContractError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    FormIncompleteError,
    IllegalInputError,
    JournalFullError,
    JournalLockedError,
    OneServiceError,
)
from oneservice.plan import Plan
from oneservice.ports import StatusPage
from oneservice.runtimes import SqliteStore
from oneservice.runtimes.sealing import seal_bundle
from oneservice.sandbox import PROMPT, Behaviour, Behaviours, SandboxSeals, SimulatedDepartments
from oneservice.sandbox.register import Register
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
CODE = "92990101MA99000523"
PERSON = "990101198501011013"
NAME = "标记人名"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@pytest.fixture(scope="session")
def seals(catalog: Catalog) -> SandboxSeals:
    things = catalog.things("990101", START.date())
    return SandboxSeals({one.thing.id: one for one in things}, region="990101")


Open = Callable[..., AbstractAsyncContextManager[Engine]]


@pytest.fixture
def open_engine(tmp_path: Path, catalog: Catalog) -> Open:
    def opened(behaviours: Behaviours | None = None, name: str = "cases.db") -> Any:
        return Engine.sandbox(tmp_path / name, start=START, catalog=catalog, behaviours=behaviours)

    return opened


def visit(engine: Engine, name: str = "tea-kiosk") -> tuple[Plan, Applicant, dict[str, Any]]:
    given = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    plan = engine.plan("restaurant", answers=given["answers"])
    known = {field.group or field.id for field in plan.form}
    fields = {
        key: str(value) if isinstance(value, float) else value
        for key, value in given["fields"].items()
        if key in known
    }
    materials = {key: one["text"].encode() for key, one in given["materials"].items()}
    return plan, Applicant(**given["applicant"]), {"fields": fields, "materials": materials}


# --- opening a case ---------------------------------------------------------------------------


async def test_all_problems_of_a_form_are_told_at_once(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, _, given = visit(engine)
        fields = given["fields"]
        del fields["phone"]
        fields["legal_rep_id_no"] = PERSON[:-1] + "X"
        fields["floors"] = "three " + NAME
        fields["lon"] = NAME
        fields["invented"] = "x"
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(
                plan,
                Applicant(name=" ", code=CODE[:-1] + "9"),
                fields=fields,
                materials={"m_invented": b"x"},
            )
        assert set(caught.value.problems) >= {
            "applicant.name",
            "applicant.code",
            "phone",
            "legal_rep_id_no",
            "floors",
            "lon",
            "invented",
            "m_invented",
        }
        assert NAME not in str(caught.value)
        assert PERSON[:12] not in str(caught.value)
        assert await engine.cases() == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("floors", 10**30),
        ("floors", True),
        ("floors", 1.5),
        ("lon", "1e9999"),
        ("lon", "NaN"),
        ("lon", 121.5),
        ("address", "\ud800"),
        ("address", "x" * 5000),
        ("address", ["x"]),
        ("staff", "nobody"),
        ("staff", [{}]),
        ("staff", ["x", "y"]),
        ("projects", 7),
    ],
)
async def test_no_value_breaks_the_form(open_engine: Open, name: str, value: Any) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        given["fields"][name] = value
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, applicant, **given)
        assert any(place.startswith(name) for place in caught.value.problems)


async def test_one_key_makes_one_case_also_at_once(open_engine: Open) -> None:
    async with open_engine(PROMPT) as engine:
        plan, applicant, given = visit(engine)
        many = await asyncio.gather(
            *(engine.submit(plan, applicant, key="visit-1", **given) for _ in range(5)),
            *(engine.submit(plan, applicant, key=f"other-{n}", **given) for n in range(3)),
        )
        assert len({case.id for case in many[:5]}) == 1
        assert len({case.id for case in many}) == 4
        again = await engine.submit(plan, applicant, key="visit-1", **given)
        assert again.id == many[0].id
        assert len(await engine.cases()) == 4


async def test_an_unknown_case_is_named(open_engine: Open) -> None:
    async with open_engine() as engine:
        with pytest.raises(CaseNotFoundError, match="c404"):
            await engine.case("c404")


async def test_two_engines_on_one_file_are_refused(open_engine: Open) -> None:
    async with open_engine():
        with pytest.raises(JournalLockedError):
            async with open_engine():
                pass


# --- the life of a case -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tea-kiosk", "noodle-shop", "seafood-karaoke"])
async def test_the_three_profiles_end_in_a_bundle_that_a_stranger_verifies(
    open_engine: Open, name: str
) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine, name)
        case = await engine.submit(plan, applicant, **given)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        bundle = await engine.bundle(case.id)
        assert engine.trust is not None
        report = examine_bundle(bundle.dump(), trust=engine.trust, at=START + timedelta(days=90))
        assert report.verdict is Verdict.VALID, report
        granted = [sub for sub in case.granted if sub.outcome and "certificate" in sub.outcome]
        assert len(await engine.certificates(case.id)) == len(granted) > 2


async def test_a_check_after_the_grant_follows_the_bundle(open_engine: Open) -> None:
    slow = Behaviours(by_step={"fire_followup": Behaviour(decides_after=timedelta(days=40))})
    async with open_engine(slow) as engine:
        plan, applicant, given = visit(engine, "seafood-karaoke")
        case = await engine.submit(plan, applicant, **given)
        case = await engine.settled(case.id, until=START + timedelta(days=20))
        assert case.status is CaseStatus.PARTIALLY_CONCLUDED
        assert case.bundle is not None
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert case.sub_cases["fire_followup"].is_granted


async def test_a_correction_is_answered_once(open_engine: Open) -> None:
    asks = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "missing"})})
    async with open_engine(asks) as engine:
        plan, applicant, given = visit(engine)
        del given["materials"]["m_layout"]
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        (correction,) = case.corrections
        assert correction.materials == ("m_layout",)
        with pytest.raises(FormIncompleteError, match="not a material of this step"):
            await engine.supplement(case.id, correction, materials={"m_other": b"x"})
        with pytest.raises(FormIncompleteError, match="address"):
            await engine.supplement(case.id, correction, fields={"address": 1.5})
        await engine.supplement(case.id, correction, materials={"m_layout": b"x"})
        with pytest.raises(IllegalInputError):
            await engine.supplement(case.id, correction, materials={"m_layout": b"y"})
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        with pytest.raises(IllegalInputError):
            await engine.supplement(case.id, correction, materials={"m_layout": b"z"})


async def test_a_withdrawal_leaves_what_is_granted(open_engine: Open) -> None:
    quick = Behaviours(by_step={"health_cert": Behaviour(on_the_spot=True)})
    async with open_engine(quick) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        await engine.progress()
        await engine.withdraw(case.id)
        case = await engine.settled(case.id)
        assert case.sub_cases["food_permit"].status is SubCaseStatus.WITHDRAWN
        assert case.sub_cases["health_cert-1"].status is SubCaseStatus.GRANTED
        assert case.status is CaseStatus.CONCLUDED
        with pytest.raises(IllegalInputError):
            await engine.withdraw(case.id)


async def test_a_refusal_ends_what_depends_on_it_and_nothing_else(open_engine: Open) -> None:
    refuses = Behaviours(by_step={"fire_check": Behaviour(decision="refused")})
    async with open_engine(refuses) as engine:
        plan, applicant, given = visit(engine, "seafood-karaoke")
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        fire = case.sub_cases["fire_check"]
        assert fire.status is SubCaseStatus.REFUSED
        assert fire.reasons
        assert fire.remedies
        assert case.sub_cases["fire_followup"].status is SubCaseStatus.NOT_APPLICABLE
        assert "food_permit" in {sub.id for sub in case.granted}
        assert case.status is CaseStatus.CONCLUDED


async def test_a_case_that_is_refused_everywhere_is_rejected(open_engine: Open) -> None:
    async with open_engine(Behaviours(otherwise=Behaviour(decision="refused"))) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        assert case.status is CaseStatus.REJECTED
        assert all(sub.is_decided for sub in case.sub_cases.values())
        with pytest.raises(IllegalInputError, match="no results were handed out"):
            await engine.bundle(case.id)


async def test_settled_returns_at_the_latest_when_asked_to(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        case = await engine.settled(case.id, until=START + timedelta(days=1))
        assert case.status is CaseStatus.IN_PROGRESS


async def test_run_carries_the_cases_of_several_applicants(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        cases = [await engine.submit(plan, applicant, **given) for _ in range(3)]
        running = asyncio.create_task(engine.run())
        async with asyncio.timeout(60):
            # Nobody else knows when all three are done.
            while not all([(await engine.case(one.id)).status.has_ended for one in cases]):  # noqa: ASYNC110
                await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_closed_engine_lets_nobody_wait(open_engine: Open) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
    with pytest.raises(OneServiceError):
        async with asyncio.timeout(60):
            await engine.submit(plan, applicant, **given)


# --- departments that fail ---------------------------------------------------------------------


class Failing:
    """Departments behind a bad line: down until an instant, unsure in turns, or out of contract."""

    def __init__(self, inner: SimulatedDepartments, clock: VirtualClock) -> None:
        self.inner = inner
        self.clock = clock
        self.down_until = START
        self.unsure = False
        self.breaks_contract: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self._doubts: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        self.calls.append(("submit", submission_id))
        self._refuse_if_down(department)
        if submission_id in self.breaks_contract:
            raise DepartmentContractError("no", department=department, problem="contract")
        doubts = self._doubts[submission_id] = self._doubts.get(submission_id, 0) + 1
        if self.unsure and doubts < 3:
            if doubts == 2:
                await self.inner.submit(department, submission_id, body)  # it did arrive
            raise DepartmentUnknownOutcomeError("timed out", department=department)
        return await self.inner.submit(department, submission_id, body)

    async def read(self, department: str, submission_id: str, *, after: int) -> Any:
        self.calls.append(("read", submission_id))
        self._refuse_if_down(department)
        return await self.inner.read(department, submission_id, after=after)

    async def changes(self, department: str, *, cursor: str | None) -> Any:
        self._refuse_if_down(department)
        return await self.inner.changes(department, cursor=cursor)

    def _refuse_if_down(self, department: str) -> None:
        if self.clock.now() < self.down_until:
            raise DepartmentUnavailableError("down", department=department, retry_after_s=3600)


@pytest.fixture
def open_failing(tmp_path: Path, catalog: Catalog, seals: SandboxSeals) -> Callable[[], Any]:
    from contextlib import asynccontextmanager  # noqa: PLC0415 - only here

    @asynccontextmanager
    async def opened() -> Any:
        clock = VirtualClock(START)
        inner = SimulatedDepartments(clock=clock, seals=seals)
        departments = Failing(inner, clock)
        async with Engine.embedded(
            tmp_path / "cases.db",
            region="990101",
            departments=departments,
            signer=seals.signer(),
            catalog=catalog,
            trust=seals.trust(),
            clock=clock,
            feed_every=timedelta(hours=6),
        ) as engine:
            yield engine, departments
        inner.close()

    return opened


async def test_departments_that_are_down_for_days_are_waited_for(open_failing: Any) -> None:
    async with open_failing() as (engine, departments):
        departments.down_until = START + timedelta(days=3)
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert departments.inner.filed_once_each()
        tries = [one for one in departments.calls if one == ("submit", f"{case.id}.food_permit.1")]
        assert 60 <= len(tries) <= 75, "Retry-After of an hour is obeyed"


async def test_an_unknown_outcome_is_read_before_it_is_repeated(open_failing: Any) -> None:
    async with open_failing() as (engine, departments):
        departments.unsure = True
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert departments.inner.filed_once_each()
        name = f"{case.id}.food_permit.1"
        kinds = [kind for kind, submission in departments.calls if submission == name]
        assert kinds[:4] == ["submit", "read", "submit", "read"]


async def test_a_contract_error_is_an_incident_and_no_refusal(open_failing: Any) -> None:
    async with open_failing() as (engine, departments):
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        name = f"{case.id}.food_permit.1"
        departments.breaks_contract.add(name)
        case = await engine.settled(case.id, until=START + timedelta(hours=2))
        permit = case.sub_cases["food_permit"]
        assert permit.status is SubCaseStatus.FILING
        assert permit.incident == "contract"
        departments.breaks_contract.clear()
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert case.sub_cases["food_permit"].incident is None


async def test_a_departments_own_clock_that_differs_is_a_finding_and_ours_counts(
    tmp_path: Path, catalog: Catalog, seals: SandboxSeals
) -> None:
    clock = VirtualClock(START)
    office = Behaviours(otherwise=Behaviour(accepts_after=timedelta(0)))
    inner = SimulatedDepartments(clock=clock, seals=seals, behaviours=office)

    class ShowsItsClock(Failing):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            page = await super().submit(department, submission_id, body)
            return dataclasses.replace(page, clock_due_on="2027-06-30")

    async with Engine.embedded(
        tmp_path / "cases.db",
        region="990101",
        departments=ShowsItsClock(inner, clock),
        signer=seals.signer(),
        catalog=catalog,
        trust=seals.trust(),
        clock=clock,
    ) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        await engine.progress()
        case = await engine.case(case.id)
        said = {sub.course.said_due_on for sub in case.sub_cases.values() if sub.accepted_at}
        assert said == {"2027-06-30"}
        problems = {one.problem for one in await engine.findings(case.id)}
        assert "clock-differs" in problems
        assert (await engine.settled(case.id)).status is CaseStatus.CONCLUDED
        assert "clock-differs" not in {one.problem for one in await engine.findings(case.id)}
    inner.close()


async def test_a_later_bundle_has_an_id_of_its_own_and_says_what_decisions_rest_on(
    open_engine: Open, seals: SandboxSeals
) -> None:
    async with open_engine(PROMPT) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.settled((await engine.submit(plan, applicant, **given)).id)
        hot = await engine._driver.hot(case.id)
        first, _ = await _sealed(hot, None, seals)
        again, components = await _sealed(hot, hot.case.bundle, seals)
        assert again.certificate_id == f"{first.certificate_id}:2"
        basis = {one.get("basis") for one in components}
        assert basis == {None, "silence", "adopted"}


async def _sealed(hot: Any, bundle: Any, seals: SandboxSeals) -> Any:
    silent, papered, *_ = [
        one for one in hot.case.sub_cases.values() if one.spec.kind in ("decision", "check")
    ]
    silent = dataclasses.replace(
        silent, outcome=None, course=dataclasses.replace(silent.course, silence_at=START)
    )
    papered = dataclasses.replace(
        papered,
        adopted=SubCaseStatus.GRANTED,
        submission=dataclasses.replace(papered.submission, state=SubmissionState.ACCEPTED),
    )
    subs = {**hot.case.sub_cases, silent.id: silent, papered.id: papered}
    case = dataclasses.replace(hot.case, bundle=bundle, sub_cases=subs)
    given, document = await seal_bundle(
        dataclasses.replace(hot, case=case), signer=seals.signer(), trust_list=None, at=START
    )
    return given, Certificate.parse(document).claims.result["components"]


async def test_a_restored_backup_of_a_department_is_noticed_though_nothing_is_new(
    tmp_path: Path, open_failing: Any
) -> None:
    async with open_failing() as (engine, departments):
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        await engine.progress()
        backup = sqlite3.connect(tmp_path / "backup.db")
        departments.inner._register._db.backup(backup)
        backup.close()
        case = await engine.settled(case.id, until=START + timedelta(days=1))
        assert case.sub_cases["food_permit"].status is SubCaseStatus.ACCEPTED
        # The department restores yesterday's backup, and forgets what it had meant to do next.
        departments.inner._register = Register(tmp_path / "backup.db")
        departments.inner._register._db.execute("UPDATE submissions SET next_due = NULL")
        case = await engine.settled(case.id, until=START + timedelta(days=20))
        assert str(case.sub_cases["food_permit"].halted).startswith("rewound")
        assert case.needs_a_person


# --- the operator's troubles -------------------------------------------------------------------


async def test_one_damaged_case_does_not_stop_the_others(
    open_engine: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        damaged = await engine.submit(plan, applicant, **given)
        whole = await engine.submit(plan, applicant, **given)
    store = SqliteStore.open(tmp_path / "cases.db")
    store._connection.execute(
        "UPDATE journal SET private = substr(private, 1, 900) WHERE case_id = ?", (damaged.id,)
    )
    await store.close()
    async with open_engine() as engine, asyncio.timeout(60):
        with caplog.at_level(logging.ERROR):
            case = await engine.settled(whole.id)
        assert case.status is CaseStatus.CONCLUDED
        assert damaged.id in caplog.text


class Filling:
    """A store on a disk that is full for a while."""

    def __init__(self, inner: SqliteStore) -> None:
        self._inner = inner
        self.is_full = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self, *arguments: Any) -> None:
        if self.is_full:
            raise JournalFullError("the disk is full")
        await self._inner.commit(*arguments)


async def test_a_full_disk_stops_and_then_work_goes_on(
    tmp_path: Path, catalog: Catalog, seals: SandboxSeals
) -> None:
    clock = VirtualClock(START)
    departments = SimulatedDepartments(clock=clock, seals=seals)
    store = Filling(SqliteStore.open(tmp_path / "cases.db"))
    async with Engine.over(
        store,
        region="990101",
        departments=departments,
        signer=seals.signer(),
        catalog=catalog,
        trust=seals.trust(),
        clock=clock,
        calendar=announced_calendar(),
        ids=Ids(),
        feed_every=timedelta(hours=6),
    ) as engine:
        plan, applicant, given = visit(engine)
        store.is_full = True
        with pytest.raises(JournalFullError):
            await engine.submit(plan, applicant, **given)
        store.is_full = False
        case = await engine.submit(plan, applicant, **given)
        store.is_full = True
        with pytest.raises(JournalFullError):
            await engine.settled(case.id)
        store.is_full = False
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        assert departments.filed_once_each()
    await store.close()
    departments.close()


async def test_news_that_could_not_be_kept_are_read_again_as_soon_as_there_is_space(
    tmp_path: Path, catalog: Catalog, seals: SandboxSeals
) -> None:
    clock = VirtualClock(START)
    departments = SimulatedDepartments(clock=clock, seals=seals)
    store = Filling(SqliteStore.open(tmp_path / "cases.db"))
    async with Engine.over(
        store,
        region="990101",
        departments=departments,
        signer=seals.signer(),
        catalog=catalog,
        trust=seals.trust(),
        clock=clock,
        calendar=announced_calendar(),
        ids=Ids(),
        feed_every=timedelta(hours=6),
    ) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        await engine.progress()
        clock.set(START + timedelta(hours=12))
        store.is_full = True
        with pytest.raises(JournalFullError):
            await engine.progress()
        store.is_full = False
        await engine.progress()
        case = await engine.case(case.id)
        assert any(sub.status is SubCaseStatus.ACCEPTED for sub in case.sub_cases.values())
    await store.close()
    departments.close()


async def test_after_a_restart_departments_of_open_cases_are_asked_at_their_pace(
    open_engine: Open,
) -> None:
    """A case past all its limits has no timer of its own: its office's feed is what moves it."""
    silent = Behaviours(otherwise=Behaviour(decides_after=timedelta(days=400)))
    async with open_engine(silent) as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, **given)
        await engine.settled(case.id, until=START + timedelta(days=90))
    async with open_engine(silent) as engine:
        await engine.progress()
        wake = await engine.next_wake()
        assert wake is not None
        assert wake <= engine.now() + FEED_EVERY_SANDBOX
        await engine.settled(case.id)
        assert await engine.next_wake() is None


class Ids:
    def __init__(self) -> None:
        self._count = 0

    def case_id(self) -> str:
        self._count += 1
        return f"c{self._count}"

    def secret(self) -> str:
        return "5" * 64

    def code(self) -> str:
        return "K7MF3QXP"


# --- people's data ------------------------------------------------------------------------------


async def test_no_log_and_no_error_names_a_person(
    open_engine: Open, caplog: pytest.LogCaptureFixture
) -> None:
    asks = Behaviours(by_step={"food_permit": Behaviour(corrects={"m_layout": "missing"})})
    errors: list[str] = []
    with caplog.at_level(logging.DEBUG):
        async with open_engine(asks) as engine:
            plan, _, given = visit(engine)
            given["fields"] |= {"legal_rep_name": NAME, "legal_rep_id_no": PERSON}
            applicant = Applicant(name=NAME, code=CODE)
            for spoilt in ("phone", "area_code", "lease_to", "tenure", "lon"):
                wrong = given["fields"] | {spoilt: NAME}
                with pytest.raises(OneServiceError) as caught:
                    await engine.submit(plan, applicant, fields=wrong)
                errors.append(str(caught.value))
            case = await engine.submit(plan, applicant, **given)
            case = await engine.settled(case.id)
            journal = await engine.journal(case.id)
    for text in (caplog.text, *errors):
        assert NAME not in text
        assert PERSON not in text
        assert CODE not in text
    opening = parse_object(journal[0])
    assert NAME not in str(opening)


async def test_a_department_sees_only_what_its_step_declares(
    tmp_path: Path, catalog: Catalog, seals: SandboxSeals
) -> None:
    clock = VirtualClock(START)
    inner = SimulatedDepartments(clock=clock, seals=seals)
    seen: dict[str, Mapping[str, Any]] = {}

    class Listening(Failing):
        async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
            seen[submission_id.split(".")[1]] = parse_object(body)
            return await self.inner.submit(department, submission_id, body)

    async with Engine.embedded(
        tmp_path / "cases.db",
        region="990101",
        departments=Listening(inner, clock),
        signer=seals.signer(),
        catalog=catalog,
        clock=clock,
        feed_every=timedelta(hours=6),
    ) as engine:
        plan, applicant, given = visit(engine, "noodle-shop")
        case = await engine.submit(plan, applicant, **given)
        await engine.settled(case.id)
    inner.close()
    for step in plan.steps:
        if step.kind != "bundle":
            assert set(seen[step.id]["fields"]) <= set(step.fields)
            assert {one["material"] for one in seen[step.id]["materials"]} <= set(step.materials)
    assert seen["health_cert-1"]["fields"] != seen["health_cert-2"]["fields"]
