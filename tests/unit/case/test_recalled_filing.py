"""A filing that did not arrive is not sent on a consent that has ended, or became another one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    AskWithdrawal,
    ConsentTerms,
    Deliver,
    DeliveryDidFail,
    GiveConsent,
    NotFoundThere,
    Prepare,
    Read,
    SupplementGiven,
    WithdrawConsent,
    outstanding,
)
from oneservice.errors import IllegalInputError

OWN = "applicant.office"  # the office of the steps lies elsewhere
SHA = Digest("sha256:" + "6" * 64)


def consent(hour: Any, day: str, *fields: str, until: date | None = None) -> GiveConsent:
    terms = ConsentTerms(
        consent_id=OWN,
        agreed_at=hour(day),
        purpose="thing",
        level="low",
        proof=SHA,
        sub_case_ids=("permit",),
        is_required=True,
        fields=fields,
        until=until,
    )
    return GiveConsent(at=hour(day), terms=terms, by=APPLICANT)


@pytest.fixture
def cut(begin: Any, step: Any, hour: Any) -> Any:
    """A permit whose filing could not be sent so far, on a consent until 10-09."""
    life = begin(step("permit"), step("sign"))
    life.give(consent(hour, "09-28", "name", "phone", until=date(2026, 10, 9)))
    missing(life, hour, "09-28")  # it was composed before the consent
    life.file("09-28")
    life.give(failed(life, hour, "09-28", "none"))
    return life


def failed(life: Any, hour: Any, day: str, effect: str) -> DeliveryDidFail:
    return DeliveryDidFail(
        at=hour(day),
        sub_case_id="permit",
        message_id=life.sub("permit").deliveries[0].message_id,
        effect=effect,
        problem="cut off",
    )


def missing(life: Any, hour: Any, day: str) -> Any:
    submission = life.sub("permit").submission.submission_id
    return life.give(
        NotFoundThere(at=hour(day), sub_case_id="permit", submission_id=submission, held=0)
    )


def owed(life: Any) -> list[type]:
    found = outstanding(life.case, life.calendar)
    return [type(one) for one in found if getattr(one, "sub_case_id", "") == "permit"]


def test_withdrawn_it_is_looked_for_and_then_let_go(cut: Any, hour: Any) -> None:
    assert owed(cut) == [Deliver]
    first = cut.sub("permit").submission.submission_id
    cut.give(WithdrawConsent(at=hour("09-29"), consent_id=OWN, by=APPLICANT))
    assert owed(cut) == [Read], "it may be on its way, and nothing more is sent"
    events = missing(cut, hour, "09-29")
    assert [event.kind for event in events] == ["filing_recalled"]
    assert owed(cut) == []
    assert cut.case.needs_a_person
    cut.give(consent(hour, "09-30", "name"))
    cut.file("09-30")
    again = cut.sub("permit")
    assert again.submission.submission_id != first
    assert owed(cut) == [Deliver]


def test_run_out_it_is_not_sent_either(cut: Any) -> None:
    cut.wait("10-10")
    assert owed(cut) == [Read]


def test_narrowed_it_is_composed_anew(cut: Any, hour: Any) -> None:
    events = cut.give(consent(hour, "09-29", "name"))
    assert [event.kind for event in events] == ["consent_recorded"], "the same proof, other terms"
    assert owed(cut) == [Read]
    missing(cut, hour, "09-29")
    assert owed(cut) == [Prepare]


def test_a_try_that_was_under_way_leaves_the_doubt(cut: Any, hour: Any) -> None:
    cut.give(WithdrawConsent(at=hour("09-29"), consent_id=OWN, by=APPLICANT))
    cut.give(failed(cut, hour, "09-29", "none"))
    assert owed(cut) == [Read]


def test_what_arrived_in_time_stands(cut: Any, hour: Any) -> None:
    cut.give(WithdrawConsent(at=hour("09-29"), consent_id=OWN, by=APPLICANT))
    for kind in ("received", "accepted", "granted"):
        cut.told(kind, "09-30")
    assert cut.status("permit") == "granted"


def test_what_its_office_told_anything_of_did_arrive(cut: Any, hour: Any) -> None:
    """A note before ``received``: nothing is let go, and nothing is sent a second time."""
    cut.give(WithdrawConsent(at=hour("09-29"), consent_id=OWN, by=APPLICANT))
    filed = cut.sub("permit").submission.submission_id
    cut.give(
        cut.read_at("permit", hour("09-30"), cut.signed("x_note", "09-30"), is_fresh_read=True)
    )
    cut.file("09-30")
    assert len(cut.sub("permit").digests) == 1
    assert cut.sub("permit").submission.submission_id == filed
    assert Deliver not in owed(cut)


def test_a_withdrawn_application_goes_with_its_filing(cut: Any, hour: Any) -> None:
    cut.give(AskWithdrawal(at=hour("09-29"), sub_case_ids=("permit",)))
    cut.give(WithdrawConsent(at=hour("09-29"), consent_id=OWN, by=APPLICANT))
    missing(cut, hour, "09-29")
    assert cut.status("permit") == "withdrawn"
    assert owed(cut) == []


def test_an_answer_waits_for_a_consent_too(cut: Any, hour: Any) -> None:
    cut.told("received", "09-29")
    cut.told("correction_requested", "09-29")
    (asked,) = cut.case.corrections
    answer = SupplementGiven(
        at=hour("09-30"),
        sub_case_id="permit",
        correction_id=asked.correction_id,
        supplement_id="s1",
        request_digest=SHA,
    )
    cut.give(WithdrawConsent(at=hour("09-30"), consent_id=OWN, by=APPLICANT))
    with pytest.raises(IllegalInputError, match="has ended"):
        cut.give(answer)
    cut.give(consent(hour, "09-30", "name"))
    cut.give(answer)
    assert Deliver in owed(cut)
    cut.give(WithdrawConsent(at=hour("09-30"), consent_id=OWN, by=APPLICANT))
    assert Deliver not in owed(cut)
