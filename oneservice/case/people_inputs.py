"""What people tell a case about who may act, and who agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from oneservice.canonical import Digest
from oneservice.case.actors import APPLICANT, Actor

__all__ = [
    "ConsentTerms",
    "ConsentWanted",
    "EndMandate",
    "GiveConsent",
    "GiveMandate",
    "PeopleInput",
    "RefuseConsent",
    "WithdrawConsent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMandate:
    """The applicant lets somebody act: see :class:`oneservice.case.MandateGiven`."""

    at: datetime
    mandate_id: str
    agent: str
    proof: Digest
    by: Actor = APPLICANT
    sub_case_ids: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMandate:
    """The applicant takes a mandate back, or the agent lays it down."""

    at: datetime
    mandate_id: str
    by: Actor = APPLICANT
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerms:
    """What the state machine knows of a consent: all but who gave it."""

    consent_id: str
    agreed_at: datetime
    purpose: str
    level: str
    proof: Digest
    sub_case_ids: tuple[str, ...]
    is_required: bool
    until: date | None = None
    fields: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    document: Digest | None = None
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWanted:
    """Which steps an order sends elsewhere: filed only on ``consent_id``.

    It is the applicant's own, or that of a party, which must name these ``offices``.
    """

    consent_id: str
    sub_case_ids: tuple[str, ...]
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveConsent:
    """A party agrees after the opening: anew, or longer than before."""

    at: datetime
    terms: ConsentTerms
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """A party takes the consent back: nothing more is filed on it."""

    at: datetime
    consent_id: str
    by: Actor
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConsent:
    """The applicant does not let data go to an office elsewhere: see ``ConsentRefused``."""

    at: datetime
    consent_id: str
    purpose: str
    sub_case_ids: tuple[str, ...]
    by: Actor = APPLICANT
    why: str = ""


PeopleInput = GiveMandate | EndMandate | GiveConsent | WithdrawConsent | RefuseConsent
