"""Many certificates on all cores, against the bare primitive on as many; and an endpoint's calls.

Batches cost what all their processes use together, less what a small batch uses, so that starting
does not count; so the figures hold on a machine that has other work, too. ``facts`` say how many
came in a second by the wall clock. Threads are measured by the wall clock alone, for what they cost
is waiting.
"""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.certificates import ISSUER, NOW, sample_claims, sample_trust
from benchmarks.measuring import Pair
from oneservice.certificates import Cryptosuite, Policy, SigningKey, Verdict, issue
from oneservice.clocks import VirtualClock
from oneservice.relying import (
    CallLimits,
    CallRecords,
    Paper,
    Reliance,
    VerifierApp,
    verify_many,
)

__all__ = ["CERTIFICATES", "measure"]

CERTIFICATES: Final = 20_000
_DIFFERENT: Final = 1000
_FEW: Final = 256
_CALLS: Final = 3000
_AT_ONCE: Final = 64


def measure(certificates: int = CERTIFICATES) -> Iterator[Pair]:
    """Yield batches on one core and on all, in processes and in threads, and calls."""
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    papers = _papers(key)
    reliance = Reliance(trust=sample_trust(key), policy=Policy.standard())
    cores = os.cpu_count() or 1
    for jobs in sorted({1, cores}):
        bare = partial(_bare, jobs)
        floor = _cost(bare, certificates)
        for with_checks in (True, False):
            words = "with all checks" if with_checks else "in brief"
            batch = partial(_batch, papers, reliance, jobs=jobs, with_checks=with_checks)
            ours = _cost(batch, certificates)
            yield Pair(
                name=f"verify_many, {_counted(jobs, 'process', 'processes')}, {words}",
                ours_us=ours.cpu_us,
                floor_us=floor.cpu_us,
                floor=f"bare P-256 verification, {_counted(jobs, 'process', 'processes')}",
                facts={"wall_per_second": ours.wall_per_second, "processes": jobs},
            )
    yield Pair(
        name=f"the same work in {cores} threads",
        ours_us=_threaded_us(papers, certificates, reliance, cores),
        floor_us=1e6 / ours.wall_per_second,
        floor=f"in {cores} processes, in brief",
        clock="wall",
    )
    yield _calls(papers, reliance)


class _Cost(NamedTuple):
    cpu_us: float
    wall_per_second: int


def _cost(work: Callable[[int], None], count: int) -> _Cost:
    """Return what ``work`` costs for each of ``count``, beyond what it costs to begin."""
    few_s, few_wall_s = _used(work, _FEW)
    all_s, all_wall_s = _used(work, count)
    more = count - _FEW
    return _Cost((all_s - few_s) / more * 1e6, round(more / (all_wall_s - few_wall_s)))


def _used(work: Callable[[int], None], count: int) -> tuple[float, float]:
    """Return the CPU time of this process and its children, and the time that passed; seconds."""
    before, start = _cpu_s(), time.perf_counter()
    work(count)
    return _cpu_s() - before, time.perf_counter() - start


def _cpu_s() -> float:
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in found)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _papers(key: SigningKey) -> list[Paper]:
    method = f"{ISSUER}#{key.public_multibase}"
    made = []
    for number in range(_DIFFERENT):
        claims = replace(sample_claims(), number=f"JY{number:014}")
        signed = issue(claims, key=key, verification_method=method, created=NOW)
        made.append(Paper(str(number), signed.dump()))
    return made


def _batch(
    papers: list[Paper], reliance: Reliance, count: int, *, jobs: int, with_checks: bool
) -> None:
    many = (papers[number % _DIFFERENT] for number in range(count))
    answers = verify_many(many, reliance=reliance, at=NOW, jobs=jobs, with_checks=with_checks)
    assert sum(one.verdict is Verdict.VALID for one in answers) == count


def _threaded_us(papers: list[Paper], count: int, reliance: Reliance, threads: int) -> float:
    share = [papers[number % _DIFFERENT] for number in range(count // threads)]
    work = partial(_judge_all, share, reliance)
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        for one in [pool.submit(work) for _ in range(threads)]:
            one.result()
        return (time.perf_counter() - start) / (threads * len(share)) * 1e6


def _judge_all(papers: Iterable[Paper], reliance: Reliance) -> None:
    for one in verify_many(papers, reliance=reliance, at=NOW):
        assert one.verdict is Verdict.VALID


def _bare(jobs: int, count: int) -> None:
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        list(pool.map(_verify_bare, [count // jobs] * jobs))


def _verify_bare(count: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(hashes.SHA256())
    message = b"x" * 64
    signature, public = key.sign(message, algorithm), key.public_key()
    for _ in range(count):
        public.verify(signature, message, algorithm)


def _calls(papers: list[Paper], reliance: Reliance) -> Pair:
    """Return durable calls of the endpoint, without a socket, against judging alone."""
    with tempfile.TemporaryDirectory() as folder:
        records = CallRecords(Path(folder) / "calls.db")
        limits = CallLimits(at_once=_AT_ONCE)
        app = VerifierApp(reliance, records=records, limits=limits, clock=VirtualClock(NOW))
        cpu_s, wall_s = _used(lambda calls: asyncio.run(_called(app, papers, calls)), _CALLS)
        assert records.head().seq == _CALLS
        records.close()
    alone = _cost(partial(_batch, papers, reliance, jobs=1, with_checks=True), _CALLS)
    return Pair(
        name=f"calls of the endpoint, {_AT_ONCE} at once, each on record",
        ours_us=cpu_s / _CALLS * 1e6,
        floor_us=alone.cpu_us,
        floor="judging alone, 1 process",
        facts={"wall_per_second": round(_CALLS / wall_s)},
    )


async def _called(app: VerifierApp, papers: list[Paper], calls: int) -> None:
    rest = iter(range(calls))

    async def caller() -> None:
        for number in rest:
            await _call(app, papers[number % _DIFFERENT].data or b"")

    await asyncio.gather(*(caller() for _ in range(_AT_ONCE)))


async def _call(app: VerifierApp, body: bytes) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/verify",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    await app(scope, receive, send)
