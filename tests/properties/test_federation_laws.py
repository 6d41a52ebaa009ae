"""Whatever an office does, and whenever we look, the other region is told a lawful history of it.

The office of the deciding region walks at random through the protocol's table; the case there is
the real core, the application abroad the SDK's own history, which refuses what the table forbids.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.canonical import digest_bytes
from oneservice.case import (
    BundleSigned,
    Case,
    CaseOpened,
    EventType,
    IssueBundle,
    Message,
    MessagesComposed,
    Prepare,
    StatusRead,
    StepSpec,
    SubmissionState,
    evolve,
    outstanding,
    transition,
)
from oneservice.departments import Ed25519EventKey, Submission, SubmissionBody
from oneservice.departments.history import Draft, History
from oneservice.errors import IllegalInputError
from oneservice.federation import Papers, owed
from oneservice.workdays import LEGAL_ZONE, announced_calendar

CALENDAR = announced_calendar()
KEY = Ed25519EventKey.generate("k")
SHA = digest_bytes(b"x")
START = datetime(2026, 9, 28, 2, tzinfo=UTC)
REASONS = {
    "reasons": [{"code": "r", "text": {"en": "no"}}],
    "remedies": [{"kind": "review", "until": "2026-12-01", "where": {"en": "here"}}],
}
OUTCOME = {"decision": "granted", "result_type": "permit", "number": "N-1"}
PLAN: Any = SimpleNamespace(promised_working_days=5, steps=())
FACTS: dict[EventType, dict[str, Any]] = {
    EventType.ACCEPTED: {"acceptance_no": "SL", "promised_working_days": 5, "how": "explicit"},
    EventType.NOT_ACCEPTED: REASONS,
    EventType.REFUSED: REASONS,
    EventType.CORRECTION_REQUESTED: {
        "items": [{"material": "m_layout", "problem": "missing"}],
        "is_complete_list": True,
        "due_on": "2026-10-20",
    },
    EventType.CORRECTION_RECEIVED: {"request_digest": SHA},
    EventType.SUSPENDED: {
        "kind": "hearing",
        "by_law": "art. 45",
        "notice_no": "T-1",
        "expected_until": "2026-10-20",
    },
    EventType.RESUMED: {"result": {"en": "heard"}},
    EventType.EXTENDED: {
        "working_days": 5,
        "reason": {"en": "load"},
        "approved_by": "head",
        "notice_no": "Y-1",
    },
    EventType.PROGRESS: {"label": {"en": "looked"}, "is_public": True},
    EventType.GRANTED: {"outcome": OUTCOME},
    EventType.WITHDRAWN: {},
    EventType.LAPSED: {"reason": {"en": "too late"}},
    EventType.RESULT_REPLACED: {"outcome": OUTCOME | {"number": "N-2"}},
    EventType.RESULT_REVOKED: {
        "reason": {"en": "forged"},
        "by_law": "art. 69",
        "effective_at": "2026-10-01T00:00:00Z",
    },
}
ENDS = {
    "granted": "granted",
    "refused": "refused",
    "not_accepted": "not_accepted",
    "withdrawn": "withdrawn",
    "lapsed": "lapsed",
}


class World:
    """The office, the case of its region, and the application as another region knows it."""

    def __init__(self) -> None:
        self.now = START
        spec = StepSpec(
            id="permit", step_id="permit", department="office", kind="decision", promised_days=5
        )
        bundle = StepSpec(
            id="bundle", step_id="bundle", department="lead", kind="bundle", requires=("permit",)
        )
        self.case: Case = evolve(
            None,
            CaseOpened(
                at=START,
                thing="thing",
                region="990101",
                plan=SHA,
                definition=SHA,
                calendar=CALENDAR.version,
                form=SHA,
                steps=(spec, bundle),
                lead="lead",
            ),
            case_id="c1",
        )
        self.settle()
        self.office = self.draft("c1.permit.1", "office")
        self.abroad = self.draft("x.permit.1", "region")
        received = (EventType.RECEIVED, {"receipt_no": "SJ", "request_digest": SHA})
        self.abroad.add(received, at=self.now)
        self.says(received)

    def draft(self, name: str, department: str) -> Draft:
        return Draft(
            history=History.empty(name),
            department=department,
            key=KEY,
            zone=LEGAL_ZONE,
            now=self.now,
        )

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.office.now = self.abroad.now = self.now

    def says(self, fact: Any) -> bool:
        """Have the office say something, if the table lets it; tell the case."""
        try:
            self.office.add(fact, at=self.now)
        except IllegalInputError:
            return False
        event = self.office.events[-1]
        self.give(
            StatusRead(
                at=self.now,
                sub_case_id="permit",
                submission_id=event.submission_id,
                state=None,
                head_seq=event.seq,
                head_digest=event.digest,
                events=(event,),
            )
        )
        self.settle()
        return True

    def give(self, given: Any) -> None:
        _, self.case = transition(self.case, given, case_id="c1", calendar=CALENDAR)

    def settle(self) -> None:
        for _ in range(5):
            for one in outstanding(self.case, CALENDAR):
                if isinstance(one, Prepare):
                    message = Message(
                        sub_case_id=one.sub_case_id,
                        message=one.message,
                        message_id=one.message_id,
                        submission_id=one.submission_id,
                        request_digest=SHA,
                        attempt=one.attempt,
                    )
                    self.give(MessagesComposed(at=self.now, messages=(message,)))
                elif isinstance(one, IssueBundle):
                    self.give(
                        BundleSigned(
                            at=self.now,
                            certificate_id="b1",
                            certificate=SHA,
                            over_seq=self.case.seq,
                            over_head=SHA,
                        )
                    )

    def filed(self) -> Submission:
        fold = self.abroad.fold
        assert fold.state is not None
        return Submission(
            id="x.permit.1",
            caller="region",
            body=SubmissionBody(
                case_id="x", step_id="permit", attempt=1, applicant={"kind": "person"}
            ),
            digest=SHA,
            history=tuple(self.abroad.events),
            state=SubmissionState(fold.state),
            received_at=START,
            correction_id=fold.correction_id,
            withdrawal_id=fold.withdrawal_id,
            pending_materials=fold.pending_materials,
            was_accepted=fold.was_accepted,
            now=self.now,
        )

    def pump(self) -> None:
        """Tell all that is owed; every step must fit the table, and there is an end to them."""
        papers = Papers(revocation=FACTS[EventType.RESULT_REVOKED])
        for _ in range(30):
            found = owed(self.filed(), self.case, PLAN, papers, now=self.now)
            if found is None:
                return
            at = found.at or self.now
            for one in found.outcomes:
                context = self.abroad.context(
                    at=at, step_id="permit", promised_working_days=5, supplement_id="s"
                )
                self.abroad.add(one.fact(context), at=at)
        pytest.fail("there is always something more to be told")

    def answer(self) -> None:
        """The other region's applicant answers what was asked for, and our office gets it."""
        asked = self.abroad.fold.correction_id
        if asked is not None:
            data = {"correction_id": asked, "supplement_id": "s1", "request_digest": SHA}
            self.abroad.add((EventType.CORRECTION_RECEIVED, data), at=self.now)
        open_one = self.office.fold.correction_id
        if open_one is not None and asked is not None:
            data = {"correction_id": open_one, "supplement_id": "s1", "request_digest": SHA}
            self.says((EventType.CORRECTION_RECEIVED, data))


