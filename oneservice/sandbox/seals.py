"""Throw-away seals: keys that anybody can compute, for certificates that say they prove nothing.

A sandbox needs keys that survive a restart and must never be mistaken for real ones. So each key
is the hash of the department's name: there is nothing to keep secret, and ``is_sandbox`` stands in
every certificate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.canonical import Digest, canonical, digest_bytes
from oneservice.catalog import EffectiveThing, ResultSpec, Text
from oneservice.certificates import (
    CaseRecord,
    Claims,
    Entitlement,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    ListedLog,
    ListedWitness,
    ListIssuer,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    add_proof,
    issue,
)
from oneservice.identifiers import mask_citizen_number
from oneservice.ports import SealHolder
from oneservice.sandbox.testimony import EVENT_KEY_ID, event_key
from oneservice.workdays import legal_day

__all__ = ["BUNDLE_TYPE", "SandboxSeals", "SandboxSigner"]

_CENTRE: Final = "government-service-centre"
"""Hands out the results of most one-things: a sandbox has one seal for all of them."""
BUNDLE_TYPE: Final = "case_bundle"
_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
_REGISTER: Final = ".sandbox.invalid/status/1"
_UNTIL: Final = datetime(2060, 1, 1, tzinfo=UTC)


def _key(name: str) -> SigningKey:
    seed = hashlib.sha256(f"oneservice sandbox, worthless: {name}".encode()).digest()
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def _list_key(name: str) -> SigningKey:
    """Return the key on P-256 that signs lists: JWTs with Ed25519 are not for everybody."""
    seed = hashlib.sha512(f"oneservice sandbox, worthless: lists of {name}".encode()).digest()
    # Between 1 and the order of the group, whatever the seed is.
    secret = int.from_bytes(seed) % ((1 << 255) - 1) + 1
    return SigningKey(ec.derive_private_key(secret, ec.SECP256R1()))


def _event_key() -> ListedKey:
    """Return the entry of the key that signs what departments say, so that a journal proves it."""
    return ListedKey(
        id=EVENT_KEY_ID,
        use=KeyUse.EVENT,
        suite=EventAlgorithm.ED25519,
        multibase=event_key().public_multibase,
        valid_from=_SINCE,
    )


def _issuer_id(name: str) -> str:
    return f"https://{name}.sandbox.invalid/issuer"


class SandboxSeals:
    """The seals of a whole simulated government for the one-things of one region.

    Args:
        things: that it handles.
        region: of all its departments.
        has_registers: certificates name a place in a register, and departments sign its lists.
    """

    def __init__(
        self, things: Mapping[str, EffectiveThing], *, region: str, has_registers: bool = False
    ) -> None:
        self._region = region
        self.has_registers = has_registers
        self._names: dict[str, Text] = {}
        self._results: dict[str, tuple[str, ResultSpec]] = {}
        self._leads = {thing.thing.lead_department for thing in things.values()}
        for thing in things.values():
            self._names |= {one.id: one.name for one in thing.departments.values()}
            for step in thing.thing.steps:
                item = thing.items[step.item]
                if item.result is not None and item.result.is_certificate:
                    self._results[step.id] = (item.department, item.result)

    @property
    def departments(self) -> frozenset[str]:
        """Ids of all departments that handle something."""
        return frozenset(self._names)

    def signer(self) -> SandboxSigner:
        """Return the seal of the lead department, with which the engine hands out results."""
        lead = _CENTRE if _CENTRE in self._leads or not self._leads else min(self._leads)
        holder = SealHolder(
            id=_issuer_id(lead),
            name=self._text(lead),
            region=self._region,
            is_sandbox=True,
        )
        return SandboxSigner(holder, _key(lead))

    def trust(
        self, logs: tuple[ListedLog, ...] = (), witnesses: tuple[ListedWitness, ...] = ()
    ) -> TrustStore:
        """Return the trust list of this sandbox, signed by nobody in particular."""
        issuers = tuple(self._issuer(name) for name in sorted({*self._names, *self._leads}))
        store = TrustStore(
            territory=self._region,
            version=1,
            issued_at=_SINCE,
            expires_at=_UNTIL,
            issuers=issuers,
            logs=logs,
            witnesses=witnesses,
        )
        signer = _issuer_id("trust-list")
        return store.signed(key=_key("trust-list"), signer_id=signer, created=_SINCE)

    def register_uri(self, department: str) -> str:
        """Return the URL of the department's register of certificates."""
        return f"https://{department}{_REGISTER}"

    def department_of(self, uri: str) -> str | None:
        """Return whose register it is; ``None``: nobody's here."""
        name = uri.removeprefix("https://").removesuffix(_REGISTER)
        return name if name in self._names and uri == self.register_uri(name) else None

    def list_issuer(self, department: str) -> ListIssuer:
        """Return who signs the lists of a department: a key of its own, as JWTs need another."""
        issuer_id, key = _issuer_id(department), _list_key(department)
        return ListIssuer(id=issuer_id, key=key, key_id=f"{issuer_id}#{key.public_multibase}")

    def certificate(
        self,
        department: str,
        submission_id: str,
        body: Mapping[str, Any],
        at: datetime,
        *,
        place: int | None = None,
    ) -> dict[str, Any] | None:
        """Return the certificate of a granted step; ``None`` where the step yields none.

        With ``place``, the certificate names it in the register of the department.
        """
        found = self._results.get(body["step_id"])
        if found is None:
            return None
        _, result = found
        day = legal_day(at)
        claims = Claims(
            id=f"urn:oneservice:sandbox:{submission_id}",
            type=result.type,
            title=_text(result.title),
            issuer_id=_issuer_id(department),
            issuer_name=self._text(department),
            issuer_region=self._region,
            holder_name=body["applicant"]["name"],
            holder_code=_shown_code(body["applicant"]),
            valid_from=day,
            valid_until=_last_day(day, result.valid_years),
            evidence=CaseRecord(
                case_id=body["case_id"],
                submission_id=submission_id,
                request_digest=Digest(digest_bytes(canonical(body))),
            ),
            status=(
                None
                if place is None
                else StatusEntry(uri=self.register_uri(department), index=place)
            ),
            is_sandbox=True,
        )
        key = _key(department)
        method = f"{claims.issuer_id}#{key.public_multibase}"
        return issue(claims, key=key, verification_method=method, created=at).document

    def _issuer(self, name: str) -> TrustedIssuer:
        types = {result.type for owner, result in self._results.values() if owner == name}
        if name in self._leads:
            types.add(BUNDLE_TYPE)
        issuer_id = _issuer_id(name)
        multibase = _key(name).public_multibase
        return TrustedIssuer(
            id=issuer_id,
            name=self._text(name),
            region=self._region,
            department=name,
            keys=(
                ListedKey.for_certificates(issuer_id, multibase, valid_from=_SINCE),
                _event_key(),
                *self._list_keys(name),
            ),
            entitlements=tuple(
                Entitlement(type=one, region=self._region, valid_from=_SINCE)
                for one in sorted(types)
            ),
        )

    def _list_keys(self, name: str) -> tuple[ListedKey, ...]:
        if not self.has_registers:
            return ()
        multibase = _list_key(name).public_multibase
        return (ListedKey.for_certificates(_issuer_id(name), multibase, valid_from=_SINCE),)

    def _text(self, name: str) -> dict[str, str]:
        known = self._names.get(name)
        return _text(known) if known else {"en": name, "zh": name}


class SandboxSigner:
    """A :class:`oneservice.ports.Signer` with a worthless key."""

    def __init__(self, issuer: SealHolder, key: SigningKey) -> None:
        self._issuer = issuer
        self._key = key

    @property
    def issuer(self) -> SealHolder:
        """Who seals."""
        return self._issuer

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a proof; the same input gives the same bytes."""
        method = f"{self._issuer.id}#{self._key.public_multibase}"
        return add_proof(document, key=self._key, verification_method=method, created=created)


def _shown_code(applicant: Mapping[str, Any]) -> str:
    """Return the code that a certificate may show: a person's is masked, as on every paper."""
    code = str(applicant["code"])
    return mask_citizen_number(code) if applicant.get("kind") == "person" else code


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _last_day(first: date, years: int | None) -> date | None:
    if years is None:
        return None
    try:
        same_day = first.replace(year=first.year + years)
    except ValueError:  # 29 February
        same_day = date(first.year + years, 3, 1)
    return same_day - timedelta(days=1)
