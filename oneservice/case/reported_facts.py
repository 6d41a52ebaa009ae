"""What each type of a department's event means for its sub-case beyond the state it brings.

Every function returns the members that change. What a department signed is kept, lawful or not:
where the law gives it less than it says (a stop of the clock without a notice, a second correction
list), it gets no more than the law, and a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from oneservice.case.changing import changed
from oneservice.case.course import Course, Extended, Promise
from oneservice.case.department_events import DepartmentEvent, EventType, stated_instants
from oneservice.case.silence import is_after_silence, remarked
from oneservice.case.state import Correction, SubCase
from oneservice.case.stated_days import stated_day
from oneservice.case.step_spec import StepSpec
from oneservice.workdays import Suspension, legal_day

__all__ = ["FACTS"]


def _received(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, event
    return {"received_at": at, "notice_from": at}


def _accepted(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    course = _acceptance_course(sub, event, at)
    was_silent = sub.deemed_due_at is None or stated_instants(event)[1] >= sub.deemed_due_at
    if sub.accepted_at is None or not was_silent:
        # A correction before acceptance is no pause: the clock had not started.
        changes: dict[str, Any] = {
            "accepted_at": at,
            "deemed_due_at": None,
            "correction": None,
            "pauses": (),
        }
    else:
        # The earlier of both wins: silence made it accepted from receipt (protocol section 6).
        changes = {"correction": None, "pauses": _closed(sub, at)}
    return changes if course is sub.course else changes | {"course": course}


def _acceptance_course(sub: SubCase, event: DepartmentEvent, at: datetime) -> Course:
    course, spec, days = sub.course, sub.spec, event.data["promised_working_days"]
    # 0 is what a department says that promises nothing of its own.
    if days and spec.promised_unit == "working_days" and days != spec.promised_days >= 0:
        said = f"{days} / {spec.promised_days}"
        course = remarked(sub, event, "promise-differs", said)
    tolerated = event.data.get("tolerated")
    if event.data["how"] == "tolerance" and isinstance(tolerated, (list, tuple)):
        promises = tuple(
            Promise(
                sub_case_id=sub.id,
                material=name,
                until=until,
                since=at,
                can_follow_now=False,
            )
            for name, until in _materials_of(sub, tolerated)
        )
        names = tuple(one.material for one in promises)
        course = changed(course, tolerated=names, promises=promises)
    return course


def _materials_of(sub: SubCase, rows: Iterable[Any]) -> Iterator[tuple[str, date | None]]:
    """Yield the materials of ``tolerated`` or ``pending``: ids, or rows with their last day."""
    for row in rows:
        if isinstance(row, Mapping):
            name, until = str(row.get("material")), stated_day(row.get("until"))
        else:
            name, until = str(row), None
        yield sub.spec.planned_id(name), until


def _as_planned(spec: StepSpec, item: Any) -> Any:
    """Return what a correction asks for under the ids of the plan; mostly there is no other."""
    if not spec.apart or not isinstance(item, Mapping):
        return item
    found = dict(item)
    if found.get("material"):
        found["material"] = spec.planned_id(str(found["material"]))
    if str(found.get("pointer", "")).startswith(_FIELDS):
        first, mark, rest = str(found["pointer"]).removeprefix(_FIELDS).partition("/")
        found["pointer"] = f"{_FIELDS}{spec.planned_id(first)}{mark}{rest}"
    return found


_FIELDS: Final = "/fields/"


def _correction_requested(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    correction = Correction(
        correction_id=str(data["correction_id"]),
        sub_case_id=sub.id,
        items=tuple(_as_planned(sub.spec, one) for one in data["items"]),
        is_complete_list=bool(data["is_complete_list"]),
        due_on=str(data["due_on"]),
        asked_at=at,
    )
    changes: dict[str, Any] = {"correction": correction}
    course = sub.course
    if is_after_silence(sub, event):
        course = remarked(sub, event, "correction-after-silence", correction.correction_id)
    if sub.accepted_at is not None and sub.spec.correction == "pause":
        changes["pauses"] = (*sub.pauses, _pause(at, "correction", event.data))
    if not correction.is_complete_list:
        course = remarked(
            sub, event, "correction-not-complete", correction.correction_id, course=course
        )
    if sub.accepted_at is None:
        if course.corrections_before:
            course = remarked(
                sub, event, "correction-repeated", correction.correction_id, course=course
            )
        course = changed(course, corrections_before=course.corrections_before + 1)
    return changes if course is sub.course else changes | {"course": course}


def _correction_received(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    return {"correction": None, "notice_from": at, "pauses": _closed(sub, at)}


def _suspended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    lacks = next((one for one in _GROUNDS if not _plain(data[one]).strip()), None)
    course = changed(
        sub.course, suspended_at=at, suspended_until=stated_day(data["expected_until"])
    )
    if lacks is not None:
        # Without a ground and a written notice the days count (Licensing Law art. 45).
        return {"course": remarked(sub, event, "suspension-without-notice", lacks, course=course)}
    return {"pauses": (*sub.pauses, _pause(at, str(data["kind"]), data)), "course": course}


_GROUNDS: Final = ("kind", "by_law", "notice_no")


def _resumed(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del event
    course = changed(sub.course, suspended_at=None, suspended_until=None)
    return {"pauses": _closed(sub, at), "course": course}


def _extended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    data = event.data
    extension = Extended(
        days=int(data["working_days"]),
        decided_on=legal_day(at),
        approved_by=str(data["approved_by"]),
        reason=_plain(data["reason"]),
        notice_no=str(data["notice_no"]),
    )
    return {"course": changed(sub.course, extension=extension)}


def _plain(text: Any) -> str:
    """Return a text for people as one string, whichever of its languages is there."""
    if isinstance(text, Mapping):
        return str(text.get("zh") or text.get("en") or "")
    return str(text)


def _granted(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    decided: dict[str, Any] = {"decided_at": at, "correction": None, "pauses": _closed(sub, at)}
    if sub.course.promises:
        decided["course"] = changed(sub.course, promises=())
    return decided | {"outcome": event.data.get("outcome")}


def _granted_pending(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    pending = tuple(
        Promise(sub_case_id=sub.id, material=name, until=until, since=at, can_follow_now=True)
        for name, until in _materials_of(sub, event.data["pending"])
    )
    return _granted(sub, event, at) | {"course": changed(sub.course, promises=pending)}


def _ended(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    reasons = _texts(event.data.get("reasons"))
    if event.type == EventType.LAPSED:
        reasons = ({"code": "lapsed", "text": event.data["reason"]},)
    ended: dict[str, Any] = {
        "decided_at": at,
        "correction": None,
        "pauses": _closed(sub, at),
        "reasons": reasons,
        "remedies": _texts(event.data.get("remedies")),
    }
    course = changed(sub.course, promises=()) if sub.course.promises else sub.course
    if event.type == EventType.NOT_ACCEPTED and is_after_silence(sub, event):
        since = legal_day(sub.deemed_due_at).isoformat() if sub.deemed_due_at else ""
        course = remarked(sub, event, "not-accepted-after-silence", since, course=course)
    return ended if course is sub.course else ended | {"course": course}


def _withdrawal_refused(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, at
    return {"withdrawal": "refused", "reasons": _texts(event.data.get("reasons"))}


def _replaced(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, at
    return {"outcome": event.data["outcome"]}


def _revoked(sub: SubCase, event: DepartmentEvent, at: datetime) -> dict[str, Any]:
    del sub, event, at
    return {"is_revoked": True}


_Fact: TypeAlias = Callable[[SubCase, DepartmentEvent, datetime], dict[str, Any]]
FACTS: Final[Mapping[str, _Fact]] = {
    EventType.RECEIVED: _received,
    EventType.ACCEPTED: _accepted,
    EventType.CORRECTION_REQUESTED: _correction_requested,
    EventType.CORRECTION_RECEIVED: _correction_received,
    EventType.SUSPENDED: _suspended,
    EventType.RESUMED: _resumed,
    EventType.EXTENDED: _extended,
    EventType.GRANTED: _granted,
    EventType.GRANTED_PENDING_MATERIAL: _granted_pending,
    EventType.MATERIAL_RECEIVED: _granted,
    EventType.NOT_ACCEPTED: _ended,
    EventType.REFUSED: _ended,
    EventType.WITHDRAWN: _ended,
    EventType.LAPSED: _ended,
    EventType.WITHDRAWAL_REFUSED: _withdrawal_refused,
    EventType.RESULT_REPLACED: _replaced,
    EventType.RESULT_REVOKED: _revoked,
}
"""By type: what changes in a sub-case. Types that are not here change its state alone."""


def _pause(at: datetime, kind: str, data: Mapping[str, Any]) -> Suspension:
    return Suspension(
        start=legal_day(at),
        end=None,
        kind=kind,
        by_law=str(data.get("by_law", "")),
        notice_no=str(data.get("notice_no", "")),
    )


def _closed(sub: SubCase, at: datetime) -> tuple[Suspension, ...]:
    """Close what is open; both ends of an interval count as paused (domain section 7, rule 4)."""
    if not sub.pauses:
        return ()
    day: date = legal_day(at)
    return tuple(
        changed(pause, end=max(day, pause.start)) if pause.end is None else pause
        for pause in sub.pauses
    )


def _texts(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else ()
