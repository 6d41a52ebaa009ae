"""Every state of a case meets whatever departments tell, and single laws beside that table.

That every state meets every other kind of input is held by ``unit/case/test_every_input.py``, which
knows the kinds by itself; all histories are told in ``test_paper_machine.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import Digest, write_instant
from oneservice.case import (
    APPLICANT,
    TRANSITIONS,
    Actor,
    AskWithdrawal,
    Case,
    CaseOpened,
    Deliver,
    DeliveryDidFail,
    DepartmentEvent,
    Event,
    EventType,
    Input,
    Message,
    MessagesComposed,
    NotFoundThere,
    Prepare,
    Read,
    ReportDidFail,
    Resume,
    StatusRead,
    StepSpec,
    SubCaseStatus,
    SupplementGiven,
    TimePassed,
    advance,
    event_digest,
    evolve,
    outstanding,
    replay,
)
from oneservice.errors import IllegalInputError
from oneservice.testing.machine import LiveCase
from oneservice.workdays import announced_calendar

CALENDAR = announced_calendar()
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
SHA = Digest("sha256:" + "6" * 64)
TEXT = [{"code": "r", "text": {"en": "reason"}, "by_law": "art. 1"}]
STEPS = (
    StepSpec(id="first", step_id="first", department="one", kind="decision", promised_days=5),
    StepSpec(id="second", step_id="second", department="two", kind="decision", statutory_days=8),
    StepSpec(id="behind", step_id="behind", department="one", kind="decision", requires=("first",)),
    StepSpec(id="after", step_id="after", department="two", kind="follow_up", requires=("second",)),
    StepSpec(id="bundle", step_id="bundle", department="one", kind="bundle", requires=("first",)),
)

DATA: dict[str, dict[str, Any]] = {
    "received": {"receipt_no": "SJ", "request_digest": SHA},
    "accepted": {"acceptance_no": "SL", "promised_working_days": 5, "how": "explicit"},
    "not_accepted": {"reasons": TEXT, "remedies": TEXT},
    "correction_requested": {
        "correction_id": "k1",
        "items": [{"material": "m_layout"}],
        "is_complete_list": True,
        "due_on": "2026-12-01",
    },
    "correction_received": {"correction_id": "k1", "supplement_id": "s1", "request_digest": SHA},
    "suspended": {"kind": "test", "by_law": "45", "notice_no": "T", "expected_until": "2026-12-01"},
    "resumed": {"result": "passed"},
    "extended": {"working_days": 10, "reason": "r", "approved_by": "a", "notice_no": "n"},
    "progress": {"label": {"en": "on site"}, "is_public": True},
    "granted": {"outcome": {"number": "1"}},
    "granted_pending_material": {"pending": [{"material": "m_health", "until": "2026-12-01"}]},
    "material_received": {"supplement_id": "s2", "outcome": {"number": "1"}},
    "refused": {"reasons": TEXT, "remedies": TEXT},
    "withdrawal_requested": {"withdrawal_id": "w1", "request_digest": SHA},
    "withdrawal_refused": {"withdrawal_id": "w1", "reasons": TEXT},
    "withdrawn": {},
    "lapsed": {"reason": "late", "correction_id": "k1", "materials": ["m_health"]},
    "result_replaced": {"outcome": {"number": "2"}},
    "result_revoked": {"reason": "r", "by_law": "69", "effective_at": "2026-12-01T00:00:00Z"},
    "x_note": {"anything": True},
    "invented": {},
}


def opened() -> tuple[Case, list[Event]]:
    event = CaseOpened(
        at=START,
        thing="thing",
        region="990101",
        plan=SHA,
        definition=SHA,
        calendar="c",
        form=SHA,
        steps=STEPS,
    )
    return evolve(None, event, case_id="c1"), [event]


def next_event(
    history: tuple[DepartmentEvent, ...],
    kind: str,
    at: datetime,
    name: str = "first",
    **data: Any,
) -> DepartmentEvent:
    plain = DepartmentEvent(
        submission_id=f"c1.{name}.1",
        seq=len(history) + 1,
        type=kind,
        at=write_instant(at),
        recorded_at=write_instant(at),
        department="one",
        data=DATA[kind] | data,
        prev=history[-1].digest if history else None,
        digest=SHA,
    )
    return dataclasses.replace(plain, digest=event_digest(plain))


def composed(at: datetime, *commands: Prepare) -> MessagesComposed:
    messages = tuple(
        Message(
            sub_case_id=command.sub_case_id,
            message=command.message,
            message_id=command.message_id,
            submission_id=command.submission_id,
            request_digest=SHA,
            attempt=command.attempt,
        )
        for command in commands
    )
    return MessagesComposed(at=at, messages=messages)


def status(
    events: tuple[DepartmentEvent, ...], at: datetime, name: str = "first", **more: Any
) -> StatusRead:
    last = events[-1] if events else None
    values: dict[str, Any] = {
        "at": at,
        "sub_case_id": name,
        "submission_id": f"c1.{name}.1",
        "state": None,
        "head_seq": last.seq if last else 0,
        "head_digest": last.digest if last else None,
        "events": events,
    }
    return StatusRead(**values | more)


class Journalled(LiveCase):
    """A case with its journal and an instant; what must hold for any history is checked."""

    def __init__(self) -> None:
        super().__init__(opened()[1][0], CALENDAR, case_id="c1")  # type: ignore[arg-type]
        self.now = START

    def compose(self, at: datetime | None = None) -> None:
        super().compose(at or self.now)


# --- every state x whatever is told ------------------------------------------------------------

HISTORIES: dict[str, tuple[str, ...]] = {
    "filing": (),
    "received": ("received",),
    "accepted": ("received", "accepted"),
    "correction before": ("received", "correction_requested"),
    "correction after": ("received", "accepted", "correction_requested"),
    "suspended": ("received", "accepted", "suspended"),
    "granted_pending_material": ("received", "accepted", "granted_pending_material"),
    "granted": ("received", "accepted", "granted"),
    "refused": ("received", "accepted", "refused"),
    "not_accepted": ("received", "not_accepted"),
    "withdrawn": ("received", "withdrawn"),
    "lapsed": ("received", "correction_requested", "lapsed"),
}
MORE_STATES = ("waiting", "deemed", "halted", "withdrawal asked", "unknown delivery", "concluded")


def in_state(name: str) -> tuple[Journalled, tuple[DepartmentEvent, ...]]:
    told: tuple[DepartmentEvent, ...] = ()
    live = Journalled()
    if name == "waiting":
        return live, told
    live.compose()
    kinds = HISTORIES.get(name, ("received",) if name != "unknown delivery" else ())
    for kind in kinds:
        told = (*told, next_event(told, kind, START))
    if told:
        live.give(status(told, START))
    match name:
        case "deemed":
            live.now = START + timedelta(days=30)
            live.give(TimePassed(at=live.now))
            assert live.case.sub_cases["first"].is_deemed
        case "halted":
            other = next_event((), "received", START + timedelta(hours=1))
            live.give(status((other,), START))
            assert live.case.sub_cases["first"].halted
        case "withdrawal asked":
            live.give(AskWithdrawal(at=START))
        case "unknown delivery":
            live.give(failed("unknown"))
        case "concluded":
            live.give(AskWithdrawal(at=START))
            live.compose()
            live.give(status((*told, next_event(told, "withdrawn", START)), START))
            second = (next_event((), "received", START, "second"),)
            second = (*second, next_event(second, "withdrawn", START, "second"))
            live.give(status(second, START, "second"))
            assert live.case.status.has_ended
    return live, told


def failed(effect: Any, problem: str = "department_unavailable") -> DeliveryDidFail:
    return DeliveryDidFail(
        at=START, sub_case_id="first", message_id="c1.first.1", effect=effect, problem=problem
    )


AT = START + timedelta(days=40)
OPERATOR = Actor.operator("op-7")
INPUTS: dict[str, Callable[[tuple[DepartmentEvent, ...]], Input]] = {
    **{
        f"told {kind}": lambda told, kind=kind: status((next_event(told, kind, AT),), AT)
        for kind in DATA
    },
    "nothing new": lambda told: status((), AT, head_seq=len(told)),
    "a gap": lambda told: status(
        (dataclasses.replace(next_event(told, "progress", AT), seq=len(told) + 5),),
        AT,
        head_seq=len(told) + 5,
    ),
    "rewound": lambda told: status((), AT, head_seq=0, held=len(told)),
    "another state": lambda told: status(
        (), AT, head_seq=len(told), head_digest=told[-1].digest if told else None, state="nonsense"
    ),
    "no instant": lambda told: status(
        (dataclasses.replace(next_event(told, "progress", AT), at="yesterday"),), AT
    ),
    "end of time": lambda told: status(
        (next_event(told, "accepted", datetime(9999, 12, 31, 23, 59, tzinfo=UTC)),), AT
    ),
    "not found": lambda told: NotFoundThere(
        at=AT, sub_case_id="first", submission_id="c1.first.1", held=len(told)
    ),
    "unavailable": lambda _: failed("none"),
    "unknown": lambda _: failed("unknown"),
    "refused message": lambda _: failed("refused", "malformed"),
    "not open": lambda _: failed("refused", "not-open"),
    "failed read": lambda _: ReportDidFail(
        at=AT, sub_case_id="first", problem="contract", is_contract=True
    ),
    "supplement": lambda _: SupplementGiven(
        at=AT,
        sub_case_id="first",
        correction_id="k1",
        supplement_id="c1.first.1.s1",
        request_digest=SHA,
        by=APPLICANT,
    ),
    "nobody's step": lambda _: ReportDidFail(
        at=AT, sub_case_id="no-such", problem="contract", is_contract=True
    ),
}


@pytest.mark.parametrize("state", [*HISTORIES, *MORE_STATES])
@pytest.mark.parametrize("given", INPUTS)
def test_every_state_meets_whatever_is_told(state: str, given: str) -> None:
    live, told = in_state(state)
    before = live.case
    try:
        events = live.give(INPUTS[given](told))
    except IllegalInputError:
        assert live.case == before
        return
    live.compose()
    assert replay("c1", live.events) == live.case
    after = live.case.sub_cases["first"]
    if given.startswith("told ") and state not in MORE_STATES:
        check_told(before, after, given.removeprefix("told "), events)


def check_told(before: Case, after: Any, kind: str, events: tuple[Event, ...]) -> None:
    """The law is the table: what it has is applied, everything else is an incident."""
    submission = before.sub_cases["first"].submission
    assert submission is not None
    if kind.startswith("x_"):
        assert after.submission.seq == submission.seq + 1
        assert after.status is before.sub_cases["first"].status
        return
    row = TRANSITIONS.get(EventType(kind), {}) if kind != "invented" else {}
    try:
        advance(submission, next_event_of(before, kind))
    except IllegalInputError:
        assert after.submission == submission, "a contract error changes nothing"
        assert after.incident
        assert after.read_not_before is not None
        return
    assert submission.state in row
    assert after.submission.seq == submission.seq + 1
    assert any(event.kind == "department_reported" for event in events)


def next_event_of(case: Case, kind: str) -> DepartmentEvent:
    submission = case.sub_cases["first"].submission
    assert submission is not None
    plain = next_event((), kind, AT)
    placed = dataclasses.replace(plain, seq=submission.seq + 1, prev=submission.head)
    return dataclasses.replace(placed, digest=event_digest(placed))


# --- single laws that the table is too coarse for ----------------------------------------------


def test_an_unknown_outcome_is_read_before_it_is_repeated_and_never_becomes_a_refusal() -> None:
    live, _ = in_state("unknown delivery")
    (command,) = [one for one in outstanding(live.case, CALENDAR) if isinstance(one, Read)]
    assert command.submission_id == "c1.first.1"
    assert not [
        one
        for one in outstanding(live.case, CALENDAR)
        if isinstance(one, Deliver) and one.sub_case_id == "first"
    ]
    for _ in range(20):
        live.give(failed("unknown"))
    assert live.case.sub_cases["first"].status is SubCaseStatus.FILING
    live.give(NotFoundThere(at=AT, sub_case_id="first", submission_id="c1.first.1"))
    again = [
        one
        for one in outstanding(live.case, CALENDAR)
        if isinstance(one, Deliver) and one.sub_case_id == "first"
    ]
    assert [one.message_id for one in again] == ["c1.first.1"]
    assert [one.request_digest for one in again] == [SHA]


def test_a_late_answer_is_not_a_rewound_history() -> None:
    live, told = in_state("accepted")
    old = status(told[:1], AT, held=0)  # composed before "accepted", heard after it
    assert live.give(old) == ()
    assert live.give(NotFoundThere(at=AT, sub_case_id="first", submission_id="c1.first.1")) == ()
    assert live.case.sub_cases["first"].halted is None


def test_a_head_behind_ours_stops_the_step_and_keeps_the_evidence() -> None:
    live, told = in_state("accepted")
    live.give(status((), AT, head_seq=1, head_digest=told[0].digest))  # a snapshot: a doubt only
    assert live.case.sub_cases["first"].halted is None
    assert any(
        isinstance(one, Read) and one.sub_case_id == "first"
        for one in outstanding(live.case, CALENDAR)
    )
    live.give(status((), AT, head_seq=1, head_digest=told[0].digest, held=2, is_fresh_read=True))
    assert str(live.case.sub_cases["first"].halted).startswith("rewound")

    live, told = in_state("accepted")
    other = next_event(told[:1], "accepted", AT)
    live.give(status((other,), AT))
    halted = live.events[-1]
    assert halted.kind == "sub_case_halted"
    assert halted.evidence == (other,)
    assert str(live.case.sub_cases["first"].halted).startswith("rewritten")


def test_a_resumed_step_is_read_and_halted_again_where_nothing_changed() -> None:
    live, told = in_state("halted")
    with pytest.raises(IllegalInputError, match="not halted"):
        live.give(Resume(at=AT, sub_case_id="second", by=OPERATOR, why="settled"))
    live.give(Resume(at=AT, sub_case_id="first", by=OPERATOR, why="settled"))
    first = live.case.sub_cases["first"]
    assert (first.halted, first.incident) == (None, None)
    (read,) = [
        one
        for one in outstanding(live.case, CALENDAR)
        if isinstance(one, Read) and one.sub_case_id == "first"
    ]
    assert read.not_before is None
    still = next_event((), "received", START + timedelta(hours=1))
    live.give(status((still,), AT, held=1, is_fresh_read=True))
    assert str(live.case.sub_cases["first"].halted).startswith("rewritten")
    live.give(Resume(at=AT, sub_case_id="first", by=OPERATOR, why="restored the right copy"))
    whole = (*told, next_event(told, "accepted", AT))
    live.give(status(whole, AT, held=1, is_fresh_read=True))
    assert live.case.sub_cases["first"].status is SubCaseStatus.ACCEPTED
    assert not any(
        isinstance(one, Read) and one.sub_case_id == "first"
        for one in outstanding(live.case, CALENDAR)
    )


def test_a_refused_message_goes_out_again_only_after_a_read_when_resumed() -> None:
    live, _ = in_state("filing")
    live.give(failed("refused", "malformed"))
    assert live.case.sub_cases["first"].halted == "malformed"
    live.give(Resume(at=AT, sub_case_id="first", by=OPERATOR, why="their fault, mended"))

    def owed() -> list[Any]:
        return [
            one
            for one in outstanding(live.case, CALENDAR)
            if getattr(one, "sub_case_id", "") == "first"
        ]

    assert [type(one) for one in owed()] == [Read]
    live.give(NotFoundThere(at=AT, sub_case_id="first", submission_id="c1.first.1"))
    assert [type(one) for one in owed()] == [Deliver]


def test_a_withdrawal_is_dated_by_its_record() -> None:
    live, _ = in_state("accepted")
    live.give(AskWithdrawal(at=AT, sub_case_ids=("first",)))
    assert live.case.sub_cases["first"].withdrawal_asked_at == AT
    assert replay("c1", live.events).sub_cases["first"].withdrawal_asked_at == AT


def test_an_answer_is_folded_as_its_events_one_by_one() -> None:
    live, told = in_state("filing")
    kinds = ("received", "correction_requested", "correction_received", "accepted", "extended")
    for kind in (*kinds, "suspended", "resumed", "granted"):
        told = (*told, next_event(told, kind, START))
    apart, _ = in_state("filing")
    for number in range(1, len(told) + 1):
        apart.give(status(told[:number], START))
    live.give(status(told, START))
    assert live.case.sub_cases["first"] == apart.case.sub_cases["first"]
    assert sum(event.kind == "department_reported" for event in live.events) == 1


def test_what_fits_of_an_answer_is_kept_and_the_rest_refused() -> None:
    live, told = in_state("filing")
    for kind in ("received", "accepted"):
        told = (*told, next_event(told, kind, START))
    wrong = next_event(told, "resumed", START)
    live.give(status((*told, wrong), START))
    first = live.case.sub_cases["first"]
    assert (first.status, len(first.digests)) == (SubCaseStatus.ACCEPTED, 2)
    assert first.incident is not None


def test_a_cleared_doubt_is_forgotten() -> None:
    live, told = in_state("accepted")
    live.give(status((), AT, head_seq=1, head_digest=told[0].digest))
    live.give(status((), AT, head_seq=2, head_digest=told[1].digest, held=2, is_fresh_read=True))
    assert not any(
        isinstance(one, Read) and one.sub_case_id == "first"
        for one in outstanding(live.case, CALENDAR)
    )


def test_silence_for_five_working_days_is_acceptance_from_receipt() -> None:
    live, _ = in_state("received")
    due = datetime(2026, 10, 10, 16, 0, tzinfo=UTC)  # a Saturday that is worked, the fifth day
    live.give(TimePassed(at=due - timedelta(milliseconds=1)))
    assert live.case.sub_cases["first"].status is SubCaseStatus.RECEIVED
    live.give(TimePassed(at=due))
    first = live.case.sub_cases["first"]
    assert first.status is SubCaseStatus.ACCEPTED
    assert first.is_deemed
    assert first.accepted_at == START


@pytest.mark.parametrize("spoke_in_time", [True, False])
def test_a_department_that_spoke_in_time_was_not_silent(*, spoke_in_time: bool) -> None:
    live, told = in_state("deemed")
    spoke = START + timedelta(days=1 if spoke_in_time else 29)
    live.give(status((*told, next_event(told, "accepted", spoke)), AT))
    first = live.case.sub_cases["first"]
    assert first.accepted_at == (spoke if spoke_in_time else START)
    assert first.is_deemed is not spoke_in_time


def test_each_withdrawal_has_an_id_of_its_own() -> None:
    live, told = in_state("received")
    for number in (1, 2):
        live.give(AskWithdrawal(at=AT, sub_case_ids=("first",)))
        live.compose()
        (delivery,) = live.case.sub_cases["first"].deliveries
        assert delivery.message_id == f"c1.first.1.w{number}"
        for kind in ("withdrawal_requested", "withdrawal_refused"):
            told = (
                *told,
                next_event(told, kind, AT, withdrawal_id=delivery.message_id),
            )
        live.give(status(told, AT))
        assert live.case.sub_cases["first"].deliveries == ()
        assert live.case.sub_cases["first"].withdrawal == "refused"


def test_an_answer_to_a_closed_correction_is_moot() -> None:
    live, told = in_state("correction before")
    live.give(INPUTS["supplement"](told))
    assert live.case.sub_cases["first"].deliveries
    live.give(status((*told, next_event(told, "accepted", AT)), AT))
    assert live.case.sub_cases["first"].deliveries == ()


def test_a_contract_error_is_shown_to_people_at_once() -> None:
    live, _ = in_state("filing")
    live.give(
        DeliveryDidFail(
            at=AT,
            sub_case_id="first",
            message_id="c1.first.1",
            effect="unknown",
            problem="contract",
            is_contract=True,
        )
    )
    assert live.case.sub_cases["first"].incident == "contract"
    assert live.case.sub_cases["first"].halted is None


def test_withdrawing_all_ends_the_case_and_leaves_no_step_open() -> None:
    live, _ = in_state("concluded")
    assert live.case.status == "withdrawn"
    assert all(sub.is_decided for sub in live.case.sub_cases.values())


# The vectors of domain section 7, through a case: (limit, accepted, pause or None, due)
VECTORS = [
    (10, "2026-09-28", None, "2026-10-16"),
    (5, "2026-02-12", None, "2026-02-26"),
    (13, "2026-09-16", None, "2026-10-10"),
    (20, "2026-02-09", None, "2026-03-13"),
    (45, "2026-09-28", None, "2026-12-04"),
    (10, "2026-09-16", ("2026-09-21", "2026-09-24"), "2026-10-12"),
    (8, "2026-09-29", ("2026-10-09", "2026-10-12"), "2026-10-20"),
]


@pytest.mark.parametrize(("days", "accepted", "pause", "due"), VECTORS)
@pytest.mark.parametrize("extended", [0, 3])
def test_limits_pass_once_where_the_law_says(
    days: int, accepted: str, pause: tuple[str, str] | None, due: str, extended: int
) -> None:
    def noon(day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T04:00:00+00:00")

    live = Journalled()
    spec = dataclasses.replace(STEPS[0], promised_days=days - extended)
    opening = dataclasses.replace(live.events[0], steps=(spec, *STEPS[1:]))  # type: ignore[type-var]
    live.case, live.events = evolve(None, opening, case_id="c1"), [opening]
    live.compose()
    told: tuple[DepartmentEvent, ...] = ()
    for kind in ("received", "accepted"):
        told = (*told, next_event(told, kind, noon(accepted)))
    if extended:
        told = (*told, next_event(told, "extended", noon(accepted), working_days=extended))
    if pause:
        told = (*told, next_event(told, "suspended", noon(pause[0])))
        told = (*told, next_event(told, "resumed", noon(pause[1])))
    live.give(status(told, noon(accepted)))
    late = noon(due).replace(hour=16)  # midnight in Shanghai
    live.give(TimePassed(at=late - timedelta(milliseconds=1)))
    assert live.case.sub_cases["first"].passed == ()
    live.give(TimePassed(at=late))
    assert live.case.sub_cases["first"].passed == ("promised",)
    assert live.give(TimePassed(at=late + timedelta(days=30))) == ()
