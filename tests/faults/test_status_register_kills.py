"""A register whose process is killed again and again: what was promised stands."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from oneservice.certificates import LifeState, Publication, StatusList
from oneservice.runtimes import StatusRegister

URI = "https://certificates.example/990101/status/1"
ENTRIES = 131_072
WORK = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from oneservice.certificates import Act, Cryptosuite, ListIssuer, Operation, SigningKey
from oneservice.runtimes import StatusRegister

async def work(path, uri, first):
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    issuer = ListIssuer(id="https://o.example", key=key, key_id="https://o.example#k")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    async with await StatusRegister.open(path, uri=uri, entries=131_072) as register:
        number = first
        while True:
            name, at = f"urn:c:{number}", start + timedelta(minutes=number)
            await register.perform(None, Act(operation=Operation.NEW, at=at, id=name), ground="-")
            print("new", name, register.entry(name).index, flush=True)
            await register.perform(name, Act(operation=Operation.REVOKE, at=at), ground="-")
            print("revoked", name, register.entry(name).index, flush=True)
            edition = await register.publish(issuer, at=at, lifetime=timedelta(1), ttl_s=60)
            print("edition", edition.number, number, flush=True)
            number += 1

asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def test_what_was_promised_before_a_kill_stands(tmp_path: Path) -> None:
    path, promised = tmp_path / "status.db", list[list[str]]()
    for life in range(5):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, str(path), URI, str(life * 1000)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert worker.stdout is not None
        for _ in range(7 + life):  # killed after another kind of promise each time
            promised.append(worker.stdout.readline().split())
        worker.send_signal(signal.SIGKILL)
        promised += [line.split() for line in worker.stdout if line.endswith("\n")]
        worker.wait()
        worker.stdout.close()
        asyncio.run(_reopened(path, promised))


async def _reopened(path: Path, promised: list[list[str]]) -> None:
    async with await StatusRegister.open(path, uri=URI, entries=ENTRIES) as register:
        _check(register, promised)


def _check(register: StatusRegister, promised: list[list[str]]) -> None:
    """Whatever was said to be done is done; nothing is done by halves."""
    revoked = {words[1] for words in promised if words[0] == "revoked"}
    editions = [words for words in promised if words[0] == "edition"]
    for words in promised:
        if words[0] != "new":
            continue
        record = register.record(words[1])
        assert record is not None
        assert register.entry(words[1]).index == int(words[2])
        if words[1] in revoked:
            assert record.state is LifeState.REVOKED
    newest = register.edition()
    assert newest is not None
    assert newest.number >= int(editions[-1][1])
    lists = [StatusList.parse(document) for document in newest.documents.values()]
    assert {one.issued_at for one in lists} == {newest.issued_at}
    assert newest.documents.keys() == set(Publication)
    assert newest.issued_at > datetime(2026, 1, 1, tzinfo=UTC)
