"""Editions of status lists held against each other: does a later one forget a revocation?

A register that was restored from an old backup publishes, under a new date, a state that is past:
what was taken back counts again. Each edition by itself is in order. Held against one that somebody
kept, it contradicts its own signer, and both together convince whoever has his keys: nobody's word
is needed. Logs that hold every edition say in addition since when each was there for all to see.

A transfer that was undone looks the same in a list (domain page, section 8). Its notices stand in
both regions' logs; where there are none, the register is older than its own words.

References:
    Token Status List (draft-ietf-oauth-status-list), section 7.1 (the states); W3C Bitstring Status
    List 1.1, section 2.2 (revocation is not reversible).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from oneservice.certificates import KeyStanding, Publication, StatusList, Trust, judge_key
from oneservice.errors import VerificationError

__all__ = ["TakenBack", "revocations_taken_back"]

_INVALID: Final = 1
_ENDS: Final = frozenset({Publication.TOKEN, Publication.REVOCATION})
"""Lists that tell of an end; a suspension is meant to pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Two editions of one place, by one signer, of which the later one forgot revocations.

    Args:
        issuer_id: who signed both.
        earlier: the first edition at hand that says so of the first of them.
        later: an edition that no longer does.
        entries: of which places in the list, in order; whose certificates they are no list tells.
    """

    issuer_id: str
    earlier: StatusList
    later: StatusList
    entries: tuple[int, ...]


def revocations_taken_back(lists: Iterable[StatusList], *, trust: Trust) -> tuple[TakenBack, ...]:
    """Return every later edition that does not know of a revocation which an earlier one told.

    Of two editions of the same second each must know what the other says. What no listed key signed
    is left out, and so is what a key signed that was stolen since: who forges a list must not be
    able to accuse its issuer. It takes time in proportion to the entries of all lists.

    Args:
        lists: editions of any places, in any order.
        trust: whose keys count.
    """
    by_place: dict[tuple[str, str, Publication], list[StatusList]] = {}
    for one in lists:
        signer = _signer(one, trust)
        if signer is not None and one.publication in _ENDS:
            by_place.setdefault((signer, one.uri, one.publication), []).append(one)
    return tuple(
        found
        for (signer, *_), editions in sorted(by_place.items(), key=lambda item: item[0])
        for found in _compared(signer, sorted(editions, key=lambda one: one.issued_at))
    )


def _compared(issuer_id: str, editions: list[StatusList]) -> Iterator[TakenBack]:
    told: dict[int, StatusList] = {}
    for _, group in groupby(editions, key=lambda one: one.issued_at):
        ended = [(one, _ended(one)) for one in group]
        for one, entries in ended:
            told |= dict.fromkeys(entries - told.keys(), one)
        for later, entries in ended:
            if forgotten := tuple(sorted(told.keys() - entries)):
                earlier = told[forgotten[0]]
                yield TakenBack(
                    issuer_id=issuer_id, earlier=earlier, later=later, entries=forgotten
                )


def _ended(one: StatusList) -> frozenset[int]:
    return frozenset(n for n in range(one.entries) if one.value(n) == _INVALID)


def _signer(one: StatusList, trust: Trust) -> str | None:
    """Return whose listed key signed a list; ``None``: nobody's."""
    listed = None if one.key_id is None else trust.key(one.key_id)
    if listed is None:
        return None
    issuer, key = listed
    if judge_key(key, claimed_at=one.issued_at).standing is not KeyStanding.GOOD:
        return None
    try:
        one.check(key.key())
    except VerificationError:
        return None
    return issuer.id
