"""Answers that are not the truth, as they come out behind the client's own proof.

What the client refuses (another digest, another signature, another submission, an unknown state)
arrives as the error that it raises. What a department signs itself passes the client, and the core
must notice: a head that went back, another event under a known number, a state that is no fold.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeVar

from oneservice.canonical import digest_bytes
from oneservice.case import DepartmentEvent, EventType, event_digest
from oneservice.departments.client_answers import Call
from oneservice.ports import Change, ChangesPage, StatusPage
from oneservice.simulation.chance import Chance

__all__ = ["lied"]

_T = TypeVar("_T")
_Told = TypeVar("_Told", StatusPage, Change)

_REFUSED_BY_CLIENT: Final = (
    "event-digest",
    "event-signature",
    "wrong-submission",
    "wrong-department",
    "wrong-state",
    "event-gap",
    "malformed",
    "unlisted-problem",
)
"""Problems under which the client refuses flipped bits, another's events and unknown words."""
_GRANTED: Final = str(EventType.GRANTED)
_OTHER: Final = digest_bytes(b"an event that never was")


def lied(call: Call, answer: _T, *, held: int, chance: Chance, crossing: str) -> _T:
    """Return ``answer`` bent, or raise what the client says of it.

    Args:
        call: names the exchange in errors.
        answer: the truth.
        held: how many events the engine holds; what it does not hold yet is never bent, because
            a signed lie about it would be that department's truth for ever.
        chance: chooses the lie.
        crossing: where.

    Raises:
        DepartmentContractError: the client noticed.
    """
    if isinstance(answer, StatusPage) and 0 < held == answer.head_seq:
        return _bent_page(answer, chance, crossing)  # type: ignore[return-value]  # a StatusPage
    if isinstance(answer, ChangesPage) and chance.happens(f"{crossing}/feed", 700):
        return _bent_feed(answer, chance, crossing)  # type: ignore[return-value]  # a ChangesPage
    if isinstance(answer, StatusPage) and answer.events and answer.events[-1].type == _GRANTED:
        return _with_refusal(answer)  # type: ignore[return-value]  # a StatusPage
    problem = chance.choice(f"{crossing}/lie", _REFUSED_BY_CLIENT)
    raise call.broken("the answer is not the truth", problem)


def _bent_page(page: StatusPage, chance: Chance, crossing: str) -> StatusPage:
    match chance.below(f"{crossing}/page", 4):
        case 0:
            return replace(page, head_digest=_OTHER, events=())
        case 1:
            return replace(page, head_seq=page.head_seq - 1, events=())
        case 2:
            return replace(page, state="lost_in_the_basement", events=())
        case _:
            return replace(page, head_seq=page.head_seq + 5, head_digest=_OTHER, events=())


def _with_refusal(told: _Told) -> _Told:
    """Return news of a grant with a late refusal behind it, which the protocol does not have."""
    last = told.events[-1] if told.events else None
    if last is None or last.type != _GRANTED:
        return told
    refusal = _refusal(last)
    return replace(
        told, head_seq=refusal.seq, head_digest=refusal.digest, events=(*told.events, refusal)
    )


def _refusal(granted: DepartmentEvent) -> DepartmentEvent:
    plain = replace(
        granted,
        seq=granted.seq + 1,
        type=str(EventType.REFUSED),
        prev=granted.digest,
        data={"reasons": [{"code": "regret"}], "remedies": [{"kind": "review"}]},
        signatures=(),
    )
    return replace(plain, digest=event_digest(plain))


def _bent_feed(page: ChangesPage, chance: Chance, crossing: str) -> ChangesPage:
    """Return a page in another order, doubled, with strangers and with another's events."""
    changes = [_with_refusal(one) for one in page.changes]
    chance.stream(f"{crossing}/order").shuffle(changes)
    strangers = [
        Change(submission_id="nobody.no_step.1", head_seq=3, head_digest=_OTHER, events=()),
        Change(submission_id="not an id of ours", head_seq=1, head_digest=_OTHER, events=()),
    ]
    swapped = [replace(one, events=other.events) for one, other in pairwise(changes[:2])]
    return replace(page, changes=(*swapped, *changes, *strangers, *changes))
