"""What the applicant already has, and therefore need not bring or fill in (收取一次).

A certificate counts while it is valid, up to the day on which the last step that needs it is due:
one that ends before would only be asked for again. Whether one of another region counts here at
all was looked into before (:func:`oneservice.certificates.recognise_paper`); by what it counts, or
why it does not, comes with it. A stored value counts by the rules of the
``values`` room: source, consent, validity. Its value stays where it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from oneservice.catalog import FieldSpec, FieldType, MaterialSource, MaterialSpec, Text
from oneservice.plan.held_words import (
    as_shown,
    longest_first,
    reason_held,
    reason_refused,
    reason_too_short,
)
from oneservice.plan.models import Plan
from oneservice.plan.parts import HeldCertificate, HeldValue
from oneservice.plan.terms import Reason, ReasonKind
from oneservice.values import (
    Option,
    RememberedValue,
    ValueKind,
    WantedField,
    Words,
    describe_prefill,
    prefill,
)
from oneservice.workdays import legal_day

__all__ = ["Holdings", "held_certificate", "held_values", "holdings_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is known of the applicant when the plan is made; nothing, by default.

    Certificates whose ``entry`` is told are those of other people in the form: the cook's. Who
    these are, nobody says here. ``has_bad_credit`` closes the tracks that rest on a promise
    (domain section 7).
    """

    certificates: tuple[HeldCertificate, ...] = ()
    values: tuple[RememberedValue, ...] = field(default=(), repr=False)
    has_bad_credit: bool = False


def holdings_in(plan: Plan) -> Holdings:
    """Return the certificates that ``plan`` rests on, for a plan that is to take its place.

    Stored values are in no plan, and nothing there tells of credit.
    """
    held = [one.held for one in plan.skipped if one.held is not None]
    held += [one.held for one in plan.materials if one.held is not None]
    return Holdings(certificates=tuple(dict.fromkeys(held)))


def held_certificate(
    spec: MaterialSpec, holdings: Holdings, *, on: date, needed_until: date
) -> tuple[HeldCertificate | None, tuple[Reason, ...]]:
    """Return the certificate that stands for a material, if any, and why it does or does not.

    Of several that count the one that is valid longest is taken; their order changes nothing.

    Args:
        spec: the material; ``accepts`` names the types that count.
        holdings: what the applicant has.
        on: the day of the plan.
        needed_until: the day on which the last step that needs the material is due.
    """
    if spec.source is MaterialSource.GENERATED:
        return None, ()
    known = sorted(
        (one for one in holdings.certificates if one.type in spec.accepts and one.entry is None),
        key=longest_first,
    )
    refused = tuple(
        reason_refused(one, spec.title, one.refusal) for one in known if one.refusal is not None
    )
    counting = [one for one in known if one.refusal is None]
    if not counting:
        return None, refused
    best = counting[0]
    if best.valid_until is None or best.valid_until >= needed_until:
        return as_shown(best), (reason_held(best, spec.title),)
    too_short = reason_too_short(
        best, spec.title, best.valid_until, on=on, needed_until=needed_until
    )
    return None, (too_short, *refused)


def held_values(
    fields: Iterable[FieldSpec], holdings: Holdings, *, on: date, purpose: str
) -> dict[str, tuple[HeldValue, Reason]]:
    """Return for each of ``fields`` that a stored value may fill its provenance and the reason.

    Args:
        fields: those that the form asks for.
        holdings: what is stored about the applicant.
        on: the day of use.
        purpose: the one-thing, for which the person must have consented.
    """
    if not holdings.values:
        return {}
    wanted = [_wanted(spec) for spec in fields if spec.group is None and spec.prefill]
    found: dict[str, tuple[HeldValue, Reason]] = {}
    for one in prefill(wanted, holdings.values, on=on, purpose=purpose):
        taken = one.taken
        if taken is None:
            continue
        held = HeldValue(
            source=taken.source,
            fetched_on=legal_day(taken.fetched_at),
            valid_until=taken.valid_until,
            is_corrected=taken.applicant_changed,
        )
        found[one.field_id] = (held, _known(held, describe_prefill(one.reason)))
    return found


def _wanted(spec: FieldSpec) -> WantedField:
    return WantedField(
        id=spec.id,
        kind=spec.value_kind or _kind(spec.type),
        sources=spec.prefill,
        choices=tuple(
            Option(value=choice.value, title=Words(zh=choice.title.zh, en=choice.title.en))
            for choice in spec.choices
        ),
        unit=spec.unit,
    )


def _kind(kind: FieldType) -> ValueKind:
    return ValueKind(kind.value)  # field types bear the same names there


def _known(held: HeldValue, why: Words) -> Reason:
    return Reason(
        kind=ReasonKind.HELD,
        text=Text(
            zh=f"已有数据，来源 {held.source}，{held.fetched_on} 获取（{why.zh}），只需确认",
            en=f"known from {held.source}, fetched on {held.fetched_on} ({why.en}): only confirm",
        ),
        because=held.source,
    )
