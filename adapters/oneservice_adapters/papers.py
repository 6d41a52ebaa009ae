"""What a grant hands out: the number, the validity, and what its certificate states.

The SDK enters the claims into the office's register of certificates and has them sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from oneservice.certificates import CaseRecord, Claims, SigningKey, add_proof
from oneservice.departments import Granted, Submission
from oneservice.identifiers import format_certificate_id, mask_citizen_number
from oneservice_adapters.card import OfficeCard
from oneservice_adapters.hours import ZONE
from oneservice_adapters.numbers import TYPE_AUTHORITY
from oneservice_adapters.procedure import Holder, Paper

__all__ = ["Seal", "business_holder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """An office's seal: what its papers state, and the key that signs them.

    The same grant gives the same claims, and they the same bytes.
    """

    card: OfficeCard
    key: SigningKey

    async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
        """Return ``document`` with a proof."""
        method = self.card.seal_method
        return add_proof(document, key=self.key, verification_method=method, created=created)

    def grant(
        self, paper: Paper | None, submission: Submission, *, serial: int, at: datetime
    ) -> Granted:
        """Return the grant of ``submission``, in effect from the aware instant ``at``."""
        if paper is None:
            return Granted()
        day = at.astimezone(ZONE).date()
        until = None if paper.valid_years is None else _years_later(day, paper.valid_years)
        number = paper.number(self.card.region[:6], submission, serial)  # towns have no digits
        return Granted(
            number=number,
            valid_from=day,
            valid_until=until,
            conditions=paper.conditions,
            duties=paper.duties,
            result_type=paper.type,
            certificate=self._certificate(paper, submission, number=number, until=until, at=at)
            if paper.is_certificate
            else None,
        )

    def _certificate(
        self,
        paper: Paper,
        submission: Submission,
        *,
        number: str,
        until: date | None,
        at: datetime,
    ) -> Claims:
        holder = (
            business_holder(submission)
            if paper.holder is None
            else paper.holder(submission, number)
        )
        return Claims(
            id=format_certificate_id(
                type_authority=TYPE_AUTHORITY,
                type_no=paper.type_no,
                issuer=self.card.code,
                serial=number,
            ),
            type=paper.type,
            title=paper.title,
            issuer_id=self.card.issuer_id,
            issuer_name=self.card.name,
            issuer_region=self.card.region,
            holder_name=holder.name,
            holder_code=holder.code,
            number=number,
            valid_from=at.astimezone(ZONE).date(),
            valid_until=until,
            conditions=paper.conditions,
            result=paper.face(submission),
            evidence=CaseRecord(
                case_id=submission.case_id,
                submission_id=submission.id,
                request_digest=submission.digest,
            ),
            is_sandbox=True,
        )


def business_holder(submission: Submission) -> Holder:
    """Return the business that applies.

    Its code stands in the form; a business that is being founded in the same case has it on the
    licence that a colleague has just issued, which comes as a certificate. A real office verifies
    that certificate against its own trust list first; this one has none and believes its colleague.
    """
    fields, applicant = submission.fields, submission.applicant
    name = str(fields.get("name") or applicant.get("name") or "-")
    if "credit_code" in fields:
        return Holder(name=name, code=str(fields["credit_code"]))
    licence = submission.materials.get("m_licence")
    subject = (licence.certificate or {}).get("credentialSubject") if licence else None
    if isinstance(subject, Mapping) and isinstance(subject.get("holderCode"), str):
        return Holder(name=name, code=subject["holderCode"])
    code = str(applicant.get("code") or "")
    is_person = applicant.get("kind") == "person"
    return Holder(name=name, code=mask_citizen_number(code) if is_person and code else code)


def _years_later(day: date, years: int) -> date:
    """Return the last day of a validity of ``years`` that begins on ``day``."""
    try:
        return day.replace(year=day.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
