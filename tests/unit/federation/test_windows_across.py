"""A window here receives for an office there: both regions tell the same two instants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from oneservice import Applicant
from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.case import Actor, IdentityCheck, Recorded, read_record
from oneservice.departments import Accepted, HttpDepartments, Received
from oneservice.errors import DepartmentContractError
from oneservice.relying import Replayed, replay_records
from oneservice.workdays import announced_calendar

STEP = "birth_registration-1"
OFFICE = "region-980200"
PERSON = Applicant(name="何静", code="97030119940312004X", kind="person")


async def at_the_window(pair: Any) -> Any:
    """Hand in at a hall of the region of birth, which looks at form and identity."""
    plan = pair.plan(origin=pair.birth.name)
    look = pair.birth.engine.counter.elsewhere.look(
        plan,
        steps=[STEP],
        region=pair.birth.name,
        place="hall-1/w-3",
        identity=IdentityCheck.READER,
        by=Actor.clerk("w-3"),
    )
    return await pair.apply(plan, received=look)


async def test_both_regions_tell_the_same_two_instants(pair: Any) -> None:
    pair.home.decide["birth_registration"] = lambda _: Received()
    async with pair.open():
        case = await at_the_window(pair)
        received_at = pair.clock.now()
        await pair.carry()
        pair.clock.advance(timedelta(days=1))
        (home,) = await pair.home.engine.cases()
        (filed,) = pair.home.filed["birth_registration"]
        # The officer who decides sees it; only what that officer says begins a limit.
        assert filed.body.window_received_at == write_instant(received_at)
        await pair.home.apps["public-security"].record(filed.id, Accepted())
        accepted_at = pair.clock.now()
        await pair.carry()
        (here,) = await pair.birth.engine.counter.elsewhere.handed_in(case.id)
        (there,) = await pair.home.engine.counter.elsewhere.handed_in(home.case_id)
        assert here.received_at == there.received_at == received_at
        assert here.accepted_at == there.accepted_at == accepted_at
        assert there.receipt.region == pair.birth.name
        assert (there.receipt.office, there.check) == (f"region-{pair.birth.name}", None)
        assert (here.receipt, here.check.place) == (None, "hall-1/w-3")
        entry = (await pair.home.engine.people.access_log(PERSON))[0]
        assert (entry.kind, entry.received_at) == ("filed", received_at)


async def test_the_instant_stands_in_the_record_and_replays(pair: Any) -> None:
    async with pair.open():
        await at_the_window(pair)
        received_at = pair.clock.now()
        await pair.carry()
        (home,) = await pair.home.engine.cases()
        journal = await pair.home.engine.journal(home.case_id)
        told = parse_object(journal[0])["data"]["receipt"]
        assert read_instant(told["received_at"]) == received_at
        records: list[Recorded] = []
        for seq, line in enumerate(journal, 1):
            prev = records[-1].digest if records else None
            records.append(read_record(line, case_id=home.case_id, seq=seq, prev=prev))
        plan = await pair.home.engine.plan_of(home.case_id)
        replay = replay_records(
            home.case_id, records, plans={plan.digest: plan}, calendar=announced_calendar()
        )
        assert replay.stopped_at is None
        assert {one.result for one in replay.records} <= {Replayed.DECIDED, Replayed.TAKEN}
        assert replay.records[0].result is Replayed.DECIDED


@pytest.mark.parametrize("ahead_s", [299, 301])
async def test_nobody_receives_in_the_future(pair: Any, ahead_s: int) -> None:
    told = pair.clock.now() + timedelta(seconds=ahead_s)
    body = {
        "case_id": "c1",
        "step_id": "birth_registration",
        "attempt": 1,
        "applicant": {"kind": "person", "name": PERSON.name, "code": PERSON.code},
        "fields": {"child_name": "陆小禾"},
        "window_received_at": write_instant(told),
        "consents": [{"id": "k1", "scope": "newborn"}],
    }
    async with (
        pair.open(),
        HttpDepartments({OFFICE: pair.way}, clock=pair.clock) as departments,
    ):
        name = "c1.birth_registration.1"
        if ahead_s > 300:
            with pytest.raises(DepartmentContractError) as caught:
                await departments.submit(OFFICE, name, canonical(body))
            assert caught.value.problem == "invalid-submission"
            assert await pair.home.engine.people.access_log(PERSON) == ()
        else:
            read = await departments.submit(OFFICE, name, canonical(body))
            assert read.events[0].type == "received"
