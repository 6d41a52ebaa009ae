"""The engine over real departments: checks before filing, evidence, hints, papers handed on.

Every department is an adapter of the public SDK behind a socket of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice import Applicant, Engine
from oneservice.canonical import canonical, digest_bytes, parse_object
from oneservice.case import (
    Case,
    CaseStatus,
    ConsentGiven,
    Deliver,
    DeliveryDidFail,
    Document,
    StatusRead,
)
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.clocks import SystemClock, VirtualClock
from oneservice.departments import (
    CALLBACK_TAG,
    Accepted,
    AdapterApp,
    Caller,
    Callers,
    DepartmentEndpoint,
    Ed25519EventKey,
    EvidenceAnswer,
    EvidenceRequest,
    EvidenceState,
    Finding,
    Granted,
    HttpDepartments,
    MessageSigner,
    OutcomeDocument,
    Received,
    Submission,
    VerifyingKey,
    running,
)
from oneservice.departments.wire import content_digest
from oneservice.engine import CallbackAddress, KeySigner
from oneservice.engine import EvidenceRequest as Asked
from oneservice.errors import (
    DepartmentContractError,
    EndpointInvalidError,
    FormIncompleteError,
    IllegalInputError,
    RetryBudgetSpentError,
)
from oneservice.plan import Plan
from oneservice.ports import Clock, SealHolder
from oneservice.runtimes.performing import deliver

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
REGION = "990101"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
REGULATOR = "market-regulation"
PERMIT = "food_permit"
LICENCE = "business_licence"
ARCHIVE = "city-management"
LAYOUT = Document(content=b"%PDF a drawing", media_type="application/pdf", name="layout.pdf")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@dataclass
class World:
    """A government of adapters, and an engine; ``prepare`` sees each adapter before it serves."""

    folder: Path
    catalog: Catalog
    clock: Clock
    prepare: Callable[[AdapterApp], object] = lambda _app: None
    decide: Callable[[Submission], Any] = lambda one: (Accepted(), Granted(number=f"N-{one.id}"))
    callers: Callers | None = None
    authenticate: Any = None
    feed_every: timedelta = timedelta(days=1)
    apps: dict[str, AdapterApp] = field(default_factory=dict)
    keys: dict[str, Ed25519EventKey] = field(default_factory=dict)
    filed: dict[str, Submission] = field(default_factory=dict)

    def public(self, name: str) -> VerifyingKey:
        key = self.keys[name]
        return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)

    def adapter(self, name: str) -> AdapterApp:
        self.keys[name] = Ed25519EventKey.generate(f"{name}-key")
        more = {} if self.callers is None else {"callers": self.callers}
        more |= {} if self.authenticate is None else {"authenticate": self.authenticate}
        app = AdapterApp(
            name,
            store=self.folder / f"{name}.db",
            event_key=self.keys[name],
            clock=self.clock,
            **more,
        )
        definition = self.catalog.thing("restaurant", region=REGION, on=START.date())
        for step in definition.thing.steps:
            if definition.items[step.item].department == name and str(step.kind) != "bundle":
                app.step(step.id)(self._noted)
        self.prepare(app)
        self.apps[name] = app
        return app

    def _noted(self, submission: Submission) -> Any:
        self.filed[submission.step_id] = submission
        return self.decide(submission)

    @contextlib.asynccontextmanager
    async def opened(self, **parts: Any) -> AsyncIterator[Engine]:
        definition = self.catalog.thing("restaurant", region=REGION, on=START.date())
        async with contextlib.AsyncExitStack() as stack:
            ways = {}
            for name in sorted({item.department for item in definition.items.values()}):
                url = await stack.enter_async_context(running(self.adapter(name)))
                ways[name] = DepartmentEndpoint(
                    base_url=url, keys=(self.public(name),), per_minute=100_000
                )
            ports = await stack.enter_async_context(HttpDepartments(ways, clock=self.clock))
            seal = KeySigner(
                SealHolder(id="https://c.invalid/issuer", name={"en": "Centre"}, region=REGION),
                SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
            )
            yield await stack.enter_async_context(
                Engine.embedded(
                    self.folder / "cases.db",
                    region=REGION,
                    departments=ports,
                    signer=seal,
                    catalog=self.catalog,
                    clock=self.clock,
                    feed_every=self.feed_every,
                    **{name: one(self) if callable(one) else one for name, one in parts.items()},
                )
            )


@pytest.fixture
def world(tmp_path: Path, catalog: Catalog) -> World:
    return World(tmp_path, catalog, VirtualClock(START))


def visit(engine: Engine) -> tuple[Plan, Applicant, dict[str, Any]]:
    given = load_answers(EXAMPLE)
    plan = engine.plan("restaurant", answers=given.answers)
    known = {one.group or one.id for one in plan.form}
    fields = {name: value for name, value in given.fields.items() if name in known}
    applicant = Applicant(name="Old Tea", code="92990101MA99000523")
    return plan, applicant, fields


# --- checks --------------------------------------------------------------------------------------


def checking(app: AdapterApp) -> None:
    if app.department != REGULATOR:
        return

    @app.check(PERMIT)
    def check(submission: Submission) -> list[Finding]:
        found = []
        if "m_layout" not in submission.materials:
            said = {"en": "The floor plan is missing.", "zh": "缺少平面图。"}
            found.append(Finding(pointer="/materials/m_layout", problem="missing", text=said))
        if submission.fields.get("name") == "Bad Tea":
            found.append(Finding(pointer="/fields/name", problem="invalid"))
        found.append(
            Finding(
                pointer="/fields/phone", problem="old", text={"en": "Old number?"}, blocks=False
            )
        )
        return found


async def test_departments_say_what_they_would_find_wanting(world: World) -> None:
    world.prepare = checking
    async with world.opened() as engine:
        plan, applicant, fields = visit(engine)
        report = await engine.check(plan, applicant, fields=fields | {"name": "Bad Tea"})
        told = {one.place: one for one in report.problems}
        assert set(told) == {"m_layout", "name", "phone"}
        assert told["m_layout"].text.zh == "缺少平面图。"
        assert (told["name"].text.zh, told["name"].blocks) == ("不符合要求", True)
        assert (told["phone"].text.zh, told["phone"].blocks) == ("Old number?", False)
        assert told["name"].departments == (REGULATOR,)
        assert report.blocks
        assert PERMIT in report.asked or PERMIT in {one.sub_case_id for one in report.unasked}
        why = {one.why for one in report.unasked}
        assert why <= {"not-offered", "waits"}
        assert "not-offered" in why
        good = await engine.check(plan, applicant, fields=fields, materials={"m_layout": LAYOUT})
        assert [one.place for one in good.problems] == ["phone"]  # documents follow with the filing
        assert not good.blocks
        assert await engine.cases() == ()
        assert world.filed == {}


async def test_half_a_form_is_shown_to_nobody(world: World) -> None:
    world.prepare = checking
    async with world.opened() as engine:
        plan, applicant, fields = visit(engine)
        del fields["name"]
        report = await engine.check(plan, applicant, fields=fields)
        assert report.asked == report.unasked == ()
        assert [(one.place, one.departments) for one in report.problems] == [("name", ())]
        assert "缺少" in report.problems[0].text.zh


async def test_a_precheck_opens_no_case_that_would_not_be_accepted(world: World) -> None:
    world.prepare = checking
    async with world.opened() as engine:
        plan, applicant, fields = visit(engine)
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, applicant, fields=fields, precheck=True)
        assert set(caught.value.problems) == {"m_layout"}
        assert "缺少平面图" in caught.value.problems["m_layout"]
        assert await engine.cases() == ()
        case = await engine.submit(
            plan, applicant, fields=fields, materials={"m_layout": LAYOUT}, precheck=True
        )
        assert (await engine.settled(case.id)).granted


async def test_a_sandbox_offers_no_checks(tmp_path: Path, catalog: Catalog) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START, catalog=catalog) as engine:
        plan, applicant, fields = visit(engine)
        report = await engine.check(plan, applicant, fields=fields)
        assert report.problems == report.asked == ()
        assert {one.why for one in report.unasked} <= {"not-offered", "waits"}


# --- evidence ------------------------------------------------------------------------------------


@dataclass
class Archive:
    """The office that has the licence; ``answers`` are given one after another."""

    answers: list[EvidenceAnswer] = field(default_factory=list)
    asked: list[EvidenceRequest] = field(default_factory=list)

    def __call__(self, app: AdapterApp) -> None:
        if app.department == ARCHIVE:

            @app.evidence(LICENCE)
            def licence(request: EvidenceRequest) -> EvidenceAnswer:
                self.asked.append(request)
                return self.answers.pop(0)


PAPER = OutcomeDocument(data=b"%PDF the licence", media_type="application/pdf", name="l.pdf")
DELIVERED = EvidenceAnswer(
    state=EvidenceState.DELIVERED,
    papers=(PAPER,),
    issued_at="2026-01-02T01:00:00Z",
    as_of="2026-09-28T01:00:00Z",
)


def agreed(**more: Any) -> ConsentGiven:
    text = b"Fetch my business licence for this application."
    consent = ConsentGiven.to(text, by="Wang Wei", at=START, until=date(2026, 12, 31))
    return replace(consent, **({"evidence": (LICENCE,)} | more))


def asks_for(plan: Plan, department: str) -> str:
    """Return a department's own material: one that its filing would carry."""
    steps = {one.id for one in plan.steps if one.department == department}
    return next(one.id for one in plan.materials if one.must_bring and steps & {*one.steps})


