"""Those who vouch in the demonstration: a log, two witnesses of their own, a seal under rules.

The log is the region's, and lies in the folder as tiles that any web server could hand out. An
audit office and a neighbouring region watch it, each as a process with a memory and a key of its
own. The seal of the office that hands out lies behind a lock: each use stands in its book, and in
the log, before the key signs.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import oneservice_adapters as offices
from oneservice.certificates import (
    BUNDLE_TYPE,
    ListedLog,
    ListedSeal,
    ListedWitness,
    SealPolicy,
    SigningKey,
)
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.reading import read_file
from oneservice.clocks import FileClock
from oneservice.departments import FetchedLists, GuardedWeb
from oneservice.engine import Vouchers
from oneservice.errors import FileUnusableError
from oneservice.ports import SealHolder
from oneservice.seals import LockedSigner, SafetyLock, SealBook
from oneservice.tlog import EntryLog, LogKeeper, TileLog, editions_below, prove_lists
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteSigner,
    SignatureType,
    WitnessGroup,
    WitnessPolicy,
)
from oneservice.workdays import announced_calendar

__all__ = [
    "Keys",
    "Seal",
    "VouchingParts",
    "keys_of",
    "running_witnesses",
    "vouching",
    "written_policy",
]

_MAX_PEM_BYTES: Final = 65_536
_GOING_HOME_S: Final = 15.0
_REQUESTER: Final = "service-centre:desk"
_NEIGHBOUR: Final = "990201"
_ROLES: Final = {"audit-office": "audit-office", "neighbour-region": "region"}
"""Who watches, and in which role the trust list names it."""
_POLICY: Final = """\
format: oneservice-policy/1
name: demo
require:
  - standard
  - logged
  - witnessed: {at_least: 2}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of the log and of its witnesses; in life each is in another house."""

    log: NoteSigner
    witnesses: Mapping[str, NoteSigner]

    def listed_log(self, since: datetime) -> ListedLog:
        """Return the log as the trust list names it."""
        key = self.log.key
        return ListedLog(origin=key.name, vkey=key.vkey, valid_from=since)

    def listed_witnesses(self, region: str, since: datetime) -> tuple[ListedWitness, ...]:
        """Return the witnesses as the trust list names them."""
        regions = {"audit-office": region, "neighbour-region": _NEIGHBOUR}
        return tuple(
            ListedWitness(
                name=one.key.name,
                vkey=one.key.vkey,
                role=_ROLES[name],
                region=regions[name],
                valid_from=since,
            )
            for name, one in self.witnesses.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The seal of the office that hands out: holder, key, and the rules of its use."""

    holder: SealHolder
    key: SigningKey
    policy: SealPolicy
    book: Path

    @classmethod
    def of(cls, holder: SealHolder, key: SigningKey, book: Path, *, since: datetime) -> Seal:
        """Return the seal under the rules of the demonstration: bundles of its region alone."""
        policy = SealPolicy.of(
            {
                "format": "oneservice-seal-policy/1",
                "seal_id": f"{holder.id.removesuffix('/issuer')}/seals/results",
                "name": dict(holder.name),
                "key_id": f"{holder.id}#{key.public_multibase}",
                "types": [BUNDLE_TYPE],
                "regions": [holder.region],
                "requesters": [_REQUESTER],
                "approvers": [],
                "approvals_needed": 0,
                "daily_count": 100,
                "valid_from": since.isoformat().replace("+00:00", "Z"),
            }
        )
        return cls(holder=holder, key=key, policy=policy, book=book)

    def listed(self, since: datetime) -> ListedSeal:
        """Return the seal as the trust list names it."""
        policy = self.policy
        return ListedSeal(
            id=policy.seal_id,
            key_id=policy.key_id,
            policy_digest=policy.digest,
            valid_from=since,
        )

    @contextlib.contextmanager
    def locked(self, clock: FileClock, log: EntryLog | None) -> Iterator[LockedSigner]:
        """Open the book, and yield the seal behind its lock."""
        with contextlib.closing(SealBook(self.book, seal_id=self.policy.seal_id)) as book:
            if book.policy is None:
                book.enact(self.policy, at=clock.now())
            lock = SafetyLock(
                issuer=self.holder,
                key=self.key,
                book=book,
                clock=clock,
                calendar=announced_calendar(),
                log=log,
            )
            yield LockedSigner(lock=lock, requester=_REQUESTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchingParts:
    """What the engine is opened with."""

    signer: LockedSigner
    vouchers: Vouchers


def keys_of(folder: DemoFolder, region: str) -> Keys:
    """Return the keys of log and witnesses, made once."""
    cosigning = SignatureType.COSIGNATURE_V1
    return Keys(
        log=_key(folder, "log-key.pem", f"{region}.example/log", SignatureType.ED25519),
        witnesses={
            name: _key(folder, f"witnesses/{name}/key.pem", f"{name}.example/witness", cosigning)
            for name in _ROLES
        },
    )


def _key(folder: DemoFolder, path: str, name: str, kind: SignatureType) -> NoteSigner:
    if not (folder.path / path).exists():
        made = NoteSigner.generate(name, type=kind)
        folder.write(path, made.to_pem(None), mode=0o600)
    pem = read_file(folder.path / path, max_bytes=_MAX_PEM_BYTES)
    return NoteSigner.from_pem(pem, name=name, type=kind)


def written_policy(folder: DemoFolder) -> Path:
    """Write down what the stranger at the end asks for, and return where."""
    return folder.write("policy.yaml", _POLICY.encode())


@contextlib.contextmanager
def running_witnesses(
    folder: DemoFolder, keys: Keys
) -> Iterator[Mapping[str, offices.OfficeProcess]]:
    """Run every witness as a process of its own; they end with this one, however it ends."""
    watched = f"log {keys.log.key.vkey}\nquorum none\n"
    policy = folder.write("witnesses/logs.txt", watched.encode())
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(_started(folder, name, signer, policy))
            for name, signer in keys.witnesses.items()
        }


