"""People act: withdraw, answer, file again, agree, resume; each is allowed or refused by law."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oneservice.case import (
    APPLICANT,
    Actor,
    AskWithdrawal,
    ConsentTerms,
    ExtendJoint,
    FileAgain,
    GiveConsent,
    Resume,
    SupplementGiven,
    WithdrawConsent,
)
from oneservice.testing.machine.live import SHA
from oneservice.testing.machine.paper_consent import PaperConsent
from oneservice.testing.machine.paper_days import day_of
from oneservice.testing.machine.table import NUMBERS, Table

__all__ = ["PeopleRules"]

_OPERATOR = Actor.operator("op-1")
_CLERK = Actor.clerk("clerk-1")
_CONSENT = "landlord"


class PeopleRules(Table):
    """What applicants, clerks and operators do; whether the case takes it is compared, too."""

    @precondition(lambda self: any(one.told > 1 for one in self.paper.steps.values()))
    @rule(number=NUMBERS, is_all=st.integers(0, 7))
    def withdraw(self, number: int, is_all: int) -> None:
        """The applicant wants a step, or now and then the whole case, withdrawn."""
        names = () if is_all == 7 else (self.name_of(number),)  # noqa: PLR2004 - one in eight
        taken = self.allowed(AskWithdrawal(at=self.later(1), sub_case_ids=names))
        assert taken == self.paper.withdraw(names)
        self.settle()

    @rule(number=NUMBERS)
    def answer_correction(self, number: int) -> None:
        """The applicant answers what is open; an answer to anything else is refused."""
        name = self.name_of(number)
        correction = self.paper.steps[name].correction
        self.supplements += 1
        given = SupplementGiven(
            at=self.later(1),
            sub_case_id=name,
            correction_id=correction[0] if correction else "never-asked",
            supplement_id=f"{self.case_id}.{name}.1.s{self.supplements}",
            request_digest=SHA,
            by=APPLICANT,
        )
        before = self.live.case.sub_cases[name].deliveries
        is_on_its_way = any(one.answers == given.correction_id for one in before)
        is_free = not is_on_its_way and not self.paper.keeps_back(name)
        assert self.allowed(given) == (correction is not None and is_free)
        self.settle()

    @rule(number=NUMBERS, is_annulled=st.booleans())
    def file_again(self, number: int, *, is_annulled: bool) -> None:
        """Another attempt, where the law leaves room for one."""
        name = self.name_of(number)
        given = FileAgain(
            at=self.later(1),
            sub_case_id=name,
            by=_OPERATOR,
            why="mended",
            annulled_by="review 12" if is_annulled else "",
        )
        assert self.allowed(given) == self.paper.file_again(name, is_annulled=is_annulled)
        self.settle()

    @precondition(lambda self: any(one.halted_at for one in self.paper.steps.values()))
    @rule(number=NUMBERS)
    def resume(self, number: int) -> None:
        """An operator lets a halted step go on; what it holds is not touched."""
        name = self.name_of(number)
        step = self.paper.steps[name]
        given = Resume(at=self.later(1), sub_case_id=name, by=_OPERATOR, why="settled")
        assert self.allowed(given) == (step.halted_at is not None)
        step.halted_at = None
        step.overdue.discard("operator:halted")
        self.settle()

    @rule(days=st.integers(0, 16))
    def extend_joint(self, days: int) -> None:
        """The government extends joint handling, once, before it ends."""
        given = ExtendJoint(
            at=self.later(1), days=days, approved_by="the city", reason="many", by=_OPERATOR
        )
        assert self.allowed(given) == self.paper.extend_joint(days, given.at)
        self.settle()

    @rule(number=NUMBERS, days=st.none() | st.integers(0, 30))
    def agree(self, number: int, days: int | None) -> None:
        """Somebody agrees, for one step, until a day or without an end."""
        at, name = self.later(1), self.name_of(number)
        until = None if days is None else day_of(at) + timedelta(days=days)
        terms = ConsentTerms(
            consent_id=_CONSENT,
            agreed_at=at,
            purpose="thing",
            level="basic",
            proof=SHA,
            sub_case_ids=(name,),
            is_required=True,
            until=until,
        )
        taken = self.allowed(GiveConsent(at=at, terms=terms, by=_CLERK))
        assert taken == (self.paper.outcome is None)
        if taken:
            self.paper.agree(_CONSENT, PaperConsent(covers=(name,), until=until))
        self.settle()

    @precondition(lambda self: self.paper.consents)
    @rule()
    def take_consent_back(self) -> None:
        """Nothing more is filed on it; what was filed stands."""
        given = WithdrawConsent(at=self.later(1), consent_id=_CONSENT, by=_CLERK)
        known = self.paper.consents.get(_CONSENT)
        assert self.allowed(given) == (known is not None and known.is_alive)
        if known is not None and known.is_alive:
            self.paper.take_back(_CONSENT)
        self.settle()
