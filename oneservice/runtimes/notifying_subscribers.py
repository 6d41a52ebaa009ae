"""One subscriber: what was registered, how far the telling has come, and what an answer changes.

The subscription's own row holds what moves with every message; a note beside it holds the rest. Of
two writes the note comes first and the row decides, so that a crash in between changes nothing: a
reason counts where the row says that there is an end, ``failing_since`` where it counts tries.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Self

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.ports import Subscription

__all__ = ["LONGEST_PAUSE_S", "TRIED_FOR", "TRIED_OFTEN", "Sent", "Subscriber", "note_name"]

TRIED_FOR: Final = timedelta(days=3)
"""Who takes nothing for so long is suspended until a person looks (protocol section 11)."""
TRIED_OFTEN: Final = 10
"""And after at least so many tries: days in which this engine stood still are nobody's failure."""
LONGEST_PAUSE_S: Final = 14_400
_DOUBLINGS: Final = 14
_GONE: Final = 410
_NOTE: Final = "subscriber:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a message was answered; ``status`` 0 for no answer, and ``problem`` says why.

    ``problem`` is in our own words: nothing that the far side wrote is kept.
    """

    status: int
    retry_after_s: int = 0
    problem: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it now; a redirect is a failure."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    def __str__(self) -> str:
        return f"it answered {self.status}" if self.status else self.problem or "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whoever is told of facts.

    Attributes:
        subscription: the address, the key, and how far the telling has come.
        kinds: of facts that are told; empty: all.
        is_internal: whether it may be a machine of the portal's own network.
        ordered: the last order of an operator about it: who gave it, and why.
        failing_since: aware instant of the first failure since the last success.
        reason: why it ended or was suspended; empty while it is active.
    """

    subscription: Subscription
    kinds: frozenset[str] = frozenset()
    is_internal: bool = False
    ordered: str = ""
    failing_since: datetime | None = None
    reason: str = ""

    @classmethod
    def of(cls, subscription: Subscription, note: str | None) -> Self:
        """Return the subscriber whose row and note these are."""
        kept = parse_object(note.encode()) if note else {}
        since = kept.get("failing_since")
        return cls(
            subscription=subscription,
            kinds=frozenset(kept.get("kinds", ())),
            is_internal=kept.get("is_internal", False) is True,
            ordered=str(kept.get("ordered", "")),
            failing_since=read_instant(since) if since and subscription.tries else None,
            reason=str(kept.get("reason", "")) if subscription.state != "active" else "",
        )

    @property
    def id(self) -> str:
        """The subscription's id."""
        return self.subscription.id

    @property
    def note(self) -> str:
        """What is kept beside the row."""
        kept = {
            "kinds": sorted(self.kinds),
            "is_internal": self.is_internal,
            "ordered": self.ordered,
            "reason": self.reason,
        }
        if self.failing_since is not None:
            kept["failing_since"] = write_instant(self.failing_since)
        return canonical(kept).decode()

    def wants(self, kind: str) -> bool:
        """Say whether facts of ``kind`` are told."""
        return not self.kinds or kind in self.kinds

    def is_due(self, now: datetime) -> bool:
        """Say whether something may be sent at ``now``."""
        row = self.subscription
        return row.state == "active" and (row.not_before is None or row.not_before <= now)

    def told(self, position: int) -> Self:
        """Return the subscriber to whom everything up to ``position`` has come."""
        row = replace(self.subscription, position=position, tries=0, not_before=None)
        return replace(self, subscription=row, failing_since=None, reason="")

    def answered(self, sent: Sent, *, position: int, now: datetime) -> Self:
        """Return what follows from an answer to a message that reaches up to ``position``.

        410 ends it for good. Any other failure is tried again under growing pauses, and after
        :data:`TRIED_FOR` the subscriber is suspended where it stands: nothing is let go.
        """
        if sent.is_taken:
            return self.told(position)
        if sent.status == _GONE:
            return self._stopped("ended", f"{sent}: it wants no more")
        since = self.failing_since or now
        tries = self.subscription.tries + 1
        if now - since >= TRIED_FOR and tries >= TRIED_OFTEN:
            text = f"nothing was taken since {write_instant(since)}, in {tries} tries; last: {sent}"
            return self._stopped("paused", text)
        pause = timedelta(milliseconds=_pause_ms(self.subscription, tries))
        wait = max(pause, timedelta(seconds=sent.retry_after_s))
        row = replace(self.subscription, tries=tries, not_before=now + wait)
        return replace(self, subscription=row, failing_since=since)

    def resumed(self, ordered: str) -> Self:
        """Return the subscriber to whom everything owed is sent, from where it stood."""
        row = replace(self.subscription, state="active", tries=0, not_before=None)
        return replace(self, subscription=row, ordered=ordered, failing_since=None, reason="")

    def suspended(self, ordered: str) -> Self:
        """Return the subscriber to whom nothing is sent until an operator resumes it."""
        return replace(self._stopped("paused", ordered), ordered=ordered)

    def _stopped(self, state: Literal["paused", "ended"], reason: str) -> Self:
        row = replace(self.subscription, state=state, not_before=None)
        return replace(self, subscription=row, reason=reason)


def note_name(subscription_id: str) -> str:
    """Return the name of the note that is kept beside a subscription."""
    return _NOTE + subscription_id


def _pause_ms(row: Subscription, tries: int) -> int:
    """Return a pause between a second and a bound that doubles up to four hours.

    Full jitter, so that receivers that fell together are not woken together; its chance is a hash,
    so that the same history gives the same instants.
    """
    bound_ms = 1000 * min(LONGEST_PAUSE_S, 1 << min(tries, _DOUBLINGS))
    spread = hashlib.sha256(f"{row.id}/{row.position}/{tries}".encode()).digest()
    return 1000 + int.from_bytes(spread[:8]) % (bound_ms - 999)
