"""Offices keep the protocol: what is sent twice takes effect once, and every history folds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical, digest_bytes, read_instant
from oneservice.case import DepartmentEvent, EventType, event_digest, fold
from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.certificates import Certificate
from oneservice.clocks import VirtualClock
from oneservice.errors import DepartmentContractError
from oneservice.sandbox import SandboxSeals
from oneservice.simulation.offices import Offices
from oneservice.simulation.offices_chance import Always
from oneservice.simulation.offices_hours import seconds_of
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.offices_steps import Inspection, Paper, Procedure, Rates, StepParameters
from oneservice.workdays import Suspension, legal_day, national_calendar, working_days_elapsed

MONDAY = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # 09:00 in the office
OFFICE, OTHER = "market-regulation", "fire-rescue"
ID = "c1.food_permit.1"
PAPER = Paper(
    type="food_permit", title={"zh": "食品经营许可证", "en": "Food permit"}, valid_years=5
)
PLAIN = StepParameters(intake=Always(30), review=Always(60), review_days=Always(2), result=PAPER)


def body(submission_id: str = ID, **more: Any) -> bytes:
    case_id, sub_case, _ = submission_id.split(".")
    plain = {
        "case_id": case_id,
        "step_id": sub_case.split("-")[0],
        "applicant": {"kind": "organisation", "name": "n", "code": "92990101MA99000523"},
        "fields": {"area": "80"},
        "materials": [{"material": "m_layout", "documents": [], "source": "applicant"}],
    }
    return canonical(plain | more)


def opened(
    step: StepParameters = PLAIN, *, seed: int = 1, **more: Any
) -> tuple[Offices, VirtualClock]:
    clock = VirtualClock(MONDAY)
    parameters = Parameters(departments=frozenset({OFFICE, OTHER}), otherwise=step, **more)
    return Offices(parameters, clock, random.Random(seed)), clock


async def history(offices: Offices, submission_id: str = ID, office: str = OFFICE) -> list[str]:
    page = await offices.read(office, submission_id, after=0)
    assert page is not None
    submission = fold(submission_id, page.events)
    assert (submission.state, submission.seq, submission.head) == (
        page.state,
        page.head_seq,
        page.head_digest,
    )
    assert all(event.digest == event_digest(event) for event in page.events)
    return [event.type for event in page.events]


def rates(**some: int) -> StepParameters:
    return replace(PLAIN, rates=Rates(**some))


async def test_an_application_is_received_accepted_and_granted_in_office_hours() -> None:
    offices, clock = opened()
    page = await offices.submit(OFFICE, ID, body())
    assert [event.type for event in page.events] == ["received"]
    assert page.events[0].data["request_digest"] == digest_bytes(body())
    clock.advance(timedelta(days=10))
    assert await history(offices) == ["received", "accepted", "granted"]
    page = await offices.read(OFFICE, ID, after=0)
    assert page is not None
    assert [event.at for event in page.events] == [
        "2026-01-05T01:00:00Z",
        "2026-01-05T01:30:00Z",
        "2026-01-07T02:00:00Z",  # two working days later, an hour after opening
    ]
    certificate = Certificate.of(page.events[-1].data["outcome"]["certificate"])
    assert certificate.claims.is_sandbox
    assert certificate.claims.type == "food_permit"


async def test_the_same_bytes_are_harmless_and_others_a_conflict() -> None:
    offices, _ = opened()
    first = await offices.submit(OFFICE, ID, body())
    assert await offices.submit(OFFICE, ID, body()) == first
    assert offices.filed == {ID: 1}
    with pytest.raises(DepartmentContractError) as refused:
        await offices.submit(OFFICE, ID, body(fields={"area": "81"}))
    assert refused.value.problem == "submission-conflict"
    assert (await offices.read(OFFICE, ID, after=0)) == first
    assert await offices.read(OTHER, ID, after=0) is None


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff"])
async def test_bytes_that_are_no_application_leave_no_trace(data: bytes) -> None:
    offices, _ = opened()
    with pytest.raises(DepartmentContractError) as refused:
        await offices.submit(OFFICE, ID, data)
    assert refused.value.problem == "malformed"
    assert not offices.filed


@pytest.mark.parametrize(
    "data", [{}, {"case_id": "c1"}, {"case_id": "c1", "step_id": "s", "materials": [1]}]
)
async def test_what_can_be_no_application_is_refused_without_a_trace(data: Any) -> None:
    offices, _ = opened()
    with pytest.raises(DepartmentContractError) as refused:
        await offices.submit(OFFICE, ID, canonical(data))
    assert refused.value.problem == "invalid-submission"
    assert not offices.filed


async def test_documents_come_before_the_application_that_names_them() -> None:
    offices, _ = opened()
    document = {"digest": digest_bytes(b"plan"), "media_type": "text/plain", "bytes": 4}
    named = body(materials=[{"material": "m", "documents": [document], "source": "applicant"}])
    with pytest.raises(DepartmentContractError) as refused:
        await offices.submit(OFFICE, ID, named)
    assert refused.value.problem == "missing-document"
    await offices.put_document(OFFICE, b"plan", "text/plain")
    assert (await offices.submit(OFFICE, ID, named)).head_seq == 1


async def test_what_is_asked_for_is_answered_once() -> None:
    offices, clock = opened(rates(correction=1000))
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(hours=2))
    assert await history(offices) == ["received", "correction_requested"]
    page = await offices.read(OFFICE, ID, after=1)
    assert page is not None
    asked = page.events[0].data
    assert (asked["is_complete_list"], asked["due_on"]) == (True, "2026-01-19")
    answer = canonical(
        {"correction_id": asked["correction_id"], "materials": [{"material": "m_layout"}]}
    )
    for _ in range(2):
        page = await offices.supplement(OFFICE, ID, "s1", answer)
        assert page.head_seq == 3
    with pytest.raises(DepartmentContractError) as refused:
        await offices.supplement(OFFICE, ID, "s1", answer + b" ")
    assert refused.value.problem == "supplement-conflict"
    with pytest.raises(DepartmentContractError) as late:
        await offices.supplement(OFFICE, ID, "s2", answer)
    assert late.value.problem == "not-open"
    clock.advance(timedelta(days=10))
    expected = ["received", "correction_requested", "correction_received", "accepted", "granted"]
    assert await history(offices) == expected


@pytest.mark.parametrize(
    ("step", "ends"),
    [
        (rates(correction=1000), "not_accepted"),
        (rates(correction_after=1000), "refused"),
    ],
)
async def test_an_answer_without_what_was_asked_for_ends_it(
    step: StepParameters, ends: str
) -> None:
    offices, clock = opened(step)
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(hours=3))
    page = await offices.supplement(OFFICE, ID, "s1", canonical({"correction_id": "r1"}))
    assert page.state == ends


TO_THE_END = {
    "not_accepted": (rates(not_accepted=1000), ["received", "not_accepted"]),
    "refused": (rates(refused=1000), ["received", "accepted", "refused"]),
    "lapsed": (rates(correction=1000), ["received", "correction_requested", "lapsed"]),
    "lapsed after acceptance": (
        rates(correction_after=1000),
        ["received", "accepted", "correction_requested", "lapsed"],
    ),
    "tolerated and lapsed": (
        rates(tolerated=1000),
        ["received", "accepted", "granted_pending_material", "lapsed"],
    ),
    "extended": (rates(extended=1000), ["received", "accepted", "extended", "granted"]),
    "replaced": (
        rates(replaced=1000),
        ["received", "accepted", "granted", "result_replaced"],
    ),
    "revoked": (rates(revoked=1000), ["received", "accepted", "granted", "result_revoked"]),
    "visited": (
        replace(PLAIN, inspection=Inspection()),
        ["received", "accepted", "suspended", "resumed", "granted"],
    ),
    "published": (
        replace(PLAIN, procedure=Procedure(kind="publication")),
        ["received", "accepted", "suspended", "resumed", "granted"],
    ),
    "on the spot": (
        replace(PLAIN, is_on_the_spot=True),
        ["received", "accepted", "granted"],
    ),
}


@pytest.mark.parametrize("turn", TO_THE_END)
async def test_every_turn_of_the_table_is_taken(turn: str) -> None:
    step, expected = TO_THE_END[turn]
    offices, clock = opened(step)
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(days=120))
    assert await history(offices) == expected


async def test_silence_is_later_told_as_acceptance_from_receipt() -> None:
    offices, clock = opened(rates(silent=1000))
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(days=7))
    assert await history(offices) == ["received"]
    clock.advance(timedelta(days=20))
    page = await offices.read(OFFICE, ID, after=0)
    assert page is not None
    received, accepted, *_ = page.events
    assert (accepted.data["how"], accepted.at) == ("deemed", received.at)
    days = working_days_elapsed(
        national_calendar(),
        legal_day(read_instant(received.at)),
        legal_day(read_instant(accepted.recorded_at)),
    )
    assert days > 5


async def test_a_late_office_decides_after_its_promise_by_the_legal_clock() -> None:
    offices, clock = opened(replace(rates(late=1000), inspection=Inspection()))
    for number in range(20):
        await offices.submit(OFFICE, f"c{number}.food_permit.1", body(f"c{number}.food_permit.1"))
    clock.advance(timedelta(days=90))
    for number in range(20):
        page = await offices.read(OFFICE, f"c{number}.food_permit.1", after=0)
        assert page is not None
        assert days_taken(page.events) > PLAIN.promised_working_days


def days_taken(events: tuple[DepartmentEvent, ...]) -> int:
    """Return the working days from acceptance to decision without those on which it stood."""
    day = {event.type: legal_day(read_instant(event.at)) for event in events}
    stops = []
    if "suspended" in day:
        start, end = day["suspended"], day["resumed"]
        stops = [Suspension(start=start, end=end, kind="k", by_law="l", notice_no="n")]
    return working_days_elapsed(national_calendar(), day["accepted"], day["granted"], stops)


async def test_a_promised_paper_is_taken_after_the_grant() -> None:
    offices, clock = opened()
    promise = [{"material": "m_health", "until": "2026-02-01"}]
    await offices.submit(OFFICE, ID, body(promises=promise))
    clock.advance(timedelta(days=4))
    page = await offices.read(OFFICE, ID, after=1)
    assert page is not None
    assert page.events[0].data["how"] == "tolerance"
    assert page.events[0].data["tolerated"] == ["m_health"]
    with pytest.raises(DepartmentContractError) as refused:
        await offices.supplement(OFFICE, ID, "s1", canonical({"materials": []}))
    assert refused.value.problem == "not-open"
    page = await offices.supplement(
        OFFICE, ID, "s2", canonical({"materials": [{"material": "m_health"}]})
    )
    assert page.state == "granted"
    assert offices.granted == {"c1.food_permit": 1}
    clock.advance(timedelta(days=60))
    assert (await history(offices))[-1] == "material_received"


@pytest.mark.parametrize("is_refused", [False, True])
async def test_a_withdrawal_is_answered_and_never_opened_again(*, is_refused: bool) -> None:
    offices, clock = opened(rates(withdrawal_refused=1000 * is_refused))
    await offices.submit(OFFICE, ID, body())
    await offices.withdraw(OFFICE, ID, "w1", b"{}")
    clock.advance(timedelta(hours=5))
    answer = "withdrawal_refused" if is_refused else "withdrawn"
    kinds = await history(offices)
    assert kinds[:2] == ["received", "withdrawal_requested"]
    assert answer in kinds
    before = await offices.read(OFFICE, ID, after=0)
    assert await offices.withdraw(OFFICE, ID, "w1", b"{}") == before
    if not is_refused:
        with pytest.raises(DepartmentContractError) as refused:
            await offices.withdraw(OFFICE, ID, "w2", b"{}")
        assert refused.value.problem == "not-open"


async def test_a_decision_may_cross_a_withdrawal() -> None:
    offices, clock = opened(replace(PLAIN, review_days=Always(0)))
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(minutes=80))
    await offices.withdraw(OFFICE, ID, "w1", b"{}")
    clock.advance(timedelta(days=3))
    assert (await history(offices))[-2:] == ["withdrawal_requested", "granted"]


async def test_a_signed_promise_stands_for_the_visit() -> None:
    step = replace(PLAIN, inspection=Inspection(), commitment="m_fire_promise")
    offices, clock = opened(step)
    promise = [{"material": "m_fire_promise", "documents": [], "source": "generated"}]
    await offices.submit(OFFICE, ID, body(materials=promise))
    clock.advance(timedelta(days=1))
    assert await history(offices) == ["received", "accepted", "granted"]


async def test_a_joint_visit_is_one_visit_at_one_time() -> None:
    step = replace(PLAIN, inspection=Inspection(minutes=Always(90)))
    offices, clock = opened(
        step,
        joint_inspections=(("food_permit", "fire_check"),),
        offices={OFFICE: OfficeParameters(inspectors=1), OTHER: OfficeParameters(inspectors=1)},
    )
    for number in range(3):
        for sub_case, office in (("food_permit", OFFICE), ("fire_check", OTHER)):
            name = f"c{number}.{sub_case}.1"
            await offices.submit(office, name, body(name))
    clock.advance(timedelta(days=30))
    for number in range(3):
        food = await visit(offices, OFFICE, f"c{number}.food_permit.1")
        assert food == await visit(offices, OTHER, f"c{number}.fire_check.1")
        assert len(food) == 2
    assert offices._bureau.workplace.visits.made == 3


async def visit(offices: Offices, office: str, submission_id: str) -> list[str]:
    """Return when a visit began and ended."""
    page = await offices.read(office, submission_id, after=0)
    assert page is not None
    return [event.at for event in page.events if event.type in ("suspended", "resumed")]


async def test_inspectors_go_to_one_place_at_a_time() -> None:
    offices, clock = opened(
        replace(PLAIN, inspection=Inspection(minutes=Always(120))),
        offices={OFFICE: OfficeParameters(inspectors=2)},
    )
    for number in range(12):
        await offices.submit(OFFICE, f"c{number}.food_permit.1", body(f"c{number}.food_permit.1"))
    clock.advance(timedelta(days=30))
    moves = []
    for number in range(12):
        page = await offices.read(OFFICE, f"c{number}.food_permit.1", after=0)
        assert page is not None
        moves += [(e.at, 1) for e in page.events if e.type == "suspended"]
        moves += [(e.at, -1) for e in page.events if e.type == "resumed"]
    out = 0
    for _, change in sorted(moves):
        out += change
        assert out <= 2


async def test_stopped_days_are_those_of_the_legal_clock() -> None:
    """The offices' own count of days agrees with the one legal clock, event by event."""
    offices, clock = opened(
        replace(
            rates(correction_after=400, correction=200, late=200, extended=200),
            inspection=Inspection(),
            procedure=Procedure(kind="publication", per_mille=500),
        ),
        seed=11,
    )
    names = [f"c{number}.food_permit.1" for number in range(80)]
    for name in names:
        await offices.submit(OFFICE, name, body(name))
    for _ in range(60):
        clock.advance(timedelta(days=1))
        offices.advance()
        for name in names:
            correction_id = offices._bureau.files[name].correction_id
            if correction_id is not None:
                answer = {"correction_id": correction_id, "materials": [{"material": "m_layout"}]}
                await offices.supplement(OFFICE, name, f"{name}.s", canonical(answer))
    hours = offices._bureau.hours
    for name in names:
        file, page = offices._bureau.files[name], await offices.read(OFFICE, name, after=0)
        assert page is not None
        assert page.state == "granted"
        assert file.accepted_at is not None
        decided = seconds_of(read_instant(page.events[-1].at))
        used = hours.working_days(decided) - hours.working_days(file.accepted_at)
        assert used - file.stopped_days == days_counted(page.events)


