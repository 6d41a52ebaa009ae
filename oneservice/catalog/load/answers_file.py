"""What an applicant hands in, as one YAML file: for the command line, examples and tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import AwareDatetime, Field, PrivateAttr, model_validator

from oneservice.catalog.findings import error_of, in_order
from oneservice.catalog.load.files import read_bytes
from oneservice.catalog.load.shape import shape
from oneservice.catalog.load.text import read_text
from oneservice.catalog.terms import CatalogModel, Identifier, RegionCode
from oneservice.errors import FileUnusableError

__all__ = [
    "AnswersFile",
    "ApplicantEntry",
    "ConsentEntry",
    "FieldValue",
    "MaterialEntry",
    "load_answers",
]

FieldScalar: TypeAlias = bool | int | Decimal | str
FieldValue: TypeAlias = (
    FieldScalar | tuple[FieldScalar, ...] | tuple[dict[Identifier, FieldScalar], ...]
)
"""A value, a list of values, or the entries of a repeated group."""


class ApplicantEntry(CatalogModel):
    """Who applies. ``code`` is a credit code, or a citizen number for a person."""

    kind: Literal["organisation", "person"]
    name: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=40)


class MaterialEntry(CatalogModel):
    """A document to hand in: ``text`` inline, or ``path`` to a file beside the answers file."""

    name: str = Field(min_length=1, max_length=200)
    text: str | None = None
    path: str | None = None
    media_type: str = "text/plain"

    @model_validator(mode="after")
    def _one_of_both(self) -> MaterialEntry:
        if (self.text is None) == (self.path is None):
            msg = "give either 'text' or 'path'"
            raise ValueError(msg)
        return self


class ConsentEntry(CatalogModel):
    """That another person agreed: ``by`` whom, ``at`` an instant, to which ``text``."""

    by: str = Field(min_length=1, max_length=200)
    at: AwareDatetime
    text: str = Field(min_length=1)
    """What was shown to them and signed; a department is told its digest only."""
    until: date | None = None


class AnswersFile(CatalogModel):
    """Answers, form and materials of one applicant, as handed in at one visit."""

    region: RegionCode
    thing: Identifier = "restaurant"
    applicant: ApplicantEntry
    answers: dict[Identifier, FieldScalar | tuple[Identifier, ...]]
    fields: dict[Identifier, FieldValue] = Field(default_factory=dict)
    """Form fields by id; a repeated group by its name, with one mapping for each entry."""
    materials: dict[Identifier, MaterialEntry] = Field(default_factory=dict)
    consents: dict[Identifier, ConsentEntry] = Field(default_factory=dict)
    """Consents of other people, by the id of the party in the plan."""
    _folder: Path = PrivateAttr(default=Path())

    def model_post_init(self, context: Any, /) -> None:
        """Keep the folder of the file: relative paths of materials begin there."""
        self._folder = context or Path()

    def material_bytes(self, material_id: str) -> bytes:
        """Return the bytes of a material.

        Raises:
            FileUnusableError: its file cannot be read, or lies outside the file's own folder.
        """
        entry = self.materials[material_id]
        if entry.path is None:
            return (entry.text or "").encode("utf-8")
        try:
            path = (self._folder / entry.path).resolve()
            is_inside = path.is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            msg = f"the file of '{material_id}' cannot be found; correct its path"
            raise FileUnusableError(msg) from error
        if not is_inside:
            msg = (
                f"the file of '{material_id}' lies outside the folder of the answers file; move it"
            )
            raise FileUnusableError(msg)
        return read_bytes(path)


def load_answers(path: str | Path) -> AnswersFile:
    """Return the answers file at ``path``.

    Raises:
        CatalogError: it is not as it must be, with the place of every problem.
        FileUnusableError: it does not exist or cannot be read.
    """
    file = Path(path)
    value, place, findings = read_text(read_bytes(file), str(file))
    if not findings:
        answers, findings = shape(value, place, str(file), AnswersFile, context=file.parent)
        if answers is not None:
            return answers
    raise error_of(in_order(findings))
