"""P-27 to P-30: what each event must tell the applicant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from oneservice.case import REQUIRED_DATA, EventType
from oneservice.conformance.breaking import NotApplicableError, require
from oneservice.conformance.gallery import every_event, gallery
from oneservice.conformance.statements import statement

if TYPE_CHECKING:
    from oneservice.conformance.gallery import Shown
    from oneservice.conformance.trial import Trial

_TYPES: Final = frozenset(map(str, EventType))


@statement(
    "P-27",
    "each type has its required data",
    clause="6",
    cure="Look the type up in the table of section 6 and fill in what it requires.",
)
async def required_data(trial: Trial) -> None:
    """Compare every event with the table."""
    for shown, event in await every_event(trial):
        if event.get("type") in _TYPES:
            found = event.get("data")
            data = found if isinstance(found, dict) else {}
            kind = EventType(str(event.get("type")))
            lost = ", ".join(name for name in REQUIRED_DATA[kind] if data.get(name) is None)
            require(
                not lost,
                f"event {event.get('seq')} of {shown.id}, {kind}, has no {lost}",
                shown.exchange,
            )


@statement(
    "P-28",
    "refused and not_accepted have reasons and remedies",
    clause="6, 9",
    cure="Say why, and where it can be contested and until when (review, lawsuit).",
)
async def remedies(trial: Trial) -> None:
    """Look at every decision against an applicant."""
    for shown, where, data in await _data_of(trial, "refused", "not_accepted"):
        for name, needed in (("reasons", ("text",)), ("remedies", ("kind", "until"))):
            found = data.get(name, ...)
            if found is ...:
                continue  # that it is not there at all is P-27
            is_told = (
                isinstance(found, list)
                and found
                and all(
                    isinstance(one, dict) and all(one.get(part) for part in needed) for one in found
                )
            )
            require(is_told, f"{where} has no {name} with {', '.join(needed)}", shown.exchange)


@statement(
    "P-29",
    "the first correction list says that it is complete",
    clause="6",
    cure="Tell everything that is missing at once (一次性告知), with is_complete_list: true.",
)
async def complete_lists(trial: Trial) -> None:
    """Look at the first request for correction of every history."""
    seen = 0
    for shown in await gallery(trial):
        asked = [one for one in shown.events if one.get("type") == "correction_requested"]
        for event in asked[:1]:
            seen += 1
            is_complete = (event.get("data") or {}).get("is_complete_list", True)
            require(
                is_complete is True,
                f"the first correction of {shown.id} is not complete",
                shown.exchange,
            )
    if not seen:
        raise NotApplicableError("no history with a request for correction could be had")


@statement(
    "P-30",
    "suspended names kind, clause and notice",
    clause="6",
    cure="Give kind, by_law and notice_no: only a named ground stops the clock.",
)
async def suspensions(trial: Trial) -> None:
    """Look at every suspension."""
    for shown, where, data in await _data_of(trial, "suspended"):
        for name in ("kind", "by_law", "notice_no"):
            found = data.get(name, ...)
            require(
                found is ... or bool(str(found or "").strip()),
                f"{where} has no {name}",
                shown.exchange,
            )


async def _data_of(trial: Trial, *types: str) -> list[tuple[Shown, str, Mapping[str, Any]]]:
    found = [
        (shown, f"{event['type']} of {shown.id}", event.get("data") or {})
        for shown, event in await every_event(trial)
        if event.get("type") in types
    ]
    if not found:
        raise NotApplicableError(f"no history with {' or '.join(types)} could be had")
    return found
