"""A workshop for SD-JWTs: genuine ones, and ones of which any part can be bent."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest

from oneservice.certificates import (
    CaseRecord,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    Report,
    SdJwt,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    examine_presentation,
    issue_sd_jwt,
    jwk_of,
)

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = datetime(2026, 10, 14, 3, tzinfo=UTC)
NOW = datetime(2027, 3, 1, 4, tzinfo=UTC)
OFFICE = "https://certificates.example/990101/market-regulation"
OTHER = "https://certificates.example/990101/fire-rescue"
VERIFIER, NONCE = "https://landlord.example", "n-0S6_WzA2Mj"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value: Any) -> str:
    """Encode JSON; bytes go as they are, so that a test can write what no encoder would."""
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


def digest(disclosure: str) -> str:
    return b64(sha256(disclosure.encode()).digest())


def salts() -> Iterator[str]:
    """Salts that are the same in every run; chance is for the real ones."""
    return (b64(sha256(str(number).encode()).digest()[:16]) for number in range(10_000))


@dataclass(frozen=True)
class Workshop:
    """One office, one holder, one relier."""

    key: SigningKey = field(default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019))
    other: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    )
    thief: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    )
    holder: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    )
    listed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kid(self) -> str:
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
            number="JY29901010000018",
            valid_from=date(2026, 10, 14),
            valid_until=date(2031, 10, 13),
            conditions=("No raw fish.", "Hot food only."),
            result={"area_m2": "82.5", "seats": 40, "premises": {"floor": 2}},
            evidence=CaseRecord(case_id="c42", submission_id="c42.food_permit.1"),
            status=None,
        )

    def issue(self, **changes: Any) -> SdJwt:
        asked = {
            name: changes.pop(name)
            for name in ("profile", "holder_key", "issued_at", "salts")
            if name in changes
        }
        given = {
            "holder_key": self.holder.public_key,
            "issued_at": SIGNED,
            "salts": salts(),
            **asked,
        }
        return issue_sd_jwt(replace(self.claims, **changes), key=self.key, key_id=self.kid, **given)

    @property
    def trust(self) -> TrustStore:
        def office(id_: str, key: SigningKey, **days: Any) -> TrustedIssuer:
            entry = ListedKey.for_certificates(id_, key.public_multibase, valid_from=OPENED)
            return TrustedIssuer(
                id=id_,
                name={"zh": "局"},
                region="990101",
                keys=(replace(entry, **days),),
                entitlements=(Entitlement(type="food_permit", region="990100", valid_from=OPENED),),
            )

        return TrustStore(
            territory="990100",
            version=1,
            issued_at=OPENED,
            expires_at=datetime(2040, 1, 1, tzinfo=UTC),
            issuers=(office(OFFICE, self.key, **self.listed), office(OTHER, self.other)),
        )

    # --- bent by hand -----------------------------------------------------------------------

    @property
    def header(self) -> dict[str, Any]:
        return {"alg": "ES256", "typ": "dc+sd-jwt", "kid": self.kid}

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "iss": OFFICE,
            "vct": "urn:oneservice:certificate:food_permit",
            "iat": int(SIGNED.timestamp()),
            "nbf": int(SIGNED.timestamp()),
            "exp": int(datetime(2031, 10, 14, tzinfo=UTC).timestamp()),
            "issuer_region": "990101",
            "cnf": {"jwk": jwk_of(self.holder.public_key)},
            "_sd_alg": "sha-256",
        }

    def token(
        self,
        *,
        header: Any = None,
        payload: Any = None,
        key: SigningKey | None = None,
        sign: Callable[[bytes], bytes] | None = None,
    ) -> str:
        signed = f"{compact(header or self.header)}.{compact(payload or self.payload)}"
        value = (sign or (key or self.key).sign)(signed.encode())
        return f"{signed}.{b64(value)}"

    def hiding(self, *disclosures: Any, **more: Any) -> str:
        """A token and disclosures, each referred to by the top of the payload."""
        texts = [one if isinstance(one, str) else compact(one) for one in disclosures]
        payload = {**self.payload, "_sd": [digest(one) for one in texts], **more}
        return "~".join((self.token(payload=payload), *texts, ""))

    def binding(
        self,
        presented: str,
        *,
        header: Any = None,
        key: SigningKey | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        payload: Any = None,
        **changes: Any,
    ) -> str:
        """A presentation with a key binding; ``changes`` of ``...`` take a member away."""
        stated = {
            "iat": int(NOW.timestamp()) - 5,
            "aud": VERIFIER,
            "nonce": NONCE,
            "sd_hash": digest(presented),
            **changes,
        }
        kept = {name: value for name, value in stated.items() if value is not ...}
        return presented + self.token(
            header=header or {"alg": "ES256", "typ": "kb+jwt"},
            payload=payload or kept,
            key=key or self.holder,
            sign=sign,
        )

    def examine(self, data: Any, **changes: Any) -> Report:
        asked = {"trust": self.trust, "at": NOW, **changes}
        return examine_presentation(data, **asked)

    def reason(self, data: Any, **changes: Any) -> str:
        return self.examine(data, **changes).reason or "valid"


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    """The workshop of one run."""
    return Workshop()


@pytest.fixture
def placed() -> StatusEntry:
    """A place in a register."""
    return StatusEntry(uri="https://certificates.example/990101/status/1", index=77_001)
