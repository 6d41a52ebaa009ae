"""The way back: what happens in cases here is told to the regions that filed them.

Nothing is queued. All that the pump keeps in memory is which applications to look at next; after a
restart that is all of them, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final, NamedTuple

from oneservice.case import OPEN, Case, SubmissionState
from oneservice.departments import (
    AdapterApp,
    Granted,
    GrantedPendingMaterial,
    MaterialReceived,
    Outcome,
    ResultReplaced,
    Submission,
)
from oneservice.engine import AccessEntry, Engine
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    JournalConflictError,
    OneServiceError,
)
from oneservice.federation.outgoing import Outgoing
from oneservice.federation.owing import owed
from oneservice.federation.taking import Key, case_key, person_of
from oneservice.federation.views import deciders

__all__ = ["Pump"]

_log = logging.getLogger(__name__)

_OPEN: Final = frozenset({*OPEN, SubmissionState.GRANTED_PENDING_MATERIAL})
_LIVING: Final = _OPEN | {SubmissionState.GRANTED}
"""States in which something may still have to be told; a granted result may be revoked."""
_AT_ONCE: Final = 100
"""Applications that are looked at before others get a turn: readers wait for no more than these."""
_MOST_MISSES: Final = 10
"""An application that is not there is not committed yet; after so many looks it was archived."""
_LOOK_EVERY_S: Final = 60.0
"""How often what waits for time alone, or failed, is looked at again."""
_COMMITTING_S: Final = 0.02
"""An application whose case moves is committed in the same breath; then it is there. Whoever waits
for it does not keep others waiting, and is looked at at once where its case moves on."""
_MOST_STEPS: Final = 100
"""One look takes one application at most so far; more would be a fault of ours."""
_RESULTS: Final = (Granted, GrantedPendingMaterial, MaterialReceived, ResultReplaced)


class _Stuck(NamedTuple):
    """How often in a row an application could not be told, and when it is tried again."""

    tries: int
    timer: asyncio.TimerHandle


class Pump:
    """Keeps the applications of other regions abreast of their cases."""

    def __init__(self, engine: Engine, app: AdapterApp) -> None:
        self._engine = engine
        self._app = app
        self._outgoing = Outgoing(engine)
        self._keys: dict[str, Key] = {}
        self._due: set[Key] = set()
        self._stuck: dict[Key, _Stuck] = {}
        self._waiting: set[Key] = set()
        self._stirred = asyncio.Event()
        self._pumping = asyncio.Lock()

    async def load(self, states: frozenset[SubmissionState] = _OPEN) -> None:
        """Have every application in ``states`` looked at: a crash may have left some undone.

        Raises:
            JournalError: the register cannot be read.
        """
        for one in await self._app.submissions(states=states):
            self._due.add((one.caller, one.id))
        self._stirred.set()

    def opened(self, key: Key, case: Case | None) -> None:
        """Take note that ``case`` handles the application ``key``."""
        if case is not None:
            self._keys[case.id] = key
        self._due.add(key)
        self._stirred.set()

    def moved(self, case_id: str) -> None:
        """Take a hint that a case moved."""
        key = self._keys.get(case_id)
        if key is not None:
            self._due.add(key)
            self._stirred.set()

    async def pump(self) -> int:
        """Tell what is owed now, of some applications at least; return how many steps were told.

        What fails is logged and tried again: one broken case must not silence all others.
        """
        told = 0
        async with self._pumping:
            for key in sorted(self._due)[:_AT_ONCE]:
                self._due.discard(key)
                try:
                    told += await self._tell(key)
                    self._freed(key)
                except asyncio.CancelledError:  # by a reader that hung up: it is owed as before
                    self._look_at(key)
                    raise
                except CaseNotFoundError:
                    self._missed(key)
                except CaseErasedError:
                    self._freed(key)
                    _log.info("application %s: its case was erased", key[1])
                except OneServiceError as error:
                    self._again(key)
                    _log.error("application %s: %s: %s", key[1], error.code, error)
        return told

    async def pump_all(self) -> int:
        """Tell everything that is owed now; return how many steps were told."""
        self.look_again()
        told = 0
        while self._due:
            told += await self.pump()
        return told

    async def run(self) -> None:
        """Tell what is owed as soon as it is, until cancelled."""
        now = asyncio.get_running_loop().time
        is_loaded, look_at = await self._loaded_granted(), now() + _LOOK_EVERY_S
        try:
            while True:
                self._stirred.clear()
                if now() >= look_at:  # however much is due meanwhile
                    is_loaded = is_loaded or await self._loaded_granted()
                    self.look_again()
                    look_at = now() + _LOOK_EVERY_S
                if self._due:
                    await self.pump()
                    continue
                is_done = is_loaded and not self._waiting and not self._stuck
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(None if is_done else look_at):
                        await self._stirred.wait()
        finally:
            for one in self._stuck.values():
                one.timer.cancel()

    async def _loaded_granted(self) -> bool:
        """Have results that were granted looked at, too: nobody waits for these at the opening."""
        try:
            await self.load(_LIVING - _OPEN)
        except OneServiceError as error:
            _log.error("the register cannot be read: %s: %s", error.code, error)
            return False
        return True

    def look_again(self) -> None:
        """Look again at what waits for time alone, and at what failed."""
        self._due |= self._waiting | self._stuck.keys()

    def _again(self, key: Key) -> None:
        """Have ``key`` looked at again soon; later and later, the more often that failed."""
        tries = self._freed(key) + 1
        wait_s = min(_COMMITTING_S * 2 ** min(tries - 1, _MOST_MISSES + 2), _LOOK_EVERY_S)
        timer = asyncio.get_running_loop().call_later(wait_s, self._look_at, key)
        self._stuck[key] = _Stuck(tries, timer)

    def _freed(self, key: Key) -> int:
        """Take note that nothing keeps ``key``; return how often something did in a row."""
        stuck = self._stuck.pop(key, None)
        if stuck is None:
            return 0
        stuck.timer.cancel()
        return stuck.tries

    def _look_at(self, key: Key) -> None:
        self._due.add(key)
        self._stirred.set()

    def _missed(self, key: Key) -> None:
        if key not in self._stuck or self._stuck[key].tries + 1 < _MOST_MISSES:
            self._again(key)
            return
        self._freed(key)
        self._waiting.discard(key)
        for case_id in [name for name, one in self._keys.items() if one == key]:
            del self._keys[case_id]

    async def _tell(self, key: Key) -> int:
        caller, submission_id = key
        for step in range(_MOST_STEPS):
            filed = await self._app.submission(submission_id, caller=caller)
            case = await self._engine.case_under(case_key(key))
            if case is None:
                return step  # its form lacks something; nothing is open before that comes
            self._keys[case.id] = key
            (self._waiting.add if _waits_for_time(filed, case) else self._waiting.discard)(key)
            if filed.state not in _LIVING:
                del self._keys[case.id]
                return step
            plan = await self._engine.plan_of(case.id)
            papers = await self._outgoing.papers(case, filed)
            found = owed(filed, case, plan, papers, now=self._engine.now())
            if found is None:
                return step
            await self._note_given(filed, case, found.outcomes)
            with contextlib.suppress(JournalConflictError):  # it went on meanwhile: look again
                await self._app.record(
                    submission_id,
                    *found.outcomes,
                    caller=caller,
                    at=found.at,
                    after_seq=filed.history[-1].seq,
                )
        return _MOST_STEPS

    async def _note_given(
        self, filed: Submission, case: Case, outcomes: tuple[Outcome, ...]
    ) -> None:
        """Note in the person's log which results leave, before they do."""
        if not any(isinstance(one, _RESULTS) for one in outcomes):
            return
        kinds = {sub.outcome.get("result_type") for sub in deciders(case) if sub.outcome}
        scopes = [one.scope for one in filed.body.consents]
        entry = AccessEntry(
            at=self._engine.now(),
            by=filed.caller,
            kind="given",
            purpose=scopes[0] if scopes else filed.case_id,
            names=tuple(sorted(str(one) for one in kinds if one)),
            reference=filed.id,
            consent=", ".join(one.id for one in filed.body.consents),
        )
        await self._engine.people.note_access(person_of(filed.applicant), entry)


def _waits_for_time(filed: Submission, case: Case) -> bool:
    """Say whether something is told later although nothing moves: others look, or answer, first."""
    match filed.state:
        case SubmissionState.RECEIVED:
            return bool(case.corrections)
        case SubmissionState.CORRECTION_REQUESTED:
            return not case.corrections
        case _:
            return False
