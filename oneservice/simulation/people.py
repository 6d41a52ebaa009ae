"""The people around the cases: applicants who answer late or never, and operators who resume.

People are simulated; what they do goes through the engine's face as a portal would do it. What
somebody will do follows from the seed and the name of the occasion, so it does not change with what
happens to others.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from oneservice.case import Case, Correction, SubCase, SubCaseStatus
from oneservice.engine import Engine
from oneservice.errors import CaseError, JournalError
from oneservice.simulation.applicants import Applicants
from oneservice.simulation.chance import Chance
from oneservice.simulation.offer import Offer
from oneservice.simulation.staff import OPERATOR, Act, Staff

__all__ = ["Deed", "People"]

_AGAIN_AFTER: Final = timedelta(minutes=20)
"""Who was told that the engine cannot write, or died, comes back after this."""
_RESUME_AFTER: Final = timedelta(hours=26)
"""An operator settles with the office why a step stands, and resumes it."""
_MAX_RESUMES: Final = 60
_MAY_FOLLOW: Final = frozenset({SubCaseStatus.NOT_ACCEPTED, SubCaseStatus.LAPSED})
"""What ended undecided may be filed again; the engine says where the law leaves no room."""


@dataclass(frozen=True, slots=True, order=True)
class Deed:
    """Something that somebody will do at ``at``; ``name`` is the occasion, told once."""

    at: datetime
    name: str


class People:
    """Applicants and operators of one world, and what they will do next.

    Args:
        offer: what they apply for.
        chance: their temperaments.
        opens_at: when each comes, by number; one case each.
        greet: is told who opens a case, in the moment before.
        has_granted: says whether an office has granted ``CASE.STEP``, whoever knows of it.
        wants: says what the visit of that name is for, where not all want the same.
        most_resumes: how often an operator lets a halted step go on, before the case is closed.
    """

    def __init__(
        self,
        offer: Offer,
        chance: Chance,
        opens_at: Mapping[int, datetime],
        *,
        greet: Callable[[str], None],
        has_granted: Callable[[str], bool],
        wants: Callable[[str], Offer] | None = None,
        most_resumes: int = _MAX_RESUMES,
    ) -> None:
        self._applicants = Applicants(offer, greet=greet, wants=wants or (lambda _: offer))
        self._most_resumes = most_resumes
        self._chance = chance
        self._deeds: list[Deed] = []
        self._acts: dict[str, Act] = {}
        self._told: set[str] = set()
        self._staff = Staff(
            chance,
            lambda at, name, act: self._once(Deed(at, name), act),
            tuple(sorted({one.department for one in offer.plan.steps})),
            has_granted,
        )
        self.acknowledged = self._applicants.acknowledged
        """Which case each visit was told that it has: it must never be another one, or none."""
        self.ended: dict[str, str] = {}
        """How each case ended, by id."""
        self.resumes: Counter[str] = Counter()
        self.visits = 0
        for number, at in opens_at.items():
            self._visit(f"visit-{number}", at)

    @property
    def next_at(self) -> datetime | None:
        """When somebody does something next."""
        return self._deeds[0].at if self._deeds else None

    @property
    def are_done(self) -> bool:
        """Whether everybody was served: each visit has a case, and each case has ended."""
        return len(self.acknowledged) == self.visits and all(
            case_id in self.ended for case_id in self.acknowledged.values()
        )

    def due(self, now: datetime) -> list[Deed]:
        """Take what is to be done by ``now`` off the list."""
        found: list[Deed] = []
        while self._deeds and self._deeds[0].at <= now:
            found.append(heapq.heappop(self._deeds))
        return found

    async def do(self, deed: Deed, engine: Engine, now: Callable[[], datetime]) -> None:
        """Do ``deed``; who cannot be served now comes again."""
        act = self._acts[deed.name]
        try:
            await act(engine)
        except JournalError:
            self._plan(Deed(now() + _AGAIN_AFTER, deed.name), act)
        except CaseError:
            return  # the case moved on meanwhile: what was to be done is moot
        except BaseException:
            # The process died under it: nobody knows whether it was done, so it is done again.
            self._plan(Deed(now() + _AGAIN_AFTER, deed.name), act)
            raise

    def look_at(self, case: Case, now: datetime) -> None:
        """Let everybody who is asked for something decide when to do it."""
        if case.status.has_ended:
            self.ended[case.id] = str(case.status)
        else:
            self.ended.pop(case.id, None)  # somebody filed again
        self.look_after(case, now)
        for correction in case.corrections:
            self._answer(case, correction, now)
        for consent in case.people.consents:
            if consent.end == "awaited":
                self._share(case.id, consent.id, now)
        for sub in case.sub_cases.values():
            if sub.halted is not None:
                continue
            if sub.status is SubCaseStatus.GRANTED_PENDING_MATERIAL:
                self._keep_promise(case.id, sub, now)
            elif sub.status in _MAY_FOLLOW:
                self._file_again(case.id, sub, now)

    def look_after(self, case: Case, now: datetime) -> None:
        """Let staff decide what to do about a case, whoever's it is."""
        self._staff.look_at(case, now)
        for sub in case.sub_cases.values():
            if sub.halted is not None:
                self._settle(case.id, sub, now)

    def forget(self, left: AbstractSet[str]) -> dict[str, str]:
        """Take note that only the cases ``left`` are there; return the others, by their visit.

        Who had such a case is told that it is lost, and comes no more.
        """
        lost = {name: one for name, one in self.acknowledged.items() if one not in left}
        for name in lost:
            del self.acknowledged[name]
        self.visits -= len(lost)
        self.ended.clear()
        return lost

    # --- occasions -----------------------------------------------------------------------------

    def _visit(self, name: str, at: datetime) -> None:
        self.visits += 1
        self._once(Deed(at, name), lambda engine: self._applicants.open(engine, name))
        if self._chance.happens(f"{name}/twice", 100):
            self._once(
                Deed(at, f"{name}/twice"), lambda engine: self._applicants.open(engine, name)
            )
        if self._chance.happens(f"{name}/withdraws", 40):
            days = self._chance.between(f"{name}/withdraws after", 0, 30)
            later = at + timedelta(days=days, minutes=7)
            self._once(
                Deed(later, f"{name}/withdraws"),
                lambda engine: self._applicants.withdraw(engine, name),
            )
        if self._chance.happens(f"{name}/quarrels", 40):
            hours = self._chance.between(f"{name}/quarrels after", 1, 200)
            later = at + timedelta(hours=hours)
            lasts = timedelta(hours=self._chance.between(f"{name}/quarrels for", 2, 150))
            self._once(
                Deed(later, f"{name}/quarrels"),
                lambda engine: self._applicants.quarrel(engine, name),
            )
            self._once(
                Deed(later + lasts, f"{name}/agrees"),
                lambda engine: self._applicants.agree(engine, name),
            )

    def _answer(self, case: Case, correction: Correction, now: datetime) -> None:
        name = f"{case.id}/{correction.sub_case_id}/{correction.correction_id}"
        temper = self._chance.below(f"{name}/temper", 100)
        if temper < 8:  # noqa: PLR2004 - never answers: it lapses
            return
        late = temper < 25  # noqa: PLR2004 - late, perhaps too late
        hours = self._chance.between(f"{name}/after", 150, 400) if late else temper
        partly = temper % 7 == 0
        self._once(
            Deed(now + timedelta(hours=hours), name),
            lambda engine: self._applicants.supplement(engine, case.id, correction, partly=partly),
        )

    def _share(self, case_id: str, consent_id: str, now: datetime) -> None:
        """Agree, hours later, to what an order sends to another region; a backup may forget it."""
        name = f"{case_id}/{consent_id}/share"
        if name in self._acts:
            return

        async def act(engine: Engine) -> None:
            self._acts.pop(name, None)
            await self._applicants.share(engine, case_id, consent_id)

        hours = self._chance.between(f"{name}/after", 1, 60)
        self._plan(Deed(now + timedelta(hours=hours), name), act)

    def _keep_promise(self, case_id: str, sub: SubCase, now: datetime) -> None:
        """Bring what was promised, a week later; or never, and then it lapses."""
        name = f"{case_id}/{sub.id}/{sub.attempt}/promise"
        if not sub.course.promises or not self._chance.happens(f"{name}/kept", 700):
            return
        days = self._chance.between(f"{name}/after", 1, 12)
        self._once(
            Deed(now + timedelta(days=days), name),
            lambda engine: self._applicants.keep_promise(engine, case_id, sub),
        )

    def _file_again(self, case_id: str, sub: SubCase, now: datetime) -> None:
        """Mend the papers of what was not accepted, or lapsed, and try once more."""
        name = f"{case_id}/{sub.id}/{sub.attempt}/again"
        if not self._chance.happens(f"{name}/tried", 400):
            return
        hours = self._chance.between(f"{name}/after", 1, 90)

        async def act(engine: Engine) -> None:
            await engine.file_again(case_id, sub.id, why="the papers were mended")

        self._once(Deed(now + timedelta(hours=hours), name), act)

    def _settle(self, case_id: str, sub: SubCase, now: datetime) -> None:
        """Have an operator settle with the office why a step stands, as often as it must be."""
        name = f"{case_id}/{sub.id}/resume"
        if name in self._acts or self.resumes[name] >= _MAX_RESUMES:
            return
        self.resumes[name] += 1
        closes = self.resumes[name] > self._most_resumes
        adopts = self.resumes[name] == 1 and self._staff.adopts(case_id, sub)

        async def act(engine: Engine) -> None:
            self._acts.pop(name, None)
            if adopts:
                await self._staff.adopt(engine, case_id, sub.id)
            elif closes:
                await self._staff.close(engine, case_id)
            else:
                await engine.resume(case_id, sub.id, by=OPERATOR, why="settled with the office")

        self._plan(Deed(now + _RESUME_AFTER, name), act)

    def _once(self, deed: Deed, act: Act) -> None:
        if deed.name not in self._told:
            self._told.add(deed.name)
            self._plan(deed, act)

    def _plan(self, deed: Deed, act: Act) -> None:
        self._acts[deed.name] = act
        heapq.heappush(self._deeds, deed)
