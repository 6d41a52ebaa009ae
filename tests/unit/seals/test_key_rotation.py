"""A seal changes its key: what was sealed before stays good, and there is never a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    Cryptosuite,
    ListedKey,
    SealReceipt,
    SigningKey,
    check_receipt,
    examine_book,
    read_book,
    sealed_part,
)
from oneservice.errors import KeyUnusableError, UnknownIssuerError
from oneservice.seals import SafetyLock, TransitionOfKeys
from oneservice.workdays import announced_calendar

OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SINCE = OPENING - timedelta(days=365)


def change(at: Any, new: SigningKey, **days: Any) -> TransitionOfKeys:
    old = ListedKey.for_certificates(at.issuer.id, at.key.public_multibase, valid_from=SINCE)
    given = {"begins": OPENING + timedelta(days=1), "ends": OPENING + timedelta(days=8)}
    return TransitionOfKeys(old=old, policy=at.policy, new=new.public_multibase, **given | days)


def judged(found: Any, seals: Any) -> Any:
    return check_receipt(
        SealReceipt.parse(found.receipt.dump()),
        seals=seals,
        document_digest=sealed_part(found.document),
        key_id=found.document["proof"]["verificationMethod"],
        certificate_type="food_permit",
        region="990101",
        calendar=announced_calendar(),
    )


def test_before_and_after(office: Callable[..., Any]) -> None:
    at, new = office(), SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    asked = at.document()
    before = asyncio.run(at.lock.seal(asked, at.lock.request(asked, requester="county:registrar")))
    turn = change(at, new)
    old_key, new_key = turn.keys
    assert (old_key.valid_until, new_key.valid_from) == (turn.ends, turn.begins)
    assert new_key.suite == "eddsa-jcs-2022"
    at.clock.set(turn.begins)
    at.book.enact(turn.next_policy, at=at.clock.now())
    lock = SafetyLock(
        issuer=at.issuer, key=new, book=at.book, clock=at.clock, calendar=announced_calendar()
    )
    again = at.document(2)
    after = asyncio.run(lock.seal(again, lock.request(again, requester="county:registrar")))
    seals = turn.seals(SINCE)
    assert judged(before, seals).at == OPENING
    assert judged(after, seals).at == turn.begins
    with pytest.raises(UnknownIssuerError):
        judged(after, (seals[1].__class__.of(seals[1].as_json() | {"valid_from":
               "2027-01-01T00:00:00Z"}),))  # fmt: skip
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert (report.sealed, report.findings) == (2, ())


def test_changes_that_are_none(office: Callable[..., Any]) -> None:
    at, new = office(), SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    with pytest.raises(KeyUnusableError, match="between"):
        change(at, new, ends=OPENING)
    with pytest.raises(KeyUnusableError, match="the old one"):
        change(at, at.key)
    other = ListedKey.for_certificates(at.issuer.id, new.public_multibase, valid_from=SINCE)
    with pytest.raises(KeyUnusableError, match="another key"):
        TransitionOfKeys(
            old=other,
            policy=at.policy,
            new=at.key.public_multibase,
            begins=OPENING,
            ends=OPENING,
        )
