"""What a relier asks, put to one certificate of whatever format: from its words to all findings.

A format brings what it states, what its signature states and whether that holds; the rest is the
same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from oneservice.certificates.answering import answers, parsed, refusal_of
from oneservice.certificates.attested import NOBODY, Attested
from oneservice.certificates.attesting import attested_by
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.checks_of_seal import national_signatures
from oneservice.certificates.enclosures import NOTHING, Enclosures
from oneservice.certificates.inquiry import Inquiry, Known, Signature, Subject
from oneservice.certificates.policy import Policy
from oneservice.certificates.reliance import Trust, list_about, third_parties
from oneservice.certificates.report import CheckName, Finding, unmade
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.status import StatusSource
from oneservice.certificates.trust import TrustStore

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a relier wants to know, and by whose lights.

    Args:
        trust: whom he trusts; ``None``: nobody.
        at: aware moment for which the answer is to hold.
        status: register at hand.
        policy: what must hold.
        enclosures: what came beside the certificate.

    One question can be put to many certificates; what depends on the question and a few of their
    words only (``known``) is then found out once.
    """

    trust: Trust | None
    at: datetime
    status: StatusSource | None
    policy: Policy
    enclosures: Enclosures = NOTHING
    known: Known = field(init=False, repr=False, compare=False, default_factory=dict)

    def judge(
        self,
        subject: Subject,
        signature: Signature | None,
        proof: Finding,
        *,
        data: Callable[[], bytes],
        certificate: Certificate | None = None,
        presentation: SdJwt | None = None,
    ) -> list[Finding]:
        """Return the findings of all checks in their order.

        Args:
            subject: what the certificate states.
            signature: what its signature states; ``None``: it does not hold, so that there is
                nothing to judge.
            proof: the finding on the signature.
            data: gives the bytes that logs and timestamps name.
            certificate: the W3C credential that it is, if it is one.
            presentation: the SD-JWT that it is, with what its holder shows, if it is one.
        """
        refusal = refusal_of(self.policy, self.at)
        if refusal is not None:
            return refusal
        found = [parsed(subject), proof]
        if signature is None:
            return [*found, *unmade(after=CheckName.PROOF)]
        trust, enclosures = self.trust, self.enclosures
        own = list_about(trust, subject.issuer_id, subject.region)
        inquiry = Inquiry(
            subject=subject,
            signature=signature,
            trust=own,
            book=trust,
            at=self.at,
            status=self.status,
            listed=None if trust is None else trust.key(signature.verification_method),
            attested=self._attested(data, own),
            enclosures=enclosures,
            known=self.known,
            certificate=certificate,
            presentation=presentation,
        )
        further = national_signatures(inquiry) if enclosures.national else ()
        return [*found, *answers(inquiry, self.policy, found), *further]

    def _attested(self, data: Callable[[], bytes], own: TrustStore | None) -> Attested:
        if self.enclosures is NOTHING or self.enclosures.is_empty:
            return NOBODY
        return attested_by(
            self.enclosures,
            data(),
            trust=third_parties(self.trust, own),
            at=self.at,
            due=self.policy.time_witnesses,
        )
