"""Where evidence came from that was fetched for the applicant, and on whose leave.

Evidence is a material like any other, with one difference: nobody brought it. So the form keeps
with it who gave it under which request, of what moment it speaks, and the consent that it was
fetched on; a department is told that consent, and that the material was looked up.

References: adapter protocol, sections 4 and 10; Personal Information Protection Law art. 13 and 25.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oneservice.canonical import Digest, write_instant

__all__ = ["Provenance", "evidence_consents", "material_body", "without_provenance"]

_KEY = "provenance"
_LEVEL = "level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a piece of evidence came to be in a case.

    Attributes:
        department: who gave it.
        request_id: under which request of ours; the department keeps it, and its answer, too.
        evidence_type: as catalogs name it.
        answer: digest of the whole answer that delivered it.
        obtained_at: when that was.
        accepted_at: when the person looked at it and let it be used.
        issued_at: when it was issued, as the department says.
        as_of: the moment of which it speaks.
        consent_id: of the consent that it was fetched on; empty where a law does without.
        proof: digest of the consent's signed text.
        until: last day of the consent, ISO 8601; empty: none.
        by_law: the clause that does without consent.
        certificate: the signed certificate, where it is one; it travels whole.
        level: ``sealed`` by who issued it, or ``collected`` from a register, without a seal.
    """

    department: str
    request_id: str
    evidence_type: str
    answer: Digest
    obtained_at: datetime
    accepted_at: datetime
    issued_at: str = ""
    as_of: str = ""
    consent_id: str = ""
    proof: Digest | None = None
    until: str = ""
    by_law: str = ""
    certificate: Mapping[str, Any] | None = field(default=None, repr=False)
    level: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what the form keeps beside the document; what is empty is left out."""
        members = {
            "department": self.department,
            "request_id": self.request_id,
            "evidence_type": self.evidence_type,
            "answer": self.answer,
            "obtained_at": write_instant(self.obtained_at),
            "accepted_at": write_instant(self.accepted_at),
            "issued_at": self.issued_at,
            "as_of": self.as_of,
            "consent_id": self.consent_id,
            "proof": self.proof,
            "until": self.until,
            "by_law": self.by_law,
            "certificate": self.certificate,
            "level": self.level,
        }
        return {_KEY: {name: value for name, value in members.items() if value}}


def material_body(material: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a material as a message names it (protocol section 4), from the form's references.

    What was fetched, or is held already (无证办事), says ``lookup``, and on which level: sealed by
    who issued it, or only collected. It names its consent; one certificate stands for its bytes.
    """
    fetched = [one[_KEY] for one in rows if _KEY in one]
    certificates = [one["certificate"] for one in fetched if "certificate" in one]
    is_only = len(certificates) == 1  # of several each travels as its document
    documents = [
        without_provenance(one)
        for one in rows
        if not is_only or "certificate" not in one.get(_KEY, {})
    ]
    body: dict[str, Any] = {"material": material, "documents": documents, "source": "applicant"}
    if fetched:
        body["source"] = "lookup"
        if consent := next((one["consent_id"] for one in fetched if "consent_id" in one), ""):
            body["consent"] = consent
    if level := _level_of(rows):
        body["source"], body["level"] = "lookup", level
    if is_only:
        body["certificate"] = certificates[0]
        if not documents:
            del body["documents"]
    return body


def _level_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the level of what nobody brought; of several, the one that proves less."""
    levels = {one.get(_LEVEL) or one.get(_KEY, {}).get(_LEVEL) for one in rows} - {None}
    return next((one for one in ("collected", "sealed") if one in levels), "")


def without_provenance(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a message names a document: what of it, not how we came by it."""
    return {name: value for name, value in row.items() if name not in (_KEY, _LEVEL)}


def evidence_consents(
    materials: Iterable[Sequence[Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Return the consents on which these materials were fetched, as a message states them."""
    found: dict[str, dict[str, Any]] = {}
    for rows in materials:
        for one in (row[_KEY] for row in rows if _KEY in row):
            if "consent_id" in one:
                told = {"id": one["consent_id"], "scope": one["evidence_type"]}
                more = {name: one[name] for name in ("until", "proof") if name in one}
                found[one["consent_id"]] = told | more
    return [found[name] for name in sorted(found)]
