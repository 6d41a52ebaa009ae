"""补正: asking for everything that is missing, told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import Digest
from oneservice.case import EventType
from oneservice.departments.wording import Text, people_text
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from oneservice.departments.facts import Fact, OutcomeContext

__all__ = ["AnsweredAtWindow", "CorrectionItem", "CorrectionRequested"]

CORRECTION_DAYS: Final = 15
"""Natural days to answer a correction request where the department names none (ours)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionItem:
    """One thing to mend, with words of its own; exactly one of ``material`` and ``field``.

    Attributes:
        material: id of a material.
        field: name of a field; a leading ``/`` makes it a JSON pointer into the submission.
        problem: a short code, such as ``missing``, ``illegible``, ``expired``.
        note: for the applicant.
        by_law: the clause that asks for it.
    """

    material: str | None = None
    field: str | None = None
    problem: str = "missing"
    note: Text = ""
    by_law: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the wire writes it.

        Raises:
            AdapterError: it names neither, or both.
        """
        if (self.material is None) == (self.field is None):
            msg = "an item of a correction request names a material or a field"
            raise AdapterError(msg)
        item: dict[str, Any] = {"problem": self.problem}
        if self.material is not None:
            item["material"] = self.material
        if self.field is not None:
            item["pointer"] = self.field if self.field[:1] == "/" else f"/fields/{self.field}"
        if self.note:
            item["text"] = people_text(self.note)
        return item | ({"by_law": self.by_law} if self.by_law else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRequested:
    """补正: everything that is missing, told once.

    ``materials`` are material ids, ``fields`` names of fields (a leading ``/`` makes it a JSON
    pointer into the submission); ``problem``, ``note`` and ``by_law`` hold for all of them. What
    needs words of its own goes into ``items``. ``due_on`` defaults to fifteen natural days from
    today.
    """

    materials: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    items: tuple[CorrectionItem, ...] = ()
    note: Text = ""
    due_on: date | None = None
    by_law: str | None = None
    problem: str = "missing"
    is_complete_list: bool = True

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        items = [one.as_json() for one in self._all()]
        if not items:
            msg = "a correction request must name at least one material or field"
            raise AdapterError(msg)
        due_on = self.due_on or context.today + timedelta(days=CORRECTION_DAYS)
        return EventType.CORRECTION_REQUESTED, {
            "correction_id": f"r{context.seq}",
            "items": items,
            "is_complete_list": self.is_complete_list,
            "due_on": due_on.isoformat(),
        }

    def _all(self) -> Iterator[CorrectionItem]:
        common: dict[str, Any] = {
            "problem": self.problem,
            "note": self.note,
            "by_law": self.by_law,
        }
        yield from (CorrectionItem(material=name, **common) for name in self.materials)
        yield from (CorrectionItem(field=name, **common) for name in self.fields)
        yield from self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredAtWindow:
    """What was asked for came at the office's own window: nobody need answer any more.

    The engine's own answer, if one is on its way, finds nothing open then. ``record`` is the digest
    of what came, as the office keeps it; the event names it where it names an answer's bytes.
    """

    correction_id: str
    record: Digest

    def fact(self, context: OutcomeContext) -> Fact:
        """Return the event's type and data."""
        del context
        return EventType.CORRECTION_RECEIVED, {
            "correction_id": self.correction_id,
            "supplement_id": f"at-window-{self.correction_id}"[:96],
            "request_digest": self.record,
        }