async def test_evidence_comes_later_is_shown_and_used_when_it_is_accepted(world: World) -> None:
    archive = Archive(
        [
            EvidenceAnswer(state=EvidenceState.PENDING),
            EvidenceAnswer(state=EvidenceState.LATER, available_from="2026-10-02"),
            EvidenceAnswer(
                state=EvidenceState.NEEDS_SUBJECT, preview_url="https://tax.example/preview?t=1"
            ),
        ]
    )
    world.prepare = archive
    async with world.opened() as engine:
        plan, applicant, fields = visit(engine)
        request = engine.evidence.request(
            ARCHIVE, LICENCE, subject=applicant, purpose=plan.thing, consent=agreed()
        )
        kept = request.dump()  # days may pass, and the portal may be started anew
        seen = [await engine.evidence.ask(Asked.parse(kept)) for _ in range(3)]
        assert [one.state for one in seen] == ["pending", "later", "needs_subject"]
        assert seen[1].available_from == "2026-10-02"
        assert seen[2].preview_url == "https://tax.example/preview?t=1"
        with pytest.raises(IllegalInputError, match="nothing was delivered"):
            seen[2].accepted(at=engine.now())
        # The person looked there, and said yes.
        await world.apps[ARCHIVE].answer_evidence(request.id, DELIVERED, caller="local")
        reply = await engine.evidence.ask(Asked.parse(kept))
        assert reply.state == "delivered"
        assert [one.content for one in reply.shown] == [PAPER.data]
        assert await engine.evidence.ask(request) == reply  # once answered, for ever the same
        assert "Old Tea" not in repr(request)

        material = asks_for(plan, REGULATOR)
        documents = reply.accepted(at=engine.now())
        case = await engine.submit(plan, applicant, fields=fields, materials={material: documents})
        await engine.settled(case.id)
        steps = [one for one in plan.steps if material in one.materials]
        told = world.filed[steps[0].step_id]
        item = told.materials[material]
        assert (item.source, item.consent) == ("lookup", f"{request.id}-k")
        assert item.documents[0].digest == digest_bytes(PAPER.data)
        form = (await engine._driver.hot(case.id)).form
        provenance = parse_object(form.dump())["materials"][material][0]["provenance"]
        assert provenance["department"] == ARCHIVE
        assert provenance["request_id"] == request.id
        assert provenance["as_of"] == "2026-09-28T01:00:00Z"
        assert provenance["accepted_at"] == "2026-09-28T01:00:00Z"
        assert provenance["answer"].startswith("sha256:")
        body = await engine._driver.store.blob(
            case.id, case.sub_cases[steps[0].id].deliveries[0].request_digest
        )
        assert body is not None
        assert b"provenance" not in body  # the department is told what it needs, and no more
        (consent,) = parse_object(body)["consents"]
        assert (consent["id"], consent["scope"]) == (f"{request.id}-k", LICENCE)
        assert (consent["proof"], consent["until"]) == (agreed().proof, "2026-12-31")


