"""The one form: what the applicant hands in, checked against the plan, all problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from oneservice.canonical import Digest, canonical, digest_bytes, parse_object
from oneservice.catalog import FieldType
from oneservice.errors import FormIncompleteError, IdentifierError
from oneservice.identifiers import (
    parse_citizen_number,
    parse_credit_code,
    parse_region,
)
from oneservice.plan import FormField, Plan

__all__ = ["Applicant", "Document", "Form", "fill_form"]

_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?", re.ASCII)
_TEXT_LIMIT: Final = 4000
_LIST_LIMIT: Final = 1000
_LARGEST: Final = 10**12 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who applies. ``code`` is a credit code, or a citizen number for a person."""

    name: str
    code: str
    kind: Literal["organisation", "person"] = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes that the applicant hands in for a material. ``name`` is a file name for people."""

    content: bytes
    media_type: str = "application/octet-stream"
    name: str = "document"

    def reference(self) -> dict[str, Any]:
        """Return how a submission names this document (protocol section 4)."""
        return {
            "digest": digest_bytes(self.content),
            "media_type": self.media_type,
            "bytes": len(self.content),
            "name": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The filled form: JSON values only, decimals and dates as text.

    ``groups`` has one entry for each instance of a repeated group; ``materials`` refers to
    documents by digest.
    """

    applicant: Applicant
    fields: Mapping[str, Any]
    groups: Mapping[str, Sequence[Mapping[str, Any]]]
    materials: Mapping[str, Sequence[Mapping[str, Any]]]

    def dump(self) -> bytes:
        """Return the canonical bytes under which a case keeps its form."""
        return canonical(
            {
                "format": "oneservice-form/1",
                "applicant": {
                    "kind": self.applicant.kind,
                    "name": self.applicant.name,
                    "code": self.applicant.code,
                },
                "fields": dict(self.fields),
                "groups": {name: [dict(one) for one in rows] for name, rows in self.groups.items()},
                "materials": {name: list(rows) for name, rows in self.materials.items()},
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Form:
        """Return the form that :meth:`dump` wrote.

        Raises:
            MalformedJsonError: the bytes are no JSON.
        """
        stored = parse_object(data)
        return cls(
            applicant=Applicant(**stored["applicant"]),
            fields=stored["fields"],
            groups=stored["groups"],
            materials=stored["materials"],
        )

    @property
    def digest(self) -> Digest:
        """The digest by which the case names this form."""
        return digest_bytes(self.dump())


def fill_form(
    plan: Plan,
    applicant: Applicant,
    *,
    fields: Mapping[str, Any],
    materials: Mapping[str, Sequence[Document]],
) -> Form:
    """Return the form of ``plan`` filled with what the applicant says.

    Values that answers already gave are taken from the plan. A repeated group stands under its
    own name as a list with one mapping per instance. Missing *materials* are no error here: the
    law wants them received, and the department then asks for them all at once (一次性告知).

    Raises:
        FormIncompleteError: required fields are missing, values are of the wrong type or have a
            wrong check digit, or names are unknown. All are named at once, values never.
    """
    problems: dict[str, str] = {}
    _check_applicant(applicant, problems)
    filled: dict[str, Any] = {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for field in plan.form:
        if field.group is None:
            value = field.value if field.value is not None else fields.get(field.id)
            _fill(field, value, field.id, filled, problems)
        else:
            _fill_group(field, fields.get(field.group), groups, problems)
    _refuse_unknown(plan, fields, materials, problems)
    if problems:
        raise FormIncompleteError(problems)
    return Form(
        applicant=applicant,
        fields=filled,
        groups=groups,
        materials={name: [one.reference() for one in some] for name, some in materials.items()},
    )


def _check_applicant(applicant: Applicant, problems: dict[str, str]) -> None:
    parse = parse_credit_code if applicant.kind == "organisation" else parse_citizen_number
    try:
        _checked_text(applicant.name)
    except ValueError as error:
        problems["applicant.name"] = str(error)
    try:
        parse(applicant.code)
    except IdentifierError as error:
        problems["applicant.code"] = str(error)


def _fill(
    field: FormField, value: Any, place: str, into: dict[str, Any], problems: dict[str, str]
) -> None:
    if value is None or value == "":
        if field.is_required:
            problems[place] = f"is missing ({field.title.en} / {field.title.zh})"
        return
    try:
        into[field.id] = _READERS[field.type](field, value)
    except ValueError as error:  # IdentifierError is one too; none of them repeats the value
        problems[place] = str(error)


def _fill_group(
    field: FormField,
    rows: Any,
    groups: dict[str, list[dict[str, Any]]],
    problems: dict[str, str],
) -> None:
    group = str(field.group)
    given = rows if isinstance(rows, (list, tuple)) else ()
    if len(given) != field.instances:
        problems[group] = f"needs {field.instances} entries, {len(given)} are given"
        return
    target = groups.setdefault(group, [{} for _ in range(field.instances)])
    for index, row in enumerate(given):
        if not isinstance(row, Mapping):
            problems[f"{group}[{index}]"] = "must be a mapping of fields to values"
            continue
        value = row.get(field.id)
        _fill(field, value, f"{group}[{index}].{field.id}", target[index], problems)


def _refuse_unknown(
    plan: Plan,
    fields: Mapping[str, Any],
    materials: Mapping[str, Sequence[Document]],
    problems: dict[str, str],
) -> None:
    known = {field.group or field.id for field in plan.form}
    for name in fields:
        if name not in known:
            problems[str(name)[:60]] = "is not on this form; the answers may have hidden it"
    known_materials = {material.id for material in plan.materials}
    for name in materials:
        if name not in known_materials:
            problems[str(name)[:60]] = "is not a material of this plan; nobody needs it"


# --- one value of each type --------------------------------------------------------------------


def _text(field: FormField, value: Any) -> str:
    del field
    return _checked_text(value)


def _checked_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        msg = "must be text"
        raise ValueError(msg)
    if len(value) > _TEXT_LIMIT:
        msg = f"is longer than {_TEXT_LIMIT} characters"
        raise ValueError(msg)
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        msg = "holds half a character (a lone surrogate)"
        raise ValueError(msg)
    return value.strip()


def _bool(field: FormField, value: Any) -> bool:
    del field
    if not isinstance(value, bool):
        msg = "must be true or false"
        raise ValueError(msg)  # noqa: TRY004 - one kind for all problems of a form
    return value


def _int(field: FormField, value: Any) -> int:
    del field
    is_whole = type(value) is int or (isinstance(value, str) and _WHOLE.fullmatch(value.strip()))
    if not is_whole or not -_LARGEST <= (number := int(value)) <= _LARGEST:
        msg = "must be a whole number of at most 12 digits"
        raise ValueError(msg)
    return number


def _decimal(field: FormField, value: Any) -> str:
    del field
    is_number = type(value) is int or isinstance(value, (str, Decimal))
    text = format(value, "f") if isinstance(value, Decimal) else str(value).strip()
    if not is_number or _DECIMAL.fullmatch(text) is None:
        msg = 'must be a decimal number as text, for example "82.5"'
        raise ValueError(msg)
    return format(Decimal(text), "f")


def _date(field: FormField, value: Any) -> str:
    del field
    if type(value) is date:
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        msg = "must be a date of the form 2026-09-28"
        raise ValueError(msg) from None


def _choice(field: FormField, value: Any) -> str:
    if value not in field.choices:
        msg = f"must be one of {', '.join(field.choices)}"
        raise ValueError(msg)
    return str(value)


def _phone(field: FormField, value: Any) -> str:
    text = _text(field, value if isinstance(value, str) else str(value))
    if _PHONE.fullmatch(text) is None:
        msg = "must be a telephone number"
        raise ValueError(msg)
    return text


def _list(field: FormField, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or len(value) > _LIST_LIMIT:
        msg = f"must be a list of at most {_LIST_LIMIT} entries"
        raise ValueError(msg)
    return [_text(field, item) for item in value]


_READERS: Final[Mapping[FieldType, Callable[[FormField, Any], Any]]] = {
    FieldType.TEXT: _text,
    FieldType.ADDRESS: _text,
    FieldType.BOOL: _bool,
    FieldType.INT: _int,
    FieldType.DECIMAL: _decimal,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.PHONE: _phone,
    FieldType.LIST: _list,
    FieldType.CREDIT_CODE: lambda _, value: str(parse_credit_code(str(value))),
    FieldType.CITIZEN_NUMBER: lambda _, value: str(parse_citizen_number(str(value))),
    FieldType.REGION: lambda _, value: str(parse_region(str(value))),
}
