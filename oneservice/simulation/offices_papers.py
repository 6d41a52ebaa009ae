"""What offices write: the data of each event; what comes with a grant, ``offices_results.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from oneservice.case import EventType
from oneservice.simulation.offices_files import File
from oneservice.simulation.offices_telling import Facts
from oneservice.workdays import LEGAL_ZONE

__all__ = ["data_of", "instant_text"]

Outcome = Callable[[File, int], Mapping[str, Any]]

_REVIEW_DAYS: Final = 60
_DAY_S: Final = 86_400
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_SAMPLE_LAW: Final = "sample"
_REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "out_of_scope": {"zh": "不属于本机关职权范围", "en": "not a matter of this office"},
    "conditions_not_met": {"zh": "不符合法定条件", "en": "the legal conditions are not met"},
    "incomplete": {"zh": "补正后材料仍不齐全", "en": "still incomplete after the correction"},
    "too_far": {"zh": "办理已近完成", "en": "the handling is almost done"},
}
_GOVERNMENT: Final = {"zh": "本级人民政府", "en": "the government of this level"}
_MISSING: Final = {"zh": "材料缺失或不符合要求", "en": "missing, or not as required"}
_SUPPLEMENT_LATE: Final = {"zh": "逾期未补正", "en": "what was asked for did not come in time"}
_MISTAKE: Final = {"zh": "更正登记错误", "en": "a mistake in the entry is corrected"}
_FALSE_FACTS: Final = {"zh": "提供虚假材料", "en": "granted on false papers"}
_APPROVER: Final = "head-of-office"
_PASSED: Final = {"zh": "合格", "en": "passed"}


def instant_text(at: int) -> str:
    """Return ``at``, seconds since 1970, as the protocol writes instants."""
    day, second = divmod(at, _DAY_S)
    minute, second = divmod(second, 60)
    return f"{_day_text(day)}T{minute // 60:02}:{minute % 60:02}:{second:02}Z"


@lru_cache(maxsize=4096)
def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


def data_of(file: File, kind: EventType, at: int, facts: Facts, outcome: Outcome) -> Facts:
    """Return the data of an event (protocol section 6).

    Args:
        file: the application.
        kind: what happened.
        at: when, in seconds since 1970.
        facts: what the bureau says of it.
        outcome: makes the outcome of a grant (protocol section 9).
    """
    match kind:
        case (
            EventType.RECEIVED
            | EventType.CORRECTION_RECEIVED
            | EventType.WITHDRAWAL_REQUESTED
            | EventType.WITHDRAWN
        ):
            return facts
        case EventType.ACCEPTED:
            return _accepted(file, facts)
        case EventType.GRANTED | EventType.MATERIAL_RECEIVED:
            return {**facts, "outcome": outcome(file, at)}
        case EventType.NOT_ACCEPTED | EventType.REFUSED:
            return {"reasons": _reasons(facts["code"]), "remedies": _remedies(at)}
        case EventType.WITHDRAWAL_REFUSED:
            return {**facts, "reasons": _reasons("too_far")}
        case EventType.RESULT_REPLACED:
            return {"outcome": outcome(file, at), "reason": _MISTAKE}
        case EventType.RESULT_REVOKED:
            return {"reason": _FALSE_FACTS, "by_law": _SAMPLE_LAW, "effective_at": instant_text(at)}
        case _:
            return _of_the_clock(file, kind, at, facts)


def _of_the_clock(file: File, kind: EventType, at: int, facts: Facts) -> Facts:
    """Return the data of what stops, lengthens or ends a clock."""
    match kind:
        case EventType.SUSPENDED:
            return {
                "kind": facts["kind"],
                "by_law": facts["by_law"],
                "notice_no": f"TZ-{file.id}-{file.line}",
                "expected_until": _day(facts["until"]).isoformat(),
            }
        case EventType.RESUMED:
            return {"result": _PASSED}
        case EventType.EXTENDED:
            return {
                **facts,
                "reason": {"zh": "情况复杂", "en": "a complex matter"},
                "approved_by": _APPROVER,
                "notice_no": f"YQ-{file.id}",
            }
        case EventType.CORRECTION_REQUESTED:
            return {
                "correction_id": facts["correction_id"],
                "items": [_item(file)],
                "is_complete_list": True,
                "due_on": facts["due_on"].isoformat(),
            }
        case EventType.GRANTED_PENDING_MATERIAL:
            until = facts["until"].isoformat()
            return {"pending": [{"material": one, "until": until} for one in facts["materials"]]}
        case EventType.LAPSED:
            return {"reason": _SUPPLEMENT_LATE, **_what_lapsed(facts)}
        case _:  # pragma: no cover - the bureau tells no others
            msg = f"no office says {kind} at {at}"
            raise AssertionError(msg)


def _accepted(file: File, facts: Facts) -> Facts:
    data = {
        "acceptance_no": f"SL-{file.id}",
        "promised_working_days": file.step.promised_working_days,
        "how": facts["how"],
    }
    if file.request.promised:
        data["tolerated"] = list(file.request.promised)
    return data


def _item(file: File) -> Facts:
    place = {"material": file.asked} if file.asked else {"pointer": file.request.pointer}
    return {**place, "problem": "missing", "text": _MISSING, "by_law": _SAMPLE_LAW}


def _what_lapsed(facts: Facts) -> Facts:
    if facts["correction_id"] is not None:
        return {"correction_id": facts["correction_id"]}
    return {"materials": list(facts["materials"])}


def _reasons(code: str) -> list[Facts]:
    return [{"code": code, "text": _REASONS[code], "by_law": _SAMPLE_LAW}]


def _remedies(at: int) -> list[Facts]:
    until = (_day(at) + timedelta(days=_REVIEW_DAYS)).isoformat()
    return [{"kind": "review", "until": until, "where": _GOVERNMENT}]


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, LEGAL_ZONE).date()
