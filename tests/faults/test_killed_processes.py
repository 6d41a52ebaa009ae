"""Engine and departments as real processes, killed with ``kill -9`` at random, seeded moments."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import oneservice_adapters as offices
from oneservice.case import fold_records
from oneservice.certificates import (
    BUNDLE_TYPE,
    Cryptosuite,
    Entitlement,
    ListedKey,
    PublishedStatus,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    examine_bundle,
)
from oneservice.clocks import FileClock
from oneservice.runtimes import SqliteStore

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260928
KILLS = 50
REGION = "990101"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NEEDED = ("city-management", "drainage", "health", "market-regulation")
PACE_S_PER_DAY = 0.5
KEYS = ("a", "b", "c")
PATIENCE_S = 480


def test_fifty_kills_and_every_case_ends_as_if_there_were_none(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    world = World(tmp_path, [free_port() for _ in NEEDED])
    chance = random.Random(SEED)
    kills: Counter[str] = Counter()
    give_up = time.monotonic() + PATIENCE_S
    round_ = 0
    with world:
        while kills.total() < KILLS:
            round_ += 1
            keys = [f"{key}{round_}" for key in KEYS]
            world.start_engine(keys)
            while not world.has_ended(keys):
                assert time.monotonic() < give_up, f"stuck after {kills}: {world.engine_log()}"
                if kills.total() < KILLS:
                    # The moment is random on purpose; nothing below depends on where it falls.
                    time.sleep(chance.uniform(0.0, 0.9))
                    victim = chance.choice(["engine", "engine", *NEEDED])
                    world.kill(victim, keys)
                    kills[victim] += 1
                else:
                    time.sleep(0.05)
            world.verify(keys)
    assert kills["engine"] > 0
    assert all(kills[name] > 0 for name in NEEDED), kills
    world.everything_was_filed_once()


class World:
    """Four offices on fixed ports, one engine, one clock; each can be killed and started again."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self.folder = folder
        self.ports = dict(zip(NEEDED, ports, strict=True))
        self.offices: dict[str, offices.OfficeProcess] = {}
        self.engine: subprocess.Popen[bytes] | None = None
        self.seal = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        self.issuer = f"https://centre.{REGION}.example/issuer"

    def __enter__(self) -> None:
        FileClock(self.folder / "clock", start=START)
        (self.folder / "seal-key.pem").write_bytes(self.seal.to_pem(None))
        (self.folder / "trust-list.json").write_bytes(self._trust().dump())
        for name in NEEDED:
            self._start_office(name)
        for office in self.offices.values():
            assert office.url

    def __exit__(self, *_: object) -> None:
        if self.engine is not None:
            self.engine.kill()
            self.engine.wait()
        for office in self.offices.values():
            office.kill()

    def start_engine(self, keys: list[str]) -> None:
        settings = self.folder / "settings.json"
        settings.write_text(
            json.dumps(
                {
                    "folder": str(self.folder),
                    "region": REGION,
                    "urls": {
                        name: f"http://127.0.0.1:{port}/oneservice/v1"
                        for name, port in self.ports.items()
                    },
                    "seal": {
                        "id": self.issuer,
                        "name": {"zh": "示例", "en": "sample"},
                        "region": REGION,
                    },
                    "answers": str(ROOT / "examples" / "noodle-shop.yaml"),
                    "pace_s_per_day": PACE_S_PER_DAY,
                    "keys": keys,
                }
            )
        )
        with (self.folder / "engine.log").open("ab") as log:
            self.engine = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("engine_process.py")), str(settings)],
                stdout=log,
                stderr=log,
            )

    def kill(self, victim: str, keys: list[str]) -> None:
        if victim == "engine":
            assert self.engine is not None
            self.engine.send_signal(signal.SIGKILL)
            code = self.engine.wait()
            assert code in (0, -signal.SIGKILL), self.engine_log()
            self.start_engine(keys)
        else:
            os.kill(self.offices[victim].pid, signal.SIGKILL)
            self.offices[victim].kill()  # reaps it
            self._start_office(victim)

    def has_ended(self, keys: list[str]) -> bool:
        if self.engine is not None and self.engine.poll() not in (None, 0):
            raise AssertionError(self.engine_log())
        return all((self.folder / f"{key}.json").exists() for key in keys)

    def engine_log(self) -> str:
        return (self.folder / "engine.log").read_text()[-2000:]

    def verify(self, keys: list[str]) -> None:
        """Every case concluded, and its bundle verifies; the journal is whole."""
        assert self.engine is not None
        assert self.engine.wait(120) == 0, self.engine_log()
        trust = TrustStore.parse((self.folder / "trust-list.json").read_bytes())
        now = FileClock(self.folder / "clock").now()
        lists = [one.read_bytes() for one in self.folder.rglob("status/[0-9]*/token.jwt")]
        status = PublishedStatus.of(lists, trust=trust)
        for key in keys:
            result = json.loads((self.folder / f"{key}.json").read_text())
            assert result["status"] == "concluded"
            data = (self.folder / f"{key}.bundle.json").read_bytes()
            report = examine_bundle(data, trust=trust, at=now, status=status)
            assert report.verdict == "valid", report.as_json()
        asyncio.run(self._every_journal_is_whole())

    async def _every_journal_is_whole(self) -> None:
        store = SqliteStore.open(self.folder / "cases.db")
        for stored in await store.cases():
            case, _, _ = fold_records(stored.case_id, await store.records(stored.case_id))
            assert case.status == "concluded"
        await store.close()

    def everything_was_filed_once(self) -> None:
        """One submission and one ``received`` per step and case, at every office."""
        with sqlite3.connect(self.folder / "cases.db") as database:
            cases = {row[0] for row in database.execute("SELECT case_id FROM cases")}
        filed: Counter[str] = Counter()
        for name in NEEDED:
            for register in (self.folder / name).glob("*.db"):
                with sqlite3.connect(register) as database:
                    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
                    if "events" not in tables:
                        continue
                    for submission_id, event in database.execute(
                        "SELECT submission_id, event FROM events"
                    ):
                        if json.loads(event)["type"] == "received":
                            filed[submission_id] += 1
        assert set(filed.values()) == {1}
        assert {name.split(".")[0] for name in filed} == cases
        assert all(name.endswith(".1") for name in filed), "no step needed a second attempt"
        assert len(filed) == 7 * len(cases)

    def _start_office(self, name: str) -> None:
        self.offices[name] = offices.start_process(
            name,
            self.folder / name,
            port=self.ports[name],
            region=REGION,
            clock=self.folder / "clock",
        )

    def _trust(self) -> TrustStore:
        cards = [offices.prepare_office(self.folder / name, name, REGION) for name in NEEDED]
        lead = TrustedIssuer(
            id=self.issuer,
            name={"zh": "示例", "en": "sample"},
            region=REGION,
            keys=(
                ListedKey.for_certificates(
                    self.issuer, self.seal.public_multibase, valid_from=SINCE
                ),
            ),
            entitlements=(Entitlement(type=BUNDLE_TYPE, region=REGION, valid_from=SINCE),),
        )
        unsigned = TrustStore(
            territory=REGION,
            version=1,
            issued_at=SINCE,
            expires_at=datetime(2040, 1, 1, tzinfo=UTC),
            issuers=(lead, *(card.trusted_issuer(since=SINCE) for card in cards)),
        )
        key = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
        return unsigned.signed(key=key, signer_id="https://list.example", created=SINCE)
