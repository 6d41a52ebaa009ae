"""A small country: an office with a register, a log with witnesses, two regions and their lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest, digest_bytes
from oneservice.certificates import (
    Certificate,
    CertificateState,
    Claims,
    Cryptosuite,
    EnclosedList,
    EnclosedProof,
    Enclosures,
    Entitlement,
    Evidence,
    ListedKey,
    ListedLog,
    ListedWitness,
    ListIssuer,
    Publication,
    PublishedStatus,
    RecognitionLevel,
    RecognitionRule,
    Report,
    SdJwt,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    examine,
    issue,
    issue_sd_jwt,
    write_status_lists,
)
from oneservice.transparency import (
    Checkpoint,
    Entry,
    EntryKind,
    LogProof,
    NoteSigner,
    SignatureType,
    SignedNote,
    leaf_hash,
    node_hash,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
SEEN = SIGNED + timedelta(hours=1)
AT = datetime(2027, 3, 1, tzinfo=UTC)
OFFICE = "https://certificates.example/990101/market-regulation"
REGISTER = f"{OFFICE}/status/1"
ORIGIN = "990100.example/log"
SALT = "abcdefghijklmnopqrstuvwx"
VALUES = {CertificateState.GOOD: 0, CertificateState.REVOKED: 1, CertificateState.SUSPENDED: 2}
ENTRIES = 131_072
FOOD_PERMITS = Entitlement(type="food_permit", region="990100", valid_from=OPENED)


@dataclass
class Country:
    """Everything that a test may want to change, and what follows from it."""

    key: SigningKey = field(default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019))
    holder: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    )
    log: NoteSigner = field(default_factory=lambda: NoteSigner.generate(ORIGIN))
    key_days: dict[str, Any] = field(default_factory=dict)
    next_key: SigningKey | None = None
    next_from: datetime = datetime(2028, 1, 1, tzinfo=UTC)
    log_days: dict[str, Any] = field(default_factory=dict)
    witness_days: dict[str, dict[str, Any]] = field(default_factory=dict)
    expires_at: datetime = datetime(2040, 1, 1, tzinfo=UTC)
    entitlement: Entitlement = FOOD_PERMITS
    further: tuple[Entitlement, ...] = ()
    rules: tuple[RecognitionRule, ...] = ()
    index: int = 4711

    def __post_init__(self) -> None:
        kind = SignatureType.COSIGNATURE_V1
        self.witnesses = {
            name: NoteSigner.generate(f"{name}.example/witness", type=kind)
            for name in ("audit", "university", "neighbour")
        }

    @property
    def method(self) -> str:
        return f"{OFFICE}#{self.key.public_multibase}"

    @property
    def claims(self) -> Claims:
        return Claims(
            id="1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3",
            type="food_permit",
            title={"zh": "食品经营许可证", "en": "Food permit"},
            issuer_id=OFFICE,
            issuer_name={"zh": "市场监督管理局", "en": "Market regulation"},
            issuer_region="990101",
            holder_name="Li's Noodles",
            holder_code="92990101MA99000523",
            valid_from=date(2026, 10, 14),
            valid_until=date(2031, 10, 13),
            result={"area_m2": "82.5"},
            status=StatusEntry(uri=REGISTER, index=self.index),
        )

    def certificate(self, *, created: datetime = SIGNED, **changes: Any) -> Certificate:
        claims = replace(self.claims, **changes)
        return issue(claims, key=self.key, verification_method=self.method, created=created)

    def sd_jwt(self, **changes: Any) -> SdJwt:
        salts = iter(f"{number:022}" for number in range(1000))
        return issue_sd_jwt(
            replace(self.claims, **changes),
            key=self.key,
            key_id=self.method,
            issued_at=SIGNED,
            salts=salts,
            holder_key=self.holder.public_key,
        )

    @property
    def trust(self) -> TrustStore:
        listed = ListedKey.for_certificates(OFFICE, self.key.public_multibase, valid_from=OPENED)
        office = TrustedIssuer(
            id=OFFICE,
            name={"zh": "市场监督管理局"},
            region="990101",
            keys=(replace(listed, **self.key_days), *self._next()),
            entitlements=(self.entitlement, *self.further),
        )
        log = ListedLog(origin=ORIGIN, vkey=self.log.key.vkey, valid_from=OPENED)
        return TrustStore(
            territory="990100",
            version=4,
            issued_at=OPENED,
            expires_at=self.expires_at,
            issuers=(office,),
            logs=(replace(log, **self.log_days),),
            witnesses=tuple(self._witness(name) for name in self.witnesses),
            recognition=self.rules,
        )

    def _next(self) -> tuple[ListedKey, ...]:
        if self.next_key is None:
            return ()
        text = self.next_key.public_multibase
        return (ListedKey.for_certificates(OFFICE, text, valid_from=self.next_from),)

    def _witness(self, name: str) -> ListedWitness:
        key = self.witnesses[name].key
        role = {"audit": "audit-office", "university": "university"}.get(name, "region")
        listed = ListedWitness(name=key.name, vkey=key.vkey, role=role, valid_from=OPENED)
        return replace(listed, **self.witness_days.get(name, {}))

    def lists(
        self,
        state: CertificateState = CertificateState.GOOD,
        *,
        issued_at: datetime = AT - timedelta(hours=1),
        days: int = 2,
        key: SigningKey | None = None,
        key_id: str | None = None,
    ) -> dict[Publication, bytes]:
        values = bytearray(ENTRIES // 4)
        values[self.index // 4] |= VALUES[state] << 2 * (self.index % 4)
        return write_status_lists(
            bytes(values),
            uri=REGISTER,
            issuer=ListIssuer(id=OFFICE, key=key or self.key, key_id=key_id or self.method),
            issued_at=issued_at,
            expires_at=issued_at + timedelta(days=days),
            ttl_s=3600,
        )

    def status(self, state: CertificateState = CertificateState.GOOD, **more: Any) -> Any:
        return PublishedStatus.of(self.lists(state, **more).values(), trust=self.trust)

    def logged(
        self,
        digest: Digest,
        *names: str,
        at: datetime = SEEN,
        kind: EntryKind = EntryKind.CERTIFICATE,
        log: NoteSigner | None = None,
    ) -> EnclosedProof:
        """Return a proof that the log holds the thing, cosigned by the witnesses of these names."""
        own = leaf_hash(Entry(kind=kind, digest=digest, salt=SALT).encode())
        before = leaf_hash(b"what was logged before")
        signer = log or self.log
        head = Checkpoint(origin=signer.key.name, size=2, root=node_hash(before, own))
        signatures = [signer.sign(head.text)]
        for place, name in enumerate(names):
            moment = at + timedelta(minutes=place)
            signatures.append(self.witnesses[name].sign(head.text, at=moment))
        note = SignedNote(text=head.text, signatures=tuple(signatures))
        proof = LogProof(index=1, hashes=(before,), checkpoint=note.dump())
        return EnclosedProof(text=proof.dump().decode("utf-8"), salt=SALT)

    def enclosures(self, certificate: Certificate, *names: str, **more: Any) -> Enclosures:
        """Return a log proof by these witnesses, and the status lists of the day."""
        token = self.lists()[Publication.TOKEN]
        logged = self.logged(digest_bytes(token), *names, kind=EntryKind.STATUS_LIST, at=AT)
        return Enclosures(
            log_proofs=(self.logged(certificate.digest, *names, **more),),
            status_lists=(EnclosedList(data=token, log_proof=logged if names else None),),
        )

    def evidence(self, certificate: Certificate, *names: str) -> Evidence:
        return Evidence.of(certificate, self.enclosures(certificate, *names))

    def report(self, data: Any, *, at: datetime = AT, **asked: Any) -> Report:
        return examine(data, **{"trust": self.trust, "at": at, **asked})

    def rule(self, **changes: Any) -> RecognitionRule:
        return RecognitionRule(
            **{
                "issuer_region": "990100",
                "type": "food_permit",
                "accepted_in": "980200",
                "valid_from": OPENED,
                "minimum_level": RecognitionLevel.SEALED,
                "legal_basis": {"zh": "互认协议", "en": "Agreement"},
                **changes,
            }
        )

    def neighbour(self, *rules: RecognitionRule, **changes: Any) -> TrustStore:
        """Return the list of another region, which names no office of ours."""
        return TrustStore(
            **{
                "territory": "980200",
                "version": 1,
                "issued_at": OPENED,
                "expires_at": datetime(2040, 1, 1, tzinfo=UTC),
                "issuers": (),
                "recognition": rules,
                **changes,
            }
        )


@pytest.fixture
def country() -> Country:
    return Country()


@pytest.fixture
def make_country() -> Callable[[], Country]:
    return Country
