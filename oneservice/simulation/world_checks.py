"""What must be true of the whole world: no case lost, no effect doubled, and all comes to an end.

These checks look from outside, at what people were told and at what the offices really did; the
engine knows neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from oneservice.canonical import read_instant
from oneservice.case import Case, split_record
from oneservice.simulation.audit import Auditor, InvariantBrokenError
from oneservice.simulation.offices import Offices
from oneservice.simulation.people import People
from oneservice.simulation.tables import Tables

__all__ = ["NEWS_TAKE", "WORLD_CHECKS", "WorldView"]

NEWS_TAKE: Final = timedelta(days=2)
"""By then the news of a department without open business were read, without faults."""


class WorldView:
    """What the checks look at; each raises :class:`InvariantBrokenError`.

    ``excused`` are cases of which a restored backup has forgotten something: what offices hold of
    them may stand in no journal.
    """

    def __init__(
        self,
        *,
        auditor: Auditor,
        people: People,
        offices: Mapping[str, Offices],
        tables: Tables,
        excused: AbstractSet[str] = frozenset(),
    ) -> None:
        self._excused = excused
        self._auditor = auditor
        self._people = people
        self._offices = offices
        self.tables = tables

    def no_case_is_lost(self) -> None:
        """Whoever was told of a case has that case, after every crash, with all its history."""
        self._auditor.checks["no-case-is-lost"] += 1
        rows = self.tables.rows
        for name, case_id in self._people.acknowledged.items():
            if self.tables.keys.get(name) != case_id or case_id not in rows:
                raise self._broken("no-case-is-lost", case_id, f"{name} has no such case any more")
        for case_id, seq, _ in self._auditor.heads():
            row = rows.get(case_id)
            if row is None or row.seq != seq:
                held = 0 if row is None else row.seq
                problem = f"{held} of {seq} durable records are left"
                raise self._broken("no-case-is-lost", case_id, problem)

    def what_is_erased_is_gone(self) -> None:
        """Of an erased case the secret, all contents and bytes are gone; its chain still stands."""
        self._auditor.checks["what-is-erased-is-gone"] += 1
        left = {case_id for case_id, _ in self.tables.blobs}
        for case_id, row in self.tables.rows.items():
            if row.erasure is None:
                continue
            redacted = [split_record(line) for line in self._auditor.lines(case_id)]
            if row.lines != [one and one.envelope for one in redacted]:
                raise self._broken("what-is-erased-is-gone", case_id, "its chain does not stand")
            if row.secret or case_id in left or row.next_due is not None:
                raise self._broken("what-is-erased-is-gone", case_id, "something of it is left")

    def no_effect_is_doubled(self) -> None:
        """Nothing is filed or granted twice, and nothing is filed that no journal knows."""
        self._auditor.checks["no-effect-is-doubled"] += 1
        for department, office in sorted(self._offices.items()):
            twice = [name for name, count in office.filed.items() if count > 1]
            # A grant that lapsed for want of a paper may be followed by one of the next attempt.
            twice += [
                name
                for name, count in office.granted.items()
                if count > 1
                and name.partition(".")[0] not in self._excused
                and count > self._attempts(name)
            ]
            if twice:
                case_id = twice[0].partition(".")[0]
                raise self._broken("no-effect-is-doubled", case_id, f"{twice[0]} at {department}")
            for name in office.filed:
                case_id = name.partition(".")[0]
                if case_id in self._excused:
                    continue
                if name not in self._auditor.messages(case_id):
                    problem = f"{name} was filed at {department} and stands in no journal"
                    raise self._broken("no-effect-is-doubled", case_id, problem)

    def everything_ends(self) -> None:
        """When the faults have stopped, every case comes to an end."""
        self._auditor.checks["everything-ends"] += 1
        for name, case_id in self._people.acknowledged.items():
            if case_id not in self._people.ended:
                case = self._auditor.followed(case_id)
                problem = f"{name} has not ended: {', '.join(_open_steps(case))}"
                raise self._broken("everything-ends", case_id, problem)
        if len(self._people.acknowledged) < self._people.visits:
            raise self._broken("everything-ends", "-", "a visit never got its case")

    async def offices_and_journals_agree(self, now: datetime) -> None:
        """In the end each journal says of each step what its office says."""
        for case_id in self._people.acknowledged.values():
            self._auditor.checks["offices-and-journals-agree"] += 1
            case = self._auditor.followed(case_id)
            if case is None or self.tables.rows[case_id].erasure is not None:
                continue
            for sub in case.sub_cases.values():
                if sub.submission is None or sub.submission.seq == 0:
                    continue
                if case_id in self._excused or sub.spec.department not in self._offices:
                    continue
                office = self._offices[sub.spec.department]
                page = await office.read(sub.spec.department, sub.submission.submission_id, after=0)
                ours = sub.digests
                theirs = tuple(event.digest for event in page.events) if page else ()
                told = [
                    event
                    for event in (page.events if page else ())
                    if read_instant(event.recorded_at) < now - NEWS_TAKE
                ]
                if ours != theirs[: len(ours)] or len(ours) < len(told):
                    problem = f"{sub.id}: {len(ours)} events here, {len(theirs)} at the office"
                    raise self._broken("offices-and-journals-agree", case_id, problem)

    def a_contradiction_stops(self, submission_id: str, held: int, head: int) -> None:
        """A department that shows less than it signed before stops the step, and people look."""
        self._auditor.checks["a-contradiction-stops"] += 1
        case_id, sub_case_id, _ = submission_id.split(".")
        case = self._auditor.followed(case_id)
        if case is None:
            return
        sub = case.sub_cases[sub_case_id]
        is_of_now = sub.submission is not None and sub.submission.submission_id == submission_id
        if is_of_now and sub.halted is None and submission_id not in self._auditor.resumed:
            problem = f"{sub_case_id}: head {head} after {held} events did not stop it"
            raise self._broken("a-contradiction-stops", case_id, problem)

    def the_engine_comes_to_rest(self) -> InvariantBrokenError:
        """What is due is done in a bounded number of calls; nothing is asked round and round."""
        return self._broken("the-engine-comes-to-rest", "-", "calls without end in one moment")

    def _attempts(self, sub_case: str) -> int:
        """Return how often the step ``CASE.STEP`` was filed, each time under an id of its own."""
        messages = self._auditor.messages(sub_case.partition(".")[0])
        prefix = f"{sub_case}."
        return sum(one.startswith(prefix) and one.count(".") == 2 for one in messages)  # noqa: PLR2004

    def _broken(self, invariant: str, case_id: str, problem: str) -> InvariantBrokenError:
        return self._auditor.broken(invariant, case_id, problem)


def _open_steps(case: Case | None) -> Iterator[str]:
    if case is None:
        return
    for sub in case.sub_cases.values():
        if not sub.is_decided:
            stopped = f" (halted: {sub.halted})" if sub.halted else ""
            yield f"{sub.id} {sub.status}{stopped}"


WORLD_CHECKS: Final = (
    WorldView.no_case_is_lost,
    WorldView.what_is_erased_is_gone,
    WorldView.no_effect_is_doubled,
    WorldView.a_contradiction_stops,
    WorldView.offices_and_journals_agree,
    WorldView.the_engine_comes_to_rest,
    WorldView.everything_ends,
)
