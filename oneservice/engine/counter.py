"""What happens at kiosks, windows and by telephone: ``engine.counter``."""

from __future__ import annotations

from datetime import timedelta

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    Actor,
    Case,
    CaseChannel,
    CaseFinding,
    RecordVisit,
    TripStatement,
    VisitPurpose,
    counter_findings,
    trips,
)
from oneservice.engine.counter_codes import (
    CODE_VALID,
    SESSION,
    Codes,
    IssuedCode,
    RedeemedCode,
)
from oneservice.engine.counter_notes import read_note
from oneservice.engine.counter_papers import Papers
from oneservice.engine.counter_ratings import Ratings
from oneservice.engine.counter_window import ReceivingWindow
from oneservice.ports import Ids
from oneservice.runtimes import Driver, Mail
from oneservice.workdays import WorkCalendar, legal_day

__all__ = ["CounterDesk"]


class CounterDesk:
    """Codes, journeys, originals, parcels and ratings of the cases of one engine.

    Every method that changes a case returns when the change is durable. ``place`` is a label of
    your own list of halls, windows and kiosks, ``by`` says who acts in which role. What people
    write (descriptions, comments, reports) is stored beside the journal, which holds its digest.
    """

    def __init__(self, driver: Driver, ids: Ids, calendar: WorkCalendar) -> None:
        self._driver = driver
        self._codes = Codes(driver, ids)
        self.papers = Papers(driver)
        """Originals and parcels."""
        self.ratings = Ratings(driver)
        """Ratings, and the follow-up of bad ones."""
        self.elsewhere = ReceivingWindow(driver, calendar)
        """Windows in other regions that receive for the deciding office (异地代收代办)."""

    async def code(
        self,
        case_id: str,
        *,
        for_channel: CaseChannel,
        by: Actor = APPLICANT,
        valid: timedelta = CODE_VALID,
    ) -> IssuedCode:
        """Return a code with which the applicant goes on at a kiosk, a window or by telephone.

        It is returned this once and stored nowhere; an earlier one of the case is void. Your portal
        must know that it is the applicant, or the agent, who asks.

        Args:
            case_id: which case.
            for_channel: ``kiosk``, ``window`` or ``phone``; elsewhere the code is worth nothing.
            by: the applicant, or an agent under a living mandate.
            valid: how long it can be used, at most two hours.

        Raises:
            NotAllowedError: staff do not get codes.
            IllegalInputError: no such channel, too long, or another code was asked for just now.
        """
        return await self._codes.issue(case_id, for_channel=for_channel, by=by, valid=valid)

    async def redeem(
        self,
        code: str,
        *,
        channel: CaseChannel,
        place: str,
        clerk: Actor,
        session: timedelta = SESSION,
    ) -> RedeemedCode:
        """Return the case that ``code`` opens; the counter may deal with it for ``session``.

        A code is used once; after five wrong tries it is void. Whatever is wrong, the answer is the
        same. Guard your own counters against somebody who types codes all day.

        Args:
            code: as it was typed; case, dashes and look-alikes do not matter.
            channel: where it was typed.
            place: at which kiosk or window.
            clerk: who typed it; at a kiosk the applicant.
            session: how long, at most twelve hours.

        Raises:
            NotAllowedError: not the business of that role.
            IllegalInputError: the place is no label, or the session
                is too long; no code was looked at then.
            CodeRefusedError: the code opens no case, or none any more.
        """
        return await self._codes.redeem(
            code, channel=channel, place=place, clerk=clerk, session=session
        )

    async def visit(
        self,
        case_id: str,
        *,
        channel: CaseChannel,
        place: str,
        purpose: VisitPurpose,
        by: Actor,
        ticket: str = "",
    ) -> Case:
        """Record that the applicant came in person; what proves a journey records it by itself.

        Args:
            case_id: which case.
            channel: ``window`` or ``kiosk``.
            place: where.
            purpose: what for.
            by: who saw them: a clerk, an officer; at a kiosk the applicant.
            ticket: the number drawn at the hall; the same one of a day is one journey.

        Raises:
            IllegalInputError: another channel, or a label that is none.
        """
        given = RecordVisit(
            at=self._driver.now(),
            channel=channel,
            place=place,
            purpose=purpose,
            by=by,
            ticket=ticket,
        )
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    async def trips(self, case_id: str) -> TripStatement:
        """Return how often the applicant had to come, and the records that prove it.

        ``oneservice.case.recount_trips`` counts the same from the journal alone.
        """
        hot = await self._driver.hot(case_id)
        return TripStatement(
            case_id=case_id, trips=trips(hot.case), last_seq=hot.seq, head=hot.head
        )

    async def text(self, case_id: str, digest: Digest) -> str | None:
        """Return what somebody wrote, by the digest that the journal keeps; ``None``: not here."""
        stored = await self._driver.store.blob(case_id, digest)
        return None if stored is None else read_note(stored)

    async def findings(self, case_id: str) -> tuple[CaseFinding, ...]:
        """Return what people should look at: originals held too long, lost or late parcels."""
        return counter_findings(
            (await self._driver.hot(case_id)).case, on=legal_day(self._driver.now())
        )
