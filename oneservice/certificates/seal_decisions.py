"""May this seal be used now? One pure function, used by the lock before and by auditors after.

Theory of operation: the terms of a use (type, region, mandate, hours, count) can be judged anew
from the book of the seal alone, because it holds policy, mandates, revocations and uses in order.
The approvals are judged from their own words, which travel in the receipt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.seal_mandates import Mandate
from oneservice.certificates.seal_policy import SealPolicy
from oneservice.certificates.seal_refusals import SealRefusal, words_of
from oneservice.certificates.seal_requests import Approval, SealRequest
from oneservice.errors import CalendarUnknownError
from oneservice.workdays import WorkCalendar

__all__ = ["Granted", "Refused", "UsesSoFar", "decide_use", "refusal_of_mandate"]

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""An approver's clock may be this far ahead of the lock's."""


class UsesSoFar(Protocol):
    """How often a seal was used: the book on paper, or the one on disk."""

    def used_on(self, day: date) -> int:
        """Return how many uses were granted for ``day`` of the office's zone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The seal may be used: for which day it counts, by which mandate, and who agreed."""

    day: date
    mandate: Mandate | None = None
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The seal may not be used. An outcome, not an error: it is written into the book, too."""

    reason: SealRefusal

    @property
    def why(self) -> Mapping[str, str]:
        """What is wrong, in zh and en."""
        return words_of(self.reason).why

    @property
    def remedy(self) -> Mapping[str, str]:
        """What to do, in zh and en."""
        return words_of(self.reason).remedy


def decide_use(
    policy: SealPolicy,
    mandates: Mapping[str, Mandate],
    uses: UsesSoFar,
    request: SealRequest,
    *,
    at: datetime,
    calendar: WorkCalendar | None = None,
    approvals_seen: bool = False,
) -> Granted | Refused:
    """Say whether the seal may be used as asked.

    Args:
        policy: the rules in force.
        mandates: those entered in the book, by id, with their revocations.
        uses: how often it was used so far, this use not counted.
        request: what is asked.
        at: aware instant of the decision.
        calendar: working days; needed where the policy knows hours on working days.
        approvals_seen: judge everything but the approvals: an auditor who has the book alone.
    """
    mandate, reason = _mandate(policy, mandates, request, at)
    found = _matter(policy, request, at) or reason or _time(policy, at, calendar)
    day = policy.day(at)
    if found is None and policy.daily_count is not None and uses.used_on(day) >= policy.daily_count:
        found = SealRefusal.DAILY_COUNT_USED
    if found is not None:
        return Refused(reason=found)
    if approvals_seen:
        return Granted(day=day, mandate=mandate)
    agreed = _approvals(policy, request, at)
    if isinstance(agreed, SealRefusal):
        return Refused(reason=agreed)
    return Granted(day=day, mandate=mandate, approvals=agreed)


def refusal_of_mandate(
    policy: SealPolicy, mandates: Mapping[str, Mandate], request: SealRequest, *, at: datetime
) -> SealRefusal | None:
    """Return why a use that was granted may not be carried out any more; ``None``: it may.

    Hours and count were judged when it was granted. A mandate that was revoked since, or a policy
    that was withdrawn, ends it at once.
    """
    return _matter(policy, request, at) or _mandate(policy, mandates, request, at)[1]


def _matter(policy: SealPolicy, request: SealRequest, at: datetime) -> SealRefusal | None:
    if request.seal_id != policy.seal_id:
        return SealRefusal.ANOTHER_SEAL
    if not policy.is_within(at):
        return SealRefusal.POLICY_NOT_IN_FORCE
    if request.type not in policy.types:
        return SealRefusal.TYPE_NOT_COVERED
    return None if policy.covers_region(request.region) else SealRefusal.REGION_NOT_COVERED


def _mandate(
    policy: SealPolicy, mandates: Mapping[str, Mandate], request: SealRequest, at: datetime
) -> tuple[Mandate | None, SealRefusal | None]:
    if request.mandate_id is None:
        by_office = request.requester in policy.requesters
        return None, None if by_office else SealRefusal.MANDATE_MISSING
    mandate = mandates.get(request.mandate_id)
    if mandate is None or mandate.seal_id != policy.seal_id:
        return None, SealRefusal.MANDATE_UNKNOWN
    if mandate.holder != request.requester:
        return None, SealRefusal.MANDATE_OF_ANOTHER
    if mandate.is_revoked(at):
        return None, SealRefusal.MANDATE_REVOKED
    if not mandate.is_within(at):
        is_early = at < mandate.valid_from
        return None, SealRefusal.MANDATE_NOT_YET if is_early else SealRefusal.MANDATE_ENDED
    if not mandate.covers(request.type, request.region):
        return None, SealRefusal.MANDATE_SCOPE
    return mandate, None


def _time(policy: SealPolicy, at: datetime, calendar: WorkCalendar | None) -> SealRefusal | None:
    hours = policy.hours
    if hours is None:
        return None
    if hours.working_days_only:
        try:
            if calendar is None:
                return SealRefusal.CALENDAR_UNKNOWN
            if not calendar.is_working_day(policy.day(at)):
                return SealRefusal.NOT_A_WORKING_DAY
        except CalendarUnknownError:
            return SealRefusal.CALENDAR_UNKNOWN
    is_open = hours.opens <= policy.local(at).time() < hours.closes
    return None if is_open else SealRefusal.OUTSIDE_HOURS


def _approvals(
    policy: SealPolicy, request: SealRequest, at: datetime
) -> tuple[Approval, ...] | SealRefusal:
    """Return the approvals that count, one of each role; or why there are not enough.

    Approvals that do not count do no harm where enough others do: a stranger's word beside the
    right ones must not block a seal.
    """
    counted: dict[str, Approval] = {}
    flaws: list[SealRefusal] = []
    for approval in sorted(request.approvals, key=lambda one: (one.at, one.role)):
        flaw = next(_flaws(policy, request, approval, at), None)
        if flaw is None:
            counted.setdefault(approval.role, approval)
        else:
            flaws.append(flaw)
    if len(counted) >= policy.approvals_needed:
        return tuple(counted.values())[: policy.approvals_needed]
    order = tuple(SealRefusal)
    return min([*flaws, SealRefusal.APPROVALS_MISSING], key=order.index)


def _flaws(
    policy: SealPolicy, request: SealRequest, approval: Approval, at: datetime
) -> Iterator[SealRefusal]:
    approver = next((one for one in policy.approvers if one.role == approval.role), None)
    is_of_this = (approval.seal_id, approval.document_digest) == (
        request.seal_id,
        request.document_digest,
    )
    if not is_of_this:
        yield SealRefusal.APPROVAL_OF_ANOTHER_DOCUMENT
    if approver is None:
        yield SealRefusal.APPROVER_UNKNOWN
    elif approver.key is not None and not approval.is_signed_by(
        VerifyingKey.from_multibase(approver.key)
    ):
        yield SealRefusal.APPROVAL_FORGED
    age = at - approval.at
    if age > timedelta(seconds=policy.approval_lasts_s) or age < -_CLOCKS_DIFFER:
        yield SealRefusal.APPROVAL_NOT_IN_TIME
    if approval.role == request.requester and not policy.requester_may_approve:
        yield SealRefusal.OWN_APPROVAL
