"""The shipped kits over each implementation that comes with this library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.canonical import canonical
from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.certificates import SigningKey
from oneservice.clocks import FileClock, SystemClock, VirtualClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    Outcome,
    Submission,
    SubmissionBody,
    VerifyingKey,
    compose_submission,
    running,
)
from oneservice.engine import KeySigner
from oneservice.engine.opening import RandomIds
from oneservice.ports import Departments, SealHolder, Store
from oneservice.runtimes import LocalKeyKeeper, SqliteStore
from oneservice.sandbox import SandboxSeals, SimulatedDepartments
from oneservice.simulation.disk import Disk
from oneservice.simulation.faults import FaultPlan
from oneservice.simulation.store import DiskStore
from oneservice.simulation.tables import Tables
from oneservice.testing import (
    ClockKit,
    DepartmentsKit,
    IdsKit,
    KeyKeeperKit,
    SampleSubmission,
    SignerKit,
    StoreKit,
)

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
OFFICE = "market-regulation"


class TestSqliteStore(StoreKit):
    async def open_store(self, folder: Path) -> SqliteStore:
        return SqliteStore.open(folder / "cases.db")


class TestDiskStore(StoreKit):
    """The simulator's store, opened anew from what is on its disk; without faults."""

    survives_kills = False

    @pytest.fixture(autouse=True)
    def _disks(self) -> None:
        self.disks: dict[Path, Disk] = {}

    async def open_store(self, folder: Path) -> Store:
        disk = self.disks.setdefault(folder, Disk())
        tables = Tables()
        tables.recover(disk)
        nothing = FaultPlan(seed=0, kinds=frozenset(), until=START)
        return DiskStore(disk, tables, plan=nothing, now=lambda: START, seen=lambda _: None)

    def test_a_second_opener_is_refused_or_cannot_do_harm(self, tmp_path: Path) -> None:
        pytest.skip(f"a world opens one engine at a time ({tmp_path.name})")

    def test_what_is_closed_says_so(self, tmp_path: Path) -> None:
        pytest.skip(f"the disk stays with the world ({tmp_path.name})")


class TestSystemClock(ClockKit):
    def clock(self) -> SystemClock:
        return SystemClock()


class TestVirtualClock(ClockKit):
    def clock(self) -> VirtualClock:
        return VirtualClock(START)


class TestFileClock(ClockKit):
    @pytest.fixture(autouse=True)
    def _in(self, tmp_path: Path) -> None:
        self.path = tmp_path / "clock"

    def clock(self) -> FileClock:
        return FileClock(self.path, start=START)


class TestRandomIds(IdsKit):
    def ids(self) -> RandomIds:
        return RandomIds()


class TestKeySigner(SignerKit):
    def signer(self) -> KeySigner:
        issuer = SealHolder(
            id="https://centre.example/issuer", name={"zh": "示例", "en": "Sample"}, region="990101"
        )
        return KeySigner(issuer, SigningKey(Ed25519PrivateKey.generate()))


class TestSandboxSigner(SignerKit):
    def signer(self):
        return seals().signer()


class TestLocalKeyKeeper(KeyKeeperKit):
    @pytest.fixture(autouse=True)
    def _in(self, tmp_path: Path) -> None:
        self.path = tmp_path / "keys.json"

    def keeper(self) -> LocalKeyKeeper:
        return LocalKeyKeeper.open(self.path)


@cache
def seals() -> SandboxSeals:
    things = load_catalog([bundled_catalog_dir()]).things("990101", START.date())
    return SandboxSeals({one.thing.id: one for one in things}, region="990101")


class TestSimulatedDepartments(DepartmentsKit):
    @asynccontextmanager
    async def open_departments(self, folder: Path) -> AsyncIterator[Departments]:
        path = folder / "departments.db"
        departments = SimulatedDepartments(clock=VirtualClock(START), seals=seals(), path=path)
        yield departments
        departments.close()

    def sample(self, number: int) -> SampleSubmission:
        applicant = {"kind": "organisation", "name": "n", "code": "92990101MA99000523"}
        body = {"case_id": f"c{number}", "step_id": "food_permit", "attempt": 1}
        return SampleSubmission(
            department=OFFICE,
            id=f"c{number}.food_permit.1",
            body=canonical(body | {"applicant": applicant, "fields": {}, "materials": []}),
        )


class TestHttpDepartments(DepartmentsKit):
    """Our client over real sockets against our SDK."""

    @asynccontextmanager
    async def open_departments(self, folder: Path) -> AsyncIterator[Departments]:
        key = Ed25519EventKey.generate("office-2026a")
        clock = VirtualClock(START)
        app = AdapterApp(OFFICE, store=folder / "register.db", event_key=key, clock=clock)

        @app.step("food_permit")
        def food_permit(_submission: Submission) -> Outcome:
            return Accepted()

        trusted = VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)
        async with running(app) as url:
            way = DepartmentEndpoint(base_url=url, keys=(trusted,))
            async with HttpDepartments({OFFICE: way}, clock=clock) as departments:
                yield departments

    def sample(self, number: int) -> SampleSubmission:
        name = f"c{number}.food_permit.1"
        body = compose_submission(
            SubmissionBody(
                case_id=f"c{number}",
                step_id="food_permit",
                attempt=1,
                applicant={"kind": "organisation", "name": "Li's Noodles"},
            )
        )
        return SampleSubmission(department=OFFICE, id=name, body=body)
