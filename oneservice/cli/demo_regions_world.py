"""The world of the cross-region story: keys, trust lists and policies, made before anybody starts.

Three fictional regions, each with its own folder: what is secret lies there and nowhere else. What
regions must know of each other (keys, who cosigns whom, whose certificates count) is made out of
band and given to all, as a directory signed by several would be.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

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
    SignedRoot,
    SigningKey,
    TrustBook,
    TrustedIssuer,
    TrustRoot,
    TrustStore,
    combine,
    encode_multikey,
)
from oneservice.departments import Ed25519EventKey, VerifyingKey
from oneservice.ports import SealHolder
from oneservice.tlog import crosswise_policy
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
)

__all__ = [
    "AUDITORS",
    "BIRTH",
    "ENOUGH_WITNESSES",
    "HEALTH",
    "HOME",
    "NORTH",
    "REGIONS",
    "START",
    "Member",
    "member",
    "policy_for",
    "prepare",
    "rotate",
    "trust_of",
    "witness_of",
]

START: Final = datetime(2026, 9, 28, 1, tzinfo=UTC)
"""Monday, 28 September 2026, 09:00 in Beijing."""
BIRTH: Final = "970301"
HOME: Final = "980201"
NORTH: Final = "990101"
REGIONS: Final = (BIRTH, HOME, NORTH)
AUDITORS: Final = ("audit-office", "university")
ENOUGH_WITNESSES: Final = 3
"""Of four: any two sets of three share an honest one, if one of the four lies."""
HEALTH: Final = "health_certificate"
"""Type of the certificate that travels: a cook's proof of health."""
_DEPARTMENTS: Final = {BIRTH: ("health",), HOME: ("public-security",), NORTH: ()}
_LISTS: Final = "trust-lists.json"
_SEAL: Final = "seal.pem"
_OLD_SEAL: Final = "seal-before.pem"
_LIST_SIGNERS: Final = ("data-bureau", "audit-office")
_KEYS_SINCE: Final = START - timedelta(days=200)
_LISTED_FOR: Final = timedelta(days=3650)
_BASIS: Final = {
    "zh": "三地健康证互认协议（示例）",
    "en": "Sample agreement on health certificates",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One region as it knows itself.

    Args:
        region: its code.
        folder: where all that is its own lies.
        seal: seals certificates, bundles and notices.
        log: signs the heads of its log.
        witness: cosigns other regions' logs.
        key: signs events for other regions, and requests to them.
    """

    region: str
    folder: Path
    seal: SigningKey
    log: NoteSigner
    witness: NoteSigner
    key: Ed25519EventKey

    @property
    def holder(self) -> SealHolder:
        """The office that hands out results, as trust lists name it."""
        return SealHolder(
            id=f"https://certificates.{self.region}.example/issuer",
            name={"zh": f"{self.region}政务服务中心", "en": f"Service centre of {self.region}"},
            region=self.region,
            is_sandbox=True,
        )

    @property
    def key_id(self) -> str:
        """URL of the seal's public half."""
        return f"{self.holder.id}#{self.seal.public_multibase}"

    @property
    def office(self) -> str:
        """As which department other regions reach its engine."""
        return f"region-{self.region[:4]}00"

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments whose offices work in this region's story."""
        return _DEPARTMENTS[self.region]

    @property
    def verifying_key(self) -> VerifyingKey:
        """By which others know its events and requests."""
        return VerifyingKey(keyid=self.key.keyid, alg=self.key.alg, public_key=self.key.public_key)


def member(base: Path, region: str) -> Member:
    """Return a region, its keys made once and found again."""
    folder = base / region
    folder.mkdir(parents=True, exist_ok=True)
    seal = _kept(folder / _SEAL, lambda: _seal().to_pem(None))
    key = _kept(folder / "region.pem", lambda: Ed25519EventKey.generate(region).to_pem())
    return Member(
        region=region,
        folder=folder,
        seal=SigningKey.from_pem(seal),
        log=_signer(folder / "log.pem", f"log.{region}.example", SignatureType.ED25519),
        witness=witness_of(base, region),
        key=Ed25519EventKey.from_pem(key, keyid=f"region-{region}"),
    )


def witness_of(base: Path, name: str) -> NoteSigner:
    """Return the cosigning key of a region or of an auditor."""
    path = base / name / "witness.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    return _signer(path, f"witness.{name}.example", SignatureType.COSIGNATURE_V1)


def policy_for(base: Path, region: str, urls: dict[str, str]) -> WitnessPolicy:
    """Return who must cosign the log of ``region``: two others of three kinds, one may lie.

    Args:
        base: of the story.
        region: whose log it is.
        urls: where witnesses are reached, by name; others are known and not asked.
    """

    def known(name: str) -> KnownWitness:
        signer = witness_of(base, name)
        return KnownWitness(name=name, key=signer.key, url=urls.get(name, ""))

    return crosswise_policy(
        [KnownLog(key=member(base, region).log.key)],
        regions=[known(one) for one in REGIONS if one != region],
        offices=[known(one) for one in AUDITORS],
    )


def prepare(base: Path) -> None:
    """Make every key and every trust list, once."""
    path = base / _LISTS
    if path.exists():
        return
    lists = [_list(base, one).dump().decode("utf-8") for one in REGIONS]
    path.write_text(json.dumps(lists), encoding="utf-8")


def rotate(base: Path, region: str, *, at: datetime) -> None:
    """Give the centre of ``region`` a new seal; what the old one sealed until ``at`` stays good.

    Its process finds the new key when it starts again, all others the new list at once.
    """
    own = member(base, region)
    (own.folder / _OLD_SEAL).write_bytes((own.folder / _SEAL).read_bytes())
    (own.folder / "rotated").write_text(at.isoformat(), encoding="ascii")
    (own.folder / _SEAL).unlink()
    path = base / _LISTS
    texts = json.loads(path.read_text(encoding="utf-8"))
    texts[REGIONS.index(region)] = _list(base, region, version=2).dump().decode("utf-8")
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(texts), encoding="utf-8")
    fresh.replace(path)


