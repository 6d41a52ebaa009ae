"""Problem documents: what can go wrong with a message, as one table (protocol section 12).

HTTP errors are about messages, events are about law: nothing here ever says that an application
is refused. Codes marked "ours" are not in the protocol's table; it demands their statuses
(P-64, P-70) and names no code, and to borrow another one would tell the engine a lie.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.departments.counting import refuse_many_values
from oneservice.departments.wire import MAX_JSON_BYTES, MAX_VALUES
from oneservice.errors import MalformedJsonError, ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PROBLEMS",
    "PROBLEM_PREFIX",
    "Problem",
    "ProblemKind",
    "Reaction",
    "Recorded",
    "parse_problem",
    "problem_json",
]

PROBLEM_PREFIX: Final = "urn:oneservice:problem:"


class Recorded(StrEnum):
    """Whether the message may have had an effect."""

    NO = "no"
    UNKNOWN = "unknown"


class Reaction(StrEnum):
    """What the engine does next."""

    STOP = "stop"  # contract error: stop this step, alarm, do not repeat
    AUTHENTICATE = "authenticate"  # new token or clock check, once; then alarm
    ALARM = "alarm"  # a person decides
    FILE = "file"  # never seen: file it, same bytes. Seen before: lost, alarm
    REPLAN = "replan"  # reload capabilities; a person plans again
    READ = "read"  # read the events; usually a race was lost honestly
    REPEAT_LATER = "repeat_later"  # the same bytes, after Retry-After
    CORRECT = "correct"  # upload or correct; else a contract error
    WAIT = "wait"  # wait Retry-After; counts against the budget, not the step
    READ_THEN_REPEAT = "read_then_repeat"  # effect unknown
    RESTART_FEED = "restart_feed"  # read the feed from a snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemKind:
    """One row of the table. ``statuses`` lists the usual HTTP status first."""

    code: str
    statuses: tuple[int, ...]
    title: str
    reaction: Reaction
    recorded: Recorded = Recorded.NO

    @property
    def status(self) -> int:
        """The HTTP status that is sent unless the place demands another of ``statuses``."""
        return self.statuses[0]

    @property
    def needs_retry_after(self) -> bool:
        """Whether ``Retry-After`` must come with it."""
        return self.reaction in {Reaction.WAIT, Reaction.REPEAT_LATER}


def _kind(
    code: str,
    status: int | tuple[int, ...],
    reaction: Reaction,
    title: str,
    recorded: Recorded = Recorded.NO,
) -> tuple[str, ProblemKind]:
    statuses = status if isinstance(status, tuple) else (status,)
    row = ProblemKind(
        code=code, statuses=statuses, title=title, reaction=reaction, recorded=recorded
    )
    return code, row


_R = Reaction
_UNKNOWN = Recorded.UNKNOWN
PROBLEMS: Final[Mapping[str, ProblemKind]] = dict(
    (
        _kind("malformed", 400, _R.STOP, "The message cannot be read"),
        # 400 for a header that does not fit its body, 422 for an uploaded document (section 8).
        _kind("digest-mismatch", (400, 422), _R.STOP, "The bytes do not have the digest named"),
        _kind("unsupported-version", 400, _R.STOP, "This protocol version is not spoken here"),
        _kind("unauthenticated", 401, _R.AUTHENTICATE, "The caller is not known"),
        _kind("signature-missing", 401, _R.AUTHENTICATE, "The request is not signed"),
        _kind("signature-invalid", 401, _R.AUTHENTICATE, "The request's signature does not hold"),
        _kind("unknown-key", 401, _R.AUTHENTICATE, "The signing key is not known"),
        _kind("clock-skew", 401, _R.AUTHENTICATE, "The two clocks differ too much"),
        _kind("not-allowed", 403, _R.ALARM, "The caller may not do this"),
        _kind("unknown-submission", 404, _R.FILE, "No such submission"),
        _kind("unknown-step", 404, _R.REPLAN, "This step is not served here"),
        _kind("retired", 410, _R.REPLAN, "This step is not served any more"),
        _kind("submission-conflict", 409, _R.ALARM, "Other bytes stand under this id"),
        _kind("supplement-conflict", 409, _R.ALARM, "Other bytes stand under this id"),
        _kind("withdrawal-conflict", 409, _R.ALARM, "Other bytes stand under this id"),
        _kind("not-open", 409, _R.READ, "Nothing is open that this would answer"),
        _kind("in-progress", 409, _R.REPEAT_LATER, "The same id is being worked on", _UNKNOWN),
        _kind("too-large", 413, _R.CORRECT, "The message is larger than the limit"),
        _kind("media-type", 415, _R.CORRECT, "This media type is not taken here"),
        _kind("invalid-submission", 422, _R.CORRECT, "This can be no application"),
        _kind("missing-document", 422, _R.CORRECT, "Documents are named that are not here"),
        _kind("too-many-requests", 429, _R.WAIT, "Too many requests"),
        _kind("unavailable", 503, _R.WAIT, "Not available now"),
        _kind("cursor-expired", 410, _R.RESTART_FEED, "The cursor is not known any more"),
        # Ours: see above.
        _kind("evidence-conflict", 409, _R.ALARM, "Other bytes stand under this id"),
        _kind("unknown-request", 404, _R.FILE, "No such request for evidence"),
        _kind("unknown-evidence-type", 404, _R.REPLAN, "This evidence is not served here"),
        _kind("unknown-path", 404, _R.STOP, "There is nothing at this path"),
        _kind("unknown-document", 404, _R.CORRECT, "No such document"),
        _kind("method-not-allowed", 405, _R.STOP, "The resource does not know this method"),
        _kind("slow-request", 408, _R.READ_THEN_REPEAT, "The request came too slowly", _UNKNOWN),
        _kind("range", 416, _R.STOP, "The document does not have this range"),
        _kind("internal", 500, _R.READ_THEN_REPEAT, "The department lost its way", _UNKNOWN),
    )
)
"""Every code, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem document as it was read. ``members`` holds what the code adds."""

    code: str
    status: int | None = None
    title: str | None = None
    detail: str | None = None
    trace: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> ProblemKind | None:
        """The row of the table, or ``None`` for a code that nobody listed."""
        return PROBLEMS.get(self.code)


_COMMON = ("type", "status", "title", "detail", "trace")


def problem_json(
    code: str,
    *,
    status: int | None = None,
    detail: str | None = None,
    trace: str | None = None,
    members: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a problem document (RFC 9457) for a ``code`` of the table.

    Args:
        code: a key of :data:`PROBLEMS`.
        status: only where the row allows more than one.
        detail: what and where, nothing personal.
        trace: the trace id of the request, if it had one.
        members: what the code adds: ``errors``, ``digests``, ``state``, ``head``, ``supported``.
    """
    kind = PROBLEMS[code]
    document: dict[str, Any] = {
        **(members or {}),
        "type": PROBLEM_PREFIX + code,
        "status": status or kind.status,
        "title": kind.title,
    }
    if detail is not None:
        document["detail"] = detail
    if trace is not None:
        document["trace"] = trace
    return canonical(document)


def parse_problem(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> Problem:
    """Return the problem document in ``data``; its code may be one that nobody listed.

    Raises:
        ProtocolProblemError: ``too-large``; or ``malformed``: no I-JSON object, or not one of our
            problem types.
    """
    refuse_many_values(data, MAX_VALUES)
    try:
        document = parse_object(data, max_bytes=max_bytes)
    except MalformedJsonError as error:
        raise ProtocolProblemError(str(error), problem="malformed") from None
    kind = document.get("type")
    if not isinstance(kind, str) or not kind.startswith(PROBLEM_PREFIX):
        msg = f"a problem document's type begins with {PROBLEM_PREFIX}"
        raise ProtocolProblemError(msg, problem="malformed", findings=(("/type", "unknown type"),))
    status = document.get("status")
    return Problem(
        code=kind.removeprefix(PROBLEM_PREFIX)[:64],
        status=status if isinstance(status, int) and not isinstance(status, bool) else None,
        title=_text(document.get("title")),
        detail=_text(document.get("detail")),
        trace=_text(document.get("trace")),
        members={name: value for name, value in document.items() if name not in _COMMON},
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
