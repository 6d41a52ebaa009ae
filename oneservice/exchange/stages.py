"""From a department's events to stages, clock stops and results: a row each.

A stage begins with the event that names it and ends with the next one; the last one has no end of
its own, and the standard then wants the start repeated (GB/T 39046-2020, table 7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from oneservice.canonical import read_instant
from oneservice.case import DeemedAccepted, DepartmentEvent, EventType
from oneservice.exchange.records import ProcessRow, ResultRow, SpecialRow
from oneservice.plan import PlannedStep

__all__ = ["Told", "process_rows", "result_rows", "special_rows"]

Told: TypeAlias = DepartmentEvent | DeemedAccepted
"""What moves a sub-case on: the department's word, or its silence."""

_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    EventType.RECEIVED: ("收件", "接收申请"),
    EventType.ACCEPTED: ("受理", "予以受理"),
    EventType.NOT_ACCEPTED: ("受理", "不予受理"),
    EventType.CORRECTION_REQUESTED: ("补正", "一次性告知补正"),
    EventType.CORRECTION_RECEIVED: ("审查", "补正材料已收"),
    EventType.SUSPENDED: ("特别程序", "启动特别程序"),
    EventType.RESUMED: ("审查", "特别程序结束"),
    EventType.EXTENDED: ("审查", "延长审批"),
    EventType.GRANTED: ("办结", "准予许可"),
    EventType.GRANTED_PENDING_MATERIAL: ("容缺办理", "容缺通过"),
    EventType.MATERIAL_RECEIVED: ("办结", "容缺材料已补齐"),
    EventType.REFUSED: ("办结", "不予许可"),
    EventType.WITHDRAWAL_REQUESTED: ("撤回", "申请撤回"),
    EventType.WITHDRAWAL_REFUSED: ("审查", "不同意撤回"),
    EventType.WITHDRAWN: ("办结", "撤回"),
    EventType.LAPSED: ("办结", "逾期未补正，终止办理"),
    EventType.RESULT_REPLACED: ("办后", "变更结果"),
    EventType.RESULT_REVOKED: ("办后", "撤销结果"),
}
"""Events that are a stage of their own, with the stage's name and the action."""
_DEEMED: Final = ("受理", "逾期未告知，视为受理")
_RESULTS: Final = frozenset(
    {
        EventType.GRANTED,
        EventType.MATERIAL_RECEIVED,
        EventType.REFUSED,
        EventType.NOT_ACCEPTED,
        EventType.WITHDRAWN,
        EventType.LAPSED,
        EventType.RESULT_REPLACED,
        EventType.RESULT_REVOKED,
    }
)
_NOTICES: Final = ("notice_no", "acceptance_no", "receipt_no", "by_law")
"""Members of an event's data that may be told to everybody: numbers and clauses, no free text."""


def process_rows(number: str, told: Sequence[Told]) -> tuple[ProcessRow, ...]:
    """Return a row per stage of the case ``number``, in the order of their legal effect."""
    stages = [(at_of(one), *_name(one), one) for one in told if _is_stage(one)]
    ends = [start for start, *_ in stages[1:]] + [stages[-1][0]] if stages else []
    return tuple(
        ProcessRow(
            project_no=number,
            process_name=stage,
            event_name=action,
            event_start_time=start,
            event_end_time=max(start, end),
            handle_explain=_explained(one),
        )
        for (start, stage, action, one), end in zip(stages, ends, strict=True)
    )


def special_rows(number: str, told: Sequence[Told]) -> tuple[SpecialRow, ...]:
    """Return a row per time in which the clock stood, and one per extension.

    ``end_time`` is empty while it still stands.
    """
    rows: list[SpecialRow] = []
    events = [one for one in told if isinstance(one, DepartmentEvent)]
    for place, event in enumerate(events):
        if event.type == EventType.SUSPENDED:
            end = next((one for one in events[place + 1 :] if _ends_a_stop(one)), None)
            rows.append(_stop(number, event, end))
        elif event.type == EventType.EXTENDED:
            rows.append(
                SpecialRow(
                    project_no=number,
                    special_type="1",
                    special_name="延长审批",
                    special_reason=_plain(event.data.get("notice_no")),
                    special_time=at_of(event),
                    end_time=at_of(event),
                    result=f"延长 {event.data['working_days']} 个工作日",
                )
            )
    return tuple(rows)


def result_rows(
    number: str, told: Sequence[Told], step: PlannedStep, satisfaction: str | None
) -> tuple[ResultRow, ...]:
    """Return a row per decision: a result that was replaced or revoked later has a row for each."""
    events = [one for one in told if isinstance(one, DepartmentEvent) and one.type in _RESULTS]
    return tuple(
        _result(number, one, step, satisfaction if place == 0 else None)
        for place, one in enumerate(events)
    )


def at_of(one: Told) -> datetime:
    """Return the whole second from which ``one`` counts."""
    if isinstance(one, DeemedAccepted):
        return one.accepted_at.replace(microsecond=0)
    return read_instant(one.at).replace(microsecond=0)


def _stop(number: str, event: DepartmentEvent, end: DepartmentEvent | None) -> SpecialRow:
    return SpecialRow(
        project_no=number,
        special_type="2",
        special_name=_plain(event.data.get("kind")),
        special_reason=_plain(event.data.get("by_law")),
        special_time=at_of(event),
        end_time=max(at_of(end), at_of(event)) if end else None,
        result=_plain(end.data.get("result")) if end else None,
    )


def _ends_a_stop(event: DepartmentEvent) -> bool:
    return event.type == EventType.RESUMED or event.type in _RESULTS


def _result(
    number: str, event: DepartmentEvent, step: PlannedStep, satisfaction: str | None
) -> ResultRow:
    outcome = event.data.get("outcome")
    granted: Mapping[str, Any] = outcome if isinstance(outcome, Mapping) else {}
    has_paper = bool(granted) and step.result is not None and step.result.is_certificate
    return ResultRow(
        project_no=number,
        result_type=_STAGES[event.type][1],
        result_date=at_of(event),
        result_explain=step.result.title.zh if granted and step.result else None,
        result_cetr_name=step.result.title.zh if has_paper and step.result else None,
        result_cetr_no=_plain(granted.get("number")) if has_paper else None,
        satisfaction=satisfaction,
    )


def _is_stage(one: Told) -> bool:
    return isinstance(one, DeemedAccepted) or one.type in _STAGES


def _name(one: Told) -> tuple[str, str]:
    return _DEEMED if isinstance(one, DeemedAccepted) else _STAGES[one.type]


def _explained(one: Told) -> str | None:
    if isinstance(one, DeemedAccepted):
        return "行政许可法第三十二条"
    found = (one.data.get(name) for name in _NOTICES)
    return next((text for text in found if isinstance(text, str)), None)


def _plain(value: object) -> str | None:
    """Return a text as it is, the Chinese of a bilingual one, nothing of anything else."""
    if isinstance(value, Mapping):
        value = value.get("zh")
    return value if isinstance(value, str) and value else None
