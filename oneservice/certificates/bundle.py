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
from datetime import date
from typing import Any, Final

from oneservice.canonical import Digest, JsonObject, canonical, parse_object
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.chain import JournalHead
from oneservice.certificates.claims import CaseRecord, Claims, LocalText
from oneservice.certificates.controllers import controller_document
from oneservice.certificates.trust import TrustStore
from oneservice.errors import MalformedCertificateError, MalformedJsonError

__all__ = ["BUNDLE_FORMAT", "BUNDLE_TYPE", "Bundle", "Component", "bundle_claims"]

BUNDLE_FORMAT: Final = "oneservice-bundle/1"
BUNDLE_TYPE: Final = "case_bundle"
"""The certificate type of a bundle certificate; its issuer must be entitled to it."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One step's outcome in a case.

    Args:
        sub_case_id: which step, or which instance of it.
        decision: ``granted``, ``refused``, ``not_accepted``, ``withdrawn``, ...
        decided_on: day of the decision.
        certificate_id: where the decision yielded a certificate.
        digest: digest of that certificate, proof included.
        basis: what the decision rests on: ``signed`` (the department's own event), ``silence``
            (granted because its limit ended, and nothing has followed), or ``adopted`` (taken over
            from paper by an operator).
    """

    sub_case_id: str
    decision: str
    decided_on: date
    certificate_id: str | None = None
    digest: Digest | None = None
    basis: str = "signed"

    def as_json(self) -> dict[str, Any]:
        """Return the component as it stands in a bundle certificate."""
        stated = {} if self.basis == "signed" else {"basis": self.basis}
        return stated | {
            "sub_case_id": self.sub_case_id,
            "decision": self.decision,
            "decided_on": self.decided_on.isoformat(),
            "certificate_id": self.certificate_id,
            "digest": self.digest,
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Component:
        """Return the component that an entry of a bundle certificate states."""
        return cls(
            sub_case_id=_text(entry["sub_case_id"]),
            decision=_text(entry["decision"]),
            decided_on=date.fromisoformat(entry["decided_on"]),
            certificate_id=_text(entry["certificate_id"], is_optional=True),
            digest=_text(entry["digest"], is_optional=True),
            basis=_text(entry.get("basis", "signed")),
        )


def bundle_claims(
    *,
    id: str,  # noqa: A002 - the name of the claim
    title: LocalText,
    issuer_id: str,
    issuer_name: LocalText,
    issuer_region: str,
    holder_name: str,
    holder_code: str = "",
    plan_digest: Digest,
    journal: JournalHead,
    components: Sequence[Component],
    concluded_on: date,
    trust_list_digest: Digest | None = None,
    trips: int | None = None,
    zone: str = "+08:00",
    is_sandbox: bool = False,
) -> Claims:
    """Return the claims of a bundle certificate, to be signed by the office that leads the case.

    Args:
        id: certificate identifier.
        title: what is printed at the top.
        issuer_id: URL of the leading office.
        issuer_name: the office for people.
        issuer_region: its region.
        holder_name: the applicant.
        holder_code: credit code, or a masked citizen number.
        plan_digest: digest of the plan that the case pinned.
        journal: where the journal stood when the bundle was sealed.
        components: every step's outcome, in the order of the plan.
        concluded_on: day from which the bundle counts; it has no end.
        trust_list_digest: digest of the trust list's bytes that the bundle will enclose, so that
            nobody can put another in its place.
        trips: how often the applicant had to come in person, by the journal up to ``journal``; 0
            is a statement, ``None`` is none.
        zone: the office's offset from UTC.
        is_sandbox: of no legal effect.
    """
    stated = {} if trips is None else {"trips": trips}
    return Claims(
        id=id,
        type=BUNDLE_TYPE,
        title=title,
        issuer_id=issuer_id,
        issuer_name=issuer_name,
        issuer_region=issuer_region,
        holder_name=holder_name,
        holder_code=holder_code,
        valid_from=concluded_on,
        zone=zone,
        result={
            "plan_digest": plan_digest,
            "journal": journal.as_json(),
            "components": [component.as_json() for component in components],
            "trust_list_digest": trust_list_digest,
            **stated,
        },
        evidence=CaseRecord(case_id=journal.case_id),
        is_sandbox=is_sandbox,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a bundle certificate vouches for."""

    plan_digest: str
    journal: JournalHead
    components: tuple[Component, ...]
    trust_list_digest: str | None
    trips: int | None = None

    @classmethod
    def of(cls, certificate: Certificate) -> Sealed:
        """Return what ``certificate`` vouches for; whether it is true is another question.

        Raises:
            MalformedCertificateError: it is no bundle certificate.
        """
        result = certificate.claims.result if certificate.type == BUNDLE_TYPE else {}
        try:
            head = result["journal"]
            journal = JournalHead(
                case_id=_text(head["case_id"]), seq=int(head["seq"]), head=_text(head["head"])
            )
            components = tuple(Component.of(one) for one in result["components"])
            return cls(
                plan_digest=_text(result["plan_digest"]),
                journal=journal,
                components=components,
                trust_list_digest=_text(result.get("trust_list_digest"), is_optional=True),
                trips=_count(result.get("trips")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = f"the certificate is no {BUNDLE_TYPE}, or lacks what one must name"
            raise MalformedCertificateError(msg) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle file, read but not yet believed.

    ``plan`` is the plan's JSON with its own ``digest``; ``journal`` are its records, oldest first;
    ``trust_list`` is the signed list of the day, for reference: a relier brings his own.
    """

    certificate: Certificate
    certificates: tuple[Certificate, ...]
    plan: JsonObject = field(repr=False)
    journal: tuple[JsonObject, ...] = field(repr=False)
    trust_list: JsonObject = field(repr=False)
    controllers: tuple[JsonObject, ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        certificate: Certificate,
        *,
        certificates: Sequence[Certificate],
        plan: Mapping[str, Any],
        journal: Sequence[Mapping[str, Any]],
        trust: TrustStore,
    ) -> Bundle:
        """Put a bundle together.

        Args:
            certificate: the bundle certificate.
            certificates: the case's; those that the bundle certificate does not name (a
                follow-up's, say) are left out, because it does not vouch for them either.
            plan: the pinned plan's JSON with its ``digest``.
            journal: records of the case; those after the head that the certificate names are
                left out, because it does not vouch for them.
            trust: the signed trust list of the day; the controllers are made from it.

        Raises:
            MalformedCertificateError: ``certificate`` is no bundle certificate.
            TrustListError: the trust list is not signed.
        """
        sealed = Sealed.of(certificate)
        named = {component.digest for component in sealed.components}
        return cls(
            certificate=certificate,
            certificates=tuple(one for one in certificates if one.digest in named),
            plan=dict(plan),
            journal=tuple(dict(record) for record in journal[: sealed.journal.seq]),
            trust_list=parse_object(trust.dump(), max_bytes=MAX_BUNDLE_BYTES),
            controllers=tuple(controller_document(issuer) for issuer in trust.issuers),
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
            if document.get("format") != BUNDLE_FORMAT or frozenset(document) != _MEMBERS:
                msg = f"not a file of the format {BUNDLE_FORMAT}, with just its members"
                raise MalformedCertificateError(msg)
            return cls(
                certificate=Certificate.of(_object(document, "bundle_certificate")),
                certificates=tuple(map(Certificate.of, _objects(document, "certificates"))),
                plan=_object(document, "plan"),
                journal=_objects(document, "journal"),
                trust_list=_object(document, "trust_list"),
                controllers=_objects(document, "controllers"),
            )
        except (MalformedJsonError, TypeError) as error:
            msg = f"the bundle cannot be read: {error}"
            raise MalformedCertificateError(msg) from error

    def dump(self) -> bytes:
        """Return the bundle file: canonical bytes, so that no byte is without meaning."""
        return canonical(
            {
                "format": BUNDLE_FORMAT,
                "bundle_certificate": dict(self.certificate.content),
                "certificates": [dict(one.content) for one in self.certificates],
                "plan": self.plan,
                "journal": list(self.journal),
                "trust_list": self.trust_list,
                "controllers": list(self.controllers),
            }
        )


def _text(value: Any, *, is_optional: bool = False) -> Any:
    if not isinstance(value, str) and not (is_optional and value is None):
        msg = "a text is due"
        raise TypeError(msg)
    return value


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


def _count(value: object) -> int | None:
    """Return a number of journeys; raises ``ValueError`` for anything else but nothing."""
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError
