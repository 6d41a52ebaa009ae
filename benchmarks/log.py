"""Transparency logs against bare ``hashlib``: appending, checking, and proofs out of a large log.

Appending is measured to the end: places, tiles, every flush, the signed head. The floor hashes the
same leaves and the same number of nodes and writes nothing.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Pair, compared
from oneservice.canonical import digest_bytes
from oneservice.tlog import TileLog, fresh_salt
from oneservice.transparency import Entry, EntryKind, LogProof, NoteSigner, leaf_hash

__all__ = ["LEAVES", "measure"]

LEAVES: Final = 1_000_000
"""``--leaves 10000000`` is the log that the aims speak of: some minutes, and 2 GB of disk."""
_BATCH: Final = 10_000
_PROOFS: Final = 400
_ROUNDS: Final = 7
_APPEND_AIM: Final = 100_000
_CHECK_AIM: Final = 25_000
_PROOF_AIM_MS: Final = 1.0


def measure(leaves: int = LEAVES) -> Iterator[Pair]:
    """Yield appending to a log, checking proofs of it, and making them."""
    with tempfile.TemporaryDirectory(prefix="oneservice-log-") as folder:
        signer = NoteSigner.generate("benchmark.example/log")
        with TileLog.create(Path(folder) / "log", signer) as log:
            entries = _entries()
            yield _appended(log, entries, leaves)
            yield from _checked(log, entries)
            yield _proven(log, entries)


def _entries() -> list[bytes]:
    salt = fresh_salt()
    return [
        Entry(kind=EntryKind.CERTIFICATE, digest=digest_bytes(b"%d" % one), salt=salt).encode()
        for one in range(_BATCH)
    ]


def _appended(log: TileLog, entries: list[bytes], leaves: int) -> Pair:
    """Time the whole log, batch after batch, and the floor beside each batch."""
    mine = theirs = cpu = 0.0
    left = leaves
    while left:
        some = entries[:left]
        began = time.process_time()
        mine += _seconds(partial(log.append, some))
        cpu += time.process_time() - began
        theirs += _seconds(partial(_bare, some))
        left -= len(some)
    began = time.process_time()
    mine += _seconds(lambda: log.publish(log.sign().note.dump()))
    cpu += time.process_time() - began
    per_second = leaves / mine
    return Pair(
        name=f"append {leaves:,} entries, published {_aim(per_second >= _APPEND_AIM)}",
        ours_us=mine / leaves * 1e6,
        floor_us=theirs / leaves * 1e6,
        floor="the same hashes, nothing written",
        clock="wall",
        facts={
            "leaves": leaves,
            "batch": _BATCH,
            "entry_bytes": len(entries[0]),
            "cpu_us": round(cpu / leaves * 1e6, 2),
            "aim_per_second": _APPEND_AIM,
            "is_aim_met": per_second >= _APPEND_AIM,
        },
    )


def _bare(entries: list[bytes]) -> None:
    row = [sha256(b"\0" + one).digest() for one in entries]
    for left, right in pairwise(row):
        sha256(b"\1" + left + right).digest()


def _checked(log: TileLog, entries: list[bytes]) -> Iterator[Pair]:
    chance = random.Random(1)  # noqa: S311 - which proofs, the same in every run
    places = [chance.randrange(log.size) for _ in range(_PROOFS)]
    proofs = [(log.prove(one), entries[one % _BATCH]) for one in places]
    texts = [(proof.dump(), entry) for proof, entry in proofs]
    depth = round(statistics.mean(len(proof.hashes) for proof, _ in proofs))

    def floor() -> None:
        root = sha256(b"\0" + entries[0]).digest()
        for _ in range(depth):
            root = sha256(b"\1" + root + root).digest()

    def judge(work: Callable[[Any, bytes], object], pairs: list[Any]) -> Callable[[], object]:
        turn = iter(range(10**12))

        def one() -> object:
            proof, entry = pairs[next(turn) % len(pairs)]
            return work(proof, entry)

        return one

    key = log.signer.key
    bare = judge(lambda proof, entry: proof.check(entry, log=key), proofs)
    whole = judge(lambda text, entry: LogProof.parse(text).check(entry, log=key), texts)
    for name, work in (("check a proof", bare), ("parse and check a proof", whole)):
        found = compared(
            name, work, floor, floor_name=f"its {depth + 1} hashes", calls=1000, rounds=_ROUNDS
        )
        is_met = found.ours_us <= 1e6 / _CHECK_AIM
        facts = {"aim_per_second": _CHECK_AIM, "is_aim_met": is_met, "heads": "one, remembered"}
        yield Pair(
            name=f"{name} {_aim(is_met)}",
            ours_us=found.ours_us,
            floor_us=found.floor_us,
            floor=found.floor,
            facts=facts,
        )


def _proven(log: TileLog, entries: list[bytes]) -> Pair:
    """Time proofs of random entries; nothing of their neighbourhood is in memory beforehand."""
    chance = random.Random(2)  # noqa: S311 - as above
    took: list[float] = []
    for _ in range(_PROOFS):
        index = chance.randrange(log.size)
        log.folder.forget()
        took.append(_seconds(partial(log.prove, index)))
        log.prove(index).check(entries[index % _BATCH], log=log.signer.key)
    median = statistics.median(took)
    worst = sorted(took)[int(len(took) * 0.99)]
    is_met = median * 1000 < _PROOF_AIM_MS
    return Pair(
        name=f"prove one of {log.size:,} {_aim(is_met)}",
        ours_us=median * 1e6,
        floor_us=_hash_us(entries[0]),
        floor="one hash of a leaf",
        clock="wall",
        facts={
            "leaves": log.size,
            "p99_us": round(worst * 1e6, 1),
            "aim_ms": _PROOF_AIM_MS,
            "is_aim_met": is_met,
        },
    )


def _hash_us(entry: bytes) -> float:
    count = 10_000
    return _seconds(lambda: [leaf_hash(entry) for _ in range(count)]) / count * 1e6


def _aim(is_met: bool) -> str:  # noqa: FBT001 - one word for a figure
    return "holds" if is_met else "MISSED"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
