"""The bundle: one file with all that an auditor needs to judge a case offline, years later.

The bundle certificate is the keystone: it names the digest of the plan, the head of the journal and
every decision with the digest of the certificate that came of it. Nothing in the file is without a
check: what no signature covers is derived from what one does cover, and compared.

References:
    certificates page, section 3; domain page, section 4.6 (bundle: step, decision, certificate
    id, decision date, digest).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oneservice.canonical import Digest, JsonObject, canonical, parse_object
from oneservice.certificates.bundle_sealing import Sealed
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.trust import TrustStore
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = ["BUNDLE_FORMAT", "ENCLOSING_FORMAT", "MAX_BUNDLE_BYTES", "Bundle"]

BUNDLE_FORMAT: Final = "oneservice-bundle/1"
ENCLOSING_FORMAT: Final = "oneservice-bundle/2"
"""The same with one member more, ``enclosures``: what came beside its certificates."""
MAX_BUNDLE_BYTES: Final = 67_108_864
"""Some kilobytes per certificate and per record; a larger file is a mistake or an attack."""
_MAX_DEPTH: Final = 48
"""A journal record may hold a department's event, itself up to 32 deep."""
_MEMBERS: Final = frozenset(
    {
        "format",
        "bundle_certificate",
        "certificates",
        "plan",
        "journal",
        "trust_list",
        "controllers",
    }
)
_FORMATS: Final = {BUNDLE_FORMAT: _MEMBERS, ENCLOSING_FORMAT: _MEMBERS | {"enclosures"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle file, read but not yet believed.

    ``plan`` is the plan's JSON with its own ``digest``; ``journal`` are its records, oldest first;
    ``trust_list`` is the signed list of the day, for reference: a relier brings his own;
    ``enclosures`` is what came beside its certificates, by their digests.
    """

    certificate: Certificate
    certificates: tuple[Certificate, ...]
    plan: JsonObject = field(repr=False)
    journal: tuple[JsonObject, ...] = field(repr=False)
    trust_list: JsonObject = field(repr=False)
    controllers: tuple[JsonObject, ...] = field(repr=False)
    enclosures: Mapping[Digest, Enclosures] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        certificate: Certificate,
        *,
        certificates: Sequence[Certificate],
        plan: Mapping[str, Any],
        journal: Sequence[Mapping[str, Any]],
        trust: TrustStore,
        enclosures: Mapping[Digest, Enclosures] | None = None,
    ) -> Bundle:
        """Put a bundle together.

        Args:
            certificate: the bundle certificate.
            certificates: the case's, put into the order in which the bundle certificate names
                them; those that it does not name (a follow-up's, say) are left out, because it
                does not vouch for them either.
            plan: the pinned plan's JSON with its ``digest``.
            journal: records of the case; those after the head that the certificate names are
                left out, because it does not vouch for them.
            trust: the signed trust list of the day; the controllers are made from it.
            enclosures: what comes beside certificates, by their digests; those of certificates
                that are left out are left out, too.

        Raises:
            MalformedCertificateError: ``certificate`` is no bundle certificate.
            TrustListError: the trust list is not signed.
        """
        sealed = Sealed.of(certificate)
        named = list(dict.fromkeys(component.digest for component in sealed.components))
        kept = [one for one in certificates if one.digest in named]
        kept.sort(key=lambda one: named.index(one.digest))
        given = enclosures or {}
        beside = {one.digest: given.get(one.digest, NOTHING) for one in (certificate, *kept)}
        return cls(
            certificate=certificate,
            certificates=tuple(kept),
            plan=dict(plan),
            journal=tuple(dict(record) for record in journal[: sealed.journal.seq]),
            trust_list=parse_object(trust.dump(), max_bytes=MAX_BUNDLE_BYTES),
            controllers=tuple(controller_document(issuer) for issuer in trust.issuers),
            enclosures={name: one for name, one in beside.items() if not one.is_empty},
        )

    @classmethod
    def parse(cls, data: bytes) -> Bundle:
        """Return the bundle that ``data`` states.

        Raises:
            MalformedCertificateError: not I-JSON, not of this format, over a limit, or a part of
                it is malformed.
        """
        try:
            document = parse_object(data, max_bytes=MAX_BUNDLE_BYTES, max_depth=_MAX_DEPTH)
            if frozenset(document) != _FORMATS.get(str(document.get("format"))):
                msg = f"not a file of the format {BUNDLE_FORMAT} or /2, with just its members"
                raise MalformedCertificateError(msg)
            return cls(
                certificate=Certificate.of(_object(document, "bundle_certificate")),
                certificates=tuple(map(Certificate.of, _objects(document, "certificates"))),
                plan=_object(document, "plan"),
                journal=_objects(document, "journal"),
                trust_list=_object(document, "trust_list"),
                controllers=_objects(document, "controllers"),
                enclosures=_enclosures(document),
            )
        except (MalformedJsonError, TypeError) as error:
            msg = f"the bundle cannot be read: {error}"
            raise MalformedCertificateError(msg) from error

    def dump(self) -> bytes:
        """Return the bundle file: canonical bytes, so that no byte is without meaning."""
        beside = {name: one.as_json() for name, one in self.enclosures.items()}
        return canonical(
            {
                "format": ENCLOSING_FORMAT if beside else BUNDLE_FORMAT,
                "bundle_certificate": dict(self.certificate.content),
                "certificates": [dict(one.content) for one in self.certificates],
                "plan": self.plan,
                "journal": list(self.journal),
                "trust_list": self.trust_list,
                "controllers": list(self.controllers),
                **({"enclosures": beside} if beside else {}),
            }
        )

    def enclosed(self, certificate: Certificate) -> Enclosures:
        """Return what came beside ``certificate``."""
        return self.enclosures.get(certificate.digest, NOTHING) if self.enclosures else NOTHING


def _object(document: JsonObject, name: str) -> JsonObject:
    value = document[name]
    if not isinstance(value, dict):
        msg = f"{name} is no object"
        raise TypeError(msg)
    return value


def _objects(document: JsonObject, name: str) -> tuple[JsonObject, ...]:
    value = document[name]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        msg = f"{name} is no list of objects"
        raise TypeError(msg)
    return tuple(value)


def _enclosures(document: JsonObject) -> dict[Digest, Enclosures]:
    if "enclosures" not in document:
        return {}
    stated = _object(document, "enclosures")
    if not stated or not all(stated.values()):
        msg = "enclosures is empty; a file without any is of the format /1"
        raise TypeError(msg)
    return {Digest(name): Enclosures.of(one) for name, one in stated.items()}
