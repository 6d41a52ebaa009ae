"""A whole government in one process: departments that live in one SQLite file, or in memory.

They keep the protocol as real ones do (signed chained events, same id and same bytes harmless,
supplements, withdrawals, a feed), without HTTP. What they will decide is planned when they
receive an application and told when the clock has come so far, so a restart loses nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from oneservice.canonical import digest_bytes, parse_object, read_instant
from oneservice.case import EventType, advance
from oneservice.errors import DepartmentContractError
from oneservice.ports import Change, ChangesPage, Clock, StatusPage
from oneservice.sandbox.agenda import ask, missing, planned
from oneservice.sandbox.behaviour import Behaviours
from oneservice.sandbox.publishing import SandboxLists, place_of
from oneservice.sandbox.register import Register
from oneservice.sandbox.seals import SandboxSeals
from oneservice.sandbox.testimony import Record, folded, page_of, signed_event
from oneservice.workdays import legal_day

__all__ = ["SimulatedDepartments"]

_NO_EVENTS = 10_000
"""Beyond every history: a page after it has its head only."""

Telling = tuple[EventType, Mapping[str, Any]]

CheckList = Mapping[str, Mapping[str, str]]
MustBring = Callable[[str, str], Awaitable[CheckList]]
"""Given a case and a sub-case id, the titles of the materials that the applicant must bring."""
PromisedDays = Callable[[str, str], Awaitable[int]]
"""Given a case and a sub-case id, the working days that are published for it; 0 for none."""


class SimulatedDepartments:
    """A :class:`oneservice.ports.Departments` without any department.

    ``filed`` counts, by submission id, how often an application really took effect: a test asks
    :meth:`filed_once_each`. ``must_bring`` stands for the clerk's own check list; without it only
    what a behaviour names is ever asked for. ``promised_days`` stands for the department's own
    service guide; without it nothing is promised but what is published. ``lists`` publishes the
    state of its certificates, where the seals have registers.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        seals: SandboxSeals,
        behaviours: Behaviours | None = None,
        path: Path | str = ":memory:",
    ) -> None:
        self._clock = clock
        self._seals = seals
        self._behaviours = behaviours or Behaviours()
        self._register = Register(path)
        self.lists = SandboxLists(self._register, seals)
        self.filed: dict[str, int] = {}
        self.must_bring: MustBring | None = None
        self.promised_days: PromisedDays | None = None

    def close(self) -> None:
        """Give the file back."""
        self._register.close()

    def filed_once_each(self) -> bool:
        """Say whether no application took effect twice."""
        return all(count == 1 for count in self.filed.values())

    def messages(self) -> tuple[tuple[str, str, str], ...]:
        """Return what was ever taken: submission, message id and digest of its bytes, sorted."""
        return tuple(
            (record["id"], message_id, digest)
            for record in self._register.all()
            for message_id, digest in sorted(record["messages"].items())
        )

    def latest(self) -> datetime:
        """Return the latest instant of which anything is recorded: virtual time goes on from it."""
        return self._register.latest()

    # --- the port ------------------------------------------------------------------------------

    @property
    def names(self) -> Collection[str]:
        """Every department of the catalog."""
        return self._seals.departments

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``; the same bytes again are harmless, others are a conflict."""
        self._catch_up()
        data = parse_object(body)
        check_list = await self._check_list(submission_id, data["step_id"])
        record = self._register.find(submission_id)
        if record is None:
            days = await self._promised(submission_id)
            record = self._file(department, submission_id, body, check_list, days)
        elif record["messages"][submission_id] != digest_bytes(body):
            raise _problem(department, "submission-conflict", submission_id)
        return page_of(record, after=0)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state, or ``None`` where nothing was ever filed under that id."""
        self._catch_up()
        record = self._register.find(submission_id)
        if record is None or record["department"] != department:
            return None
        return page_of(record, after=after)

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Take an answer to the open correction."""
        record = self._known(department, submission_id)
        if _is_repeat(record, supplement_id, body, "supplement-conflict"):
            return page_of(record, after=0)
        answer = parse_object(body)
        correction_id = answer.get("correction_id")
        if correction_id is None and _is_promised(record, answer):
            return self._promise_kept(record, supplement_id, digest_bytes(body))
        if correction_id is None or folded(record).correction_id != correction_id:
            raise _problem(department, "not-open", submission_id)
        received = {
            "correction_id": correction_id,
            "supplement_id": supplement_id,
            "request_digest": digest_bytes(body),
        }
        behaviour = self._behaviours.of(record["body"]["step_id"])
        record["messages"][supplement_id] = digest_bytes(body)
        record["due"] = planned(
            behaviour,
            self._clock.now(),
            is_corrected=True,
            promised_days=record.get("promised_days", 0),
            promises=record["body"].get("promises", ()),
        )
        self._tell(record, [(EventType.CORRECTION_RECEIVED, received)])
        return page_of(record, after=0)

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Withdraw what is not decided yet."""
        record = self._known(department, submission_id)
        if _is_repeat(record, withdrawal_id, body, "withdrawal-conflict"):
            return page_of(record, after=0)
        if not folded(record).is_open:
            raise _problem(department, "not-open", submission_id)
        asked = {"withdrawal_id": withdrawal_id, "request_digest": digest_bytes(body)}
        record["messages"][withdrawal_id] = digest_bytes(body)
        record["due"] = []
        self._tell(
            record,
            [
                (EventType.WITHDRAWAL_REQUESTED, asked),
                (EventType.WITHDRAWN, {"withdrawal_id": withdrawal_id}),
            ],
        )
        return page_of(record, after=0)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return what is new since ``cursor``; without one, every head."""
        self._catch_up()
        if cursor is None:
            pages = [page_of(one, after=_NO_EVENTS) for one in self._register.all(department)]
            heads = tuple(_change(page) for page in pages)
            return ChangesPage(changes=heads, cursor=str(self._register.last()), has_more=False)
        if not cursor.isdecimal():
            raise _problem(department, "cursor-expired", "-")
        told, last, has_more = self._register.news(department, int(cursor))
        news = tuple(self._news(department, identifier, seq) for identifier, seq in told)
        return ChangesPage(changes=news, cursor=str(last), has_more=has_more)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Take the bytes; nobody reads them here."""

    # --- inside --------------------------------------------------------------------------------

    async def _check_list(self, submission_id: str, step_id: str) -> CheckList:
        if self.must_bring is None or not self._behaviours.of(step_id).asks_for_missing:
            return {}
        case_id, sub_case_id, _ = submission_id.split(".")
        return await self.must_bring(case_id, sub_case_id)

    async def _promised(self, submission_id: str) -> int:
        if self.promised_days is None:
            return 0
        case_id, sub_case_id, _ = submission_id.split(".")
        return await self.promised_days(case_id, sub_case_id)

    def _file(
        self, department: str, submission_id: str, body: bytes, check_list: CheckList, days: int
    ) -> Record:
        data = parse_object(body)
        behaviour = self._behaviours.of(data["step_id"])
        lacking = missing(behaviour, data, check_list)
        now = self._clock.now()
        record: Record = {
            "id": submission_id,
            "department": department,
            "body": data,
            "messages": {submission_id: digest_bytes(body)},
            "events": [],
            "due": [ask(lacking, now + behaviour.accepts_after)]
            if lacking
            else planned(
                behaviour,
                now,
                is_corrected=False,
                promised_days=days,
                promises=data.get("promises", ()),
            ),
            "promised_days": days,
        }
        if self._seals.has_registers:
            record["place"] = place_of(self._register.count())
        receipt = {"receipt_no": f"SJ-{submission_id}", "request_digest": digest_bytes(body)}
        with self._register.change():
            self._tell(record, [(EventType.RECEIVED, receipt)])
            self._advance(record, now)
        self.filed[submission_id] = self.filed.get(submission_id, 0) + 1
        return record

    def _promise_kept(self, record: Record, supplement_id: str, digest: str) -> StatusPage:
        """Take what was promised: now the paper can be made out (容缺后补)."""
        now = self._clock.now()
        record["messages"][supplement_id] = digest
        record["due"] = []
        brought = {"supplement_id": supplement_id, "outcome": self._outcome(record, now)}
        self._tell(record, [(EventType.MATERIAL_RECEIVED, brought)])
        return page_of(record, after=0)

    def _catch_up(self) -> None:
        now = self._clock.now()
        for record in self._register.due(now):
            self._advance(record, now)

    def _advance(self, record: Record, now: datetime) -> None:
        """Tell what was planned for an instant that has come."""
        with self._register.change():
            while record["due"] and read_instant(record["due"][0]["at"]) <= now:
                due = record["due"].pop(0)
                at = read_instant(due["at"])
                kind = EventType(due["type"])
                data = due["data"]
                if kind is EventType.GRANTED:
                    data = {"outcome": self._outcome(record, at)}
                self._tell(record, [(kind, data)], at=at)

    def _outcome(self, record: Record, at: datetime) -> Mapping[str, Any]:
        outcome: dict[str, Any] = {
            "decision": "granted",
            "decided_on": legal_day(at).isoformat(),
            "result_type": record["body"]["step_id"],
            "number": f"SB-{record['id']}",
        }
        certificate = self._seals.certificate(
            record["department"], record["id"], record["body"], at, place=record.get("place")
        )
        if certificate is not None:
            outcome["certificate"] = certificate
        return outcome

    def _tell(
        self, record: Record, tellings: Sequence[Telling], *, at: datetime | None = None
    ) -> None:
        submission = folded(record)
        with self._register.change():
            for kind, data in tellings:
                event = signed_event(record, submission, kind, data, at or self._clock.now())
                submission = advance(submission, event)
                record["events"].append(event.as_json())
                self._register.tell(event)
            self._register.save(record)

    def _known(self, department: str, submission_id: str) -> Record:
        self._catch_up()
        record = self._register.find(submission_id)
        if record is None or record["department"] != department:
            raise _problem(department, "unknown-submission", submission_id)
        return record

    def _news(self, department: str, submission_id: str, seq: int) -> Change:
        page = page_of(self._known(department, submission_id), after=seq - 1)
        return Change(
            submission_id=submission_id,
            head_seq=page.head_seq,
            head_digest=page.head_digest,
            events=page.events[:1],
        )


def _is_promised(record: Record, answer: Mapping[str, Any]) -> bool:
    """Say whether ``answer`` brings all that is waited for after the grant."""
    wanted = set(folded(record).pending_materials)
    brought = {one["material"] for one in answer.get("materials", ()) if one["documents"]}
    return bool(wanted) and wanted <= brought


def _is_repeat(record: Record, message_id: str, body: bytes, conflict: str) -> bool:
    known = record["messages"].get(message_id)
    if known is not None and known != digest_bytes(body):
        raise _problem(record["department"], conflict, record["id"])
    return known is not None


def _change(page: StatusPage) -> Change:
    return Change(
        submission_id=page.submission_id,
        head_seq=page.head_seq,
        head_digest=page.head_digest,
        events=(),
    )


def _problem(department: str, code: str, submission_id: str) -> DepartmentContractError:
    msg = f"submission {submission_id}: {code}"
    return DepartmentContractError(msg, department=department, problem=code)
