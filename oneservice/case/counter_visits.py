"""Going on at a counter with a one-time code, and the journeys that it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oneservice.case.counter_checks import be_there, refusal, require_label
from oneservice.case.counter_codes import is_same_proof
from oneservice.case.counter_events import CodeIssued, CodeMistyped, ContinuedAt, VisitRecorded
from oneservice.case.counter_inputs import AskCode, RecordVisit, RedeemCode
from oneservice.case.counter_state import LiveCode, Visit
from oneservice.case.counter_terms import IN_PERSON, CaseChannel, VisitPurpose, is_label
from oneservice.case.draft import Draft
from oneservice.workdays import legal_day

__all__ = [
    "LONGEST_CODE",
    "LONGEST_SESSION",
    "ask_code",
    "record_visit",
    "redeem_code",
    "redeem_problem",
]

LONGEST_CODE: Final = timedelta(hours=2)
"""A code that is read aloud or lies about must not live longer."""
LONGEST_SESSION: Final = timedelta(hours=12)
"""No counter deals with a case beyond one day of work on the strength of one code."""
_CODE_CHANNELS: Final = frozenset({CaseChannel.KIOSK, CaseChannel.WINDOW, CaseChannel.PHONE})


def ask_code(draft: Draft, given: AskCode) -> None:
    """Record that a code was given out; the one before it is void."""
    if given.channel not in _CODE_CHANNELS:
        names = ", ".join(sorted(_CODE_CHANNELS))
        raise refusal(draft, f"a code is for {names}; elsewhere the applicant signs in")
    if not given.at < given.expires_at <= given.at + LONGEST_CODE:
        raise refusal(draft, f"a code is valid for more than nothing and at most {LONGEST_CODE}")
    if given.number != draft.case.counter.codes + 1:
        raise refusal(draft, "another code was asked for at the same time; ask again")
    draft.add(
        CodeIssued(
            at=given.at,
            number=given.number,
            locator=given.locator,
            proof=given.proof,
            channel=given.channel,
            expires_at=given.expires_at,
            by=given.by,
        )
    )


def redeem_problem(given: RedeemCode) -> str | None:
    """Say what is wrong with ``given`` whatever the code is; ``None``: nothing.

    It must be asked before any code is compared: a refusal that comes after a comparison only
    would tell whether the code was right, and count no try.
    """
    if not is_label(given.place):
        return "'place' must be a label of your own list of halls, windows and kiosks"
    if not given.at < given.session_until <= given.at + LONGEST_SESSION:
        return f"a session lasts more than nothing and at most {LONGEST_SESSION}"
    return None


def redeem_code(draft: Draft, given: RedeemCode) -> None:
    """Open a session of the case where the code is right; count the try where it is not."""
    problem = redeem_problem(given)
    if problem is not None:
        raise refusal(draft, problem)
    code = draft.case.counter.code
    if code is None or code.number != given.number or given.at >= code.expires_at:
        raise refusal(draft, "no code of that number can be used; the applicant asks for another")
    if not _opens(code, given):
        draft.add(
            CodeMistyped(
                at=given.at,
                number=code.number,
                channel=given.channel,
                place=given.place,
                by=given.by,
            )
        )
        return
    draft.add(
        ContinuedAt(
            at=given.at,
            number=code.number,
            channel=given.channel,
            place=given.place,
            until=given.session_until,
            by=given.by,
        )
    )
    be_there(
        draft,
        at=given.at,
        channel=given.channel,
        place=given.place,
        purpose=VisitPurpose.CONTINUE,
        by=given.by,
    )


def _opens(code: LiveCode, given: RedeemCode) -> bool:
    # Both are looked at, so that the time taken does not tell which one was wrong.
    is_same, is_channel = is_same_proof(code.proof, given.proof), code.channel is given.channel
    return is_same and is_channel


def record_visit(draft: Draft, given: RecordVisit) -> None:
    """Record a journey; the same ticket of one place and day is told once."""
    require_label(draft, "place", given.place)
    if given.ticket:
        require_label(draft, "ticket", given.ticket)
    if given.channel not in IN_PERSON:
        raise refusal(draft, f"dealing with a case by {given.channel} is no journey")
    if given.ticket and any(_is_same_ticket(one, given) for one in draft.case.counter.visits):
        return
    draft.add(
        VisitRecorded(
            at=given.at,
            channel=given.channel,
            place=given.place,
            purpose=given.purpose,
            by=given.by,
            ticket=given.ticket,
        )
    )


def _is_same_ticket(visit: Visit, given: RecordVisit) -> bool:
    same = (visit.ticket, visit.place) == (given.ticket, given.place)
    return same and legal_day(visit.at) == legal_day(given.at)
