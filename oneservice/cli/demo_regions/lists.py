"""The bureaus of the story: each region's trust list, edition by edition, signed by two offices.

This is people's work at desks of their own, with keys that no region's process has. What a region
learns of it is the published file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import oneservice_adapters as offices
from oneservice.certificates import (
    BUNDLE_TYPE,
    TRANSFER_NOTICE,
    Cryptosuite,
    Curve,
    Entitlement,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    ListedLog,
    ListedWitness,
    ListSigner,
    RecognitionLevel,
    RecognitionRule,
    SigningKey,
    TrustDraft,
    TrustedIssuer,
    TrustPeer,
    TrustStore,
    encode_multikey,
)
from oneservice.cli.demo_regions.keys import (
    AUDITORS,
    BIRTH,
    FOUNDERS,
    HOME,
    NORTH,
    Member,
    fresh_seal,
    kept_key,
    member,
    site_url,
    territory_of,
    witness_of,
)
from oneservice.cli.demo_regions.kinds import HEALTH, LICENCE, RESIDENCE
from oneservice.cli.demo_regions.village import village_seal
from oneservice.cli.reading import write_file

__all__ = [
    "KEYS_SINCE",
    "LIST_NAME",
    "START",
    "bureau_keys",
    "first_list",
    "meet",
    "own_list",
    "peer_of",
    "rotate",
]

START: Final = datetime(2026, 9, 28, 1, tzinfo=UTC)
"""Monday, 28 September 2026, 09:00 in Beijing."""
KEYS_SINCE: Final = START - timedelta(days=200)
LIST_NAME: Final = "trust-list.json"
_LISTED_FOR: Final = timedelta(days=3650)
_BASIS: Final = {"zh": "三地证照互认协议（示例）", "en": "Sample agreement of three regions"}
_RULES: Final = (
    (NORTH, HOME, HEALTH),
    (HOME, NORTH, HEALTH),
    (NORTH, BIRTH, HEALTH),
    (HOME, BIRTH, HEALTH),
    (BIRTH, NORTH, HEALTH),
    (NORTH, HOME, RESIDENCE),
)
"""Issued where, accepted where, of which type. Between BIRTH and HOME there is no agreement."""


def bureau_keys(base: Path, region: str) -> dict[str, SigningKey]:
    """Return the keys of those who sign a region's list; they lie in no region's folder."""
    folder = base / "bureaus" / region
    return {
        name: SigningKey.from_pem(
            kept_key(
                folder / f"{name}.pem",
                lambda: SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).to_pem(None),
            )
        )
        for name in ("data-bureau", "audit-office")
    }


def own_list(base: Path, region: str) -> TrustStore:
    """Return the edition that a region publishes now."""
    return TrustStore.parse((base / region / LIST_NAME).read_bytes())


def first_list(base: Path, region: str, *, at: datetime = START - timedelta(days=1)) -> None:
    """Publish the first edition of a region's list, once."""
    if (base / region / LIST_NAME).exists():
        return
    own = member(base, region)
    signers = bureau_keys(base, region)
    watching = [one for one in FOUNDERS if one != region][:2]
    draft = TrustDraft(
        territory=territory_of(region),
        publisher=f"{site_url(region)}/trust-list",
        threshold=len(signers),
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in signers.items()
        ),
        issuers=(_centre(own), _counter(own), *_offices(own)),
        logs=(ListedLog(origin=own.log.key.name, vkey=own.log.key.vkey, valid_from=KEYS_SINCE),),
        witnesses=tuple(_listed(base, one) for one in (*watching, *AUDITORS)),
        seals=(village_seal(own, since=KEYS_SINCE),),
        recognition=tuple(
            _rule(issuer, accepting, kind, since=KEYS_SINCE)
            for issuer, accepting, kind in _RULES
            if accepting == region
        ),
        peers=tuple(peer_of(base, one, since=KEYS_SINCE) for one in FOUNDERS if one != region),
    )
    _publish(base, region, draft, after=None, at=at)


def meet(base: Path, region: str, other: str, *, at: datetime) -> None:
    """Enter another region into a region's own list: its signers, and that its proofs count."""
    now = own_list(base, region)
    draft = TrustDraft.from_list(now)
    draft = replace(
        draft,
        peers=(*draft.peers, peer_of(base, other, since=at)),
        recognition=(*draft.recognition, _rule(other, region, HEALTH, since=at)),
    )
    _publish(base, region, draft, after=now, at=at)


