"""The people of a case, as its journal tells of them: mandates, consents, what operators did."""

from __future__ import annotations

from collections.abc import Iterable
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
    "Sharing",
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
    nothing that it covers. A party may have several, each for other ``offices`` elsewhere.
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
    offices: tuple[str, ...] = ()
    end: Literal["withdrawn", "expired", "refused", "awaited"] | None = None
    ended_at: datetime | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the applicant's own, to let data go to an office elsewhere."""
        return self.id.startswith(OWN_CONSENT)

    @property
    def office(self) -> str:
        """The office elsewhere to which the applicant's own lets data go; empty: a party's."""
        return self.id.removeprefix(OWN_CONSENT) if self.is_own else ""

    @property
    def is_of_everybody(self) -> bool:
        """Whether it is that of a party who must agree to the whole case."""
        return not self.is_own and self.is_required and not self.sub_case_ids

    @property
    def names_what_goes(self) -> bool:
        """Whether only what it names is agreed to: a party's that names nothing has no limit."""
        return self.is_own or bool(self.offices or self.fields or self.materials or self.evidence)

    @property
    def is_alive(self) -> bool:
        """Whether filings may rest on it; that its last day passed is a recorded fact."""
        return self.end is None

    def covers(self, sub_case_id: str) -> bool:
        """Whether the filing of ``sub_case_id`` is shown it, or rests on it where required."""
        return not self.sub_case_ids or sub_case_id in self.sub_case_ids

    def binds(self, sub_case_id: str, department: str) -> bool:
        """Whether it counts while ``department`` has ``sub_case_id``.

        The applicant's own is about one office elsewhere: a step that is given to another one, or
        back home, is not held by what was said of the first.
        """
        return self.covers(sub_case_id) and self.office in ("", department)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """All that may go to an office elsewhere, and the consents that say so."""

    fields: frozenset[str]
    materials: frozenset[str]
    consents: tuple[Consent, ...]

    def beyond(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of ``names``, fields or materials, that nobody let go there."""
        return tuple(one for one in names if one not in self.fields and one not in self.materials)


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
        """Return the consent of that id: of several the latest that is alive, or was answered."""
        some = [one for one in self.consents if one.id == consent_id]
        alive = [one for one in some if one.is_alive]
        answered = [one for one in some if one.end != "awaited"]
        return next(iter((alive or answered or some)[-1:]), None)

    def counting(self, sub_case_id: str, department: str) -> tuple[Consent, ...]:
        """Return the consents, alive or ended, that count while ``department`` has a step.

        Where its data cross a border, a party's word counts for the offices that it names; who
        named only others is awaited. A consent that names none counts where no other one does.
        """
        some = [one for one in self.consents if one.binds(sub_case_id, department)]
        if not any(one.offices for one in some):
            return tuple(some)
        crosses = any(one.is_own for one in some)
        of_each = [
            [one for one in some if one.id == name] for name in dict.fromkeys(o.id for o in some)
        ]
        return tuple(
            one
            for said in of_each
            for one in (_said_there(said, department) if crosses else _said_here(said))
        )

    def lacking(self, sub_case_id: str, department: str) -> tuple[Consent, ...]:
        """Return the ended consents without which ``department`` is not told of ``sub_case_id``."""
        if not self.consents:
            return ()
        counting = self.counting(sub_case_id, department)
        return tuple(one for one in counting if one.end is not None and one.is_required)

    def unshared(self, sub_case_id: str, department: str) -> Consent | None:
        """Return the applicant's own consent for lack of which ``department`` is told nothing."""
        return next((one for one in self.lacking(sub_case_id, department) if one.is_own), None)

    def keeping_back(self, sub_case_id: str, department: str) -> Consent | None:
        """Return the ended consent for lack of which an office elsewhere is told nothing more.

        The applicant's own, or that of a party: while either is gone no answer leaves.
        """
        crosses = any(one.is_own and one.binds(sub_case_id, department) for one in self.consents)
        return next(iter(self.lacking(sub_case_id, department)), None) if crosses else None

    def was_unshared(self, sub_case_id: str) -> bool:
        """Whether the applicant let some office elsewhere have nothing of ``sub_case_id``."""
        return any(
            one.is_own and one.end is not None and one.covers(sub_case_id) for one in self.consents
        )

    def sharing(self, sub_case_id: str, department: str) -> Sharing | None:
        """Return what of ``sub_case_id`` may go to ``department``; ``None``: it is no crossing.

        The applicant's own consent names it, and that of each party who must agree to the case
        takes away what it does not name, where it names anything: on each other's word nobody's
        data leave. To an office for which one of them is still to be asked, nothing goes.
        """
        if not self.consents:
            return None
        counting = self.counting(sub_case_id, department)
        alive = [one for one in counting if one.is_alive]
        own = [one for one in alive if one.is_own]
        if not own:
            return None
        some = (*own, *(one for one in alive if one.is_of_everybody))
        if any(one.end == "awaited" and one.offices for one in counting):
            return Sharing(fields=frozenset(), materials=frozenset(), consents=some)
        limits = [one for one in some if one.names_what_goes]
        return Sharing(
            fields=frozenset.intersection(*(frozenset(one.fields) for one in limits)),
            materials=frozenset.intersection(*(frozenset(one.materials) for one in limits)),
            consents=some,
        )

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


def _said_there(said: list[Consent], department: str) -> list[Consent]:
    """Return what counts of one person's consents where data cross to ``department``."""
    named = [one for one in said if department in one.offices]
    general = [one for one in said if not one.offices]
    if named or general:
        return named or general
    alive = [one for one in said if one.is_alive]
    if not alive:
        return [one for one in said if one.end != "awaited"][:1]
    asked = changed(alive[0], offices=(department,), end="awaited", ended_at=None)
    return [asked]


def _said_here(said: list[Consent]) -> list[Consent]:
    """Return what counts of one person's consents at home: who agreed elsewhere agreed here."""
    general = [one for one in said if not one.offices]
    alive = [one for one in said if one.is_alive]
    return general or alive[:1] or [one for one in said if one.end != "awaited"][:1]


NO_PEOPLE: Final = People()
"""Only the applicant, and nobody who had to agree."""


def end_of_day(day: date) -> datetime:
    """Return the first instant after ``day`` in the zone of the law."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=LEGAL_ZONE)
