"""What other people agreed to: nothing is filed before each of them has (plan: ``parties``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from oneservice.canonical import Digest, digest_bytes, read_instant, write_instant
from oneservice.case.form_values import read_as
from oneservice.plan import Plan
from oneservice.values import ValueKind

__all__ = ["ConsentGiven", "consents_body", "dump_consents", "read_consents", "refuse_consents"]

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """That somebody beside the applicant agreed to this case.

    Args:
        by: who agreed, as people know them; stays in the case, no department is told.
        at: aware instant at which they agreed.
        proof: digest of the text that they signed; whoever took the signature keeps the text.
        until: last day on which it holds; ``None``: as long as the case takes.

    References:
        Adapter protocol, section 4 (``consents``); Personal Information Protection Law art. 14.
    """

    by: str
    at: datetime
    proof: Digest
    until: date | None = None

    @classmethod
    def to(cls, text: bytes, *, by: str, at: datetime, until: date | None = None) -> Self:
        """Return the consent to ``text``, the very bytes that were shown and signed."""
        return cls(by=by, at=at, proof=digest_bytes(text), until=until)


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
        problem = _problem(consent) if name in parties else "takes no part for these answers"
        if problem is not None:
            problems[_place(name)] = problem


def _place(name: object) -> str:
    return f"consents.{str(name)[:60]}"


def _problem(consent: Any) -> str | None:
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
    return None


def consents_body(plan: Plan, consents: Mapping[str, ConsentGiven]) -> list[dict[str, Any]]:
    """Return what departments are told (protocol section 4): that it is there, and its proof."""
    return [
        {"id": name, "scope": plan.thing, "proof": one.proof} | _until(one)
        for name, one in sorted(consents.items())
    ]


def dump_consents(consents: Mapping[str, ConsentGiven]) -> dict[str, Any]:
    """Return ``consents`` as the form of a case keeps them."""
    return {
        name: {"by": one.by, "at": write_instant(one.at), "proof": one.proof} | _until(one)
        for name, one in consents.items()
    }


def read_consents(stored: Mapping[str, Any]) -> dict[str, ConsentGiven]:
    """Return what :func:`dump_consents` wrote."""
    return {
        name: ConsentGiven(
            by=one["by"],
            at=read_instant(one["at"]),
            proof=Digest(one["proof"]),
            until=date.fromisoformat(one["until"]) if "until" in one else None,
        )
        for name, one in stored.items()
    }


def _until(consent: ConsentGiven) -> dict[str, str]:
    return {"until": consent.until.isoformat()} if consent.until is not None else {}
