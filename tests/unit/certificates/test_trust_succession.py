"""What a new edition may say, and what it may not take back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    ChangeKind,
    Entitlement,
    ListedLog,
    ListedSeal,
    ListedWitness,
    RecognitionLevel,
    RecognitionRule,
    TrustDraft,
    TrustedIssuer,
    TrustPeer,
    TrustStore,
    check_successor,
    compare_editions,
    require_successor,
)
from oneservice.errors import TrustHistoryError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
VKEY = "log.example/1+1234abcd+AXn2b0b0"
RULE = RecognitionRule(
    issuer_region="980000",
    type="health-certificate",
    accepted_in="990000",
    valid_from=OPENED,
    minimum_level=RecognitionLevel.SEALED,
    legal_basis={"zh": "协议"},
)
LOG = ListedLog(origin="log.example/1", vkey=VKEY, valid_from=OPENED)
SEAL = ListedSeal(
    id="urn:seal:1", key_id="urn:key", policy_digest="sha256:" + 64 * "0", valid_from=OPENED
)


def later(days: int) -> datetime:
    """``days`` after the older edition, which is issued on day 100."""
    return OPENED + timedelta(days=100 + days)


@pytest.fixture
def old(bureau: Any) -> TrustStore:
    return bureau.publish(day=100, recognition=(RULE,), logs=(LOG,), seals=(SEAL,))


def issuer_with(draft: TrustDraft, **changes: Any) -> tuple[TrustedIssuer, ...]:
    return (replace(draft.issuers[0], **changes), *draft.issuers[1:])


def key_with(draft: TrustDraft, **changes: Any) -> tuple[TrustedIssuer, ...]:
    return issuer_with(draft, keys=(replace(draft.issuers[0].keys[0], **changes),))


def right_with(draft: TrustDraft, **changes: Any) -> tuple[TrustedIssuer, ...]:
    return issuer_with(draft, entitlements=(replace(draft.issuers[0].entitlements[0], **changes),))


ALLOWED: list[tuple[ChangeKind, Callable[[TrustDraft], dict[str, Any]]]] = [
    (ChangeKind.ENDED, lambda d: {"issuers": key_with(d, valid_until=later(0))}),
    (ChangeKind.ENDED, lambda d: {"issuers": key_with(d, valid_until=later(50))}),
    (ChangeKind.STOLEN, lambda d: {"issuers": key_with(d, compromised_at=later(-90))}),
    (ChangeKind.ENDED, lambda d: {"issuers": right_with(d, valid_until=later(1))}),
    (ChangeKind.ENDED, lambda _: {"recognition": (replace(RULE, valid_until=later(1)),)}),
    (ChangeKind.ENDED, lambda _: {"seals": (replace(SEAL, valid_until=later(1)),)}),
    (ChangeKind.STOLEN, lambda _: {"logs": (replace(LOG, compromised_at=later(-1)),)}),
    (ChangeKind.RENAMED, lambda d: {"issuers": issuer_with(d, name={"zh": "新局"})}),
    (
        ChangeKind.ADDED,
        lambda _: {"recognition": (RULE, replace(RULE, type="permit", valid_from=later(0)))},
    ),
    (
        ChangeKind.BACKDATED,
        lambda d: {
            "issuers": issuer_with(
                d,
                entitlements=(
                    *d.issuers[0].entitlements,
                    Entitlement(type="fire_check", region="990101", valid_from=later(-1)),
                ),
            )
        },
    ),
]

FORBIDDEN: list[tuple[ChangeKind, Callable[[TrustDraft], dict[str, Any]]]] = [
    (ChangeKind.REMOVED, lambda _: {"issuers": ()}),
    (ChangeKind.REMOVED, lambda d: {"issuers": issuer_with(d, keys=())}),
    (ChangeKind.REMOVED, lambda d: {"issuers": issuer_with(d, entitlements=())}),
    (ChangeKind.REMOVED, lambda _: {"logs": ()}),
    (ChangeKind.REMOVED, lambda _: {"seals": ()}),
    (ChangeKind.REMOVED, lambda _: {"recognition": ()}),
    (ChangeKind.REWRITTEN, lambda d: {"issuers": issuer_with(d, region="990102")}),
    (ChangeKind.REWRITTEN, lambda d: {"issuers": issuer_with(d, department="other")}),
    (ChangeKind.REWRITTEN, lambda d: {"issuers": key_with(d, valid_from=later(-99))}),
    (ChangeKind.REWRITTEN, lambda d: {"issuers": key_with(d, valid_until=later(-1))}),
    (ChangeKind.REMOVED, lambda d: {"issuers": right_with(d, region="990000")}),
    (ChangeKind.REWRITTEN, lambda d: {"issuers": right_with(d, valid_until=later(-1))}),
    (
        ChangeKind.REWRITTEN,
        lambda _: {"recognition": (replace(RULE, minimum_level=RecognitionLevel.COLLECTED),)},
    ),
    (ChangeKind.REWRITTEN, lambda _: {"recognition": (replace(RULE, legal_basis={"zh": "别的"}),)}),
    (ChangeKind.REMOVED, lambda _: {"seals": (replace(SEAL, policy_digest="sha256:" + 64 * "1"),)}),
]


@pytest.mark.parametrize(("kind", "change"), ALLOWED)
def test_what_a_new_edition_may_say(
    bureau: Any, old: TrustStore, kind: ChangeKind, change: Callable[[TrustDraft], dict[str, Any]]
) -> None:
    new = bureau.publish(day=200, **change(bureau.draft))
    assert [one.kind for one in compare_editions(old, new)] == [kind]
    assert check_successor(old, new) == ()
    for one in compare_editions(old, new):
        assert set(one.words) == {"zh", "en"}
        assert one.question is None or set(one.question) == {"zh", "en"}
        assert one.as_json()["is_breach"] is False


@pytest.mark.parametrize(("kind", "change"), FORBIDDEN)
def test_what_a_new_edition_may_not_take_back(
    bureau: Any, old: TrustStore, kind: ChangeKind, change: Callable[[TrustDraft], dict[str, Any]]
) -> None:
    """A draft refuses it; and where its signers sign it all the same, the auditor sees it."""
    changes = change(bureau.draft)
    with pytest.raises(TrustHistoryError, match="cannot follow edition 1"):
        bureau.publish(day=200, **changes)
    bureau.draft = replace(bureau.draft, issuers=old.issuers)
    honest = bureau.proposed(day=200, recognition=(RULE,), logs=(LOG,), seals=(SEAL,))
    edition = replace(TrustStore.proposed(honest), **changes).edition(honest.roots)
    for name in ("bureau", "audit"):
        edition = edition.by(bureau.keys[name], at=OPENED)
    breaches = check_successor(old, TrustStore.of(edition))
    assert kind in [one.kind for one in breaches]
    assert all(one.question is not None for one in breaches)


def test_a_report_of_theft_only_ever_gets_worse(bureau: Any) -> None:
    stolen = key_with(bureau.draft, compromised_at=later(-10))
    bureau.publish(day=100, issuers=stolen)
    for moment in (None, later(-5)):
        with pytest.raises(TrustHistoryError, match="taken back"):
            bureau.publish(day=200, issuers=key_with(bureau.draft, compromised_at=moment))
    bureau.publish(day=200, issuers=key_with(bureau.draft, compromised_at=later(-20)))


def test_an_end_that_has_come_is_final_and_one_to_come_is_not(bureau: Any) -> None:
    bureau.publish(day=100, issuers=key_with(bureau.draft, valid_until=later(50)))
    longer = bureau.publish(day=120, issuers=key_with(bureau.draft, valid_until=later(80)))
    assert compare_editions(bureau.editions[0], longer)[0].kind is ChangeKind.PROLONGED
    bureau.publish(day=200)
    with pytest.raises(TrustHistoryError):
        bureau.publish(day=210, issuers=key_with(bureau.draft, valid_until=later(150)))


def test_a_right_that_was_only_planned_can_be_called_off(bureau: Any) -> None:
    planned = right_with(bureau.draft, valid_from=later(300))
    bureau.publish(day=100, issuers=planned)
    off = bureau.publish(day=150, issuers=right_with(bureau.draft, valid_until=later(300)))
    assert not off.issuers[0].entitlements[0].is_within(later(300))


def test_numbers_dates_and_territories(bureau: Any, old: TrustStore) -> None:
    new = bureau.publish(day=200)
    kinds = {one.kind for one in check_successor(new, old)}
    assert {ChangeKind.NOT_NEWER, ChangeKind.ISSUED_EARLIER} <= kinds
    assert ChangeKind.OTHER_HISTORY in kinds
    other = replace(new, territory="980000")
    assert ChangeKind.OTHER_TERRITORY in {one.kind for one in check_successor(old, other)}
    with pytest.raises(TrustHistoryError):
        require_successor(new, old)


def test_new_signers_are_named(bureau: Any, old: TrustStore) -> None:
    signers = (*bureau.draft.signers[1:], bureau.signer("ministry"))
    new = bureau.publish("bureau", "audit", "ministry", day=200, signers=signers)
    (change,) = compare_editions(old, new)
    assert change.kind is ChangeKind.SIGNERS
    assert "2/3 (audit, university, ministry)" in change.words["en"]


def test_where_to_find_somebody_may_change_and_who_it_is_may_not(bureau: Any) -> None:
    witness = ListedWitness(
        name="w.example", vkey="w.example+1234abcd+AXn2", role="university", valid_from=OPENED
    )
    keys = tuple(one.public_key_multibase for one in bureau.draft.signers)
    peer = TrustPeer(
        territory="980000", url="https://a.example", threshold=2, keys=keys, valid_from=OPENED
    )
    old = bureau.publish(day=100, witnesses=(witness,), peers=(peer,))
    moved = replace(peer, url="https://b.example")
    new = bureau.publish(day=200, witnesses=(replace(witness, role="court"),), peers=(moved,))
    assert [one.kind for one in compare_editions(old, new)] == [ChangeKind.RENAMED] * 2
    assert check_successor(old, new) == ()
    with pytest.raises(TrustHistoryError):
        bureau.publish(day=300, peers=(replace(moved, threshold=1),))
