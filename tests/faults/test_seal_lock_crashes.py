"""The lock under kill -9, and several processes at one book."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest
from oneservice.certificates import (
    Cryptosuite,
    SealReceipt,
    SigningKey,
    VerifyingKey,
    check_proof,
    examine_book,
    read_book,
)
from oneservice.tlog import FolderView, LogFolder, TileLog, entries_from
from oneservice.transparency import Entry, EntryKind, LoggedEntry, LogProof, NoteSigner

_OFFICE = """
import asyncio, json, os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path

from oneservice.certificates import Claims, SealPolicy, SigningKey, claims_document
from oneservice.clocks import VirtualClock
from oneservice.errors import SealRefusedError
from oneservice.ports import SealHolder
from oneservice.seals import SafetyLock, SealBook
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import NoteSigner

folder, fate, first, last, count = Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:])
AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
issuer = SealHolder(id="https://county.example/issuer", name={"en": "County"}, region="990101")
inner = SigningKey.from_pem((folder / "key.pem").read_bytes())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Key:
    suite, curve, public_multibase = inner.suite, inner.curve, inner.public_multibase

    def sign(self, data):
        if fate == "before signing":
            die()
        signature = inner.sign(data)
        if fate == "after signing":
            die()
        return signature


class Index(EntryLog):
    # A log and its index, with a place to die on each side of either.
    is_open = False  # what a kill before it left is taken in first


    async def _note(self, rows):
        if self.is_open and fate == "appended, not indexed":
            die()
        await super()._note(rows)
        if self.is_open and fate == "indexed, no head signed":
            die()

    async def enter(self, entries):
        if fate == "before logging":
            die()
        found = await super().enter(entries)
        if fate == "logged, not in the book":
            die()
        return found


class Book(SealBook):
    def finish(self, *args, **more):
        found = super().finish(*args, **more)
        if fate == "after writing":
            die()
        return found


book = Book(folder / "seal.db", seal_id="https://county.example/seals/permits")
book.enact(
    SealPolicy(
        seal_id=book.seal_id,
        name={"en": "Permits"},
        key_id=f"{issuer.id}#{inner.public_multibase}",
        types=("food_permit",),
        regions=("990101",),
        requesters=("county:registrar",),
        daily_count=count,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    ),
    at=AT,
)


def tiles():
    signer = NoteSigner.from_pem((folder / "log.pem").read_bytes(), name="990101.example/log")
    return TileLog(folder / "log", signer)


async def main() -> None:
    if not (folder / "log").exists():
        await seal(None)
        return
    async with LogKeeper(tiles()) as keeper, Index(keeper) as log:
        log.is_open = True
        await seal(log)


async def seal(log) -> None:
    lock = SafetyLock(issuer=issuer, key=Key(), book=book, clock=VirtualClock(AT), log=log)
    if fate == "live":
        await lock.log_rest()
    for number in range(first, last):
        document = claims_document(
            Claims(
                id=f"urn:example:{number}",
                type="food_permit",
                title={"en": "Sample"},
                issuer_id=issuer.id,
                issuer_name={"en": "County"},
                issuer_region="990101",
                holder_name="Sample",
                holder_code="92990101MA99000523",
                valid_from=date(2026, 9, 28),
            )
        )
        try:
            sealed = await lock.seal(
                document, lock.request(document, requester="county:registrar")
            )
        except SealRefusedError as error:
            print(json.dumps([number, error.reason]), flush=True)
        else:
            words = [number, dict(sealed.document), sealed.receipt.as_json()]
            print(json.dumps(words, ensure_ascii=False), flush=True)


