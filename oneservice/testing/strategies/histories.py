"""What departments say: single events that fit, and whole legal histories, by the protocol's table.

Every history here is chained by digest and folds without an error. Nothing is signed: whoever needs
signatures signs ``event.digest`` (``oneservice.case.signing_input``) with a key of their own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from oneservice.canonical import Digest, write_instant
from oneservice.case import (
    TRANSITIONS,
    DepartmentEvent,
    EventType,
    Submission,
    advance,
    event_digest,
)
from oneservice.errors import IllegalInputError
from oneservice.workdays import legal_day

__all__ = ["DAY_ONE", "department_events", "histories", "legal_types", "next_event", "plain_event"]

DAY_ONE: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
"""Monday, 28 September 2026, nine in the morning in China: a holiday week lies ahead."""
_REASONS: Final = [{"code": "sample", "text": {"zh": "示例", "en": "sample"}, "by_law": "art. 1"}]
_DIGEST: Final = "sha256:" + "6" * 64
_NOTES: Final = ("x_note", "x_queue_moved")


def next_event(
    submission: Submission,
    kind: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
    department: str = "office",
) -> DepartmentEvent:
    """Return the event that stands behind ``submission``: numbered, chained, digested.

    Whether the table allows it there is not asked: that is what :func:`oneservice.case.advance` is
    for, and tests need the others too.
    """
    plain = DepartmentEvent(
        submission_id=submission.submission_id,
        seq=submission.seq + 1,
        type=kind,
        at=write_instant(at),
        recorded_at=write_instant(at),
        department=department,
        data=data,
        prev=submission.head,
        digest=Digest(""),
    )
    return dataclasses.replace(plain, digest=event_digest(plain))


def plain_event(
    submission: Submission,
    kind: EventType,
    *,
    at: datetime = DAY_ONE,
    department: str = "office",
    **data: Any,
) -> DepartmentEvent:
    """Return an event of ``kind`` with the least data that fits ``submission``, and ``data``."""
    plain = _plain(submission, kind, at) | data
    return next_event(submission, kind, plain, at=at, department=department)


def legal_types(submission: Submission) -> tuple[EventType, ...]:
    """Return the types that may come next, in the order of :class:`EventType`."""
    found = []
    for kind in EventType:
        if submission.state not in TRANSITIONS[kind]:
            continue
        try:
            advance(submission, plain_event(submission, kind))
        except IllegalInputError:
            continue  # a row that holds before acceptance only, or after it, or once
        found.append(kind)
    return tuple(found)


@st.composite
def department_events(
    draw: st.DrawFn,
    submission: Submission,
    *,
    at: datetime = DAY_ONE,
    department: str = "office",
    among: Collection[str] = tuple(EventType),
) -> DepartmentEvent:
    """Draw a legal next event of ``submission``, an ``x_`` note now and then.

    Args:
        draw: given by hypothesis.
        submission: the fold of what was said before; ``Submission(submission_id=...)`` at first.
        at: when it is said and takes effect.
        department: who says it.
        among: only these types; a note where none of them may come.
    """
    kinds = [kind for kind in legal_types(submission) if kind in among]
    if not kinds or draw(st.integers(0, 9)) == 9:  # noqa: PLR2004 - one in ten; small ones come first
        note = draw(st.sampled_from(_NOTES))
        return next_event(submission, note, {"text": "kept"}, at=at, department=department)
    kind = EventType(draw(st.sampled_from(kinds)))
    data = _plain(submission, kind, at) | draw(_details(kind, at))
    return next_event(submission, kind, data, at=at, department=department)


@st.composite
def histories(
    draw: st.DrawFn,
    submission_id: str = "c1.step.1",
    *,
    start: datetime = DAY_ONE,
    max_size: int = 12,
    department: str = "office",
) -> tuple[DepartmentEvent, ...]:
    """Draw a whole legal history from its receipt, long or short, ended or not.

    Args:
        draw: given by hypothesis.
        submission_id: whose history.
        start: the instant of receipt; later events come up to ten days after one another.
        max_size: at most so many events.
        department: who says it all.
    """
    submission, events, at = Submission(submission_id=submission_id), [], start
    for _ in range(draw(st.integers(1, max_size))):
        event = draw(department_events(submission, at=at, department=department))
        submission = advance(submission, event)
        events.append(event)
        at += timedelta(minutes=draw(st.integers(0, 14_400)))
    return tuple(events)


def _plain(submission: Submission, kind: EventType, at: datetime = DAY_ONE) -> dict[str, Any]:
    """Return the least data that ``kind`` must have to fit behind ``submission``."""
    return _DATA[kind](_Place.of(submission, at))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What data refers to: the number of the event, what is open before it, and days."""

    number: int
    correction: str
    withdrawal: str
    supplement: str
    is_withdrawal_open: bool
    due_on: str
    at: str

    @classmethod
    def of(cls, submission: Submission, at: datetime) -> _Place:
        number, name = submission.seq + 1, submission.submission_id
        return cls(
            number=number,
            correction=submission.correction_id or f"k{number}",
            withdrawal=submission.withdrawal_id or f"{name}.w{number}",
            supplement=f"{name}.s{number}",
            is_withdrawal_open=submission.withdrawal_id is not None,
            due_on=legal_day(at + timedelta(days=15)).isoformat(),
            at=write_instant(at),
        )

    def refusal(self) -> dict[str, Any]:
        return {"reasons": _REASONS, "remedies": [{"kind": "review", "until": self.due_on}]}


