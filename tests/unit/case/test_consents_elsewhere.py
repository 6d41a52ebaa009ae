"""Data that go to an office elsewhere: on everybody's consent, no more than they all name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    Actor,
    AdoptOutcome,
    ConsentTerms,
    ConsentWanted,
    Deliver,
    GiveConsent,
    OptionKind,
    Prepare,
    Reassign,
    RefuseConsent,
    SupplementGiven,
    WithdrawConsent,
    outstanding,
    standing_of,
)
from oneservice.catalog import HeldLevel, Text
from oneservice.errors import IllegalInputError, NotAllowedError, UnsharedError
from oneservice.plan import HeldCertificate, PlannedParty, Reason, ReasonKind, SkippedStep

ABROAD = "region-2"
OWN = f"applicant.{ABROAD}"
SHA = Digest("sha256:" + "6" * 64)
OPERATOR = Actor.operator("op-7")
LANDLORD = Actor.party("landlord")


def own(hour: Any, day: str, *fields: str, steps: tuple[str, ...] = ("permit",)) -> GiveConsent:
    return given(hour, day, OWN, APPLICANT, steps, fields=fields)


def landlord(hour: Any, day: str, **more: Any) -> GiveConsent:
    return given(hour, day, "landlord", LANDLORD, (), **more)


def given(
    hour: Any, day: str, name: str, by: Actor, steps: tuple[str, ...], **more: Any
) -> GiveConsent:
    terms = ConsentTerms(
        consent_id=name,
        agreed_at=hour(day),
        purpose="thing",
        level="low",
        proof=SHA,
        sub_case_ids=steps,
        is_required=True,
        **more,
    )
    return GiveConsent(at=hour(day), terms=terms, by=by)


def no(hour: Any, day: str) -> RefuseConsent:
    return RefuseConsent(at=hour(day), consent_id=OWN, purpose="thing", sub_case_ids=("permit",))


def move(hour: Any, day: str, department: str, **more: Any) -> Reassign:
    return Reassign(
        at=hour(day), sub_case_id="permit", department=department, by=OPERATOR, why="moved", **more
    )


def answer(hour: Any, day: str, *names: str) -> SupplementGiven:
    return SupplementGiven(
        at=hour(day),
        sub_case_id="permit",
        correction_id="r1",
        supplement_id="c1.permit.1.s2",
        request_digest=SHA,
        names=names,
    )


def owed(life: Any, name: str = "permit") -> list[type]:
    found = outstanding(life.case, life.calendar)
    return [type(one) for one in found if getattr(one, "sub_case_id", "") == name]


@pytest.fixture
def first(begin: Any, step: Any) -> Any:
    """A permit of an office elsewhere that comes after a check here."""
    return begin(step("check"), step("permit", department=ABROAD, requires=("check",)))


def open_the_way(life: Any, day: str = "09-29") -> None:
    for kind in ("received", "accepted", "granted"):
        life.told(kind, day, "check")


def corrected(life: Any, day: str = "09-29") -> Any:
    open_the_way(life, day)
    for kind in ("received", "accepted", "correction_requested"):
        life.told(kind, day)
    return life


# --- both must agree ---------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["own", "party"])
def test_nothing_is_filed_before_both_stand(first: Any, hour: Any, gone: str) -> None:
    first.give(own(hour, "09-28", "name"))
    first.give(landlord(hour, "09-28"))
    name, by = (OWN, APPLICANT) if gone == "own" else ("landlord", LANDLORD)
    first.give(WithdrawConsent(at=hour("09-28"), consent_id=name, by=by))
    open_the_way(first)
    assert owed(first) == []
    assert first.sub().submission is None
    again = own(hour, "09-30", "name") if gone == "own" else landlord(hour, "09-30")
    first.give(again)
    assert owed(first) == [Prepare]


def test_while_either_is_gone_no_answer_leaves(first: Any, hour: Any) -> None:
    first.give(own(hour, "09-28", "name"))
    first.give(landlord(hour, "09-28"))
    life = corrected(first)
    life.give(WithdrawConsent(at=hour("09-30"), consent_id="landlord", by=LANDLORD))
    with pytest.raises(IllegalInputError, match="the consent landlord"):
        life.give(answer(hour, "09-30", "name"))
    life.give(landlord(hour, "10-08"))
    life.give(answer(hour, "10-08", "name"))
    assert owed(life) == [Deliver]
    life.give(WithdrawConsent(at=hour("10-09"), consent_id="landlord", by=LANDLORD))
    assert Deliver not in owed(life)


def test_at_home_a_party_that_took_its_consent_back_stops_no_answer(begin: Any, hour: Any) -> None:
    life = begin()
    life.give(landlord(hour, "09-28"))
    for kind in ("received", "accepted", "correction_requested"):
        life.told(kind, "09-29")
    life.give(WithdrawConsent(at=hour("09-30"), consent_id="landlord", by=LANDLORD))
    life.give(answer(hour, "09-30", "name"))
    assert owed(life) == [Deliver]


def test_a_party_that_named_something_lets_no_more_cross(first: Any, hour: Any) -> None:
    first.give(own(hour, "09-28", "name", "phone"))
    first.give(landlord(hour, "09-28", fields=("name", "address"), materials=("m_lease",)))
    sharing = first.case.people.sharing("permit", ABROAD)
    assert (sharing.fields, sharing.materials) == (frozenset({"name"}), frozenset())
    assert first.case.people.sharing("check", "office") is None, "at home, what the step declares"


def test_a_party_says_no_for_good(first: Any, hour: Any) -> None:
    refuse = RefuseConsent(
        at=hour("09-29"), consent_id="landlord", purpose="thing", sub_case_ids=(), by=LANDLORD
    )
    with pytest.raises(IllegalInputError, match="nothing rests on"):
        first.give(refuse)
    first.give(own(hour, "09-28", "name"))
    first.give(landlord(hour, "09-28"))
    with pytest.raises(IllegalInputError, match="take it back"):
        first.give(refuse)
    first.give(WithdrawConsent(at=hour("09-28"), consent_id="landlord", by=LANDLORD))
    with pytest.raises(IllegalInputError, match="same steps"):
        first.give(replace(refuse, sub_case_ids=("permit",)))
    with pytest.raises(NotAllowedError):
        first.give(replace(refuse, by=APPLICANT))
    assert [one.kind for one in first.give(refuse)] == ["consent_refused"]
    assert first.give(refuse) == ()
    assert first.case.people.consent("landlord").end == "refused"
    open_the_way(first)
    assert owed(first) == []


# --- answers -----------------------------------------------------------------------------------


def test_an_answer_names_nothing_that_a_consent_leaves_out(first: Any, hour: Any) -> None:
    first.give(own(hour, "09-28", "name", "phone"))
    life = corrected(first)
    life.give(own(hour, "09-30", "name"))
    before = life.case
    with pytest.raises(UnsharedError, match="m_layout, phone") as caught:
        life.give(answer(hour, "10-08", "name", "m_layout", "phone"))
    assert caught.value.names == ("m_layout", "phone")
    assert caught.value.consents == (OWN,)
    assert "give_consent" in str(caught.value)
    assert life.case == before, "nothing is recorded"
    (told,) = life.give(answer(hour, "10-08", "name"))
    assert told.messages[0].names == ("name",)
    assert owed(life) == [Deliver]


def test_whose_consent_lacks_a_name_is_told(first: Any, hour: Any) -> None:
    first.give(own(hour, "09-28", "name", "phone"))
    first.give(landlord(hour, "09-28", fields=("name",)))
    life = corrected(first)
    with pytest.raises(UnsharedError) as caught:
        life.give(answer(hour, "09-30", "phone"))
    assert caught.value.consents == ("landlord",)


def test_an_answer_that_was_not_sent_waits_once_its_consent_is_narrower(
    first: Any, hour: Any
) -> None:
    first.give(own(hour, "09-28", "name", "phone"))
    life = corrected(first)
    life.give(answer(hour, "09-30", "phone"))
    assert owed(life) == [Deliver]
    life.give(own(hour, "09-30", "name"))
    assert Deliver not in owed(life)
    life.give(own(hour, "10-08", "phone"))
    assert owed(life) == [Deliver]


def test_an_answer_at_home_names_what_it_likes_and_keeps_no_names(begin: Any, hour: Any) -> None:
    life = begin()
    for kind in ("received", "accepted", "correction_requested"):
        life.told(kind, "09-29")
    (told,) = life.give(answer(hour, "09-30", "name", "phone"))
    assert told.messages[0].names == ()


# --- back home, and away again -----------------------------------------------------------------


def test_a_no_to_one_office_holds_nothing_at_another(first: Any, hour: Any) -> None:
    first.give(no(hour, "09-28"))
    open_the_way(first)
    assert owed(first) == []
    assert first.case.needs_a_person
    first.give(move(hour, "09-30", "office"))
    assert not first.case.needs_a_person
    assert owed(first) == [Prepare]
    first.file("09-30")
    for kind in ("received", "accepted", "correction_requested"):
        first.told(kind, "10-08")
    first.give(answer(hour, "10-09", "phone"))
    assert owed(first) == [Deliver], "at home nobody's consent is asked"


def test_back_there_the_old_no_counts_again(first: Any, hour: Any) -> None:
    first.give(no(hour, "09-28"))
    first.give(move(hour, "09-28", "office"))
    wanted = (ConsentWanted(consent_id=OWN, sub_case_ids=("permit",)),)
    events = first.give(move(hour, "09-28", ABROAD, wanted=wanted))
    assert [one.kind for one in events] == ["reassigned"], "they answered: nobody asks twice"
    open_the_way(first)
    assert owed(first) == []


def test_a_yes_to_one_office_is_none_to_another(first: Any, hour: Any) -> None:
    first.give(own(hour, "09-28", "name"))
    wanted = (ConsentWanted(consent_id="applicant.region-3", sub_case_ids=("permit",)),)
    events = first.give(move(hour, "09-28", "region-3", wanted=wanted))
    assert [one.kind for one in events] == ["reassigned", "consent_awaited"]
    open_the_way(first)
    assert owed(first) == []
    assert first.case.people.sharing("permit", "region-3") is None


def test_who_went_there_in_person_after_all_may_bring_the_decision(first: Any, hour: Any) -> None:
    """Histories of earlier versions did so while the step was held here; they replay."""
    first.give(no(hour, "09-28"))
    open_the_way(first)
    first.give(move(hour, "09-30", "office"))
    adopt = AdoptOutcome(
        at=hour("10-08"),
        sub_case_id="permit",
        decision="granted",
        decided_on=hour("10-08").date(),
        evidence=SHA,
        by=OPERATOR,
        why="done there in person",
    )
    first.give(adopt)
    assert first.status() == "granted"


# --- what people are told ----------------------------------------------------------------------


def told(life: Any, hour: Any, plan: Any = None) -> Any:
    on = hour("10-08").date()
    return standing_of(life.case, plan or life.no_plan, on=on, calendar=life.calendar)


def test_an_awaited_consent_is_told_in_words(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("check"), step("permit", requires=("check",)))
    wanted = (ConsentWanted(consent_id=OWN, sub_case_ids=("permit",)),)
    life.give(move(hour, "09-28", ABROAD, wanted=wanted))
    (one,) = told(life, hour).awaited
    assert (one.consent_id, one.is_own, one.state) == (OWN, True, "awaited")
    assert one.sub_case_ids == ("permit",)
    assert "征得您的同意" in one.text.zh
    assert "before you agree" in one.text.en
    (missing,) = [one for one in told(life, hour).missing if one.sub_case_id == "permit"]
    assert "征得您的同意" in missing.why.zh, "nobody refused anything"
    options = {one.kind for one in told(life, hour).options if one.sub_case_id == "permit"}
    assert options >= {OptionKind.SHARE, OptionKind.IN_PERSON}
    life.give(own(hour, "09-29", "name"))
    assert told(life, hour).awaited == ()


@pytest.mark.parametrize(("end", "zh"), [("withdrawn", "撤回"), ("refused", "不同意")])
def test_a_party_that_does_not_agree_is_named(first: Any, hour: Any, end: str, zh: str) -> None:
    title = Text(zh="房东", en="the landlord")
    party = PlannedParty(id="landlord", title=title, must_consent=True, reasons=())
    plan = replace(first.no_plan, parties=(party,))
    first.give(landlord(hour, "09-28"))
    first.give(WithdrawConsent(at=hour("09-28"), consent_id="landlord", by=LANDLORD))
    if end == "refused":
        first.give(
            RefuseConsent(
                at=hour("09-28"),
                consent_id="landlord",
                purpose="thing",
                sub_case_ids=(),
                by=LANDLORD,
            )
        )
    (one,) = told(first, hour, plan).awaited
    assert (one.is_own, one.state, one.since) == (False, end, hour("09-28").date())
    assert one.text.zh.startswith("房东")
    assert zh in one.text.zh
    (missing,) = [one for one in told(first, hour, plan).missing if one.sub_case_id == "permit"]
    assert "房东" in missing.why.zh


def test_what_a_certificate_spares_is_told_with_the_paper(first: Any, hour: Any) -> None:
    title = Text(zh="健康检查", en="Health check")
    held = HeldCertificate(
        type="health_certificate",
        reference="JK990101000017",
        valid_until=date(2027, 3, 1),
        issuer_region="970300",
        level=HeldLevel.SEALED,
    )
    said = Text(zh="已持有 health_certificate，无需再办", en="held already")
    because = Reason(kind=ReasonKind.HELD, text=said, because="JK99****0017")
    off = Reason(kind=ReasonKind.ANSWER, text=title, because="staff")
    spared = SkippedStep(step_id="health", title=title, reasons=(off, because), held=held)
    switched_off = SkippedStep(step_id="fire", title=title, reasons=(off,))
    plan = replace(first.no_plan, skipped=(switched_off, spared))
    (one,) = told(first, hour, plan).spared
    assert (one.sub_case_id, one.title, one.type) == ("health", title, "health_certificate")
    assert (one.issuer_region, one.valid_until) == ("970300", date(2027, 3, 1))
    assert (one.level, one.text) == (HeldLevel.SEALED, said)
    assert "JK990101000017" not in str(one)


# --- one word for two offices ---------------------------------------------------------------------


OTHER = "region-3"


@pytest.fixture
def two(begin: Any, step: Any) -> Any:
    """After a check a permit of one office elsewhere, a sign of another, and a step here."""
    return begin(
        step("check"),
        step("permit", department=ABROAD, requires=("check",)),
        step("sign", department=OTHER, requires=("check",)),
        step("at_home", requires=("check",)),
    )


def shared(life: Any, name: str, office: str) -> set[str]:
    return {*life.case.people.sharing(name, office).fields}


def both_shared(life: Any, hour: Any) -> None:
    life.give(own(hour, "09-28", "name", "phone"))
    there = f"applicant.{OTHER}"
    life.give(given(hour, "09-28", there, APPLICANT, ("sign",), fields=("name", "phone")))


def test_a_party_that_agreed_for_one_office_lets_nothing_go_to_another(two: Any, hour: Any) -> None:
    both_shared(two, hour)
    two.give(landlord(hour, "09-28", fields=("name",), offices=(ABROAD,)))
    people = two.case.people
    assert shared(two, "permit", ABROAD) == {"name"}
    assert people.lacking("permit", ABROAD) == ()
    assert people.lacking("at_home", "market-regulation") == (), "who agrees there agrees here"
    (lacking,) = people.lacking("sign", OTHER)
    assert (lacking.id, lacking.end, lacking.offices) == ("landlord", "awaited", (OTHER,))
    assert shared(two, "sign", OTHER) == set()
    open_the_way(two)
    assert Deliver in owed(two)
    assert owed(two, "sign") == []
    (awaited,) = told(two, hour).awaited
    assert (awaited.consent_id, awaited.state) == ("landlord", "awaited")
    assert awaited.sub_case_ids == ("sign",)
    assert OTHER in awaited.text.en
    assert OTHER in awaited.text.zh
    two.give(landlord(hour, "09-29", fields=("phone",), offices=(OTHER,)))
    assert shared(two, "sign", OTHER) == {"phone"}
    assert shared(two, "permit", ABROAD) == {"name"}, "the first word stands beside the second"
    assert owed(two, "sign") == [Prepare]


def test_a_party_that_names_an_office_and_nothing_else_lets_nothing_go(two: Any, hour: Any) -> None:
    both_shared(two, hour)
    two.give(landlord(hour, "09-28", offices=(ABROAD, OTHER)))
    assert shared(two, "permit", ABROAD) == shared(two, "sign", OTHER) == set()


def test_words_for_two_offices_end_each_in_its_time_and_together(two: Any, hour: Any) -> None:
    both_shared(two, hour)
    day = date(2026, 9, 30)
    two.give(landlord(hour, "09-28", fields=("name",), offices=(ABROAD,), until=day))
    two.give(landlord(hour, "09-28", fields=("name",), offices=(OTHER,)))
    two.wait("10-08")
    people = two.case.people
    assert [one.end for one in people.lacking("permit", ABROAD)] == ["expired"]
    assert people.lacking("sign", OTHER) == ()
    assert people.lacking("at_home", "market-regulation") == ()
    two.give(WithdrawConsent(at=hour("10-09"), consent_id="landlord", by=LANDLORD))
    people = two.case.people
    for step, office in (("permit", ABROAD), ("sign", OTHER), ("at_home", "market-regulation")):
        assert [one.id for one in people.lacking(step, office)] == ["landlord"]


def test_an_order_over_the_border_asks_each_party_for_that_office(two: Any, hour: Any) -> None:
    two.give(landlord(hour, "09-28"))
    wanted = (
        ConsentWanted(consent_id=OWN, sub_case_ids=("at_home",)),
        ConsentWanted(consent_id="landlord", sub_case_ids=("at_home",), offices=(ABROAD,)),
    )
    order = replace(move(hour, "09-29", ABROAD, wanted=wanted), sub_case_id="at_home")
    two.give(order)
    two.give(own(hour, "09-29", "name", steps=("at_home",)))
    (lacking,) = two.case.people.lacking("at_home", ABROAD)
    assert (lacking.id, lacking.end) == ("landlord", "awaited")
    assert two.case.people.lacking("at_home", "market-regulation") == ()
    two.give(landlord(hour, "09-30", evidence=("lease",)))
    assert two.case.people.lacking("at_home", ABROAD), "it does not name that office"
    two.give(landlord(hour, "09-30", fields=("name",), offices=(ABROAD,)))
    assert two.case.people.lacking("at_home", ABROAD) == ()
    assert shared(two, "at_home", ABROAD) == {"name"}


# --- an answer is about its steps -----------------------------------------------------------------


def test_a_yes_for_one_step_lifts_no_no_for_another(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("permit", department=ABROAD), step("sign", department=ABROAD))
    refused = RefuseConsent(
        at=hour("09-28"), consent_id=OWN, purpose="thing", sub_case_ids=("permit", "sign")
    )
    life.give(refused)
    life.give(own(hour, "09-29", "name"))
    assert life.case.people.lacking("permit", ABROAD) == ()
    assert [one.end for one in life.case.people.lacking("sign", ABROAD)] == ["refused"]
    assert life.case.people.consent(OWN).is_alive


def test_a_yes_for_fewer_steps_opens_no_border_for_the_rest(
    begin: Any, step: Any, hour: Any
) -> None:
    life = begin(step("permit", department=ABROAD), step("sign", department=ABROAD))
    life.give(own(hour, "09-28", "name", steps=("permit", "sign")))
    life.give(own(hour, "09-29", "name", "phone"))
    assert shared(life, "permit", ABROAD) == {"name", "phone"}
    assert shared(life, "sign", ABROAD) == {"name"}
    life.give(WithdrawConsent(at=hour("09-30"), consent_id=OWN, by=APPLICANT))
    assert life.case.people.lacking("sign", ABROAD)


def test_an_answer_to_an_office_that_a_party_did_not_name_is_refused(first: Any, hour: Any) -> None:
    life = corrected_by_both(first, hour)
    life.give(landlord(hour, "09-30", fields=("name",), offices=(OTHER,)))
    life.give(WithdrawConsent(at=hour("10-09"), consent_id="landlord", by=LANDLORD))
    life.give(landlord(hour, "10-09", fields=("name",), offices=(OTHER,)))
    with pytest.raises(IllegalInputError, match=f"landlord does not name {ABROAD}"):
        life.give(answer(hour, "10-09", "name"))
    life.give(landlord(hour, "10-09", fields=("name",), offices=(ABROAD,)))
    life.give(answer(hour, "10-09", "name"))


def corrected_by_both(life: Any, hour: Any) -> Any:
    life.give(own(hour, "09-28", "name"))
    life.give(landlord(hour, "09-28"))
    return corrected(life)
