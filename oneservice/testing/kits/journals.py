"""Small journals for stores: real records, chained and salted, about nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import HeadSeen, write_record
from oneservice.ports import Write

__all__ = ["START", "Journal"]

START: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SECRET: Final = "5" * 64


@dataclass(slots=True)
class Journal:
    """What a store should hold of one case: the naive model of it.

    :meth:`write` makes the next write and changes nothing; :meth:`keep` says that it is durable.
    """

    case_id: str = "c1"
    lines: list[bytes] = field(default_factory=list)
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    head: Digest | None = None
    status: str = "submitted"
    due: datetime | None = None

    def write(
        self,
        records: int = 1,
        *,
        after: int | None = None,
        blobs: tuple[bytes, ...] = (),
        due: datetime | None = None,
        status: str = "in_progress",
        key: str | None = None,
    ) -> Write:
        """Return a write of so many records after ``after`` (what is there, by default)."""
        lines, seq, head = [], len(self.lines), self.head
        for number in range(seq + 1, seq + records + 1):
            at = START + timedelta(seconds=number)
            event = HeadSeen(at=at, sub_case_id="step", head_seq=number)
            record = write_record(event, case_id=self.case_id, seq=number, prev=head, secret=SECRET)
            lines.append(record.line)
            head = record.digest
        more: Mapping[str, Any] = {"secret": SECRET, "key": key} if not seq else {}
        return Write(
            case_id=self.case_id,
            after_seq=seq if after is None else after,
            records=tuple(lines),
            blobs={digest_bytes(one): one for one in blobs},
            thing="thing",
            status=status,
            next_due=due,
            **more,
        )

    def keep(self, write: Write) -> None:
        """Take over what ``write`` made durable."""
        self.lines.extend(write.records)
        if write.records:
            self.head = digest_bytes(write.records[-1])
        self.blobs.update(write.blobs)
        self.status, self.due = write.status, write.next_due
