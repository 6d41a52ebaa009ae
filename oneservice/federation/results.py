"""What an application gets in the end: the item's own result, or the whole bundle; or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from oneservice.case import Case, SubCase, SubCaseStatus
from oneservice.departments import Granted, OutcomeDocument, Reason, Remedy
from oneservice.plan import Plan
from oneservice.workdays import legal_day

__all__ = ["Papers", "against", "granted", "is_same_result"]

_SAME: Final = ("certificate", "number", "valid_from", "valid_until")
_SILENCE: Final = {
    "zh": "逾期未作决定，依规定视为准予",
    "en": "deemed granted: the office did not decide in time",
}
_DENIED: Final = {"zh": "属地办理未获准予", "en": "not granted by the deciding offices"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What goes out beside the decision.

    Attributes:
        bundle: the certificate over all results, as our seal signed it.
        documents: papers of the results; of a one-thing the certificates of its parts, too.
        revocation: the data of the event by which the office took its result back.
    """

    bundle: Mapping[str, Any] | None = None
    documents: tuple[OutcomeDocument, ...] = ()
    revocation: Mapping[str, Any] | None = None


def granted(case: Case, plan: Plan, subs: Sequence[SubCase], papers: Papers) -> Granted:
    """Return the grant: of one step its own result, of a one-thing the sealed bundle.

    A one-thing of which some part was not granted says so in its conditions: what was granted
    stands by itself, and nothing is rolled back.
    """
    if len(subs) == 1:
        return _single(subs[0], papers)
    titles = {one.id: one.title for one in plan.steps}
    missing = tuple(
        {
            "zh": f"未准予：{titles[one.id].zh}" if one.id in titles else one.id,
            "en": f"not granted: {titles[one.id].en if one.id in titles else one.id}"
            f" ({one.status})",
        }
        for one in subs
        if not one.is_granted
    )
    return Granted(
        certificate=papers.bundle,
        documents=papers.documents,
        conditions=missing,
        result_type=case.thing,
        decided_on=legal_day(case.bundle.issued_at) if case.bundle is not None else None,
    )


def _single(sub: SubCase, papers: Papers) -> Granted:
    told = sub.outcome
    if told is None:
        return Granted(conditions=(_SILENCE,) if sub.is_granted_by_silence else ())
    certificate = told.get("certificate")
    return Granted(
        number=told.get("number"),
        valid_from=_day(told.get("valid_from")),
        valid_until=_day(told.get("valid_until")),
        certificate=certificate if isinstance(certificate, Mapping) else None,
        documents=papers.documents,
        conditions=tuple(told.get("conditions") or ()),
        duties=tuple(told.get("duties") or ()),
        result_type=told.get("result_type"),
        decided_on=_day(told.get("decided_on")),
    )


def is_same_result(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two outcomes hand out the same paper."""
    return all(one.get(name) == other.get(name) for name in _SAME)


def against(subs: Iterable[SubCase]) -> tuple[tuple[Reason, ...], tuple[Remedy, ...]]:
    """Return the reasons of those that did not grant, at least one, and the remedies they told."""
    ended = [one for one in subs if one.status is not SubCaseStatus.GRANTED]
    reasons = [_reason(row) for one in ended for row in one.reasons]
    remedies = [found for one in ended for row in one.remedies if (found := _remedy(row))]
    return tuple(reasons) or (Reason(text=_DENIED),), tuple(remedies)


def _reason(row: Mapping[str, Any]) -> Reason:
    law = row.get("by_law")
    return Reason(
        text=_text(row.get("text")),
        code=str(row.get("code") or "other"),
        by_law=law if isinstance(law, str) and law else None,
    )


def _remedy(row: Mapping[str, Any]) -> Remedy | None:
    kind, until = row.get("kind"), _day(row.get("until"))
    if until is None or not row.get("where"):
        return None
    if kind == "review":
        return Remedy(kind="review", until=until, where=_text(row["where"]))
    return Remedy(kind="lawsuit", until=until, where=_text(row["where"]))


def _text(value: Any) -> str | Mapping[str, str]:
    return value if value and isinstance(value, (str, Mapping)) else _DENIED


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
