"""Nothing personal in logs, errors, URLs and problem documents: stories with marks, then a search.

The departments are real servers on loopback behind the real client. Every value that a person gave
is unique, so that one look for each of them finds whatever leaked.
"""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.case import Actor, CaseChannel, ConsentGiven, Document, Role
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    Submission,
    VerifyingKey,
    client,
    running,
)
from oneservice.engine import (
    AdoptOrder,
    Authority,
    CaseFilter,
    CloseOrder,
    KeySigner,
    MigrateOrder,
    ResumeOrder,
)
from oneservice.errors import OneServiceError
from oneservice.plan import Plan
from oneservice.ports import SealHolder

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
OP = Actor.operator("op-7")
MARKS = {
    "name": "欧阳标记甲",
    "number": "990101198501011013",
    "staff": "司徒标记乙",
    "staff_number": "990101199006081115",
    "phone": "13912345678",
    "address": "标记路七十七号",
    "file": "标记丙的图.pdf",
    "paper": "标记丁在纸上",
    "comment": "标记戊的意见",
    "authority": "标记己受托",
    "slip": "1391234567八",
}


class Heard:
    """Everything that could be read by somebody who must not know."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.problems: list[bytes] = []
        self.raised: list[str] = []

    async def expect(self, work: Awaitable[Any]) -> None:
        """Have ``work`` be refused, and keep everything that the error says."""
        with pytest.raises(OneServiceError) as caught:
            await work
        error = caught.value
        self.raised += [str(error), repr(error), str(vars(error))]
        self.raised += traceback.format_exception(error)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Listen on the one line of the HTTP client; what it does is not changed."""
    ears, speak = Heard(), client.HttpLine.exchange

    async def exchange(self: Any, request: Any, *, headers: Any) -> Any:
        ears.urls.append(f"{request.url} {headers}")
        answer = await speak(self, request, headers=headers)
        if answer.status >= 400:
            ears.problems.append(answer.body)
        return answer

    monkeypatch.setattr(client.HttpLine, "exchange", exchange)
    return ears


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@contextlib.asynccontextmanager
async def world(folder: Path, catalog: Catalog) -> AsyncIterator[Engine]:
    """An engine over real departments: one asks for the layout, another one fails on a name."""
    clock = VirtualClock(START)
    definition = catalog.thing("restaurant", region="990101", on=START.date())
    names = {item.department for item in definition.items.values()}
    async with contextlib.AsyncExitStack() as stack:
        ways = {}
        for name in sorted(names):
            key = Ed25519EventKey.generate(f"{name}-key")
            app = AdapterApp(name, store=folder / f"{name}.db", event_key=key, clock=clock)
            for step in definition.thing.steps:
                if definition.items[step.item].department == name and str(step.kind) != "bundle":
                    app.step(step.id)(_decides(step.id))
            url = await stack.enter_async_context(running(app))
            trusted = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
            ways[name] = DepartmentEndpoint(base_url=url, keys=(trusted,), per_minute=100_000)
        ports = await stack.enter_async_context(HttpDepartments(ways, clock=clock))
        seal = KeySigner(
            SealHolder(id="https://c.invalid/issuer", name={"en": "Centre"}, region="990101"),
            SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
        )
        yield await stack.enter_async_context(
            Engine.embedded(
                folder / "cases.db",
                region="990101",
                departments=ports,
                signer=seal,
                catalog=catalog,
                clock=clock,
                feed_every=timedelta(days=1),
            )
        )


def _decides(step_id: str) -> Any:
    def decide(submission: Submission) -> Any:
        if step_id == "food_permit" and "m_layout" not in submission.materials:
            return CorrectionRequested(materials=("m_layout",), note="The layout is missing.")
        if step_id == "health_cert":
            msg = f"no such person: {submission.fields}"
            raise ValueError(msg)  # a department's own fault, which names a person
        return Accepted(), Granted(number=f"N-{submission.id}")

    return decide


def visit(engine: Engine) -> tuple[Plan, Applicant, dict[str, Any]]:
    given = load_answers(EXAMPLE)
    plan = engine.plan("restaurant", answers=given.answers)
    known = {field.group or field.id for field in plan.form}
    fields = {key: value for key, value in given.fields.items() if key in known}
    fields |= {"legal_rep_name": MARKS["name"], "legal_rep_id_no": MARKS["number"]}
    fields |= {"phone": MARKS["phone"], "address": MARKS["address"]}
    staff = {"staff_name": MARKS["staff"], "staff_id_no": MARKS["staff_number"]}
    fields["staff"] = [{**row, **staff} for row in fields["staff"]]
    materials = {"m_premises": Document(content=MARKS["paper"].encode(), name=MARKS["file"])}
    applicant = Applicant(name=MARKS["name"], code=MARKS["number"], kind="person")
    return plan, applicant, {"fields": fields, "materials": materials}


