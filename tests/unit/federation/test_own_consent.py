"""The applicant alone decides what of theirs goes to another region, and reads what went."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from oneservice import Applicant
from oneservice.case import (
    Actor,
    CaseStatus,
    IdentityCheck,
    OptionKind,
    SubCaseStatus,
    WaitKind,
    Who,
)
from oneservice.departments import HttpDepartments, Received
from oneservice.engine import AdoptOrder, ConsentDeclined, Crossing, MigrateOrder, ReassignOrder
from oneservice.errors import (
    DepartmentUnavailableError,
    FormIncompleteError,
    IllegalInputError,
    NotAllowedError,
    SubmissionConflictError,
)
from oneservice.federation import Offer

STEP = "birth_registration-1"
OFFICE = "region-980200"
OWN = f"applicant.{OFFICE}"
PERSON = Applicant(name="何静", code="97030119940312004X", kind="person")
OPERATOR = Actor.operator("op-1")


def alone(pair: Any) -> Any:
    """Return the plan of a mother alone: nobody beside her has to agree."""
    plan = pair.plan(two_parents=False)
    assert plan.parties == ()
    return plan


async def crossing_of(pair: Any, plan: Any) -> Crossing:
    (found,) = await pair.birth.engine.people.crossings(plan)
    assert isinstance(found, Crossing)
    return found


async def shared(pair: Any, plan: Any, **more: Any) -> Any:
    crossing = await crossing_of(pair, plan)
    agreed = crossing.agreed(by="何静", at=pair.clock.now(), **more)
    return await pair.apply(plan, consents={OWN: agreed})


async def sub_case(pair: Any, case: Any) -> Any:
    return (await pair.birth.engine.case(case.id)).sub_cases[STEP]


async def test_what_crosses_is_told_before_it_does(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        crossing = await crossing_of(pair, plan)
        assert (crossing.consent_id, crossing.department) == (OWN, OFFICE)
        assert (crossing.region, crossing.purpose) == ("980201", "newborn")
        assert (crossing.steps, crossing.parties) == ((STEP,), ())
        assert {"child_name", "mother_id_no"} <= {*crossing.fields}
        assert "birth_weight" not in crossing.fields
        with pytest.raises(FormIncompleteError) as caught:
            await pair.apply(plan, consents={})
        assert set(caught.value.problems) == {f"consents.{OWN}"}
        assert await pair.birth.engine.cases() == ()


async def test_an_agreed_crossing_is_filed_with_its_consent(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        crossing = await crossing_of(pair, plan)
        case = await shared(pair, plan)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        (theirs,) = pair.home.filed["birth_registration"]
        assert {*theirs.fields} <= {*crossing.fields}
        sent, filed, given = await everything(pair)
        assert (sent.kind, sent.by, sent.consent, sent.purpose) == ("sent", OFFICE, OWN, "newborn")
        assert (filed.kind, filed.consent, filed.purpose) == ("filed", OWN, "newborn")
        assert sent.names == filed.names  # both regions tell the same of it
        assert {*sent.names} <= {*crossing.fields, *crossing.materials}
        assert (sent.reference, given.kind) == (filed.reference, "given")


async def everything(pair: Any) -> tuple[Any, ...]:
    """Return what the person reads in both regions: here first, then there."""
    here = await pair.birth.engine.people.access_log(PERSON)
    return (*here, *await pair.home.engine.people.access_log(PERSON))


async def test_a_no_keeps_the_step_here_and_everything_else_going(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        case = await pair.apply(plan, consents={OWN: ConsentDeclined()})
        await pair.carry()
        engine = pair.birth.engine
        assert await pair.home.engine.cases() == ()
        assert await everything(pair) == ()
        case = await engine.case(case.id)
        assert case.sub_cases[STEP].status is SubCaseStatus.WAITING
        assert case.needs_a_person
        assert case.sub_cases["birth_certificate-1"].status is SubCaseStatus.GRANTED
        standing = await engine.standing(case.id)
        (missing,) = [one for one in standing.missing if one.sub_case_id == STEP]
        assert "当面办理" in missing.why.zh
        assert "in person" in missing.why.en
        kinds = {one.kind for one in standing.options if one.sub_case_id == STEP}
        assert kinds == {OptionKind.SHARE, OptionKind.IN_PERSON, OptionKind.WITHDRAW}
        (wait,) = [one for one in await engine.waits(case.id) if one.kind is WaitKind.CONSENT]
        assert (wait.who, wait.name) == (Who.APPLICANT, OWN)


async def test_what_was_done_there_in_person_is_entered_here(pair: Any) -> None:
    async with pair.open():
        case = await pair.apply(alone(pair), consents={OWN: ConsentDeclined()})
        await pair.carry()
        pair.clock.advance(timedelta(days=1))
        order = AdoptOrder(
            case_id=case.id,
            sub_case_id=STEP,
            decision="granted",
            decided_on=date(2026, 9, 29),
            paper=b"the household register",
            number="HK-7",
        )
        operators = pair.birth.engine.operators
        await operators.act(order, by=OPERATOR, why="done at the window in person")
        await pair.carry()
        sub = await sub_case(pair, case)
        assert (sub.status, sub.basis) == (SubCaseStatus.GRANTED, "adopted")
        await pair.birth.replays(case.id)
        assert (await pair.birth.engine.case(case.id)).status is CaseStatus.CONCLUDED
        assert pair.home.filed == {}


async def test_a_yes_after_a_no_files_it(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        case = await pair.apply(plan, consents={OWN: ConsentDeclined()})
        await pair.carry()
        agreed = (await crossing_of(pair, plan)).agreed(by="何静", at=pair.clock.now())
        await pair.birth.engine.people.give_consent(case.id, OWN, agreed)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED


async def test_what_is_not_filed_yet_can_be_taken_back(pair: Any) -> None:
    async with pair.open():
        pair.birth.decide["birth_certificate"] = lambda _: Received()
        people = pair.birth.engine.people
        case = await shared(pair, alone(pair))
        await pair.carry(minutes=1)
        with pytest.raises(IllegalInputError):
            await people.refuse_consent(case.id, OWN)
        with pytest.raises(IllegalInputError):
            await people.refuse_consent(case.id, "applicant.elsewhere")
        with pytest.raises(NotAllowedError):
            await people.withdraw_consent(case.id, OWN, by=Actor.party("other_parent"))
        assert (await sub_case(pair, case)).submission is None
        await people.withdraw_consent(case.id, OWN)
        await pair.carry()
        assert pair.home.filed == {}
        await people.refuse_consent(case.id, OWN)
        case = await pair.birth.engine.case(case.id)
        assert case.people.unshared(STEP, OFFICE).end == "refused"


async def test_less_can_be_shared_and_only_that_goes(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        crossing = await crossing_of(pair, plan)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        less = tuple(name for name in crossing.fields if name != "phone")
        case = await pair.apply(plan, consents={OWN: replace(agreed, fields=less)})
        await pair.carry()
        (sent, *_) = await pair.birth.engine.people.access_log(PERSON)
        assert "phone" not in sent.names
        assert "mother_name" in sent.names
        # What the office there cannot do without, it asks for; the person may still say yes.
        assert (await sub_case(pair, case)).correction.fields == ("/fields/phone",)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"fields": ("mothers_salary",)}, "do not go there"),
        ({"purpose": "restaurant"}, "another one-thing"),
    ],
)
async def test_no_consent_covers_more_than_goes(pair: Any, changes: Any, why: str) -> None:
    async with pair.open():
        plan = alone(pair)
        agreed = (await crossing_of(pair, plan)).agreed(by="何静", at=pair.clock.now())
        with pytest.raises(FormIncompleteError, match=why):
            await pair.apply(plan, consents={OWN: replace(agreed, **changes)})
        with pytest.raises(FormIncompleteError, match="nothing goes there"):
            await pair.apply(plan, consents={OWN: agreed, "applicant.mars": agreed})


async def test_a_region_that_refuses_is_seen_by_the_person(pair: Any) -> None:
    offer = Offer.item("newborn", "birth_registration", purposes=("school_entry",))
    async with pair.open(offer):
        case = await shared(pair, alone(pair))
        await pair.carry()
        assert (await sub_case(pair, case)).halted == "not-allowed"
        kinds = [one.kind for one in await everything(pair)]
        assert kinds == ["sent", "refused"]  # over there nothing was kept


async def test_only_what_the_other_region_declares_is_asked_for(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        offer = Offer.item("newborn", "birth_registration")
        definition = offer.definition(pair.home.engine)
        declared = {one.group or one.id for one in definition.thing.fields}
        declared |= {one.id for one in definition.thing.situations}
        crossing = await crossing_of(pair, plan)
        assert {*crossing.fields} <= declared
        assert {*crossing.materials} <= {one.id for one in definition.thing.materials}
        told = pair.office.capabilities().steps[0].fields_schema
        assert {*told["properties"]} == declared


async def test_another_answer_under_one_key_conflicts_whenever_it_was_given(pair: Any) -> None:
    async with pair.open():
        plan, now = alone(pair), pair.clock.now()
        crossing = await crossing_of(pair, plan)
        agreed = crossing.agreed(by="何静", at=now)
        case = await pair.apply(plan, consents={OWN: agreed}, key="visit-1")
        for same in (agreed, replace(agreed, at=now + timedelta(minutes=1))):
            again = await pair.apply(plan, consents={OWN: same}, key="visit-1")
            assert case.id == again.id
        with pytest.raises(SubmissionConflictError):
            await pair.apply(
                plan, consents={OWN: agreed}, key="visit-1", fields={"phone": "13800000032"}
            )
        less, longer = crossing.without("phone"), date(2026, 12, 30)
        others = (
            less.agreed(by="何静", at=now),
            crossing.agreed(by="何静", at=now, until=longer),
            crossing.agreed(by="陆舟", at=now),
            ConsentDeclined(),
        )
        for other in others:
            with pytest.raises(SubmissionConflictError, match=r"applicant\.\S+; a new one"):
                await pair.apply(plan, consents={OWN: other}, key="visit-1")
        await pair.birth.engine.people.withdraw_consent(case.id, OWN)
        again = await pair.apply(plan, consents={OWN: agreed}, key="visit-1")
        assert again.id == case.id, "what came after the opening makes it no other application"


async def test_a_look_and_a_no_at_one_opening_replay(pair: Any) -> None:
    async with pair.open():
        plan = pair.plan(origin=pair.birth.name, two_parents=False)
        look = pair.birth.engine.counter.elsewhere.look(
            plan,
            steps=[STEP],
            region=pair.birth.name,
            place="hall-1/w-3",
            identity=IdentityCheck.READER,
            by=Actor.clerk("w-3"),
        )
        case = await pair.apply(plan, consents={OWN: ConsentDeclined()}, received=look)
        await pair.carry(minutes=2)
        await pair.birth.replays(case.id)


async def test_a_consent_to_nothing_shares_nothing(pair: Any) -> None:
    async with pair.open():
        plan = alone(pair)
        nothing = replace(await crossing_of(pair, plan), fields=(), materials=())
        agreed = nothing.agreed(by="何静", at=pair.clock.now())
        case = await pair.apply(plan, consents={OWN: agreed})
        await pair.carry()
        (sent, *_) = await pair.birth.engine.people.access_log(PERSON)
        assert sent.names == ()
        case = await pair.birth.engine.case(case.id)
        assert case.people.sharing(STEP, OFFICE).fields == frozenset()


async def test_taken_back_during_a_partition_nothing_is_sent_once_it_heals(
    pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, is_cut = HttpDepartments.submit, [True]

    async def submit(self: Any, department: str, *told: Any, **more: Any) -> Any:
        if department == OFFICE and is_cut[0]:
            msg = "cut off"
            raise DepartmentUnavailableError(msg, department=OFFICE)
        return await whole(self, department, *told, **more)

    monkeypatch.setattr(HttpDepartments, "submit", submit)
    async with pair.open():
        plan = alone(pair)
        case = await shared(pair, plan)
        await pair.carry(minutes=2)
        assert (await sub_case(pair, case)).deliveries[0].effect == "none"
        await pair.birth.engine.people.withdraw_consent(case.id, OWN)
        is_cut[0] = False
        await pair.carry()
        assert "birth_registration" not in pair.home.filed
        sub = await sub_case(pair, case)
        assert (sub.status, sub.submission) == (SubCaseStatus.WAITING, None)
        agreed = (await crossing_of(pair, plan)).agreed(by="何静", at=pair.clock.now())
        await pair.birth.engine.people.give_consent(case.id, OWN, agreed)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        await pair.birth.replays(case.id)


@pytest.mark.parametrize("is_move", [True, False])
async def test_no_order_lets_data_cross_unasked(pair: Any, *, is_move: bool) -> None:
    """The family moves over the border, or the step is given to the office there."""
    async with pair.open():
        engine = pair.birth.engine
        plan = pair.plan(two_parents=False, home_region="970301")
        case = await pair.apply_held(pair.apply(plan))
        order = (
            MigrateOrder(case_id=case.id, answers={"home_region": "980201"})
            if is_move
            else ReassignOrder(
                case_id=case.id, sub_case_id=STEP, department=OFFICE, region="980201"
            )
        )
        await engine.operators.act(order, by=OPERATOR, why="they moved")
        await pair.certify()
        await pair.carry()
        assert pair.home.filed == {}
        assert await everything(pair) == ()
        case = await engine.case(case.id)
        assert case.sub_cases["birth_certificate-1"].status is SubCaseStatus.GRANTED
        assert case.sub_cases[STEP].status is SubCaseStatus.WAITING
        assert case.people.unshared(STEP, OFFICE).end == "awaited"
        assert case.needs_a_person
        (wait,) = [one for one in await engine.waits(case.id) if one.kind is WaitKind.CONSENT]
        assert (wait.who, wait.name) == (Who.APPLICANT, OWN)
        (crossing,) = await engine.people.crossings_in(case.id)
        assert (crossing.steps, crossing.region) == ((STEP,), "980201")
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        await engine.people.give_consent(case.id, OWN, agreed)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        (sent, *_) = await everything(pair)
        assert (sent.kind, sent.consent) == ("sent", OWN)


async def test_what_stays_over_there_can_be_agreed_to_again(pair: Any) -> None:
    """The family moves back while the office there, which asks for more, has the registration.

    The plan has the step at home by then. What that office is told still hangs on the consent.
    """
    async with pair.open():
        engine = pair.birth.engine
        pair.home.decide["birth_registration"] = lambda _: Received()
        plan = alone(pair)
        crossing = await crossing_of(pair, plan)
        less = crossing.without("child_name").agreed(by="何静", at=pair.clock.now())
        case = await pair.apply(plan, consents={OWN: less})
        await pair.carry(minutes=3)
        order = MigrateOrder(case_id=case.id, answers={"home_region": "970301"})
        await engine.operators.act(order, by=OPERATOR, why="they moved back")
        sub = await sub_case(pair, case)
        assert (sub.spec.department, sub.status) == (OFFICE, SubCaseStatus.CORRECTION_REQUESTED)
        await engine.people.withdraw_consent(case.id, OWN)
        (awaited,) = (await engine.standing(case.id)).awaited
        assert (awaited.consent_id, awaited.sub_case_ids) == (OWN, (STEP,))
        (found,) = await engine.people.crossings_in(case.id)
        assert (found.consent_id, found.steps, found.region) == (OWN, (STEP,), "980200")
        assert "公安" not in found.text().zh.split("仅用于")[0], "the office at home gets nothing"
        await engine.people.give_consent(case.id, OWN, found.agreed(by="何静", at=pair.clock.now()))
        assert (await engine.standing(case.id)).awaited == ()
        assert "child_name" in (await engine.case(case.id)).people.sharing(STEP, OFFICE).fields