async def test_a_declined_request_leaves_it_to_the_person(world: World) -> None:
    world.prepare = Archive([EvidenceAnswer(state=EvidenceState.DECLINED)])
    async with world.opened() as engine:
        plan, applicant, _ = visit(engine)
        request = engine.evidence.request(
            ARCHIVE, LICENCE, subject=applicant, purpose=plan.thing, consent=agreed()
        )
        reply = await engine.evidence.ask(request)
        assert (reply.state, reply.shown) == ("declined", ())
        elsewhere = replace(request, department=REGULATOR)
        with pytest.raises(DepartmentContractError) as caught:
            await engine.evidence.ask(elsewhere)
        assert caught.value.problem == "feature-not-offered"


async def test_nothing_is_fetched_without_leave(world: World) -> None:
    async with world.opened() as engine:
        plan, applicant, _ = visit(engine)
        for consent, told in (
            (None, "ask the person"),
            (agreed(evidence=("tax_record",)), "not for"),
            (agreed(until=date(2026, 9, 27)), "over"),
        ):
            with pytest.raises(IllegalInputError, match=told):
                engine.evidence.request(
                    ARCHIVE, LICENCE, subject=applicant, purpose=plan.thing, consent=consent
                )
        by_law = engine.evidence.request(
            ARCHIVE, LICENCE, subject=applicant, purpose=plan.thing, by_law="Art. 1"
        )
        assert parse_object(by_law.body)["by_law"] == "Art. 1"