async def a_visit_with_slips(engine: Engine, heard: Heard) -> str:
    """Hand in with every field spoilt once, then rightly, by an agent."""
    plan, applicant, given = visit(engine)
    for name in given["fields"]:
        spoilt = given["fields"] | {name: [MARKS["slip"]]}
        with contextlib.suppress(AssertionError, pytest.fail.Exception):
            await heard.expect(engine.submit(plan, applicant, fields=spoilt))
    wrong = Applicant(name=MARKS["name"], code=MARKS["number"][:-1] + "9", kind="person")
    await heard.expect(engine.submit(plan, wrong, **given))
    agreed = ConsentGiven.to(MARKS["paper"].encode(), by=MARKS["staff"], at=START)
    await heard.expect(engine.submit(plan, applicant, consents={MARKS["name"][:2]: agreed}))
    await heard.expect(
        engine.submit(
            plan, applicant, **given, authority=Authority(agent=MARKS["phone"], text=b"x")
        )
    )
    authority = Authority(
        agent="ag-3",
        text=MARKS["authority"].encode(),
        actions=("supplement",),
        until=date(2026, 10, 1),
    )
    await heard.expect(engine.submit(plan, applicant, **given, authority=authority))
    mine = Authority(agent="ag-3", text=MARKS["authority"].encode())
    case = await engine.submit(plan, applicant, **given, authority=mine, key=MARKS["phone"])
    other = Applicant(name=MARKS["staff"], code=MARKS["staff_number"], kind="person")
    await heard.expect(engine.submit(plan, other, **given, key=MARKS["phone"]))
    return case.id


async def a_correction_and_a_rating(engine: Engine, heard: Heard, case_id: str) -> None:
    case = await engine.settled(case_id, until=START + timedelta(hours=8))
    (asked,) = case.corrections
    await heard.expect(engine.supplement(case_id, asked, materials={}))
    await heard.expect(engine.supplement(case_id, asked, fields={"phone": MARKS["slip"]}))
    document = Document(content=MARKS["paper"].encode(), name=MARKS["file"])
    await engine.supplement(case_id, asked, materials={"m_layout": document})
    await heard.expect(engine.supplement(case_id, asked, materials={"m_layout": document}))
    await engine.settled(case_id, until=START + timedelta(hours=16))
    code = await engine.counter.code(case_id, for_channel=CaseChannel.WINDOW)
    await heard.expect(
        engine.counter.redeem(
            code.text[:-1] + "?",
            channel=CaseChannel.WINDOW,
            place="hall-1",
            clerk=Actor.clerk("w-1"),
        )
    )
    await engine.counter.ratings.rate(
        case_id, "licence_check", 2, channel=CaseChannel.ONLINE, comment=MARKS["comment"]
    )


async def what_operators_do(engine: Engine, heard: Heard, case_id: str) -> None:
    operators = engine.operators
    case = await engine.case(case_id)
    stuck = [sub.id for sub in case.sub_cases.values() if sub.halted or sub.incident]
    assert stuck, "the department that fails names a person, and is not believed"
    for why in (f"{MARKS['phone']} says so", MARKS["number"]):
        await heard.expect(operators.act(CloseOrder(case_id=case_id), by=OP, why=why))
    with pytest.raises(OneServiceError) as caught:
        Actor.operator(MARKS["phone"])
    heard.raised += [str(caught.value), repr(caught.value)]
    for order in (
        ResumeOrder(case_id=case_id, sub_case_id="food_permit"),
        MigrateOrder(case_id=case_id, answers={"area": MARKS["slip"]}),
        MigrateOrder(case_id=case_id, fields={"phone": MARKS["slip"]}),
        CloseOrder(case_id="c0"),
    ):
        await heard.expect(operators.act(order, by=OP, why="on the telephone"))
        heard.raised.append(repr(order))
    report = await operators.bulk(
        CaseFilter(problem="x"), CloseOrder(), by=OP, why="on the telephone", dry_run=False
    )
    heard.raised.append(report.dump())
    order = AdoptOrder(
        case_id=case_id,
        sub_case_id=stuck[0],
        decision="granted",
        decided_on=date(2026, 9, 28),
        paper=MARKS["paper"].encode(),
    )
    preview = await operators.preview(order)
    heard.raised += [repr(order), repr(preview)]
    await operators.act(order, by=OP, why="paper no. 12", expected=preview)
    heard.raised += [repr(await engine.people.form(case_id, Role.ENGINE))]
    heard.raised += [repr(await engine.standing(case_id)), repr(await engine.waits(case_id))]
    heard.raised += [repr(await engine.findings(case_id)), repr(await engine.cases())]


async def test_nothing_personal_leaves_by_a_side_door(
    tmp_path: Path, catalog: Catalog, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with world(tmp_path, catalog) as engine:
            case_id = await a_visit_with_slips(engine, heard)
            await a_correction_and_a_rating(engine, heard, case_id)
            await what_operators_do(engine, heard, case_id)
            journal = await engine.journal(case_id)
    assert len(heard.urls) > 20
    assert heard.problems, "a department failed, and its problem document was read"
    assert len(heard.raised) > 60
    places = {
        # At DEBUG, and only there, a department's own log shows the whole of its author's error.
        "log": [repr(vars(one)) for one in caplog.records if one.msg != "the whole of it"],
        "error": heard.raised,
        "url": heard.urls,
        "problem": [one.decode() for one in heard.problems],
        "journal": [line.decode() for line in journal],
    }
    leaks = [
        (place, mark, text[max(0, text.find(value) - 160) : text.find(value) + 40])
        for place, texts in places.items()
        for text in texts
        for mark, value in MARKS.items()
        if value in text
    ]
    assert leaks == []
