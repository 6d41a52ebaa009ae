"""What departments tell of applications that this engine filed and does not know any more.

Theory of operation. An engine that goes on from an old backup has forgotten what it did since. The
departments have not: their feeds go on behind the backup's cursor, and tell of applications whose
cases are gone. Nothing can be done to such a case, and to keep silent would lose it a second time.
So it is noted, durably and before the page of the feed is passed: who told it, where the
application stands there, and the signed digests that prove it.

One caller may be several engines, whose feed is one. An application is this engine's where its case
is here, or where the ids say that the case was opened here (``OwnIds``); others are left alone.

Only digests and signatures are kept: what an event says of a person would lie outside the case, in
the clear and beyond every erasure. The department still has the event, and the digest binds it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, canonical, parse_object, read_instant, write_instant
from oneservice.case import DepartmentEvent, EventSignature
from oneservice.errors import (
    CaseNotFoundError,
    DepartmentError,
    IdentifierError,
    IllegalInputError,
    OneServiceError,
)
from oneservice.identifiers import parse_submission_id
from oneservice.ports import Change
from oneservice.runtimes.driver import Driver

__all__ = ["Forgotten", "ForgottenFiling", "SignedDigest", "filings_noted"]

_log = logging.getLogger(__name__)

_NOTE: Final = "forgotten:"
_MOST_EVENTS: Final = 32
"""Signed digests that are kept of one application: its last ones; few have as many."""
_MOST_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDigest:
    """An event without what it says: the digest that binds it, and the department's signatures.

    The signatures are over ``case.signing_input(digest)`` (protocol section 6), so they can be
    proven without the event; whoever shows the event later shows one of this digest.
    """

    seq: int
    type: str
    recorded_at: str
    digest: Digest
    signatures: tuple[EventSignature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenFiling:
    """An application that a department has from this engine, and this engine does not know.

    Args:
        department: who told it, a department or the counter of another region.
        submission_id: as it was filed.
        case_id: the case, which is gone, or knows nothing of this attempt.
        sub_case_id: the step.
        state: where it stands there; empty while it could not be read.
        head_seq: number of its last event there.
        evidence: what the department signed, oldest first.
        found_at: when it was first told of here.
        settled: by whom it was settled, and why; empty: it was not.
    """

    department: str
    submission_id: str
    case_id: str
    sub_case_id: str
    state: str
    head_seq: int
    evidence: tuple[SignedDigest, ...]
    found_at: datetime
    settled: str = ""


class Forgotten:
    """Finds what was forgotten; ``made`` says of a case id whether this engine gave it.

    What it notes is returned to whoever reads the feed, and becomes durable with the place in it.
    """

    def __init__(self, driver: Driver, made: Callable[[str], bool]) -> None:
        self._driver = driver
        self._made = made
        self._unread: dict[str, set[str]] = {}

    async def look(self, department: str, changes: Sequence[Change]) -> dict[str, str | None]:
        """Return the notes on those of ``changes`` that tell of something forgotten.

        Raises:
            JournalError: the store cannot be read.
        """
        notes: dict[str, str | None] = {}
        for change in changes:
            name = _place(department, change.submission_id)
            if name in notes or not await self._is_forgotten(change.submission_id):
                continue
            known = await self._known(department, change.submission_id)
            if known is None:
                notes |= await self._numbered(department, change.submission_id, notes)
                known = _told(department, change, self._driver.now())
                _log.error("%s has %s, unknown here", department, change.submission_id)
            elif known.state and known.head_seq == change.head_seq:
                continue  # the comparison of all heads tells it every week
            notes[name] = _note(await self._read(known))
        return notes

    async def read_again(self, department: str) -> dict[str, str | None]:
        """Return notes on what ``department`` could not be asked about before, and now can."""
        if department not in self._unread:
            noted = await self._noted(department)
            self._unread[department] = {one.submission_id for one in noted if not one.state}
        notes: dict[str, str | None] = {}
        for name in sorted(self._unread[department]):
            known = await self._known(department, name)
            if known is not None and (read := await self._read(known)) != known:
                notes[_place(department, name)] = _note(read)
        return notes

    async def all(self, *, with_settled: bool = False) -> tuple[ForgottenFiling, ...]:
        """Return what is still forgotten, by department, in the order in which it was found.

        A filing that is known again, because its step was filed anew, is none any more.
        """
        found: list[ForgottenFiling] = []
        for department in sorted(self._driver.departments.names):
            for one in await self._noted(department):
                settled = await self._driver.store.cursor(_settled(one)) or ""
                is_wanted = with_settled or not settled
                if is_wanted and await self._is_forgotten(one.submission_id):
                    found.append(replace(one, settled=settled))
        return tuple(found)

    async def settle(self, submission_id: str, *, by: str, why: str) -> None:
        """Keep that people took care of a forgotten filing; by whom and why stands with it.

        Raises:
            IllegalInputError: nothing of that id is open.
            JournalError: it is not durable.
        """
        meant = [one for one in await self.all() if one.submission_id == submission_id]
        if not meant:
            msg = "no forgotten filing of that id is open; take the id from engine.forgotten.all()"
            raise IllegalInputError(msg, status="none")
        await self._driver.store.commit([], {_settled(one): f"{by}: {why}" for one in meant})

    # --- inside ----------------------------------------------------------------------------

    async def _is_forgotten(self, submission_id: str) -> bool:
        try:
            case_id, sub_case_id, attempt = parse_submission_id(submission_id)
        except IdentifierError:
            return False
        try:
            case = (await self._driver.hot(case_id)).case
        except CaseNotFoundError:
            return self._made(case_id)
        except OneServiceError:
            return False  # erased, or damaged: that is told where the case itself is opened
        sub = case.sub_cases.get(sub_case_id)
        # An attempt is durable before it is sent: one that is not here was forgotten.
        return sub is None or attempt > sub.attempt

    async def _numbered(
        self, department: str, submission_id: str, notes: Mapping[str, str | None]
    ) -> dict[str, str | None]:
        """Return the notes that give a filing its number in the list of its department."""
        counted = _place(department)
        count = int(notes.get(counted) or await self._driver.store.cursor(counted) or "0") + 1
        return {counted: str(count), _place(department, f"#{count}"): submission_id}

    async def _read(self, found: ForgottenFiling) -> ForgottenFiling:
        """Return ``found`` as the department tells it now; as it was where that cannot be read."""
        unread = self._unread.setdefault(found.department, set())
        try:
            page = await self._driver.departments.read(
                found.department, found.submission_id, after=0
            )
        except DepartmentError as error:
            _log.warning("%s of %s: %s", found.submission_id, found.department, error.code)
            page = None
        if page is None:
            unread.add(found.submission_id)
            return found
        unread.discard(found.submission_id)
        return replace(
            found, state=page.state, head_seq=page.head_seq, evidence=_signed(page.events)
        )

    async def _known(self, department: str, submission_id: str) -> ForgottenFiling | None:
        text = await self._driver.store.cursor(_place(department, submission_id))
        return None if text is None else _from_note(text)

    async def _noted(self, department: str) -> list[ForgottenFiling]:
        store = self._driver.store
        count = int(await store.cursor(_place(department)) or "0")
        names = [await store.cursor(_place(department, f"#{one + 1}")) for one in range(count)]
        found = [await self._known(department, one) for one in names if one is not None]
        return [one for one in found if one is not None]


def filings_noted(notes: Mapping[str, str]) -> tuple[ForgottenFiling, ...]:
    """Return what the notes of a file say, by department, in the order of finding.

    Args:
        notes: all of them, by name; others are passed over.
    """
    found = [
        _from_note(text)
        for name, text in notes.items()
        if name.startswith(_NOTE) and text.startswith("{")
    ]
    told = (replace(one, settled=notes.get(_settled(one), "")) for one in found)
    return tuple(sorted(told, key=lambda one: (one.department, one.found_at, one.submission_id)))


def _place(department: str, name: str = "") -> str:
    return f"{_NOTE}{department}/{name}"


def _settled(one: ForgottenFiling) -> str:
    return _place(one.department, f"settled/{one.submission_id}")


def _told(department: str, change: Change, at: datetime) -> ForgottenFiling:
    case_id, sub_case_id, _ = parse_submission_id(change.submission_id)
    return ForgottenFiling(
        department=department,
        submission_id=change.submission_id,
        case_id=case_id,
        sub_case_id=sub_case_id,
        state="",
        head_seq=change.head_seq,
        evidence=_signed(change.events),
        found_at=at,
    )


def _signed(events: Sequence[DepartmentEvent]) -> tuple[SignedDigest, ...]:
    return tuple(
        SignedDigest(
            seq=one.seq,
            type=one.type,
            recorded_at=one.recorded_at,
            digest=one.digest,
            signatures=one.signatures,
        )
        for one in events[-_MOST_EVENTS:]
    )


def _note(one: ForgottenFiling) -> str:
    told = {
        "department": one.department,
        "submission_id": one.submission_id,
        "state": one.state,
        "head_seq": one.head_seq,
        "found_at": write_instant(one.found_at),
        "evidence": [
            {
                "seq": event.seq,
                "type": event.type,
                "recorded_at": event.recorded_at,
                "digest": event.digest,
                "signatures": [
                    {"keyid": by.keyid, "alg": by.alg, "value": by.value} for by in event.signatures
                ],
            }
            for event in one.evidence
        ],
    }
    return canonical(told).decode()


def _from_note(text: str) -> ForgottenFiling:
    told = parse_object(text.encode(), max_bytes=_MOST_BYTES)
    case_id, sub_case_id, _ = parse_submission_id(told["submission_id"])
    return ForgottenFiling(
        department=told["department"],
        submission_id=told["submission_id"],
        case_id=case_id,
        sub_case_id=sub_case_id,
        state=told["state"],
        head_seq=told["head_seq"],
        found_at=read_instant(told["found_at"]),
        evidence=tuple(_event(one) for one in told["evidence"]),
    )


def _event(told: Mapping[str, Any]) -> SignedDigest:
    return SignedDigest(
        seq=told["seq"],
        type=told["type"],
        recorded_at=told["recorded_at"],
        digest=Digest(told["digest"]),
        signatures=tuple(EventSignature(**one) for one in told["signatures"]),
    )
