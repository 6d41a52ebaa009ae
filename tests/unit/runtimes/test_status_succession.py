"""Editions held against each other: a register that came from an old backup is found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.certificates import (
    CertificateState,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListIssuer,
    Publication,
    SigningKey,
    StatusArray,
    StatusList,
    TrustedIssuer,
    TrustStore,
    write_status_lists,
)
from oneservice.runtimes import revocations_taken_back

URI = "https://certificates.example/990101/status/1"
OFFICE = "https://certificates.example/990101/market-regulation"
START = datetime(2026, 10, 14, 3, tzinfo=UTC)
ENTRIES = 131_072
KEY, STRANGER = (SigningKey.generate(Cryptosuite.ECDSA_JCS_2019) for _ in range(2))
REVOKED, SUSPENDED = CertificateState.REVOKED, CertificateState.SUSPENDED
LISTED = ListedKey.for_certificates(
    OFFICE, KEY.public_multibase, valid_from=START - timedelta(days=9)
)


def trusting(key: ListedKey) -> TrustStore:
    """Return a list that names one office with this key."""
    right = Entitlement(type="food_permit", region="990101", valid_from=key.valid_from)
    return TrustStore(
        territory="990101",
        version=1,
        issued_at=key.valid_from,
        expires_at=START + timedelta(days=4000),
        issuers=(
            TrustedIssuer(
                id=OFFICE,
                name={"zh": "局"},
                region="990101",
                keys=(key,),
                entitlements=(right,),
            ),
        ),
    )


TRUST = trusting(LISTED)


def edition(
    states: dict[int, CertificateState], *, hours: float, key: SigningKey = KEY
) -> dict[Publication, StatusList]:
    """Return the three lists of one moment."""
    array = StatusArray(ENTRIES)
    array.put_all(states.items())
    at = START + timedelta(hours=hours)
    documents = write_status_lists(
        array.values(),
        uri=URI,
        issuer=ListIssuer(id=OFFICE, key=key, key_id=f"{OFFICE}#{key.public_multibase}"),
        issued_at=at,
        expires_at=at + timedelta(days=7),
        ttl_s=60,
    )
    return {kind: StatusList.parse(data) for kind, data in documents.items()}


def found(
    *editions: dict[Publication, StatusList],
) -> dict[Publication, Sequence[tuple[int, ...]]]:
    """Return the forgotten entries by publication."""
    lists = [one for some in editions for one in some.values()]
    told = revocations_taken_back(reversed(lists), trust=TRUST)
    kinds = {one.later.publication for one in told}
    return {kind: [one.entries for one in told if one.later.publication is kind] for kind in kinds}


def test_a_state_of_the_past_under_a_new_date_is_named() -> None:
    """Both publications tell it; the register that is put back is in order again."""
    first = edition({1: REVOKED}, hours=0)
    second = edition({1: REVOKED, 7: REVOKED, 9: REVOKED}, hours=1)
    restored = edition({1: REVOKED}, hours=2)
    back = edition({1: REVOKED, 7: REVOKED, 9: REVOKED, 12: REVOKED}, hours=3)
    due = {Publication.TOKEN: [(7, 9)], Publication.REVOCATION: [(7, 9)]}
    assert found(first, second, restored, back) == due
    (token, _) = sorted(
        revocations_taken_back(
            [one for some in (first, second, restored) for one in some.values()], trust=TRUST
        ),
        key=lambda one: one.later.publication is not Publication.TOKEN,
    )
    assert token.issuer_id == OFFICE
    assert (token.earlier, token.later) == (
        second[Publication.TOKEN],
        restored[Publication.TOKEN],
    )


def test_two_editions_of_one_second_must_know_each_others_words() -> None:
    one, other = edition({3: REVOKED}, hours=0), edition({4: REVOKED}, hours=0)
    assert sorted(found(one, other)[Publication.TOKEN]) == [(3,), (4,)]


def test_a_suspension_may_pass() -> None:
    assert found(edition({5: SUSPENDED}, hours=0), edition({}, hours=1)) == {}


def test_a_key_that_was_stolen_accuses_nobody() -> None:
    lists = [
        edition({5: REVOKED}, hours=0)[Publication.TOKEN],
        edition({}, hours=2)[Publication.TOKEN],
    ]
    assert revocations_taken_back(lists, trust=TRUST)
    stolen = replace(LISTED, compromised_at=START + timedelta(hours=1))
    assert revocations_taken_back(lists, trust=trusting(stolen)) == ()


def test_who_forges_a_list_accuses_nobody() -> None:
    """Neither an older edition that was never published, nor a newer one."""
    true = edition({5: REVOKED}, hours=1)
    for forged in (
        edition({5: REVOKED, 6: REVOKED}, hours=0, key=STRANGER),
        edition({}, hours=2, key=STRANGER),
    ):
        assert found(true, forged) == {}


@pytest.mark.parametrize("seed", range(2))
@settings(max_examples=10, deadline=None)
@given(
    steps=st.lists(st.sets(st.integers(0, 15), max_size=4), min_size=1, max_size=4),
)
def test_a_register_that_only_goes_forward_is_never_accused(
    seed: int, steps: list[set[int]]
) -> None:
    states: dict[int, CertificateState] = {}
    editions = []
    for number, fresh in enumerate(steps):
        states |= dict.fromkeys((one + seed * 100_000 for one in fresh), REVOKED)
        editions.append(edition(states, hours=number))
    assert found(*editions) == {}
