"""A case's form as it may be shown: on pages, on receipts, to whoever else looks (脱敏展示).

Digits 11 to 14 of a citizen number are hidden from everybody, from the person too: a page can be
photographed. Who stands for the applicant sees the rest; who works on the case sees names by their
first character, telephones without their middle, streets without doors; for a log nothing personal
is left at all. The form itself is never changed.

References: domain page, invariant 10; Personal Information Protection Law art. 6 and 51.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from oneservice.case.actors import Role
from oneservice.case.form import Applicant, Form
from oneservice.catalog import Text
from oneservice.identifiers import mask_citizen_number, mask_name
from oneservice.plan import FormField, Language, Plan
from oneservice.values import Option, ValueKind, display

__all__ = ["MaskedConsent", "MaskedForm", "MaskedMaterial", "MaskedValue", "Sight", "masked_form"]

_HIDDEN: Final = "****"
NO_WORDS: Final[Mapping[str, Sequence[Option]]] = {}
"""No titles are known: choices are shown as they are kept."""


class Sight(StrEnum):
    """How much somebody sees."""

    OWN = "own"
    """Everything but the middle of citizen numbers."""
    WORK = "work"
    """What is personal is masked."""
    NOTHING = "nothing"
    """What is personal is hidden altogether."""


SIGHTS: Final[Mapping[Role, Sight]] = {
    Role.APPLICANT: Sight.OWN,
    Role.AGENT: Sight.OWN,
    Role.WINDOW_CLERK: Sight.OWN,
    Role.OFFICER: Sight.WORK,
    Role.OPERATOR: Sight.WORK,
    Role.PARTY: Sight.NOTHING,
    Role.ENGINE: Sight.NOTHING,
    Role.UNSTATED: Sight.NOTHING,
}
"""A window clerk types with the applicant; a party sees the own consent and nothing of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedValue:
    """One element as it is shown; ``place`` is the field, with its entry in a repeated group."""

    place: str
    title: str
    text: str
    is_masked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedMaterial:
    """A material, and how many documents were handed in for it; file names may name people."""

    id: str
    title: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedConsent:
    """Who agreed, as far as the viewer may know; ``until`` is ISO 8601, empty: no end."""

    id: str
    title: str
    by: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedForm:
    """A form for display, in the order of the plan."""

    sight: Sight
    applicant_name: str
    applicant_code: str
    values: tuple[MaskedValue, ...]
    materials: tuple[MaskedMaterial, ...]
    consents: tuple[MaskedConsent, ...]


def masked_form(
    form: Form,
    plan: Plan,
    viewer_role: Role,
    *,
    language: Language = "zh",
    party: str | None = None,
    words: Mapping[str, Sequence[Option]] = NO_WORDS,
) -> MaskedForm:
    """Return ``form`` as somebody in ``viewer_role`` may see it; never raises.

    Args:
        form: what was handed in.
        plan: to which the case is pinned; it says what is personal.
        viewer_role: who looks.
        language: of titles, dates and units.
        party: where a party looks, the id of the own consent, which is shown in full; nobody else
            sees more for naming one.
        words: what people call the values of a choice, by field; a plan knows the values only.
    """
    sight = SIGHTS[viewer_role]
    name, code = _applicant(form.applicant, sight)
    return MaskedForm(
        sight=sight,
        applicant_name=name,
        applicant_code=code,
        values=tuple(
            _value(entry, sight, language, words.get(entry[0].id, ()))
            for entry in _filled(form, plan)
        ),
        materials=tuple(
            MaskedMaterial(
                id=one.id, title=_said(one.title, language), documents=len(form.materials[one.id])
            )
            for one in plan.materials
            if one.id in form.materials
        ),
        consents=tuple(
            _consents(form, plan, sight, language, party if viewer_role is Role.PARTY else None)
        ),
    )


def _applicant(applicant: Applicant, sight: Sight) -> tuple[str, str]:
    if applicant.kind == "organisation":
        return applicant.name, applicant.code  # companies are in a public register
    if sight is Sight.NOTHING:
        return _HIDDEN, _HIDDEN
    name = applicant.name if sight is Sight.OWN else mask_name(applicant.name)
    return name, mask_citizen_number(applicant.code)


_Entry: TypeAlias = tuple[FormField, str, Any]
"""A field, where it was filled, and with what."""


def _filled(form: Form, plan: Plan) -> Iterator[_Entry]:
    """Yield what was filled, and where, in the order of the plan; an entry of a group together."""
    told: set[str] = set()
    for field in plan.form:
        if field.group is None:
            if field.id in form.fields:
                yield field, field.id, form.fields[field.id]
        elif field.group not in told:
            told.add(field.group)
            yield from _filled_group(form, plan, field.group)


def _filled_group(form: Form, plan: Plan, group: str) -> Iterator[_Entry]:
    fields = [one for one in plan.form if one.group == group]
    for number, row in enumerate(form.groups.get(group, ())):
        for field in fields:
            if field.id in row:
                yield field, f"{group}[{number}].{field.id}", row[field.id]


def _value(
    entry: _Entry, sight: Sight, language: Language, options: Sequence[Option]
) -> MaskedValue:
    field, place, value = entry
    kind = ValueKind(str(field.type))
    is_number = kind is ValueKind.CITIZEN_NUMBER
    # A sole trader's premises are a home as often as not: no address shows its door.
    is_personal = field.is_personal or kind in _HAS_A_MASK
    titles = {one.value: one.title.say(language) for one in options}
    if kind is ValueKind.LIST and isinstance(value, (list, tuple)):
        value = [titles.get(one, one) for one in value]
    shown = display(kind, value, mask=False, language=language, unit=field.unit, choices=options)
    is_unseen = sight is Sight.NOTHING and (is_personal or kind in _FREE)
    if is_unseen:
        shown = _HIDDEN
    elif is_number or (is_personal and sight is Sight.WORK):
        shown = _masked(field, kind, value)
    return MaskedValue(
        place=place,
        title=_said(field.title, language),
        text=shown,
        is_masked=is_number or is_unseen or (is_personal and sight is not Sight.OWN),
    )


_FREE: Final = frozenset({ValueKind.TEXT, ValueKind.ADDRESS, ValueKind.PHONE, ValueKind.LIST})
"""Whatever the plan says of them: people write into these what they like."""
_HAS_A_MASK: Final = frozenset({ValueKind.CITIZEN_NUMBER, ValueKind.PHONE, ValueKind.ADDRESS})
_NAMES_END: Final = ("name", "contact", "holder")
"""How the ids of fields end that hold a person's name; other personal texts are hidden whole."""


def _masked(field: FormField, kind: ValueKind, value: Any) -> str:
    """Return what may be left of a personal value for people who work on the case."""
    if kind in _HAS_A_MASK:
        return display(kind, value)
    if kind is ValueKind.TEXT and field.id.endswith(_NAMES_END) and isinstance(value, str):
        return mask_name(value)
    return _HIDDEN


def _said(text: Text, language: Language) -> str:
    return text.zh if language == "zh" else text.en


def _consents(
    form: Form, plan: Plan, sight: Sight, language: Language, party: str | None
) -> list[MaskedConsent]:
    titles = {one.id: _said(one.title, language) for one in plan.parties}
    found: list[MaskedConsent] = []
    for name, consent in sorted(form.consents.items()):
        if name == party or sight is Sight.OWN:
            by = consent.by
        else:
            by = mask_name(consent.by) if sight is Sight.WORK else _HIDDEN
        until = consent.until.isoformat() if consent.until else ""
        found.append(MaskedConsent(id=name, title=titles.get(name, name), by=by, until=until))
    return found
