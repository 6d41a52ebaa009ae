"""What must be true between regions when nothing is under way any more.

By then everything that was cut is whole again, and all news had their time: what is not told now is
never told. Regions that have left are not asked any more, and nobody waits for them in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from oneservice.canonical import read_instant
from oneservice.case import CaseStatus, EventType, SubCaseStatus
from oneservice.simulation.audit import InvariantBrokenError
from oneservice.simulation.moments import NamedCheck
from oneservice.simulation.regions_asked import (
    Asked,
    forgotten_in,
    name_of,
    waits_for_any,
    was_halted,
)
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_offer import counter_of

__all__ = ["HANDED_OUT", "IN_THE_END", "Endings"]

HANDED_OUT: Final = frozenset({EventType.GRANTED, EventType.GRANTED_PENDING_MATERIAL})
"""With what a result leaves for the other region."""
_NEWS_TAKE: Final = timedelta(days=2)
_AGAINST: Final = frozenset({EventType.REFUSED, EventType.NOT_ACCEPTED, EventType.LAPSED})
_CUT_SHORT: Final = frozenset({SubCaseStatus.LAPSED, SubCaseStatus.WITHDRAWN})


class Endings:
    """Looks at all regions together, in the end.

    Args:
        counters: the regions by the names of their counters.
        checks: counts how often each check was made.
        counts: counts what the checks found, by name.
    """

    def __init__(
        self, counters: Mapping[str, House], checks: Counter[str], counts: Counter[str]
    ) -> None:
        self._counters = counters
        self.checks = checks
        self.counts = counts

    def look(self, asked: Asked, now: datetime) -> None:
        """Check what one region asked of another."""
        self.every_disagreement_is_reported(asked)
        self.all_news_arrive(asked, now)
        self.the_outcome_is_that_of_the_case(asked)
        self.the_two_instants_are_the_same(asked)

    def look_at(self, house: House, now: datetime) -> None:
        """Check what a region has come to."""
        self.everything_ends_or_says_why(house)
        self.what_a_backup_forgot_is_told(house, now)

    def gone(self) -> frozenset[str]:
        """Return the counters of regions that have left."""
        return frozenset(name for name, house in self._counters.items() if house.has_left)

    # --- what is checked -----------------------------------------------------------------------

    def every_disagreement_is_reported(self, asked: Asked) -> None:
        """Where a region goes back on what it signed, the step stops, and the journal says why."""
        self._count(Endings.every_disagreement_is_reported)
        if asked.agrees or asked.home.has_left or asked.abroad.has_left:
            return  # who has left is not asked any more
        if asked.sub.submission is not None and asked.sub.submission.has_ended:
            self.counts["decisions kept by their signatures"] += 1
            return  # it was decided and signed before: whatever is forgotten there, it stands
        self.counts["disagreements"] += 1
        if not was_halted(asked):
            problem = f"{asked.sub.id}: the other region tells another history, and nobody is told"
            raise asked.broken(Endings.every_disagreement_is_reported, problem)
        self.counts["disagreements that were reported"] += 1

    def all_news_arrive(self, asked: Asked, now: datetime) -> None:
        """When nothing is cut any more, each region knows what the others decided for it."""
        self._count(Endings.all_news_arrive)
        if asked.home.has_left or asked.abroad.has_left or not asked.agrees:
            return
        if asked.sub.halted is not None or asked.case.status is CaseStatus.WITHDRAWN:
            return  # people were told; or the case was closed, and asks no more
        due = [one for one in asked.told if read_instant(one["recorded_at"]) < now - _NEWS_TAKE]
        if len(asked.sub.digests) < len(due):
            problem = f"{asked.sub.id}: {len(asked.sub.digests)} of {len(due)} events are known"
            raise asked.broken(Endings.all_news_arrive, problem)

    def the_outcome_is_that_of_the_case(self, asked: Asked) -> None:
        """What another region is told in the end is how the case behind the counter ended."""
        self._count(Endings.the_outcome_is_that_of_the_case)
        handled = asked.handled
        if handled is None or not handled.status.has_ended or asked.abroad.has_left:
            return
        kinds = {one["type"] for one in asked.told}
        if handled.bundle is not None:
            wanted = HANDED_OUT | {EventType.MATERIAL_RECEIVED}
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
            raise asked.broken(Endings.the_outcome_is_that_of_the_case, problem)

    def the_two_instants_are_the_same(self, asked: Asked) -> None:
        """When it was received and when it was accepted, both regions say alike."""
        self._count(Endings.the_two_instants_are_the_same)
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
            raise asked.broken(Endings.the_two_instants_are_the_same, problem)
        if len(asked.sub.digests) >= accepted["seq"] and not asked.sub.is_deemed:
            self.counts["instants compared"] += 1
            ours = asked.sub.accepted_at
            if ours is None or abs(ours - said) > timedelta(milliseconds=1):
                problem = f"{asked.sub.id}: accepted {ours} here, told was {said}"
                raise asked.broken(Endings.the_two_instants_are_the_same, problem)

    def everything_ends_or_says_why(self, house: House) -> None:
        """Every case comes to an end, or says which step waits, and for what."""
        if house.has_left:
            return
        for visit, case_id in house.people.acknowledged.items():
            self._count(Endings.everything_ends_or_says_why)
            case = house.auditor.followed(case_id)
            if case_id in house.people.ended or case is None:
                continue
            if not waits_for_any(self.gone(), case):
                steps = ", ".join(
                    f"{one.id} {one.status} {one.halted or one.incident or ''}"
                    for one in case.sub_cases.values()
                    if not one.is_decided
                )
                raise house.auditor.broken(
                    name_of(Endings.everything_ends_or_says_why), case_id, f"{visit}: {steps}"
                )
            self.counts["waiting for a region that left"] += 1

    def what_a_backup_forgot_is_told(self, house: House, now: datetime) -> None:
        """What offices have of a case that a region lost with a backup, its engine tells."""
        self._count(Endings.what_a_backup_forgot_is_told)
        told = forgotten_in(house)
        if house.engine_went_back_at is None and told:
            department, name = min(told)
            problem = f"{name} of {department} is told as forgotten, and no backup was restored"
            raise _forgetful(house, name, problem)
        if house.has_left or house.engine_went_back_at is None:
            return
        for department, name in self._held_from(house):
            if name.partition(".")[0] in house.storage.tables.rows:
                continue
            if (department, name) in told:
                self.counts["forgotten filings that were told"] += 1
            elif house.engine_went_back_at < now - _NEWS_TAKE:
                problem = f"{department} has {name}, and the engine says nothing of it"
                raise _forgetful(house, name, problem)

    # --- inside --------------------------------------------------------------------------------

    def _held_from(self, house: House) -> Iterator[tuple[str, str]]:
        """Return department and submission of all that is held of this region anywhere."""
        for department, offices in house.offices.items():
            yield from ((department, name) for name in offices.filed)
        caller = counter_of(house.region)
        for department, abroad in self._counters.items():
            if not abroad.has_left:
                names = (
                    one[1] for one in abroad.storage.register.applications() if one[0] == caller
                )
                yield from ((department, name) for name in names)

    def _count(self, check: NamedCheck) -> None:
        self.checks[name_of(check)] += 1


def _forgetful(house: House, name: str, problem: str) -> InvariantBrokenError:
    check = name_of(Endings.what_a_backup_forgot_is_told)
    return house.auditor.broken(check, name.partition(".")[0], problem)


IN_THE_END: Final = (
    Endings.every_disagreement_is_reported,
    Endings.all_news_arrive,
    Endings.the_outcome_is_that_of_the_case,
    Endings.the_two_instants_are_the_same,
    Endings.everything_ends_or_says_why,
    Endings.what_a_backup_forgot_is_told,
)
