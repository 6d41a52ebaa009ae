"""What people should look at on account of the counter: derived from the state, never recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oneservice.case.counter_state import Hand, Original, Parcel
from oneservice.case.counter_terms import HolderKind
from oneservice.case.ratings_state import Rating
from oneservice.case.state import Case

__all__ = ["COUNTER_PROBLEMS", "CounterFinding", "counter_findings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFinding:
    """One finding: ``problem`` is a stable code, ``about`` the original, parcel or step.

    ``zh`` and ``en`` say what is wrong, ``remedy`` what to do about it.
    """

    problem: str
    about: str
    zh: str
    en: str
    remedy: str


COUNTER_PROBLEMS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "original-still-held": (
            "办件已结束，原件尚未退还或归档",
            "the case has ended, and an original is neither returned nor archived",
            "return it to the applicant, or hand it to the archive",
        ),
        "original-lost": (
            "原件在寄递途中遗失",
            "a courier lost an original",
            "search with the carrier; replace or compensate it, then record the settlement",
        ),
        "seal-changed": (
            "封条编号与交出时不一致",
            "an original left a cabinet or a courier under another seal than it came with",
            "open it before two people, compare with the description, and record what you find",
        ),
        "parcel-overdue": (
            "包裹超期未送达",
            "a parcel has not arrived within ten working days",
            "ask the carrier, and record the answer as news: in transit, sent back, or lost",
        ),
        "parcel-lost": (
            "邮件遗失，内有审批结果",
            "a courier lost a parcel with results",
            "have the departments issue them anew, and send them by another way",
        ),
        "parcel-content-differs": (
            "包裹内件与封装清单不一致",
            "what was found in a parcel is not what was sealed into it",
            "compare both lists; treat what is missing as lost",
        ),
        "follow-up-overdue": (
            "差评整改超期",
            "the follow-up of a bad rating is overdue",
            "contact the person who rated, verify, correct, and answer",
        ),
    }
)
"""Every code with its text in Chinese and English, and the remedy."""


def counter_findings(case: Case) -> tuple[CounterFinding, ...]:
    """Return what is not as it should be with originals, parcels and follow-ups of ``case``."""
    return tuple(
        _finding(problem, about)
        for problem, about in (
            *_of_originals(case),
            *_of_parcels(case.counter.parcels),
            *_of_ratings(case.counter.ratings),
        )
    )


def _finding(problem: str, about: str) -> CounterFinding:
    zh, en, remedy = COUNTER_PROBLEMS[problem]
    return CounterFinding(problem=problem, about=about, zh=zh, en=en, remedy=remedy)


def _of_originals(case: Case) -> Iterator[tuple[str, str]]:
    for original in case.counter.originals:
        if original.is_lost and not original.is_at_rest:
            yield "original-lost", original.id
        elif case.status.has_ended and not original.is_at_rest:
            yield "original-still-held", original.id
        if _changed_its_seal(original):
            yield "seal-changed", original.id


_LOCKED: Final = frozenset({HolderKind.CABINET, HolderKind.COURIER})
"""Where nobody opens anything: an original leaves as it came."""


def _changed_its_seal(original: Original) -> bool:
    pairs: Iterator[tuple[Hand, Hand]] = zip(original.chain, original.chain[1:], strict=False)
    return any(
        after.giver.kind in _LOCKED and before.seal_no != after.seal_no for before, after in pairs
    )


def _of_parcels(parcels: tuple[Parcel, ...]) -> Iterator[tuple[str, str]]:
    for parcel in parcels:
        if parcel.is_overdue and parcel.is_under_way:
            yield "parcel-overdue", parcel.id
        if parcel.state == "lost" and parcel.results:
            yield "parcel-lost", parcel.id
        if parcel.found is not None and parcel.found != parcel.content:
            yield "parcel-content-differs", parcel.id


def _of_ratings(ratings: tuple[Rating, ...]) -> Iterator[tuple[str, str]]:
    for rating in ratings:
        if rating.follow_up is not None and rating.follow_up.is_overdue:
            yield "follow-up-overdue", rating.sub_case_id
