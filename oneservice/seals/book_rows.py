"""The rows of a seal's book, seen from inside one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import (
    canonical,
    parse_object,
    read_instant,
    sealed_digest,
    write_instant,
)
from oneservice.certificates import (
    Approval,
    Mandate,
    RecordKind,
    Refused,
    SealPolicy,
    SealReceipt,
    SealRecord,
    SealRefusal,
    commitment,
    decide_use,
    refusal_of_mandate,
)
from oneservice.errors import JournalConflictError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from oneservice.certificates import Granted, SealRequest
    from oneservice.workdays import WorkCalendar

__all__ = ["BookRows", "Use", "read_record"]

_SALT_BYTES: Final = 16
_LOGGED: Final = frozenset({RecordKind.GRANT, RecordKind.REFUSAL, RecordKind.VOID})
"""What a transparency log takes in: uses, and uses that were refused or came to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A use that the book granted.

    Args:
        receipt: what shows it.
        result: what the key made of it; ``None``: it has not signed yet, or a crash ate it.
    """

    receipt: SealReceipt
    result: bytes | None = None

    @property
    def seq(self) -> int:
        """Number of the record of the grant."""
        return self.receipt.record.seq


class BookRows:
    """What one transaction reads and writes; it judges by the rules that it finds there."""

    def __init__(self, connection: sqlite3.Connection, seal_id: str) -> None:
        self.execute = connection.execute
        self._seal_id = seal_id
        self._read: tuple[int, SealPolicy] | None = None

    # --- reading ---

    def last(self) -> SealRecord | None:
        """Return the last record."""
        row = self.execute("SELECT line FROM records ORDER BY seq DESC LIMIT 1").fetchone()
        return None if row is None else read_record(bytes(row[0]))

    def lines(self) -> Iterator[bytes]:
        """Yield all records in canonical form, oldest first."""
        for row in self.execute("SELECT line FROM records ORDER BY seq"):
            yield bytes(row[0])

    def unlogged_lines(self) -> list[bytes]:
        """Return the uses and refused uses that are in no log yet, oldest first."""
        rows = self.execute(
            "SELECT line FROM records WHERE kind IN ('grant', 'refusal', 'void') "
            "AND seq NOT IN (SELECT seq FROM logged) ORDER BY seq"
        )
        return [bytes(row[0]) for row in rows]

    def policy(self) -> SealPolicy | None:
        """Return the rules in force; read anew only where another process enacted some."""
        row = self.execute("SELECT max(seq) FROM policies").fetchone()
        if row[0] is None:
            return None
        if self._read is None or self._read[0] != row[0]:
            body = self.execute("SELECT body FROM policies WHERE seq = ?", (row[0],)).fetchone()
            self._read = row[0], SealPolicy.of(parse_object(bytes(body[0])))
        return self._read[1]

    def due_policy(self) -> SealPolicy:
        """Return the rules in force.

        Raises:
            JournalConflictError: there are none yet.
        """
        policy = self.policy()
        if policy is None:
            msg = "the seal has no policy yet; enact one before it is used"
            raise JournalConflictError(msg)
        return policy

    def mandates(self, name: str | None) -> dict[str, Mandate]:
        """Return the mandate of that id with its revocation, by id; nothing where there is none."""
        row = self.execute("SELECT body, revoked_at FROM mandates WHERE id = ?", (name,)).fetchone()
        if row is None or name is None:
            return {}
        mandate = Mandate.of(parse_object(bytes(row[0])))
        return {name: mandate if row[1] is None else mandate.revoked(read_instant(row[1]))}

    def used_on(self, day: date) -> int:
        """Return how many uses were granted for ``day``, also those that came to nothing."""
        row = self.execute("SELECT count(*) FROM uses WHERE day = ?", (day.isoformat(),))
        return int(row.fetchone()[0])

    def moment(self, clock: datetime) -> datetime:
        """Return the later of ``clock`` and the last record, as it will be written."""
        last, now = self.last(), read_instant(write_instant(clock))
        return now if last is None else max(now, last.at)

    def completed(self, request: SealRequest) -> SealRequest:
        """Return ``request`` with the approvals that were deposited for its document."""
        rows = self.execute(
            "SELECT body FROM approvals WHERE document = ? ORDER BY body",
            (request.document_digest,),
        )
        kept = tuple(Approval.of(parse_object(bytes(row[0]))) for row in rows)
        return replace(request, approvals=(*request.approvals, *kept))

    def known(self, request: SealRequest) -> Use | None:
        """Return the use that the same asker was granted for the same document."""
        row = self.execute(
            "SELECT uses.seq, receipt, result, proof, salt FROM uses "
            "LEFT JOIN logged ON logged.seq = uses.seq "
            "WHERE document = ? AND asked_by = ? AND NOT is_void",
            (request.document_digest, _asker(request)),
        ).fetchone()
        if row is None:
            return None
        receipt = SealReceipt.parse(bytes(row[1]))
        if row[3] is not None:
            receipt = replace(receipt, log_proof=row[3], log_salt=row[4])
        return Use(receipt=receipt, result=None if row[2] is None else bytes(row[2]))

    def salt_of(self, seq: int) -> str | None:
        """Return the salt under which a record is logged; ``None``: it was never drawn."""
        row = self.execute("SELECT salt FROM salts WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else str(row[0])

    # --- deciding ---

    def decided(
        self, request: SealRequest, now: datetime, calendar: WorkCalendar | None
    ) -> Granted | Refused:
        """Return what the rules say now."""
        mandates = self.mandates(request.mandate_id)
        return decide_use(self.due_policy(), mandates, self, request, at=now, calendar=calendar)

    def ended(
        self, use: Use, request: SealRequest, now: datetime
    ) -> tuple[Refused, SealRecord] | None:
        """End a use that was not carried out and may not be any more; ``None``: it goes on."""
        if use.result is not None:
            return None
        policy = self.due_policy()
        reason = refusal_of_mandate(policy, self.mandates(request.mandate_id), request, at=now)
        if reason is None and policy.digest != use.receipt.policy.digest:
            reason = SealRefusal.POLICY_NOT_IN_FORCE  # the receipt would show rules that ended
        if reason is None:
            return None
        words = {"use": use.seq, "reason": reason.value}
        record = self.append(RecordKind.VOID, words, now)
        self.execute("UPDATE uses SET is_void = 1 WHERE seq = ?", (use.seq,))
        return Refused(reason=reason), record

    # --- writing ---

    def drawn_salt(self, seq: int) -> str:
        """Return the salt under which a record is logged, drawn once and for all."""
        self.execute(
            "INSERT OR IGNORE INTO salts (seq, salt) VALUES (?, ?)",
            (seq, secrets.token_hex(_SALT_BYTES)),
        )
        row = self.execute("SELECT salt FROM salts WHERE seq = ?", (seq,)).fetchone()
        return str(row[0])

    def append(self, kind: RecordKind, data: Mapping[str, Any], at: datetime) -> SealRecord:
        """Add the next record."""
        last, at = self.last(), read_instant(write_instant(at))
        if last is None:
            record = SealRecord(
                book=self._seal_id, seq=1, at=at, prev=None, kind=kind, data=dict(data)
            )
        else:
            record = last.followed_by(kind, data, at=at)
        self.execute(
            "INSERT INTO records (seq, kind, line) VALUES (?, ?, ?)",
            (record.seq, kind.value, canonical(record.as_json())),
        )
        if kind in _LOGGED:
            self.drawn_salt(record.seq)  # durable with the decision: no log sees it before
        return record

    def granted(self, found: Granted, request: SealRequest, now: datetime) -> Use:
        """Write down that a use is allowed."""
        policy, salt, mandate = self.due_policy(), secrets.token_hex(_SALT_BYTES), found.mandate
        words = _words(request, salt) | {
            "day": found.day.isoformat(),
            "policy_digest": policy.digest,
            "mandate_digest": None if mandate is None else mandate.digest,
            "approvals": [
                {"role": one.role, "approval": sealed_digest(salt, one.as_json())}
                for one in found.approvals
            ],
        }
        record = self.append(RecordKind.GRANT, words, now)
        receipt = SealReceipt(
            document_digest=request.document_digest,
            salt=salt,
            policy=policy,
            record=record,
            mandate=mandate,
            approvals=found.approvals,
        )
        self.execute(
            "INSERT INTO uses (seq, document, asked_by, day, receipt) VALUES (?, ?, ?, ?, ?)",
            (
                record.seq,
                request.document_digest,
                _asker(request),
                found.day.isoformat(),
                receipt.dump(),
            ),
        )
        return Use(receipt=receipt)

    def refused(self, found: Refused, request: SealRequest, now: datetime) -> SealRecord:
        """Write down that a use is not allowed."""
        words = _words(request, secrets.token_hex(_SALT_BYTES))
        return self.append(RecordKind.REFUSAL, words | {"reason": found.reason.value}, now)


def read_record(line: bytes) -> SealRecord:
    """Return the record of a line."""
    return SealRecord.of(parse_object(line))


def _words(request: SealRequest, salt: str) -> dict[str, Any]:
    return {
        "document": commitment(salt, request.document_digest),
        "type": request.type,
        "region": request.region,
        "requester": request.requester,
        "mandate_id": request.mandate_id,
    }


def _asker(request: SealRequest) -> str:
    return f"{request.requester} {request.mandate_id or '-'}"
