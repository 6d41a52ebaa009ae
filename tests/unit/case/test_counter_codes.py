"""One-time codes: read aloud, typed badly, used once; nothing of them can be searched for."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    CODE_ALPHABET,
    CODE_LENGTH,
    CODE_TRIES,
    LONGEST_CODE,
    LONGEST_SESSION,
    Actor,
    AskCode,
    Case,
    CaseChannel,
    CodeExpired,
    CodeIssued,
    CodeMistyped,
    ContinuedAt,
    GiveMandate,
    Input,
    RedeemCode,
    StepSpec,
    SubCase,
    TimePassed,
    VisitRecorded,
    Wake,
    code_proof,
    decide,
    is_same_proof,
    locator_of,
    outstanding,
    read_code,
    spell_code,
    transition,
)
from oneservice.errors import IllegalInputError, NotAllowedError
from oneservice.workdays import announced_calendar

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CALENDAR = announced_calendar()
SHA = Digest("sha256:" + "6" * 64)
SECRET = "5" * 64
CLERK = Actor.clerk("w-3")
CODE = "K7MF3QXP"
STEP = StepSpec(
    id="food_permit", step_id="food_permit", department="market-regulation", kind="decision"
)
BLANK = Case(
    id="c1",
    thing="restaurant",
    region="990101",
    plan=SHA,
    definition=SHA,
    calendar="2026",
    form=SHA,
    opened_at=AT,
    sub_cases={STEP.id: SubCase(spec=STEP)},
)


def proof(code: str, number: int = 1) -> Digest:
    return code_proof(code, secret=SECRET, case_id="c1", number=number)


def after(case: Case, given: Input) -> Case:
    return transition(case, given, case_id="c1", calendar=CALENDAR)[1]


def asked(**changes: object) -> AskCode:
    given = AskCode(
        at=AT,
        number=1,
        locator=locator_of(CODE),
        proof=proof(CODE),
        channel=CaseChannel.WINDOW,
        expires_at=AT + timedelta(minutes=30),
        by=APPLICANT,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def typed(code: str = CODE, **changes: object) -> RedeemCode:
    at = changes.pop("at", AT + timedelta(minutes=5))
    given = RedeemCode(
        at=at,  # type: ignore[arg-type]
        number=1,
        proof=proof(code),
        channel=CaseChannel.WINDOW,
        place="hall-1/w-3",
        session_until=at + timedelta(hours=1),  # type: ignore[operator]
        by=CLERK,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


# --- the code itself ----------------------------------------------------------------------------


def test_no_two_characters_look_alike() -> None:
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 29
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV"):
        assert sum(one in CODE_ALPHABET for one in alike) == 1, alike


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("K7MF-3QXP", "K7MF3QXP"),
        (" k7mf 3qxp ", "K7MF3QXP"),
        ("Ｋ７ＭＦ－３ＱＸＰ".replace("－", "-"), "K7MF3QXP"),
        ("OIZS-BULO", "01258V10"),
        ("K7MF3QX", None),
        ("K7MF3QXPP", None),
        ("K7MF3QX*", None),
        ("", None),
        ("K" * 5_000, None),
        ("\ud800K7MF3QX", None),
    ],
)
def test_what_was_typed_is_read_as_what_was_meant(text: str, code: str | None) -> None:
    assert read_code(text) == code


def test_what_is_spelt_is_read_again() -> None:
    chance = random.Random(4)
    for _ in range(200):
        code = "".join(chance.choices(CODE_ALPHABET, k=CODE_LENGTH))
        assert read_code(spell_code(code)) == code


def test_a_proof_hangs_on_everything_that_it_is_made_of() -> None:
    proofs = {
        proof(CODE),
        proof("K7MF3QXQ"),
        proof(CODE, 2),
        code_proof(CODE, secret="6" * 64, case_id="c1", number=1),
        code_proof(CODE, secret=SECRET, case_id="c2", number=1),
    }
    assert len(proofs) == 5
    assert is_same_proof(proof(CODE), proof(CODE))
    assert not is_same_proof(proof(CODE), proof(CODE, 2))


# --- its life -----------------------------------------------------------------------------------


def test_a_code_opens_one_session_and_is_gone() -> None:
    case = after(BLANK, asked())
    events = decide(case, typed(), case_id="c1", calendar=CALENDAR)
    assert [type(one) for one in events] == [ContinuedAt, VisitRecorded]
    case = after(case, typed())
    assert case.counter.code is None
    session = case.counter.session(CLERK, "hall-1/w-3", AT + timedelta(minutes=6))
    assert session is not None
    assert not session.is_open(session.until)
    assert case.counter.session(CLERK, "hall-1/w-4", AT + timedelta(minutes=6)) is None
    with pytest.raises(IllegalInputError, match="no code"):
        after(case, typed())


def test_the_journal_holds_half_of_the_code_and_no_more() -> None:
    (issued,) = decide(BLANK, asked(), case_id="c1", calendar=CALENDAR)
    assert isinstance(issued, CodeIssued)
    assert CODE not in repr(issued)
    assert CODE[4:] not in repr(issued)


def test_the_fifth_wrong_try_voids_it() -> None:
    case = after(BLANK, asked())
    for tries in range(1, CODE_TRIES):
        (event,) = decide(case, typed("K7MF0000"), case_id="c1", calendar=CALENDAR)
        assert isinstance(event, CodeMistyped)
        case = after(case, typed("K7MF0000"))
        assert case.counter.code is not None
        assert case.counter.code.wrong_tries == tries
    assert after(case, typed()).counter.sessions  # the right one, in time
    case = after(case, typed("K7MF0000"))
    assert case.counter.code is None
    with pytest.raises(IllegalInputError, match="no code"):
        after(case, typed())
    assert not case.counter.visits


def test_at_another_channel_it_is_a_wrong_try() -> None:
    case = after(BLANK, asked())
    case = after(case, typed(channel=CaseChannel.PHONE))
    assert case.counter.code is not None
    assert case.counter.code.wrong_tries == 1


def test_by_telephone_nobody_travels() -> None:
    case = after(BLANK, asked(channel=CaseChannel.PHONE))
    case = after(case, typed(channel=CaseChannel.PHONE))
    assert case.counter.sessions
    assert not case.counter.visits


def test_a_code_ends_by_itself_and_wakes_the_case_for_it() -> None:
    case = after(BLANK, asked())
    assert Wake(not_before=AT + timedelta(minutes=30)) in outstanding(case, CALENDAR)
    early = AT + timedelta(minutes=29, seconds=59)
    assert not decide(case, TimePassed(at=early), case_id="c1", calendar=CALENDAR)
    assert after(case, typed(at=early)).counter.sessions
    late = AT + timedelta(minutes=30)
    with pytest.raises(IllegalInputError, match="no code"):
        after(case, typed(at=late))
    (event,) = decide(case, TimePassed(at=late), case_id="c1", calendar=CALENDAR)
    assert event == CodeExpired(at=late, number=1)
    case = after(case, TimePassed(at=late))
    assert not [one for one in outstanding(case, CALENDAR) if isinstance(one, Wake)]


def test_a_new_code_voids_the_old_one() -> None:
    case = after(BLANK, asked())
    other = asked(number=2, proof=proof("K7MF4444", 2))
    case = after(case, other)
    with pytest.raises(IllegalInputError):
        after(case, typed())
    assert after(case, typed(number=2, proof=proof("K7MF4444", 2))).counter.sessions


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channel": CaseChannel.ONLINE}, "signs in"),
        ({"channel": CaseChannel.POST}, "signs in"),
        ({"expires_at": AT}, "valid"),
        ({"expires_at": AT + LONGEST_CODE + timedelta(seconds=1)}, "valid"),
        ({"number": 2}, "ask again"),
        ({"number": 0}, "ask again"),
    ],
)
def test_a_code_that_makes_no_sense_is_not_given_out(changes: dict[str, object], why: str) -> None:
    with pytest.raises(IllegalInputError, match=why):
        after(BLANK, asked(**changes))


@pytest.mark.parametrize("code", [CODE, "K7MF0000"])
@pytest.mark.parametrize(
    "changes",
    [
        {"place": ""},
        {"place": "990101199001010019"},
        {"place": "窗口三"},
        {"session_until": AT},
        {"session_until": AT + LONGEST_SESSION + timedelta(minutes=6)},
        {"by": Actor.officer("o-1")},
        {"by": Actor.operator("op-1")},
        {"by": APPLICANT},
    ],
)
def test_what_is_wrong_otherwise_is_refused_the_same_for_every_code(
    changes: dict[str, object], code: str
) -> None:
    case = after(BLANK, asked())
    with pytest.raises(IllegalInputError) as caught:
        after(case, typed(code, **changes))
    assert "no code of that number" not in str(caught.value)


def test_staff_get_no_codes() -> None:
    for by in (CLERK, Actor.officer("o-1"), Actor.operator("op-1")):
        with pytest.raises(NotAllowedError):
            after(BLANK, asked(by=by))


@pytest.mark.parametrize("part", [{"actions": ("supplement",)}, {"sub_case_ids": ("food_permit",)}])
def test_an_agent_for_a_part_gets_no_code_to_the_whole(part: dict[str, tuple[str, ...]]) -> None:
    agent = Actor.agent("ag-3", mandate="m1")
    whole = GiveMandate(at=AT, mandate_id="m1", agent="ag-3", proof=SHA)
    assert after(after(BLANK, whole), asked(by=agent)).counter.code is not None
    with pytest.raises(NotAllowedError, match="opens the whole case"):
        after(after(BLANK, replace(whole, **part)), asked(by=agent))  # type: ignore[arg-type]
