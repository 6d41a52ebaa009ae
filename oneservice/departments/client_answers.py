"""What an answer of a department means: the tables of protocol section 12, and proof of events.

Nothing here touches the network. An :class:`Answer` comes in, and a page whose every event was
proven goes out, or one of the three errors of ``oneservice.ports.Departments``. Messages name the
call, the status and the protocol's code; never a word of what the department wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import DepartmentEvent, EventType, fold
from oneservice.departments.problems import parse_problem
from oneservice.departments.reading import parse_status
from oneservice.departments.signing import VerifyingKey, verify_event
from oneservice.departments.wire import (
    JSON_TYPE,
    MAX_EVENTS,
    PROBLEM_TYPE,
    VERSION_HEADER,
)
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentInProgressError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    IllegalInputError,
    ProtocolProblemError,
)
from oneservice.ports import StatusPage

__all__ = [
    "DEFAULT_RETRY_AFTER_S",
    "Answer",
    "Call",
    "Keys",
    "error_in",
    "http_date",
    "problem_of",
    "prove",
    "refuse_other_receipt",
    "refuse_other_than_json",
    "retry_after_s",
    "status_in",
]

DEFAULT_RETRY_AFTER_S: Final = 30
"""For a department that pushes back and does not say for how long, although it must."""
_LONGEST_RETRY_AFTER_S: Final = 86_400  # night windows exist; years are a mistake

_ADVICE: Final[Mapping[str, str]] = {
    "clock-skew": "; its clock and ours differ by more than a minute: compare both with the time",
    "unknown-key": "; our signing key is not registered there, or counts no more",
    "signature-invalid": "; is the base address the one that the department is configured with?",
    "signature-missing": "; it wants signed requests: give its endpoint a signer",
    "unauthenticated": "; our certificate or client id is not registered there",
}
"""What to do, where the code alone does not say it."""

Keys = Mapping[str, VerifyingKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is being asked: for messages, and to know what a lost answer means."""

    department: str
    method: str
    what: str

    @property
    def is_safe(self) -> bool:
        """Whether asking changes nothing over there, so that a lost answer is only that."""
        return self.method in {"GET", "HEAD"}

    def broken(self, text: str, problem: str) -> DepartmentContractError:
        """Return the error for an answer, or a wish of ours, that breaks the protocol."""
        return DepartmentContractError(
            f"{self.method} {self.what}: {text}", department=self.department, problem=problem
        )

    def unread(self, text: str, problem: str) -> DepartmentContractError:
        """Return the error for an answer that cannot be used: the call may have taken effect."""
        return DepartmentContractError(
            f"{self.method} {self.what}: {text}",
            department=self.department,
            problem=problem,
            is_unread=True,
        )

    def unavailable(self, text: str, wait_s: int = 0) -> DepartmentUnavailableError:
        """Return the error for a call that certainly had no effect."""
        return DepartmentUnavailableError(
            f"{self.method} {self.what}: {text}", department=self.department, retry_after_s=wait_s
        )

    def lost(self, text: str) -> DepartmentUnavailableError | DepartmentUnknownOutcomeError:
        """Return the error for a call that was sent and has no answer."""
        if self.is_safe:
            return self.unavailable(text)
        return DepartmentUnknownOutcomeError(
            f"{self.method} {self.what}: {text}; it may have taken effect, read before repeating",
            department=self.department,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def problem_of(answer: Answer) -> str | None:
    """Return the protocol's code in a problem document that fits its status, or ``None``."""
    if answer.media_type != PROBLEM_TYPE:
        return None
    try:
        problem = parse_problem(answer.body)
    except ProtocolProblemError:
        return None
    kind = problem.kind
    return kind.code if kind is not None and answer.status in kind.statuses else None


def error_in(call: Call, answer: Answer, *, now: datetime) -> DepartmentError:
    """Return what an answer other than a success means (section 12, first table)."""
    status = answer.status
    code = problem_of(answer)
    if status in {429, 503}:
        wait_s = retry_after_s(answer.headers, now=now)
        return call.unavailable(f"pushed back with {status} for {wait_s} s", wait_s)
    if code == "in-progress":
        return DepartmentInProgressError(
            f"{call.method} {call.what}: the same request is being worked on",
            department=call.department,
            retry_after_s=retry_after_s(answer.headers, now=now),
        )
    if 500 <= status < 600 or status == 408:  # noqa: PLR2004 - HTTP's own classes
        return call.lost(f"answered {status}")
    if code is not None:
        return call.broken(f"answered {status} {code}{_ADVICE.get(code, '')}", code)
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own numbers
        return call.broken(f"answered {status}; redirects are never followed", "redirect")
    if 400 <= status < 500:  # noqa: PLR2004 - HTTP's own numbers
        return call.broken(
            f"answered {status} without a problem document that has a listed code for it; "
            "is the base address right?",
            "unlisted-problem",
        )
    return call.broken(f"answered {status}, which the protocol does not know", "unexpected-status")


def retry_after_s(headers: Mapping[str, str], *, now: datetime) -> int:
    """Return the seconds that ``Retry-After`` asks for (RFC 9110 section 10.2.3).

    A date is compared with the answer's own ``Date``, since the two clocks may differ; ``now`` is
    the second best. What is missing or cannot be read becomes a default; the least is a second,
    the most is a day.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(max(1, int(text[:9])), _LONGEST_RETRY_AFTER_S)
    until = http_date(text)
    if until is None:
        return DEFAULT_RETRY_AFTER_S
    since = http_date(headers.get("date", "")) or now
    return min(max(1, round((until - since).total_seconds())), _LONGEST_RETRY_AFTER_S)


def status_in(
    call: Call, answer: Answer, *, submission_id: str, after: int, keys: Keys, limit_bytes: int
) -> StatusPage:
    """Return the status document in ``answer``, every event proven.

    Raises:
        DepartmentContractError: it is no such document, is about another submission, its events
            are not proven, do not continue from ``after``, or do not fold to its state.
    """
    refuse_other_than_json(call, answer)
    try:
        page = parse_status(answer.body, max_bytes=limit_bytes)
    except ProtocolProblemError as error:
        raise call.unread(f"the status document: {error}", error.problem) from None
    if page.submission_id != submission_id:
        raise call.unread("the answer is about another submission", "wrong-submission")
    if page.head_seq > MAX_EVENTS:
        raise call.unread(f"a submission has at most {MAX_EVENTS} events", "too-many-events")
    if page.events and page.events[0].seq != after + 1:
        raise call.unread(f"the events do not continue from {after}", "event-gap")
    if not page.events and page.head_seq > after:
        raise call.unread(f"the events after {after} are withheld", "event-gap")
    for event in page.events:
        prove(call, event, keys)
    if after == 0:
        _refuse_other_state(call, page)
    return page


def refuse_other_than_json(call: Call, answer: Answer) -> None:
    """Raise a contract error for an answer of another media type or major version."""
    if answer.media_type != JSON_TYPE:
        raise call.unread(f"the answer's content type is not {JSON_TYPE}", "media-type")
    version = answer.headers.get(VERSION_HEADER.lower(), "1.0")
    if version.partition(".")[0] != "1":
        raise call.unread("the answer is in another major version", "unsupported-version")


def prove(call: Call, event: DepartmentEvent, keys: Keys) -> None:
    """Return if the event is this department's, and a key that we trust signed it.

    Raises:
        DepartmentContractError: it is not.
    """
    if event.department != call.department:
        raise call.unread(f"event {event.seq} is another department's", "wrong-department")
    if event.seq == 1 and event.prev is not None:
        raise call.unread("the first event chains to another history", "event-gap")
    verify_event(event, keys)


def _refuse_other_state(call: Call, page: StatusPage) -> None:
    """Fold what starts at the beginning; the whole of it must give the state that is claimed."""
    try:
        submission = fold(page.submission_id, page.events)
    except IllegalInputError as error:
        raise call.unread(f"the history breaks the table: {error}", "illegal-transition") from None
    if submission.seq == page.head_seq and submission.state != page.state:
        raise call.unread(
            f"the state is said to be {page.state}, the events fold to {submission.state}",
            "wrong-state",
        )


def refuse_other_receipt(call: Call, page: StatusPage, body_digest: Digest) -> None:
    """Check that the first event confirms the very bytes that were sent (P-07)."""
    first = page.events[0] if page.events else None
    if first is None or first.type != EventType.RECEIVED:
        raise call.unread("the answer does not begin with the receipt", "no-receipt")
    if first.data.get("request_digest") != body_digest:
        raise call.unread("the receipt is for other bytes than were sent", "wrong-receipt")


def http_date(text: str) -> datetime | None:
    """Return the instant that an HTTP date states, or ``None`` (RFC 9110 section 5.6.7)."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