def days_counted(events: tuple[DepartmentEvent, ...]) -> int:
    """Return what the one legal clock counts from acceptance to decision."""
    stops: list[Suspension] = []
    opened_on: date | None = None
    accepted_on: date | None = None
    for event in events:
        day = legal_day(read_instant(event.at))
        match event.type:
            case "accepted":
                accepted_on = day
            case "suspended" | "correction_requested" if accepted_on is not None:
                opened_on = day
            case "resumed" | "correction_received" if opened_on is not None:
                stops.append(
                    Suspension(start=opened_on, end=day, kind="k", by_law="l", notice_no="n")
                )
                opened_on = None
    assert accepted_on is not None
    return working_days_elapsed(national_calendar(), accepted_on, day, stops)


# --- the feed, and backups --------------------------------------------------------------------


async def test_the_feed_tells_every_event_once_in_order() -> None:
    offices, clock = opened(replace(PLAIN, inspection=Inspection()))
    names = [f"c{number}.food_permit.1" for number in range(150)]
    for name in names:
        await offices.submit(OFFICE, name, body(name))
    clock.advance(timedelta(days=30))
    told: dict[str, list[int]] = {}
    cursor = "0"
    while True:
        page = await offices.changes(OFFICE, cursor=cursor)
        for change in page.changes:
            told.setdefault(change.submission_id, []).extend(one.seq for one in change.events)
        cursor = page.cursor
        if not page.has_more:
            break
    assert told == {name: [1, 2, 3, 4, 5] for name in names}
    assert (await offices.changes(OFFICE, cursor=cursor)).changes == ()
    assert (await offices.changes(OTHER, cursor=None)).changes == ()
    heads = await offices.changes(OFFICE, cursor=None)
    assert {one.submission_id for one in heads.changes} == set(names)
    assert all(one.head_seq == 5 and not one.events for one in heads.changes)
    assert heads.cursor == cursor


