"""Papers that are shown together tell of each other: a certificate that moved, and its successor.

A status list says of both "taken back". Whoever holds the newer one as well needs no advice to ask
the issuer for another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.departures import Departure, departure_in, told_as_moved
from oneservice.certificates.held_papers import HeldPaper

__all__ = ["told_of_moves"]

_TAKEN_BACK: Final = "revoked"


def told_of_moves(papers: Iterable[HeldPaper]) -> tuple[HeldPaper, ...]:
    """Return ``papers``, those as ``transferred`` of which another one proves that they moved.

    Only what the relier's own trust lists bear out proves anything, and no paper comes to count by
    it: why it does not becomes clearer, and what to do instead.
    """
    found = tuple(papers)
    if not any(one.code == _TAKEN_BACK for one in found):
        return found
    moves = {(told.certificate, told.giving): told for one in found if (told := _departure(one))}
    return tuple(_told(one, moves) for one in found) if moves else found


def _departure(one: HeldPaper) -> Departure | None:
    if one.report is None or not isinstance(one.paper, Certificate):
        return None
    return departure_in(one.paper, one.report)


def _told(one: HeldPaper, moves: dict[tuple[str, str], Departure]) -> HeldPaper:
    paper, report = one.paper, one.report
    if one.code != _TAKEN_BACK or report is None or not isinstance(paper, Certificate):
        return one
    moved = moves.get((paper.id, paper.issuer_id))
    if moved is None:
        return one
    after = told_as_moved(report, moved)
    return replace(one, code=after.reason or one.code, report=after)
