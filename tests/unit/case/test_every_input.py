"""Every state meets every input: facts follow, or it is refused with a word on what to do."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from oneservice.canonical import Digest, parse_object
from oneservice.case import (
    APPLICANT,
    COUNTER_ROLES,
    ENGINE,
    RULES,
    Actor,
    AskWithdrawal,
    Event,
    FileAgain,
    Input,
    Role,
    TimePassed,
    clocks_of,
    due_date,
    evolve,
    findings_of,
    open_waits,
    outstanding,
    standing_of,
)
from oneservice.case.step_spec import Rung, Unit
from oneservice.errors import CaseError
from oneservice.plan import Plan, parse_plan

AT = datetime(2027, 3, 1, 2, tzinfo=UTC)
SOON = datetime(2026, 9, 30, 2, tzinfo=UTC)
SHA = Digest("sha256:" + "6" * 64)
PLAN_FILE = Path(__file__).resolve().parents[2] / "golden" / "plan" / "tea-kiosk.json"

STATES: dict[str, tuple[str, ...]] = {
    "filing": (),
    "received": ("received",),
    "accepted": ("received", "accepted"),
    "correction before": ("received", "correction_requested"),
    "correction after": ("received", "accepted", "correction_requested"),
    "suspended": ("received", "accepted", "suspended"),
    "extended": ("received", "accepted", "extended"),
    "pending material": ("received", "accepted", "granted_pending_material"),
    "granted": ("received", "accepted", "granted"),
    "revoked": ("received", "accepted", "granted", "result_revoked"),
    "refused": ("received", "accepted", "refused"),
    "not accepted": ("received", "not_accepted"),
    "withdrawn": ("received", "withdrawn"),
    "lapsed": ("received", "correction_requested", "lapsed"),
}
TURNS = ("withdrawal asked", "late", "escalated", "silent", "filed again", "reassigned", "halted")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return parse_plan(parse_object(PLAN_FILE.read_bytes(), max_bytes=2**24))


def in_state(name: str, begin: Callable[..., Any], step: Callable[..., Any]) -> Any:
    others = (step("sign", requires=("permit",)), step("bundle", kind="bundle"))
    match name:
        case "escalated":
            rung = Rung(level="city", office="city-office", days=3)
            life = begin(step(on_overdue="escalate", ladder=(rung,)), *others)
        case "silent":
            life = begin(step(on_overdue="deemed_granted"), *others)
        case "reassigned" | "halted":
            units = (Unit(duty="d2", department="second", region="990102"),)
            life = begin(step(accept_hours=4, units=units, max_returns=1), *others)
        case _:
            life = begin(step(), *others)
    for kind in STATES.get(name, ("received",)):
        life.told(kind, "09-28")
    turned(name, life)
    return life


def turned(name: str, life: Any) -> None:
    match name:
        case "withdrawal asked":
            life.give(AskWithdrawal(at=AT.replace(year=2026), sub_case_ids=("permit",)))
        case "late" | "escalated" | "silent":
            life.told("accepted", "09-28")
            life.wait("12-20")
        case "filed again":
            life.told("not_accepted", "09-29")
            by = Actor.operator("op-7")
            life.give(FileAgain(at=AT, sub_case_id="permit", by=by, why="mended"))
        case "reassigned" | "halted":
            life.told("not_accepted", "09-28", reasons=[{"code": "not-competent"}])
            if name == "halted":
                life.told("received", "09-29")
                life.told("not_accepted", "09-29", reasons=[{"code": "not-competent"}])
                assert life.sub().halted


def sample(hint: Any, name: str, plan: Plan, *, whole: bool = False) -> Any:
    """Return some value for a member of an input, by its type hint; ``whole``: none is absent."""
    if name in ("sub_case_id", "sub_case_ids."):
        return "permit"
    if name == "region":
        return "990102"
    if hint is Any:
        return "x1"
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return parts[0]
    if origin in (typing.Union, types.UnionType):
        some = next(part for part in parts if part is not type(None))
        return (
            None
            if len(parts) > 1 and type(None) in parts and not whole
            else sample(some, name, plan, whole=whole)
        )
    if origin is tuple:
        has_one = whole or name == "messages"
        return (sample(parts[0], f"{name}.", plan, whole=whole),) if has_one else ()
    if origin in (Mapping, dict):
        return {}
    return plain(getattr(hint, "__supertype__", hint), hint, plan, whole=whole)


def plain(kind: Any, hint: Any, plan: Plan, *, whole: bool) -> Any:
    if hint is Digest:
        return SHA
    known: dict[Any, Any] = {str: "x1", int: 1, bool: False, datetime: AT, date: date(2027, 3, 1)}
    if kind in known:
        return known[kind]
    if kind is Actor:
        return Actor.operator("op-7")
    if kind is Plan:
        return plan
    if isinstance(kind, type) and hasattr(kind, "__members__"):
        return next(iter(kind))
    return filled(kind, plan, whole=whole)


def filled(kind: Any, plan: Plan, *, whole: bool = False) -> Any:
    hints = typing.get_type_hints(kind)
    members = [one for one in dataclasses.fields(kind) if one.init]
    return kind(
        **{one.name: sample(hints[one.name], one.name, plan, whole=whole) for one in members}
    )


KINDS = typing.get_args(Input)


@pytest.mark.parametrize("state", [*STATES, *TURNS])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_state_meets_every_kind_of_input(
    begin: Any, step: Any, plan: Plan, state: str, kind: type
) -> None:
    life = in_state(state, begin, step)
    before, told = life.case, len(life.events)
    try:
        events = life.give(filled(kind, plan))
    except CaseError as error:
        assert life.case is before
        assert len(str(error)) > len("permit: not now")  # noqa: PT017 - refused or not, by the state
        return
    assert len(life.events) == told + len(events)
    looked_at(life, plan)


@pytest.mark.parametrize("state", [*STATES, *TURNS])
def test_in_every_state_every_wait_has_an_end_and_a_way_out(
    begin: Any, step: Any, plan: Plan, state: str
) -> None:
    life = in_state(state, begin, step)
    looked_at(life, plan)
    life.give(TimePassed(at=AT))
    looked_at(life, plan)
    assert life.give(TimePassed(at=AT)) == (), "what has ended is recorded once"


def looked_at(life: Any, plan: Plan) -> None:
    """Whatever is asked of a state has an answer, and the same one each time."""
    case, calendar = life.case, life.calendar
    waits = open_waits(case, calendar)
    names = {kind.__name__ for kind in KINDS} | {"StatusRead"}
    for one in waits:
        assert one.ends_by
        assert set(one.ends_by) <= names
        assert one.until.tzinfo is not None
    if case.outcome is None:
        waiting = {one.sub_case_id for one in waits}
        assert {sub.id for sub in case.sub_cases.values() if not sub.is_decided} <= waiting
    assert outstanding(case, calendar) == outstanding(case, calendar)
    found = findings_of(case, life_plan(), calendar=calendar)
    assert found == findings_of(case, life_plan(), calendar=calendar)
    standing = standing_of(case, plan, on=AT.date(), calendar=calendar)
    assert len(standing.stands) + len(standing.missing) == len(case.sub_cases) - 1


def life_plan() -> Any:
    return dataclasses.make_dataclass("NoPlan", [("steps", tuple, ())])()  # type: ignore[misc]


def test_evolve_is_total_for_the_facts_of_limits_and_attempts(
    begin: Any, step: Any, plan: Plan
) -> None:
    """A recorded fact is never refused, in whatever state it is told again."""
    own = [kind for kind in typing.get_args(Event) if kind.__module__.endswith("law_events")]
    assert own
    for state in STATES:
        life = in_state(state, begin, step)
        for kind in own:
            event = filled(kind, plan)
            after = evolve(life.case, event, case_id="c1")
            assert after.seq == life.case.seq + 1


# --- the answers, whole ------------------------------------------------------------------------

TOLD = (
    *("received", "accepted", "not_accepted", "correction_requested", "correction_received"),
    *("suspended", "resumed", "extended", "progress", "granted", "granted_pending_material"),
    *("material_received", "refused", "withdrawal_requested", "withdrawal_refused", "withdrawn"),
    *("lapsed", "result_replaced", "result_revoked"),
)


def test_the_answers_do_not_move(begin: Any, step: Any, plan: Plan, golden: Any) -> None:
    """What each state says to each input: facts and what they change, or a sentence that refuses.

    A changed rule or sentence shows here as the lines that it moves. To write the table anew,
    delete the file and run this test.
    """
    asked: dict[str, Callable[[Any], Any]] = {}
    for kind in KINDS:
        bare, full = filled(kind, plan), filled(kind, plan, whole=True)
        asked[kind.__name__] = lambda life, given=bare: life.give(fitting(given, life))
        asked[f"{kind.__name__}, in full"] = lambda life, given=full: life.give(
            fitting(dataclasses.replace(given, at=SOON), life)
        )
    for told in TOLD:
        asked[f"told {told}"] = lambda life, told=told: report(life, told)
    lines: list[str] = []
    for name, ask in asked.items():
        states: dict[str, list[str]] = {}
        for state in (*STATES, *TURNS):
            states.setdefault(golden.answer(in_state(state, begin, step), ask), []).append(state)
        lines.append(f"== {name}")
        for said, where in states.items():
            lines += [f"{', '.join(where)}:", *said.splitlines()]
    golden.compare("inputs.txt", lines)


def test_what_each_state_shows_does_not_move(
    begin: Any, step: Any, plan: Plan, golden: Any
) -> None:
    """Commands, waits, clocks, findings and the standing of each state, two weeks and long after.

    To write it anew, delete the file and run this test.
    """
    lines: list[str] = []
    for name in (*STATES, *TURNS):
        life = in_state(name, begin, step)
        lines.append(f"== {name}")
        lines += shown(life, date(2026, 10, 13), plan, golden.write)
        if life.case.outcome is None:
            life.give(TimePassed(at=AT))
        lines += ["-- later", *shown(life, AT.date(), plan, golden.write)]
    golden.compare("states.txt", lines)


def fitting(given: Any, life: Any) -> Any:
    """Return ``given`` with the ids of the case, from somebody who may give it."""
    sub = life.sub()
    known: dict[str, Any] = {
        "submission_id": sub.submission.submission_id if sub.submission else "c1.permit.1",
        "message_id": sub.submission.submission_id if sub.submission else "c1.permit.1",
        "by": may_give(type(given)),
    }
    names = {one.name for one in dataclasses.fields(given)}
    return dataclasses.replace(given, **{one: known[one] for one in names & known.keys()})


def may_give(kind: type) -> Actor:
    roles = RULES[kind].roles if kind in RULES else COUNTER_ROLES.get(kind, frozenset(Role))
    people = (APPLICANT, Actor.clerk("w-12"), Actor.officer("of-4"), Actor.operator("op-7"), ENGINE)
    return next(one for one in people if one.role in roles)


def report(life: Any, kind: str) -> Any:
    life.file("12-20")
    if life.sub().submission is None:
        return ()  # nothing was filed that a department could speak of
    return life.told(kind, "12-21")


def shown(life: Any, on: date, plan: Plan, written: Callable[[Any], str]) -> list[str]:
    case, calendar, sub = life.case, life.calendar, life.sub()
    limits: Any = ("notice", "promised", "statutory")
    return [
        *(f"  ! {type(one).__name__} {written(one)}" for one in outstanding(case, calendar)),
        *(f"  wait {written(one)}" for one in open_waits(case, calendar)),
        *(f"  finding {written(one)}" for one in findings_of(case, plan, calendar=calendar)),
        *(f"  {one} {due_date(sub, one, calendar)}" for one in limits),
        f"  clocks {written(clocks_of(sub, on=on, calendar=calendar))}",
        f"  standing {written(standing_of(case, plan, on=on, calendar=calendar))}",
    ]
