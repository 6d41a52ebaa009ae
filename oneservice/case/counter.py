"""The counter of a case: what may happen there, and what time makes of it.

A family of the state machine with inputs, events and a state of its own. ``decide`` hands it the
inputs of its union, ``evolve`` its events, and the passing of time comes by way of the clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, assert_never

from oneservice.case.counter_checks import mandate_problem, role_problem
from oneservice.case.counter_clocks import counter_passings
from oneservice.case.counter_courier import courier_told, hand_to_courier
from oneservice.case.counter_custody import (
    move_original,
    return_original,
    settle_loss,
    take_original,
)
from oneservice.case.counter_inputs import (
    AskCode,
    CheckAtWindow,
    CounterInput,
    CourierTold,
    HandToCourier,
    MoveOriginal,
    RecordVisit,
    RedeemCode,
    ReturnOriginal,
    SettleLoss,
    TakeOriginal,
)
from oneservice.case.counter_visits import ask_code, record_visit, redeem_code
from oneservice.case.counter_window import check_at_window
from oneservice.case.draft import Draft
from oneservice.case.ratings import rate_result, report_follow_up
from oneservice.case.ratings_inputs import RateResult, RatingInput, ReportFollowUp
from oneservice.errors import NotAllowedError
from oneservice.workdays import WorkCalendar

__all__ = ["CounterAsk", "decide_counter", "pass_counter_time"]

CounterAsk: TypeAlias = CounterInput | RatingInput
"""Every input that is of the counter and of nothing else."""


def decide_counter(draft: Draft, given: CounterAsk) -> None:
    """Add to ``draft`` what follows from ``given``.

    Raises:
        NotAllowedError: it is not for that role, or the agent's mandate does not cover it.
        IllegalInputError: it does not fit the state.
    """
    problem = role_problem(given) or mandate_problem(draft.case, given)
    if problem is not None:
        raise NotAllowedError(f"case {draft.case.id}: {problem}", status=str(draft.case.status))
    match given:
        case AskCode():
            ask_code(draft, given)
        case RedeemCode():
            redeem_code(draft, given)
        case RecordVisit():
            record_visit(draft, given)
        case CheckAtWindow():
            check_at_window(draft, given)
        case TakeOriginal():
            take_original(draft, given)
        case MoveOriginal():
            move_original(draft, given)
        case ReturnOriginal():
            return_original(draft, given)
        case HandToCourier():
            hand_to_courier(draft, given)
        case CourierTold():
            courier_told(draft, given)
        case SettleLoss():
            settle_loss(draft, given)
        case RateResult():
            rate_result(draft, given)
        case ReportFollowUp():
            report_follow_up(draft, given)
        case _:
            assert_never(given)


def pass_counter_time(draft: Draft, at: datetime, calendar: WorkCalendar) -> None:
    """Add the facts that time alone has made by ``at``: expired, overdue, left at that."""
    passed = [one for one in counter_passings(draft.case.counter, calendar) if one[0] <= at]
    for _, fact in sorted(passed, key=lambda one: one[0]):
        draft.add(fact(at))
