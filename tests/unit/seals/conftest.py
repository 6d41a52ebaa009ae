"""One office with one seal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import (
    Approver,
    Claims,
    Cryptosuite,
    ListedSeal,
    Mandate,
    SealHours,
    SealPolicy,
    SigningKey,
    claims_document,
)
from oneservice.clocks import VirtualClock
from oneservice.ports import SealHolder
from oneservice.seals import SafetyLock, SealBook
from oneservice.workdays import announced_calendar

ISSUER = SealHolder(id="https://county.example/issuer", name={"en": "County"}, region="990101")
SEAL = "https://county.example/seals/permits"
OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)  # a Monday, 09:00 at the office


def document(
    number: int = 1, *, kind: str = "food_permit", region: str = "990101"
) -> dict[str, Any]:
    """A permit that waits for its proof."""
    return claims_document(
        Claims(
            id=f"urn:example:permit:{number}",
            type=kind,
            title={"zh": "示例", "en": "Sample"},
            issuer_id=ISSUER.id,
            issuer_name={"en": "County"},
            issuer_region=region,
            holder_name="示例",
            holder_code="92990101MA99000523",
            valid_from=date(2026, 9, 28),
        )
    )


def mandate(name: str = "m:1", **changes: Any) -> Mandate:
    given: dict[str, Any] = {
        "id": name,
        "seal_id": SEAL,
        "holder": "village-clerk:990101-03",
        "granted_by": "county:registrar",
        "types": ("food_permit",),
        "regions": ("990101",),
        "valid_from": OPENING - timedelta(days=30),
        "valid_until": OPENING + timedelta(days=30),
    }
    return Mandate(**given | changes)


def policy_for(key: SigningKey, **changes: Any) -> SealPolicy:
    given: dict[str, Any] = {
        "seal_id": SEAL,
        "name": {"zh": "示例县行政审批专用章", "en": "County permits"},
        "key_id": f"{ISSUER.id}#{key.public_multibase}",
        "types": ("food_permit", "signboard_approval"),
        "regions": ("990101",),
        "requesters": ("county:registrar",),
        "approvers": (Approver(role="county:chief"), Approver(role="county:deputy")),
        "hours": SealHours(opens=time(8, 30), closes=time(17, 30)),
        "valid_from": OPENING - timedelta(days=365),
    }
    return SealPolicy(**given | changes)


@dataclass
class Office:
    """A seal, its book, its lock, and a clock that is set by hand."""

    key: SigningKey
    book: SealBook
    clock: VirtualClock
    lock: SafetyLock
    policy: SealPolicy

    issuer = ISSUER
    document = staticmethod(document)
    mandate = staticmethod(mandate)

    def rules(self, **changes: Any) -> SealPolicy:
        """Other rules for the same key."""
        return policy_for(self.key, **changes)

    def listed(self) -> tuple[ListedSeal, ...]:
        return (
            ListedSeal(
                id=SEAL,
                key_id=self.lock.key_id,
                policy_digest=self.policy.digest,
                valid_from=OPENING - timedelta(days=365),
            ),
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    """Opens the office; policy members may be given."""
    opened: list[SealBook] = []

    def make(*, key: Any = None, log: Any = None, name: str = "seal.db", **changes: Any) -> Office:
        key = key or SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        clock = VirtualClock(OPENING)
        book = SealBook(tmp_path / name, seal_id=SEAL)
        opened.append(book)
        policy = policy_for(key, **changes)
        book.enact(policy, at=clock.now())
        lock = SafetyLock(
            issuer=ISSUER,
            key=key,
            book=book,
            clock=clock,
            calendar=announced_calendar(),
            log=log,
        )
        return Office(key, book, clock, lock, policy)

    yield make
    for book in opened:
        book.close()
