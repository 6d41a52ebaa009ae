"""What an order would do, before it is given: facts, changes, what stays, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import (
    AdoptOutcome,
    Case,
    CaseClosed,
    CaseStatus,
    Command,
    Deliver,
    Event,
    IssueBundle,
    Migrated,
    OutcomeAdopted,
    Prepare,
    Read,
    SubCase,
    SubCaseStatus,
    outstanding,
    transition,
)
from oneservice.catalog import Text
from oneservice.engine.ordering import Ordered
from oneservice.errors import CaseError
from oneservice.runtimes import HotCase
from oneservice.workdays import WorkCalendar

__all__ = ["Preview", "is_same_effect", "previewed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would follow. ``head`` is where the case stood: :meth:`Operators.act` takes it back.

    ``refusal`` says why nothing would happen, and is ``None`` where the order can be given.
    """

    case_id: str
    head: Digest
    seq: int
    events: tuple[Event, ...] = ()
    changes: tuple[Text, ...] = ()
    stays: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
    refusal: str | None = None


def refused(hot: HotCase, error: CaseError) -> Preview:
    """Return the preview of an order that could not even be put: ``error`` says why."""
    return Preview(case_id=hot.case.id, head=hot.head, seq=hot.seq, refusal=str(error))


def previewed(ordered: Ordered, hot: HotCase, calendar: WorkCalendar) -> Preview:
    """Return what ``ordered`` would do to the case ``hot``; nothing happens."""
    before = hot.case
    try:
        events, after = transition(before, ordered.given, case_id=before.id, calendar=calendar)
    except CaseError as error:
        return refused(hot, error)
    return Preview(
        case_id=before.id,
        head=hot.head,
        seq=hot.seq,
        events=events,
        changes=tuple(_changes(before, after, events, calendar)),
        stays=tuple(_stays(before, after, events)),
        warnings=tuple(_warnings(before, after, ordered, events)),
    )


_WHO_AND_WHEN: Final = frozenset({"at", "by", "why"})
"""Members of facts in which an order differs from its preview, and has the same effect."""


def is_same_effect(one: Preview, other: Preview) -> bool:
    """Say whether two previews tell the same facts, whoever orders them, whenever and why."""
    return [_effect(event) for event in one.events] == [_effect(event) for event in other.events]


def _effect(event: Event) -> list[object]:
    return [getattr(event, one.name) for one in fields(event) if one.name not in _WHO_AND_WHEN]


_STATUS: Final = {
    SubCaseStatus.WAITING: ("等待前置环节", "waiting"),
    SubCaseStatus.FILING: ("报送中", "being filed"),
    SubCaseStatus.RECEIVED: ("已接件", "received"),
    SubCaseStatus.ACCEPTED: ("已受理", "accepted"),
    SubCaseStatus.CORRECTION_REQUESTED: ("待补正", "correction requested"),
    SubCaseStatus.SUSPENDED: ("特别程序中", "suspended"),
    SubCaseStatus.GRANTED: ("准予", "granted"),
    SubCaseStatus.GRANTED_PENDING_MATERIAL: ("容缺准予", "granted, material to follow"),
    SubCaseStatus.REFUSED: ("不予许可", "refused"),
    SubCaseStatus.NOT_ACCEPTED: ("不予受理", "not accepted"),
    SubCaseStatus.WITHDRAWN: ("已撤回", "withdrawn"),
    SubCaseStatus.LAPSED: ("已失效", "lapsed"),
    SubCaseStatus.NOT_APPLICABLE: ("无需办理", "not applicable"),
}


