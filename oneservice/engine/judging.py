"""Papers that come from elsewhere are judged before they are used: one judge for all doors.

A region relies on a paper by its own list, on its own day. Lists and registers change under a
running engine, so they are asked for anew at each judgement (:class:`TrustAtHand` comes from a
function); what is known of a paper is said in the words of
:func:`oneservice.certificates.recognise_paper`, with the cure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from oneservice.case import Applicant
from oneservice.certificates import (
    HeldPaper,
    Holder,
    Policy,
    Shown,
    StatusSource,
    Trust,
    Wanted,
    recognise_paper,
)
from oneservice.errors import IllegalInputError

__all__ = ["PaperJudge", "TrustAtHand", "usable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAtHand:
    """By what papers are judged now.

    Args:
        trust: the own list, whose rules count, and those of the issuers: ``combine(lists)``.
        status: registers: ``PublishedStatus`` over the issuers' lists. Without any, a paper that
            names a register cannot be judged, and is not used.
        policy: what must hold beside recognition.
    """

    trust: Trust
    status: StatusSource | None = None
    policy: Policy = field(default_factory=Policy.standard)


class PaperJudge:
    """Judges papers for one region, on its engine's clock."""

    def __init__(
        self, region: str, at_hand: Callable[[], TrustAtHand], now: Callable[[], datetime]
    ) -> None:
        self._region = region
        self._at_hand = at_hand
        self._now = now

    def judged(
        self,
        paper: Shown,
        *,
        types: Iterable[str],
        holder: Applicant | None = None,
    ) -> HeldPaper:
        """Return whether ``paper`` counts here now; never raises for what it finds.

        Args:
            paper: as it was shown.
            types: what it may be; empty: anything.
            holder: whose it must be.
        """
        known = self._at_hand()
        wanted = Wanted(
            region=self._region,
            trust=known.trust,
            at=self._now(),
            types=frozenset(types),
            status=known.status,
            policy=known.policy,
        )
        asked = paper.holder or (
            None if holder is None else Holder(name=holder.name, code=holder.code)
        )
        return recognise_paper(
            Shown(paper=paper.paper, holder=asked, audience=paper.audience, nonce=paper.nonce),
            wanted=wanted,
        )


def usable(paper: HeldPaper) -> HeldPaper:
    """Return ``paper`` where it counts.

    Raises:
        IllegalInputError: it does not, and why, and what to do instead; its ``status`` is the code.
    """
    if paper.counts:
        return paper
    instead = "" if paper.instead is None else f"; {paper.instead['en']}"
    msg = f"this paper does not count here: {paper.words['en']}{instead}"
    raise IllegalInputError(msg, status=paper.code)
