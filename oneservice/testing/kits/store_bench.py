"""The bench on which a store is judged: opening it, writing to it, comparing it with the model."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

from oneservice.canonical import digest_bytes
from oneservice.ports import Erasure, Store
from oneservice.testing.kits.journals import START, Journal

__all__ = ["HOUR", "LARGE", "SMALL", "StoreBench", "commit", "erasure_of", "is_kept"]

SMALL: Final = b"small"
LARGE: Final = b"large " * 4000
HOUR: Final = timedelta(hours=1)
Check = Callable[[Store], Awaitable[None]]


class StoreBench:
    """Opens the store that is judged, and says what it can do."""

    survives_restarts: ClassVar[bool] = True
    """Whether what was committed is there when the same folder is opened again."""
    survives_kills: ClassVar[bool] = True
    """Whether it can be opened by a process of its own, which is then killed."""
    can_erase: ClassVar[bool] = True
    """Whether cases can be erased."""

    async def open_store(self, folder: Path) -> Store:
        """Open the store whose things are in ``folder``: anew, or again."""
        raise NotImplementedError

    def check(self, folder: Path, what: Check) -> None:
        """Do ``what`` with a store that is open in ``folder``, and close it."""

        async def run() -> None:
            store = await self.open_store(folder)
            try:
                await what(store)
            finally:
                await store.close()

        asyncio.run(run())


async def commit(
    store: Store, journal: Journal, *, cursors: dict[str, str | None] | None = None, **write: Any
) -> None:
    """Commit the next write of ``journal``, and keep it there."""
    made = journal.write(**write)
    await store.commit([made], cursors or {})
    journal.keep(made)


async def is_kept(store: Store, journal: Journal) -> None:
    """Compare all that ``store`` says of one case with the naive model of it."""
    name = journal.case_id
    stored = await store.stored(name)
    assert stored is not None, f"{name} is not there"
    assert stored.seq == len(journal.lines), f"{name} has lost or doubled records"
    assert (stored.status, stored.next_due) == (journal.status, journal.due)
    assert stored.thing == "thing"
    assert stored.secret == "5" * 64, "the secret of a case is told of who asks for it by id"
    assert await store.records(name) == tuple(journal.lines)
    for digest, content in journal.blobs.items():
        assert await store.blob(name, digest) == content


def erasure_of(journal: Journal, *, seq: int | None = None, why: str = "asked for") -> Erasure:
    """Return the erasure of the case of ``journal`` as it stands, or at another ``seq``."""
    return Erasure(
        case_id=journal.case_id,
        at=START + 4 * HOUR,
        by="operator-1",
        why=why,
        seq=len(journal.lines) if seq is None else seq,
        head=journal.head or digest_bytes(b""),
    )