asyncio.run(main())
"""


class _Office:
    """Processes that seal, each with the same folder."""

    def __init__(self, folder: Path, suite: Cryptosuite) -> None:
        self.folder = folder
        self.key = SigningKey.generate(suite)
        (folder / "key.pem").write_bytes(self.key.to_pem(None))
        (folder / "office.py").write_text(_OFFICE, encoding="utf-8")

    def start(self, fate: str, first: int, last: int, count: int = 10_000) -> Any:
        words = [sys.executable, self.folder / "office.py", self.folder, fate, first, last, count]
        paths = os.pathsep.join(filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH"))))
        return subprocess.Popen(
            list(map(str, words)),
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )

    def run(self, fate: str, first: int = 0, last: int = 1, count: int = 10_000) -> list[Any]:
        return self.told(self.start(fate, first, last, count))

    def told(self, process: Any, heard: bytes = b"") -> list[Any]:
        with process.stdout as rest:  # `communicate` would lose what `readline` took in before
            out = rest.read()
        process.wait(timeout=120)
        lines = (heard + out).split(b"\n")[:-1]  # a line that the kill cut off was never told
        return [json.loads(line) for line in lines]

    def report(self) -> Any:
        from oneservice.seals import SealBook  # noqa: PLC0415

        with SealBook(
            self.folder / "seal.db", seal_id="https://county.example/seals/permits"
        ) as book:
            return examine_book(read_book(book.dump()))

    def entries(self) -> list[LoggedEntry]:
        """What stands in the log."""
        log = TileLog(self.folder / "log", self.signer)
        with log:
            log.publish(log.sign().note.dump())

        async def read() -> list[LoggedEntry]:
            view = FolderView(LogFolder(self.folder / "log"))
            pages = entries_from(view, 0, log.size, size=log.size)
            return [LoggedEntry.parse(one) async for _, some in pages for one in some]

        return asyncio.run(read())

    def keep_a_log(self) -> None:
        """Begin a log beside the book."""
        self.signer = NoteSigner.generate("990101.example/log")
        (self.folder / "log.pem").write_bytes(self.signer.to_pem(None))
        TileLog.create(self.folder / "log", self.signer).close()


@pytest.fixture
def office(tmp_path: Path) -> _Office:
    return _Office(tmp_path, Cryptosuite.ECDSA_JCS_2019)


@pytest.mark.parametrize("fate", ["before signing", "after signing", "after writing"])
def test_killed_at_each_point_the_same_use_goes_on(fate: str, office: _Office) -> None:
    assert office.run(fate, count=1) == []
    report = office.report()
    assert report.findings == ()
    assert len(report.unused) == (0 if fate == "after writing" else 1)
    ((_, document, receipt),) = office.run("live", count=1)
    check_proof(document, VerifyingKey.from_multibase(office.key.public_multibase))
    assert SealReceipt.of(receipt).at.isoformat() == "2026-09-28T01:00:00+00:00"
    assert office.run("live", count=1) == [[0, document, receipt]]
    assert office.run("live", 1, 2, count=1) == [[1, "daily_count_used"]]
    assert (office.report().sealed, office.report().unused) == (1, ())


LOGGING = (
    "before logging",
    "appended, not indexed",
    "indexed, no head signed",
    "logged, not in the book",
    "before signing",
    "after writing",
)


def test_killed_between_log_and_book_a_use_has_one_place_in_the_log(office: _Office) -> None:
    office.keep_a_log()
    for number, fate in enumerate(LOGGING):
        assert office.run(fate, number, number + 1) == [], fate
    last = len(LOGGING)
    told = office.run("live", 0, last)
    assert office.run("live", 0, last) == told
    expected = []
    for index, (_, _, stated) in enumerate(told):
        receipt = SealReceipt.of(stated)
        salt, text = receipt.log_salt or "", receipt.log_proof or ""
        entry = Entry(kind=EntryKind.SEAL_USE, digest=receipt.record.digest, salt=salt)
        shown = LogProof.parse(text.encode()).check(entry.encode(), log=office.signer.key)
        assert shown.index in range(last), LOGGING[index]
        expected.append(entry.commitment)
    assert sorted(one.commitment for one in office.entries()) == sorted(expected)


def test_killed_between_log_and_book_a_refusal_has_one_place_in_the_log(office: _Office) -> None:
    office.run("live", count=1)  # before there was a log: it is told of this use later
    office.keep_a_log()
    for number, fate in enumerate(LOGGING[:4], start=1):
        assert office.run(fate, number, number + 1, count=1) == [], fate
    assert office.report().refused == {"daily_count_used": 4}
    assert office.run("live", 0, 0, count=1) == []  # logs what the book alone has
    assert sorted(one.kind for one in office.entries()) == ["seal-refusal"] * 4 + ["seal-use"]


def test_killed_at_any_moment_nothing_is_doubled_or_lost(office: _Office) -> None:
    """Whatever somebody was given before the kill is what everybody is given after it."""
    chance = random.Random(20261122)
    told: dict[int, Any] = {}
    for _ in range(4):
        process = office.start("live", 0, 120)
        heard = b"".join(
            process.stdout.readline() for _ in range(chance.randrange(len(told) // 2, 115))
        )
        process.send_signal(signal.SIGKILL)
        for number, *words in office.told(process, heard):
            assert told.setdefault(number, words) == words
    report = office.report()
    assert report.findings == ()
    assert len(report.unused) <= 1
    again = office.run("live", 0, 120)
    assert len(again) == 120
    for number, *words in again:
        assert told.get(number, words) == words
    assert (office.report().sealed, office.report().unused) == (120, ())


def test_processes_share_one_count(office: _Office) -> None:
    office.run("live", 1000, 1001, count=31)  # makes the book
    running = [office.start("live", 0, 40, 31) for _ in range(3)]
    found = [office.told(process) for process in running]
    sealed = {}
    for number, *words in [line for lines in found for line in lines]:
        if isinstance(words[0], dict):
            assert sealed.setdefault(number, digest(words)) == digest(words)
        else:
            assert words == ["daily_count_used"]
    assert len(sealed) == 30
    report = office.report()
    assert (report.sealed, report.unused, report.findings) == (31, (), ())
