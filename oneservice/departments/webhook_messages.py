"""Notifications of a portal to its subscribers: the body, and what a receiver makes of it.

A notification says which cases moved and where to look, and nothing of a person. It is signed as
callbacks are (protocol section 13) to keep noise out; what counts is what the receiver then reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from oneservice.canonical import canonical
from oneservice.departments.members import Members, read_message
from oneservice.departments.message_signatures import CALLBACK_TAG, Target
from oneservice.departments.message_verification import verify_message
from oneservice.departments.wire import (
    CONTENT_DIGEST_HEADER,
    instant_text,
    matches_content_digest,
    parse_instant,
)
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.verifying import VerifyingKey

__all__ = [
    "MAX_NEWS",
    "CaseNews",
    "Notification",
    "notification_json",
    "parse_notification",
    "verify_notification",
]

MAX_NEWS: Final = 500
"""Entries of one notification, as in a callback (protocol section 11)."""
_MAX_BYTES: Final = 256 * 1024
"""500 entries have at most 150 KiB: ids of 32 bytes, kinds and statuses of some twenty."""
_UNREAD: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNews:
    """One fact became durable.

    Attributes:
        position: counts the facts of all cases of one engine in their order, from 1. What comes
            twice comes under the same position.
        case_id: whose fact.
        seq: counts the facts of this case, from 1.
        at: aware instant of the fact, UTC.
        kind: of the fact, as the journal names it.
        status: where the case stood when this was sent, which may be later; ``None`` where that
            could not be told.
    """

    position: int
    case_id: str
    seq: int
    at: datetime
    kind: str
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """News for one subscription, in order, each position later than the one before."""

    subscription: str
    changes: tuple[CaseNews, ...]

    def after(self, position: int) -> tuple[CaseNews, ...]:
        """Return what is later than ``position``: keep the last one that you took in, and give it.

        A notification whose answer was lost comes again, with whatever happened meanwhile.
        """
        return tuple(one for one in self.changes if one.position > position)


def notification_json(notification: Notification) -> bytes:
    """Return the body of a notification: ids, kinds and instants only, never a person."""
    changes = [
        {
            "position": one.position,
            "case_id": one.case_id,
            "seq": one.seq,
            "at": instant_text(one.at),
            "kind": one.kind,
        }
        | ({"status": one.status} if one.status is not None else {})
        for one in notification.changes[:MAX_NEWS]
    ]
    return canonical({"subscription": notification.subscription, "changes": changes})


def parse_notification(body: bytes) -> Notification:
    """Return what ``body`` tells. Unknown members are ignored.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(body, _notification, max_bytes=_MAX_BYTES)


def verify_notification(
    headers: Mapping[str, str],
    body: bytes,
    keys: Iterable[VerifyingKey],
    *,
    url: str,
    now: datetime,
) -> Notification:
    """Return a notification that one of ``keys`` signed for ``url`` just now; pure.

    Args:
        headers: those of the request, names in any case.
        body: as it came, not parsed and written again.
        keys: that the portal gave when it registered you; two during a rotation.
        url: the address that was registered, as *you* know it: what the request names is not
            believed, for else it could be another receiver's.
        now: aware present instant; clocks may differ by a minute.

    Raises:
        ProtocolProblemError: ``signature-missing``, ``signature-invalid``, ``unknown-key``,
            ``clock-skew``, ``digest-mismatch``, ``too-large`` or ``malformed``. Answer 401 to the
            first four and 400 to the others; the portal comes again.

    References:
        RFC 9421 section 3.2, RFC 9530 section 2; protocol section 13.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    trusted = {key.keyid: key for key in keys}
    verify_message(Target.of("POST", url), fields, keys=trusted, tag=CALLBACK_TAG, now=now)
    if not matches_content_digest(fields[CONTENT_DIGEST_HEADER.lower()], body):
        msg = "the body is not the one that was signed"
        raise ProtocolProblemError(msg, problem="digest-mismatch")
    return parse_notification(body)


def _notification(members: Members) -> Notification:
    found = members.objects("changes", _news, required=True)
    if len(found) > MAX_NEWS:
        members.fail("changes", f"must be a list of at most {MAX_NEWS} entries")
    positions = [one.position for one in found]
    if any(later <= earlier for earlier, later in pairwise(positions)):
        members.fail("changes", "must be in order of position, each once")
    return Notification(subscription=members.id("subscription"), changes=found)


def _news(members: Members) -> CaseNews:
    at = members.instant("at")
    return CaseNews(
        position=members.integer("position", least=1),
        case_id=members.id("case_id"),
        seq=members.integer("seq", least=1),
        at=parse_instant(at) if at is not None else _UNREAD,
        kind=members.id("kind"),
        status=members.optional_id("status"),
    )