def _changes(
    before: Case, after: Case, events: tuple[Event, ...], calendar: WorkCalendar
) -> Iterator[Text]:
    for event in events:
        if isinstance(event, Migrated):
            yield from (Text(zh=one.zh, en=one.en) for one in event.changes)
    for name, sub in after.sub_cases.items():
        was = before.sub_cases.get(name)
        if was is not None and was.status is not sub.status:
            yield _turned(was, sub)
        if was is not None and was.halted is not None and sub.halted is None:
            yield Text(zh=f"{name}：解除停办", en=f"{name}: halted no more")
        if was is not None and was.spec.department != sub.spec.department:
            yield Text(
                zh=f"{name}：改由 {sub.spec.department} 办理",
                en=f"{name}: handled by {sub.spec.department}",
            )
    yield from _owed(before, after, calendar)
    if after.outcome is not None and before.outcome is None:
        zh, en = _CLOSED if after.people.closed is not None else _ENDS[after.outcome]
        yield Text(zh=f"办件结束：{zh}", en=f"the case ends: {en}")


def _turned(was: SubCase, sub: SubCase) -> Text:
    old, new = _STATUS[was.status], _STATUS[sub.status]
    return Text(zh=f"{sub.id}：{old[0]} → {new[0]}", en=f"{sub.id}: {old[1]} -> {new[1]}")


_OWED: Final[Mapping[type, tuple[str, str]]] = {
    Prepare: ("将报送", "is composed and sent"),
    Deliver: ("将立即发送", "is sent now"),
    Read: ("将立即向部门查询", "is read at the department now"),
    IssueBundle: ("将一并出件", "all results are handed out"),
}
_WITHDRAWS: Final = ("将向部门提出撤回", "a withdrawal is asked of the department")
_CLOSED: Final = ("终止办理", "closed")
_ENDS: Final = {
    CaseStatus.CONCLUDED: ("办结", "concluded"),
    CaseStatus.REJECTED: ("未予许可", "rejected"),
    CaseStatus.WITHDRAWN: ("撤回", "withdrawn"),
}


def _owed(before: Case, after: Case, calendar: WorkCalendar) -> Iterator[Text]:
    """Tell what the engine would do next that it would not do without the order."""
    known = set(outstanding(before, calendar))
    for command in outstanding(after, calendar):
        words = _WITHDRAWS if _is_withdrawal(command) else _OWED.get(type(command))
        if command not in known and words is not None:
            name = getattr(command, "sub_case_id", after.id)
            yield Text(zh=f"{name}：{words[0]}", en=f"{name}: {words[1]}")


def _is_withdrawal(command: Command) -> bool:
    return isinstance(command, (Prepare, Deliver)) and command.message == "withdrawal"


def _stays(before: Case, after: Case, events: tuple[Event, ...]) -> Iterator[Text]:
    for sub in before.granted:
        if sub.id in after.sub_cases and after.sub_cases[sub.id].is_granted:
            yield Text(zh=f"{sub.id}：准予决定继续有效", en=f"{sub.id}: the grant stands")
    for event in events:
        if isinstance(event, Migrated):
            filed = [one for one in event.kept if before.sub_cases[one].submission is not None]
            for name in filed:
                yield Text(
                    zh=f"{name}：已报送，仍按原定义办理",
                    en=f"{name}: filed, stays under the definition of that day",
                )


def _warnings(
    before: Case, after: Case, ordered: Ordered, events: tuple[Event, ...]
) -> Iterator[Text]:
    for event in events:
        if isinstance(event, OutcomeAdopted):
            yield Text(
                zh="这是本平台的记录，不是部门签名的事件；部门日后签名的不同决定将使该环节停办",
                en="this is the engine's record and no signed event; should the department sign "
                "another decision, the step halts",
            )
        if isinstance(event, CaseClosed):
            for name in event.left:
                yield Text(
                    zh=f"{name}：部门可能仍在办理，本平台不再查询",
                    en=f"{name}: the department may hold it; nothing more is asked about it",
                )
    if isinstance(ordered.given, AdoptOutcome) and ordered.given.second is None:
        yield Text(zh="只有一人核对证据", en="only one person looked at the paper")
    dropped = [
        name
        for name, sub in after.sub_cases.items()
        if sub.status is SubCaseStatus.NOT_APPLICABLE
        and name in before.sub_cases
        and before.sub_cases[name].status is SubCaseStatus.WAITING
        and sub.spec.kind != "bundle"
    ]
    for name in dropped:
        yield Text(zh=f"{name}：因此无法办理", en=f"{name}: cannot come any more")
