"""What a bundle certificate vouches for: the plan, the journal's head, every step's outcome.

References:
    domain page, section 4.6 (bundle: step, decision, certificate id, decision date, digest).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from oneservice.canonical import Digest
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.chain import JournalHead
from oneservice.certificates.claims import CaseRecord, Claims, LocalText
from oneservice.errors import MalformedCertificateError

__all__ = ["BUNDLE_TYPE", "Component", "Sealed", "bundle_claims"]

BUNDLE_TYPE: Final = "case_bundle"
"""The certificate type of a bundle certificate; its issuer must be entitled to it."""


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


def _text(value: Any, *, is_optional: bool = False) -> Any:
    if not isinstance(value, str) and not (is_optional and value is None):
        msg = "a text is due"
        raise TypeError(msg)
    return value


def _count(value: object) -> int | None:
    """Return a number of journeys; raises ``ValueError`` for anything else but nothing."""
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError
