"""What an exchange of messages must have been like, for the facts on record to follow from it.

What an answer looked like is in no journal, only what was made of it: so there may be several
candidates, of which the likelier come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from oneservice.case import (
    Case,
    ClockDiffered,
    DeliveryDidFail,
    DeliveryFailed,
    DeliveryReset,
    DepartmentReported,
    Event,
    FilingRecalled,
    HeadSeen,
    Input,
    MessagesComposed,
    MessagesPrepared,
    NotFoundThere,
    ReportDidFail,
    ReportRefused,
    StatusRead,
    SupplementGiven,
)

__all__ = ["EXCHANGE_MAKERS"]


def _told(
    case: Case, event: DepartmentReported, ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    last = event.events[-1]
    differs = [
        one
        for one in ahead
        if isinstance(one, ClockDiffered) and one.sub_case_id == event.sub_case_id
    ]
    clock = differs[0].said if differs and differs[0].at == event.at else None
    for is_fresh in (True, False):
        yield StatusRead(
            at=event.at,
            sub_case_id=event.sub_case_id,
            submission_id=last.submission_id,
            state=None,
            head_seq=last.seq,
            head_digest=last.digest,
            events=event.events,
            is_fresh_read=is_fresh,
            held=0 if sub is None else len(sub.digests),
            clock_due_on=None if clock is None else str(clock),
        )


def _head_seen(
    case: Case, event: HeadSeen, _ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    if sub is None or sub.submission is None:
        return
    yield StatusRead(
        at=event.at,
        sub_case_id=event.sub_case_id,
        submission_id=sub.submission.submission_id,
        state=None,
        head_seq=event.head_seq,
        head_digest=None,
        events=(),
        held=len(sub.digests),
    )


def _prepared(
    case: Case, event: MessagesPrepared, _ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    for message in event.messages:
        if message.message == "supplement":
            sub = case.sub_cases.get(message.sub_case_id)
            promised = () if sub is None else tuple(one.material for one in sub.course.promises)
            yield SupplementGiven(
                at=event.at,
                sub_case_id=message.sub_case_id,
                correction_id=message.answers,
                supplement_id=message.message_id,
                request_digest=message.request_digest,
                materials=promised if message.answers is None else (),
                names=message.names,
                by=event.by,
                why=event.why,
            )
    yield MessagesComposed(at=event.at, messages=event.messages)


def _failed(
    case: Case, event: DeliveryFailed, _ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    del case
    effects: tuple[Literal["none", "unknown", "refused"], ...] = ("none", "unknown", "refused")
    for effect in (one for one in effects if one == event.effect):
        for wait in _waits(event):
            for is_contract in (False, True):
                yield DeliveryDidFail(
                    at=event.at,
                    sub_case_id=event.sub_case_id,
                    message_id=event.message_id,
                    effect=effect,
                    problem=event.problem,
                    retry_after_s=wait,
                    is_contract=is_contract,
                )


def _unreported(
    case: Case, event: ReportRefused, _ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    del case
    for wait in _waits(event):
        for is_contract in (True, False):
            yield ReportDidFail(
                at=event.at,
                sub_case_id=event.sub_case_id,
                problem=event.problem,
                is_contract=is_contract,
                retry_after_s=wait,
            )


def _waits(event: DeliveryFailed | ReportRefused) -> tuple[int, ...]:
    """Return what a department may have asked to wait, in seconds."""
    if event.not_before is None:
        return (0,)
    return 0, int((event.not_before - event.at).total_seconds())


def _reset(
    case: Case, event: DeliveryReset | FilingRecalled, _ahead: Sequence[Event], _plans: object
) -> Iterator[Input]:
    sub = case.sub_cases.get(event.sub_case_id)
    if sub is None:
        return
    found = {one.submission_id for one in sub.deliveries}
    for name in sorted(found):
        yield NotFoundThere(
            at=event.at, sub_case_id=sub.id, submission_id=name, held=len(sub.digests)
        )


EXCHANGE_MAKERS: Final[Mapping[type, Callable[..., Iterator[Input]]]] = MappingProxyType(
    {
        DepartmentReported: _told,
        HeadSeen: _head_seen,
        MessagesPrepared: _prepared,
        DeliveryFailed: _failed,
        ReportRefused: _unreported,
        DeliveryReset: _reset,
        FilingRecalled: _reset,
    }
)
"""By the fact on record, what yields the inputs that may have led to it."""
