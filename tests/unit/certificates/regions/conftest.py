"""Two regions, three who sign, and whatever a test wants to change about the directory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    Cryptosuite,
    DirectoryDraft,
    EndpointKind,
    EventAlgorithm,
    ListedRegion,
    ListSigner,
    OfferKind,
    RecognitionLevel,
    RecognitionRule,
    RegionDirectory,
    RegionEndpoint,
    RegionKey,
    RegionKeyUse,
    RegionOffer,
    SignedEdition,
    SigningKey,
    TrustPeer,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
RULE = RecognitionRule(
    issuer_region="980000",
    type="health-certificate",
    accepted_in="990000",
    valid_from=OPENED,
    minimum_level=RecognitionLevel.SEALED,
    legal_basis={"zh": "协议"},
)


def fresh_key() -> SigningKey:
    return SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)


def listed(code: str, *, list_key: SigningKey, wire_key: SigningKey) -> ListedRegion:
    return ListedRegion(
        region=code,
        name={"zh": f"地区{code}", "en": f"Region {code}"},
        valid_from=OPENED,
        endpoints=(
            RegionEndpoint(kind=EndpointKind.SERVICE, url=f"https://{code}.example/adapter"),
            RegionEndpoint(kind=EndpointKind.LOG, url=f"https://log.{code}.example/"),
        ),
        keys=(
            RegionKey(
                id=f"region-{code}-1",
                use=RegionKeyUse.REQUEST,
                algorithm=EventAlgorithm.ED25519,
                multibase=wire_key.public_multibase,
                valid_from=OPENED,
            ),
        ),
        trust_lists=(
            TrustPeer(
                territory=code,
                url=f"https://trust.example/{code}",
                threshold=1,
                keys=(list_key.public_multibase,),
                valid_from=OPENED,
            ),
        ),
        offers=(
            RegionOffer(kind=OfferKind.EVIDENCE, name="health-certificate", valid_from=OPENED),
        ),
        recognises=(RULE,) if code == "990000" else (),
    )


@dataclass
class Compact:
    """Who signs the directory, and its editions so far."""

    keys: dict[str, SigningKey] = field(
        default_factory=lambda: {name: fresh_key() for name in ("990000", "980000", "audit")}
    )
    list_keys: dict[str, SigningKey] = field(
        default_factory=lambda: {code: fresh_key() for code in ("990000", "980000")}
    )
    last: RegionDirectory | None = None
    draft: DirectoryDraft = field(init=False)

    def __post_init__(self) -> None:
        self.draft = DirectoryDraft(
            territory="000000",
            publisher="https://regions.example/",
            threshold=2,
            signers=tuple(self.signer(name) for name in self.keys),
            regions=tuple(
                listed(code, list_key=key, wire_key=fresh_key())
                for code, key in self.list_keys.items()
            ),
        )

    def signer(self, name: str) -> ListSigner:
        return ListSigner(name=name, public_key_multibase=self.keys[name].public_multibase)

    def proposed(self, *, day: int = 0, **changes: Any) -> SignedEdition:
        self.draft = replace(self.draft, **changes)
        issued_at = OPENED + timedelta(days=day)
        return self.draft.edition(
            after=self.last, issued_at=issued_at, expires_at=issued_at + timedelta(days=90)
        )

    def publish(self, *names: str, day: int = 0, **changes: Any) -> RegionDirectory:
        edition = self.proposed(day=day, **changes)
        for name in names or ("990000", "audit"):
            edition = edition.by(self.keys[name], at=OPENED)
        self.last = RegionDirectory.of(edition)
        return self.last


@pytest.fixture
def compact() -> Compact:
    return Compact()
