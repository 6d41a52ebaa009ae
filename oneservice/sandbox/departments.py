"""A whole government in one process: departments that live in one SQLite file, or in memory.

They keep the protocol as real ones do (signed chained events, same id and same bytes harmless,
supplements, withdrawals, a feed), without HTTP. What they will decide is planned when they
receive an application and told when the clock has come so far, so a restart loses nothing.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.canonical import (
    Digest,
    canonical,
    digest_bytes,
    parse_object,
    read_instant,
    write_instant,
)
from oneservice.case import (
    DepartmentEvent,
    EventSignature,
    EventType,
    Submission,
    advance,
    event_digest,
    fold,
    legal_day,
    signing_input,
)
from oneservice.errors import DepartmentContractError
from oneservice.ports import Change, ChangesPage, Clock, StatusPage
from oneservice.sandbox.behaviour import Behaviour, Behaviours
from oneservice.sandbox.seals import SandboxSeals

__all__ = ["SimulatedDepartments"]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS submissions (
    id TEXT PRIMARY KEY, department TEXT NOT NULL, next_due TEXT, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS due ON submissions (next_due) WHERE next_due IS NOT NULL;
CREATE TABLE IF NOT EXISTS feed (
    number INTEGER PRIMARY KEY, department TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
    told_at TEXT NOT NULL);
"""
_PAGE: Final = 200
_EVENT_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""The protocol page's own test key: worthless on purpose, like everything a sandbox signs."""

Record = dict[str, Any]

_SAMPLE_REASON: Final[Mapping[str, Any]] = {
    "code": "sample",
    "text": {"en": "sample reason", "zh": "示例理由"},
    "by_law": "sample",
}


