"""The keys under which regions speak, and who knows of which: a directory as people keep it.

A region that changes its key tells its neighbours the next one days before it signs with it; some
hear of it too late. Nobody is believed under a key that was not announced.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.departments import (
    REQUEST_TAG,
    Caller,
    Callers,
    DepartmentEndpoint,
    Ed25519EventKey,
    MessageSigner,
    VerifyingKey,
)
from oneservice.simulation.regions_offer import counter_of
from oneservice.simulation.regions_wire import address_of

__all__ = ["KeyRing"]

_PER_MINUTE: Final = 1_000_000
"""The pace is no matter here: a minute of the world takes no time at all."""
_DEADLINE_S: Final = 10.0


class KeyRing:
    """All keys of a world, by region and number; each comes from the seed, so none is a secret."""

    def __init__(self, seed: int, regions: tuple[str, ...]) -> None:
        self._seed = seed
        self._regions = regions
        self.speaking: Counter[str] = Counter(dict.fromkeys(regions, 1))
        """The number of the key under which each region speaks."""
        self.known: dict[tuple[str, str], int] = {
            (one, other): 1 for one in regions for other in regions
        }
        """Up to which number the first region knows the keys of the second."""
        self._made: dict[tuple[str, int], Ed25519EventKey] = {}

    def key(self, region: str) -> Ed25519EventKey:
        """Return the key under which ``region`` speaks."""
        return self._key(region, self.speaking[region])

    def callers(self, region: str) -> Callers:
        """Return whom ``region`` lets in, by the keys that it knows."""
        return Callers(
            *(
                Caller(id=counter_of(one), keys=self._known(region, one))
                for one in self._regions
                if one != region
            )
        )

    def ways(self, region: str) -> dict[str, DepartmentEndpoint]:
        """Return the ways from ``region`` to the counters of all others."""
        signer = MessageSigner(key=self.key(region), tag=REQUEST_TAG)
        return {
            counter_of(one): DepartmentEndpoint(
                base_url=address_of(number),
                keys=self._known(region, one),
                signer=signer,
                per_minute=_PER_MINUTE,
                deadline_s=_DEADLINE_S,
            )
            for number, one in enumerate(self._regions, 1)
            if one != region
        }

    def _known(self, region: str, other: str) -> tuple[VerifyingKey, ...]:
        numbers = range(1, self.known[region, other] + 1)
        keys = [self._key(other, number) for number in numbers]
        return tuple(
            VerifyingKey(keyid=one.keyid, alg=one.alg, public_key=one.public_key) for one in keys
        )

    def _key(self, region: str, number: int) -> Ed25519EventKey:
        found = self._made.get((region, number))
        if found is None:
            name = f"region-{region}-{number}"
            seed = hashlib.sha256(f"simulated, no secret: {self._seed}/{name}".encode()).digest()
            found = Ed25519EventKey(keyid=name, private=Ed25519PrivateKey.from_private_bytes(seed))
            self._made[region, number] = found
        return found