async def test_an_old_backup_rewinds_and_the_office_does_its_work_again() -> None:
    offices, clock = opened(replace(PLAIN, inspection=Inspection()))
    await offices.submit(OFFICE, ID, body())
    backup = offices.snapshot(OFFICE)
    other = "c2.food_permit.1"
    clock.advance(timedelta(days=1))
    await offices.submit(OFFICE, other, body(other))
    await offices.submit(OTHER, "c2.fire_check.1", body("c2.fire_check.1"))
    clock.advance(timedelta(days=30))
    before = await offices.read(OFFICE, ID, after=0)
    cursor = (await offices.changes(OFFICE, cursor=None)).cursor
    offices.restore(backup)
    assert OTHER in {file.department for file in offices._bureau.files.values()}
    rewound = offices._archive.folders[ID].events
    assert len(rewound) == 1
    assert other not in offices.filed
    with pytest.raises(DepartmentContractError) as refused:
        await offices.changes(OFFICE, cursor=cursor)
    assert refused.value.problem == "cursor-expired"
    assert await offices.read(OFFICE, ID, after=0) == before  # the same hours, the same luck
    assert await offices.read(OFFICE, other, after=0) is None
    await offices.submit(OFFICE, other, body(other))
    assert offices.filed_once_each()
    assert offices.filed == {ID: 1, other: 1, "c2.fire_check.1": 1}


