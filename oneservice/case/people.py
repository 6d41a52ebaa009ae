"""The people of a case, as its journal tells of them: mandates, consents, what operators did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from oneservice.canonical import Digest
from oneservice.case.actors import Actor
from oneservice.case.changing import changed
from oneservice.case.operating_events import CaseClosed, OutcomeAdopted
from oneservice.case.step_spec import StepSpec
from oneservice.workdays import LEGAL_ZONE, legal_day

__all__ = [
    "NO_PEOPLE",
    "OWN_CONSENT",
    "Consent",
    "Mandate",
    "Migration",
    "People",
    "end_of_day",
]

OWN_CONSENT: Final = "applicant."
"""How the ids of the applicant's own consents begin: to let data go to an office elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What an agent may do; ``ended_at`` is ``None`` while it was not ended."""

    id: str
    agent: str
    proof: Digest
    given_at: datetime
    sub_case_ids: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: date | None = None
    end: Literal["revoked", "renounced", "expired"] | None = None
    ended_at: datetime | None = None

    def is_alive(self, at: datetime) -> bool:
        """Whether somebody may act under it at ``at``, an aware instant."""
        return self.end is None and (self.until is None or legal_day(at) <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody agreed to; members as in ``ConsentRecorded``.

    Of one that was ``refused``, or is ``awaited`` since an order needs it, there is no proof, and
    nothing that it covers.
    """

    id: str
    purpose: str
    level: str
    proof: Digest
    agreed_at: datetime
    sub_case_ids: tuple[str, ...]
    is_required: bool
    until: date | None = None
    fields: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    document: Digest | None = None
    end: Literal["withdrawn", "expired", "refused", "awaited"] | None = None
    ended_at: datetime | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the applicant's own, to let data go to an office elsewhere."""
        return self.id.startswith(OWN_CONSENT)

    @property
    def is_alive(self) -> bool:
        """Whether filings may rest on it; that its last day passed is a recorded fact."""
        return self.end is None

    def covers(self, sub_case_id: str) -> bool:
        """Whether the filing of ``sub_case_id`` is shown it, or rests on it where required."""
        return not self.sub_case_ids or sub_case_id in self.sub_case_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One move to another definition; ``kept`` are the steps that stay under ``before``.

    ``specs`` are those steps as the new definition has them, should one of them begin anew.
    """

    at: datetime
    before: Digest
    after: Digest
    kept: tuple[str, ...]
    by: Actor
    why: str
    specs: tuple[StepSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who may act, who agreed, and what operators did; all of it follows from the journal."""

    mandates: tuple[Mandate, ...] = ()
    consents: tuple[Consent, ...] = ()
    adopted: tuple[OutcomeAdopted, ...] = ()
    closed: CaseClosed | None = None
    migrations: tuple[Migration, ...] = ()

    def mandate(self, mandate_id: str | None) -> Mandate | None:
        """Return the mandate of that id, ended or not."""
        return next((one for one in self.mandates if one.id == mandate_id), None)

    def consent(self, consent_id: str) -> Consent | None:
        """Return the consent of that id, alive or not."""
        return next((one for one in self.consents if one.id == consent_id), None)

    def lacking(self, sub_case_id: str) -> tuple[Consent, ...]:
        """Return the consents without which ``sub_case_id`` is not filed and that have ended."""
        if not self.consents:
            return ()
        return tuple(
            one
            for one in self.consents
            if one.end is not None and one.is_required and one.covers(sub_case_id)
        )

    def unshared(self, sub_case_id: str) -> Consent | None:
        """Return the applicant's own consent for lack of which ``sub_case_id`` is not filed."""
        return next((one for one in self.lacking(sub_case_id) if one.is_own), None)

    def shared(self, sub_case_id: str) -> Consent | None:
        """Return the applicant's own living consent that says what goes to ``sub_case_id``."""
        found = (one for one in self.consents if one.is_own and one.is_alive)
        return next((one for one in found if one.covers(sub_case_id)), None)

    def adoption(self, sub_case_id: str) -> OutcomeAdopted | None:
        """Return what was taken over from paper for ``sub_case_id``, the latest."""
        found = [one for one in self.adopted if one.sub_case_id == sub_case_id]
        return found[-1] if found else None

    def plan_of(self, sub_case_id: str, current: Digest) -> Digest:
        """Return the digest of the plan under which ``sub_case_id`` is handled.

        What was filed before a migration stays under the definition of that day; everything else,
        also what begins anew after it, is under ``current``.
        """
        for one in self.migrations:
            if sub_case_id in one.kept:
                return one.before
        return current

    def newest_spec(self, spec: StepSpec) -> StepSpec:
        """Return ``spec`` as the definition has it to which the case is pinned by now."""
        for move in reversed(self.migrations):
            for one in move.specs:
                if one.id == spec.id and one.id in move.kept:
                    return one
        return spec

    def begun_anew(self, sub_case_ids: frozenset[str]) -> People:
        """Return the people of the case when those steps stay under no earlier plan any more."""
        if not any(sub_case_ids.intersection(one.kept) for one in self.migrations):
            return self
        moves = tuple(
            changed(one, kept=tuple(name for name in one.kept if name not in sub_case_ids))
            for one in self.migrations
        )
        return changed(self, migrations=moves)

    def next_end(self) -> datetime | None:
        """Return the first instant at which a mandate or consent has run out."""
        if not self.mandates and not self.consents:
            return None
        days = [one.until for one in self.mandates if one.end is None and one.until is not None]
        days += [one.until for one in self.consents if one.end is None and one.until is not None]
        return end_of_day(min(days)) if days else None


NO_PEOPLE: Final = People()
"""Only the applicant, and nobody who had to agree."""


def end_of_day(day: date) -> datetime:
    """Return the first instant after ``day`` in the zone of the law."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=LEGAL_ZONE)
