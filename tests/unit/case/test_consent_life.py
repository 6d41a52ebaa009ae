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
    Prepare,
    WaitKind,
    Who,
    WithdrawConsent,
    open_waits,
    outstanding,
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
    same = GiveConsent(at=hour("09-29"), terms=terms(hour("09-28")), by=PARTY)
    assert life.give(same) == ()


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