# --- results that are papers ---------------------------------------------------------------------


HEALTH = OutcomeDocument(data=b"%PDF healthy", media_type="application/pdf", name="h.pdf")


def filing(step_id: str, *materials: dict[str, Any]) -> bytes:
    return canonical(
        {
            "case_id": "c1",
            "step_id": step_id,
            "attempt": 1,
            "applicant": {"kind": "person"},
            "fields": {},
            "materials": list(materials),
        }
    )


@pytest.mark.parametrize("has_it", [True, False], ids=["there", "gone"])
async def test_a_paper_of_one_department_reaches_the_next(world: World, *, has_it: bool) -> None:
    """A filing names it by its digest; the bytes travel from office to office, hashed."""

    def decide(submission: Submission) -> Any:
        papers = (HEALTH,) if submission.step_id == "health_cert" and has_it else ()
        return Accepted(), Granted(number=f"N-{submission.id}", documents=papers)

    world.decide = decide
    async with world.opened() as engine:
        driver = engine._driver
        await driver.departments.submit("health", "c1.health_cert.1", filing("health_cert"))
        paper = {
            "digest": digest_bytes(HEALTH.data),
            "media_type": HEALTH.media_type,
            "bytes": len(HEALTH.data),
        }
        result = {"department": "health", "submission_id": "c1.health_cert.1"}
        material = {
            "material": "m_health",
            "documents": [paper],
            "source": "step",
            "result": result,
        }
        body = filing(PERMIT, material)
        told = await deliver(
            "c1",
            Deliver(
                sub_case_id=PERMIT,
                department=REGULATOR,
                message="submission",
                message_id="c1.food_permit.1",
                submission_id="c1.food_permit.1",
                request_digest=digest_bytes(body),
                not_before=None,
                held=0,
            ),
            body=body,
            departments=driver.departments,
            store=driver.store,
            now=engine.now,
        )
    if has_it:
        item = world.filed[PERMIT].materials["m_health"]
        assert [one.digest for one in item.documents] == [digest_bytes(HEALTH.data)]
        assert isinstance(told, StatusRead)
    else:
        # Between the giver and us: nothing was sent on, and it is tried again.
        assert isinstance(told, DeliveryDidFail)
        assert (told.effect, told.problem) == ("none", "department_unavailable")
        assert PERMIT not in world.filed