def fact(kind: EventType, world: World) -> Any:
    data = dict(FACTS[kind])
    if kind is EventType.CORRECTION_REQUESTED:
        data["correction_id"] = f"r{world.office.fold.seq + 1}"
    if kind is EventType.LAPSED:
        data["correction_id"] = world.office.fold.correction_id or "none"
    return kind, data


MOVES = st.one_of(
    st.sampled_from([EventType.ACCEPTED, EventType.GRANTED, EventType.SUSPENDED]),
    st.sampled_from([one for one in FACTS if one is not EventType.CORRECTION_RECEIVED]),
    st.sampled_from(["pump", "answer", "day"]),
)


def walk(moves: list[Any]) -> World:
    world = World()
    for move in moves:
        world.pass_time(7)
        if move == "pump":
            world.pump()
        elif move == "answer":
            world.answer()
        elif move == "day":
            world.pass_time(24 * 60)
        else:
            world.says(fact(move, world))
    return world


@given(st.lists(MOVES, max_size=14))
@settings(max_examples=150, deadline=None)
def test_what_is_told_is_lawful_and_ends_where_the_office_ended(moves: list[Any]) -> None:
    world = walk(moves)
    world.pass_time(1)
    world.pump()
    if world.abroad.fold.correction_id is not None:
        world.answer()  # the applicant abroad owes one; then nothing holds the end up
    world.pump()
    assert owed(world.filed(), world.case, PLAN, Papers(), now=world.now) is None
    state = str(world.office.fold.state)
    told = str(world.abroad.fold.state)
    if state in ENDS:
        # What lapsed before anybody abroad heard of it is told as a no, with that reason.
        is_lapse = state == "lapsed" and told in ("refused", "not_accepted")
        assert told == ENDS[state] or is_lapse, (state, told)
    else:
        assert told not in ENDS


@given(st.lists(MOVES, max_size=14), st.lists(st.booleans(), min_size=14, max_size=14))
@settings(max_examples=80, deadline=None)
def test_when_we_look_changes_no_end(moves: list[Any], looks: list[bool]) -> None:
    plain = [one for one in moves if one not in ("pump", "answer")]
    seldom, often = walk(plain), walk([])
    for move, look in zip(plain, looks, strict=False):
        often.pass_time(7)
        if move == "day":
            often.pass_time(24 * 60)
        else:
            often.says(fact(move, often))
        if look:
            often.pump()
    for world in (seldom, often):
        for _ in range(3):
            world.pass_time(1)
            world.pump()
            world.answer()
        world.pump()
    ends = {str(one.abroad.fold.state) for one in (seldom, often)}
    lapsed = {"lapsed", "refused", "not_accepted"}
    assert len(ends) == 1 or ends <= lapsed, ends
