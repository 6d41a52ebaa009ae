"""Two parents: each lets the data go, narrows it, takes it back; nothing leaves on one word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from oneservice import Applicant
from oneservice.canonical import digest_bytes
from oneservice.case import Actor, ConsentGiven, SubCaseStatus
from oneservice.departments import Accepted, CorrectionRequested, NotAccepted, Received
from oneservice.engine import ConsentDeclined, MigrateOrder, ReassignOrder
from oneservice.errors import FormIncompleteError, UnsharedError
from oneservice.runtimes import Driver

STEP = "birth_registration-1"
OFFICE = "region-980200"
OWN = f"applicant.{OFFICE}"
FATHER = "other_parent"
PERSON = Applicant(name="何静", code="97030119940312004X", kind="person")
OPERATOR = Actor.operator("op-1")


async def log(pair: Any) -> list[Any]:
    return [*await pair.birth.engine.people.access_log(PERSON)]


async def sub_case(pair: Any, case: Any) -> Any:
    return (await pair.birth.engine.case(case.id)).sub_cases[STEP]


def fathers(pair: Any, **more: Any) -> ConsentGiven:
    return ConsentGiven(by="陆舟", at=pair.clock.now(), proof=digest_bytes(b"I agree"), **more)


async def test_the_fathers_word_is_not_the_mothers(pair: Any) -> None:
    async with pair.open():
        plan = pair.plan()
        (crossing,) = await pair.birth.engine.people.crossings(plan)
        assert crossing.parties == (FATHER,)
        with pytest.raises(FormIncompleteError) as caught:
            await pair.apply(plan, consents={})
        assert set(caught.value.problems) == {f"consents.{OWN}"}
        with pytest.raises(FormIncompleteError, match="before they agree"):
            await pair.apply(plan, consents={OWN: ConsentDeclined(), FATHER: ConsentDeclined()})
        case = await pair.apply(plan, consents={OWN: ConsentDeclined()})
        await pair.carry(minutes=3)
        assert pair.home.filed == {}
        assert await log(pair) == []
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        await pair.birth.engine.people.give_consent(case.id, OWN, agreed)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        (sent, *_) = await log(pair)
        assert (sent.kind, sent.consent) == ("sent", f"{OWN}, {FATHER}")
        people = pair.birth.engine.people
        assert await people.agreed_text(case.id, OWN) == crossing.statement()
        assert await people.agreed_text(case.id, FATHER) is None, "who took it keeps his"


async def test_nor_is_hers_his(pair: Any) -> None:
    async with pair.open():
        people = pair.birth.engine.people
        case = await pair.apply_held(pair.apply())
        await people.withdraw_consent(case.id, FATHER)
        await pair.certify()
        await pair.carry(minutes=3)
        now = await pair.birth.engine.case(case.id)
        assert now.sub_cases["birth_certificate-1"].status is SubCaseStatus.GRANTED
        assert pair.home.filed == {}
        await people.refuse_consent(case.id, FATHER)
        standing = await pair.birth.engine.standing(case.id)
        (awaited,) = standing.awaited
        assert (awaited.consent_id, awaited.is_own, awaited.state) == (FATHER, False, "refused")
        assert STEP in awaited.sub_case_ids
        await people.give_consent(case.id, FATHER, fathers(pair))
        await pair.carry(minutes=8)
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        assert (await pair.birth.engine.standing(case.id)).awaited == ()


async def test_what_either_leaves_out_does_not_go(pair: Any) -> None:
    async with pair.open():
        plan = pair.plan()
        (crossing,) = await pair.birth.engine.people.crossings(plan)
        hers = crossing.agreed(by="何静", at=pair.clock.now())
        hers = replace(hers, fields=tuple(one for one in hers.fields if one != "phone"))
        his = fathers(pair, fields=tuple(one for one in crossing.fields if one != "ethnicity"))
        await pair.apply(plan, consents={OWN: hers, FATHER: his})
        await pair.carry(minutes=4)
        (sent, *_) = await log(pair)
        assert not {"phone", "ethnicity"} & {*sent.names}
        assert not {*sent.names} & {*crossing.materials}, "he named fields, and no material"
        assert {*sent.names} <= {*crossing.fields}


async def corrected(pair: Any, **more: Any) -> Any:
    """Return a case whose office over there asks for the telephone number once more."""
    asked = CorrectionRequested(fields=("phone",), note="unreadable", due_on=date(2026, 10, 30))
    pair.home.decide["birth_registration"] = lambda _: (Accepted(), asked)
    case = await pair.apply(**more)
    await pair.carry()
    return await pair.birth.engine.case(case.id)


async def test_an_answer_names_no_more_than_they_let_go(pair: Any) -> None:
    async with pair.open():
        people = pair.birth.engine.people
        plan = pair.plan(two_parents=False)
        case = await corrected(pair, plan=plan)
        (correction,) = case.corrections
        (crossing,) = await people.crossings(plan)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        less = replace(agreed, fields=tuple(one for one in agreed.fields if one != "phone"))
        await people.give_consent(case.id, OWN, less)
        before = await pair.birth.engine.journal(case.id)
        phone = {"phone": "13800000032"}
        with pytest.raises(UnsharedError, match="phone") as caught:
            await pair.birth.engine.supplement(case.id, correction, fields=phone)
        assert (caught.value.names, caught.value.consents) == (("phone",), (OWN,))
        assert await pair.birth.engine.journal(case.id) == before
        noted = len(await log(pair))
        await people.give_consent(case.id, OWN, agreed)
        await pair.birth.engine.supplement(case.id, correction, fields=phone)
        await pair.carry()
        answered = (await log(pair))[noted]
        assert (answered.names, answered.consent) == (("phone",), OWN)
        await pair.birth.replays(case.id)


async def test_a_step_that_comes_home_waits_for_nobodys_consent(pair: Any) -> None:
    async with pair.open():
        plan = pair.plan(two_parents=False)
        case = await pair.apply(plan, consents={OWN: ConsentDeclined()})
        await pair.carry(minutes=3)
        assert (await sub_case(pair, case)).submission is None
        order = ReassignOrder(
            case_id=case.id, sub_case_id=STEP, department="public-security", region="970301"
        )
        await pair.birth.engine.operators.act(order, by=OPERATOR, why="they moved back")
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        assert await log(pair) == []
        assert (await pair.birth.engine.standing(case.id)).awaited == ()
        await pair.birth.replays(case.id)


async def test_what_was_filed_here_and_begins_anew_there_is_asked_for_first(pair: Any) -> None:
    """The family moves over the border while the office here has it, and then refuses to take it.

    What is filed again goes by the plan of the move: abroad, as nobody has agreed to yet.
    """
    async with pair.open():
        engine = pair.birth.engine
        pair.birth.decide["birth_registration"] = lambda _: Received()
        case = await pair.apply(pair.plan(two_parents=False, home_region="970301"))
        await pair.carry(minutes=3)
        assert (await sub_case(pair, case)).submission is not None
        move = MigrateOrder(case_id=case.id, answers={"home_region": "980201"})
        await engine.operators.act(move, by=OPERATOR, why="they moved")
        standing = await engine.standing(case.id)
        assert standing.awaited == (), "the office here still has it"
        office = pair.birth.apps[(await sub_case(pair, case)).spec.department]
        name = (await sub_case(pair, case)).submission.submission_id
        await office.record(name, NotAccepted(reasons=("not a resident",)))
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.NOT_ACCEPTED
        await engine.file_again(case.id, STEP, by=OPERATOR, why="their new home decides")
        await pair.carry()
        sub = await sub_case(pair, case)
        assert (sub.spec.department, sub.status) == (OFFICE, SubCaseStatus.WAITING)
        assert pair.home.filed == {}
        assert await log(pair) == []
        (awaited,) = (await engine.standing(case.id)).awaited
        assert (awaited.consent_id, awaited.state) == (OWN, "awaited")
        (crossing,) = await engine.people.crossings_in(case.id)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        await engine.people.give_consent(case.id, OWN, agreed)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED


async def test_no_answer_stands_for_what_came_after_it(
    pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order moves the second child's step over the border while the first one is agreed to."""
    async with pair.open():
        engine, look = pair.birth.engine, Driver.hot
        case = await pair.apply_held(pair.apply_for_twins(home_region="970301"))
        first, second = (f"birth_registration-{number}" for number in (1, 2))

        async def order(step: str) -> None:
            given = ReassignOrder(
                case_id=case.id, sub_case_id=step, department=OFFICE, region="980201"
            )
            await engine.operators.act(given, by=OPERATOR, why="they moved")

        await order(first)
        (crossing,) = await engine.people.crossings_in(case.id)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())

        async def overtaken(self: Driver, case_id: str) -> Any:
            monkeypatch.setattr(Driver, "hot", look)
            seen = await look(self, case_id)
            await order(second)
            return seen

        monkeypatch.setattr(Driver, "hot", overtaken)
        with pytest.raises(FormIncompleteError, match="fewer steps"):
            await engine.people.give_consent(case.id, OWN, agreed)
        await pair.certify()
        await pair.carry()
        assert pair.home.filed == {}
        now = await engine.case(case.id)
        for step in (first, second):
            certificate = step.replace("registration", "certificate")
            assert now.sub_cases[certificate].status is SubCaseStatus.GRANTED
            assert now.people.unshared(step, OFFICE).end == "awaited"
            assert now.sub_cases[step].status is SubCaseStatus.WAITING
        (crossing,) = await engine.people.crossings_in(case.id)
        assert crossing.steps == (first, second)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        now = await engine.people.give_consent(case.id, OWN, agreed)
        assert now.people.lacking(second, OFFICE) == ()