async def test_luck_does_not_hang_on_who_else_came() -> None:
    step = rates(correction=300, refused=300, not_accepted=100, tolerated=200)

    async def ends(names: list[str]) -> list[str]:
        offices, clock = opened(step, seed=7)
        for name in names:
            await offices.submit(OFFICE, name, body(name))
        clock.advance(timedelta(days=90))
        return [(await history(offices, name))[-1] for name in names]

    names = [f"c{number}.food_permit.1" for number in range(30)]
    assert (await ends(names))[::3] == await ends(names[::3])
    assert len(set(await ends(names))) > 3


async def test_real_seals_when_a_run_wants_them() -> None:
    things = load_catalog([bundled_catalog_dir()]).things("990101", date(2026, 9, 28))
    seals = SandboxSeals({one.thing.id: one for one in things}, region="990101")
    clock = VirtualClock(MONDAY)
    offices = Offices(
        Parameters.typical(*things, rates=Rates()),
        clock,
        random.Random(1),
        certificate=seals.certificate,
    )
    await offices.submit(OFFICE, ID, body())
    clock.advance(timedelta(days=40))
    page = await offices.read(OFFICE, ID, after=0)
    assert page is not None
    certificate = Certificate.of(page.events[-1].data["outcome"]["certificate"])
    assert certificate.claims.holder_name == "n"


