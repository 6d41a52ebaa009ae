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
from oneservice.plan.parts import HeldCertificate, HeldLevel, HeldValue
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

__all__ = ["Holdings", "held_certificate", "held_values"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What is known of the applicant when the plan is made; nothing, by default.

    ``has_bad_credit`` closes the tracks that rest on a promise (domain section 7).
    """

    certificates: tuple[HeldCertificate, ...] = ()
    values: tuple[RememberedValue, ...] = field(default=(), repr=False)
    has_bad_credit: bool = False


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
        (one for one in holdings.certificates if one.type in spec.accepts), key=_longest_first
    )
    refused = tuple(_refused(one, one.refusal) for one in known if one.refusal is not None)
    counting = [one for one in known if one.refusal is None]
    if not counting:
        return None, refused
    best = counting[0]
    if best.valid_until is None or best.valid_until >= needed_until:
        return best, (_held(best),)
    too_short = _too_short(best, best.valid_until, on=on, needed_until=needed_until)
    return None, (too_short, *refused)


def _longest_first(one: HeldCertificate) -> tuple[bool, int, str, str, str]:
    end = one.valid_until
    words = one.basis or one.refusal
    last = "" if words is None else words.zh
    return (end is not None, -end.toordinal() if end else 0, one.type, one.reference, last)


def _held(one: HeldCertificate) -> Reason:
    end = one.valid_until
    zh = f"有效期至 {end}" if end else "未载明有效期"
    en = f"valid until {end}" if end else "without an end date"
    if one.issuer_region is not None:
        zh, en = f"{one.issuer_region} 签发，{zh}", f"issued in {one.issuer_region}, {en}"
    if one.level is HeldLevel.COLLECTED:
        zh, en = f"{zh}，归集数据", f"{en}, as collected data"
    if one.basis is not None:
        zh, en = f"{zh}；{one.basis.zh}", f"{en}; {one.basis.en}"
    return Reason(
        kind=ReasonKind.HELD,
        text=Text(
            zh=f"您已持有 {one.type}（{zh}），无需提交",
            en=f"you already hold {one.type} ({en}): no need to bring it",
        ),
        because=one.reference,
    )


def _refused(one: HeldCertificate, why: Text) -> Reason:
    return Reason(
        kind=ReasonKind.NOT_HELD,
        text=Text(
            zh=f"您持有的 {one.type} 不能代替：{why.zh}",
            en=f"the {one.type} that you hold does not count: {why.en}",
        ),
        because=one.reference,
    )


def _too_short(one: HeldCertificate, end: date, *, on: date, needed_until: date) -> Reason:
    if end < on:
        zh, en = f"已于 {end} 到期", f"ended on {end}"
    else:
        zh = f"将于 {end} 到期，早于最后审查日 {needed_until}"
        en = f"ends on {end}, before the last office is due on {needed_until}"
    return Reason(
        kind=ReasonKind.NOT_HELD,
        text=Text(
            zh=f"您持有的 {one.type} {zh}，不能代替",
            en=f"the {one.type} that you hold {en}: it does not count",
        ),
        because=one.reference,
    )


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