def rotate(base: Path, region: str, *, at: datetime) -> None:
    """Give the centre of ``region`` a new seal; what the old one sealed until ``at`` stays good.

    Its process finds the new key when it starts again; all others find the new list.
    """
    now, own = own_list(base, region), member(base, region)
    draft = TrustDraft.from_list(now)
    centre = next(one for one in draft.issuers if one.id == own.holder.id)
    old = own.key_id
    (own.folder / "seal.pem").unlink()
    seal = kept_key(own.folder / "seal.pem", fresh_seal)
    fresh = ListedKey.for_certificates(
        own.holder.id, SigningKey.from_pem(seal).public_multibase, valid_from=at
    )
    keys = tuple(replace(one, valid_until=at) if one.id == old else one for one in centre.keys)
    changed = replace(centre, keys=(*keys, fresh))
    issuers = tuple(changed if one is centre else one for one in draft.issuers)
    _publish(base, region, replace(draft, issuers=issuers), after=now, at=at)


def peer_of(base: Path, region: str, *, since: datetime) -> TrustPeer:
    """Return a region's list as other lists and the directory name it."""
    signers = bureau_keys(base, region)
    return TrustPeer(
        territory=territory_of(region),
        url=f"{site_url(region)}/trust-list",
        threshold=len(signers),
        keys=tuple(one.public_multibase for one in signers.values()),
        valid_from=since,
    )


def _publish(
    base: Path, region: str, draft: TrustDraft, *, after: TrustStore | None, at: datetime
) -> None:
    edition = draft.edition(after=after, issued_at=at, expires_at=at + _LISTED_FOR)
    for key in bureau_keys(base, region).values():
        edition = edition.by(key, at=at)
    write_file(base / region / LIST_NAME, TrustStore.of(edition).dump())


def _offices(own: Member) -> tuple[TrustedIssuer, ...]:
    cards = (
        offices.prepare_office(own.folder / "offices" / one, one, own.region)
        for one in own.departments
    )
    return tuple(card.trusted_issuer(since=KEYS_SINCE) for card in cards)


def _centre(own: Member) -> TrustedIssuer:
    holder = own.holder
    return TrustedIssuer(
        id=holder.id,
        name=holder.name,
        region=own.region,
        department="government-service-centre",
        keys=tuple(
            ListedKey.for_certificates(holder.id, key.public_multibase, valid_from=KEYS_SINCE)
            for key in (own.seal, own.village)
        ),
        entitlements=tuple(
            Entitlement(type=one, region=own.region, valid_from=KEYS_SINCE)
            for one in (BUNDLE_TYPE, HEALTH, LICENCE, RESIDENCE, TRANSFER_NOTICE)
        ),
    )


def _counter(own: Member) -> TrustedIssuer:
    """Return the counter at which other regions file: it signs events, and no certificates."""
    key = ListedKey(
        id=own.key.keyid,
        use=KeyUse.EVENT,
        suite=EventAlgorithm.ED25519,
        multibase=encode_multikey(Curve.ED25519, own.key.public_key),
        valid_from=KEYS_SINCE,
    )
    return TrustedIssuer(
        id=f"https://counter.{own.region}.example/",
        name={"zh": f"{own.region}跨区域受理窗口", "en": f"Counter of {own.region} for others"},
        region=own.region,
        department=own.office,
        keys=(key,),
    )


def _listed(base: Path, name: str) -> ListedWitness:
    key = witness_of(base, name).key
    is_region = name in FOUNDERS
    return ListedWitness(
        name=key.name,
        vkey=key.vkey,
        role="region" if is_region else name,
        region=name if is_region else None,
        valid_from=KEYS_SINCE,
    )


def _rule(issuer: str, accepted_in: str, kind: str, *, since: datetime) -> RecognitionRule:
    return RecognitionRule(
        issuer_region=territory_of(issuer),
        type=kind,
        accepted_in=territory_of(accepted_in),
        valid_from=since,
        minimum_level=RecognitionLevel.SEALED,
        legal_basis=_BASIS,
    )
