"""A window elsewhere receives for the deciding office (异地代收代办): ``engine.counter``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

from oneservice.case import Actor, Case, CheckAtWindow, HandedIn, IdentityCheck, handed_in
from oneservice.catalog import CrossRegionMode, LimitUnit, PaperRoute
from oneservice.errors import IllegalInputError
from oneservice.identifiers import parse_region, region_contains
from oneservice.plan import OtherCrossing, Plan, PlannedCrossing
from oneservice.runtimes import Driver, Mail
from oneservice.workdays import (
    WorkCalendar,
    due_natural_day,
    legal_day,
    provisional_due_working_day,
)

__all__ = ["ReceivingWindow"]

_Way: TypeAlias = PlannedCrossing | OtherCrossing


class ReceivingWindow:
    """What a window in another region tells of an application that it received."""

    def __init__(self, driver: Driver, calendar: WorkCalendar) -> None:
        self._driver = driver
        self._calendar = calendar

    async def receive(
        self,
        case_id: str,
        *,
        steps: Iterable[str],
        region: str,
        place: str,
        identity: IdentityCheck,
        by: Actor,
        wanting: Iterable[str] = (),
    ) -> Case:
        """Record that a window in ``region`` looked at form and identity, and received (收件).

        Not the deciding office's acceptance (受理), from which alone its limit runs. The last day
        on which the papers must go on comes from the plan, where they go by courier.

        Args:
            case_id: which case.
            steps: sub-cases that are collected elsewhere, by the plan.
            region: where the window is; it lies in the plan's ``origin``, or the other way round.
            place: which window.
            identity: how it made sure who stands there.
            by: the clerk or officer.
            wanting: materials and fields of the plan that it found missing or unreadable.

        Raises:
            NotAllowedError: not in this role.
            IllegalInputError: a step is not collected elsewhere, is decided already, or what is
                wanting is not in the plan.
        """
        hot = await self._driver.hot(case_id)
        given = self._look(
            hot.plan,
            about=f"case {case_id}",
            status=str(hot.case.status),
            steps=tuple(steps),
            region=region,
            place=place,
            identity=identity,
            by=by,
            wanting=tuple(wanting),
        )
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    def look(
        self,
        plan: Plan,
        *,
        steps: Iterable[str],
        region: str,
        place: str,
        identity: IdentityCheck,
        by: Actor,
        wanting: Iterable[str] = (),
    ) -> CheckAtWindow:
        """Return the look of a window at an application that is not submitted yet.

        ``engine.submit(plan, ..., received=look)`` opens the case with it: it counts from that
        instant, and every filing of these steps says when the window received it. What is only
        recorded later (:meth:`receive`) reaches no office that was told already.

        Args:
            plan: that will be submitted; made with ``origin``.
            steps: as for :meth:`receive`, and so are the others.
            region: where the window is.
            place: which window.
            identity: how it made sure who stands there.
            by: the clerk or officer.
            wanting: what it found missing or unreadable.

        Raises:
            IllegalInputError: a step is not collected elsewhere, or what is wanting is not in the
                plan.
        """
        return self._look(
            plan,
            about="this plan",
            status="none",
            steps=tuple(steps),
            region=region,
            place=place,
            identity=identity,
            by=by,
            wanting=tuple(wanting),
        )

    async def handed_in(self, case_id: str) -> tuple[HandedIn, ...]:
        """Return what was received elsewhere, each with its two instants (收件, 受理)."""
        return handed_in((await self._driver.hot(case_id)).case)

    def _look(
        self,
        plan: Plan,
        *,
        about: str,
        status: str,
        steps: tuple[str, ...],
        region: str,
        place: str,
        identity: IdentityCheck,
        by: Actor,
        wanting: tuple[str, ...],
    ) -> CheckAtWindow:
        crossings = [_crossing(plan, name, region) for name in steps]
        if None in crossings:
            wrong = steps[crossings.index(None)]
            msg = (
                f"{about}: by its plan {wrong[:60]!r} is not collected in {region}; look at "
                "the step's 'crossing' for how it is handed in"
            )
            raise IllegalInputError(msg, status=status)
        known = {one.id for one in plan.materials} | {one.id for one in plan.form}
        unknown = [name for name in wanting if name not in known]
        if unknown:
            msg = f"{about}: its plan has no material or field {unknown[0][:60]!r}"
            raise IllegalInputError(msg, status=status)
        now = self._driver.now()
        limits = [self._forward_by(one, legal_day(now)) for one in crossings if one is not None]
        return CheckAtWindow(
            at=now,
            sub_case_ids=steps,
            region=region,
            place=place,
            identity=identity,
            by=by,
            wanting=wanting,
            forward_by=min((one for one in limits if one is not None), default=None),
        )

    def _forward_by(self, crossing: _Way, received_on: date) -> date | None:
        """Return the last day on which papers go on; the network takes no time."""
        within = crossing.forwarded_within
        if within is None or crossing.papers is not PaperRoute.COURIER:
            return None
        if within.unit is LimitUnit.NATURAL_DAYS:
            return due_natural_day(received_on, within.days)
        return provisional_due_working_day(self._calendar, received_on, within.days)[0]


def _crossing(plan: Plan, sub_case_id: str, region: str) -> _Way | None:
    """Return how a step is collected in ``region``; ``None``: it is not.

    Another way may be preferred there: the applicant chose the window.
    """
    window = parse_region(region)
    for step in plan.steps:
        crossing = step.crossing
        if step.id == sub_case_id and crossing is not None:
            origin = parse_region(crossing.origin)
            is_there = region_contains(origin, window) or region_contains(window, origin)
            return crossing.way(CrossRegionMode.COLLECT) if is_there else None
    return None
