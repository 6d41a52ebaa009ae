"""Filled forms: everything that one visit hands in for a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from hypothesis import strategies as st

from oneservice.case import Applicant, ConsentGiven, Document, Form, fill_form
from oneservice.plan import FormField, Plan
from oneservice.testing.strategies.people import (
    applicants,
    citizen_numbers,
    credit_codes,
    fictional_regions,
    people,
)
from oneservice.testing.strategies.quiet import Quiet
from oneservice.values import ValueKind

__all__ = ["FilledForm", "field_values", "filled_forms"]

_WORDS: Final = st.text("示例文字一二三abcXYZ09 -", min_size=1, max_size=24).filter(str.strip)
_CENTS: Final = 10_000_000
_AGREED_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """What ``Engine.submit`` takes beside the plan: ``await engine.submit(plan, **filled.parts)``.

    ``materials`` may lack some of what must be brought: departments ask for it then.
    """

    applicant: Applicant
    fields: Mapping[str, Any]
    materials: Mapping[str, tuple[Document, ...]]
    consents: Mapping[str, ConsentGiven]

    @property
    def parts(self) -> dict[str, Any]:
        """The members by the names of the arguments of ``Engine.submit``."""
        return {
            "applicant": self.applicant,
            "fields": self.fields,
            "materials": self.materials,
            "consents": self.consents,
        }

    def form(self, plan: Plan) -> Form:
        """Return the checked form, as a case keeps it."""
        return fill_form(
            plan,
            self.applicant,
            fields=self.fields,
            materials=self.materials,
            consents=self.consents,
        )


def field_values(field: FormField) -> st.SearchStrategy[Any]:
    """Draw a value that the form takes for ``field``."""
    kind = ValueKind(str(getattr(field, "value_kind", None) or field.type))
    if kind is ValueKind.CHOICE:
        return st.sampled_from(field.choices)
    if kind is ValueKind.LIST:
        parts = st.sampled_from(field.choices) if field.choices else _WORDS
        return st.lists(parts, unique=True, min_size=1, max_size=5)
    return _BY_KIND[kind]


def _decimals(places: int) -> st.SearchStrategy[str]:
    return st.integers(0, _CENTS).map(lambda count: f"{count / 10**places:.{places}f}")


_BY_KIND: Final[Mapping[ValueKind, st.SearchStrategy[Any]]] = {
    ValueKind.TEXT: _WORDS,
    ValueKind.BOOL: st.booleans(),
    ValueKind.INT: st.integers(0, 10_000),
    ValueKind.DECIMAL: _decimals(2),
    ValueKind.AREA: _decimals(1),
    ValueKind.MONEY: _decimals(2),
    ValueKind.DATE: st.dates(date(1990, 1, 1), date(2035, 12, 31)).map(date.isoformat),
    ValueKind.PHONE: st.integers(10**8, 10**9 - 1).map(lambda rest: f"13{rest}"),
    ValueKind.CREDIT_CODE: credit_codes(),
    ValueKind.ORGANISATION_CODE: credit_codes().map(lambda code: code[8:17]),
    ValueKind.CITIZEN_NUMBER: citizen_numbers(),
    ValueKind.REGION: fictional_regions(),
    ValueKind.ADDRESS: st.integers(1, 999).map(lambda house: f"示例省示例市示例路{house}号"),
    ValueKind.PERSON_NAME: people().map(lambda one: one.name),
    ValueKind.FIRM_NAME: _WORDS.map(lambda word: f"示例{word.strip()}店"),
}


def filled_forms(
    plan: Plan,
    *,
    is_complete: bool = False,
    applicant: st.SearchStrategy[Applicant] | None = None,
) -> st.SearchStrategy[FilledForm]:
    """Draw a form of ``plan`` that is taken: all required fields, all consents that must be there.

    Args:
        plan: what is asked for follows from it.
        is_complete: every material that the applicant must bring is there, too.
        applicant: by default anybody.
    """
    shown = Quiet(plan, f"{plan.thing} {plan.digest[:15]}")
    return _filled(shown, applicant or applicants(), is_complete=is_complete)


@st.composite
def _filled(
    draw: st.DrawFn,
    shown: Quiet[Plan],
    applicant: st.SearchStrategy[Applicant],
    *,
    is_complete: bool,
) -> FilledForm:
    plan = shown.value
    fields: dict[str, Any] = {}
    for field in plan.form:
        if field.group is not None:
            _draw_rows(draw, field, fields)
        elif field.value is None and (field.is_required or draw(st.booleans())):
            fields[field.id] = draw(field_values(field))
    return FilledForm(
        applicant=draw(applicant),
        fields=fields,
        materials={
            one.id: draw(_documents())
            for one in plan.materials
            if one.must_bring and (is_complete or draw(st.booleans()))
        }
        | {one.id: draw(_papers(len(one.spared_by))) for one in plan.materials if one.spared_by},
        consents={
            party.id: draw(_consents(party.id))
            for party in plan.parties
            if party.must_consent or draw(st.booleans())
        },
    )


def _draw_rows(draw: st.DrawFn, field: FormField, fields: dict[str, Any]) -> None:
    """Draw ``field`` for every entry of its repeated group."""
    rows = fields.setdefault(str(field.group), [{} for _ in range(field.instances)])
    for number in field.asked_entries:
        row = rows[number - 1]
        if field.is_required or draw(st.booleans()):
            row[field.id] = draw(field_values(field))


@st.composite
def _papers(draw: st.DrawFn, count: int) -> tuple[Document, ...]:
    """Draw something for each certificate that spares a step; of a digest nobody can draw more."""
    contents = draw(st.lists(st.binary(min_size=1, max_size=64), min_size=count, max_size=count))
    return tuple(Document(content=one, media_type="application/vc+json") for one in contents)


@st.composite
def _documents(draw: st.DrawFn) -> tuple[Document, ...]:
    contents = draw(st.lists(st.binary(min_size=1, max_size=64), min_size=1, max_size=2))
    return tuple(Document(content=one, media_type="application/pdf") for one in contents)


@st.composite
def _consents(draw: st.DrawFn, party: str) -> ConsentGiven:
    text = f"{party} agrees".encode()
    until = draw(st.none() | st.dates(date(2030, 1, 1), date(2035, 12, 31)))
    return ConsentGiven.to(text, by=draw(people()).name, at=_AGREED_AT, until=until)
