"""Which unit must act on a report: the duty table asked, with the reason, and never a guess.

Of the rows that fit, the one for the smallest region counts, then one that names the place, then
one that names the kind of trouble. Two that fit equally well are a mistake of the table, told as
such: a report that two units call each other's is what citizens complain about most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.catalog.duties import Dispatch, Duty, Level
from oneservice.catalog.terms import Text
from oneservice.errors import DutyConflictError, DutyUnknownError
from oneservice.identifiers import parse_region, region_contains, region_prefix

if TYPE_CHECKING:
    from oneservice.identifiers import RegionCode

__all__ = ["Competence", "Report", "competent_unit", "region_at"]

_DIGITS = {
    Level.NATIONAL: 0,
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWN: 9,
    Level.VILLAGE: 12,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported: the kind of trouble, the kind of place, and the region code of where."""

    kind: str
    place: str | None = None
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Competence:
    """The row that decides, the region whose unit acts, and why."""

    duty: Duty
    region: str
    reason: Text


def competent_unit(
    dispatch: Dispatch, report: Report, *, without: Collection[str] = ()
) -> Competence:
    """Return who must act on ``report``.

    Args:
        dispatch: the duty table that counts for the region and day.
        report: what, at what kind of place, where.
        without: ids of duties whose units returned the report as not theirs.

    Raises:
        DutyConflictError: two rows fit equally well.
        DutyUnknownError: no row fits, or every one that did has returned the report.
        IdentifierError: ``report.region`` is no region code.
    """
    region = parse_region(report.region)
    fitting = [duty for duty in dispatch.duties if _fits(duty, report, region)]
    asked = [duty for duty in fitting if duty.id not in without]
    if not asked:
        what = "every unit that fits has returned it" if fitting else "no row fits"
        msg = (
            f"{what}: {_in_words(report)}; let the lead department decide, and add a row "
            "to 'duties'"
        )
        raise DutyUnknownError(msg)
    best = max(_rank(duty, region) for duty in asked)
    chosen, *others = [duty for duty in asked if _rank(duty, region) == best]
    if others:
        names = tuple(duty.id for duty in (chosen, *others))
        msg = f"{_in_words(report)}: {', '.join(names)} fit equally well; narrow one of them"
        raise DutyConflictError(msg, duties=names)
    return Competence(
        duty=chosen, region=region_at(region, chosen.level), reason=_reason(chosen, report, region)
    )


def region_at(code: str, level: Level) -> str:
    """Return the region of ``level`` that contains ``code``; ``code`` itself if it is wider.

    ``990101`` at the level of the city is ``990100``.

    Raises:
        IdentifierError: ``code`` is no region code.
    """
    region = parse_region(code)
    digits = _DIGITS[level]
    return code if digits >= len(region_prefix(region)) else code[:digits].ljust(6, "0")


def _fits(duty: Duty, report: Report, region: RegionCode) -> bool:
    return (
        (not duty.kinds or report.kind in duty.kinds)
        and (not duty.places or report.place in duty.places)
        and (not duty.regions or _nearest(duty, region) is not None)
    )


def _nearest(duty: Duty, region: RegionCode) -> str | None:
    """Return the smallest of the row's regions that contains ``region``."""
    containing = [code for code in duty.regions if region_contains(parse_region(code), region)]
    return max(containing, key=lambda code: len(region_prefix(parse_region(code))), default=None)


def _rank(duty: Duty, region: RegionCode) -> tuple[int, bool, bool]:
    nearest = _nearest(duty, region)
    width = len(region_prefix(parse_region(nearest))) if nearest else 0
    return width, bool(duty.places), bool(duty.kinds)


def _reason(duty: Duty, report: Report, region: RegionCode) -> Text:
    nearest = _nearest(duty, region)
    zh, en = [f"职责清单“{duty.id}”"], [f"row '{duty.id}' of the duty table"]
    if duty.kinds:
        zh.append(f"问题类型“{report.kind}”")
        en.append(f"trouble '{report.kind}'")
    if duty.places:
        zh.append(f"地点类型“{report.place}”")
        en.append(f"place '{report.place}'")
    if nearest is not None:
        zh.append(f"区划{nearest}")
        en.append(f"region {nearest}")
    return Text(zh="，".join(zh), en=", ".join(en))


def _in_words(report: Report) -> str:
    place = f" at '{report.place}'" if report.place else ""
    return f"'{report.kind}'{place} in {report.region}"
