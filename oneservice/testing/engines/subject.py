"""What the kit needs of an engine: to be opened, to file, to let time pass, to say how it stands.

Implement :class:`EngineUnderTest` for an engine of your own, in any language: the methods may as
well drive a process by its own interface. :class:`~oneservice.testing.engines.ours.OurEngine` shows
how.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from oneservice.departments import EventKey, VerifyingKey

__all__ = ["CaseShown", "EngineRun", "EngineUnderTest", "Office", "StepShown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A department as a person would configure the engine with it.

    Attributes:
        department: its id; the engine knows it by the steps that it handles.
        base_url: ``http://127.0.0.1:PORT/oneservice/v1``, or ``https``.
        keys: the event keys that count; nothing that the department lists itself adds to them.
        anchors: certificates in PEM that TLS may end in; empty for plain HTTP on loopback.
        caller: the engine's own key for signing its requests (RFC 9421).
        deadline_s: real seconds for a whole exchange.
        in_flight: requests at a time that the department takes.
    """

    department: str
    base_url: str
    keys: tuple[VerifyingKey, ...]
    caller: EventKey
    anchors: str = ""
    deadline_s: float = 5.0
    in_flight: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """One step of a case, as an officer of the portal sees it.

    Attributes:
        submission_id: under which it was filed last; empty before.
        state: a state of the protocol; ``waiting`` before filing, ``filing`` while nothing is
            known of the filing.
        events: what was applied of the department's history, as (seq, type, digest).
        reports: what officers are shown of it: codes or sentences, no matter which.
        is_frozen: whether nothing more is applied until a person decides.
        accepted_from: the instant from which it counts as accepted.
        due_on: the last day of its promised limit, by the engine's own count.
        number: the number of the result.
    """

    submission_id: str = ""
    state: str = "waiting"
    events: tuple[tuple[int, str, str], ...] = ()
    reports: tuple[str, ...] = ()
    is_frozen: bool = False
    accepted_from: datetime | None = None
    due_on: date | None = None
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """A case; ``steps`` by step id."""

    has_ended: bool
    steps: Mapping[str, StepShown] = field(default_factory=dict)


class EngineRun(Protocol):
    """An engine that runs. Every instant is by its own clock, which the kit moves."""

    def now(self) -> datetime:
        """Return the engine's present, in aware UTC."""
        ...

    async def file(self, name: str, *, document: bytes = b"") -> str:
        """Open a case for an applicant of this name and return its id.

        Every step of :attr:`EngineUnderTest.steps` is filed, side by side; the first of them
        names ``document``, where there is one, as material of the applicant's.
        """
        ...

    async def advance(self, by: timedelta) -> None:
        """Let time pass, and return when everything that was due meanwhile has been done.

        May be cancelled at any point, which changes nothing but that the rest is not done.
        """
        ...

    async def shown(self, case_id: str) -> CaseShown:
        """Return how the case stands."""
        ...

    async def withdraw(self, case_id: str) -> None:
        """Ask to withdraw, on the applicant's behalf, whatever is open."""
        ...

    async def file_again(self, case_id: str, step_id: str) -> bool:
        """Ask for another attempt at a step; ``False``: the engine refuses."""
        ...

    async def fetch(self, department: str, digest: str) -> bytes | None:
        """Return a document that the department hands out; ``None``: not, or not that one."""
        ...

    async def crash(self) -> None:
        """Die as by ``kill -9`` and start anew on what is on the disk, with the same clock."""
        ...

    async def callback_url(self, department: str) -> str:
        """Return where the department may ring; empty where the engine takes no callbacks."""
        ...

    def logs(self) -> str:
        """Return everything that was logged since the engine was opened."""
        ...


class EngineUnderTest(Protocol):
    """An engine that the kit may open, time and again, in empty folders."""

    @property
    def name(self) -> str:
        """Return what the report calls it."""
        ...

    @property
    def steps(self) -> Mapping[str, str]:
        """Return two steps that a case files at once, each with its department's id.

        The two departments differ. The first step is the one that is tried; it promises between 3
        and 15 working days, and takes one document of the applicant's.
        """
        ...

    def opened(
        self, offices: Mapping[str, Office], folder: Path, *, start: datetime
    ) -> AbstractAsyncContextManager[EngineRun]:
        """Open the engine on a folder; its clock stands at ``start`` until the kit moves it."""
        ...
