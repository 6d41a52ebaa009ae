"""What was proven once is not proven again: the same bytes in the same place say the same.

Theory of operation. A crash drops every object of the engine, and the next life folds each case
from its records again. In a world that crashes every few minutes that was a third of all work: the
same bytes, proven and decoded up to ten times. The auditor has proven each record in the moment in
which it became durable, and has folded the case. So where a history is, byte for byte, the one that
he read, the engine is handed his fold; one history in :data:`_ONE_OF` is folded from its bytes all
the same, as a real process would, and compared with his at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from oneservice.canonical import Digest
from oneservice.case import Case, fold_records
from oneservice.runtimes import Fold
from oneservice.simulation.chance import Chance

__all__ = ["Folded", "Reader", "remembering"]

_ONE_OF: Final = 8
"""One history in so many is folded from its bytes after a crash."""

Folded = tuple[Case, int, Digest]
"""A case, the number of its last record, and the head of its chain."""


class Reader(Protocol):
    """Who has read histories."""

    def folded(self, case_id: str, lines: tuple[bytes, ...]) -> Folded | None:
        """Return what exactly these bytes fold to; ``None``: others were read."""


def remembering(reader: Reader, chance: Chance) -> Fold:
    """Return a fold that takes from ``reader`` what he proved and folded himself."""

    def fold(case_id: str, lines: Iterable[bytes]) -> Folded:
        known = tuple(lines)
        if chance.below(f"{case_id}/{len(known)}", _ONE_OF):
            found = reader.folded(case_id, known)
            if found is not None:
                return found
        return fold_records(case_id, known)

    return fold
