"""Ringing: callers that registered an address are told to look again (protocol section 11).

What is owed is derived, not remembered: the feed after the position that a caller was told of last.
Only that position and the failures since are kept, durably, so a restart forgets nothing and news
that piles up meanwhile goes out as one message. Losing a callback costs the caller time only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from oneservice.canonical import canonical, parse_object
from oneservice.case import pause_ms
from oneservice.departments.callback_messages import MAX_HINTS, Hint, callback_json
from oneservice.departments.wire import instant_text, parse_instant
from oneservice.errors import OneServiceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from oneservice.departments.callers import Caller, Callers
    from oneservice.departments.locks import Bell
    from oneservice.departments.register import Register

__all__ = ["Calling", "Rang", "Ring"]

_log = logging.getLogger("oneservice.departments")

TRIED_FOR: Final = timedelta(days=3)
"""Then the news is let go; the caller's own reading of the feed has found it long ago."""
LOOK_AGAIN_S: Final = 5.0
"""Another process may write the register, a virtual clock may move: nobody rings for these."""
IDLE_S: Final = 300.0
"""The same while no caller has an address: one may be registered at any time."""
_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    """How a callback was answered; ``status`` 0 for no answer at all."""

    status: int
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One callback to send."""

    caller: str
    url: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What is kept of one registered address."""

    url: str
    position: int = 0
    tries: int = 0
    due_at: str | None = None
    failing_since: str | None = None
    is_stopped: bool = False

    @classmethod
    def read(cls, text: str, url: str) -> _Line:
        """Return what was kept; another address begins anew at the same position."""
        kept = parse_object(text.encode())
        if kept.get("url") != url:
            return cls(url=url, position=int(kept.get("position", 0)))
        return cls(**{name: kept[name] for name in cls.__slots__ if name in kept})

    def as_text(self) -> str:
        return canonical({name: getattr(self, name) for name in self.__slots__}).decode()


@dataclass(slots=True)
class Calling:
    """Sends what is owed to all registered addresses.

    Attributes:
        register: whose feed is told of.
        callers: who registered what.
        now: the adapter's clock.
        send: sends one callback; never raises for what the network does.
        bell: rings when an event was recorded.
    """

    register: Register
    callers: Callers
    now: Callable[[], datetime]
    send: Callable[[Ring], Awaitable[Rang]]
    bell: Bell
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _under_way: dict[tuple[str, str], asyncio.Task[int]] = field(default_factory=dict)

    async def run(self) -> None:
        """Send what falls due until cancelled; a slow caller delays nobody else."""
        while True:
            ticket = self.bell.ticket()
            self._begin()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await ticket.wait()

    async def round(self) -> int:
        """Send all that is due now, once; return how many callbacks were tried.

        Raises:
            JournalError: the register cannot be used.
        """
        tried = 0
        for _ in range(2):  # what was under way already may have looked too early
            tried += sum(await asyncio.gather(*self._begin()))
        return tried

    async def stop(self) -> None:
        """Leave off whatever is under way; it is owed as before."""
        for task in tuple(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _pause_s(self) -> float:
        """Return when to look again, where nothing rings: seldom while nobody is to be called."""
        return LOOK_AGAIN_S if any(one.callbacks for one in self.callers) else IDLE_S

    def _begin(self) -> list[asyncio.Task[int]]:
        """Serve every registered address, where that is not under way; return all that is."""
        for caller in self.callers:
            for name, url in sorted(caller.callbacks.items()):
                place = (caller.id, name)
                if place not in self._under_way:
                    task = asyncio.create_task(self._serve(caller, name, url))
                    self._under_way[place] = task
                    task.add_done_callback(lambda done, place=place: self._ended(place, done))  # type: ignore[misc]
        return list(self._under_way.values())

    def _ended(self, place: tuple[str, str], task: asyncio.Task[int]) -> None:
        del self._under_way[place]
        if not task.cancelled() and (error := task.exception()) is not None:
            told = f": {error}" if isinstance(error, OneServiceError) else ""
            _log.error("callbacks to %s wait: %s%s", "/".join(place), type(error).__name__, told)

    async def _serve(self, caller: Caller, name: str, url: str) -> int:
        setting = f"callback/{caller.id}/{name}"
        line = _Line.read(await self.register.setting(setting, _Line(url=url).as_text()), url)
        is_early = line.due_at is not None and parse_instant(line.due_at) > self.now()
        if line.is_stopped or is_early:
            return 0
        hints, position = await self._owed(caller.id, name, line.position)
        if not hints:
            self._seen[caller.id, name] = position  # kept in memory only: no write for no news
            return 0
        rang = await self.send(Ring(caller=caller.id, url=url, body=callback_json(hints)))
        after = self._judged(line, rang, position, setting)
        await self.register.keep(setting, after.as_text())
        return 1

    async def _owed(self, caller: str, name: str, position: int) -> tuple[tuple[Hint, ...], int]:
        """Return the hints that are owed after ``position``, and how far they reach."""
        position = max(position, self._seen.get((caller, name), 0))
        found: dict[str, Hint | None] = {}
        while True:
            _, rows = await self.register.feed(caller, after=position, limit=_ROWS)
            for row in rows:
                if row.submission_id not in found:
                    if len([one for one in found.values() if one]) == MAX_HINTS:
                        return tuple(one for one in found.values() if one), position
                    found[row.submission_id] = await self._hint(caller, row.submission_id, name)
                position = row.position
            if len(rows) < _ROWS:
                return tuple(one for one in found.values() if one), position

    async def _hint(self, caller: str, submission_id: str, name: str) -> Hint | None:
        stored = await self.register.find(caller, submission_id)
        if stored is None or parse_object(stored.body).get("callback") != name:
            return None
        return Hint(
            submission_id=submission_id,
            head_seq=stored.head_seq,
            head_digest=stored.head_digest,
        )

    def _judged(self, line: _Line, rang: Rang, position: int, setting: str) -> _Line:
        now = self.now().astimezone(UTC)
        if rang.status == 204:  # noqa: PLR2004 - the only answer that means "noted"
            return _Line(url=line.url, position=position)
        if rang.status == 410:  # noqa: PLR2004 - the caller wants no more
            _log.warning("%s: the caller wants no more callbacks there", setting)
            return replace(line, position=position, is_stopped=True)
        since = parse_instant(line.failing_since) if line.failing_since else now
        if now - since >= TRIED_FOR:
            _log.warning("%s: tried for three days, the news is let go", setting)
            return _Line(url=line.url, position=position)
        tries = line.tries + 1
        pause = pause_ms(setting, tries, at_least_s=rang.retry_after_s)
        return replace(
            line,
            tries=tries,
            due_at=instant_text(now + timedelta(milliseconds=pause)),
            failing_since=instant_text(since),
        )