@pytest.mark.parametrize("is_move", [True, False])
async def test_an_order_over_the_border_waits_for_the_father_too(
    pair: Any, *, is_move: bool
) -> None:
    """He agreed to the case as it was, at home; to the office over there nobody asked him."""
    async with pair.open():
        engine = pair.birth.engine
        case = await pair.apply_held(pair.apply(pair.plan(home_region="970301")))
        order = (
            MigrateOrder(case_id=case.id, answers={"home_region": "980201"})
            if is_move
            else ReassignOrder(
                case_id=case.id, sub_case_id=STEP, department=OFFICE, region="980201"
            )
        )
        await engine.operators.act(order, by=OPERATOR, why="they moved")
        await pair.certify()
        (crossing,) = await engine.people.crossings_in(case.id)
        hers = crossing.agreed(by="何静", at=pair.clock.now())
        await engine.people.give_consent(case.id, OWN, hers)
        await pair.carry()
        assert pair.home.filed == {}
        assert await log(pair) == []
        (awaited,) = (await engine.standing(case.id)).awaited
        assert (awaited.consent_id, awaited.state) == (FATHER, "awaited")
        assert awaited.sub_case_ids == (STEP,)
        his = crossing.agreed(by="陆舟", at=pair.clock.now())
        assert his.offices == (OFFICE,)
        await engine.people.give_consent(case.id, FATHER, his)
        await pair.carry()
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        (sent, *_) = await log(pair)
        assert sent.consent == f"{OWN}, {FATHER}"
        assert (await engine.standing(case.id)).awaited == ()
        if not is_move:  # of a move the earlier plan is not at hand there
            await pair.birth.replays(case.id)


async def test_the_fathers_word_for_another_office_is_none_for_this(pair: Any) -> None:
    async with pair.open():
        engine, plan = pair.birth.engine, pair.plan()
        (crossing,) = await engine.people.crossings(plan)
        elsewhere = replace(crossing, department="region-960000")
        his = elsewhere.agreed(by="陆舟", at=pair.clock.now())
        hers = crossing.agreed(by="何静", at=pair.clock.now())
        case = await pair.apply(plan, consents={OWN: hers, FATHER: his})
        await pair.carry(minutes=3)
        assert pair.home.filed == {}
        (awaited,) = (await engine.standing(case.id)).awaited
        assert (awaited.consent_id, awaited.state) == (FATHER, "awaited")
        assert awaited.text.en
        again = crossing.agreed(by="陆舟", at=pair.clock.now())
        await engine.people.give_consent(case.id, FATHER, again)
        await pair.carry(minutes=8)
        assert (await sub_case(pair, case)).status is SubCaseStatus.GRANTED
        await pair.birth.replays(case.id)