class SimulatedDepartments:
    """A :class:`oneservice.ports.Departments` without any department.

    ``filed`` counts, by submission id, how often an application really took effect: a test asks
    :meth:`filed_once_each`.
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
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self.filed: dict[str, int] = {}

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def filed_once_each(self) -> bool:
        """Say whether no application took effect twice."""
        return all(count == 1 for count in self.filed.values())

    def latest(self) -> datetime:
        """Return the latest instant of which anything is recorded: virtual time goes on from it."""
        row = self._db.execute("SELECT max(told_at) FROM feed").fetchone()
        return read_instant(row[0]) if row[0] else datetime(1970, 1, 1, tzinfo=UTC)

    # --- the port ------------------------------------------------------------------------------

    @property
    def names(self) -> Collection[str]:
        """Every department of the catalog."""
        return self._seals.departments

    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        """File ``body``; the same bytes again are harmless, others are a conflict."""
        self._catch_up()
        record = self._find(submission_id)
        if record is None:
            record = self._file(department, submission_id, body)
        elif record["messages"][submission_id] != digest_bytes(body):
            raise _problem(department, "submission-conflict", submission_id)
        return _page(record, after=0)

    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        """Return the state, or ``None`` where nothing was ever filed under that id."""
        self._catch_up()
        record = self._find(submission_id)
        if record is None or record["department"] != department:
            return None
        return _page(record, after=after)

    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        """Take an answer to the open correction."""
        self._catch_up()
        record = self._known(department, submission_id)
        if self._is_repeat(record, supplement_id, body):
            return _page(record, after=0)
        data = parse_object(body)
        if _folded(record).correction_id != data.get("correction_id"):
            raise _problem(department, "not-open", submission_id)
        record["messages"][supplement_id] = digest_bytes(body)
        given = {"correction_id": data["correction_id"], "supplement_id": supplement_id}
        events = [(EventType.CORRECTION_RECEIVED, given | {"request_digest": digest_bytes(body)})]
        self._tell(record, events)
        behaviour = self._behaviours.of(record["body"]["step_id"])
        record["due"] = _planned(behaviour, self._clock.now(), is_corrected=True)
        self._save(record)
        return _page(record, after=0)

    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        """Withdraw what is not decided yet."""
        self._catch_up()
        record = self._known(department, submission_id)
        if self._is_repeat(record, withdrawal_id, body):
            return _page(record, after=0)
        if not _folded(record).is_open:
            raise _problem(department, "not-open", submission_id)
        record["messages"][withdrawal_id] = digest_bytes(body)
        asked = {"withdrawal_id": withdrawal_id, "request_digest": digest_bytes(body)}
        self._tell(
            record,
            [
                (EventType.WITHDRAWAL_REQUESTED, asked),
                (EventType.WITHDRAWN, {"withdrawal_id": withdrawal_id}),
            ],
        )
        record["due"] = []
        self._save(record)
        return _page(record, after=0)

    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        """Return what is new since ``cursor``; without one, every head."""
        self._catch_up()
        if cursor is None:
            rows = self._db.execute(
                "SELECT record FROM submissions WHERE department = ?", (department,)
            ).fetchall()
            heads = [_page(parse_object(row[0].encode()), after=10_000) for row in rows]
            last = self._db.execute("SELECT coalesce(max(number), 0) FROM feed").fetchone()[0]
            changes = tuple(_change(page) for page in heads)
            return ChangesPage(changes=changes, cursor=str(last), has_more=False)
        rows = self._db.execute(
            "SELECT number, id, seq FROM feed WHERE department = ? AND number > ?"
            " ORDER BY number LIMIT ?",
            (department, int(cursor), _PAGE),
        ).fetchall()
        news = tuple(self._news(identifier, seq) for _, identifier, seq in rows)
        last = str(rows[-1][0]) if rows else cursor
        return ChangesPage(changes=news, cursor=last, has_more=len(rows) == _PAGE)

    async def put_document(self, department: str, document: bytes, media_type: str) -> None:
        """Take the bytes; nobody reads them here."""

    # --- inside --------------------------------------------------------------------------------

    def _file(self, department: str, submission_id: str, body: bytes) -> Record:
        self.filed[submission_id] = self.filed.get(submission_id, 0) + 1
        data = parse_object(body)
        now = self._clock.now()
        record: Record = {
            "id": submission_id,
            "department": department,
            "body": data,
            "messages": {submission_id: digest_bytes(body)},
            "events": [],
            "due": [],
        }
        receipt = {"receipt_no": f"SJ-{submission_id}", "request_digest": digest_bytes(body)}
        self._tell(record, [(EventType.RECEIVED, receipt)])
        behaviour = self._behaviours.of(data["step_id"])
        missing = _missing(behaviour, data)
        if missing:
            record["due"] = [_ask(missing, behaviour, now + behaviour.accepts_after)]
        else:
            record["due"] = _planned(behaviour, now, is_corrected=False)
        self._advance(record, now)
        self._save(record)
        return record

    def _catch_up(self) -> None:
        now = self._clock.now()
        rows = self._db.execute(
            "SELECT record FROM submissions WHERE next_due <= ?", (_sortable(now),)
        ).fetchall()
        for (text,) in rows:
            record = parse_object(text.encode())
            self._advance(record, now)
            self._save(record)

    def _advance(self, record: Record, now: datetime) -> None:
        while record["due"] and read_instant(record["due"][0]["at"]) <= now:
            due = record["due"].pop(0)
            data = due["data"]
            if due["type"] == EventType.GRANTED:
                data = {"outcome": self._outcome(record, read_instant(due["at"]))}
            self._tell(record, [(EventType(due["type"]), data)], at=read_instant(due["at"]))

    def _outcome(self, record: Record, at: datetime) -> Mapping[str, Any]:
        day = legal_day(at)
        outcome: dict[str, Any] = {"decision": "granted", "decided_on": day.isoformat()}
        certificate = self._seals.certificate(
            record["department"], record["id"], record["body"], at
        )
        if certificate is not None:
            outcome["certificate"] = certificate
        return outcome | {"result_type": record["body"]["step_id"], "number": f"SB-{record['id']}"}

    def _tell(
        self,
        record: Record,
        events: Sequence[tuple[EventType, Mapping[str, Any]]],
        *,
        at: datetime | None = None,
    ) -> None:
        submission = _folded(record)
        for kind, data in events:
            event = _event(record, submission, kind, data, at or self._clock.now())
            submission = advance(submission, event)
            record["events"].append(event.as_json())
            self._db.execute(
                "INSERT INTO feed (department, id, seq, told_at) VALUES (?, ?, ?, ?)",
                (record["department"], record["id"], event.seq, event.recorded_at),
            )

    def _save(self, record: Record) -> None:
        due = _sortable(read_instant(record["due"][0]["at"])) if record["due"] else None
        self._db.execute(
            "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?)",
            (record["id"], record["department"], due, canonical(record).decode()),
        )

    def _find(self, submission_id: str) -> Record | None:
        row = self._db.execute(
            "SELECT record FROM submissions WHERE id = ?", (submission_id,)
        ).fetchone()
        return parse_object(row[0].encode()) if row else None

    def _known(self, department: str, submission_id: str) -> Record:
        record = self._find(submission_id)
        if record is None:
            raise _problem(department, "unknown-submission", submission_id)
        return record

    def _is_repeat(self, record: Record, message_id: str, body: bytes) -> bool:
        known = record["messages"].get(message_id)
        if known is not None and known != digest_bytes(body):
            raise _problem(record["department"], "supplement-conflict", record["id"])
        return known is not None

    def _news(self, submission_id: str, seq: int) -> Change:
        record = self._known("", submission_id)
        page = _page(record, after=seq - 1)
        return Change(
            submission_id=submission_id,
            head_seq=page.head_seq,
            head_digest=page.head_digest,
            events=page.events[:1],
        )


# --- plain functions over a record -----------------------------------------------------------------


def _missing(behaviour: Behaviour, body: Mapping[str, Any]) -> list[str]:
    given = {one["material"] for one in body.get("materials", ())}
    return [name for name in behaviour.corrects if name not in given]


def _ask(missing: list[str], behaviour: Behaviour, at: datetime) -> Record:
    items = [
        {
            "material": name,
            "problem": "missing",
            "text": {"en": behaviour.corrects[name], "zh": behaviour.corrects[name]},
            "by_law": "sample",
        }
        for name in missing
    ]
    due_on = legal_day(at + timedelta(days=15)).isoformat()
    data = {"correction_id": "r1", "items": items, "is_complete_list": True, "due_on": due_on}
    return _due(at, EventType.CORRECTION_REQUESTED, data)


def _planned(behaviour: Behaviour, now: datetime, *, is_corrected: bool) -> list[Record]:
    """Return what will be told, and when: the department's own calendar of this application."""
    quick = behaviour.on_the_spot
    accepts = now if quick else now + behaviour.accepts_after
    decides = now if quick else now + behaviour.decides_after
    remedies = _remedies(decides)
    reasons = [_SAMPLE_REASON]
    if behaviour.decision == "not_accepted" and not is_corrected:
        return [_due(accepts, EventType.NOT_ACCEPTED, {"reasons": reasons, "remedies": remedies})]
    planned = [
        _due(
            accepts,
            EventType.ACCEPTED,
            {"acceptance_no": "SL-1", "promised_working_days": 8, "how": "explicit"},
        )
    ]
    if behaviour.inspects_after is not None:
        planned.extend(_inspection(now + behaviour.inspects_after))
    if behaviour.decision == "refused":
        planned.append(_due(decides, EventType.REFUSED, {"reasons": reasons, "remedies": remedies}))
    else:
        planned.append(_due(decides, EventType.GRANTED, {}))
    return sorted(planned, key=lambda one: read_instant(one["at"]))


