"""One small office with one key, and whatever a test wants to change about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    CaseRecord,
    Certificate,
    Claims,
    Cryptosuite,
    Curve,
    Entitlement,
    ListedKey,
    ListSigner,
    SignedEdition,
    SigningKey,
    TrustDraft,
    TrustedIssuer,
    TrustStore,
    issue,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
OFFICE = "https://certificates.example/990101/market-regulation"


@dataclass
class Office:
    """An issuer, its seal, and its entry in the trust list."""

    key: SigningKey
    id: str = OFFICE
    keys: tuple[ListedKey, ...] = ()
    entitlements: tuple[Entitlement, ...] = (
        Entitlement(type="food_permit", region="990100", valid_from=OPENED),
    )
    expires_at: datetime = datetime(2040, 1, 1, tzinfo=UTC)
    others: tuple[TrustedIssuer, ...] = field(default=())

    @property
    def claims(self) -> Claims:
        return Claims(
            id="1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3",
            type="food_permit",
            title={"zh": "食品经营许可证", "en": "Food permit"},
            issuer_id=self.id,
            issuer_name={"zh": "市场监督管理局", "en": "Market regulation"},
            issuer_region="990101",
            holder_name="Li's Noodles",
            holder_code="92990101MA99000523",
            number="JY29901010000018",
            valid_from=date(2026, 10, 14),
            valid_until=date(2031, 10, 13),
            conditions=("No raw fish.",),
            result={"area_m2": "82.5", "seats": 40},
            evidence=CaseRecord(case_id="c42", submission_id="c42.food_permit.1"),
        )

    def listed(self, **days: Any) -> ListedKey:
        entry = ListedKey.for_certificates(self.id, self.key.public_multibase, valid_from=OPENED)
        return replace(entry, **days)

    def issue(self, *, created: datetime = SIGNED, **changes: Any) -> Certificate:
        method = f"{self.id}#{self.key.public_multibase}"
        claims = replace(self.claims, **changes)
        return issue(claims, key=self.key, verification_method=method, created=created)

    @property
    def entry(self) -> TrustedIssuer:
        return TrustedIssuer(
            id=self.id,
            name={"zh": "局"},
            region="990101",
            department="market-regulation",
            keys=self.keys or (self.listed(),),
            entitlements=self.entitlements,
        )

    @property
    def trust(self) -> TrustStore:
        return TrustStore(
            territory="990100",
            version=1,
            issued_at=OPENED,
            expires_at=self.expires_at,
            issuers=(self.entry, *self.others),
        )


@pytest.fixture(params=list(Cryptosuite), ids=str)
def office(request: pytest.FixtureRequest) -> Office:
    """An office with a key of each suite in turn."""
    return Office(key=SigningKey.generate(request.param))


@pytest.fixture
def make_office() -> Callable[..., Office]:
    """A maker of further offices."""

    def make(name: str = "fire-rescue") -> Office:
        key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        return Office(key=key, id=f"https://certificates.example/990101/{name}")

    return make


@dataclass
class Bureau:
    """Whoever publishes a list: a draft, the keys of its signers, and the editions so far."""

    draft: TrustDraft
    keys: dict[str, SigningKey]
    editions: list[TrustStore] = field(default_factory=list)

    def proposed(self, *, day: int = 0, **changes: Any) -> SignedEdition:
        """The next edition, ``day`` days after the opening, signed by nobody yet."""
        self.draft = replace(self.draft, **changes)
        issued_at = OPENED + timedelta(days=day)
        return self.draft.edition(
            after=self.editions[-1] if self.editions else None,
            issued_at=issued_at,
            expires_at=issued_at + timedelta(days=365),
        )

    def publish(self, *names: str, day: int = 0, **changes: Any) -> TrustStore:
        """The next edition, signed by those named."""
        edition = self.proposed(day=day, **changes)
        for name in names or ("bureau", "audit"):
            edition = edition.by(self.keys[name], at=OPENED + timedelta(days=day))
        store = TrustStore.of(edition)
        self.editions.append(store)
        return store

    def publish_unasked(self, **changes: Any) -> TrustStore:
        """A first edition, signed as by a tool that does not ask for its territory."""
        made = self.proposed()
        edition = replace(TrustStore.proposed(made), **changes).edition(made.roots)
        for name in ("bureau", "audit"):
            edition = edition.by(self.keys[name], at=OPENED)
        return TrustStore.of(edition)

    def signer(self, name: str) -> ListSigner:
        key = self.keys.setdefault(name, SigningKey.generate(Cryptosuite.ECDSA_JCS_2019))
        return ListSigner(name=name, public_key_multibase=key.public_multibase)


@pytest.fixture
def bureau(make_office: Callable[..., Office]) -> Bureau:
    """A bureau with one office on its list; two of three must sign."""
    keys = {
        "bureau": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019),
        "audit": SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
        "university": SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P384),
    }
    draft = TrustDraft(
        territory="990000",
        publisher="https://trust.example/990000",
        threshold=2,
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in keys.items()
        ),
        issuers=(make_office("market-regulation").entry,),
    )
    return Bureau(draft=draft, keys=keys)
