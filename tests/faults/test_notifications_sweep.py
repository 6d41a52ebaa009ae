"""A death before and after every write of the notifier: the facts arrive all the same, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, Engine
from oneservice.canonical import parse_object
from oneservice.case import Actor
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog
from oneservice.departments import running
from oneservice.runtimes import SqliteStore
from oneservice.sandbox import PROMPT

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
ORDER: Any = {"by": Actor.operator("op-7"), "why": "a test"}
FORM = load_answers(Path(__file__).resolve().parents[2] / "examples" / "tea-kiosk.yaml")
catalog = cache(lambda: load_catalog([bundled_catalog_dir()]))


class DiedError(Exception):
    """The process is gone."""


@dataclass
class Mortal:
    """Counts what is crossed before and after writes, and dies at one of them."""

    dies_at: int = 0
    crossed: int = 0
    is_armed: bool = False

    def cross(self) -> None:
        self.crossed += self.is_armed
        if self.is_armed and self.crossed == self.dies_at:
            raise DiedError

    def watch(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(SqliteStore, name)

        async def watched(*args: Any) -> None:
            self.cross()
            await real(*args)
            self.cross()

        monkeypatch.setattr(SqliteStore, name, watched)


@dataclass
class Receiver:
    """Fails twice, then takes; what comes twice must say the same."""

    statuses: list[int] = field(default_factory=lambda: [500, 503])
    taken: dict[int, tuple[str, int]] = field(default_factory=dict)

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204:
            for one in parse_object(body)["changes"]:
                said = (one["case_id"], one["seq"])
                assert self.taken.setdefault(one["position"], said) == said
                assert len(self.taken) >= one["position"], "one was left out"
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body"})


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Engine]:
    async with Engine.sandbox(path, start=START, catalog=catalog(), behaviours=PROMPT) as engine:
        yield engine


async def visit(engine: Engine) -> None:
    plan = engine.plan(FORM.thing, answers=FORM.answers)
    known = {one.group or one.id for one in plan.form}
    case = await engine.submit(
        plan,
        Applicant(name=FORM.applicant.name, code=FORM.applicant.code),
        fields={name: value for name, value in FORM.fields.items() if name in known},
        materials={name: FORM.material_bytes(name) for name in FORM.materials},
    )
    await engine.settled(case.id)


async def tell(engine: Engine) -> None:
    await engine.notifications.send_due()
    while (due := await engine.notifications.next_due()) is not None:
        await engine.wait_until(due)
        await engine.notifications.send_due()


async def life(path: Path, mortal: Mortal) -> None:
    """Register, fail twice, tell, pause, resume; die somewhere; go on, and tell everything."""
    receiver = Receiver()
    async with running(receiver, lifespan="off") as url:
        async with opened(path) as engine:
            desk = engine.notifications
            await visit(engine)
            mortal.is_armed = True
            try:
                await desk.subscribe("s", url, after=0, is_internal=True, **ORDER)
                await tell(engine)
                await desk.pause("s", **ORDER)
                await desk.resume("s", **ORDER)
            except DiedError:
                pass
            mortal.is_armed = False
        async with opened(path) as engine:
            desk = engine.notifications
            found = await desk.subscribers()
            if not found:  # it died before it was registered, and the operator asks again
                await desk.subscribe("s", url, after=0, is_internal=True, **ORDER)
            elif found[0].state == "paused":
                await desk.resume("s", **ORDER)
            await visit(engine)
            await tell(engine)
            (found_,) = await desk.subscribers()
            facts = [
                (one.case_id, seq) for one in await engine.cases() for seq in range(1, one.seq + 1)
            ]
            assert (found_.state, found_.tries, found_.position) == ("active", 0, len(facts))
            assert sorted(receiver.taken.values()) == sorted(facts)


async def test_a_death_at_every_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mortal = Mortal()
    for name in ("commit", "subscribe"):
        mortal.watch(monkeypatch, name)
    await life(tmp_path / "0.db", mortal)
    points = mortal.crossed
    assert points >= 20
    for point in range(1, points + 1):
        mortal.dies_at, mortal.crossed = point, 0
        await life(tmp_path / f"{point}.db", mortal)
        assert mortal.crossed == point
