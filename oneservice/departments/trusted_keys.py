"""From a trust list to the keys that prove a department's events."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from oneservice.certificates import TrustStore, decode_multikey
from oneservice.departments.signing import VerifyingKey

__all__ = ["event_keys_of"]

_INSTANT_BEFORE: Final = timedelta(milliseconds=1)


def event_keys_of(trust: TrustStore, department: str) -> tuple[VerifyingKey, ...]:
    """Return the event keys that ``trust`` lists for ``department``.

    What a server says of its own keys counts for nothing (protocol section 3). A key that was
    reported stolen proves nothing that is dated at or after that instant.
    """
    keys = []
    for listed in trust.event_keys(department):
        ends = [one for one in (listed.valid_until, listed.compromised_at) if one is not None]
        keys.append(
            VerifyingKey(
                keyid=listed.id,
                alg=listed.suite,
                public_key=decode_multikey(listed.multibase)[1],
                not_before=listed.valid_from,
                # A list names the first instant too late, a verifying key the last good one.
                not_after=min(ends) - _INSTANT_BEFORE if ends else None,
            )
        )
    return tuple(keys)