_DATA: Final[Mapping[EventType, Callable[[_Place], dict[str, Any]]]] = {
    EventType.RECEIVED: lambda one: {"receipt_no": f"SJ-{one.number}", "request_digest": _DIGEST},
    EventType.ACCEPTED: lambda one: {
        "acceptance_no": f"SL-{one.number}",
        "promised_working_days": 8,
        "how": "explicit",
    },
    EventType.NOT_ACCEPTED: _Place.refusal,
    EventType.CORRECTION_REQUESTED: lambda one: {
        "correction_id": f"k{one.number}",
        "items": [{"material": "m_layout", "problem": "missing"}],
        "is_complete_list": True,
        "due_on": one.due_on,
    },
    EventType.CORRECTION_RECEIVED: lambda one: {
        "correction_id": one.correction,
        "supplement_id": one.supplement,
        "request_digest": _DIGEST,
    },
    EventType.SUSPENDED: lambda one: {
        "kind": "on_site_check",
        "by_law": "Administrative Licensing Law art. 45",
        "notice_no": f"TZ-{one.number}",
        "expected_until": one.due_on,
    },
    EventType.RESUMED: lambda _: {"result": {"zh": "合格", "en": "passed"}},
    EventType.EXTENDED: lambda one: {
        "working_days": 10,
        "reason": {"en": "sample"},
        "approved_by": "head of the office",
        "notice_no": f"YQ-{one.number}",
    },
    EventType.PROGRESS: lambda _: {"label": {"en": "on site"}, "is_public": True},
    EventType.GRANTED: lambda one: {"outcome": {"number": f"SB-{one.number}"}},
    EventType.GRANTED_PENDING_MATERIAL: lambda one: {
        "pending": [{"material": "m_report", "until": one.due_on}]
    },
    EventType.MATERIAL_RECEIVED: lambda one: {
        "supplement_id": one.supplement,
        "outcome": {"number": f"SB-{one.number}"},
    },
    EventType.REFUSED: _Place.refusal,
    EventType.WITHDRAWAL_REQUESTED: lambda one: {
        "withdrawal_id": one.withdrawal,
        "request_digest": _DIGEST,
    },
    EventType.WITHDRAWAL_REFUSED: lambda one: {
        "withdrawal_id": one.withdrawal,
        "reasons": _REASONS,
    },
    EventType.WITHDRAWN: lambda one: (
        {"withdrawal_id": one.withdrawal} if one.is_withdrawal_open else {}
    ),
    EventType.LAPSED: lambda _: {"reason": "late", "materials": ["m_health"]},
    EventType.RESULT_REPLACED: lambda one: {"outcome": {"number": f"SB-{one.number}"}},
    EventType.RESULT_REVOKED: lambda one: {
        "reason": "sample",
        "by_law": "Administrative Licensing Law art. 69",
        "effective_at": one.at,
    },
}


def _details(kind: EventType, at: datetime) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what differs between events of one type and moves clocks; lawful or not."""
    day = legal_day(at)
    match kind:
        case EventType.ACCEPTED:
            days = st.fixed_dictionaries({"promised_working_days": st.integers(0, 60)})
            until = st.dates(day, day + timedelta(days=20)).map(lambda one: one.isoformat())
            row = st.fixed_dictionaries({"material": st.just("m_health"), "until": until})
            rows = st.lists(row | st.just("m_photo"), min_size=1, max_size=1)
            tolerant = st.fixed_dictionaries({"how": st.just("tolerance"), "tolerated": rows})
            return st.tuples(days, st.just({}) | tolerant).map(lambda both: both[0] | both[1])
        case EventType.EXTENDED:
            notices = st.sampled_from(["YQ-1", "YQ-2", ""])
            return st.fixed_dictionaries({"working_days": st.integers(1, 12), "notice_no": notices})
        case EventType.SUSPENDED:
            kinds = ("hearing", "test", "on_site_check", "appraisal", "expert_review")
            return st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(kinds),
                    "notice_no": st.sampled_from(["TZ-1", "TZ-2", ""]),
                    "expected_until": st.dates(day, day + timedelta(days=30)).map(
                        lambda one: one.isoformat()
                    ),
                }
            )
        case EventType.CORRECTION_REQUESTED:
            last = st.dates(day, day + timedelta(days=40)).map(lambda one: one.isoformat())
            return st.fixed_dictionaries({"due_on": last})
        case _:
            return st.just({})
