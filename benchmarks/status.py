"""A register of ten million certificates: its memory, its publication, and reading its lists."""

from __future__ import annotations

import random
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.measuring import Pair
from oneservice.certificates import (
    CertificateState,
    Cryptosuite,
    ListIssuer,
    Publication,
    SigningKey,
    StatusArray,
    StatusList,
    write_status_lists,
)

__all__ = ["ENTRIES", "measure"]

ENTRIES = 10_000_000
_NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
_ISSUER = "https://market-regulation.example/issuer"
_URI = "https://market-regulation.example/status/1"


def measure(entries: int = ENTRIES) -> Iterator[Pair]:
    """Yield publication and reading, with none and with one in a hundred taken back."""
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    issuer = ListIssuer(id=_ISSUER, key=key, key_id=f"{_ISSUER}#{key.public_multibase}")
    for share in (0, 100):
        array = _filled(entries, share)
        yield from _published(array, issuer, f"{share / 100:.0f} % taken back")


def _filled(entries: int, per_ten_thousand: int) -> StatusArray:
    array = StatusArray(entries)
    chance = random.Random(1)  # noqa: S311 - the same figures in every run
    for _ in range(entries * per_ten_thousand // 10_000):
        array.put(chance.randrange(entries), CertificateState.REVOKED)
    return array


def _published(array: StatusArray, issuer: ListIssuer, words: str) -> Iterator[Pair]:
    values = array.values()
    made: dict[Publication, bytes] = {}

    def publish() -> None:
        made.update(
            write_status_lists(
                array.values(),
                uri=_URI,
                issuer=issuer,
                issued_at=_NOW,
                expires_at=_NOW + timedelta(days=1),
                ttl_s=3600,
            )
        )

    millions = f"{array.entries / 1e6:g} million entries"
    ours, floor = _best(publish), _best(lambda: zlib.compress(values, 9))
    yield Pair(
        name=f"publish three lists, {millions}, {words}",
        ours_us=ours,
        floor_us=floor,
        floor="zlib on the same bytes, once",
        facts={
            "memory_bytes": _memory(array),
            **{f"{one}_bytes": len(document) for one, document in made.items()},
        },
    )
    token = made[Publication.TOKEN]
    packed = zlib.compress(values, 9)
    yield Pair(
        name=f"read a token list, {millions}, {words}",
        ours_us=_best(lambda: StatusList.parse(token)),
        floor_us=_best(lambda: zlib.decompress(packed)),
        floor="zlib on the same bytes, once",
    )


def _memory(array: StatusArray) -> int:
    return sum(
        sys.getsizeof(getattr(array, name)) for name in ("_values", "_taken")
    ) + sys.getsizeof(array)


def _best(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the fewest microseconds of CPU time that ``work`` took."""
    taken = []
    for _ in range(rounds):
        start = time.process_time_ns()
        work()
        taken.append(time.process_time_ns() - start)
    return min(taken) / 1000
