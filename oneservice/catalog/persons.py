"""Who an entry of the form is: the fields by which a paper's holder is compared with them.

A certificate that spares a step is somebody's. Whose, the form says in the same entry as for the
step: by the number that tells a person (or a firm) from all others, and beside it by the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oneservice.catalog.form import FieldType
from oneservice.values import ValueKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oneservice.catalog.form import FieldSpec
    from oneservice.catalog.models import Step

__all__ = ["PersonFields", "person_fields"]

_CODES: Final = frozenset({FieldType.CITIZEN_NUMBER, FieldType.CREDIT_CODE})
_NAMES: Final = frozenset({ValueKind.PERSON_NAME, ValueKind.FIRM_NAME})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFields:
    """The fields of a repeated group that say who an entry is; ``name`` where one says it."""

    code: str
    name: str | None = None


def person_fields(fields: Iterable[FieldSpec], step: Step) -> PersonFields | None:
    """Return the fields that say whose entry a repeated step is for; ``None``: none does.

    They stand in its group, the step itself uses them, and they are asked whatever the answers are.
    The code is of type ``citizen_number`` or ``credit_code``; of two nobody knows whose they are.
    The name has the ``value_kind`` ``person_name`` or ``firm_name``.

    Args:
        fields: all that the one-thing asks for.
        step: one that repeats; of any other the applicant is meant.
    """
    group = None if step.for_each is None else step.for_each.group
    if group is None:
        return None
    own = [
        one
        for one in fields
        if one.group == group and step.id in one.steps and one.when is None and one.answer is None
    ]
    codes = [one.id for one in own if one.type in _CODES]
    names = [one.id for one in own if one.value_kind in _NAMES]
    if len(codes) != 1:
        return None
    return PersonFields(code=codes[0], name=names[0] if len(names) == 1 else None)
