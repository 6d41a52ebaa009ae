"""The book of a seal on disk: what must be durable before a key signs, and what came of it.

Theory of operation. Each method is one transaction with ``synchronous=FULL``; deciding about a use
and writing it down is *one* of them, under SQLite's write lock, so two processes cannot both take
the last use of a day. Time never goes back: what is decided is decided at the later of the clock
and the last record. A use that was granted stays counted, whatever comes after.

Nothing personal is kept: of a document its digest, of a certificate its proof.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from oneservice.canonical import canonical, digest_bytes, sealed_digest, write_instant
from oneservice.certificates import BookHead, RecordKind, Refused, refusal_of_mandate
from oneservice.errors import JournalConflictError, JournalUnavailableError
from oneservice.seals.book_rows import BookRows, Use, read_record
from oneservice.seals.book_schema import connected, transaction, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from oneservice.certificates import (
        Approval,
        Granted,
        Mandate,
        SealPolicy,
        SealRecord,
        SealRequest,
    )
    from oneservice.workdays import WorkCalendar

__all__ = ["SealBook"]


class SealBook:
    """The book of one seal in one file; several processes may have it open.

    Args:
        path: the file; made, for its owner alone, when it does not exist.
        seal_id: URL of the seal whose book it is.

    Raises:
        JournalError: one of its branch; every method may raise it, too.
        JournalConflictError: the file is the book of another seal.
    """

    def __init__(self, path: Path, *, seal_id: str) -> None:
        self.path = path
        self.seal_id = seal_id
        self._turn = threading.Lock()
        with translated(path):
            self._connection = connected(path)
            self._rows = BookRows(self._connection, seal_id)
            last = self._rows.last()
        if last is not None and last.book != seal_id:
            self.close()
            msg = f"{path} is the book of another seal; each seal has one of its own"
            raise JournalConflictError(msg)

    @classmethod
    def existing(cls, path: Path) -> Self:
        """Return the book in a file that is there, whichever seal's it is.

        Raises:
            JournalUnavailableError: there is no such file, or no book was begun in it.
            JournalError: as the constructor.
        """
        if not path.is_file():
            msg = f"{path}: there is no book of a seal; enact a policy to begin one"
            raise JournalUnavailableError(msg)
        with translated(path), contextlib.closing(connected(path)) as connection:
            last = BookRows(connection, "").last()
        if last is None:
            msg = f"{path}: no book was begun in it; enact a policy first"
            raise JournalUnavailableError(msg)
        return cls(path, seal_id=last.book)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was granted and not signed is continued by the next who asks."""
        self._connection.close()

    # --- rules and mandates ---

    def enact(self, policy: SealPolicy, *, at: datetime) -> None:
        """Put ``policy`` in force, unless it is already.

        Raises:
            JournalConflictError: it is the policy of another seal.
        """
        if policy.seal_id != self.seal_id:
            msg = "the policy is that of another seal"
            raise JournalConflictError(msg)
        with self._writing() as rows:
            known = rows.policy()
            if known is None or known.digest != policy.digest:
                record = rows.append(RecordKind.POLICY, {"policy": policy.as_json()}, at)
                rows.execute(
                    "INSERT INTO policies (seq, body) VALUES (?, ?)",
                    (record.seq, canonical(policy.as_json())),
                )

    def mandate(self, mandate: Mandate, *, at: datetime) -> datetime | None:
        """Enter a mandate; the same one twice is once.

        Returns:
            Since when it is revoked, where it is: entering it again does not revive it.

        Raises:
            JournalConflictError: another one has its id, or it is for another seal.
        """
        if mandate.seal_id != self.seal_id:
            msg = "the mandate is for another seal"
            raise JournalConflictError(msg)
        with self._writing() as rows:
            known = rows.mandates(mandate.id).get(mandate.id)
            if known is not None and known.digest != mandate.digest:
                msg = f"there is another mandate {mandate.id}; give this one an id of its own"
                raise JournalConflictError(msg)
            if known is None:
                rows.append(RecordKind.MANDATE, {"mandate": mandate.as_json()}, at)
                rows.execute(
                    "INSERT INTO mandates (id, body) VALUES (?, ?)",
                    (mandate.id, canonical(mandate.as_json())),
                )
        return None if known is None else known.revoked_at

    def revoke(self, mandate_id: str, *, at: datetime) -> None:
        """Revoke a mandate, from this moment on; twice is once.

        Raises:
            JournalConflictError: there is none of that id.
        """
        with self._writing() as rows:
            known = rows.mandates(mandate_id).get(mandate_id)
            if known is None:
                msg = f"there is no mandate {mandate_id} in this book"
                raise JournalConflictError(msg)
            if known.revoked_at is None:
                record = rows.append(RecordKind.REVOCATION, {"mandate_id": mandate_id}, at)
                rows.execute(
                    "UPDATE mandates SET revoked_at = ? WHERE id = ?",
                    (write_instant(record.at), mandate_id),
                )

    def deposit(self, approval: Approval) -> None:
        """Keep an approval until its document is asked for; whether it counts is judged then."""
        with self._writing() as rows:
            rows.execute(
                "INSERT OR IGNORE INTO approvals (document, body) VALUES (?, ?)",
                (approval.document_digest, canonical(approval.as_json())),
            )

    # --- uses ---

    def foresee(
        self, request: SealRequest, *, at: datetime, calendar: WorkCalendar | None
    ) -> Granted | Refused:
        """Say what :meth:`ask` would answer to a new request; nothing is written."""
        with self._reading() as rows:
            return rows.decided(rows.completed(request), rows.moment(at), calendar)

    def ask(
        self, request: SealRequest, *, at: datetime, calendar: WorkCalendar | None
    ) -> Use | tuple[Refused, SealRecord]:
        """Decide about a use and write the decision down, durably, before anybody acts on it.

        The same request for the same document is the same use: it is not counted again, and what
        the key made of it is returned.

        Returns:
            The use; or why not, with the record of the refusal.

        Raises:
            JournalConflictError: the book has no policy yet.
        """
        with self._writing() as rows:
            now, request = rows.moment(at), rows.completed(request)
            known = rows.known(request)
            if known is not None and rows.ended(known, request, now) is None:
                return known
            found = rows.decided(request, now, calendar)
            if isinstance(found, Refused):
                return found, rows.refused(found, request, now)
            return rows.granted(found, request, now)

    def finish(
        self, use: Use, request: SealRequest, result: bytes, *, at: datetime
    ) -> Use | tuple[Refused, SealRecord]:
        """Write down what the key made; only then may it leave the lock.

        Returns:
            The use with the result that counts: somebody who was faster may have made another.
            Or why it must not leave: the mandate was revoked meanwhile.
        """
        with self._writing() as rows:
            now, known = rows.moment(at), rows.known(request)
            if known is None or known.seq != use.seq:
                reason = refusal_of_mandate(
                    rows.due_policy(), rows.mandates(request.mandate_id), request, at=now
                )
                if reason is None:
                    msg = f"use {use.seq} was ended by somebody else; ask again"
                    raise JournalConflictError(msg)
                refused = Refused(reason=reason)
                return refused, rows.refused(refused, request, now)
            if known.result is not None:
                return known
            ended = rows.ended(known, request, now)
            if ended is not None:
                return ended
            salt = use.receipt.salt
            words = {"use": use.seq, "result": sealed_digest(salt, digest_bytes(result))}
            rows.append(RecordKind.SEAL, words, now)
            rows.execute("UPDATE uses SET result = ? WHERE seq = ?", (result, use.seq))
            return replace(known, result=result)

    def log_salt(self, seq: int) -> str:
        """Return the salt under which record ``seq`` is logged: the same one for ever.

        It is durable before anybody logs the record, so that who is killed in between logs the
        same bytes again, which a log that enters each thing once has already.
        """
        with self._reading() as rows:
            known = rows.salt_of(seq)
        if known is not None:
            return known
        with self._writing() as rows:
            return rows.drawn_salt(seq)

    def logged(self, seq: int, *, proof: str, salt: str) -> None:
        """Note that record ``seq`` is in a log: ``proof`` shows it to who has ``salt``."""
        with self._writing() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO logged (seq, proof, salt) VALUES (?, ?, ?)",
                (seq, proof, salt),
            )

    # --- reading ---

    @property
    def policy(self) -> SealPolicy | None:
        """The rules in force."""
        with self._reading() as rows:
            return rows.policy()

    @property
    def head(self) -> BookHead | None:
        """Where the book stands; ``None``: nothing is in it."""
        with self._reading() as rows:
            last = rows.last()
        if last is None:
            return None
        return BookHead(seal_id=last.book, seq=last.seq, head=last.digest)

    def dump(self) -> bytes:
        """Return the book for auditors: one canonical record on each line."""
        with self._reading() as rows:
            return b"".join(line + b"\n" for line in rows.lines())

    def unlogged(self) -> tuple[SealRecord, ...]:
        """Return what was used, refused or came to nothing and is in no log yet, oldest first."""
        with self._reading() as rows:
            return tuple(map(read_record, rows.unlogged_lines()))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[BookRows]:
        """One transaction, alone among the threads of this process and among processes."""
        with self._turn, translated(self.path), transaction(self._connection):
            yield self._rows

    @contextlib.contextmanager
    def _reading(self) -> Iterator[BookRows]:
        with self._turn, translated(self.path):
            yield self._rows
