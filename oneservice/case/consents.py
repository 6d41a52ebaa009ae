"""What other people agreed to: nothing is filed before each of them has (plan: ``parties``).

A consent binds who gave it, what it covers, the one case and purpose it was given for, until when,
how sure it is who gave it, and the text that was signed. The form keeps it whole; the journal has
all but the name; a department sees that it is there, and only where the step has to do with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self

from oneservice.canonical import (
    Digest,
    canonical,
    digest_bytes,
    parse_object,
    read_instant,
    write_instant,
)
from oneservice.case.form_values import read_as
from oneservice.case.people import Consent, People
from oneservice.case.people_inputs import ConsentTerms
from oneservice.plan import Plan
from oneservice.values import ValueKind

__all__ = [
    "AssuranceLevel",
    "ConsentGiven",
    "consent_document",
    "consent_terms",
    "consents_body",
    "dump_consents",
    "read_consent_document",
    "read_consents",
    "refuse_consents",
]

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class AssuranceLevel(StrEnum):
    """How sure it is that the consent is theirs (Regulation (EU) 910/2014, article 8)."""

    LOW = "low"
    """Said so, or signed on a screen."""
    SUBSTANTIAL = "substantial"
    """Signed in with two factors, or before a clerk who saw the card."""
    HIGH = "high"
    """Signed with a qualified certificate, or a face compared with the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """That somebody beside the applicant agreed to this case.

    Args:
        by: who agreed, as people know them; stays in the case, no department is told.
        at: aware instant at which they agreed.
        proof: digest of the text that they signed; whoever took the signature keeps the text.
        until: last day on which it holds; ``None``: as long as the case takes.
        level: how sure it is who agreed; the lowest where nothing is said.
        purpose: id of the one-thing it was given for; empty: that of the plan.
        fields: ids of the form fields that it covers.
        materials: ids of the materials that it covers.
        evidence: types of evidence that may be fetched on it. With ``fields`` and ``materials``
            all empty it covers whatever the case needs.
        steps: ids of the sub-cases that were named to who agreed to a crossing; empty: nobody says.
            It is compared when the consent is handed in, and kept in the statement only.
        offices: of whom the signed statement says that data go there, offices elsewhere; to no
            other one a party's consent lets anything go. Empty: the statement names none.

    References:
        Adapter protocol, section 4 (``consents``); Personal Information Protection Law art. 14.
    """

    by: str
    at: datetime
    proof: Digest
    until: date | None = None
    level: AssuranceLevel = AssuranceLevel.LOW
    purpose: str = ""
    fields: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    steps: tuple[str, ...] = field(default=(), compare=False)
    offices: tuple[str, ...] = ()

    @classmethod
    def to(
        cls,
        text: bytes,
        *,
        by: str,
        at: datetime,
        until: date | None = None,
        level: AssuranceLevel = AssuranceLevel.LOW,
    ) -> Self:
        """Return the consent to ``text``, the very bytes that were shown and signed."""
        return cls(by=by, at=at, proof=digest_bytes(text), until=until, level=level)


def refuse_consents(
    plan: Plan, consents: Mapping[str, ConsentGiven], problems: dict[str, str]
) -> None:
    """Add to ``problems`` who has not agreed, and every consent that is none."""
    parties = {party.id: party for party in plan.parties}
    for party in plan.parties:
        if party.must_consent and party.id not in consents:
            who = f"{party.title.en} / {party.title.zh}"
            problems[_place(party.id)] = f"is missing: nothing is filed before they agree ({who})"
    for name, consent in consents.items():
        known = name in parties
        problem = _problem(consent, plan) if known else "takes no part for these answers"
        if problem is not None:
            problems[_place(name)] = problem


def _place(name: object) -> str:
    return f"consents.{str(name)[:60]}"


def _problem(consent: Any, plan: Plan) -> str | None:
    """Say what is wrong with ``consent``, whatever a portal made of it; never who gave it."""
    if not isinstance(consent, ConsentGiven):
        return "must be a ConsentGiven: who agreed, when, and the digest of the signed text"
    at: Any = consent.at
    proof: Any = consent.proof
    if not isinstance(at, datetime) or at.utcoffset() is None:
        return "'at' must be an aware instant"
    if not isinstance(proof, str) or _DIGEST.fullmatch(proof) is None:
        return "'proof' must be the digest of the signed text (sha256:...)"
    try:
        read_as(ValueKind.TEXT, consent.by)
    except ValueError as error:
        return f"'by': {error}"
    return _scope_problem(consent, plan)


def _scope_problem(consent: ConsentGiven, plan: Plan) -> str | None:
    if consent.purpose not in ("", plan.thing):
        return f"was given for another one-thing than {plan.thing!r}"
    asked = {one.id for one in plan.form} | {one.group for one in plan.form}  # as filings name them
    unknown = {*consent.fields} - asked
    unknown |= {*consent.materials} - {one.id for one in plan.materials}
    if unknown:
        return "covers fields or materials that this plan does not have"
    for group, columns in _groups(plan).items():
        named = columns & {*consent.fields}
        if named and named != columns and group not in consent.fields and _crosses(plan, columns):
            return (
                f"covers some of the group {group!r}, which goes to another region as a whole; "
                "name the group, or nothing of it"
            )
    return None