async def test_a_spent_budget_stands_in_the_journal(world: World) -> None:
    """Whoever reads the history sees why nothing was sent."""

    class Tired:
        names = (REGULATOR,)

        async def submit(self, department: str, *_: object) -> Any:
            raise RetryBudgetSpentError("not sent", department=department, retry_after_s=12)

    body = filing(PERMIT)
    told = await deliver(
        "c1",
        Deliver(
            sub_case_id=PERMIT,
            department=REGULATOR,
            message="submission",
            message_id="c1.food_permit.1",
            submission_id="c1.food_permit.1",
            request_digest=digest_bytes(body),
        ),
        body=body,
        departments=Tired(),  # type: ignore[arg-type]
        store=None,  # type: ignore[arg-type]
        now=world.clock.now,
    )
    assert isinstance(told, DeliveryDidFail)
    assert (told.effect, told.problem, told.retry_after_s) == ("none", "retry_budget_spent", 12)


# --- hints ---------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def hinted(
    folder: Path, catalog: Catalog, clock: Clock, *, is_registered: bool = True
) -> AsyncIterator[tuple[World, Engine, str]]:
    """An engine whose ear is on a socket, with departments that know its address."""
    box: list[Any] = []

    async def ear(scope: Any, receive: Any, send: Any) -> None:
        await box[0](scope, receive, send)

    async with running(ear, lifespan="off") as base:
        address = base.replace("/oneservice/v1", "/hints")
        world = World(folder, catalog, clock, decide=lambda _: Received())
        definition = catalog.thing("restaurant", region=REGION, on=START.date())
        names = {item.department for item in definition.items.values()}
        world.authenticate = lambda _scope: "portal"

        def callbacks(here: World) -> CallbackAddress:
            return CallbackAddress(
                name="cb-1", base_url=address, keys={name: (here.public(name),) for name in names}
            )

        original = world.adapter

        def adapter(name: str) -> AdapterApp:
            known = {"cb-1": f"{address}/{name}"} if is_registered else {}
            world.callers = Callers(Caller(id="portal", callbacks=known))
            return original(name)

        world.adapter = adapter  # type: ignore[method-assign]
        async with world.opened(callbacks=callbacks) as engine:
            assert engine.hints is not None
            box.append(engine.hints)
            yield world, engine, address


async def decided(world: World) -> None:
    """Every office decides what it has and has not decided yet, later, by hand."""
    for app in world.apps.values():
        for one in await app.submissions():
            if one.state == "received":
                await app.record(one.id, Accepted(), Granted(number=f"N-{one.id}"))


async def seen(engine: Engine, case_id: str, done: Callable[[Case], bool]) -> Case:
    async with asyncio.timeout(60):
        while not done(case := await engine.case(case_id)):  # noqa: ASYNC110 - from outside
            await asyncio.sleep(0.02)
        return case


