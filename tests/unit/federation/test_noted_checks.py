"""A question across the border is noted each time, and only where it is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oneservice import Applicant
from oneservice.canonical import canonical
from oneservice.case import ConsentGiven
from oneservice.catalog import load_answers
from oneservice.clocks import VirtualClock
from oneservice.engine.access_log import AccessLog
from oneservice.engine.border import Border
from oneservice.runtimes import SqliteStore

OFFICE = "region-980200"
OWN = f"applicant.{OFFICE}"
STEP = "birth_registration-1"
PERSON = Applicant(name="何静", code="97030119940312004X", kind="person")


async def test_what_the_office_does_not_offer_is_neither_asked_nor_noted(pair: Any) -> None:
    async with pair.open():
        engine = pair.birth.engine
        plan = pair.plan(two_parents=False)
        (crossing,) = await engine.people.crossings(plan)
        agreed = crossing.agreed(by="何静", at=pair.clock.now())
        assert isinstance(agreed, ConsentGiven)
        given = load_answers(pair.example)
        names = {one.group or one.id for one in plan.form if one.value is None}
        fields = {
            name: one[:1] if isinstance(one, (list, tuple)) else one
            for name, one in given.fields.items()
            if name in names
        }
        report = await engine.check(plan, PERSON, fields=fields, consents={OWN: agreed})
        assert {one.why for one in report.unasked if one.sub_case_id == STEP} <= {
            "not-offered",
            "waits",
        }
        assert await engine.people.access_log(PERSON) == ()


async def test_each_question_is_noted_for_itself(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "cases.db")
    clock = VirtualClock(datetime(2026, 9, 28, 1, tzinfo=UTC))
    try:
        border = Border(store, clock, [OFFICE])
        body = canonical({"fields": {"phone": "1"}, "consents": [{"id": OWN}]})
        for _ in range(2):
            await border.checking(PERSON, OFFICE, body, purpose="newborn")
            await border.checking(PERSON, "at-home", body, purpose="newborn")
            clock.advance(timedelta(days=2))
        first, second = await AccessLog(store).entries(PERSON)
        assert (first.names, first.consent, second.names) == (("phone",), OWN, ("phone",))
        assert second.at - first.at == timedelta(days=2)
        assert first.reference != second.reference
    finally:
        await store.close()
