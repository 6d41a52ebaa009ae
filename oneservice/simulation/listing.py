"""The list of all invariants, for people: name and sentence of each."""

from __future__ import annotations

from oneservice.simulation.invariants import AT_REST, AT_THE_MOMENT
from oneservice.simulation.moments import NamedCheck, described
from oneservice.simulation.regions_checks import BETWEEN
from oneservice.simulation.regions_moving import MOVING
from oneservice.simulation.world_checks import WORLD_CHECKS

__all__ = ["invariants"]

_OF_THE_AUDITOR = {
    "journal-verifies": "Digest and chain of every record are right, and it follows from those "
    "before it.",
    "journal-refolds": "What the engine shows of a case is what its journal tells, folded anew.",
    "nothing-breaks": "No error of ours leaves the engine but those that the ports promise.",
}


def invariants(*, regions: int = 1) -> dict[str, str]:
    """Return the sentence of each invariant by its name, in the order in which they are told.

    Args:
        regions: of how many regions a world is: with several, more is looked at.
    """
    between = (*BETWEEN, *MOVING) if regions > 1 else ()
    found = dict(_OF_THE_AUDITOR)
    moments = (check for checks in AT_THE_MOMENT.values() for check in checks)
    checks: tuple[NamedCheck, ...] = (*moments, *AT_REST, *WORLD_CHECKS, *between)
    for check in checks:
        name, words = described(check)
        found[name] = words
    return found
