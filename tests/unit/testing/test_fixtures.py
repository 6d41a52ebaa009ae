"""The fixtures that portals import, each used as a portal would."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.case import Case
from oneservice.catalog import load_catalog
from oneservice.clocks import VirtualClock
from oneservice.testing import Fault, SandboxWorld
from oneservice.testing.fixtures import (
    OpenSandbox,
    RunSweep,
    sandbox_engine,
    sweep,
    virtual_clock,
)
from oneservice.testing.strategies import DAY_ONE

__all__ = ["sandbox_engine", "sweep", "virtual_clock"]

STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall"


def test_the_clock_is_moved_by_hand(virtual_clock: VirtualClock) -> None:
    virtual_clock.advance(timedelta(days=1))
    assert virtual_clock.now() == DAY_ONE + timedelta(days=1)


async def test_a_sandbox_goes_on_where_it_was(sandbox_engine: OpenSandbox) -> None:
    async with sandbox_engine(catalog=load_catalog([STALL])) as engine:
        case = await stall(engine)
    async with sandbox_engine(catalog=load_catalog([STALL])) as engine:
        assert (await engine.case(case.id)).status == case.status


async def stall(engine: Engine) -> Case:
    answers = {"area": 5, "new_books": False, "evening": False, "lamps": 0}
    case = await engine.submit(
        engine.plan("book_stall", answers=answers),
        Applicant(name="旧书摊", code="92990101MA99000523"),
        fields={"name": "旧书摊", "phone": "13800000000"},
        materials={"m_sketch": b"a sketch"},
        key="visit-1",
    )
    return await engine.settled(case.id)


def world(folder: Path) -> SandboxWorld:
    return SandboxWorld(folder, catalog=load_catalog([STALL]), things=["book_stall"])


def test_every_point_of_a_small_story(sweep: RunSweep) -> None:
    swept = sweep(stall, world=world, every=5)
    assert swept.clean.case.status is CaseStatus.CONCLUDED
    assert {point.fault for point in swept.points} == set(Fault)


def test_a_story_that_ends_otherwise_is_told(sweep: RunSweep) -> None:
    """A story that acts on what it remembers, not on what is durable."""
    tellings = 0

    async def forgetful(engine: Engine) -> Case:
        nonlocal tellings
        tellings += 1
        case = await stall(engine)
        if tellings == 1:
            return case
        plan = engine.plan(
            "book_stall",
            answers={"area": 5, "new_books": True, "evening": False, "lamps": 0},
        )
        case = await engine.submit(
            plan,
            Applicant(name="旧书摊", code="92990101MA99000523"),
            fields={"name": "旧书摊", "phone": "13800000000"},
            materials={"m_sketch": b"a sketch"},
            key="visit-2",
        )
        return await engine.settled(case.id)

    with pytest.raises(AssertionError, match="another end after crash_before at 'c1 case_opened"):
        sweep(forgetful, world=world, every=100)
