"""A village clerk's seal: rules, a mandate, a book, and a log of every use and every refusal.

The seal is the county's. The clerk holds a mandate for one kind of paper in one village; the rules
say at which hours, and how often a day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from oneservice.certificates import (
    Claims,
    Enclosures,
    ListedSeal,
    Mandate,
    SealPolicy,
    claims_document,
)
from oneservice.cli.demo_regions.editions import told_entry
from oneservice.cli.demo_regions.keys import Member, site_url
from oneservice.cli.demo_regions.kinds import INCOME, RESIDENCE
from oneservice.clocks import VirtualClock
from oneservice.seals import SafetyLock, SealBook, Sealed
from oneservice.tlog import EntryLog
from oneservice.transparency import Entry
from oneservice.workdays import announced_calendar

__all__ = ["CLERK", "DAILY_COUNT", "Village", "seal_rules", "village_seal"]

CLERK: Final = "village-clerk:03"
DAILY_COUNT: Final = 3
_COUNTY: Final = "county:registrar"
_MANDATE: Final = "mandate:03"
_MANDATE_LASTS: Final = timedelta(days=3 * 365)


def seal_rules(own: Member, *, since: datetime) -> SealPolicy:
    """Return the rules of the village seal."""
    return SealPolicy.of(
        {
            "format": "oneservice-seal-policy/1",
            "seal_id": f"{site_url(own.region)}/seals/village",
            "name": {"zh": "村（社区）便民服务专用章", "en": "Seal of village services"},
            "key_id": f"{own.holder.id}#{own.village.public_multibase}",
            "types": [RESIDENCE, INCOME],
            "regions": [own.region],
            "requesters": [_COUNTY],
            "approvers": [],
            "approvals_needed": 0,
            "hours": {"opens": "08:30", "closes": "17:30", "working_days_only": True},
            "daily_count": DAILY_COUNT,
            "valid_from": since.isoformat().replace("+00:00", "Z"),
        }
    )


def village_seal(own: Member, *, since: datetime) -> ListedSeal:
    """Return the seal as the region's trust list names it, its rules pinned by their digest."""
    rules = seal_rules(own, since=since)
    return ListedSeal(
        id=rules.seal_id, key_id=rules.key_id, policy_digest=rules.digest, valid_from=since
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noting:
    """The region's log, and a line for the auditor about each use and refusal that went into it."""

    log: EntryLog
    path: Path

    async def enter(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """Log ``entries``, and note where the auditor finds each of them, once.

        After a crash between this and the book the lock asks for the same entries again.
        """
        proofs = await self.log.enter(entries)
        noted = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        with self.path.open("a", encoding="utf-8") as file:
            for entry, proof in zip(entries, proofs, strict=True):
                if entry.digest in noted:
                    continue
                file.write(json.dumps(told_entry(entry, proof)) + "\n")
        return proofs


class Village:
    """The lock before the village seal; close it with the book.

    Args:
        own: the region.
        since: first moment of the rules.
        clock: of the region.
        log: takes uses and refused uses in.
    """

    def __init__(self, own: Member, *, since: datetime, clock: VirtualClock, log: EntryLog) -> None:
        rules = seal_rules(own, since=since)
        self._own, self._clock, self._since = own, clock, since
        self._noted = own.folder / "village-log.jsonl"
        self.book = SealBook(own.folder / "village.db", seal_id=rules.seal_id)
        if self.book.policy is None:
            self.book.enact(rules, at=clock.now())
        self._lock = SafetyLock(
            issuer=own.holder,
            key=own.village,
            book=self.book,
            clock=clock,
            calendar=announced_calendar(),
            log=_Noting(log=log, path=self._noted),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def grant(self) -> None:
        """Let the clerk of the village seal proofs of residence; twice is once."""
        mandate = Mandate(
            id=_MANDATE,
            seal_id=self.book.seal_id,
            holder=CLERK,
            granted_by=_COUNTY,
            types=(RESIDENCE,),
            regions=(self._own.region,),
            valid_from=self._since,
            valid_until=self._since + _MANDATE_LASTS,
        )
        self.book.mandate(mandate, at=self._clock.now())

    def revoke(self) -> None:
        """End the clerk's mandate, at once."""
        self.book.revoke(_MANDATE, at=self._clock.now())

    async def sealed(self, claims: Claims) -> tuple[dict[str, Any], Enclosures]:
        """Return a paper that the clerk sealed, with the receipt of the use.

        Raises:
            SealRefusedError: rules or mandate are against it; the refusal is on record.
        """
        document = claims_document(claims)
        asked = self._lock.request(document, requester=CLERK, mandate_id=_MANDATE)
        found: Sealed = await self._lock.seal(document, asked)
        receipt = found.receipt
        return dict(found.document), Enclosures(seal_receipt=receipt.as_json())

    def files(self) -> dict[str, str]:
        """Return what the audit office is handed: the book, and where its log holds each use."""
        noted = self._noted.read_text(encoding="utf-8") if self._noted.exists() else ""
        return {"book": self.book.dump().decode("utf-8"), "logged": noted}
