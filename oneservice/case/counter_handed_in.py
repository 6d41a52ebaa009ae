"""What was received elsewhere, with its two instants (收件, 受理), and whose time lay between them.

Two records tell of it: our own window's look (:class:`WindowCheck`), where this case receives for
an office elsewhere; and the word of another region (:class:`WindowReceipt`), where its window
received for us. Either way the instant is the same on both sides of the border.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from oneservice.case.counter_state import WindowCheck
from oneservice.case.counter_terms import HolderKind
from oneservice.case.state import Case
from oneservice.case.window_receipt import WindowReceipt
from oneservice.workdays import legal_day

__all__ = ["HandedIn", "forwarding", "handed_in", "received_at_window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One application that was received elsewhere, with its two instants.

    Args:
        sub_case_id: which.
        received_at: when the window received it (收件).
        accepted_at: when the deciding office accepted (受理); ``None``: it has not.
        check: what our window found; ``None``: another region's window received it.
        receipt: what that region told; ``None``: our own window received it.
        passed_on_at: when papers left our window by courier; ``None``: none did, or the network
            carries them.
    """

    sub_case_id: str
    received_at: datetime
    accepted_at: datetime | None
    check: WindowCheck | None = None
    receipt: WindowReceipt | None = None
    passed_on_at: datetime | None = None

    @property
    def forward_by(self) -> date | None:
        """The last day on which the receiving window passes papers on; ``None``: none to pass."""
        return None if self.check is None else self.check.forward_by

    def is_forwarded_late(self, today: date) -> bool:
        """Say whether the receiving window kept the papers beyond its own limit, as of ``today``.

        An application that was accepted came in time: the papers were there.
        """
        limit = self.forward_by
        if limit is None:
            return False
        if self.passed_on_at is not None:
            return legal_day(self.passed_on_at) > limit
        return self.accepted_at is None and today > limit


def handed_in(case: Case) -> tuple[HandedIn, ...]:
    """Return what was received elsewhere, each application by the latest check of it."""
    latest = {name: one for one in case.counter.window_checks for name in one.sub_case_ids}
    found = {
        name: HandedIn(
            sub_case_id=name,
            received_at=check.at,
            accepted_at=case.sub_cases[name].accepted_at if name in case.sub_cases else None,
            check=check,
            passed_on_at=_passed_on(case, check),
        )
        for name, check in latest.items()
    }
    receipt = case.counter.receipt
    if receipt is not None:
        for sub in case.sub_cases.values():
            if sub.spec.kind not in ("bundle", "follow_up"):
                found.setdefault(sub.id, _told(sub.id, sub.accepted_at, receipt))
    return tuple(found[name] for name in sorted(found))


def received_at_window(case: Case, sub_case_id: str) -> datetime | None:
    """Return when a window elsewhere received ``sub_case_id``; ``None``: none did."""
    counter = case.counter
    checks = [one.at for one in counter.window_checks if sub_case_id in one.sub_case_ids]
    if checks:
        return checks[-1]
    return None if counter.receipt is None else counter.receipt.received_at


def forwarding(case: Case) -> Iterator[HandedIn]:
    """Yield what our window still has to pass on: neither sent nor, by whatever way, accepted."""
    if not case.counter.window_checks:
        return
    for one in handed_in(case):
        is_due = one.forward_by is not None and one.passed_on_at is None
        if is_due and one.accepted_at is None and not case.sub_cases[one.sub_case_id].is_decided:
            yield one


def _told(name: str, accepted_at: datetime | None, receipt: WindowReceipt) -> HandedIn:
    return HandedIn(
        sub_case_id=name,
        received_at=receipt.received_at,
        accepted_at=accepted_at,
        receipt=receipt,
    )


def _passed_on(case: Case, check: WindowCheck) -> datetime | None:
    """Return when a courier first took an original from the place of the check, from then on."""
    taken = (
        hand.at
        for original in case.counter.originals
        for hand in original.chain
        if hand.taker.kind is HolderKind.COURIER and hand.place == check.place
    )
    return min((at for at in taken if at >= check.at), default=None)
