"""Records of calls that come together are written together: one flush of the disk for many."""

from __future__ import annotations

import asyncio

from oneservice.errors import JournalError
from oneservice.relying.calls import Call, CallHead, CallRecords

__all__ = ["Recorder"]


class Recorder:
    """Writes to ``records`` from one event loop; the loop goes on while the disk is at work."""

    def __init__(self, records: CallRecords) -> None:
        self._records = records
        self._waiting: list[tuple[Call, asyncio.Future[CallHead]]] = []
        self._writing: asyncio.Task[None] | None = None
        self.trouble = ""
        """Why the last record could not be written; empty: it could."""

    async def record(self, call: Call) -> CallHead:
        """Return the record of ``call`` when it is safe on the disk.

        Raises:
            JournalError: it could not be written.
        """
        written: asyncio.Future[CallHead] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await written

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                heads = await asyncio.to_thread(self._records.append, [call for call, _ in batch])
            except JournalError as error:
                self.trouble = str(error)
                for _, written in batch:
                    if not written.done():  # whoever waited may be gone
                        written.set_exception(error)
                continue
            self.trouble = ""
            for (_, written), head in zip(batch, heads, strict=True):
                if not written.done():
                    written.set_result(head)
