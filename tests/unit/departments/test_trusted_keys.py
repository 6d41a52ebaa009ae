"""A stolen or withdrawn event key proves nothing from that instant on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from oneservice.certificates import (
    Cryptosuite,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    ListedRegion,
    RegionKey,
    RegionKeyUse,
    SigningKey,
    TrustedIssuer,
    TrustStore,
)
from oneservice.departments import event_keys_of, keys_of_region

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
STOLEN = datetime(2026, 6, 1, tzinfo=UTC)
OVER = datetime(2026, 9, 1, tzinfo=UTC)


def listed(name: str, **more: datetime) -> ListedKey:
    multibase = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).public_multibase
    return ListedKey(
        id=name,
        use=KeyUse.EVENT,
        suite=EventAlgorithm.ED25519,
        multibase=multibase,
        valid_from=SINCE,
        **more,
    )


def test_the_earliest_end_counts() -> None:
    issuer = TrustedIssuer(
        id="https://fire.example/issuer",
        name={"en": "fire"},
        region="990101",
        department="fire-rescue",
        keys=(
            listed("open"),
            listed("over", valid_until=OVER),
            listed("stolen", valid_until=OVER, compromised_at=STOLEN),
        ),
    )
    trust = TrustStore(
        territory="990101", version=1, issued_at=SINCE, expires_at=OVER, issuers=(issuer,)
    )
    ends = {key.keyid: key.not_after for key in event_keys_of(trust, "fire-rescue")}
    assert ends == {
        "open": None,
        "over": OVER - timedelta(milliseconds=1),
        "stolen": STOLEN - timedelta(milliseconds=1),
    }
    assert event_keys_of(trust, "health") == ()


def test_the_keys_of_a_region_are_those_of_their_use_and_day() -> None:
    """What its directory entry calls stolen or ended signs nothing any more."""

    def key(name: str, use: RegionKeyUse, **more: datetime) -> RegionKey:
        made = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
        return RegionKey(
            id=name,
            use=use,
            algorithm=EventAlgorithm.ED25519,
            multibase=made.public_multibase,
            valid_from=SINCE,
            **more,
        )

    region = ListedRegion(
        region="990101",
        name={"en": "Sample City"},
        valid_from=SINCE,
        valid_until=OVER,
        keys=(
            key("asks", RegionKeyUse.REQUEST),
            key("tells", RegionKeyUse.EVENT, valid_until=OVER, compromised_at=STOLEN),
        ),
    )
    told = {
        use: keys_of_region(region, use=use, at=SINCE)
        for use in (RegionKeyUse.REQUEST, RegionKeyUse.EVENT)
    }
    ((asks,), (tells,)) = told.values()
    assert (asks.keyid, asks.not_after) == ("asks", None)
    assert (tells.keyid, tells.alg) == ("tells", "ed25519")
    assert (tells.not_before, tells.not_after) == (SINCE, STOLEN - timedelta(milliseconds=1))
    assert keys_of_region(region, use=RegionKeyUse.EVENT, at=STOLEN) == ()
    assert keys_of_region(region, use=RegionKeyUse.REQUEST, at=OVER) == ()