def _groups(plan: Plan) -> dict[str, set[str]]:
    """Return the fields of each repeated group."""
    found: dict[str, set[str]] = {}
    for one in plan.form:
        if one.group is not None:
            found.setdefault(one.group, set()).add(one.id)
    return found


def _crosses(plan: Plan, columns: set[str]) -> bool:
    """Say whether a step that another region decides is filed with a whole group."""
    return any(
        one.region_from is not None and one.instance is None and columns & {*one.fields}
        for one in plan.steps
    )


def _as_filed(plan: Plan, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``fields`` under all names that filings have for them: a group, and what is in it.

    A step of one entry is filed with the fields of the group, another step with the group.
    """
    named = {*fields}
    for group, columns in _groups(plan).items():
        if group in named:
            named |= columns
        elif columns <= named:
            named.add(group)
    return (*fields, *sorted(named - {*fields}))


# --- what the journal and the departments are told ------------------------------------------------


def consent_terms(
    plan: Plan,
    consents: Mapping[str, ConsentGiven],
    *,
    documents: Mapping[str, Digest] | None = None,
) -> tuple[ConsentTerms, ...]:
    """Return what the state machine is told of ``consents``: everything but who gave them.

    A party that must agree holds up every filing; another one those steps that declare something
    which its consent covers.

    Args:
        plan: to which the case is pinned.
        consents: by the id of the party.
        documents: where a consent is stored by itself, because it came after the form.
    """
    needed = {party.id for party in plan.parties if party.must_consent}
    stored = documents or {}
    return tuple(
        _terms(plan, (name, consents[name]), stored.get(name), must_consent=name in needed)
        for name in sorted(consents)
    )


def _terms(
    plan: Plan, given: tuple[str, ConsentGiven], document: Digest | None, *, must_consent: bool
) -> ConsentTerms:
    name, consent = given
    steps = () if must_consent else _steps_with(plan, consent)
    return ConsentTerms(
        consent_id=name,
        agreed_at=consent.at,
        purpose=consent.purpose or plan.thing,
        level=str(consent.level),
        proof=consent.proof,
        sub_case_ids=steps,
        is_required=must_consent or bool(steps),
        until=consent.until,
        fields=_as_filed(plan, consent.fields),
        materials=consent.materials,
        evidence=consent.evidence,
        document=document,
        offices=consent.offices,
    )


def _steps_with(plan: Plan, consent: ConsentGiven) -> tuple[str, ...]:
    covered = {*consent.fields, *consent.materials}
    return tuple(step.id for step in plan.steps if covered & {*step.fields, *step.materials})


def consents_body(
    plan: Plan, consents: Mapping[str, ConsentGiven], people: People, step: tuple[str, str]
) -> list[dict[str, Any]]:
    """Return what a department is told (protocol section 4): that it is there, and its proof.

    Only those that are alive and have to do with the ``step``, a sub-case and the department that
    has it. A history of the first releases records no consents; what its form holds then counts.
    """
    if people.consents:
        recorded = sorted(people.counting(*step), key=lambda one: one.id)
        return [_told(plan, one.id, one) for one in recorded if one.is_alive]
    return [_told(plan, name, one) for name, one in sorted(consents.items())]


def _told(plan: Plan, name: str, consent: Consent | ConsentGiven) -> dict[str, Any]:
    return {"id": name, "scope": plan.thing, "proof": consent.proof} | _until(consent)


# --- as the case keeps them -----------------------------------------------------------------------


def dump_consents(consents: Mapping[str, ConsentGiven]) -> dict[str, Any]:
    """Return ``consents`` as the form of a case keeps them; later members only where they speak."""
    return {name: _dump(one) for name, one in consents.items()}


def read_consents(stored: Mapping[str, Any]) -> dict[str, ConsentGiven]:
    """Return what :func:`dump_consents` wrote."""
    return {name: _read(one) for name, one in stored.items()}


def consent_document(consent: ConsentGiven) -> bytes:
    """Return the bytes of a consent that came after the form, as the case keeps it."""
    return canonical({"format": "oneservice-consent/1"} | _dump(consent))


def read_consent_document(data: bytes) -> ConsentGiven:
    """Return what :func:`consent_document` wrote.

    Raises:
        MalformedJsonError: the bytes are no JSON.
    """
    return _read(parse_object(data))


def _dump(consent: ConsentGiven) -> dict[str, Any]:
    later = {
        "level": "" if consent.level is AssuranceLevel.LOW else str(consent.level),
        "purpose": consent.purpose,
        "fields": list(consent.fields),
        "materials": list(consent.materials),
        "evidence": list(consent.evidence),
        "offices": list(consent.offices),
    }
    first = {"by": consent.by, "at": write_instant(consent.at), "proof": consent.proof}
    return first | _until(consent) | {name: value for name, value in later.items() if value}


def _read(one: Mapping[str, Any]) -> ConsentGiven:
    return ConsentGiven(
        by=one["by"],
        at=read_instant(one["at"]),
        proof=Digest(one["proof"]),
        until=date.fromisoformat(one["until"]) if "until" in one else None,
        level=AssuranceLevel(one.get("level", "low")),
        purpose=one.get("purpose", ""),
        fields=tuple(one.get("fields", ())),
        materials=tuple(one.get("materials", ())),
        evidence=tuple(one.get("evidence", ())),
        offices=tuple(one.get("offices", ())),
    )


def _until(consent: Consent | ConsentGiven) -> dict[str, str]:
    return {"until": consent.until.isoformat()} if consent.until is not None else {}
