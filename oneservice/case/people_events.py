"""Facts about people who act for the applicant, or who must agree: mandates and consents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.later import LATER

__all__ = [
    "ConsentAwaited",
    "ConsentEnded",
    "ConsentRecorded",
    "ConsentRefused",
    "MandateEnded",
    "MandateGiven",
    "PeopleEvent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateGiven:
    """The applicant let ``agent`` act (授权委托): in ``sub_case_ids``, for ``actions``.

    Both empty: in the whole case, for everything that an agent may do. ``until`` is the last day.
    ``proof`` is the digest of the signed authority; who the agent is stands there, not here.
    """

    at: datetime
    mandate_id: str
    agent: str
    proof: Digest
    by: Actor
    sub_case_ids: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: date | None = None
    why: str = ""
    kind: Literal["mandate_given"] = field(default="mandate_given", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateEnded:
    """A mandate ended: taken back by the applicant, laid down by the agent, or run out."""

    at: datetime
    mandate_id: str
    end: Literal["revoked", "renounced", "expired"]
    by: Actor
    why: str = ""
    kind: Literal["mandate_ended"] = field(default="mandate_ended", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded:
    """Somebody agreed to this case (同意); ``consent_id`` is the party's id.

    The applicant's own, whose id begins with ``applicant.``, lets data go to an office elsewhere;
    then ``fields`` and ``materials`` are all that goes.

    ``purpose`` is the one-thing for which it was given; with the case whose journal this is, that
    is what it binds. Fields, materials and ``evidence`` (types that may be fetched) are what it
    covers; all empty: whatever the case needs. ``sub_case_ids`` are the filings that it concerns,
    empty: all; where ``is_required``, none of them is composed while it is not alive. Who agreed
    stands in the form, or in the stored ``document``. ``offices`` are those elsewhere that the
    statement named which a party signed: there it says what goes, and to no other one does it let
    anything go; empty: it names none.
    """

    at: datetime
    consent_id: str
    agreed_at: datetime
    purpose: str
    level: str
    proof: Digest
    sub_case_ids: tuple[str, ...]
    is_required: bool
    by: Actor
    until: date | None = None
    fields: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    document: Digest | None = None
    why: str = ""
    offices: tuple[str, ...] = field(default=(), metadata=LATER)
    kind: Literal["consent_recorded"] = field(default="consent_recorded", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEnded:
    """A consent is alive no more; what was filed on it while it was, stands.

    References: Personal Information Protection Law art. 15: withdrawing does not touch what was
    done before.
    """

    at: datetime
    consent_id: str
    end: Literal["withdrawn", "expired"]
    by: Actor
    why: str = ""
    kind: Literal["consent_ended"] = field(default="consent_ended", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRefused:
    """The applicant was asked whether data may go to an office elsewhere, and said no.

    ``sub_case_ids`` are not filed while it stands; they can be done there in person instead.

    References: Personal Information Protection Law art. 16: what can be done without a consent is
    not refused for lack of it; art. 23: data go to another handler on a separate one.
    """

    at: datetime
    consent_id: str
    purpose: str
    sub_case_ids: tuple[str, ...]
    by: Actor
    why: str = ""
    kind: Literal["consent_refused"] = field(default="consent_refused", init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAwaited:
    """An order has steps handled elsewhere for which somebody was never asked.

    ``sub_case_ids`` are not filed until the applicant, or the party of that id, says yes to
    ``consent_id``; a party to just these ``offices``.

    References: Personal Information Protection Law art. 23: data go to another handler on a
    separate consent; no operator gives it.
    """

    at: datetime
    consent_id: str
    purpose: str
    sub_case_ids: tuple[str, ...]
    offices: tuple[str, ...] = field(default=(), metadata=LATER)
    kind: Literal["consent_awaited"] = field(default="consent_awaited", init=False)


PeopleEvent = (
    MandateGiven | MandateEnded | ConsentRecorded | ConsentEnded | ConsentRefused | ConsentAwaited
)
