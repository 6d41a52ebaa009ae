"""A snapshot is held against what was answered before it was asked for, not what came since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from oneservice import Applicant, Engine
from oneservice.case import Case
from oneservice.catalog import Catalog, load_catalog
from oneservice.ports import ChangesPage, StatusPage
from oneservice.sandbox import SimulatedDepartments
from oneservice.testing import SandboxWorld
from oneservice.testing.crashes import Watch

STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall"
PITCH = "city-management"


class Held:
    """Departments of which one shows an empty snapshot, and takes filings once that is made."""

    def __init__(self, inner: SimulatedDepartments) -> None:
        self._inner = inner
        self.reads: list[str] = []
        self.is_made = asyncio.Event()
        self.may_come = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        await self.is_made.wait()
        return await self._inner.submit(department, submission_id, body)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        self.reads.append(submission_id)
        return await self._inner.read(department, submission_id, after=after)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        page = await self._inner.changes(department, cursor=cursor)
        if department != PITCH or cursor is not None:
            return page
        self.is_made.set()
        await self.may_come.wait()
        return ChangesPage(changes=(), cursor=page.cursor, has_more=False)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog([STALL])


@asynccontextmanager
async def opened(folder: Path, catalog: Catalog) -> AsyncIterator[tuple[Engine, Held]]:
    world = SandboxWorld(folder, catalog=catalog, things=["book_stall"])
    held = Held(world.departments)
    world.departments = cast("SimulatedDepartments", held)
    try:
        async with world.engine(Watch()) as engine:
            yield engine, held
    finally:
        world.close()


async def filed(engine: Engine) -> Case:
    answers = {"area": 5, "new_books": False, "evening": False, "lamps": 0}
    return await engine.submit(
        engine.plan("book_stall", answers=answers),
        Applicant(name="旧书摊", code="92990101MA99000523"),
        fields={"name": "旧书摊", "phone": "13800000000"},
        materials={"m_sketch": b"a sketch"},
    )


async def answered(engine: Engine, case: Case) -> None:
    while not (await engine.case(case.id)).sub_cases["pitch"].digests:  # noqa: ASYNC110 - no event
        await asyncio.sleep(0)


async def test_what_is_answered_while_the_snapshot_comes_is_not_asked_for(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with opened(tmp_path, catalog) as (engine, held):
        case = await filed(engine)
        progress = asyncio.create_task(engine.progress())
        await answered(engine, case)
        held.may_come.set()
        await progress
        assert held.reads == []


async def test_what_was_answered_before_is_asked_for_when_the_snapshot_lacks_it(
    tmp_path: Path, catalog: Catalog
) -> None:
    async with opened(tmp_path, catalog) as (engine, held):
        held.is_made.set()
        held.may_come.set()
        case = await filed(engine)
        await answered(engine, case)
        await engine.progress()
        assert held.reads == ["c1.pitch.1"]
