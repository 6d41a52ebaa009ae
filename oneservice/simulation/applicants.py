"""What applicants do at the engine's face, as through a portal: apply, answer, agree, withdraw.

When somebody does so, and whether at all, is decided in ``people.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from oneservice.case import Correction, SubCase
from oneservice.engine import Engine
from oneservice.errors import FormIncompleteError
from oneservice.simulation.offer import PARTY, Offer

__all__ = ["Applicants"]


class Applicants:
    """All applicants of one world.

    Args:
        offer: what they apply for.
        greet: is told who opens a case, in the moment before.
        wants: says what the visit of that name is for, where not all want the same.
    """

    def __init__(
        self, offer: Offer, *, greet: Callable[[str], None], wants: Callable[[str], Offer]
    ) -> None:
        self._offer = offer
        self._greet = greet
        self._wants = wants
        self.acknowledged: dict[str, str] = {}
        """Which case each visit was told that it has: it must never be another one, or none."""

    async def open(self, engine: Engine, name: str) -> None:
        """Hand in the one form; whoever comes again is told of the same case."""
        offer = self._wants(name)
        self._greet(name)  # the id is given before anybody else has a turn
        now = engine.now()
        own = {
            one.consent_id: one.agreed(by="Nobody", at=now)
            for one in await engine.people.crossings(offer.plan)
        }
        case = await engine.submit(
            offer.plan,
            offer.applicant,
            fields=offer.fields,
            materials=offer.materials,
            consents={PARTY: offer.consent(now), **own},
            key=name,
        )
        self.acknowledged.setdefault(name, case.id)
        if self.acknowledged[name] != case.id:
            msg = f"{name} was told of the case {self.acknowledged[name]}, and now of {case.id}"
            raise AssertionError(msg)

    async def withdraw(self, engine: Engine, name: str) -> None:
        """Withdraw the whole case, where there is one by now."""
        case_id = self.acknowledged.get(name)
        if case_id is not None:
            await engine.withdraw(case_id)

    async def quarrel(self, engine: Engine, name: str) -> None:
        """Let the partner take the consent back: nothing more is filed until it is given again."""
        case_id = self.acknowledged.get(name)
        if case_id is not None:
            await engine.people.withdraw_consent(case_id, PARTY, why="a quarrel")

    async def agree(self, engine: Engine, name: str) -> None:
        """Let the partner give the consent again."""
        case_id = self.acknowledged.get(name)
        if case_id is not None:
            given = self._offer.consent(engine.now())
            await engine.people.give_consent(case_id, PARTY, given)

    async def share(self, engine: Engine, case_id: str, consent_id: str) -> None:
        """Agree to what an operator's order sends to another region, if it still goes there."""
        said = (await engine.case(case_id)).people.consents
        awaited = [one for one in said if one.id == consent_id and one.end == "awaited"]
        offices = {office for one in awaited for office in one.offices}
        for one in await engine.people.crossings_in(case_id):
            is_the_partner_s = consent_id == PARTY and one.department in offices
            if one.consent_id == consent_id or is_the_partner_s:
                by = "Nobody Else" if is_the_partner_s else "Nobody"
                agreed = one.agreed(by=by, at=engine.now())
                await engine.people.give_consent(case_id, consent_id, agreed)

    async def supplement(
        self, engine: Engine, case_id: str, correction: Correction, *, partly: bool
    ) -> None:
        """Bring what is asked for; ``partly``: a part of it first."""
        asked = correction.materials
        if partly and len(asked) > 1:
            # Told that something is missing, the applicant brings all of it.
            with suppress(FormIncompleteError):
                await engine.supplement(
                    case_id, correction, materials={asked[0]: self._offer.asked}
                )
        await engine.supplement(
            case_id,
            correction,
            fields={name.removeprefix("/fields/"): "value" for name in correction.fields},
            materials=dict.fromkeys(asked, self._offer.asked),
        )

    async def keep_promise(self, engine: Engine, case_id: str, sub: SubCase) -> None:
        """Bring the papers that were promised for a step."""
        papers = [one.material for one in sub.course.promises]
        await engine.supplement(case_id, sub.id, materials=dict.fromkeys(papers, self._offer.asked))
