"""How many witnesses are enough, where some of them may lie or keep silent.

References:
    Malkhi and Reiter, "Byzantine quorum systems" (masking a fault in n >= 3f + 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oneservice.errors import PolicyInvalidError
from oneservice.transparency import KnownLog, KnownWitness, WitnessGroup, WitnessPolicy

__all__ = ["crosswise_policy"]

_QUORUM: Final = "enough"


def crosswise_policy(
    logs: Sequence[KnownLog],
    *,
    regions: Sequence[KnownWitness],
    offices: Sequence[KnownWitness],
    liars: int = 1,
) -> WitnessPolicy:
    """Return a policy that holds although ``liars`` of the witnesses lie or keep silent.

    Any two sets of witnesses that are enough share an honest one, so no two histories are ever both
    cosigned; the honest ones alone are enough, so no liar stops the log; and at least one region
    and one office are in every set.

    Args:
        logs: those that are cosigned.
        regions: witnesses of other regions.
        offices: witnesses of the audit office and of others that are no region's.
        liars: how many may lie.

    Raises:
        PolicyInvalidError: there are too few witnesses for that, or one kind alone would do; the
            text says how many are needed.
        LogMalformedError: a name or key stands in it twice.
    """
    count = len(regions) + len(offices)
    threshold = (count + liars) // 2 + 1
    if threshold > count - liars:
        msg = f"{liars} of {count} witnesses cannot lie without harm; have {3 * liars + 1} at least"
        raise PolicyInvalidError(msg)
    if threshold <= max(len(regions), len(offices)):
        msg = "regions alone, or offices alone, would be enough; have about as many of each"
        raise PolicyInvalidError(msg)
    witnesses = (*regions, *offices)
    names = tuple(one.name for one in witnesses)
    group = WitnessGroup(name=_QUORUM, threshold=threshold, members=names)
    return WitnessPolicy(logs=tuple(logs), witnesses=witnesses, groups=(group,), quorum=_QUORUM)