def _inspection(at: datetime) -> Iterator[Record]:
    until = at + timedelta(days=1)
    notice = {
        "kind": "on_site_check",
        "by_law": "Administrative Licensing Law art. 45",
        "notice_no": "TZ-1",
        "expected_until": legal_day(until).isoformat(),
    }
    yield _due(at, EventType.SUSPENDED, notice)
    yield _due(until, EventType.RESUMED, {"result": {"en": "passed", "zh": "合格"}})


def _remedies(at: datetime) -> list[Mapping[str, Any]]:
    review = legal_day(at + timedelta(days=60)).isoformat()
    return [
        {"kind": "review", "until": review, "where": {"en": "the government", "zh": "本级政府"}}
    ]


def _due(at: datetime, kind: EventType, data: Mapping[str, Any]) -> Record:
    return {"at": write_instant(at), "type": str(kind), "data": dict(data)}


def _event(
    record: Record, submission: Submission, kind: EventType, data: Mapping[str, Any], at: datetime
) -> DepartmentEvent:
    instant = write_instant(at)
    plain = DepartmentEvent(
        submission_id=record["id"],
        seq=submission.seq + 1,
        type=str(kind),
        at=instant,
        recorded_at=instant,
        department=record["department"],
        data=data,
        prev=submission.head,
        digest=Digest(""),
    )
    return _sealed(plain)


def _sealed(
    event: DepartmentEvent, sign: Callable[[bytes], bytes] = _EVENT_KEY.sign
) -> DepartmentEvent:
    own = event_digest(event)
    value = base64.b64encode(sign(signing_input(own))).decode()
    signature = EventSignature(keyid="sandbox", alg="ed25519", value=value)
    body = event.body()
    return DepartmentEvent(**body, digest=own, signatures=(signature,))


def _read(event: Mapping[str, Any]) -> DepartmentEvent:
    signatures = tuple(EventSignature(**one) for one in event["signatures"])
    return DepartmentEvent(**{**event, "signatures": signatures})


def _folded(record: Record) -> Submission:
    return fold(record["id"], tuple(_read(event) for event in record["events"]))


def _page(record: Record, *, after: int) -> StatusPage:
    events = tuple(_read(event) for event in record["events"])
    submission = fold(record["id"], events)
    return StatusPage(
        submission_id=record["id"],
        state=str(submission.state),
        head_seq=submission.seq,
        head_digest=submission.head,
        events=events[after:],
    )


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


def _sortable(at: datetime) -> str:
    """Return an instant as text that sorts as time does."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")
