"""A region that is killed again and again loses no application of another, and doubles none."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical, digest_bytes
from oneservice.clocks import SystemClock
from oneservice.departments import (
    REQUEST_TAG,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    MessageSigner,
    VerifyingKey,
)
from oneservice.errors import DepartmentError
from oneservice.ports import StatusPage

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("federation_process.py")
OFFICE = "region-980200"
APPLICATIONS = 4
KILLS = 6
PATIENCE_S = 90
PLAIN = ["received", "accepted", "granted"]
MENDED = ["received", "correction_requested", "correction_received", "accepted", "granted"]


@dataclass
class Neighbour:
    """The other region: it repeats the same bytes until it has an answer, as an engine does."""

    folder: Path
    port: int
    key: Ed25519EventKey = field(default_factory=lambda: Ed25519EventKey.generate("neighbour"))
    process: asyncio.subprocess.Process | None = None
    told: dict[str, StatusPage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = (self.folder / "stderr.log").open("ab")

    async def start(self) -> None:
        public = self.key.public_key.hex()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            SCRIPT,
            self.folder,
            str(self.port),
            public,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'adapters'}", "PATH": ""},
        )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        assert line.startswith(b"http"), (self.folder / "stderr.log").read_text()[-2000:]

    async def kill(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.kill()
        await self.process.wait()

    def way(self) -> DepartmentEndpoint:
        pem = (self.folder / "counter.pem").read_bytes()
        theirs = Ed25519EventKey.from_pem(pem, keyid="counter")
        return DepartmentEndpoint(
            base_url=f"http://127.0.0.1:{self.port}/oneservice/v1",
            keys=(VerifyingKey(keyid=theirs.keyid, alg=theirs.alg, public_key=theirs.public_key),),
            per_minute=100_000,
            signer=MessageSigner(key=self.key, tag=REQUEST_TAG),
        )

    async def push(self, number: int) -> None:
        """Bring one application as far as it goes now."""
        name, sent = f"c{number}.birth_registration.1", canonical(application(number))
        async with HttpDepartments({OFFICE: self.way()}, clock=SystemClock()) as departments:
            known = self.told.get(name)
            read = None if known is None else await departments.read(OFFICE, name, after=0)
            if read is None:
                assert known is None, f"{name} was known, and is lost"
                read = await departments.submit(OFFICE, name, sent)
            if known is not None:
                before = [one.digest for one in known.events]
                assert [one.digest for one in read.events][: len(before)] == before
            self.told[name] = read
            if read.state == "correction_requested":
                digest = f"m{number}".encode()
                await departments.put_document(OFFICE, digest, "text/plain")
                await departments.supplement(OFFICE, name, f"{name}.s1", answer(number, read))


def application(number: int) -> dict[str, Any]:
    mark = "补" if number % 2 else "禾"
    return {
        "case_id": f"c{number}",
        "step_id": "birth_registration",
        "attempt": 1,
        "region": "980201",
        "applicant": {"kind": "person", "name": "何静", "code": "97030119940312004X"},
        "fields": {
            "child_name": f"陆小{mark}",
            "child_sex": "female",
            "born_on": "2026-09-21",
            "ethnic_group": "汉族",
            "born_in": "970301",
            "mother_name": "何静",
            "mother_id_no": "97030119940312004X",
            "phone": "13800000031",
            "follows": "father",
            "home_region": "980201",
            "home_address": "样城市一区海港路18号",
            "householder_name": "陆舟",
            "relation_to_householder": "child",
        },
        "materials": [],
        "consents": [{"id": "k1", "scope": "newborn"}],
    }


def answer(number: int, read: StatusPage) -> bytes:
    content = f"m{number}".encode()
    return canonical(
        {
            "correction_id": read.events[-1].data["correction_id"],
            "fields": {},
            "materials": [
                {
                    "material": "m_marriage",
                    "documents": [
                        {
                            "digest": digest_bytes(content),
                            "media_type": "text/plain",
                            "bytes": len(content),
                        }
                    ],
                }
            ],
        }
    )


@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_lost_and_nothing_doubled(
    tmp_path: Path, free_port: Callable[[], int], seed: int
) -> None:
    chance = random.Random(seed)
    neighbour = Neighbour(tmp_path, free_port())
    await neighbour.start()
    try:
        for _ in range(KILLS):
            await asyncio.gather(
                kill_within(neighbour, chance.uniform(0.05, 1.2)),
                *(attempts(neighbour, number) for number in range(APPLICATIONS)),
            )
            await neighbour.start()
        async with asyncio.timeout(PATIENCE_S):
            while not all(
                (known := neighbour.told.get(f"c{number}.birth_registration.1"))
                and known.state == "granted"
                for number in range(APPLICATIONS)
            ):
                for number in range(APPLICATIONS):
                    await neighbour.push(number)
                await asyncio.sleep(0.1)
    finally:
        await neighbour.kill()
        neighbour.log.close()
    for number in range(APPLICATIONS):
        events = neighbour.told[f"c{number}.birth_registration.1"].events
        assert [one.type for one in events] == (MENDED if number % 2 else PLAIN)
    assert rows(tmp_path / "police.db", "submissions") == APPLICATIONS
    assert rows(tmp_path / "cases.db", "cases") == APPLICATIONS


async def kill_within(neighbour: Neighbour, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await neighbour.kill()


async def attempts(neighbour: Neighbour, number: int) -> None:
    """Push until nobody answers any more."""
    while True:
        try:
            await neighbour.push(number)
        except DepartmentError:
            return
        await asyncio.sleep(0.02)


def rows(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of ours
        return int(found.fetchone()[0])
