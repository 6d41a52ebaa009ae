"""Those who vouch in a sandbox: a log and two witnesses in this process, with worthless keys.

Everything is as in life (tiles on disk, cosignatures, a quorum) but that nobody is independent of
anybody: whoever reads a bundle of a sandbox sees what a real one looks like.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.certificates import ListedLog, ListedWitness
from oneservice.engine.vouching import Vouchers
from oneservice.errors import WebUnavailableError
from oneservice.ports import Clock, WebAnswer, WebRequest
from oneservice.sandbox import SandboxLists
from oneservice.tlog import EntryLog, LogKeeper, TileLog, Witness, WitnessSite, prove_lists
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteSigner,
    SignatureType,
    WitnessGroup,
    WitnessPolicy,
)

__all__ = ["House", "open_house", "published"]

_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_WITNESSES: Final = {"audit-office": "audit-office", "neighbour": "region"}
"""By name the role in which the trust list names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a sandbox's engine and its trust list need of it."""

    vouchers: Vouchers
    log: EntryLog
    logs: tuple[ListedLog, ...]
    witnesses: tuple[ListedWitness, ...]


class _HouseWeb:
    """The web within the house: its servers, asked without a socket."""

    def __init__(self, sites: Mapping[str, WitnessSite]) -> None:
        self._sites = sites

    async def exchange(self, request: WebRequest) -> WebAnswer:
        """Return the answer of the server that the URL names."""
        parts = urlsplit(request.url)
        site = self._sites.get(parts.hostname or "")
        if site is None:
            msg = f"{parts.hostname}: there is no such server in a sandbox"
            raise WebUnavailableError(msg)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body}

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {"type": "http", "method": request.method, "path": parts.path, "headers": []}
        await site(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return WebAnswer(status=sent[0]["status"], headers=headers, body=sent[1]["body"])


@asynccontextmanager
async def open_house(folder: Path, *, region: str, clock: Clock) -> AsyncIterator[House]:
    """Open log and witnesses below ``folder``, made where they are missing.

    Raises:
        LogStoreError: the folder is damaged or cannot be written.
    """
    log_signer = _signer(f"{region}.sandbox.invalid/log", SignatureType.ED25519)
    signers = {
        name: _signer(f"{name}.sandbox.invalid/witness", SignatureType.COSIGNATURE_V1)
        for name in _WITNESSES
    }
    async with AsyncExitStack() as stack:
        sites = {
            f"{name}.sandbox.invalid": WitnessSite(
                stack.enter_context(
                    Witness(folder / name, signers=[one], logs=[log_signer.key], clock=clock)
                )
            )
            for name, one in signers.items()
        }
        policy = WitnessPolicy(
            logs=(KnownLog(key=log_signer.key),),
            witnesses=tuple(
                KnownWitness(name=name, key=one.key, url=f"https://{name}.sandbox.invalid")
                for name, one in signers.items()
            ),
            groups=(WitnessGroup(name="both", threshold=len(signers), members=tuple(signers)),),
            quorum="both",
        )
        path = folder / "log"
        is_there = (path / "private" / "log.json").exists()
        tiles = TileLog(path, log_signer) if is_there else TileLog.create(path, log_signer)
        keeper = await stack.enter_async_context(
            LogKeeper(tiles, policy=policy, web=_HouseWeb(sites))
        )
        log = await stack.enter_async_context(EntryLog(keeper))
        key = log_signer.key
        yield House(
            vouchers=Vouchers(log=log),
            log=log,
            logs=(ListedLog(origin=key.name, vkey=key.vkey, valid_from=_SINCE),),
            witnesses=tuple(
                ListedWitness(
                    name=one.key.name,
                    vkey=one.key.vkey,
                    role=_WITNESSES[name],
                    valid_from=_SINCE,
                )
                for name, one in signers.items()
            ),
        )


async def published(lists: SandboxLists, log: EntryLog, clock: Clock, folder: Path) -> None:
    """Write what the lists of a sandbox say when it closes, logged like any other edition."""
    files = lists.publish(folder / "status", at=clock.now())
    await prove_lists(files, log, anew=True)


def _signer(name: str, kind: SignatureType) -> NoteSigner:
    """Return a key that anybody can compute: it proves nothing, and survives a restart."""
    seed = hashlib.sha256(f"oneservice sandbox, worthless: {name}".encode()).digest()
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(seed), type=kind)
