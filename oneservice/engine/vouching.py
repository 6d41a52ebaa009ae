"""What others vouch for, beside what is handed out: logs, status lists, clocks, seal receipts.

Theory of operation. Results count when they are handed out, whatever becomes of a log: no applicant
waits for one. What is to be logged is derived, never remembered: the facts of all cases stand in
one order, a note says up to where they were logged, and the salt of each entry follows from the
secret of its case. So after a crash the same entries are asked for again, and a log that knows
them adds nothing. When a case is erased its secret goes, and with it the only way to tell which
entries were its own.

Proofs are the log's to keep; a bundle is given what there is when it is asked for.

References:
    certificates page, sections 2 and 3 (log, bundle).
"""

from __future__ import annotations

import asyncio
import base64
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Protocol, runtime_checkable

from oneservice.certificates import Certificate
from oneservice.engine.bundling import handed_out
from oneservice.errors import (
    CaseError,
    JournalCorruptError,
    MalformedCertificateError,
    OneServiceError,
)
from oneservice.ports import EvidenceLog, Fact, StatusLists, Store, Timestamping
from oneservice.runtimes import Driver, HotCase
from oneservice.transparency import Entry, EntryKind

__all__ = ["PATIENCE_S", "Vouchers", "Vouching", "entry_of"]

_log = logging.getLogger(__name__)

_NOTE: Final = "oneservice:logged"
"""The note of the last fact whose certificates are logged; no department has such a name."""
_HANDED_OUT: Final = "bundle_issued"
_PAGE: Final = 1_000
_AT_ONCE: Final = 64
"""Cases whose entries share one head, and one trip to the witnesses."""
PATIENCE_S: Final = 10.0
"""Real seconds that a bundle, or a turn of the engine, waits for others; then it goes on."""
_AGAIN_AFTER: Final = timedelta(minutes=1)
_SALT_BYTES: Final = 24


@runtime_checkable
class _OrderedStore(Store, Protocol):
    """A store that knows the order of its facts."""

    async def recorded_after(self, position: int, limit: int) -> tuple[Fact, ...]:
        """Return at most ``limit`` facts after ``position``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouchers:
    """Who vouches for what an engine hands out; each may be missing.

    Args:
        log: the region's transparency log: :class:`oneservice.tlog.EntryLog`.
        lists: where status lists are fetched: :class:`oneservice.departments.FetchedLists`.
        clock: a time-stamping authority.
    """

    log: EvidenceLog | None = None
    lists: StatusLists | None = None
    clock: Timestamping | None = None


class Vouching:
    """Logs what was handed out, as soon as the log takes it."""

    def __init__(self, driver: Driver, log: EvidenceLog | None) -> None:
        self._driver = driver
        self._taking = log
        self._under_way: asyncio.Task[None] | None = None
        self._again_at: datetime | None = None
        self._reached = 0

    async def catch_up(self) -> None:
        """Log what was handed out since the last time, or leave it under way if that takes long."""
        if self._taking is None or not isinstance(self._driver.store, _OrderedStore):
            return
        if self._again_at is not None and self._driver.now() < self._again_at:
            return
        is_new = self._under_way is None
        if self._under_way is None:
            self._under_way = asyncio.create_task(
                self._log_new(self._taking, self._driver.store), name="oneservice-log"
            )
        # Patience once for each try: a log that hangs must not slow every turn down.
        await asyncio.wait([self._under_way], timeout=PATIENCE_S if is_new else 0)
        if self._under_way.done():
            self._under_way.result()
            self._under_way = None

    def next_due(self) -> datetime | None:
        """Return when a log that failed is tried again."""
        return self._again_at

    async def stop(self) -> None:
        """Give up what is under way; the next engine asks for the same."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)
            self._under_way = None

    async def _log_new(self, log: EvidenceLog, store: _OrderedStore) -> None:
        position = self._reached or int(await store.cursor(_NOTE) or 0)
        while page := await store.recorded_after(position, _PAGE):
            due = [one for one in page if one.kind == _HANDED_OUT]
            for first in range(0, len(due), _AT_ONCE):
                some = due[first : first + _AT_ONCE]
                if not await self._did_log(log, {one.case_id for one in some}):
                    return
                if some[-1] is not due[-1]:
                    await store.commit((), {_NOTE: str(some[-1].position)})
            position = page[-1].position
            self._reached = position
            if due:  # where nothing was handed out the note stays behind: a restart looks again
                await store.commit((), {_NOTE: str(position)})

    async def _did_log(self, log: EvidenceLog, case_ids: set[str]) -> bool:
        entries = [
            entry for case_id in sorted(case_ids) for entry in await self._entries_of(case_id)
        ]
        try:
            await log.enter(entries)
        except OneServiceError as error:
            _log.warning("what was handed out is not logged yet: %s: %s", error.code, error)
            self._again_at = self._driver.now() + _AGAIN_AFTER
            return False
        self._again_at = None
        return True

    async def _entries_of(self, case_id: str) -> tuple[Entry, ...]:
        """Return the entries of a case; none where it cannot be read: others must not wait."""
        try:
            hot = await self._driver.hot(case_id)
            certificates = await handed_out(hot, self._driver.store)
        except (CaseError, JournalCorruptError, MalformedCertificateError) as error:
            _log.warning("case %s cannot be logged: %s", case_id, error.code)
            return ()
        return tuple(entry_of(one, hot) for one in certificates)


def entry_of(certificate: Certificate, hot: HotCase) -> Entry:
    """Return the entry of a certificate in a log: its salt follows from the secret of the case."""
    place = f"{hot.case.id}/log/{certificate.digest}".encode()
    salt = blake2b(place, key=hot.secret.encode()[:64], digest_size=_SALT_BYTES).digest()
    return Entry(
        kind=EntryKind.CERTIFICATE,
        digest=certificate.digest,
        salt=base64.urlsafe_b64encode(salt).decode("ascii"),
    )
