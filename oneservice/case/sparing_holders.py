"""Whose the certificates must be that spare steps, as the form says it that is handed in.

The plan names the fields: those of the person's entry, or the applicant's own. They are asked to be
compared, and nothing else: of an entry whose step is spared the case keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oneservice.case.form import Applicant, code_kind
from oneservice.case.form_values import read_as, read_field
from oneservice.plan import FormField, Plan, SkippedStep
from oneservice.values import ValueKind

__all__ = ["StatedHolder", "stated_holders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHolder:
    """Whose a certificate must be; ``name`` is ``None`` where the form has none to compare.

    Attributes:
        place: where the form says so.
        kind: of the code.
        code: as the form would keep it.
        name: the same.
    """

    place: str
    kind: ValueKind
    code: str = field(repr=False)
    name: str | None = field(default=None, repr=False)

    def is_named(self, *, name: str, code: str) -> bool:
        """Say whether ``name`` and ``code`` are those of the same person, however they are spelt.

        A name is compared where the form states one.
        """
        if _read(self.kind, code) != self.code:
            return False
        return self.name is None or _read(ValueKind.TEXT, name) == self.name


def stated_holders(
    plan: Plan, applicant: Applicant, fields: Mapping[str, Any], problems: dict[str, str]
) -> dict[str, StatedHolder]:
    """Return by spared sub-case whose its certificate must be.

    Plans that are older than the comparison, and groups in which nobody has a number, name nobody.

    Args:
        plan: that spares steps.
        applicant: who applies.
        fields: as they are handed in, lists of mappings by group.
        problems: gains an entry for each person who is not told, or not rightly; values never.
    """
    declared = {one.id: one for one in plan.form}
    found: dict[str, StatedHolder] = {}
    for step in plan.skipped:
        if step.whose is not None:
            stated = (
                _of_applicant(applicant, step.whose.code)
                if step.instance is None
                else _of_entry(step, step.instance, declared, fields, problems)
            )
            if stated is not None:
                found[step.id] = stated
    return found


def _of_applicant(applicant: Applicant, place: str) -> StatedHolder:
    kind = code_kind(applicant)
    return StatedHolder(
        place=place,
        kind=kind,
        code=_read(kind, applicant.code),
        name=_read(ValueKind.TEXT, applicant.name),
    )


def _of_entry(
    step: SkippedStep,
    number: int,
    declared: Mapping[str, FormField],
    fields: Mapping[str, Any],
    problems: dict[str, str],
) -> StatedHolder | None:
    if step.whose is None:
        return None
    spec = declared[step.whose.code]
    row = _row(fields.get(str(spec.group)), number)
    entry = f"{spec.group}[{number - 1}]"
    code = _stated(spec, row, entry, problems)
    name = None
    if step.whose.name is not None:
        name = _stated(declared[step.whose.name], row, entry, problems)
    if code is None:
        return None
    return StatedHolder(
        place=f"{entry}.{spec.id}", kind=ValueKind(str(spec.type)), code=code, name=name
    )


def _row(rows: Any, number: int) -> Mapping[str, Any]:
    """Return one entry of a group, whatever a portal made of it."""
    given = rows if isinstance(rows, (list, tuple)) else ()
    row = given[number - 1] if number <= len(given) else {}
    return row if isinstance(row, Mapping) else {}


def _stated(
    spec: FormField, row: Mapping[str, Any], entry: str, problems: dict[str, str]
) -> str | None:
    value = row.get(spec.id)
    if value is None or value == "":
        words = f"{spec.title.en} / {spec.title.zh}"
        problems[f"{entry}.{spec.id}"] = f"is missing: it says whose certificate it is ({words})"
        return None
    try:
        return str(read_field(spec, value))
    except ValueError as error:  # it never repeats the value
        problems[f"{entry}.{spec.id}"] = str(error)
        return None


def _read(kind: ValueKind, value: str) -> str:
    """Return ``value`` in normal form, as it is where it has none: then it is another one."""
    try:
        return str(read_as(kind, value))
    except ValueError:
        return value
