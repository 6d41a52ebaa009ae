"""Any walk through the law: whatever departments sign, people ask and days pass, these hold."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from oneservice.case import (
    DECIDED,
    TRANSITIONS,
    Actor,
    AskFreshBundle,
    AskWithdrawal,
    BundleSigned,
    DeliveryDidFail,
    EventType,
    ExtendJoint,
    FileAgain,
    FiledAgain,
    IssueBundle,
    NotFoundThere,
    Reassigned,
    ReportDidFail,
    Resume,
    SubCaseStatus,
    SupplementGiven,
    TimePassed,
    Wake,
    next_due,
    open_waits,
    outstanding,
    standing_of,
)
from oneservice.case.step_spec import Rung, Unit
from oneservice.errors import CaseError
from oneservice.workdays import legal_day

SHA: Any = "sha256:" + "6" * 64
BY = Actor.operator("op-7")
NAMES = ("permit", "report", "sign", "check")
KINDS = sorted(set(EventType) - {EventType.RECEIVED})
MOVES = ("withdraw", "again", "fail", "unread", "lost", "resume", "fresh", "extend", "supplement")
LONG_PAUSES = (0, 0, 0, 0, 1, 1, 3, 10)


class Walk:
    """A life whose day moves on; each move is checked."""

    def __init__(self, begin: Any, step: Any, policy: str) -> None:
        ladder = (Rung(level="county", office="district", days=2),)
        units = (Unit(duty="d2", department="second", region="990102"),)
        self.life = begin(
            step(on_overdue=policy, ladder=ladder if policy == "escalate" else ()),
            step("report", accept_hours=4, units=units, max_returns=1, statutory_days=-1),
            step("sign", requires=("permit",), correction="run"),
            step("check", kind="follow_up", requires=("permit",)),
            step("bundle", kind="bundle", requires=("permit", "report", "sign")),
            joint_days=45,
            promised_days=9,
        )
        self.now = self.life.case.opened_at

    def move(self, what: str, name: str, pick: int, days: int) -> None:
        self.now += timedelta(days=days)
        before = self.life.case
        try:
            self.do(what, name, pick)
        except CaseError:
            assert self.life.case is before
        self.life.file_at(self.now)
        self.hold(before)

    def do(self, what: str, name: str, pick: int) -> None:
        sub, give = self.life.sub(name), self.life.give
        match what:
            case "told":
                self.tell(name, pick)
            case "wait":
                give(TimePassed(at=self.now))
                due = next_due(self.life.case, self.life.calendar)
                assert due is None or due.instant > self.now
            case "withdraw":
                give(AskWithdrawal(at=self.now, sub_case_ids=(name,)))
            case "again":
                give(FileAgain(at=self.now, sub_case_id=name, by=BY, why="w", annulled_by="n"))
            case "resume":
                give(Resume(at=self.now, sub_case_id=name, by=BY, why="w"))
            case "supplement":
                self.supplement(name)
            case "fail" if sub.deliveries:
                message = sub.deliveries[0].message_id
                give(
                    DeliveryDidFail(
                        at=self.now,
                        sub_case_id=name,
                        message_id=message,
                        effect="unknown",
                        problem="cut off",
                    )
                )
            case "unread":
                give(
                    ReportDidFail(
                        at=self.now, sub_case_id=name, problem="no answer", is_contract=False
                    )
                )
            case "lost" if sub.submission is not None:
                identifier = sub.submission.submission_id
                give(NotFoundThere(at=self.now, sub_case_id=name, submission_id=identifier))
            case "bundle":
                self.sign()
            case "fresh":
                give(AskFreshBundle(at=self.now))
            case "extend":
                give(ExtendJoint(at=self.now, days=15, approved_by="g", reason="r", by=BY))

    def tell(self, name: str, pick: int) -> None:
        submission = self.life.sub(name).submission
        if submission is None or self.life.sub(name).halted is not None:
            return
        lawful = [one for one in sorted(TRANSITIONS) if submission.state in TRANSITIONS[one]]
        kind = lawful[pick % len(lawful)] if lawful and pick % 10 else KINDS[pick % len(KINDS)]
        data: dict[str, Any] = {}
        if kind == EventType.NOT_ACCEPTED and pick % 3 == 0:
            data = {"reasons": [{"code": "not-competent"}]}
        if kind == EventType.CORRECTION_REQUESTED:
            data = {"correction_id": f"r{submission.seq}"}
        if kind in (EventType.CORRECTION_RECEIVED, EventType.LAPSED) and submission.correction_id:
            data = {"correction_id": submission.correction_id}
        if kind in (EventType.WITHDRAWN, EventType.WITHDRAWAL_REFUSED) and submission.withdrawal_id:
            data = {"withdrawal_id": submission.withdrawal_id}
        self.life.told_at(str(kind), self.now, name, **data)

    def supplement(self, name: str) -> None:
        sub = self.life.sub(name)
        correction = sub.correction.correction_id if sub.correction else None
        self.life.give(
            SupplementGiven(
                at=self.now,
                sub_case_id=name,
                correction_id=correction,
                supplement_id=f"s{len(self.life.events)}",
                request_digest=SHA,
                materials=tuple(one.material for one in sub.course.promises),
            )
        )

    def sign(self) -> None:
        owed = outstanding(self.life.case, self.life.calendar)
        if not any(isinstance(one, IssueBundle) for one in owed):
            return
        self.life.give(
            BundleSigned(
                at=self.now,
                certificate_id="urn:b",
                certificate=SHA,
                over_seq=len(self.life.events),
                over_head=SHA,
            )
        )

    def hold(self, before: Any) -> None:
        """Check what holds in every state, and between two of them."""
        case, calendar = self.life.case, self.life.calendar
        anew = {
            event.sub_case_id
            for event in self.life.events[before.seq :]
            if isinstance(event, (FiledAgain, Reassigned))
        }
        for name, sub in case.sub_cases.items():
            was = before.sub_cases[name]
            if was.status is SubCaseStatus.GRANTED and was.course.silence_at is None:
                assert sub.status is SubCaseStatus.GRANTED, "nothing granted is ever undone"
            if was.status in DECIDED - {SubCaseStatus.NOT_APPLICABLE} and name not in anew:
                is_heard_late = was.course.silence_at is not None and sub.course.silence_at is None
                assert sub.status is was.status or is_heard_late
            assert sub.attempt in (was.attempt, was.attempt + 1)
            assert len(set(sub.passed)) == len(sub.passed)
            assert len(set(sub.course.overdue)) == len(sub.course.overdue)
            assert sub.course.near in ((), ("promised",))
        self.hold_waits(case, calendar)
        due = next_due(case, calendar)
        wakes = [one.not_before for one in outstanding(case, calendar) if isinstance(one, Wake)]
        assert wakes == ([due.instant] if due else [])

    def hold_waits(self, case: Any, calendar: Any) -> None:
        waits = open_waits(case, calendar)
        if case.outcome is None:
            undecided = {one.id for one in case.sub_cases.values() if not one.is_decided}
            assert undecided <= {one.sub_case_id for one in waits}
            assert waits, "a case that has not ended waits for something"
        assert all(one.ends_by for one in waits)
        assert self.life.findings() == self.life.findings()
        told = standing_of(case, self.life.no_plan, on=legal_day(self.now), calendar=calendar)
        names = {one.sub_case_id for one in (*told.stands, *told.missing)}
        assert names == set(case.sub_cases) - {"bundle"}


@pytest.mark.parametrize("seed", range(120))
def test_every_walk_through_the_law_holds(begin: Any, step: Any, seed: int) -> None:
    """Departments speak most of the time, mostly by the table; a seed gives the same walk again."""
    chance = random.Random(seed)
    walk = Walk(begin, step, ("none", "escalate", "deemed_granted")[seed % 3])
    for _ in range(50):
        what = chance.choices(
            ("told", "wait", "bundle", chance.choice(MOVES)), weights=(12, 3, 3, 3)
        )[0]
        days = chance.choice(LONG_PAUSES) if what != "wait" else chance.randrange(1, 40)
        walk.move(what, chance.choice(NAMES), chance.randrange(10**6), days)
