"""The world of the demonstration: a folder with offices, keys, a clock, and their servers.

Everything is made once and found again by the next run, so that a demonstration that was killed
goes on where it was. The trust list is made out of band, from what the offices wrote into their
own folders; nothing that a server says about itself is trusted.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import oneservice_adapters as offices

from oneservice.catalog import AnswersFile, bundled_catalog_dir, load_catalog
from oneservice.certificates import (
    BUNDLE_TYPE,
    Cryptosuite,
    Entitlement,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    controller_document,
    decode_multikey,
)
from oneservice.clocks import FileClock
from oneservice.departments import DepartmentEndpoint, HttpDepartments, VerifyingKey
from oneservice.engine import Engine, KeySigner
from oneservice.errors import FileUnusableError
from oneservice.ports import SealHolder

__all__ = ["DemoFolder", "demo_engine", "opened_folder"]

FIRST_MORNING: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
"""Monday, 28 September 2026, 09:00 in Beijing: the day of the worked scenarios."""
_KEYS_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FEED_EVERY: Final = timedelta(hours=2)
_LEAD: Final = "government-service-centre"
_LEAD_NAME: Final = {"zh": "示例一区政务服务中心", "en": "Government Service Centre"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolder:
    """Where one demonstration lives."""

    path: Path

    def office(self, department: str) -> Path:
        """Return the folder of an office: its register and its keys."""
        return self.path / "offices" / department

    @property
    def clock(self) -> Path:
        """The file that holds the virtual instant."""
        return self.path / "clock"

    @property
    def database(self) -> Path:
        """The engine's file."""
        return self.path / "cases.db"

    @property
    def trust_list(self) -> Path:
        """The signed trust list of the region."""
        return self.path / "trust-list.json"

    def write(self, name: str, content: bytes) -> Path:
        """Write a file whole or not at all, and return its path.

        Raises:
            FileUnusableError: the disk is full, or the folder may not be written.
        """
        path = self.path / name
        temporary = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            msg = f"{path} cannot be written ({error.strerror}); free space or choose another --dir"
            raise FileUnusableError(msg) from error
        return path


def opened_folder(path: Path | None) -> DemoFolder:
    """Return the folder at ``path``, made where it is missing; a fresh one for ``None``.

    Raises:
        FileUnusableError: it cannot be made.
    """
    try:
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="oneservice-demo-", dir=Path.cwd()))
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{path or Path.cwd()}: the folder cannot be made ({error.strerror}); give --dir"
        raise FileUnusableError(msg) from error
    return DemoFolder(path=path)


@asynccontextmanager
async def demo_engine(
    folder: DemoFolder, answers: AnswersFile, *, pace_s_per_day: float
) -> AsyncIterator[Engine]:
    """Start the offices on loopback and open the engine over them.

    Args:
        folder: of this demonstration.
        answers: for the region.
        pace_s_per_day: real seconds that a virtual day takes.
    """
    clock = FileClock(folder.clock, start=FIRST_MORNING, pace_s_per_day=pace_s_per_day)
    cards = {
        name: offices.prepare_office(folder.office(name), name, answers.region)
        for name in offices.DEPARTMENTS
    }
    seal = _lead_seal(folder, answers.region)
    trust = _trust_list(folder, cards, seal, answers.region)
    with _running_offices(folder, answers.region) as addresses:
        endpoints = {
            name: DepartmentEndpoint(
                base_url=addresses[name],
                keys=_event_keys(trust, name),
                per_minute=100_000,  # a virtual minute holds many more calls than a real one
            )
            for name in addresses
        }
        async with (
            HttpDepartments(endpoints, clock=clock) as departments,
            Engine.embedded(
                folder.database,
                region=answers.region,
                departments=departments,
                signer=seal,
                catalog=load_catalog([bundled_catalog_dir()]),
                trust=trust,
                clock=clock,
                feed_every=_FEED_EVERY,
            ) as engine,
        ):
            yield engine


@contextmanager
def _running_offices(folder: DemoFolder, region: str) -> Iterator[Mapping[str, str]]:
    """Run every office as a process of its own; they end with this one, however it ends."""
    with contextlib.ExitStack() as stack:
        started = {
            name: stack.enter_context(
                offices.start_process(name, folder.office(name), region=region, clock=folder.clock)
            )
            for name in offices.DEPARTMENTS
        }
        yield {name: process.url for name, process in started.items()}


def _lead_seal(folder: DemoFolder, region: str) -> KeySigner:
    path = folder.office(_LEAD) / "seal-key.pem"
    if not path.exists():
        key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        path.parent.mkdir(parents=True, exist_ok=True)
        folder.write(str(path.relative_to(folder.path)), key.to_pem(None))
        os.chmod(path, 0o600)  # noqa: PTH101
    issuer = SealHolder(
        id=f"https://{_LEAD}.{region}.example/issuer",
        name=_LEAD_NAME,
        region=region,
        is_sandbox=True,
    )
    return KeySigner(issuer, SigningKey.from_pem(path.read_bytes()))
