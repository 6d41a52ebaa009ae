"""What must be true between regions: both tell the same, once, and only what was agreed to.

These checks see all regions at once, which nobody does in life: what one region holds of another's
decisions beside what the other one wrote, and what happened behind its counter. What must have come
true when nothing is under way any more is in :mod:`~oneservice.simulation.regions_endings`. Each
check raises :class:`InvariantBrokenError` with the case of the region that asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from oneservice.case import EventType
from oneservice.simulation.moments import NamedCheck
from oneservice.simulation.offer import PARTY
from oneservice.simulation.regions_asked import Asked, name_of, noted_in, told_by, waits_for_any
from oneservice.simulation.regions_endings import HANDED_OUT, IN_THE_END, Endings
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_offer import CROSSING, ITEM, SETTLING, counter_of

__all__ = ["BETWEEN", "Between"]

_ENDS: Final = frozenset(
    {
        EventType.GRANTED,
        EventType.MATERIAL_RECEIVED,
        EventType.REFUSED,
        EventType.NOT_ACCEPTED,
        EventType.WITHDRAWN,
        EventType.LAPSED,
    }
)
_DECLARED: Final[Mapping[str, frozenset[str]]] = {
    ITEM: frozenset({"trade", "address"}),
    SETTLING: frozenset({"trade", "address"}),
}
"""What each step across the border may be told, written out anew."""


class Between:
    """Looks at all regions together."""

    def __init__(self, houses: Mapping[str, House]) -> None:
        self._houses = houses
        self._counters = {counter_of(name): house for name, house in houses.items()}
        self.checks: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._endings = Endings(self._counters, self.checks, self.counts)

    def look(self) -> None:
        """Check what moved since the last look."""
        for house in self._houses.values():
            moved, house.moved = house.moved, set()
            for asked in self._asked(house, moved):
                self.both_sides_tell_the_same(asked)
                self.one_decision_for_each_application(asked)
            self.every_case_was_asked_for(house)
            self.what_crossed_was_agreed_to(house)

    def look_at_the_end(self, now: datetime) -> None:
        """Check everything, now that nothing is under way any more."""
        self.look()
        for house in self._houses.values():
            for asked in self._asked(house, house.storage.tables.rows.keys()):
                self.both_sides_tell_the_same(asked)
                self._endings.look(asked, now)
            self._endings.look_at(house, now)

    def is_settled(self) -> bool:
        """Whether everybody was served, as far as those allow who left for good."""
        return all(
            self._are_served(house) and self._are_handled(house)
            for house in self._houses.values()
            if not house.has_left
        )

    def _are_served(self, house: House) -> bool:
        """Whether each visit has its case, and each has ended or waits for a region that left."""
        people, gone = house.people, self._endings.gone()
        return len(people.acknowledged) == people.visits and all(
            case_id in people.ended or waits_for_any(gone, house.auditor.followed(case_id))
            for case_id in people.acknowledged.values()
        )

    def _are_handled(self, house: House) -> bool:
        """Whether all cases that other regions filed have ended, but for those of one that left."""
        return all(
            (case := house.auditor.followed(case_id)) is None or case.status.has_ended
            for name, case_id in house.storage.foreign().items()
            if not self._counters[name.partition("/")[0]].has_left
        )

    # --- at any time ---------------------------------------------------------------------------

    def both_sides_tell_the_same(self, asked: Asked) -> None:
        """What a region holds of another's decision is what that one wrote, event by event."""
        self._count(Between.both_sides_tell_the_same)
        if not asked.agrees and asked.abroad.engine_went_back_at is None:
            problem = f"{asked.sub.id}: {len(asked.sub.digests)} events are not those of the other"
            raise asked.broken(Between.both_sides_tell_the_same, problem)

    def one_decision_for_each_application(self, asked: Asked) -> None:
        """An application is decided once, and what a claim is granted, it is granted once."""
        self._count(Between.one_decision_for_each_application)
        kinds = [one["type"] for one in asked.told]
        if sum(one in _ENDS for one in kinds) > 1:
            problem = f"{asked.submission_id} ended twice: {', '.join(kinds)}"
            raise asked.broken(Between.one_decision_for_each_application, problem)
        claim = asked.submission_id.rpartition(".")[0]
        caller = counter_of(asked.home.region)
        granted = [
            name
            for attempt in range(1, asked.sub.attempt + 1)
            if (name := f"{claim}.{attempt}")
            and {one["type"] for one in told_by(asked.abroad, caller, name)}
            & {EventType.GRANTED, EventType.MATERIAL_RECEIVED}
        ]
        if len(granted) > 1:
            problem = f"{' and '.join(granted)} were both granted"
            raise asked.broken(Between.one_decision_for_each_application, problem)

    def every_case_was_asked_for(self, house: House) -> None:
        """Each case of a region was opened for one visit, or for one application of another."""
        self._count(Between.every_case_was_asked_for)
        unasked = house.storage.tables.rows.keys() - set(house.storage.tables.keys.values())
        if unasked:
            case_id = min(unasked)
            raise house.auditor.broken(
                name_of(Between.every_case_was_asked_for), case_id, "nobody asked for this case"
            )

    def what_crossed_was_agreed_to(self, house: House) -> None:
        """What another region was told stands in the person's log, and rests on a consent."""
        noted = noted_in(house)
        for caller, name, step_id, body in house.storage.register.applications():
            self._count(Between.what_crossed_was_agreed_to)
            told = orjson.loads(body)
            problem = ""
            if not any(one["id"] == PARTY and one["scope"] == CROSSING for one in told["consents"]):
                problem = "was taken in without a consent"
            elif not told["fields"].keys() <= _DECLARED[step_id]:
                problem = "tells more than the step declares"
            elif ("filed", caller, name) not in noted:
                problem = "is not in the log of the person"
            elif ("given", caller, name) not in noted and any(
                one["type"] in HANDED_OUT for one in told_by(house, caller, name)
            ):
                problem = "was given a result that is not in the log of the person"
            if problem:
                raise house.auditor.broken(
                    name_of(Between.what_crossed_was_agreed_to),
                    name.partition(".")[0],
                    f"{name} {problem}",
                )

    # --- inside --------------------------------------------------------------------------------

    def _asked(self, house: House, cases: Any) -> Iterator[Asked]:
        for case_id in sorted(cases):
            case = house.auditor.followed(case_id)
            for sub in () if case is None else case.sub_cases.values():
                abroad = self._counters.get(sub.spec.department)
                if case is None or abroad is None or sub.submission is None:
                    continue
                name = sub.submission.submission_id
                yield Asked(
                    home=house,
                    abroad=abroad,
                    case=case,
                    sub=sub,
                    submission_id=name,
                    told=told_by(abroad, counter_of(house.region), name),
                )

    def _count(self, check: NamedCheck) -> None:
        self.checks[name_of(check)] += 1


_AT_ANY_TIME: Final = (
    Between.both_sides_tell_the_same,
    Between.one_decision_for_each_application,
    Between.every_case_was_asked_for,
    Between.what_crossed_was_agreed_to,
)
BETWEEN: Final = (*_AT_ANY_TIME, *IN_THE_END)
