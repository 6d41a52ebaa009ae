"""People let data go to offices elsewhere, or do not; steps move over the border and back."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oneservice.case import (
    APPLICANT,
    OWN_CONSENT,
    Actor,
    ConsentTerms,
    ConsentWanted,
    GiveConsent,
    Reassign,
    RefuseConsent,
    SupplementGiven,
    WithdrawConsent,
)
from oneservice.testing.machine.live import SHA
from oneservice.testing.machine.paper_consent import PaperConsent
from oneservice.testing.machine.paper_step import PaperStep
from oneservice.testing.machine.table import NUMBERS, Table

__all__ = ["SharingRules"]

_OPERATOR: Final = Actor.operator("op-1")
_CLERK: Final = Actor.clerk("clerk-1")
_PARTNER: Final = "partner"
"""Somebody who must agree to the whole case."""
_MORE: Final = ("name", "phone")
_LESS: Final = ("name",)
_SOME: Final = st.sampled_from([_MORE, _LESS])


class SharingRules(Table):
    """What goes elsewhere: only on everybody's word, and no more than all of them name."""

    @precondition(lambda self: self.abroad)
    @rule(number=NUMBERS, names=_SOME)
    def share(self, number: int, names: tuple[str, ...]) -> None:
        """The applicant lets an office elsewhere have these data of a step."""
        name, office = self.name_of(number), self._office(number)
        at, consent = self.later(1), f"{OWN_CONSENT}{office}"
        terms = self._terms(consent, (name,), names)
        taken = self.allowed(GiveConsent(at=at, terms=terms, by=APPLICANT))
        assert taken == (self.paper.outcome is None)
        if taken:
            agreed = PaperConsent(covers=(name,), until=None, office=office, names=frozenset(names))
            self.paper.agree(consent, agreed)
        self.settle()

    @precondition(lambda self: self.abroad)
    @rule(number=NUMBERS)
    def share_nothing(self, number: int) -> None:
        """The applicant says no; what was agreed to is taken back, and not refused."""
        name, office = self.name_of(number), self._office(number)
        at, consent = self.later(1), f"{OWN_CONSENT}{office}"
        known = self.paper.consents.get(consent)
        refusal = RefuseConsent(at=at, consent_id=consent, purpose="thing", sub_case_ids=(name,))
        taken = self.allowed(refusal)
        assert taken == (self.paper.outcome is None and not (known and known.is_alive))
        is_told = known is not None and name in known.covers and not known.was_taken_back
        if taken and not is_told:
            no = PaperConsent(covers=(name,), until=None, is_alive=False, office=office)
            self.paper.agree(consent, no)
        if known is not None and known.is_alive:
            assert self.allowed(WithdrawConsent(at=at, consent_id=consent, by=APPLICANT))
            self.paper.take_back(consent)
        self.settle()

    @precondition(lambda self: self.abroad)
    @rule(names=st.none() | _SOME)
    def partner_agrees(self, names: tuple[str, ...] | None) -> None:
        """Who must agree to the whole case does, and may leave out what goes elsewhere."""
        at = self.later(1)
        taken = self.allowed(
            GiveConsent(at=at, terms=self._terms(_PARTNER, (), names or ()), by=_CLERK)
        )
        assert taken == (self.paper.outcome is None)
        if taken:
            agreed = PaperConsent(
                covers=tuple(self.names),
                until=None,
                names=frozenset(names) if names else None,
                is_of_everybody=True,
            )
            self.paper.agree(_PARTNER, agreed)
        self.settle()

    @precondition(lambda self: _PARTNER in self.paper.consents)
    @rule()
    def partner_quarrels(self) -> None:
        """The partner takes it back: nothing more is filed anywhere, nothing more goes abroad."""
        known = self.paper.consents[_PARTNER]
        given = WithdrawConsent(at=self.later(1), consent_id=_PARTNER, by=_CLERK)
        assert self.allowed(given) == known.is_alive
        if known.is_alive:
            self.paper.take_back(_PARTNER)
        self.settle()

    @precondition(lambda self: self.abroad)
    @rule(number=NUMBERS, names=_SOME)
    def answer_with(self, number: int, names: tuple[str, ...]) -> None:
        """The applicant answers with these data: elsewhere only with what everybody let go."""
        name = self.name_of(number)
        correction = self.paper.steps[name].correction
        if correction is None:
            return
        self.supplements += 1
        before = self.live.case.sub_cases[name].deliveries
        given = SupplementGiven(
            at=self.later(1),
            sub_case_id=name,
            correction_id=correction[0],
            supplement_id=f"{self.case_id}.{name}.1.s{self.supplements}",
            request_digest=SHA,
            names=names,
        )
        is_on_its_way = any(one.answers == correction[0] for one in before)
        free = self.paper.lets_go(name)
        is_let_go = not self.paper.keeps_back(name) and (free is None or {*names} <= free)
        assert self.allowed(given) == (is_let_go and not is_on_its_way)
        self.settle()

    @precondition(lambda self: self.abroad and any(map(_is_nobodys, self.paper.steps.values())))
    @rule(number=NUMBERS, goes_home=st.booleans())
    def give_to_another(self, number: int, *, goes_home: bool) -> None:
        """An operator gives a step that nobody has to an office here or elsewhere."""
        waiting = [name for name in self.names if _is_nobodys(self.paper.steps[name])]
        if not waiting or self.paper.outcome is not None:
            return
        name = waiting[number % len(waiting)]
        office = "home-office" if goes_home else self._office(number)
        own = f"{OWN_CONSENT}{office}"
        wanted = () if goes_home else (ConsentWanted(consent_id=own, sub_case_ids=(name,)),)
        given = Reassign(
            at=self.later(1),
            sub_case_id=name,
            department=office,
            by=_OPERATOR,
            why="moved",
            wanted=wanted,
        )
        taken = self.allowed(given)
        assert taken == (self.paper.steps[name].spec.department != office)
        if taken:
            self.paper.give_to(name, office)
            if not goes_home:
                self.paper.await_answer(own, name, office)
        self.settle()

    def _office(self, number: int) -> str:
        return self.abroad[number % len(self.abroad)]

    def _terms(self, consent: str, steps: tuple[str, ...], names: tuple[str, ...]) -> ConsentTerms:
        return ConsentTerms(
            consent_id=consent,
            agreed_at=self.start,
            purpose="thing",
            level="low",
            proof=SHA,
            sub_case_ids=steps,
            is_required=True,
            fields=names,
        )


def _is_nobodys(step: PaperStep) -> bool:
    return step.state == "waiting" and step.halted_at is None