def _started(
    folder: DemoFolder, name: str, signer: NoteSigner, policy: Path
) -> offices.OfficeProcess:
    own = folder.path / "witnesses" / name
    command = [
        *(sys.executable, "-m", "oneservice", "log", "witness", str(own / "memory")),
        *("--name", signer.key.name, "--key", str(own / "key.pem"), "--policy", str(policy)),
        *("--clock", str(folder.clock), "--until-stdin-closes", "--json"),
    ]
    try:
        with (own / "office.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        msg = f"{own} cannot be written ({error.strerror}); choose another --dir"
        raise FileUnusableError(msg) from error
    return offices.OfficeProcess(name, own, process)


@asynccontextmanager
async def vouching(
    folder: DemoFolder,
    keys: Keys,
    seal: Seal,
    *,
    witnesses: Mapping[str, offices.OfficeProcess],
    homes: Mapping[str, str],
    clock: FileClock,
) -> AsyncIterator[VouchingParts]:
    """Open log and seal for as long as the block runs.

    Args:
        folder: of the demonstration.
        keys: of log and witnesses.
        seal: of the office that hands out.
        witnesses: running.
        homes: where the registers of offices are reached here, by their address in certificates.
        clock: the virtual one.
    """
    policy = WitnessPolicy(
        logs=(KnownLog(key=keys.log.key),),
        witnesses=tuple(
            KnownWitness(name=name, key=keys.witnesses[name].key, url=process.url)
            for name, process in witnesses.items()
        ),
        groups=(WitnessGroup(name="both", threshold=2, members=tuple(witnesses)),),
        quorum="both",
    )
    async with (
        GuardedWeb(is_internal=True) as web,
        LogKeeper(_log(folder, keys.log), policy=policy, web=web) as keeper,
        EntryLog(keeper) as log,
    ):
        with seal.locked(clock, log) as signer:
            yield VouchingParts(
                signer=signer, vouchers=Vouchers(log=log, lists=FetchedLists(web, at_home=homes))
            )
        registers = sorted(folder.path.glob("offices/*/status"))
        await prove_lists([one for each in registers for one in editions_below(each)], log)


def _log(folder: DemoFolder, signer: NoteSigner) -> TileLog:
    """Open the region's log, made once."""
    path = folder.path / "log"
    if (path / "private" / "log.json").exists():
        return TileLog(path, signer)
    # A run that was killed while it made the log left a part of one: nothing can be in it yet.
    shutil.rmtree(path, ignore_errors=True)
    return TileLog.create(path, signer)
