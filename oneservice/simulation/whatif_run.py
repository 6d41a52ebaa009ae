"""One run: a year of applicants through the plans of their answers and the queues of the offices.

What is real in it: the plans (the library's own, one for each kind of applicant), the offices' work
(:mod:`~oneservice.simulation.offices_bureau`, as in the simulated province), the calendar and the
legal clock. What is left out: the engine, its journal and the messages; they cost no days.

Applicants come at random in office hours (a Poisson stream); what comes at night would be looked at
in the morning anyway. They answer corrections after some days, and a few never do.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate
from typing import Any, Final

from oneservice.case import EventType
from oneservice.simulation.offices_bureau import Bureau
from oneservice.simulation.offices_chance import Draw, Spread, Triangular, happens, luck_of
from oneservice.simulation.offices_files import File, Request
from oneservice.simulation.offices_parameters import Parameters
from oneservice.simulation.whatif_counted import Load, QueueFigures, RunFigures, StepDays
from oneservice.simulation.whatif_routes import Stage

__all__ = ["Run"]

_SALT_BITS: Final = 256
_DRAW_BITS: Final = 32
_DAY_S: Final = 86_400
_ENDS: Final = frozenset(
    {
        EventType.GRANTED,
        EventType.GRANTED_PENDING_MATERIAL,
        EventType.REFUSED,
        EventType.NOT_ACCEPTED,
        EventType.LAPSED,
    }
)
_GRANTS: Final = frozenset({EventType.GRANTED, EventType.GRANTED_PENDING_MATERIAL})
_ASKS: Final = frozenset({EventType.CORRECTION_REQUESTED, EventType.GRANTED_PENDING_MATERIAL})
_ANSWERED_AFTER: Final = Triangular(0, 2, 8)
_NEVER_PER_MILLE: Final = 20
_NO_FACTS: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class _Case:
    route: tuple[Stage, ...]
    arrived_at: int
    is_measured: bool
    left: int
    granted: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    is_late: bool = False


class Run:
    """One seed of one scenario. Make it, then :meth:`figures`.

    Args:
        parameters: how the offices work.
        routes: of each kind of applicant.
        weights: of each kind.
        load: how many come.
        seed: of chance; the same seed gives the same applicants whatever the parameters.
        answered_after: working days until a correction is answered.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        routes: Sequence[tuple[Stage, ...]],
        weights: Sequence[int],
        load: Load,
        seed: str,
        answered_after: Spread = _ANSWERED_AFTER,
    ) -> None:
        chance = random.Random(seed)  # noqa: S311 - a simulation, no secret
        self._salt = chance.getrandbits(_SALT_BITS).to_bytes(_SALT_BITS // 8, "big")
        self._bureau = Bureau(parameters, self._salt, self._told)
        self._answered_after = answered_after
        self._cases: dict[str, _Case] = {}
        self._answers: list[tuple[int, int, File]] = []
        self._number = self._asked = 0
        self._days: list[int] = []
        self._on_time = 0
        self._steps: dict[str, StepDays] = {}
        hours, workplace = self._bureau.hours, self._bureau.workplace
        first = hours.desk_time(load.starts_at)
        warm = first + load.warm_up_days * hours.day_s
        last = first + load.days * hours.day_s
        for queue in (*workplace.desks.values(), *workplace.inspectors.values()):
            queue.window = (warm, last)
        self._open_s = last - warm
        bounds = list(accumulate(weights))
        for desk in _arrivals(chance, first, last, hours.day_s, load.cases_per_day):
            route = chance.choices(routes, cum_weights=bounds)[0]
            self._come(hours.instant(desk), route, is_measured=desk >= warm)
        self._live_until(None)

    def figures(self) -> RunFigures:
        """Return what came out."""
        workplace = self._bureau.workplace
        return RunFigures(
            days=tuple(sorted(self._days)),
            on_time=self._on_time,
            visits=workplace.visits.made,
            cases=len(self._cases),
            queues=tuple(
                QueueFigures(
                    department=name,
                    role=role,
                    servers=queue.servers,
                    busy_s=queue.busy_s,
                    waited_s=queue.waited_s,
                    served=queue.served,
                    open_s=self._open_s,
                )
                for role, queues in (
                    ("desks", workplace.desks),
                    ("inspectors", workplace.inspectors),
                )
                for name, queue in queues.items()
                if queue.served
            ),
            steps=tuple(self._steps.values()),
        )

    # --- applicants ------------------------------------------------------------------------------

    def _come(self, at: int, route: tuple[Stage, ...], *, is_measured: bool) -> None:
        self._live_until(at)
        self._number += 1
        name = f"w{self._number}"
        case = _Case(route, at, is_measured, sum(one.is_counted for one in route))
        self._cases[name] = case
        for stage in route:
            if not stage.requires:
                self._file(name, stage, at)

    def _file(self, case_id: str, stage: Stage, at: int) -> None:
        request = Request(
            submission_id=f"{case_id}.{stage.id}.1",
            case_id=case_id,
            step_id=stage.step_id,
            materials=stage.materials,
            papers=stage.papers,
        )
        self._bureau.take_in(stage.department, request, at, _NO_FACTS)

    def _live_until(self, until: int | None) -> None:
        """Let offices and applicants do, in order, what is due by ``until``, or all there is."""
        bureau, answers = self._bureau, self._answers
        while True:
            at = bureau.next_at
            if answers and (at is None or answers[0][0] <= at):
                at = answers[0][0]
                if until is not None and at > until:
                    return
                _, _, file = heappop(answers)
                if file.correction_id is not None or file.pending:  # else it has lapsed
                    bureau.take_supplement(file, at, _NO_FACTS, frozenset((file.asked,)))
            elif at is None or (until is not None and at > until):
                return
            else:
                bureau.advance(at)

    # --- what the offices say --------------------------------------------------------------------

    def _told(self, file: File, kind: EventType, at: int, facts: Mapping[str, Any]) -> None:
        del facts
        if kind in _ENDS:
            self._ended(file, kind, at)
        if kind in _ASKS:
            luck = luck_of(self._salt, file.id, -1 - file.turn)
            if not happens(luck[Draw.ACCEPTING], _NEVER_PER_MILLE):
                days = self._answered_after.draw(luck[Draw.REVIEW_DAYS])
                answer_at = self._bureau.hours.opening(at, days) if days else at
                self._asked += 1
                heappush(self._answers, (answer_at, self._asked, file))

    def _ended(self, file: File, kind: EventType, at: int) -> None:
        case = self._cases[file.request.case_id]
        name = file.id.split(".")[1]
        if name in case.ended:
            return  # a tolerated paper did not follow: it was decided before
        stage = next(one for one in case.route if one.id == name)
        case.is_late |= stage.is_counted and self._is_late(file, stage, at)
        if case.is_measured:
            days = self._bureau.hours.working_days
            step = self._steps.setdefault(stage.step_id, StepDays(stage.step_id))
            step.count += 1
            step.days += days(at) - days(file.received_at)
            step.last += stage.is_counted and case.left == 1
        self._settle(case, stage, at)
        if kind in _GRANTS:
            case.granted.add(name)
            waiting = [one for one in case.route if name in one.requires]
            for one in waiting:
                if case.granted.issuperset(one.requires):
                    self._file(file.request.case_id, one, at)
        else:
            self._drop(case, name, at)

    def _drop(self, case: _Case, name: str, at: int) -> None:
        """End what waits for something that was not granted, and what waits for that."""
        gone = deque([name])
        while gone:
            wanted = gone.popleft()
            for stage in case.route:
                if wanted in stage.requires and stage.id not in case.ended:
                    self._settle(case, stage, at)
                    gone.append(stage.id)

    def _settle(self, case: _Case, stage: Stage, at: int) -> None:
        case.ended.add(stage.id)
        if stage.is_counted:
            case.left -= 1
            if not case.left and case.is_measured:
                hours = self._bureau.hours
                self._days.append(hours.working_days(at) - hours.working_days(case.arrived_at))
                self._on_time += not case.is_late

    def _is_late(self, file: File, stage: Stage, at: int) -> bool:
        """Say whether the office took longer than promised; stopped days are not counted."""
        if file.accepted_at is None:
            return False
        allowed = stage.promised_days + file.extended_days
        if not stage.is_in_working_days:
            return (at - file.accepted_at) // _DAY_S - file.stopped_days > allowed
        hours = self._bureau.hours
        used = hours.working_days(at) - hours.working_days(file.accepted_at)
        return used - file.stopped_days > allowed


def _arrivals(
    chance: random.Random, first: int, last: int, day_s: int, per_day: int
) -> Sequence[int]:
    """Return the desk seconds at which somebody comes: a Poisson stream."""
    found: list[int] = []
    at = float(first)
    while True:
        at += chance.expovariate(per_day / day_s)
        if at >= last:
            return found
        found.append(int(at))
