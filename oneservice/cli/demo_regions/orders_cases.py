"""Orders about cases: a newborn's, and how all of them are carried on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from oneservice.canonical import digest_bytes
from oneservice.case import Applicant, Case, ConsentGiven
from oneservice.catalog import load_answers
from oneservice.cli.demo_regions.keys import BIRTH, HOME
from oneservice.cli.demo_regions.region import Region
from oneservice.cli.demo_scripts import example

__all__ = ["ORDERS"]

_TURNS: Final = 3
_UNASKED: Final = ("wants_card", "care_costs", "mother_insured_in", "settled_at_discharge")


async def apply(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Hand in for a newborn whose parents live in another region; repeated, it is the same case."""
    given = load_answers(example("newborn.yaml"))
    told = {"born_in": BIRTH, "home_region": HOME, "children": 1, "wants_insurance": False}
    answers = {**given.answers, **told, "mother_insured": "none"}
    for name in _UNASKED:
        answers.pop(name, None)
    plan = region.engine.plan("newborn", answers=answers)
    names = {one.group or one.id for one in plan.form if one.value is None}
    consent = ConsentGiven(
        by="陆舟",
        at=region.clock.now(),
        proof=digest_bytes(b"I agree"),
        until=date(2026, 12, 31),
    )
    own = {
        one.consent_id: one.agreed(by=given.applicant.name, at=region.clock.now())
        for one in await region.engine.people.crossings(plan)
    }
    case = await region.engine.submit(
        plan,
        Applicant(name=given.applicant.name, code=given.applicant.code, kind="person"),
        fields={name: one for name, one in given.fields.items() if name in names},
        consents={one.id: consent for one in plan.parties} | own,
        key="newborn",
    )
    routed = {one.id: (one.department, one.region) for one in plan.steps}
    return {"case": case.id, "steps": routed}


async def carry(region: Region, _: dict[str, Any]) -> dict[str, Any]:
    """Work for a moment; tell where the cases stand."""
    for _turn in range(_TURNS):
        await region.engine.progress()
        await region.office.pump()
    cases = [await region.engine.case(one.case_id) for one in await region.engine.cases()]
    return {"cases": {one.id: standing(one) for one in cases}}


def standing(case: Case) -> dict[str, Any]:
    """Return where a case stands: each step with the number of what was granted.

    ``missed_days``: the promise for the whole case, in working days, where it was not kept.
    """
    is_late = "promised" in case.course.passed
    return {
        "status": str(case.status),
        "missed_days": case.course.promised_days if is_late else None,
        "steps": {
            name: [str(sub.status), (sub.outcome or {}).get("number")]
            for name, sub in case.sub_cases.items()
        },
    }


async def bundle(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Return what was handed out, with the proofs of the log."""
    found = await region.engine.bundle(order["case"])
    return {"bundle": found.dump().decode("utf-8")}


async def read_log(region: Region, order: dict[str, Any]) -> dict[str, Any]:
    """Return what a person can read about who asked for their data."""
    person = Applicant(**order["person"], kind="person")
    entries = await region.engine.people.access_log(person)
    return {
        "entries": [
            {
                "by": one.by,
                "kind": one.kind,
                "purpose": one.purpose,
                "names": list(one.names),
                "consent": one.consent,
            }
            for one in entries
        ]
    }


ORDERS: Final[Mapping[str, Any]] = {
    "apply": apply,
    "carry": carry,
    "bundle": bundle,
    "access_log": read_log,
}