async def test_an_office_that_there_is_not_answers_nobody() -> None:
    offices, _ = opened()
    with pytest.raises(DepartmentContractError) as refused:
        await offices.submit("moon", ID, body())
    assert refused.value.problem == "not-allowed"


# --- whatever people send, whenever -----------------------------------------------------------

ANY_RATE = st.integers(0, 300)
ACTS = st.lists(
    st.tuples(st.sampled_from(["answer", "withdraw", "wait", "pause"]), st.integers(1, 200)),
    max_size=12,
)


@given(st.fixed_dictionaries(dict.fromkeys(Rates.__slots__, ANY_RATE)), ACTS, st.integers(0, 50))
async def test_every_history_folds_and_time_never_goes_back(
    some: Mapping[str, int], acts: list[tuple[str, int]], seed: int
) -> None:
    step = replace(
        PLAIN,
        rates=Rates(**some),
        inspection=Inspection(),
        procedure=Procedure(kind="k", per_mille=500),
    )
    offices, clock = opened(step, seed=seed)
    await offices.submit(OFFICE, ID, body())
    for number, (act, hours) in enumerate(acts):
        clock.advance(timedelta(hours=hours))
        page = await offices.read(OFFICE, ID, after=0)
        assert page is not None
        submission = fold(ID, page.events)
        answer = {
            "correction_id": submission.correction_id,
            "materials": [{"material": "m_layout"}],
        }
        try:
            if act == "answer":
                await offices.supplement(OFFICE, ID, f"s{number}", canonical(answer))
            elif act == "withdraw":
                await offices.withdraw(OFFICE, ID, f"w{number}", b"{}")
        except DepartmentContractError as error:
            assert error.problem == "not-open"  # noqa: PT017 - most acts come too early or too late
    clock.advance(timedelta(days=400))
    await history(offices)
    page = await offices.read(OFFICE, ID, after=0)
    assert page is not None
    assert page.state not in ("received", "accepted", "suspended", "correction_requested")
    recorded = [event.recorded_at for event in page.events]
    assert recorded == sorted(recorded)
    assert page.events[0].type == EventType.RECEIVED
