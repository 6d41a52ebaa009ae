"""What people answer when they are asked whether data may go to another region.

From a portal's answers to what a case is told: a consent as terms, without who gave it; a no as a
no; and the bytes that are kept with the case, those that were signed among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import (
    APPLICANT,
    Actor,
    ConsentGiven,
    ConsentTerms,
    RefuseConsent,
    consent_document,
)
from oneservice.engine.crossings import Crossing

__all__ = ["Answer", "ConsentDeclined", "Shared", "shared_terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDeclined:
    """The applicant's no, in place of a consent: nothing goes to that office."""


Answer = ConsentGiven | ConsentDeclined
_MISSING: Final = (
    "is missing: say whether what 'engine.people.crossings' lists may go to {0}; a ConsentDeclined "
    "leaves these steps out, and they can be done there in person"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The applicant's answers as a case takes them."""

    given: tuple[ConsentTerms, ...] = ()
    refused: tuple[RefuseConsent, ...] = ()
    documents: Mapping[Digest, bytes] = field(default_factory=dict)


def shared_terms(
    crossings: Iterable[Crossing],
    answers: Mapping[str, Answer],
    problems: dict[str, str],
    *,
    at: datetime,
    by: Actor = APPLICANT,
) -> Shared:
    """Return what a case is told of the applicant's answers.

    Adds to ``problems`` every answer that is missing, covers more than goes there, or belongs to
    nothing that goes anywhere.
    """
    known = {one.consent_id: one for one in crossings}
    given: list[ConsentTerms] = []
    refused: list[RefuseConsent] = []
    documents: dict[Digest, bytes] = {}
    for name in sorted(answers.keys() - known.keys()):
        problems[f"consents.{name[:60]}"] = "nothing goes there for these answers"
    for name, crossing in known.items():
        answer = answers.get(name)
        if isinstance(answer, ConsentGiven):
            problem = _problem(answer, crossing)
            if problem is not None:
                problems[f"consents.{name}"] = problem
                continue
            # An own consent is about the office of its id, and says so nowhere else.
            document = consent_document(replace(answer, offices=()))
            documents[digest_bytes(document)] = document
            documents |= _signed(answer, crossing)
            given.append(_terms(answer, crossing, digest_bytes(document)))
        elif isinstance(answer, ConsentDeclined):
            refused.append(_refusal(crossing, at=at, by=by))
        elif answer is not None:
            problems[f"consents.{name}"] = "must be a ConsentGiven or a ConsentDeclined"
        else:
            problems[f"consents.{name}"] = _MISSING.format(crossing.department)
    return Shared(given=tuple(given), refused=tuple(refused), documents=documents)


def _problem(answer: ConsentGiven, crossing: Crossing) -> str | None:
    if answer.at.utcoffset() is None:
        return "'at' must be an aware instant"
    if answer.purpose not in ("", crossing.purpose):
        return f"was given for another one-thing than {crossing.purpose!r}"
    if answer.steps and not {*crossing.steps} <= {*answer.steps}:
        return "was asked for fewer steps than go there by now; show what goes, and ask again"
    is_more = {*answer.fields} - {*crossing.fields} or {*answer.materials} - {*crossing.materials}
    return "covers fields or materials that do not go there" if is_more else None


def _signed(answer: ConsentGiven, crossing: Crossing) -> dict[Digest, bytes]:
    """Return the statement, where that is just what was signed: the case keeps it, then."""
    agreed_to = replace(crossing, fields=answer.fields, materials=answer.materials)
    statement = agreed_to.statement(until=answer.until)
    return {answer.proof: statement} if digest_bytes(statement) == answer.proof else {}


def _terms(answer: ConsentGiven, crossing: Crossing, document: Digest) -> ConsentTerms:
    return ConsentTerms(
        consent_id=crossing.consent_id,
        agreed_at=answer.at,
        purpose=crossing.purpose,
        level=str(answer.level),
        proof=answer.proof,
        sub_case_ids=crossing.steps,
        is_required=True,
        until=answer.until,
        fields=answer.fields,
        materials=answer.materials,
        document=document,
    )


def _refusal(crossing: Crossing, *, at: datetime, by: Actor) -> RefuseConsent:
    return RefuseConsent(
        at=at,
        consent_id=crossing.consent_id,
        purpose=crossing.purpose,
        sub_case_ids=crossing.steps,
        by=by,
    )
