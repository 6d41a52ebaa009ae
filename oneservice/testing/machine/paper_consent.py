"""A consent on paper: for which steps it is needed, where it counts, and what it lets go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from oneservice.testing.machine.paper_step import PaperStep

__all__ = ["PaperConsent"]


@dataclass(slots=True)
class PaperConsent:
    """Somebody's consent, without which the steps that it ``covers`` are not filed.

    The applicant's own is about one ``office`` elsewhere. ``names`` is all that may go there;
    ``None``: it leaves nothing out.
    """

    covers: tuple[str, ...]
    until: date | None
    is_alive: bool = True
    office: str = ""
    names: frozenset[str] | None = None
    is_of_everybody: bool = False
    was_taken_back: bool = False

    def binds(self, step: PaperStep) -> bool:
        """Whether it counts for ``step``, where that lies now."""
        return step.spec.id in self.covers and self.office in ("", step.spec.department)
