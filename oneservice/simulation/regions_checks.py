"""What must be true between regions: both tell the same, once, and only what was agreed to.

These checks see all regions at once, which nobody does in life: what one region holds of another's
decisions beside what the other one wrote, and what happened behind its counter. Each raises
:class:`InvariantBrokenError` with the case of the region that asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from oneservice.canonical import read_instant
from oneservice.case import Case, CaseStatus, EventType, SubCaseStatus
from oneservice.simulation.audit import InvariantBrokenError
from oneservice.simulation.moments import described
from oneservice.simulation.offer import PARTY
from oneservice.simulation.regions_asked import Asked, noted_in, told_by, was_halted
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_offer import CROSSING, ITEM, SETTLING, counter_of

__all__ = ["BETWEEN", "IN_THE_END", "Between"]

_NEWS_TAKE: Final = timedelta(days=2)
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
_HANDED_OUT: Final = frozenset({EventType.GRANTED, EventType.GRANTED_PENDING_MATERIAL})
_AGAINST: Final = frozenset({EventType.REFUSED, EventType.NOT_ACCEPTED, EventType.LAPSED})
_CUT_SHORT: Final = frozenset({SubCaseStatus.LAPSED, SubCaseStatus.WITHDRAWN})
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
            for asked in self._asked(house, house.tables.rows.keys()):
                self.both_sides_tell_the_same(asked)
                self.every_disagreement_is_reported(asked)
                self.all_news_arrive(asked, now)
                self.the_outcome_is_that_of_the_case(asked)
                self.the_two_instants_are_the_same(asked)
            self.everything_ends_or_says_why(house)

    def is_settled(self) -> bool:
        """Whether everybody was served, as far as those allow who left for good."""
        return all(
            self._are_served(house) and self._are_handled(house)
            for house in self._houses.values()
            if not house.has_left
        )

    def _are_served(self, house: House) -> bool:
        """Whether each visit has its case, and each has ended or waits for a region that left."""
        people = house.people
        return len(people.acknowledged) == people.visits and all(
            case_id in people.ended or self._waits_for_the_gone(house.auditor.followed(case_id))
            for case_id in people.acknowledged.values()
        )

    def _are_handled(self, house: House) -> bool:
        """Whether all cases that other regions filed have ended, but for those of one that left."""
        return all(
            (case := house.auditor.followed(case_id)) is None or case.status.has_ended
            for name, case_id in house.foreign().items()
            if not self._counters[name.partition("/")[0]].has_left
        )

    def _waits_for_the_gone(self, case: Case | None) -> bool:
        """Whether steps of ``case`` stand, and say so, because the region that decides is gone.

        It was halted, or shows an incident, or its limits have passed.
        """
        gone = {name for name, house in self._counters.items() if house.has_left}
        return case is not None and any(
            one.spec.department in gone and (one.halted or one.incident or one.passed)
            for one in case.sub_cases.values()
            if not one.is_decided
        )

    # --- at any time ---------------------------------------------------------------------------

    def both_sides_tell_the_same(self, asked: Asked) -> None:
        """What a region holds of another's decision is what that one wrote, event by event."""
        self._count(Between.both_sides_tell_the_same)
        if not asked.agrees and not asked.abroad.restores:
            problem = f"{asked.sub.id}: {len(asked.sub.digests)} events are not those of the other"
            raise _broken(Between.both_sides_tell_the_same, asked, problem)

    def one_decision_for_each_application(self, asked: Asked) -> None:
        """An application is decided once, and what a claim is granted, it is granted once."""
        self._count(Between.one_decision_for_each_application)
        kinds = [one["type"] for one in asked.told]
        if sum(one in _ENDS for one in kinds) > 1:
            problem = f"{asked.submission_id} ended twice: {', '.join(kinds)}"
            raise _broken(Between.one_decision_for_each_application, asked, problem)
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
            raise _broken(Between.one_decision_for_each_application, asked, problem)

    def every_case_was_asked_for(self, house: House) -> None:
        """Each case of a region was opened for one visit, or for one application of another."""
        self._count(Between.every_case_was_asked_for)
        unasked = house.tables.rows.keys() - set(house.tables.keys.values())
        if unasked:
            case_id = min(unasked)
            raise house.auditor.broken(
                _name(Between.every_case_was_asked_for), case_id, "nobody asked for this case"
            )

    def what_crossed_was_agreed_to(self, house: House) -> None:
        """What another region was told stands in the person's log, and rests on a consent."""
        noted = noted_in(house)
        for caller, name, step_id, body in house.register_disk.applications():
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
                one["type"] in _HANDED_OUT for one in told_by(house, caller, name)
            ):
                problem = "was given a result that is not in the log of the person"
            if problem:
                raise house.auditor.broken(
                    _name(Between.what_crossed_was_agreed_to),
                    name.partition(".")[0],
                    f"{name} {problem}",
                )

    # --- in the end ----------------------------------------------------------------------------

    def every_disagreement_is_reported(self, asked: Asked) -> None:
        """Where a region goes back on what it signed, the step stops, and the journal says why."""
        self._count(Between.every_disagreement_is_reported)
        if asked.agrees or asked.home.has_left or asked.abroad.has_left:
            return  # who has left is not asked any more
        if asked.sub.submission is not None and asked.sub.submission.has_ended:
            self.counts["decisions kept by their signatures"] += 1
            return  # it was decided and signed before: whatever is forgotten there, it stands
        self.counts["disagreements"] += 1
        if not was_halted(asked):
            problem = f"{asked.sub.id}: the other region tells another history, and nobody is told"
            raise _broken(Between.every_disagreement_is_reported, asked, problem)
        self.counts["disagreements that were reported"] += 1

    def all_news_arrive(self, asked: Asked, now: datetime) -> None:
        """When nothing is cut any more, each region knows what the others decided for it."""
        self._count(Between.all_news_arrive)
        if asked.home.has_left or asked.abroad.has_left or not asked.agrees:
            return
        if asked.sub.halted is not None or asked.case.status is CaseStatus.WITHDRAWN:
            return  # people were told; or the case was closed, and asks no more
        due = [one for one in asked.told if read_instant(one["recorded_at"]) < now - _NEWS_TAKE]
        if len(asked.sub.digests) < len(due):
            problem = f"{asked.sub.id}: {len(asked.sub.digests)} of {len(due)} events are known"
            raise _broken(Between.all_news_arrive, asked, problem)

    def the_outcome_is_that_of_the_case(self, asked: Asked) -> None:
        """What another region is told in the end is how the case behind the counter ended."""
        self._count(Between.the_outcome_is_that_of_the_case)
        handled = asked.handled
        if handled is None or not handled.status.has_ended or asked.abroad.has_left:
            return
        kinds = {one["type"] for one in asked.told}
        if handled.bundle is not None:
            wanted = _HANDED_OUT | {EventType.MATERIAL_RECEIVED}
            if any(one.status in _CUT_SHORT for one in handled.sub_cases.values()):
                wanted |= {EventType.LAPSED, EventType.WITHDRAWN}  # of the rest, no answer came
        elif handled.outcome is CaseStatus.WITHDRAWN:
            wanted = frozenset({EventType.WITHDRAWN})
        else:
            wanted = _AGAINST
        if not kinds & wanted:
            problem = (
                f"{asked.sub.id}: the case behind the counter is {handled.outcome}, "
                f"told was {asked.told[-1]['type'] if asked.told else 'nothing'}"
            )
            raise _broken(Between.the_outcome_is_that_of_the_case, asked, problem)

    def the_two_instants_are_the_same(self, asked: Asked) -> None:
        """When it was received and when it was accepted, both regions say alike."""
        self._count(Between.the_two_instants_are_the_same)
        handled = asked.handled
        accepted = next((one for one in asked.told if one["type"] == EventType.ACCEPTED), None)
        if handled is None or accepted is None or not asked.agrees:
            return
        theirs = [one.accepted_at for one in handled.sub_cases.values() if one.accepted_at]
        received = read_instant(asked.told[0]["at"])
        said, written = read_instant(accepted["at"]), read_instant(accepted["recorded_at"])
        known = {min(max(one, received), written) for one in theirs}
        if theirs and said not in known:
            problem = f"{asked.sub.id}: accepted {max(theirs)} there, told was {said}"
            raise _broken(Between.the_two_instants_are_the_same, asked, problem)
        if len(asked.sub.digests) >= accepted["seq"] and not asked.sub.is_deemed:
            self.counts["instants compared"] += 1
            ours = asked.sub.accepted_at
            if ours is None or abs(ours - said) > timedelta(milliseconds=1):
                problem = f"{asked.sub.id}: accepted {ours} here, told was {said}"
                raise _broken(Between.the_two_instants_are_the_same, asked, problem)

    def everything_ends_or_says_why(self, house: House) -> None:
        """Every case comes to an end, or says which step waits, and for what."""
        if house.has_left:
            return
        for visit, case_id in house.people.acknowledged.items():
            self._count(Between.everything_ends_or_says_why)
            case = house.auditor.followed(case_id)
            if case_id in house.people.ended or case is None:
                continue
            if not self._waits_for_the_gone(case):
                steps = ", ".join(
                    f"{one.id} {one.status} {one.halted or one.incident or ''}"
                    for one in case.sub_cases.values()
                    if not one.is_decided
                )
                raise house.auditor.broken(
                    _name(Between.everything_ends_or_says_why), case_id, f"{visit}: {steps}"
                )
            self.counts["waiting for a region that left"] += 1

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

    def _count(self, check: Any) -> None:
        self.checks[_name(check)] += 1


def _name(check: Any) -> str:
    return described(check)[0]


def _broken(check: Any, asked: Asked, problem: str) -> InvariantBrokenError:
    return asked.home.auditor.broken(_name(check), asked.case.id, problem)


_AT_ANY_TIME: Final = (
    Between.both_sides_tell_the_same,
    Between.one_decision_for_each_application,
    Between.every_case_was_asked_for,
    Between.what_crossed_was_agreed_to,
)
IN_THE_END: Final = (
    Between.every_disagreement_is_reported,
    Between.all_news_arrive,
    Between.the_outcome_is_that_of_the_case,
    Between.the_two_instants_are_the_same,
    Between.everything_ends_or_says_why,
)
BETWEEN: Final = (*_AT_ANY_TIME, *IN_THE_END)
