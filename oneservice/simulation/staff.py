"""The people behind the counter: operators who order, clerks who go on with a case, and erasers.

Most of what they do is rare, as it is in life: one case in some dozens is closed, migrated, erased
or continued at a window. Each occasion has a name, and the seed decides by it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from oneservice.case import (
    Actor,
    AdoptedDecision,
    Case,
    CaseChannel,
    FollowUpStage,
    SubCase,
    SubCaseStatus,
)
from oneservice.engine import (
    AdoptOrder,
    CloseOrder,
    Engine,
    MigrateOrder,
    Order,
    ReassignOrder,
    RetryOrder,
)
from oneservice.errors import CalendarUnknownError, CodeRefusedError
from oneservice.simulation.chance import Chance
from oneservice.workdays import legal_day

__all__ = ["Act", "Staff"]

OPERATOR: Final = Actor.operator("op-7")
_SECOND: Final = Actor.officer("of-12")
_CLERK: Final = Actor.clerk("clerk-3")
_WINDOW: Final = "window-4"
_STAGES: Final = (
    FollowUpStage.CONTACTED,
    FollowUpStage.VERIFIED,
    FollowUpStage.CORRECTED,
    FollowUpStage.ANSWERED,
)
_BAD: Final = 2
_AGAIN: Final = timedelta(hours=20)

_RETRIED: Final = 150
_ADOPTED: Final = 500
_REASSIGNED: Final = 300
_CLOSED: Final = 12
_MIGRATED: Final = 80
_CONTINUED: Final = 40
_RATED: Final = 80
_ERASED: Final = 60
"""Out of 1,000 occasions each."""

Act = Callable[[Engine], Awaitable[object]]


class Staff:
    """Decides what staff will do about a case, and plans it.

    Args:
        chance: decides.
        once: takes an occasion by name, when, and what is done; the same name again is nothing new.
        departments: by which a step can be handled, in order.
        has_granted: says whether an office has granted ``CASE.STEP``, whoever knows of it.
    """

    def __init__(
        self,
        chance: Chance,
        once: Callable[[datetime, str, Act], None],
        departments: tuple[str, ...],
        has_granted: Callable[[str], bool],
    ) -> None:
        self._chance = chance
        self._once = once
        self._departments = departments
        self._has_granted = has_granted

    def look_at(self, case: Case, now: datetime) -> None:
        """Plan what follows from how ``case`` stands."""
        if case.status.has_ended:
            self._after_the_end(case, now)
            return
        self._some_day(case, now)
        for sub in case.sub_cases.values():
            if sub.halted is None and (sub.incident is not None or sub.deliveries):
                self._retry(case.id, sub, now)
            if sub.status is SubCaseStatus.NOT_ACCEPTED:
                self._reassign(case.id, sub, now)

    def adopts(self, case_id: str, sub: SubCase) -> bool:
        """Say whether a halted step is settled by a decision on paper: where there is one."""
        name = f"{case_id}/{sub.id}/{sub.attempt}/adopt"
        return self._has_granted(f"{case_id}.{sub.id}") and self._chance.happens(name, _ADOPTED)

    async def adopt(
        self,
        engine: Engine,
        case_id: str,
        sub_case_id: str,
        decision: AdoptedDecision = "granted",
    ) -> None:
        """Take over what the department decided on paper, with four eyes."""
        order = AdoptOrder(
            case_id=case_id,
            sub_case_id=sub_case_id,
            decision=decision,
            decided_on=legal_day(engine.now()),
            paper=b"%PDF-1.4 the decision on paper",
            second=_SECOND,
        )
        await _order(engine, order, "decided on paper")

    async def close(self, engine: Engine, case_id: str) -> None:
        """End a case that nothing else can end: both sides were asked, and do not agree.

        Where it was closed already, but somebody elsewhere has lost what was to be taken back, both
        write down that it is off.
        """
        case = await engine.case(case_id)
        if case.people.closed is None:
            await _order(engine, CloseOrder(case_id=case_id), "it cannot be settled")
            return
        for sub in case.sub_cases.values():
            if sub.halted is not None and not sub.is_decided:
                await self.adopt(engine, case_id, sub.id, "withdrawn")

    # --- occasions -----------------------------------------------------------------------------

    def _some_day(self, case: Case, now: datetime) -> None:
        """Plan what may come to any case while it is open."""
        for what, rate, act in (
            ("close", _CLOSED, self._close),
            ("migrate", _MIGRATED, self._migrate),
            ("continue", _CONTINUED, self._continue),
        ):
            name = f"{case.id}/{what}"
            if self._chance.happens(name, rate):
                hours = self._chance.between(f"{name}/after", 1, 400)
                self._once(now + timedelta(hours=hours), name, act(case.id))

    def _retry(self, case_id: str, sub: SubCase, now: datetime) -> None:
        tries = sum(one.tries for one in sub.deliveries)
        name = f"{case_id}/{sub.id}/{sub.attempt}/{tries}/retry"
        if tries and self._chance.happens(name, _RETRIED):
            order = RetryOrder(case_id=case_id, sub_case_id=sub.id)
            self._once(now, name, lambda engine: _order(engine, order, "the line is mended"))

    def _reassign(self, case_id: str, sub: SubCase, now: datetime) -> None:
        name = f"{case_id}/{sub.id}/{sub.attempt}/reassign"
        if not self._chance.happens(name, _REASSIGNED):
            return
        others = [one for one in self._departments if one != sub.spec.department]
        order = ReassignOrder(
            case_id=case_id, sub_case_id=sub.id, department=self._chance.choice(name, others)
        )
        later = now + timedelta(hours=self._chance.between(f"{name}/after", 1, 60))
        self._once(later, name, lambda engine: _order(engine, order, "it is another's business"))

    def _after_the_end(self, case: Case, now: datetime) -> None:
        name = f"{case.id}/rate"
        handled = [one.id for one in case.sub_cases.values() if one.is_granted and one.attempt]
        if handled and self._chance.happens(name, _RATED):
            sub_case_id = self._chance.choice(f"{name}/which", handled)
            level = self._chance.between(f"{name}/level", 1, 5)
            self._rate(case.id, sub_case_id, level, now)
        name = f"{case.id}/erase"
        if self._chance.happens(name, _ERASED):
            later = now + timedelta(hours=self._chance.between(f"{name}/after", 1, 300))
            self._once(later, name, lambda engine: _erase(engine, case.id))

    def _rate(self, case_id: str, sub_case_id: str, level: int, now: datetime) -> None:
        """Plan a rating; a bad one is followed up stage by stage, and then rated again."""
        name = f"{case_id}/{sub_case_id}/rate"
        self._once(
            now + timedelta(hours=2),
            name,
            lambda engine: engine.counter.ratings.rate(case_id, sub_case_id, level),
        )
        if level > _BAD:
            return
        for number, stage in enumerate(_STAGES, 1):
            self._once(
                now + number * _AGAIN,
                f"{name}/{stage}",
                _follow_up(case_id, sub_case_id, stage),
            )
        self._once(
            now + (len(_STAGES) + 1) * _AGAIN,
            f"{name}/again",
            lambda engine: engine.counter.ratings.rate(case_id, sub_case_id, 4),
        )

    # --- what they do --------------------------------------------------------------------------

    def _close(self, case_id: str) -> Act:
        return lambda engine: _order(engine, CloseOrder(case_id=case_id), "ended by agreement")

    def _migrate(self, case_id: str) -> Act:
        async def act(engine: Engine) -> None:
            with suppress(CalendarUnknownError):  # no plan begins in a year without a calendar
                await _order(engine, MigrateOrder(case_id=case_id), "the rules moved on")

        return act

    def _continue(self, case_id: str) -> Act:
        """Go on with the case at a window: with a code, one in three of them mistyped."""
        is_mistyped = self._chance.happens(f"{case_id}/mistyped", 330)

        async def act(engine: Engine) -> None:
            code = await engine.counter.code(case_id, for_channel=CaseChannel.WINDOW)
            if is_mistyped:
                last = "7" if code.text[-1] != "7" else "8"
                with suppress(CodeRefusedError):
                    await _redeem(engine, f"{code.text[:-1]}{last}")
            await _redeem(engine, code.text)

        return act


async def _redeem(engine: Engine, code: str) -> None:
    await engine.counter.redeem(code, channel=CaseChannel.WINDOW, place=_WINDOW, clerk=_CLERK)


async def _order(engine: Engine, order: Order, why: str) -> None:
    await engine.operators.act(order, by=OPERATOR, why=why)


async def _erase(engine: Engine, case_id: str) -> None:
    await engine.operators.erase(case_id, by=OPERATOR, why="the time for keeping it is over")


def _follow_up(case_id: str, sub_case_id: str, stage: FollowUpStage) -> Act:
    is_founded = True if stage is FollowUpStage.VERIFIED else None
    return lambda engine: engine.counter.ratings.follow_up(
        case_id, sub_case_id, stage, by=_SECOND, is_founded=is_founded
    )
