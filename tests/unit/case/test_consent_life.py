"""The life of a consent: given, shown where it concerns, withdrawn, run out, given again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    Actor,
    AskWithdrawal,
    ConsentTerms,
    GiveConsent,
    Message,
    MessagesComposed,
    Prepare,
    WaitKind,
    Who,
    WithdrawConsent,
    open_waits,
    outstanding,
    transition,
)
from oneservice.errors import IllegalInputError, NotAllowedError

SHA = Digest("sha256:" + "6" * 64)
OTHER = Digest("sha256:" + "7" * 64)
PARTY = Actor.party("other_parent")


def terms(at: datetime, **more: Any) -> ConsentTerms:
    members: dict[str, Any] = {
        "consent_id": "other_parent",
        "agreed_at": at,
        "purpose": "thing",
        "level": "substantial",
        "proof": SHA,
        "sub_case_ids": (),
        "is_required": True,
    }
    return ConsentTerms(**(members | more))


@pytest.fixture
def life(begin: Any, step: Any, hour: Any) -> Any:
    """A permit that is filed, and a sign behind it; the other parent agreed until 10-09."""
    case = begin(step("permit"), step("sign", requires=("permit",)))
    until = date(2026, 10, 9)
    case.give(GiveConsent(at=hour("09-28"), terms=terms(hour("09-28"), until=until), by=PARTY))
    return case


def grant(life: Any, day: str = "10-08") -> None:
    for kind in ("received", "accepted", "granted"):
        life.told(kind, day)


def is_composed(life: Any, name: str = "sign") -> bool:
    owed = outstanding(life.case, life.calendar)
    return life.sub(name).submission is not None or any(
        isinstance(one, Prepare) and one.sub_case_id == name for one in owed
    )


def test_while_it_is_alive_filings_go_out(life: Any) -> None:
    grant(life)
    assert is_composed(life)


def test_once_withdrawn_nothing_more_is_filed_and_the_case_says_why(life: Any, hour: Any) -> None:
    life.give(WithdrawConsent(at=hour("09-29"), consent_id="other_parent", by=PARTY))
    grant(life)
    assert not is_composed(life)
    assert life.case.needs_a_person
    (wait,) = [one for one in open_waits(life.case, life.calendar) if one.kind is WaitKind.CONSENT]
    assert (wait.sub_case_id, wait.who) == ("sign", Who.PARTY)
    assert "GiveConsent" in wait.ends_by
    assert life.status("permit") == "granted", "what was filed on it stands"


def test_given_again_the_filing_goes_on(life: Any, hour: Any) -> None:
    life.give(WithdrawConsent(at=hour("09-29"), consent_id="other_parent", by=PARTY))
    grant(life)
    again = terms(hour("10-10"), proof=OTHER)
    life.give(GiveConsent(at=hour("10-10"), terms=again, by=PARTY))
    assert is_composed(life)
    assert [one.proof for one in life.case.people.consents] == [OTHER]


def test_it_runs_out_after_its_last_day_by_itself(life: Any) -> None:
    wakes = [getattr(one, "not_before", None) for one in outstanding(life.case, life.calendar)]
    assert any(one is not None and one.isoformat().startswith("2026-10-10") for one in wakes)
    life.wait("10-09", 23)
    assert life.case.people.consent("other_parent").is_alive
    life.wait("10-10")
    ended = life.case.people.consent("other_parent")
    assert (ended.is_alive, ended.end) == (False, "expired")
    grant(life, "10-12")
    assert not is_composed(life)


def test_a_consent_for_some_steps_holds_up_only_those(begin: Any, step: Any, hour: Any) -> None:
    life = begin(
        step("permit"), step("sign", requires=("permit",)), step("menu", requires=("permit",))
    )
    some = terms(hour("09-28"), sub_case_ids=("sign",))
    life.give(GiveConsent(at=hour("09-28"), terms=some, by=PARTY))
    life.give(WithdrawConsent(at=hour("09-29"), consent_id="other_parent", by=PARTY))
    grant(life)
    assert is_composed(life, "menu")
    assert not is_composed(life)
    life.give(AskWithdrawal(at=hour("10-09"), sub_case_ids=("sign",)))
    assert life.status("sign") == "withdrawn", "a way out"


def test_told_twice_it_is_one_fact(life: Any, hour: Any) -> None:
    until = date(2026, 10, 9)
    same = GiveConsent(at=hour("09-29"), terms=terms(hour("09-28"), until=until), by=PARTY)
    assert life.give(same) == ()


@pytest.mark.parametrize("other", [{"fields": ("name",)}, {"until": None}, {"level": "high"}])
def test_on_the_same_text_other_terms_are_another_fact(life: Any, hour: Any, other: Any) -> None:
    members = {"until": date(2026, 10, 9)} | other
    given = GiveConsent(at=hour("09-29"), terms=terms(hour("09-28"), **members), by=PARTY)
    assert [event.kind for event in life.give(given)] == ["consent_recorded"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "another_thing", "proof": OTHER},
        {"until": date(2026, 9, 28), "proof": OTHER},
        {"sub_case_ids": ("nothing",), "proof": OTHER},
    ],
)
def test_a_consent_to_something_else_is_none(life: Any, hour: Any, wrong: Any) -> None:
    given = GiveConsent(at=hour("09-29"), terms=terms(hour("09-28"), **wrong), by=PARTY)
    with pytest.raises(IllegalInputError):
        life.give(given)


def test_a_party_takes_back_the_own_consent_once(life: Any, hour: Any) -> None:
    another = Actor.party("landlord")
    with pytest.raises(NotAllowedError, match="own consent only"):
        life.give(WithdrawConsent(at=hour("09-29"), consent_id="other_parent", by=another))
    with pytest.raises(NotAllowedError, match="own consent only"):
        life.give(GiveConsent(at=hour("09-29"), terms=terms(hour("09-28")), by=another))
    life.give(WithdrawConsent(at=hour("09-29"), consent_id="other_parent", by=PARTY))
    with pytest.raises(IllegalInputError, match="ended"):
        life.give(WithdrawConsent(at=hour("09-30"), consent_id="other_parent", by=PARTY))


def test_what_ran_out_is_over_whoever_comes_first(life: Any) -> None:
    """The office is heard before the clock: nothing is filed on a consent that has run out."""
    life.told("received", "09-29")
    life.told("accepted", "09-29")
    events = life.told("granted", "10-12")
    assert [event.kind for event in events] == ["consent_ended", "department_reported"]
    assert life.case.people.consent("other_parent").end == "expired"
    assert not is_composed(life)
    assert life.case.needs_a_person


def test_what_was_composed_is_not_filed_on_a_consent_that_ran_out(life: Any, hour: Any) -> None:
    """The engine stopped between the grant and the filing, over the last day of the consent."""
    life.file_at = lambda _: None
    grant(life, "10-09")
    (due,) = [one for one in outstanding(life.case, life.calendar) if isinstance(one, Prepare)]
    message = Message(
        sub_case_id=due.sub_case_id,
        message=due.message,
        message_id=due.message_id,
        submission_id=due.submission_id,
        request_digest=OTHER,
        attempt=due.attempt,
    )
    in_time = transition(
        life.case,
        MessagesComposed(at=hour("10-09", 23), messages=(message,)),
        case_id="c1",
        calendar=life.calendar,
    )[0]
    assert [event.kind for event in in_time] == ["messages_prepared"]
    events = life.give(MessagesComposed(at=hour("10-10", 0), messages=(message,)))
    assert [event.kind for event in events] == ["consent_ended"]
    assert not is_composed(life)
