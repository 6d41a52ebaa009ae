"""The way back: what happens in cases here is told to the regions that filed them.

Nothing is queued. All that the pump keeps in memory is which applications to look at next; after a
restart that is all of them, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from oneservice.canonical import canonical, parse_object
from oneservice.case import OPEN, Case, EventType, SubCase, SubmissionState
from oneservice.departments import (
    AdapterApp,
    Granted,
    GrantedPendingMaterial,
    MaterialReceived,
    Outcome,
    OutcomeDocument,
    ResultReplaced,
    Submission,
)
from oneservice.engine import AccessEntry, Engine
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    DepartmentError,
    JournalConflictError,
    OneServiceError,
)
from oneservice.federation.owing import owed
from oneservice.federation.results import Papers
from oneservice.federation.taking import Key, case_key, person_of
from oneservice.federation.views import deciders, told_editions

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
_RECORD_BYTES: Final = 4_194_304
_CERTIFICATE: Final = "application/vc+json"
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
            due = sorted(self._due)[:_AT_ONCE]
            self._due.difference_update(due)
            for key in due:
                try:
                    told += await self._tell(key)
                    self._freed(key)
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
        is_loaded = False
        while True:
            self._stirred.clear()
            if not is_loaded:
                is_loaded = await self._loaded_granted()
            while self._due:
                await self.pump()
            is_done = is_loaded and not self._waiting and not self._stuck
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if is_done else _LOOK_EVERY_S):
                    await self._stirred.wait()
                    continue
            self.look_again()

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
            papers = await self._papers(case, filed)
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

    async def _papers(self, case: Case, filed: Submission) -> Papers:
        """Return what would go out with a grant, where the case has come so far."""
        subs = deciders(case)
        if case.bundle is None and not any(one.outcome for one in subs):
            return Papers()
        if len(subs) > 1:
            return await self._papers_of_parts(case, subs, filed)
        if filed.state is SubmissionState.GRANTED:
            only = subs[0] if subs else None
            is_news = only is not None and only.is_revoked
            return Papers(revocation=await self._revocation(case) if is_news else None)
        found = [await self._document(case, row) for one in subs for row in _rows(one.outcome)]
        return Papers(documents=tuple(one for one in found if one is not None))

    async def _papers_of_parts(
        self, case: Case, subs: tuple[SubCase, ...], filed: Submission
    ) -> Papers:
        """Return the bundle over several results, with each of them: once for each edition."""
        if case.bundle is None or told_editions(filed) >= case.bundle.version:
            return Papers()
        certificates = [
            OutcomeDocument(
                data=canonical(one.outcome["certificate"]),
                media_type=_CERTIFICATE,
                name=f"{one.id}.json",
            )
            for one in subs
            if one.is_granted and one.outcome and one.outcome.get("certificate")
        ]
        papers = [
            await self._document(case, row)
            for one in subs
            if one.is_granted
            for row in _rows(one.outcome)
        ]
        return Papers(
            bundle=await self._bundle(case),
            documents=(*certificates, *(one for one in papers if one is not None)),
        )

    async def _bundle(self, case: Case) -> Mapping[str, Any]:
        certificate = await self._engine.bundle_certificate(case.id)
        return certificate.document

    async def _document(self, case: Case, row: Mapping[str, Any]) -> OutcomeDocument | None:
        """Return a paper of a result; who does not hand it out now is not waited for."""
        try:
            data = await self._engine.result_document(case.id, row["digest"])
        except DepartmentError as error:
            _log.warning("case %s: a paper of its result is left out: %s", case.id, error)
            return None
        name = row.get("name")
        return OutcomeDocument(
            data=data,
            media_type=str(row.get("media_type") or "application/octet-stream"),
            name=name if isinstance(name, str) else None,
        )

    async def _revocation(self, case: Case) -> Mapping[str, Any] | None:
        """Return what the office said when it took its result back."""
        for line in reversed(await self._engine.journal(case.id)):
            if b"result_revoked" not in line:
                continue
            told = _event_of(parse_object(line, max_bytes=_RECORD_BYTES), EventType.RESULT_REVOKED)
            if told is not None:
                return told
        return None


def _waits_for_time(filed: Submission, case: Case) -> bool:
    """Say whether something is told later although nothing moves: others look, or answer, first."""
    match filed.state:
        case SubmissionState.RECEIVED:
            return bool(case.corrections)
        case SubmissionState.CORRECTION_REQUESTED:
            return not case.corrections
        case _:
            return False


def _rows(outcome: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], ...]:
    return tuple((outcome or {}).get("documents") or ())


def _event_of(found: Any, kind: str) -> Mapping[str, Any] | None:
    """Return the data of a department's event of that type, wherever a record holds it."""
    if isinstance(found, Mapping):
        if found.get("type") == kind and isinstance(found.get("data"), Mapping):
            return dict(found["data"])
        found = tuple(found.values())
    if isinstance(found, (list, tuple)):
        return next((told for one in found if (told := _event_of(one, kind)) is not None), None)
    return None
