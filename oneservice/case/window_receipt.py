"""What another region tells of its window, with an application that it passes on (异地代收)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["WindowReceipt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowReceipt:
    """That a window in another region received an application before it came here.

    It is that region's word and ours to keep: the instant is theirs (收件), our own receipt and
    acceptance (受理) are other instants, and only from the latter a limit runs. The whole case was
    received at once.

    Args:
        received_at: aware instant at which their window received it.
        region: where that window is; empty where they did not say.
        office: id under which that region files here.
        reference: id of the application, which both sides keep.

    References:
        Adapter protocol, section 4 (``window_received_at``); domain page, section 6 (two time
        stamps).
    """

    received_at: datetime
    region: str
    office: str
    reference: str
