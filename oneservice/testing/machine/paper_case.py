"""A whole case on paper: which step may begin, what time brings, and how it all ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from oneservice.case import StepSpec
from oneservice.testing.machine.paper_clocks import PaperClocks
from oneservice.testing.machine.paper_consent import PaperConsent
from oneservice.testing.machine.paper_days import (
    counted,
    day_of,
    first_instant_after,
    is_announced,
    midnight,
)
from oneservice.testing.machine.paper_step import PaperStep
from oneservice.workdays import WorkCalendar

__all__ = ["PaperCase"]

_SHARE: Final = 80
_RESULTS: Final = ("decision", "check")


@dataclass(slots=True)
class PaperCase:
    """The file of a case; ``days`` are its own limits by name, in working days."""

    calendar: WorkCalendar
    steps: dict[str, PaperStep]
    days: dict[str, int]
    consents: dict[str, PaperConsent] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)
    is_extended: bool = False
    is_sealed: bool = False
    wants_seal: bool = False
    outcome: str | None = None

    @classmethod
    def of(
        cls, specs: Sequence[StepSpec], calendar: WorkCalendar, *, promised: int, joint: int
    ) -> PaperCase:
        """Return an empty file for ``specs``; a limit of -1 is none."""
        steps = {spec.id: PaperStep(spec=spec) for spec in specs}
        return cls(calendar=calendar, steps=steps, days={"promised": promised, "joint": joint})

    # --- what follows by itself ------------------------------------------------------------------

    def file_what_may_begin(self) -> None:
        """File every step whose requirements are granted, and send what is to be withdrawn."""
        for step in self.steps.values():
            if step.spec.kind == "bundle" or step.halted_at is not None:
                continue
            if step.state == "waiting" and self._may_begin(step):
                step.attempt, step.state, step.is_filed = step.attempt + 1, "filing", True
                if step.spec.kind == "follow_up":
                    grants = [self.steps[name].decided_at for name in step.spec.requires]
                    known = [one for one in grants if one is not None]
                    step.clock_from = max(known, default=None)
            if step.withdrawal == "asked" and step.is_filed:
                step.withdrawal = "sent"

    def _may_begin(self, step: PaperStep) -> bool:
        lacks = any(not one.is_alive and one.binds(step) for one in self.consents.values())
        return not lacks and all(self.steps[name].opens_the_next for name in step.spec.requires)

    def settle(self) -> None:
        """Drop what cannot come any more; end the case when everything has ended."""
        waiting = [one for one in self._own() if one.state == "waiting"]
        for _ in waiting:
            for step in waiting:
                if step.state == "waiting" and self._is_barred(step):
                    step.state, step.was_dropped = "not_applicable", True
        if self.outcome is not None or not all(one.is_ended for one in self._own()):
            return
        if (self.is_sealed and not self.wants_seal) or not any(one.stands for one in self._own()):
            self.outcome = self._how_it_ended()
            for step in self._bundles():
                step.state = "granted" if step.state == "granted" else "not_applicable"

    def _how_it_ended(self) -> str:
        ends = {one.state for one in self._own()}
        if self.is_sealed:
            return "concluded"
        was_decided_against = ends & {"refused", "not_accepted", "lapsed"}
        return "withdrawn" if "withdrawn" in ends and not was_decided_against else "rejected"

    def _is_barred(self, step: PaperStep) -> bool:
        required = (self.steps[name] for name in step.spec.requires)
        return any(one.is_ended and not one.opens_the_next for one in required)

    @property
    def is_ready_to_seal(self) -> bool:
        """Whether all results are in, one of them stands, and nobody handed them out yet."""
        results = [one for one in self.steps.values() if one.spec.kind in _RESULTS]
        is_due = self.outcome is None and (not self.is_sealed or self.wants_seal)
        return (
            is_due and all(one.is_ended for one in results) and any(one.stands for one in results)
        )

    # --- what people do --------------------------------------------------------------------------

    def seal(self) -> None:
        """Hand out all results."""
        self.is_sealed, self.wants_seal = True, False
        for step in self._bundles():
            step.state = "granted"

    def withdraw(self, names: Collection[str]) -> bool:
        """Ask for ``names`` (all, if empty) to be withdrawn; say whether anything was open."""
        chosen = [self.steps[name] for name in names or self.steps]
        open_ones = [
            one
            for one in chosen
            if not (one.is_ended or one.state == "granted_pending_material")
            and one.spec.kind != "bundle"
            and one.withdrawal in ("no", "refused")
        ]
        for step in open_ones:
            step.withdrawal = "asked"
            if not step.is_filed:
                step.state, step.withdrawal = "withdrawn", "sent"
        return bool(open_ones)

    def file_again(self, name: str, *, is_annulled: bool) -> bool:
        """Begin another attempt; say whether the law leaves room for one."""
        step = self.steps[name]
        may_follow = step.state in ("not_accepted", "lapsed") or (
            step.state == "refused" and is_annulled
        )
        if not may_follow or step.halted_at is not None or self.outcome == "withdrawn":
            return False
        self.steps[name] = step.begin_again()
        self.wants_seal = self.wants_seal or self.is_sealed
        self.outcome = None
        for _ in self.steps:
            for one in [*self._own(), *self._bundles()]:
                is_back = one.spec.kind == "bundle" or (
                    one.was_dropped and not self._is_barred(one)
                )
                if one.state == "not_applicable" and is_back:
                    self.steps[one.spec.id] = PaperStep(spec=one.spec)
        return True

    def extend_joint(self, days: int, at: datetime) -> bool:
        """Extend joint handling; say whether the law allows it."""
        since = self._first_accepted()
        if since is None or self.days["joint"] < 0 or self.is_extended or not 1 <= days <= 15:  # noqa: PLR2004 - Licensing Law art. 42
            return False
        if day_of(at) > self._last_day(since, "joint"):
            return False
        self.days["joint"] += days
        self.is_extended = True
        return True

    # --- time ------------------------------------------------------------------------------------

    def pass_time(self, at: datetime, hearing: Collection[str]) -> None:
        """Take note of every clock that has ended by ``at``.

        Args:
            at: the present.
            hearing: steps with nothing on its way to or from their departments.
        """
        self.end_consents(at)
        while self.outcome is None:
            due = min(self._dues(hearing), default=None)
            if due is None or due[0] > at:
                return
            self._note(*due[1:], at=at, instant=due[0])

    def end_consents(self, at: datetime) -> None:
        """Strike out each consent whose last day is over, whoever opens the file first."""
        for consent in self.consents.values():
            is_over = consent.until is not None and first_instant_after(consent.until) <= at
            if consent.is_alive and is_over:
                consent.is_alive = False
                self.doubt(consent)

    def doubt(self, consent: PaperConsent) -> None:
        """Mark each filing on ``consent`` that nobody has confirmed: what was agreed to changed."""
        for name in consent.covers:
            step = self.steps[name]
            is_open = consent.binds(step) and step.state == "filing" and not step.told
            step.is_doubted = step.is_doubted or is_open

    def agree(self, name: str, given: PaperConsent) -> None:
        """Put an answer into the file; the same one told twice changes nothing.

        What was said, or is awaited, of other steps stands beside it, a line for each step; but
        what somebody else than the applicant agreed to is agreed to anew.
        """
        if given in self._answers(name).values():
            return
        for key, one in self._answers(name).items():
            others = [step for step in one.covers if step not in given.covers]
            stands = bool(others) and (not one.is_alive or bool(one.office))
            if not stands or len(others) < len(one.covers):
                self.doubt(one)
            del self.consents[key]
            for step in others if stands else ():
                self.consents[f"{name}#{step}"] = replace(one, covers=(step,))
        self.doubt(given)
        self.consents[name] = given

    def take_back(self, name: str) -> None:
        """Strike out all that somebody agreed to."""
        for one in self._answers(name).values():
            if one.is_alive:
                one.is_alive, one.was_taken_back = False, True
                self.doubt(one)

    def _answers(self, name: str) -> dict[str, PaperConsent]:
        return {key: one for key, one in self.consents.items() if key.partition("#")[0] == name}

    def keeps_back(self, name: str) -> bool:
        """Say whether an office elsewhere is told nothing more of a step: somebody said no."""
        some = [one for one in self.consents.values() if one.binds(self.steps[name])]
        return any(one.office for one in some) and not all(one.is_alive for one in some)

    def lets_go(self, name: str) -> frozenset[str] | None:
        """Return all of a step that everybody lets go elsewhere; ``None``: it lies at home."""
        some = [one for one in self.consents.values() if one.binds(self.steps[name])]
        if not any(one.office and one.is_alive for one in some):
            return None
        told = [one for one in some if one.is_alive and (one.office or one.is_of_everybody)]
        limits = [one.names for one in told if one.names is not None]
        return frozenset.intersection(*limits)

    def give_to(self, name: str, office: str) -> None:
        """Give a step that nobody has to another office; what it went through stays its own."""
        step = self.steps[name].begin_again()
        step.spec = replace(step.spec, department=office)
        self.steps[name] = step
        self.wants_seal = self.wants_seal or self.is_sealed

    def await_answer(self, consent: str, name: str, office: str) -> None:
        """Note that nobody asked the applicant yet, unless an answer covers the step."""
        if not any(one.office == office and name in one.covers for one in self.consents.values()):
            awaited = PaperConsent(covers=(name,), until=None, is_alive=False, office=office)
            self.consents[f"{consent}#{name}"] = awaited

    def next_due(self, hearing: Collection[str]) -> datetime | None:
        """Return when the next clock ends; ``None``: none runs."""
        ends = [
            first_instant_after(one.until)
            for one in self.consents.values()
            if one.is_alive and one.until is not None
        ]
        dues = [due[0] for due in self._dues(hearing)] if self.outcome is None else []
        return min([*ends, *dues], default=None)

    def _dues(self, hearing: Collection[str]) -> Iterator[tuple[datetime, str, str, str]]:
        for name, step in self.steps.items():
            clocks = PaperClocks(step, self.calendar, hears_all=name in hearing)
            for instant, kind, key in clocks.dues():
                yield instant, name, kind, key
        since = self._first_accepted()
        waits = any(not one.is_ended and one.spec.kind in _RESULTS for one in self.steps.values())
        if since is None or self.is_sealed or not waits:
            return
        for limit, days in self.days.items():
            if days < 0 or limit in self.passed:
                continue
            last = self._last_day(since, limit)
            if not is_announced(self.calendar, day_of(since), last, "working_days"):
                continue
            yield first_instant_after(last), "", "case_limit", limit
            if days and limit not in self.near:
                share = 0
                while share * 100 < days * _SHARE:
                    share += 1
                near = counted(self.calendar, day_of(since), share, "working_days")
                yield midnight(near), "", "case_near", limit

    def _note(self, name: str, kind: str, key: str, *, at: datetime, instant: datetime) -> None:
        if kind == "case_limit":
            self.passed.add(key)
            return
        if kind == "case_near":
            self.near.add(key)
            return
        step = self.steps[name]
        match kind:
            case "notice":
                step.accepted_at, step.silent_until = step.notice_from, instant
                step.state = "accepted"
            case "limit":
                step.passed.add(key)
            case "near":
                step.is_near = True
            case "wait":
                step.overdue.add(key)
            case "silence":
                step.state, step.decided_at, step.silence_at = "granted", instant, instant
            case "rung" if step.rung < len(step.spec.ladder):
                step.rung, step.rung_at = step.rung + 1, at
            case _:
                step.is_ladder_spent = True

    def _first_accepted(self) -> datetime | None:
        found = [one.accepted_at for one in self.steps.values() if one.accepted_at is not None]
        return min(
            [*found, *(at for one in self.steps.values() for at in one.earlier)], default=None
        )

    def _last_day(self, since: datetime, limit: str) -> date:
        return counted(self.calendar, day_of(since), self.days[limit], "working_days")

    def _own(self) -> list[PaperStep]:
        return [one for one in self.steps.values() if one.spec.kind != "bundle"]

    def _bundles(self) -> list[PaperStep]:
        return [one for one in self.steps.values() if one.spec.kind == "bundle"]
