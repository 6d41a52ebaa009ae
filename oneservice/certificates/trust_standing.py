"""What a listed key was worth when a signature was made: in use, retired, or stolen.

The rule, in one sentence: a key that was reported stolen stays good for what was *proven* to exist
before the theft (by a log or a timestamp), and for nothing after. The signer's own date proves
nothing there, because a thief writes whatever date he likes; for a key that was only retired it is
good enough, because its owner had no reason to lie about his own signatures.

References:
    certificates page, section 2; ETSI EN 319 102-1, whose answer for a signature without a proof
    of existence before the revocation is INDETERMINATE, REVOKED_NO_POE.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from oneservice.certificates.trust_coding import Dated, is_within

__all__ = ["KeyJudgement", "KeyStanding", "judge_key"]


class KeyStanding(StrEnum):
    """What a signature by a listed key is worth."""

    GOOD = "good"
    NOT_IN_USE = "not_in_use"
    """Not yet, or no longer, used by its owner at that moment."""
    STOLEN = "stolen"
    """Even by its own date it was made after the theft."""
    UNPROVEN = "unproven"
    """By its own date it was made before the theft; nothing proves it: it cannot be told."""


class _Stealable(Dated, Protocol):
    """What may be in a thief's hands from some moment on."""

    @property
    def compromised_at(self) -> datetime | None:
        """Since when; ``None``: nobody reported it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyJudgement:
    """The answer, the moment that it is about, and who vouches for that moment.

    ``is_proven`` says whether ``moment`` comes from a log or a timestamp; otherwise it is the
    signer's own word.
    """

    standing: KeyStanding
    moment: datetime
    is_proven: bool


def judge_key(
    key: _Stealable, *, claimed_at: datetime, proven_at: datetime | None = None
) -> KeyJudgement:
    """Return what a signature by ``key`` is worth.

    Args:
        key: as the list has it: of an issuer, a log, a witness or a timestamp authority.
        claimed_at: when it was made by the signer's own word.
        proven_at: earliest moment at which it *provably existed*; ``None``: nothing proves any.

    The moment that counts is the earlier one of both: what existed at ``proven_at`` was not made
    later, whatever it says of itself.
    """
    is_proven = proven_at is not None and proven_at <= claimed_at
    moment = claimed_at if proven_at is None else min(claimed_at, proven_at)

    def judged(standing: KeyStanding, *, by_proof: bool = is_proven) -> KeyJudgement:
        at = proven_at if by_proof and proven_at is not None else moment
        return KeyJudgement(standing=standing, moment=at, is_proven=by_proof)

    if not is_within(key, moment):
        return judged(KeyStanding.NOT_IN_USE)
    if key.compromised_at is None:
        return judged(KeyStanding.GOOD)
    if proven_at is not None and proven_at < key.compromised_at:
        return judged(KeyStanding.GOOD, by_proof=True)
    if moment >= key.compromised_at:
        return judged(KeyStanding.STOLEN)
    return judged(KeyStanding.UNPROVEN)
