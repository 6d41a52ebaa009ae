"""Trust lists: signed, dated, strict; honest about what their own signature shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    Cryptosuite,
    Entitlement,
    KeyUse,
    ListedKey,
    SignedEdition,
    SigningKey,
    TrustAnchor,
    TrustStore,
    examine,
)
from oneservice.certificates.trust_editions import EDITION_TYPE
from oneservice.certificates.trust_jws import encode, sign
from oneservice.errors import TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHER = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
PUBLISHER_ID = "https://certificates.example/990100/list"


def signed(store: TrustStore) -> TrustStore:
    return store.signed(key=PUBLISHER, signer_id=PUBLISHER_ID, created=OPENED)


def test_a_list_goes_there_and_back(office: Any, make_office: Callable[..., Any]) -> None:
    office.keys = (
        office.listed(
            valid_until=datetime(2028, 1, 1, tzinfo=UTC),
            compromised_at=datetime(2027, 1, 1, tzinfo=UTC),
        ),
        ListedKey(
            id="events-2026",
            use=KeyUse.EVENT,
            suite="ecdsa-p256-sha256",
            multibase=PUBLISHER.public_multibase,
            valid_from=OPENED,
        ),
    )
    office.others = (make_office().entry,)
    store = signed(office.trust)
    read = TrustStore.parse(store.dump())
    assert (read, read.dump()) == (store, store.dump())
    assert read.issuer(office.id) == office.entry
    assert read.issuer("https://nobody.example") is None
    assert [key.id for key in read.event_keys("market-regulation")] == ["events-2026"]
    assert read.event_keys("nobody") == ()
    assert read.key("events-2026") is None  # an event key never vouches for a certificate


def test_the_report_is_honest_about_the_lists_signature(office: Any) -> None:
    root = PUBLISHER.public_multibase
    data = signed(office.trust).dump()
    words = (
        (office.trust, "none"),
        (TrustStore.parse(data), "self-consistent"),
        (TrustStore.parse(data, root=root), "root"),
    )
    for store, word in words:
        report = examine(office.issue(), trust=store, at=datetime(2027, 1, 1, tzinfo=UTC))
        assert word in report.checks[2].evidence["list_signature"]


def test_a_pinned_root_must_have_signed(office: Any) -> None:
    data = signed(office.trust).dump()
    stranger = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    with pytest.raises(TrustListError):
        TrustStore.parse(data, root=stranger.public_multibase)
    root = PUBLISHER.public_multibase
    edition = SignedEdition.parse(data)
    anchor = TrustAnchor(threshold=1, keys=frozenset({root}))
    for known in (root, edition.root.digest, anchor):
        assert TrustStore.parse(data, root=known).is_pinned
    forged = office.trust.signed(key=stranger, signer_id=PUBLISHER_ID, created=OPENED).document
    assert forged is not None
    for part in ("roots", "signatures", "payload"):
        with pytest.raises(TrustListError):
            TrustStore.parse(canonical({**forged, part: edition.as_json()[part]}))


@pytest.mark.parametrize(
    "change",
    [
        "document['format'] = 'oneservice-trust-list/3'",
        "document['surprise'] = 1",
        "document['issuers'][0]['surprise'] = 1",
        "document['root']['version'] = 2",
        "document['past'] = [{'version': 1, 'digest': 'sha256:' + 64 * '0'}]",
        "document['next_update_at'] = document['issued_at']",
        "document['next_update_at'] = '2050-01-01T00:00:00Z'",
        "document['logs'] = [{}]",
        "document['recognition'] = {}",
        "document['version'] = 0",
        "document['version'] = True",
        "document['territory'] = 'Sichuan'",
        "document['expires_at'] = '2040-01-01'",
        "del document['issuers']",
        "document['issuers'] = {}",
        "document['issuers'].append(document['issuers'][0])",
        "document['issuers'][0]['keys'] *= 2",
        "document['issuers'][0]['keys'][0]['use'] = 'anything'",
        "document['issuers'][0]['keys'][0]['suite'] = 'ecdsa-rdfc-2019'",
        "document['issuers'][0]['keys'][0]['public_key_multibase'] = 'zNo'",
        "document['issuers'][0]['keys'][0]['valid_from'] = None",
        "document['issuers'][0]['entitlements'][0]['region'] = ''",
        "document['issuers'][0]['name'] = {'zh': 5}",
    ],
)
def test_a_malformed_list_is_refused_even_where_its_publisher_signed_it(
    office: Any, change: str
) -> None:
    edition = SignedEdition.parse(signed(office.trust).dump())
    document: dict[str, Any] = edition.content
    exec(change, {"document": document})  # noqa: S102 - the table above
    payload = canonical(document)
    again = sign(payload, key=PUBLISHER, kind=EDITION_TYPE, at=OPENED)
    whole = edition.as_json() | {"payload": encode(payload), "signatures": [again]}
    with pytest.raises(TrustListError):
        TrustStore.parse(canonical(whole))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":"oneservice-trust-list/1"}'])
def test_bytes_that_are_no_list(data: bytes) -> None:
    with pytest.raises(TrustListError):
        TrustStore.parse(data)


def test_only_a_signed_list_leaves_the_process(office: Any) -> None:
    with pytest.raises(TrustListError):
        office.trust.dump()
    with pytest.raises(TrustListError):
        office.trust.signed(key=PUBLISHER, signer_id="the office", created=OPENED)


def test_a_key_of_the_wrong_kind_never_enters_a_list(office: Any) -> None:
    for wrong in ({"suite": "ed25519"}, {"multibase": "z"}, {"id": "no url"}):
        with pytest.raises(TrustListError):
            replace(office.listed(), **wrong)


def test_entitlements_hold_in_their_region_and_what_lies_in_it() -> None:
    right = Entitlement(type="food_permit", region="990100", valid_from=OPENED)
    assert right.covers("food_permit", "990101", OPENED)
    assert right.covers("food_permit", "990101001", OPENED)
    assert right.covers("food_permit", "990100", OPENED)
    assert not right.covers("food_permit", "990000", OPENED)
    assert not right.covers("food_permit", "990201", OPENED)
