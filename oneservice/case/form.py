"""The one form: what the applicant hands in, checked against the plan, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Literal

from oneservice.canonical import Digest, canonical, digest_bytes, parse_object
from oneservice.case.consents import ConsentGiven, dump_consents, read_consents, refuse_consents
from oneservice.case.form_values import read_as, read_field
from oneservice.case.promising import SignedPromise, dump_promises, refuse_promises
from oneservice.case.provenance import Provenance
from oneservice.case.sparing import refuse_absent_papers
from oneservice.errors import FormIncompleteError
from oneservice.plan import FormField, Plan
from oneservice.values import ValueKind

__all__ = ["Applicant", "Document", "Form", "code_kind", "fill_form", "fill_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who applies. ``code`` is a credit code, or a citizen number for a person."""

    name: str
    code: str
    kind: Literal["organisation", "person"] = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes that the applicant hands in for a material. ``name`` is a file name for people.

    ``provenance`` tells of evidence that was fetched, and not brought: ``engine.evidence`` does.
    ``level`` is that of a paper which takes the place of an upload (无证办事): ``sealed`` by who
    issued it, or ``collected`` from a register; empty: somebody brought it.
    """

    content: bytes
    media_type: str = "application/octet-stream"
    name: str = "document"
    provenance: Provenance | None = None
    level: str = ""

    def reference(self) -> dict[str, Any]:
        """Return how the form names this document, and a submission with it (section 4)."""
        told = self.provenance.as_json() if self.provenance is not None else {}
        told |= {"level": self.level} if self.level else {}
        return told | {
            "digest": digest_bytes(self.content),
            "media_type": self.media_type,
            "bytes": len(self.content),
            "name": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The filled form: JSON values only, decimals and dates as text.

    ``groups`` has one entry for each instance of a repeated group; ``materials`` refers to
    documents by digest; ``consents`` are those of other people, by the id of the party;
    ``promises`` are materials that follow, each with ``until`` and the digest of what was signed.
    """

    applicant: Applicant
    fields: Mapping[str, Any]
    groups: Mapping[str, Sequence[Mapping[str, Any]]]
    materials: Mapping[str, Sequence[Mapping[str, Any]]]
    consents: Mapping[str, ConsentGiven] = attribute(default_factory=dict)
    promises: Mapping[str, Mapping[str, Any]] = attribute(default_factory=dict)

    def dump(self) -> bytes:
        """Return the canonical bytes under which a case keeps its form."""
        consents = {"consents": dump_consents(self.consents)} if self.consents else {}
        promises = {"promises": dict(self.promises)} if self.promises else {}
        return canonical(
            consents
            | promises
            | {
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
            consents=read_consents(stored.get("consents", {})),
            promises=stored.get("promises", {}),
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
    consents: Mapping[str, ConsentGiven] | None = None,
    promises: Mapping[str, SignedPromise] | None = None,
    kept: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Form:
    """Return the form of ``plan`` filled with what the applicant says.

    Values that answers already gave are taken from the plan. A repeated group stands under its
    own name as a list with one mapping per instance. Missing *materials* are no error here: the
    law wants them received, and the department then asks for them all at once (一次性告知). The
    consent of a party that must agree is another matter: nothing is filed without it. A promise is
    made only where the plan allows it (容缺受理). A certificate that spares a step comes with the
    form: no office would miss it and ask for it. Of an entry whose step is spared nothing is kept:
    what it says of whose the certificate is, :func:`stated_holders` compares.

    Args:
        plan: what is asked for.
        applicant: who applies.
        fields: values by field id, lists of mappings by group.
        materials: documents by material id.
        consents: by the id of the party.
        promises: by material id.
        kept: what an earlier form of this case refers to already, by material id.

    Raises:
        FormIncompleteError: required fields or consents are missing, values are of the wrong type
            or have a wrong check digit, documents are empty, or names are unknown. All are named
            at once, values never.
    """
    problems: dict[str, str] = {}
    applicant = _read_applicant(applicant, problems)
    filled: dict[str, Any] = {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for field in plan.form:
        if field.group is None:
            value = field.value if field.value is not None else fields.get(field.id)
            _fill(field, value, field.id, filled, problems)
        else:
            _fill_group(field, fields.get(field.group), groups, problems)
    _refuse_unknown(plan, fields, materials, problems)
    _refuse_empty(materials, problems)
    refuse_consents(plan, consents or {}, problems)
    refuse_promises(plan, promises or {}, materials, problems)
    rows = {name: [one.reference() for one in some] for name, some in materials.items()}
    refuse_absent_papers(plan, {**(kept or {}), **rows}, problems)
    if problems:
        raise FormIncompleteError(problems)
    return Form(
        applicant=applicant,
        fields=filled,
        groups=groups,
        materials=rows,
        consents=consents or {},
        promises=dump_promises(promises or {}),
    )


def fill_part(
    plan: Plan,
    sub_case_id: str,
    *,
    fields: Mapping[str, Any],
    materials: Mapping[str, Sequence[Document]],
    asked: Iterable[str] = (),
) -> dict[str, Any]:
    """Return checked values of some fields of one step: an answer to a correction.

    A correction is answered once, so an answer has everything that was asked for.

    Args:
        plan: to which the case is pinned.
        sub_case_id: which step.
        fields: new values of its fields.
        materials: documents of its materials.
        asked: ids of the materials and fields that the department asks for.

    Raises:
        FormIncompleteError: something that is asked for is missing, an empty document, a field or
            material that this step does not have, or a value that the form would not take; all of
            them at once.
    """
    step = next(one for one in plan.steps if one.id == sub_case_id)
    declared = {field.id: field for field in plan.form if field.id in step.fields}
    problems: dict[str, str] = {}
    filled: dict[str, Any] = {}
    for name, value in fields.items():
        if name in declared:
            _fill(declared[name], value, name, filled, problems)
        else:
            problems[str(name)[:60]] = "is not a field of this step"
    for name in materials:
        if name not in step.materials:
            problems[str(name)[:60]] = "is not a material of this step"
    _refuse_empty(materials, problems)
    given = {*filled, *materials}
    for name in asked:
        # What the step does not declare cannot be answered here: people settle it.
        if name not in given and name in {*declared, *step.materials}:
            problems.setdefault(name, "is asked for and missing")
    if problems:
        raise FormIncompleteError(problems)
    return filled


def _refuse_empty(materials: Mapping[str, Sequence[Document]], problems: dict[str, str]) -> None:
    for name, documents in materials.items():
        if not documents:
            problems.setdefault(str(name)[:60], "no document is given")
        elif any(not one.content for one in documents):
            problems.setdefault(str(name)[:60], "the document is empty")


def code_kind(applicant: Applicant) -> ValueKind:
    """Return what kind of number the code of ``applicant`` is."""
    is_person = applicant.kind == "person"
    return ValueKind.CITIZEN_NUMBER if is_person else ValueKind.CREDIT_CODE


def _read_applicant(applicant: Applicant, problems: dict[str, str]) -> Applicant:
    """Return the applicant in normal form, as every department is told of them."""
    name, code = applicant.name, applicant.code
    try:
        name = read_as(ValueKind.TEXT, name)
    except ValueError as error:
        problems["applicant.name"] = str(error)
    try:
        code = read_as(code_kind(applicant), code)
    except ValueError as error:
        problems["applicant.code"] = str(error)
    return Applicant(name=name, code=code, kind=applicant.kind)


def _fill(
    field: FormField, value: Any, place: str, into: dict[str, Any], problems: dict[str, str]
) -> None:
    if value is None or value == "":
        if field.is_required:
            problems[place] = f"is missing ({field.title.en} / {field.title.zh})"
        return
    try:
        into[field.id] = read_field(field, value)
    except ValueError as error:  # it never repeats the value
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
    for number in field.kept_entries:
        index, row = number - 1, given[number - 1]
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
