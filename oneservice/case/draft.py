"""The facts so far of one decision, and the case as it would be with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from oneservice.case.events import Event
from oneservice.case.evolve import evolve, numbered, with_sub_case
from oneservice.case.state import Case, SubCase
from oneservice.errors import IllegalInputError

__all__ = ["Draft"]


@dataclass(slots=True)
class Draft:
    """A decision in the making; it lives inside one call of ``decide`` and is never kept."""

    case: Case
    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Add a fact; the next one is decided on the state with it.

        Raises:
            IllegalInputError: a department's event does not fit its history; nothing is added.
        """
        self.case = evolve(self.case, event, case_id=self.case.id)
        self.events.append(event)

    def add_folded(self, event: Event, sub_case: SubCase) -> None:
        """Add a fact after which ``sub_case`` is as the caller found when it tried the fact."""
        self.case = numbered(self.case, with_sub_case(self.case, sub_case))
        self.events.append(event)

    def sub_case(self, name: str) -> SubCase:
        """Return a sub-case as it stands in the draft.

        Raises:
            IllegalInputError: the case has no such step.
        """
        try:
            return self.case.sub_cases[name]
        except KeyError:
            msg = f"case {self.case.id} has no step {name[:60]!r}"
            raise IllegalInputError(msg, status=str(self.case.status)) from None