def trust_of(base: Path) -> TrustBook:
    """Return the lists of all three regions, each speaking for its own territory."""
    texts: list[str] = json.loads((base / _LISTS).read_text(encoding="utf-8"))
    return combine(TrustStore.parse(one.encode("utf-8")) for one in texts)


def _list(base: Path, region: str, *, version: int = 1) -> TrustStore:
    own = member(base, region)
    cards = [
        offices.prepare_office(own.folder / "offices" / one, one, region) for one in own.departments
    ]
    unsigned = TrustStore(
        territory=f"{region[:4]}00",
        version=version,
        issued_at=START - timedelta(days=1),
        expires_at=START + _LISTED_FOR,
        issuers=(
            _centre(own),
            _counter(own),
            *(card.trusted_issuer(since=_KEYS_SINCE) for card in cards),
        ),
        logs=(ListedLog(origin=own.log.key.name, vkey=own.log.key.vkey, valid_from=_KEYS_SINCE),),
        witnesses=tuple(_listed(base, one) for one in (*REGIONS, *AUDITORS) if one != region),
        recognition=tuple(_rule(one, region) for one in REGIONS if one != region),
    )
    return _signed(unsigned)


def _signed(unsigned: TrustStore) -> TrustStore:
    """Return a list signed by both who must sign it; their keys are then forgotten."""
    keys = {one: SigningKey.generate(Cryptosuite.EDDSA_JCS_2022) for one in _LIST_SIGNERS}
    root = TrustRoot(
        territory=unsigned.territory,
        version=1,
        publisher=f"https://trust.{unsigned.territory}.example/list",
        threshold=len(keys),
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in keys.items()
        ),
        issued_at=unsigned.issued_at,
    )
    edition = unsigned.edition((SignedRoot(root=root),))
    for key in keys.values():
        edition = edition.by(key, at=unsigned.issued_at)
    return TrustStore.of(edition)


def _centre(own: Member) -> TrustedIssuer:
    holder, rotated = own.holder, own.folder / "rotated"
    since = _KEYS_SINCE
    keys = []
    if rotated.exists():
        since = datetime.fromisoformat(rotated.read_text(encoding="ascii"))
        before = SigningKey.from_pem((own.folder / _OLD_SEAL).read_bytes())
        keys = [_seal_key(holder, before, _KEYS_SINCE, until=since)]
    keys.append(_seal_key(holder, own.seal, since))
    return TrustedIssuer(
        id=holder.id,
        name=holder.name,
        region=own.region,
        department="government-service-centre",
        keys=tuple(keys),
        entitlements=tuple(
            Entitlement(type=one, region=own.region, valid_from=_KEYS_SINCE)
            for one in (BUNDLE_TYPE, HEALTH, TRANSFER_NOTICE)
        ),
    )


def _counter(own: Member) -> TrustedIssuer:
    """Return the counter at which other regions file: it signs events, and no certificates."""
    key = ListedKey(
        id=own.key.keyid,
        use=KeyUse.EVENT,
        suite=EventAlgorithm.ED25519,
        multibase=encode_multikey(Curve.ED25519, own.key.public_key),
        valid_from=_KEYS_SINCE,
    )
    return TrustedIssuer(
        id=f"https://counter.{own.region}.example/",
        name={"zh": f"{own.region}跨区域受理窗口", "en": f"Counter of {own.region} for others"},
        region=own.region,
        department=own.office,
        keys=(key,),
    )


def _seal_key(
    holder: SealHolder, seal: SigningKey, since: datetime, *, until: datetime | None = None
) -> ListedKey:
    key = ListedKey.for_certificates(holder.id, seal.public_multibase, valid_from=since)
    return replace(key, valid_until=until)


def _listed(base: Path, name: str) -> ListedWitness:
    key = witness_of(base, name).key
    is_region = name in REGIONS
    return ListedWitness(
        name=key.name,
        vkey=key.vkey,
        role="region" if is_region else name,
        region=name if is_region else None,
        valid_from=_KEYS_SINCE,
    )


def _rule(issuer: str, accepted_in: str) -> RecognitionRule:
    return RecognitionRule(
        issuer_region=f"{issuer[:4]}00",
        type=HEALTH,
        accepted_in=f"{accepted_in[:4]}00",
        valid_from=_KEYS_SINCE,
        minimum_level=RecognitionLevel.SEALED,
        legal_basis=_BASIS,
    )


def _seal() -> SigningKey:
    return SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)


def _signer(path: Path, name: str, kind: SignatureType) -> NoteSigner:
    pem = _kept(path, lambda: NoteSigner.generate(name, type=kind).to_pem(None))
    return NoteSigner.from_pem(pem, name=name, type=kind)


def _kept(path: Path, make: Any) -> bytes:
    """Return what lies in a file for its owner alone, made at the first time."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(make())
    return path.read_bytes()