async def test_hints_save_waiting(tmp_path: Path, catalog: Catalog) -> None:
    """The feeds are due tomorrow; with hints the case goes on within seconds, on a real clock."""
    async with hinted(tmp_path, catalog, SystemClock()) as (world, engine, address):
        plan, applicant, fields = visit(engine)
        case = await engine.submit(plan, applicant, fields=fields)
        carrying = asyncio.create_task(engine.run())
        try:
            first = [one.id for one in plan.steps if not one.requires]
            await seen(engine, case.id, lambda one: all(one.sub_cases[n].digests for n in first))
            for name in first:
                sent = case.sub_cases[name].deliveries[0].request_digest
                body = await engine._driver.store.blob(case.id, sent)
                assert body is not None
                assert parse_object(body)["callback"] == "cb-1"
            await decided(world)
            await seen(engine, case.id, lambda one: len(one.granted) == len(one.sub_cases))
            before = await engine.case(case.id)
            await noise(world, address)
            await asyncio.sleep(0.3)
            assert (await engine.case(case.id)).granted == before.granted
        finally:
            carrying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await carrying


async def noise(world: World, address: str) -> None:
    """Forged, doubled and old hints, and hints about what nobody knows."""
    url, key = f"{address}/{REGULATOR}", world.keys[REGULATOR]
    now = datetime.now(tz=UTC)  # noqa: TID251 - signatures are of today
    old = b'{"changes":[{"submission_id":"c1.gone.1","head":{"seq":1,"digest":"sha256:0"}}]}'
    async with httpx.AsyncClient() as http:
        for body in (old, old, b"{}", b"no json"):
            for signing, status in ((key, 204), (Ed25519EventKey.generate(key.keyid), 401)):
                headers = {"OneService-Version": "1.0", "Content-Digest": content_digest(body)}
                signed = MessageSigner(key=signing, tag=CALLBACK_TAG).headers(
                    method="POST", url=url, headers=headers, created_at=now
                )
                answer = await http.post(url, content=body, headers=headers | dict(signed))
                assert answer.status_code == status
        assert (await http.post(url, content=old)).status_code == 401
        assert (await http.post(f"{address}/nobody", content=old)).status_code == 404


@pytest.mark.parametrize("is_registered", [True, False], ids=["lost", "never registered"])
async def test_p63_without_hints_every_case_still_ends(
    tmp_path: Path, catalog: Catalog, *, is_registered: bool
) -> None:
    clock = VirtualClock(START)
    async with hinted(tmp_path, catalog, clock, is_registered=is_registered) as (world, engine, _):
        assert engine.hints is not None
        for name in world.apps:
            engine.hints.retire(name)  # every hint is answered 410
        plan, applicant, fields = visit(engine)
        case = await engine.submit(plan, applicant, fields=fields)
        for _ in range(12):
            case = await engine.settled(case.id, until=clock.now() + timedelta(days=1))
            if case.status.has_ended:
                break
            await decided(world)
            clock.advance(timedelta(days=1))
        assert case.status is CaseStatus.CONCLUDED


async def test_a_hint_that_comes_while_the_feed_is_read_is_not_lost(world: World) -> None:
    """The page may have been written before the news: it is read once more."""
    async with world.opened() as engine:
        plan, applicant, fields = visit(engine)
        await engine.submit(plan, applicant, fields=fields)
        departments, read = engine._driver.departments, 0
        changes = departments.changes

        async def hinted_meanwhile(department: str, *, cursor: str | None) -> Any:
            nonlocal read
            page = await changes(department, cursor=cursor)
            if department == REGULATOR:
                read += 1
                if read == 1:
                    engine.look_soon(REGULATOR)
            return page

        departments.changes = hinted_meanwhile  # type: ignore[method-assign]
        for _ in range(3):
            await engine.progress()
        assert read == 2


@pytest.mark.parametrize("name", ["", "a b", "x" * 97, "名"])
def test_an_address_has_a_name(name: str) -> None:
    with pytest.raises(EndpointInvalidError):
        CallbackAddress(name=name, base_url="https://p.example/h", keys={"tax": ()})
    with pytest.raises(EndpointInvalidError):
        CallbackAddress(name="cb-1", base_url="https://p.example/h", keys={})
