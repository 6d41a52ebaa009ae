"""What of a form is known already, from which source, and why that one.

Only fields that the plan asks for are looked at: what an answer hides is neither shown nor used.
The catalog's order of sources decides; but what the applicant corrected after the newest fetch
stands first, or they would have to correct it in every case again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from oneservice.canonical import JsonValue, canonical
from oneservice.identifiers import RegionCode
from oneservice.values.kinds import Option, ValueKind, Words
from oneservice.values.read import read_value
from oneservice.values.remembered import RememberedValue, Usability, usable

__all__ = ["PassedOver", "PrefillReason", "Prefilled", "WantedField", "describe_prefill", "prefill"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedField:
    """A field that the plan shows. ``sources`` may supply it, the one to be trusted most first."""

    id: str
    kind: ValueKind
    sources: tuple[str, ...]
    region: RegionCode | None = None
    choices: tuple[Option, ...] = ()
    unit: str = ""


class PrefillReason(StrEnum):
    """Why this value was taken."""

    NOTHING = "nothing"
    """No value is known that may be used; the applicant is asked."""
    ONLY_ONE = "only_one"
    CORRECTED = "corrected"
    """The applicant corrected it, and no source was asked since."""
    FIRST_SOURCE = "first_source"
    """Its source stands before the others in the catalog."""
    NEWEST = "newest"
    """One source knew several; this is the latest."""


class PassedOver(StrEnum):
    """Why another value was not taken."""

    EXPIRED = "expired"
    NO_CONSENT = "no_consent"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_EXPIRED = "consent_expired"
    OTHER_PURPOSE = "other_purpose"
    UNNAMED_SOURCE = "unnamed_source"
    """The catalog does not name the source for this field."""
    INVALID = "invalid"
    """It is no value of this field: a retired option, a wrong check character."""
    OUTRANKED = "outranked"


_WORDS: Final = {
    PrefillReason.NOTHING: Words(
        zh="没有可用的已有数据，请填写", en="nothing that may be used is known; please fill it in"
    ),
    PrefillReason.ONLY_ONE: Words(zh="唯一可用的数据", en="the only value that may be used"),
    PrefillReason.CORRECTED: Words(
        zh="您此前更正过，且之后未重新获取", en="you corrected it, and nothing newer is known"
    ),
    PrefillReason.FIRST_SOURCE: Words(
        zh="来自本项优先采用的数据源", en="from the source that comes first for this field"
    ),
    PrefillReason.NEWEST: Words(zh="最近一次获取的数据", en="the value fetched last"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilled:
    """What is known for one field.

    ``taken`` has the provenance; ``value`` is its value as the field writes it. ``disagreeing``
    are sources whose value could be used too but is another: show them, a person decides.
    ``passed_over`` are pairs of source and reason.
    """

    field_id: str
    reason: PrefillReason
    value: JsonValue = field(default=None, repr=False)
    taken: RememberedValue | None = None
    disagreeing: tuple[str, ...] = ()
    passed_over: tuple[tuple[str, PassedOver], ...] = ()


def prefill(
    fields: Sequence[WantedField],
    remembered: Iterable[RememberedValue],
    *,
    on: date,
    purpose: str,
) -> tuple[Prefilled, ...]:
    """Return for each of ``fields``, in order, what is known; values of other fields are ignored.

    The order of ``remembered`` changes nothing.

    Args:
        fields: those that the plan shows.
        remembered: values of the subject, from anywhere.
        on: the day of use in the office's zone.
        purpose: what they are for: the id of the one-thing.
    """
    known: dict[str, list[RememberedValue]] = {one.id: [] for one in fields}
    for value in remembered:
        if value.field_id in known:
            known[value.field_id].append(value)
    return tuple(_choose(one, known[one.id], on, purpose) for one in fields)


def describe_prefill(reason: PrefillReason) -> Words:
    """Return what to tell a person about ``reason``."""
    return _WORDS[reason]


def _choose(
    wanted: WantedField, known: Sequence[RememberedValue], on: date, purpose: str
) -> Prefilled:
    good: list[tuple[RememberedValue, JsonValue]] = []
    passed: list[tuple[str, PassedOver]] = []
    for one in known:
        value = _judge(wanted, one, on, purpose)
        if isinstance(value, PassedOver):
            passed.append((one.source, value))
        else:
            good.append((one, value[0]))
    good = _ranked(wanted, good)
    passed += [(one.source, PassedOver.OUTRANKED) for one, _ in good[1:]]
    others = tuple(sorted(passed))
    if not good:
        return Prefilled(field_id=wanted.id, reason=PrefillReason.NOTHING, passed_over=others)
    taken, value = good[0]
    return Prefilled(
        field_id=wanted.id,
        reason=_reason(good),
        value=value,
        taken=taken,
        disagreeing=tuple(sorted({one.source for one, other in good if other != value})),
        passed_over=others,
    )


def _judge(
    wanted: WantedField, one: RememberedValue, on: date, purpose: str
) -> PassedOver | tuple[JsonValue]:
    """Return the value as the field writes it, in a tuple of one, or why it is not used."""
    if one.source not in wanted.sources:
        return PassedOver.UNNAMED_SOURCE
    found = usable(one, on=on, purpose=purpose)
    if found is not Usability.USABLE:
        return PassedOver(found.value)
    reading = read_value(
        wanted.kind, one.value, region=wanted.region, choices=wanted.choices, unit=wanted.unit
    )
    return PassedOver.INVALID if reading.problem is not None else (reading.value,)


def _ranked(
    wanted: WantedField, good: list[tuple[RememberedValue, JsonValue]]
) -> list[tuple[RememberedValue, JsonValue]]:
    newest_fetch = max(
        (one.fetched_at for one, _ in good if not one.applicant_changed), default=None
    )

    def rank(pair: tuple[RememberedValue, JsonValue]) -> tuple[bool, int, float, bytes]:
        one, value = pair
        stands = one.applicant_changed and (newest_fetch is None or one.fetched_at >= newest_fetch)
        # A correction that a later fetch has overtaken ranks like any other value of its source.
        return (
            not stands,
            0 if stands else wanted.sources.index(one.source),
            -one.fetched_at.timestamp(),
            canonical([value, one.source, one.consent_id]),
        )

    return sorted(good, key=rank)


def _reason(good: Sequence[tuple[RememberedValue, JsonValue]]) -> PrefillReason:
    taken = good[0][0]
    if len(good) == 1:
        return PrefillReason.ONLY_ONE
    fetched = [one.fetched_at for one, _ in good if not one.applicant_changed]
    if taken.applicant_changed and all(taken.fetched_at >= at for at in fetched):
        return PrefillReason.CORRECTED
    if any(one.source != taken.source for one, _ in good[1:]):
        return PrefillReason.FIRST_SOURCE
    return PrefillReason.NEWEST
