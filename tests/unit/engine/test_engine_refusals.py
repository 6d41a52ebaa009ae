"""What the engine refuses, and in which words: so that no mistake of a portal costs an applicant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.catalog import Catalog, bundled_catalog_dir, load_answers, load_catalog
from oneservice.errors import SubmissionConflictError
from oneservice.plan import Plan
from oneservice.sandbox import PROMPT

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
