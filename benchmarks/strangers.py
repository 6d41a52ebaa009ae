"""Whole certificates against other people's programs, on one machine in one run.

``@digitalbazaar/vc`` and ``@sd-jwt/sd-jwt-vc`` run in a process of their own, in turn with us; CPU
time of all threads is counted on both sides, and wall time is told beside it. Each does its whole
work: from the text to the verdict, with the key at hand and no network. Ours also asks the trust
list who may issue what; theirs does not know that question. A ratio of 0.2 is five times as fast.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.certificates import ISSUER, NOW, sample_claims, sample_trust
from benchmarks.measuring import Pair
from oneservice.certificates import (
    Certificate,
    Cryptosuite,
    SigningKey,
    TrustStore,
    controller_document,
    issue,
    issue_sd_jwt,
    jwk_of,
    verify,
    verify_presentation,
)

__all__ = ["measure"]

_INSTALL = Path(__file__).resolve().parents[1] / "tests" / "interop" / "install.py"
_ROUNDS, _CALLS = 7, 100
_LIBRARIES = {"vc": "@digitalbazaar/vc 7.3.0", "sdjwt": "@sd-jwt/sd-jwt-vc 0.19.0"}

Ask: TypeAlias = Callable[..., dict[str, Any]]


def measure() -> Iterator[Pair]:
    """Yield issuing and verifying, both cryptosuites; nothing where node or npm is missing."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(_INSTALL)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(f"strangers are left out: {done.stderr.strip()}\n")
        return
    with _asked(Path(done.stdout.strip())) as ask:
        for suite in (Cryptosuite.ECDSA_JCS_2019, Cryptosuite.EDDSA_JCS_2022):
            yield from _credentials(suite, ask)
        yield _sd_jwt(ask)


@contextmanager
def _asked(folder: Path) -> Iterator[Ask]:
    """Yield a way to ask other people's libraries, which live in one process of node."""
    with subprocess.Popen(
        ["node", "strangers.mjs"],  # noqa: S607 - the one that is installed
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        lines, answers = process.stdin, process.stdout

        def ask(question: str, /, **more: Any) -> dict[str, Any]:
            lines.write(json.dumps({"ask": question, **more}) + "\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            if answer.get("accepted") is False:
                msg = f"{question}: {answer['why']}"
                raise RuntimeError(msg)
            return answer

        yield ask


def _credentials(suite: Cryptosuite, ask: Ask) -> Iterator[Pair]:
    key, claims, now = SigningKey.generate(suite), sample_claims(), NOW.isoformat()
    trust, method = sample_trust(key), f"{ISSUER}#{key.public_multibase}"
    data = issue(claims, key=key, verification_method=method, created=NOW).dump()
    curve = "P-256" if suite is Cryptosuite.ECDSA_JCS_2019 else "Ed25519"
    ask("key.make", id=curve, controller=ISSUER, curve=curve)
    unsigned = {name: value for name, value in json.loads(data).items() if name != "proof"}
    documents = {ISSUER: controller_document(_only(trust))}
    yield _compared(
        f"issue {suite}",
        lambda: issue(claims, key=key, verification_method=method, created=NOW).dump(),
        ask,
        of="vc.issue",
        question={"text": json.dumps(unsigned), "key": curve, "now": now},
    )
    yield _compared(
        f"parse and verify {suite}",
        lambda: verify(Certificate.parse(data), trust=trust, at=NOW),
        ask,
        of="vc.verify",
        question={"text": data.decode(), "documents": documents, "now": now},
    )


def _only(trust: TrustStore) -> Any:
    (issuer,) = trust.issuers
    return issuer


def _sd_jwt(ask: Ask) -> Pair:
    key, numbers = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019), count()
    trust = sample_trust(key)
    text = issue_sd_jwt(
        sample_claims(),
        key=key,
        key_id=f"{ISSUER}#{key.public_multibase}",
        issued_at=NOW,
        salts=(f"benchmark-salt-{number:010}" for number in numbers),
    ).dump()
    now = int(NOW.timestamp())
    return _compared(
        "parse and verify SD-JWT, all shown",
        lambda: verify_presentation(text, trust=trust, at=NOW),
        ask,
        of="sdjwt.verify",
        question={"text": text.decode(), "jwk": jwk_of(key.public_key), "now": now},
    )


def _compared(
    name: str, ours: Callable[[], object], ask: Ask, *, of: str, question: dict[str, Any]
) -> Pair:
    """Time ours and theirs in turn; the first round warms both up and is not counted."""
    mine: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    for _ in range(_ROUNDS + 1):
        mine.append(_timed(ours))
        told = ask("bench", of=of, calls=_CALLS, question=question)
        theirs.append((told["cpu_us"], told["wall_us"]))
    ours_us, ours_wall = (statistics.median(one) for one in zip(*mine[1:], strict=True))
    their_us, their_wall = (statistics.median(one) for one in zip(*theirs[1:], strict=True))
    return Pair(
        name=name,
        ours_us=ours_us,
        floor_us=their_us,
        floor=_LIBRARIES[of.partition(".")[0]],
        facts={
            "times_as_fast": round(their_us / ours_us, 2),
            "ours_wall_us": round(ours_wall, 1),
            "theirs_wall_us": round(their_wall, 1),
        },
    )


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(_CALLS):
        work()
    spent = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    return spent[0] / _CALLS / 1000, spent[1] / _CALLS / 1000
