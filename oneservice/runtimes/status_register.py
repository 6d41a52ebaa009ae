"""The register of an issuer: which certificates stand, in one SQLite file, published as lists.

Theory of operation: an operation is one transaction, written before anybody hears of it; the array
in memory follows it and is read back from the file when that is opened. Publishing takes the
array of one moment, signs its three lists and writes them as one edition: readers get all three of
it or none. A process may be killed anywhere: what was promised stands, what was not, is not there.

References:
    Domain page, section 8; Token Status List (draft-ietf-oauth-status-list), sections 13.3 (double
    allocation) and 12 (privacy); W3C Bitstring Status List 1.1, section 6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self, TypeVar

from oneservice.canonical import write_instant
from oneservice.certificates import (
    Act,
    Certificate,
    CertificateRecord,
    CertificateState,
    ListIssuer,
    StatusEntry,
    StatusFinding,
    StatusReference,
    published_state,
)
from oneservice.errors import IllegalInputError
from oneservice.runtimes.sqlite_errors import translated
from oneservice.runtimes.status_file import Edition, RegisterFile
from oneservice.runtimes.status_rows import Done, place_of, read_history, read_record, state_then

__all__ = ["DEFAULT_ENTRIES", "StatusRegister"]

_T = TypeVar("_T")
DEFAULT_ENTRIES: Final = 1_048_576


class StatusRegister:
    """The register of one issuer; :meth:`open` opens it. Also a :class:`StatusSource`.

    Entries that belong to nobody look like good ones, so a list does not tell how many
    certificates there are; decoys hide how many of them were taken back.
    """

    def __init__(self, file: RegisterFile) -> None:
        self._file = file

    def __repr__(self) -> str:
        return f"StatusRegister({str(self._file.path)!r}, {self.uri!r})"

    @classmethod
    async def open(
        cls, path: Path | str, *, uri: str, entries: int = DEFAULT_ENTRIES
    ) -> StatusRegister:
        """Open the register at ``path``, or make it.

        Args:
            path: of the SQLite file; one process at a time.
            uri: URL under which its Token Status List is published; certificates name it.
            entries: how many certificates it can hold, from 131,072 on.

        Raises:
            JournalError: locked, unreadable, damaged, or of another register; the text says what
                to do.
            MalformedCertificateError: a URL or a size that no list could have.
        """
        StatusEntry(uri=uri, index=0)
        return cls(await asyncio.to_thread(RegisterFile, Path(path), uri, entries))

    async def close(self) -> None:
        """Fold the log into the file and give it back."""
        await asyncio.to_thread(self._file.close)

    @property
    def uri(self) -> str:
        """URL of the register; certificates name it."""
        return self._file.uri

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def perform(self, identifier: str | None, act: Act, *, ground: str) -> CertificateRecord:
        """Do ``act``, durably; return the record that it is about, or that it began.

        Args:
            identifier: of the certificate; ``None`` for what begins.
            act: what is to be done. Of a transfer, the other side's record comes with it; where
                both sides are in this register, both are changed at once.
            ground: the clause or order that it rests on; no personal data.

        Raises:
            IllegalInputError: the table of operations forbids it, there is no such certificate, or
                something was done to it later than ``act.at``.
            IdentifierError: a new identifier does not follow the old one.
            JournalConflictError: an identifier that begins is in the register already.
            JournalFullError: no entry is free; open another register.
        """
        return await self._work(lambda: self._file.perform(identifier, (act,), ground))

    async def perform_in_turn(
        self, identifier: str, acts: Sequence[Act], *, ground: str
    ) -> CertificateRecord:
        """Do ``acts`` one after the other, all of them or none; return the record afterwards.

        No edition can show what stood between them. Arguments and errors as :meth:`perform`.

        Raises:
            ValueError: there are none.
        """
        if not acts:
            msg = "nothing is to be done"
            raise ValueError(msg)
        return await self._work(lambda: self._file.perform(identifier, acts, ground))

    def history(self, identifier: str) -> tuple[Done, ...]:
        """Return everything that was done to a certificate, in order; empty: it is unknown."""
        with translated(self._file.path):
            return read_history(self._file.reader, identifier)

    def lists_run_out(self, at: datetime) -> datetime | None:
        """Return when the last edition that was issued until ``at`` stops counting.

        Until then a reader who has not looked again may go by it. ``None``: there is none.
        """
        return self._file.run_out(at)

    def entry(self, identifier: str) -> StatusEntry:
        """Return the place of a certificate, to be written into it.

        Raises:
            IllegalInputError: the register has none for it.
        """
        with translated(self._file.path):
            place = place_of(self._file.reader, identifier)
        if place is None:
            msg = "the register holds no such certificate; perform 'new' first"
            raise IllegalInputError(msg, status="none")
        return StatusEntry(uri=self.uri, index=place)

    def record(self, identifier: str) -> CertificateRecord | None:
        """Return what the register holds about a certificate."""
        with translated(self._file.path):
            return read_record(self._file.reader, identifier)

    def status_of(self, certificate: Certificate, *, at: datetime) -> StatusFinding | None:
        """Return the state of ``certificate`` at ``at``, with the reason behind it."""
        return self._state_then(certificate.id, at)

    def state_at(
        self, references: Sequence[StatusReference], *, issuer_id: str, at: datetime
    ) -> StatusFinding | str:
        """Return the state of what a certificate's place stands for, or why there is none.

        For a presentation that keeps its identifier back: the place is what it always shows.

        Args:
            references: places that the certificate names.
            issuer_id: who issued it; this register speaks for its own issuer, whoever asks.
            at: aware instant asked about.
        """
        del issuer_id
        own = {one.index for one in references if one.uri == self.uri}
        with translated(self._file.path):
            rows = [
                self._file.reader.execute(
                    "SELECT id FROM certificates WHERE place = ?", (index,)
                ).fetchone()
                for index in own
            ]
        found = [self._state_then(row[0], at) for row in rows if row is not None]
        if len(found) != 1 or found[0] is None:
            return "the register had no certificate in that place by then"
        return found[0]

    def _state_then(self, identifier: str, at: datetime) -> StatusFinding | None:
        with translated(self._file.path):
            found = state_then(self._file.reader, identifier, at)
        if found is None:
            return None
        state, since = found
        evidence = {"register": self.uri, "code": state.value, "since": write_instant(since)}
        return StatusFinding(state=published_state(state), evidence=evidence, reason=state)

    async def plant_decoys(self, count: int, state: CertificateState) -> None:
        """Set ``count`` entries that belong to nobody, and never will, to ``state``.

        Raises:
            JournalFullError: fewer are free.
        """
        await self._work(lambda: self._file.plant(count, state))

    async def publish(
        self, issuer: ListIssuer, *, at: datetime, lifetime: timedelta, ttl_s: int
    ) -> Edition:
        """Sign the state of this moment as the next edition, and keep it.

        Args:
            issuer: who signs.
            at: aware instant of issue, later than that of the edition before by a second or more.
            lifetime: for how long the edition speaks.
            ttl_s: after how many seconds readers should look for a newer one.

        Raises:
            IllegalInputError: the edition before is as new as this one.
            MalformedCertificateError, KeyUnusableError: as :func:`write_status_lists`.
        """
        return await self._work(lambda: self._file.publish(issuer, at, lifetime, ttl_s))

    def edition(self, *, at: datetime | None = None) -> Edition | None:
        """Return the newest edition, or the one that was the newest at ``at``."""
        return self._file.edition(at)

    @property
    def free(self) -> int:
        """How many entries nobody has."""
        return self._file.array.free

    async def _work(self, work: Callable[[], _T]) -> _T:
        """Do ``work`` off the loop; a caller that gives up does not cut it short."""
        return await asyncio.shield(asyncio.to_thread(self._file.alone, work))
