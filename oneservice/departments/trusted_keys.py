"""From trust lists and directories to the keys that prove what comes over the wire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from oneservice.certificates import TrustStore, decode_multikey
from oneservice.departments.signing import VerifyingKey

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.certificates import ListedKey, ListedRegion, RegionKey, RegionKeyUse

__all__ = ["event_keys_of", "keys_of_region"]

_INSTANT_BEFORE: Final = timedelta(milliseconds=1)


def event_keys_of(trust: TrustStore, department: str) -> tuple[VerifyingKey, ...]:
    """Return the event keys that ``trust`` lists for ``department``.

    What a server says of its own keys counts for nothing (protocol section 3). A key that was
    reported stolen proves nothing that is dated at or after that instant.
    """
    return tuple(_on_the_wire(one, one.suite) for one in trust.event_keys(department))


def keys_of_region(
    region: ListedRegion, *, use: RegionKeyUse, at: datetime
) -> tuple[VerifyingKey, ...]:
    """Return the keys by which a region of the directory speaks to its peers.

    Args:
        region: its entry in the signed directory.
        use: ``REQUEST`` for the callers that are let in, ``EVENT`` for what its counter tells
            (``DepartmentEndpoint(keys=…)``).
        at: aware instant; none where the region does not take part then. Read the directory again
            when a newer edition came.
    """
    return tuple(_on_the_wire(one, one.algorithm.value) for one in region.keys_at(at, use=use))


def _on_the_wire(listed: ListedKey | RegionKey, algorithm: str) -> VerifyingKey:
    ends = [one for one in (listed.valid_until, listed.compromised_at) if one is not None]
    return VerifyingKey(
        keyid=listed.id,
        alg=algorithm,
        public_key=decode_multikey(listed.multibase)[1],
        not_before=listed.valid_from,
        # A list names the first instant too late, a verifying key the last good one.
        not_after=min(ends) - _INSTANT_BEFORE if ends else None,
    )
