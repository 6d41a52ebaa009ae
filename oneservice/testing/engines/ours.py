"""Our own engine under the kit: the SQLite runtime and the real HTTP client, on a virtual clock."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import Digest, parse_object
from oneservice.case import Applicant, Case, SubCase, due_date
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    CallbackReceiver,
    DepartmentEndpoint,
    HttpDepartments,
    MessageSigner,
    running,
    tls_context,
)
from oneservice.engine import Engine
from oneservice.errors import CaseError, DepartmentError
from oneservice.sandbox import SandboxSeals
from oneservice.testing.engines.hearing import Heard
from oneservice.testing.engines.ours_catalog import REGION, STEPS, THING, trial_catalog
from oneservice.testing.engines.subject import CaseShown, Office, StepShown
from oneservice.workdays import announced_calendar, legal_day

__all__ = ["OurEngine", "OurRun"]

_CODE: Final = "92990101MA99000523"
_FEED_EVERY: Final = timedelta(hours=1)
_NOT_ON_DISK: Final = (".lock", "-shm")
"""Files that a dead process leaves no meaning in."""
_RECORD_BYTES: Final = 16_777_216


class OurEngine:
    """:class:`~oneservice.testing.engines.subject.EngineUnderTest` over this library.

    A subclass that overrides :meth:`endpoint` or :meth:`departments` tries a way to departments
    of its own; one that overrides ``run`` tries another engine.
    """

    name = "oneservice"
    steps: Mapping[str, str] = STEPS
    run: type[OurRun]

    @asynccontextmanager
    async def opened(
        self, offices: Mapping[str, Office], folder: Path, *, start: datetime
    ) -> AsyncIterator[OurRun]:
        """Open the engine on a folder."""
        with Heard() as heard:
            run = self.run(self, offices, folder, start, heard)
            try:
                await run.begin()
                yield run
            finally:
                await run.end()

    def endpoint(self, office: Office, folder: Path) -> DepartmentEndpoint:
        """Return the configured way to an office."""
        tls = None
        if office.anchors:
            anchors = folder / f"{office.department}.pem"
            anchors.write_text(office.anchors, encoding="ascii")
            tls = tls_context(anchors=anchors)
        return DepartmentEndpoint(
            base_url=office.base_url,
            keys=office.keys,
            ssl_context=tls,
            signer=MessageSigner(key=office.caller),
            in_flight=office.in_flight,
            per_minute=100_000,
            deadline_s=office.deadline_s,
            document_deadline_s=office.deadline_s,
        )

    def departments(self, ways: Mapping[str, DepartmentEndpoint], clock: VirtualClock) -> Any:
        """Return the way to all departments; an async context manager."""
        return HttpDepartments(ways, clock=clock)


class OurRun:
    """:class:`~oneservice.testing.engines.subject.EngineRun` over this library."""

    def __init__(
        self,
        subject: OurEngine,
        offices: Mapping[str, Office],
        folder: Path,
        start: datetime,
        heard: Heard,
    ) -> None:
        self.offices = offices
        self.engine: Engine
        self.ways: Any = None
        self._subject = subject
        self._folder = folder
        self._lives = 0
        self._clock = VirtualClock(start)
        self._life = AsyncExitStack()
        self._ear = AsyncExitStack()
        self._ear_url = ""
        self._heard = heard

    # --- lives ---

    async def begin(self) -> None:
        """Open the engine on what is on the disk."""
        place = self._folder / f"life-{self._lives}"
        place.mkdir(exist_ok=True)
        ways = {
            name: self._subject.endpoint(office, place) for name, office in self.offices.items()
        }
        seals = _seals()
        self.ways = await self._life.enter_async_context(
            self._subject.departments(ways, self._clock)
        )
        self.engine = await self._life.enter_async_context(
            Engine.embedded(
                place / "cases.db",
                region=REGION,
                departments=self.ways,
                signer=seals.signer(),
                catalog=trial_catalog(),
                trust=seals.trust(),
                clock=self._clock,
                calendar=announced_calendar(),
                feed_every=_FEED_EVERY,
            )
        )

    async def end(self) -> None:
        """Close everything."""
        await self._ear.aclose()
        await self._life.aclose()

    async def crash(self) -> None:
        """Start anew on a copy of what lies on the disk; what the old one still does is lost."""
        old, self._lives = self._folder / f"life-{self._lives}", self._lives + 1
        new = self._folder / f"life-{self._lives}"
        new.mkdir()
        for path in sorted(old.glob("cases.db*")):
            if not path.name.endswith(_NOT_ON_DISK):
                shutil.copy2(path, new / path.name)
        life, self._life = self._life, AsyncExitStack()
        await life.aclose()
        await self.begin()

    # --- time ---

    def now(self) -> datetime:
        """Return the present."""
        return self._clock.now()

    async def advance(self, by: timedelta) -> None:
        """Let time pass, wake by wake."""
        until = self.now() + by
        while True:
            await self.engine.progress()
            wake = await self.engine.next_wake()
            if wake is None or wake > until:
                break
            self._clock.set(wake)
        self._clock.set(until)
        await self.engine.progress()

    # --- cases ---

    async def file(self, name: str, *, document: bytes = b"") -> str:
        """Hand the one form in."""
        plan = self.engine.plan(THING, answers={"evening": False})
        case = await self.engine.submit(
            plan,
            Applicant(name=name, code=_CODE),
            fields={"name": name},
            materials={"m_sketch": document} if document else None,
            key=name,
        )
        return case.id

    async def shown(self, case_id: str) -> CaseShown:
        """Return how the case stands."""
        case = await self.engine.case(case_id)
        told = await self._told(case)
        findings = await self.engine.findings(case_id)
        steps = {}
        for step_id in self._subject.steps:
            sub = case.sub_cases[step_id]
            said = [one.problem for one in findings if one.sub_case_id == step_id]
            steps[step_id] = self._step(sub, told.get(step_id, []), said)
        return CaseShown(has_ended=case.status.has_ended, steps=steps)

    def _step(self, sub: SubCase, told: list[dict[str, Any]], said: list[str]) -> StepShown:
        name = sub.submission.submission_id if sub.submission else ""
        name = name or next((one.submission_id for one in sub.deliveries), "")
        due = due_date(sub, "promised", announced_calendar()) if sub.accepted_at else None
        reports = [one for one in (sub.halted, sub.incident, *said) if one]
        return StepShown(
            submission_id=name,
            state=str(sub.status),
            events=tuple(
                (one["seq"], one["type"], one["digest"])
                for one in told
                if one["submission_id"] == name
            ),
            reports=tuple(reports),
            is_frozen=sub.halted is not None,
            accepted_from=sub.accepted_at,
            due_on=due.on if due is not None else None,
            number=str((sub.outcome or {}).get("number") or ""),
        )

    async def _told(self, case: Case) -> dict[str, list[dict[str, Any]]]:
        """Return the events that the journal has of each step."""
        told: dict[str, list[dict[str, Any]]] = {}
        for line in await self.engine.journal(case.id):
            record = parse_object(line, max_bytes=_RECORD_BYTES)
            if record["kind"] == "department_reported":
                data = record["data"]
                told.setdefault(data["sub_case_id"], []).extend(data["events"])
        return told

    async def withdraw(self, case_id: str) -> None:
        """Ask to withdraw what is open."""
        with suppress(CaseError):
            await self.engine.withdraw(case_id)

    async def file_again(self, case_id: str, step_id: str) -> bool:
        """Ask for another attempt."""
        try:
            await self.engine.file_again(case_id, step_id, why="a trial")
        except CaseError:
            return False
        return True

    async def fetch(self, department: str, digest: str) -> bytes | None:
        """Fetch a document as a portal does."""
        try:
            found: bytes = await self.ways.document(department, Digest(digest))
        except DepartmentError:
            return None
        return found

    # --- callbacks and logs ---

    async def callback_url(self, department: str) -> str:
        """Listen for callbacks, from the first time that somebody asks."""
        if not self._ear_url:
            self._ear_url = await self._ear.enter_async_context(running(_Ear(self)))
        return f"{self._ear_url}/{department}"

    def logs(self) -> str:
        """Return what was logged."""
        return "\n".join(self._heard.lines)


OurEngine.run = OurRun


class _Ear:
    """The callback receiver of whichever life the engine is in."""

    def __init__(self, run: OurRun) -> None:
        self.base_url: str | None = None
        self._run = run
        self._receiver: CallbackReceiver | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._receiver is None:
            self._receiver = CallbackReceiver(
                {name: office.keys for name, office in self._run.offices.items()},
                self._look_again,
                base_url=self.base_url or "",
                clock=self._run,  # type: ignore[arg-type]
            )
        await self._receiver(scope, receive, send)

    def _look_again(self, department: str) -> None:
        self._run.engine.look_soon(department)  # of the life that it is in now


@cache
def _seals() -> SandboxSeals:
    catalog = trial_catalog()
    things = catalog.things(REGION, legal_day(datetime.fromisoformat("2026-09-28T01:00:00Z")))
    return SandboxSeals({one.thing.id: one for one in things}, region=REGION)
