"""What people should look at on account of the counter: derived from the state, never recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from oneservice.case.counter_handed_in import forwarding
from oneservice.case.counter_state import Hand, Original, Parcel
from oneservice.case.counter_terms import HolderKind, ParcelState
from oneservice.case.finding_texts import FindingText
from oneservice.case.findings import CaseFinding, finding_of
from oneservice.case.ratings_state import Rating
from oneservice.case.state import Case

__all__ = ["COUNTER_FINDINGS", "counter_findings"]

COUNTER_FINDINGS: Final[Mapping[str, FindingText]] = MappingProxyType(
    {
        "original-still-held": FindingText(
            zh="办件已结束，原件 {0} 尚未退还或归档",
            en="the case has ended, and the original {0} is neither returned nor archived",
            clause="chain of custody: every original is returned or archived in the end",
            remedy_zh="退还申请人，或移交归档",
            remedy_en="return it to the applicant, or hand it to the archive",
        ),
        "original-lost": FindingText(
            zh="原件 {0} 在寄递途中遗失",
            en="a courier lost the original {0}",
            clause="chain of custody: every original is returned or archived in the end",
            remedy_zh="与承运人查找；补办或赔偿后记录处理结果",
            remedy_en="search with the carrier; replace or compensate it, record the settlement",
        ),
        "seal-changed": FindingText(
            zh="原件 {0} 离开流转柜或承运人时封条编号与交入时不一致",
            en="the original {0} left a cabinet or a courier under another seal than it came with",
            clause="chain of custody: behind a lock nobody opens anything",
            remedy_zh="两人在场开封，与描述核对并记录",
            remedy_en="open it before two people, compare it with its description, record both",
        ),
        "parcel-overdue": FindingText(
            zh="包裹 {0} 十个工作日内未送达",
            en="the parcel {0} has not arrived within ten working days",
            clause="Administrative Licensing Law art. 44",
            remedy_zh="向承运人查询，并将答复记为物流信息",
            remedy_en="ask the carrier, and record the answer: in transit, sent back, or lost",
        ),
        "parcel-lost": FindingText(
            zh="包裹 {0} 遗失，内有审批结果",
            en="a courier lost the parcel {0} with results",
            clause="Administrative Licensing Law art. 44",
            remedy_zh="请部门补发结果，改以其他方式送达",
            remedy_en="have the departments issue them anew, and send them by another way",
        ),
        "parcel-content-differs": FindingText(
            zh="包裹 {0} 内件与封装清单不一致",
            en="what was found in the parcel {0} is not what was sealed into it",
            clause="chain of custody: no gap",
            remedy_zh="核对两份清单；缺失的按遗失处理",
            remedy_en="compare both lists; treat what is missing as lost",
        ),
        "forwarded-late": FindingText(
            zh="{0} 的材料在代收窗口超期未转交",
            en="the window that received {0} has kept its papers beyond its own limit",
            clause="collected elsewhere: the receiving window's limit; domain page, section 6",
            remedy_zh="立即转交业务属地；该时间不计入属地办理时限",
            remedy_en="pass them on at once; the deciding office's limit has not begun",
        ),
        "follow-up-overdue": FindingText(
            zh="{0} 的差评整改超期",
            en="the follow-up of a bad rating of {0} is overdue",
            clause="GB/T 39735; the promise of the region",
            remedy_zh="回访、核实、整改并反馈",
            remedy_en="contact the person who rated, verify, correct, and answer",
        ),
    }
)
"""What each finding says; ``{0}`` is the label of an original, a parcel, or a step."""
_LOCKED: Final = frozenset({HolderKind.CABINET, HolderKind.COURIER})
"""Where nobody opens anything: an original leaves as it came."""


def counter_findings(case: Case, *, on: date | None = None) -> tuple[CaseFinding, ...]:
    """Return what is not as it should be with originals, parcels and follow-ups of ``case``.

    ``on`` is the present day; without one nothing is said of windows that are merely slow.
    """
    return (
        *(_finding(code, label) for code, label in _of_originals(case)),
        *(_finding(code, name) for code, name in _of_parcels(case.counter.parcels)),
        *(_finding(code, step, step) for code, step in _of_windows(case, on)),
        *(_finding(code, step, step) for code, step in _of_ratings(case.counter.ratings)),
    )


def _finding(code: str, about: str, sub_case_id: str = "") -> CaseFinding:
    return finding_of(code, COUNTER_FINDINGS[code], sub_case_id, about)


def _of_originals(case: Case) -> Iterator[tuple[str, str]]:
    for original in case.counter.originals:
        if original.is_lost and not original.is_at_rest:
            yield "original-lost", original.id
        elif case.status.has_ended and not original.is_at_rest:
            yield "original-still-held", original.id
        if _changed_its_seal(original):
            yield "seal-changed", original.id


def _changed_its_seal(original: Original) -> bool:
    pairs: Iterator[tuple[Hand, Hand]] = zip(original.chain, original.chain[1:], strict=False)
    return any(
        after.giver.kind in _LOCKED and before.seal_no != after.seal_no for before, after in pairs
    )


def _of_parcels(parcels: tuple[Parcel, ...]) -> Iterator[tuple[str, str]]:
    for parcel in parcels:
        if parcel.is_overdue and parcel.is_under_way:
            yield "parcel-overdue", parcel.id
        if parcel.state is ParcelState.LOST and parcel.results:
            yield "parcel-lost", parcel.id
        if parcel.found is not None and parcel.found != parcel.content:
            yield "parcel-content-differs", parcel.id


def _of_windows(case: Case, on: date | None) -> Iterator[tuple[str, str]]:
    for one in forwarding(case):
        if on is not None and one.is_forwarded_late(on):
            yield "forwarded-late", one.sub_case_id


def _of_ratings(ratings: tuple[Rating, ...]) -> Iterator[tuple[str, str]]:
    for rating in ratings:
        if rating.follow_up is not None and rating.follow_up.is_overdue:
            yield "follow-up-overdue", rating.sub_case_id
