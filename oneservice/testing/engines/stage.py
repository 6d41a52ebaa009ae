"""What a statement plays on: two departments that may misbehave, and an engine between them."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oneservice.departments import Ed25519EventKey
from oneservice.testing.engines.faulty import FaultyDepartment, Present
from oneservice.testing.engines.subject import CaseShown, EngineRun, Office, StepShown
from oneservice.testing.engines.table import broken, holds

if TYPE_CHECKING:
    from oneservice.departments import EventKey
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.subject import EngineUnderTest

__all__ = ["CANARY", "START", "EngineTrial", "Stage"]

START: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
"""Nine o'clock on a Monday in Shanghai; the National Day holidays follow."""
CANARY: Final = "Kanarienvogel-Zhang-7f3a"
"""The name of the person who does not exist: wherever it turns up, a real one would."""
_HANDS_S: Final = 30.0
"""Real seconds that any one stretch of a story may take."""
_LOOKS_WITHIN: Final = 26


@dataclass(slots=True)
class Stage:
    """A running engine, and the two departments that it was given."""

    run: EngineRun
    permits: FaultyDepartment
    records: FaultyDepartment
    caller: EventKey
    dying: asyncio.Event = field(default_factory=asyncio.Event)

    async def filed(self, name: str = CANARY, *, document: bytes = b"") -> str:
        """Open a case and let the engine file it; return its id."""
        case_id = await self.run.file(name, document=document)
        await self.pass_time(timedelta(0))
        return case_id

    async def hours(self, count: float) -> None:
        """Let hours pass."""
        await self.pass_time(timedelta(hours=count))

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass; where a statement has the engine die meanwhile, it starts anew."""
        until = self.run.now() + by
        while True:
            work = asyncio.ensure_future(self.run.advance(max(until - self.run.now(), timedelta())))
            death = asyncio.ensure_future(self.dying.wait())
            done, _ = await asyncio.wait(
                {work, death}, timeout=_HANDS_S, return_when=asyncio.FIRST_COMPLETED
            )
            death.cancel()
            if work in done:
                await work
                if not self.dying.is_set():
                    return
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            if not done:
                broken(f"the engine has not come to rest within {_HANDS_S:.0f} s", self._last())
            self.dying.clear()
            await self.run.crash()

    async def until_asked(self, is_it: Callable[[Asked], bool]) -> Asked:
        """Let time pass until the first department is asked something of this kind."""
        seen = len(self.permits.asked)
        for _ in range(_LOOKS_WITHIN):
            await self.hours(1)
            found = [one for one in self.permits.asked[seen:] if is_it(one)]
            if found:
                return found[-1]
        return broken("the engine did not look at the department for a day", self._last())

    async def case(self, case_id: str) -> CaseShown:
        """Return how the case stands."""
        return await self.run.shown(case_id)

    async def step(self, case_id: str) -> StepShown:
        """Return how the step stands that is tried."""
        return (await self.case(case_id)).steps[self.permits.step_id]

    @property
    def submission_id(self) -> str:
        """The only submission of the department that is tried."""
        found = self.permits.submissions()
        holds(len(found) == 1, f"{len(found)} applications were filed, not one", self._last())
        return found[0]

    def tell(self, kind: str, **data: Any) -> dict[str, Any]:
        """Have the department write an event of its only submission."""
        return self.permits.book.tell(self.submission_id, kind, **data)

    def _last(self) -> Asked | None:
        return self.permits.asked[-1] if self.permits.asked else None


@dataclass(slots=True)
class EngineTrial:
    """One statement's trial of one engine; remembers what departments were asked."""

    subject: EngineUnderTest
    folder: Path
    number: str
    departments: list[FaultyDepartment] = field(default_factory=list)
    _folders: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def asked(self) -> list[Asked]:
        """All requests of this trial so far."""
        found = [one for department in self.departments for one in department.asked]
        return sorted(found, key=lambda one: one.number)

    @asynccontextmanager
    async def stage(
        self,
        *,
        course: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
        anchors: str = "",
        prepare: Callable[[FaultyDepartment, FaultyDepartment], None] | None = None,
        **office: Any,
    ) -> AsyncIterator[Stage]:
        """Open both departments and the engine.

        Args:
            course: what follows the receipt at once at the department that is tried; by default
                nothing does. The other department grants on the spot.
            tls: how the department that is tried listens.
            anchors: what TLS there may end in, in PEM.
            prepare: is handed both departments before the engine opens.
            office: further attributes of the first :class:`Office`.
        """
        present = Present(START)
        permits, records = (
            FaultyDepartment(department, step_id, present)
            for step_id, department in self.subject.steps.items()
        )
        permits.course = course
        self.departments += (permits, records)
        if prepare is not None:
            prepare(permits, records)
        caller = Ed25519EventKey.generate("portal-2026")
        folder = self.folder / f"{self.number}-{next(self._folders)}"
        folder.mkdir(parents=True)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(permits.running(tls))
            await stack.enter_async_context(records.running())
            offices = {
                permits.department: _office(permits, caller, anchors=anchors, **office),
                records.department: _office(records, caller),
            }
            opened = self.subject.opened(offices, folder, start=START)
            run = await stack.enter_async_context(opened)
            present.source = run.now
            yield Stage(run, permits, records, caller)
            for one in (permits, records):
                await one.drop()


def _office(department: FaultyDepartment, caller: EventKey, **more: Any) -> Office:
    return Office(
        department=department.department,
        base_url=department.base_url,
        keys=(department.trusted,),
        caller=caller,
        **more,
    )
