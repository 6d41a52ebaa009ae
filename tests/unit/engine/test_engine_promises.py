"""Tolerance from the applicant's side (容缺受理): promised, brought later, or lapsed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from oneservice import Applicant, CaseStatus, Engine, SignedPromise, SubCaseStatus
from oneservice.canonical import digest_bytes, parse_object
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.errors import FormIncompleteError
from oneservice.plan import Plan

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
WORD = b"%PDF-1.7 We bring the gas contract by 10 October."


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([bundled_catalog_dir(), EXAMPLES / "stories" / "tolerance.yaml"])


@pytest.fixture
def open_engine(tmp_path: Path, catalog: Catalog) -> Callable[[], Any]:
    return lambda: Engine.sandbox(tmp_path / "cases.db", start=START, catalog=catalog)


def visit(engine: Engine, **answers: Any) -> tuple[Plan, Applicant, dict[str, Any]]:
    given = yaml.safe_load((EXAMPLES / "hotpot-house.yaml").read_text(encoding="utf-8"))
    plan = engine.plan("restaurant", answers={**given["answers"], **answers})
    known = {field.group or field.id for field in plan.form}
    fields = {
        key: str(value) if isinstance(value, float) else value
        for key, value in given["fields"].items()
        if key in known
    }
    wanted = {one.id for one in plan.materials} - {"m_gas"}
    materials = {
        name: one["text"].encode() for name, one in given["materials"].items() if name in wanted
    }
    return plan, Applicant(**given["applicant"]), {"fields": fields, "materials": materials}


def last_day(plan: Plan) -> date:
    (step,) = (one for one in plan.steps if one.tolerance is not None)
    assert step.tolerance is not None
    return step.tolerance.until.on


def promised(until: date, document: bytes = WORD) -> dict[str, SignedPromise]:
    return {"m_gas": SignedPromise(until=until, document=document)}


async def test_what_is_promised_follows_and_the_paper_with_it(open_engine: Any) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, promises=promised(last_day(plan)), **given)
        case = await engine.settled(case.id)
        sub = case.sub_cases["fire_check"]
        assert sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL
        assert not case.corrections, "what is promised is not asked for"
        assert sub.course.tolerated == ("m_gas",)
        assert [(one.material, one.can_follow_now) for one in case.promises] == [("m_gas", True)]
        case = await engine.supplement(case.id, "fire_check", materials={"m_gas": b"contract"})
        case = await engine.settled(case.id)
        assert case.sub_cases["fire_check"].status is SubCaseStatus.GRANTED
        assert case.sub_cases["fire_check"].outcome["certificate"]
        assert case.status is CaseStatus.CONCLUDED


async def test_only_the_step_that_allows_it_is_told_and_gets_the_signed_word(
    open_engine: Any,
) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        until = last_day(plan)
        uploaded: list[tuple[str, bytes, str]] = []
        inner = engine._driver.departments

        async def put_document(department: str, document: bytes, media_type: str) -> None:
            uploaded.append((department, document, media_type))

        inner.put_document = put_document
        case = await engine.submit(plan, applicant, promises=promised(until), **given)
        await engine.settled(case.id)
        bodies = {one["body"]["step_id"]: one["body"] for one in inner._register.all()}
        told = {step: body["promises"] for step, body in bodies.items() if "promises" in body}
        word = {"material": "m_gas", "until": until.isoformat(), "document": digest_bytes(WORD)}
        assert told == {"fire_check": [word]}
        assert [one[2] for one in uploaded if one[1] == WORD] == ["application/pdf"]
        stored = parse_object((await engine._driver.hot(case.id)).form.dump())
        assert stored["promises"] == {
            "m_gas": {"until": until.isoformat(), "document": word["document"]}
        }


async def test_a_promise_that_is_not_kept_lapses(open_engine: Any) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        case = await engine.submit(plan, applicant, promises=promised(last_day(plan)), **given)
        case = await engine.settled(case.id)
        (promise,) = case.promises
        assert promise.until is not None
        await engine.wait_until(
            datetime(promise.until.year, promise.until.month, promise.until.day, tzinfo=UTC)
            + timedelta(days=3)
        )
        await engine.progress()
        case = await engine.case(case.id)
        assert case.sub_cases["fire_check"].status is SubCaseStatus.LAPSED


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"until": date(2026, 12, 1)}, "at the latest"),
        ({"until": date(2026, 9, 1)}, "has passed"),
        ({"document": b""}, "is empty"),
    ],
)
async def test_a_promise_beyond_the_plan_is_none(open_engine: Any, change: Any, part: str) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        promises = promised(**({"until": last_day(plan)} | change))
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, applicant, promises=promises, **given)
        assert part in caught.value.problems["promises.m_gas"]


async def test_what_nobody_tolerates_is_not_promised(open_engine: Any) -> None:
    async with open_engine() as engine:
        plan, applicant, given = visit(engine)
        word = SignedPromise(until=last_day(plan), document=WORD)
        handed_in = next(iter(given["materials"]))
        main = next(
            one.id for one in plan.materials if one.id not in {"m_gas", *given["materials"]}
        )
        names = (main, handed_in, "m_nowhere")
        with pytest.raises(FormIncompleteError) as caught:
            await engine.submit(plan, applicant, promises=dict.fromkeys(names, word), **given)
        problems = caught.value.problems
        assert "may not follow later here" in problems[f"promises.{main}"]
        assert "is handed in" in problems[f"promises.{handed_in}"]
        assert "nobody needs it" in problems["promises.m_nowhere"]
