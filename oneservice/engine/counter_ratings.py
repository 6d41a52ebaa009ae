"""Ratings and their follow-up: ``engine.counter.ratings``."""

from __future__ import annotations

from collections.abc import Mapping

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    Actor,
    Case,
    CaseChannel,
    FollowUpStage,
    Input,
    RateResult,
    RatingTerms,
    ReportFollowUp,
)
from oneservice.engine.counter_notes import note
from oneservice.plan import Plan
from oneservice.runtimes import Driver, Mail

__all__ = ["Ratings"]


class Ratings:
    """What applicants think of the handling of a step, and what staff do about it."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def rate(
        self,
        case_id: str,
        sub_case_id: str,
        level: int,
        *,
        by: Actor = APPLICANT,
        channel: CaseChannel = CaseChannel.ONLINE,
        place: str = "",
        comment: str = "",
    ) -> Case:
        """Rate how one step was handled (好差评): 5 very satisfied, 1 very dissatisfied.

        Once per handling, and of one's own will. 1 and 2 are followed up within the limit that the
        region promises; after the answer one may rate again.

        Raises:
            NotAllowedError: staff do not rate.
            IllegalInputError: the handling has not ended, or is rated already.
        """
        hot = await self._driver.hot(case_id)
        digest, blobs = note(comment, hot.secret) if comment else (None, {})
        given = RateResult(
            at=self._driver.now(),
            sub_case_id=sub_case_id,
            level=level,
            channel=channel,
            by=by,
            place=place,
            comment=digest,
            terms=_terms(hot.plan),
        )
        return await self._told(case_id, given, blobs)

    async def follow_up(
        self,
        case_id: str,
        sub_case_id: str,
        stage: FollowUpStage,
        *,
        by: Actor,
        report: str = "",
        is_founded: bool | None = None,
    ) -> Case:
        """Record what staff did about a bad rating: contacted, verified, corrected, answered.

        Args:
            case_id: which case.
            sub_case_id: which step was rated.
            stage: what was done; a founded complaint is corrected before it is answered.
            by: the officer or operator.
            report: what came out; stored beside the journal.
            is_founded: with ``verified``: whether the complaint is founded.

        Raises:
            IllegalInputError: no bad rating is being followed up, or another stage is next.
        """
        hot = await self._driver.hot(case_id)
        digest, blobs = note(report, hot.secret) if report else (None, {})
        given = ReportFollowUp(
            at=self._driver.now(),
            sub_case_id=sub_case_id,
            stage=stage,
            by=by,
            note=digest,
            is_founded=is_founded,
        )
        return await self._told(case_id, given, blobs)

    async def _told(self, case_id: str, given: Input, blobs: Mapping[Digest, bytes]) -> Case:
        return await self._driver.give(Mail(inputs=((case_id, given),), blobs=blobs))


def _terms(plan: Plan) -> RatingTerms:
    """Return the limits for following a bad rating up, as the plan of the case promises them."""
    limit = plan.rating_answer
    if limit is None:
        return RatingTerms(lead=plan.lead_department)
    return RatingTerms(days=limit.days, unit=str(limit.unit), lead=plan.lead_department)
