"""A log for many tasks of one process: their entries share a flush, their proofs a head.

Theory of operation: tasks that log at the same time are collected while the disk is busy with
those before them, so that the cost of a flush is shared (the same group commit as for cases). The
disk is one thread; witnesses are asked on the event loop while it goes on taking entries.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

from oneservice.errors import LogMalformedError, LogStoreError
from oneservice.tlog.receipts import LogReceipt, fresh_salt
from oneservice.tlog.waiting import MAX_BATCH_BYTES
from oneservice.tlog.witnessing import Cosigned, collect_cosignatures
from oneservice.transparency import MAX_ENTRY_BYTES, Entry, EntryKind, WitnessPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from oneservice.canonical import Digest
    from oneservice.ports import Anchor, Web
    from oneservice.tlog.tile_log import TileLog
    from oneservice.transparency import LogProof

__all__ = ["LogKeeper"]

_T = TypeVar("_T")


class LogKeeper:
    """Owns an open log; close with :meth:`aclose`, or use it as a context.

    Args:
        log: opened; it is closed with this.
        policy: witnesses that are asked, and how many of them are enough; nobody by default.
        web: how they are asked; may be missing where nobody is.
        anchor: where published heads are written down once more.
    """

    def __init__(
        self,
        log: TileLog,
        *,
        policy: WitnessPolicy | None = None,
        web: Web | None = None,
        anchor: Anchor | None = None,
    ) -> None:
        self.log = log
        self._policy = policy or WitnessPolicy()
        self._web = web
        self._anchor = anchor
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="oneservice-log")
        self._collected: list[tuple[list[bytes], asyncio.Future[range]]] = []
        self._pump: asyncio.Task[None] | None = None
        self._publishing = asyncio.Lock()
        self._known: dict[str, int] = {}
        self._published = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Finish what was begun, and close the log."""
        if self._pump is not None:
            await self._pump
        await self._on_disk(self.log.close)
        self._disk.shutdown(wait=False)

    async def log_all(self, logged: Sequence[tuple[EntryKind, Digest]]) -> tuple[LogReceipt, ...]:
        """Log what these digests are of; on the disk when this returns, not yet published.

        Args:
            logged: kind and digest of canonical bytes.

        Returns:
            A receipt for each, in order, with a fresh salt.

        Raises:
            LogStoreError: the disk failed.
        """
        entries = [Entry(kind=kind, digest=one, salt=fresh_salt()) for kind, one in logged]
        places = await self.append([one.encode() for one in entries])
        origin = self.log.signer.key.name
        return tuple(
            LogReceipt(origin=origin, index=index, entry=one)
            for index, one in zip(places, entries, strict=True)
        )

    async def append(self, entries: Sequence[bytes]) -> range:
        """Give each entry its place; shares its flush with whoever asks at the same time.

        Raises:
            LogMalformedError: an entry is too long; nothing was appended.
            LogStoreError: the disk failed.
        """
        if any(len(one) > MAX_ENTRY_BYTES for one in entries):
            msg = f"an entry has more than {MAX_ENTRY_BYTES} bytes; log its digest instead"
            raise LogMalformedError(msg)
        placed: asyncio.Future[range] = asyncio.get_running_loop().create_future()
        self._collected.append((list(entries), placed))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._write())
        return await placed

    async def publish(self) -> Cosigned:
        """Publish a head over everything that has a place, cosigned as the policy asks.

        Raises:
            TooFewWitnessesError: not enough witnesses cosigned; readers see the head before.
            LogRefusedError: the head would contradict what was signed before.
            LogStoreError: the disk failed.
            EnvironmentalError: the head was published, and the anchor did not keep it.
        """
        async with self._publishing:
            return await self._publish()

    async def publish_up_to(self, size: int) -> None:
        """Publish a head over the first ``size`` entries, unless one is out; errors as above."""
        async with self._publishing:
            if self._published < size:
                await self._publish()

    async def _publish(self) -> Cosigned:
        head = await self._on_disk(self.log.sign)
        found = Cosigned(note=head.note.dump(), witnesses=(), refusals=())
        if self._policy.witnesses:
            if self._web is None:
                msg = "witnesses are asked over the web, and there is none; hand one in"
                raise LogStoreError(msg)
            found = await collect_cosignatures(
                head,
                policy=self._policy,
                web=self._web,
                consistency=self._consistency,
                known=self._known,
            )
        await self._on_disk(lambda: self.log.publish(found.note))
        self._published = head.checkpoint.size
        refused = {name for name, _ in found.refusals}
        names = {one.name for one in self._policy.witnesses if one.url} - refused
        self._known |= dict.fromkeys(names, head.checkpoint.size)
        if self._anchor is not None:
            await self._anchor.anchor(found.note)
        return found

    async def proven(self, entries: Sequence[Entry]) -> tuple[LogProof, ...]:
        """Log ``entries``, publish a head over them, and return their proofs.

        Whoever asks at the same time shares the head, and with it the trip to the witnesses.

        Raises:
            TooFewWitnessesError: not enough witnesses cosigned; the entries are logged, unproven.
            LogRefusedError: the head would contradict what was signed before.
            LogStoreError: the disk failed.
        """
        places = await self.append([one.encode() for one in entries])
        await self.publish_up_to(places.stop)
        return tuple([await self.prove(index) for index in places])

    async def prove(self, index: int) -> LogProof:
        """Return the proof of an entry in the published tree; errors as of :class:`TileLog`."""
        return await self._on_disk(lambda: self.log.prove(index))

    def _consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        return self._disk.submit(self.log.consistency, old, new).result()

    async def _write(self) -> None:
        while self._collected:
            taken = self._taken()
            entries = [one for some, _ in taken for one in some]
            try:
                places = await self._on_disk(lambda: self.log.append(entries))  # noqa: B023 - awaited
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                for _, placed in taken:
                    if not placed.done():
                        placed.set_exception(error)
                continue
            start = places.start
            for some, placed in taken:
                if not placed.done():
                    placed.set_result(range(start, start + len(some)))
                start += len(some)

    def _taken(self) -> list[tuple[list[bytes], asyncio.Future[range]]]:
        """Take what was collected, as much as one batch may have and one request at least."""
        size, count = 0, 0
        for entries, _ in self._collected:
            size += sum(map(len, entries)) + 2 * len(entries)
            if count and size > MAX_BATCH_BYTES:
                break
            count += 1
        taken, self._collected = self._collected[:count], self._collected[count:]
        return taken

    async def _on_disk(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)
