"""What a simulated department will do with an application, and when: planned at receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from oneservice.canonical import read_instant, write_instant
from oneservice.case import EventType
from oneservice.sandbox.behaviour import Behaviour
from oneservice.workdays import legal_day

__all__ = ["Due", "ask", "lapse", "missing", "pending", "planned"]

Due = dict[str, Any]
"""One thing that will be told: ``at``, ``type`` and ``data``, as JSON."""

_SAMPLE_REASON: Final[Mapping[str, Any]] = {
    "code": "sample",
    "text": {"en": "sample reason", "zh": "示例理由"},
    "by_law": "sample",
}

_MISSING: Final = {"en": "is missing: ", "zh": "缺少："}


def missing(
    behaviour: Behaviour, body: Mapping[str, Any], must_bring: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    """Return the materials that will be asked for, and in which words.

    Args:
        behaviour: of the department with this step.
        body: what was handed in.
        must_bring: titles of the materials that the applicant has to bring for it, by id.
    """
    given = {one["material"] for one in body.get("materials", ())}
    given |= {one["material"] for one in body.get("promises", ())}
    wanted = {
        name: {lang: f"{_MISSING[lang]}{title[lang]}" for lang in _MISSING}
        for name, title in must_bring.items()
    }
    wanted |= {name: {"en": why, "zh": why} for name, why in behaviour.corrects.items()}
    return {name: text for name, text in wanted.items() if name not in given}


def ask(lacking: Mapping[str, Mapping[str, str]], at: datetime) -> Due:
    """Return the correction request for the materials ``lacking``, all at once."""
    items = [
        {"material": name, "problem": "missing", "text": dict(text), "by_law": "sample"}
        for name, text in lacking.items()
    ]
    due_on = legal_day(at + timedelta(days=15)).isoformat()
    data = {"correction_id": "r1", "items": items, "is_complete_list": True, "due_on": due_on}
    return _due(at, EventType.CORRECTION_REQUESTED, data)


def pending(promises: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """Return what is waited for after the grant at ``at``: what was promised, a while longer."""
    least = legal_day(at + _LEAST_WAIT).isoformat()
    return [{"material": one["material"], "until": max(one["until"], least)} for one in promises]


def lapse(waited_for: Sequence[Mapping[str, Any]]) -> Due:
    """Return the end of a grant whose promised materials did not come by their last day."""
    last = date.fromisoformat(max(one["until"] for one in waited_for))
    at = datetime.combine(last + timedelta(days=1), time(1), tzinfo=UTC)
    reason = {"en": "what was promised did not come", "zh": "承诺补交的材料逾期未交"}
    names = [one["material"] for one in waited_for]
    return _due(at, EventType.LAPSED, {"reason": reason, "materials": names})


_LEAST_WAIT: Final = timedelta(days=5)


def planned(
    behaviour: Behaviour,
    now: datetime,
    *,
    is_corrected: bool,
    promised_days: int,
    promises: Sequence[Mapping[str, Any]] = (),
) -> list[Due]:
    """Return what will be told, and when: the department's own calendar of this application.

    ``promised_days`` are told at the acceptance; 0: nothing but what is published. With
    ``promises`` it is accepted without those materials, and granted pending them (容缺).
    """
    quick = behaviour.on_the_spot
    accepts = now if quick else now + behaviour.accepts_after
    decides = now if quick else now + behaviour.decides_after
    remedies = _remedies(decides)
    reasons = [_SAMPLE_REASON]
    if behaviour.decision == "not_accepted" and not is_corrected:
        return [_due(accepts, EventType.NOT_ACCEPTED, {"reasons": reasons, "remedies": remedies})]
    how: dict[str, Any] = {"how": "explicit"}
    if promises:
        tolerated = [{"material": one["material"], "until": one["until"]} for one in promises]
        how = {"how": "tolerance", "tolerated": tolerated}
    found = [
        _due(
            accepts,
            EventType.ACCEPTED,
            {"acceptance_no": "SL-1", "promised_working_days": promised_days, **how},
        )
    ]
    if behaviour.inspects_after is not None:
        found.extend(_inspection(now + behaviour.inspects_after))
    if behaviour.decision == "refused":
        found.append(_due(decides, EventType.REFUSED, {"reasons": reasons, "remedies": remedies}))
    elif promises:
        waited_for = pending(promises, decides)
        told = {"pending": waited_for}
        found += [_due(decides, EventType.GRANTED_PENDING_MATERIAL, told), lapse(waited_for)]
    else:
        found.append(_due(decides, EventType.GRANTED, {}))
        if behaviour.revokes_after is not None:
            found.append(_revocation(decides + behaviour.revokes_after))
    return sorted(found, key=lambda one: read_instant(one["at"]))


def _inspection(at: datetime) -> Iterator[Due]:
    until = at + timedelta(days=1)
    notice = {
        "kind": "on_site_check",
        "by_law": "Administrative Licensing Law art. 45",
        "notice_no": "TZ-1",
        "expected_until": legal_day(until).isoformat(),
    }
    yield _due(at, EventType.SUSPENDED, notice)
    yield _due(until, EventType.RESUMED, {"result": {"en": "passed", "zh": "合格"}})


def _revocation(at: datetime) -> Due:
    told = {
        "reason": _SAMPLE_REASON["text"],
        "by_law": "Administrative Licensing Law art. 69",
        "effective_at": write_instant(at),
    }
    return _due(at, EventType.RESULT_REVOKED, told)


def _remedies(at: datetime) -> list[Mapping[str, Any]]:
    review = legal_day(at + timedelta(days=60)).isoformat()
    return [
        {"kind": "review", "until": review, "where": {"en": "the government", "zh": "本级政府"}}
    ]


def _due(at: datetime, kind: EventType, data: Mapping[str, Any]) -> Due:
    return {"at": write_instant(at), "type": str(kind), "data": dict(data)}
