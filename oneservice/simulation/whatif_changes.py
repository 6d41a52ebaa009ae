"""What a manager may change, in words: ``fire inspectors +1``, ``tobacco refusal rate 5 %``.

The grammar is small on purpose: one line, one change, and whatever is not understood is answered
with the list of what could be changed there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from oneservice.catalog import AnswerType, EffectiveThing, did_you_mean
from oneservice.errors import ChangeUnknownError
from oneservice.simulation.offices_chance import Always
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.offices_steps import StepParameters
from oneservice.simulation.whatif_population import Population

__all__ = ["EXAMPLES", "Scenario", "changed_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who comes, how many of them on a working day, and how the offices work."""

    thing: EffectiveThing
    population: Population
    parameters: Parameters
    cases_per_day: int


EXAMPLES: Final = (
    "OFFICE inspectors +1",
    "OFFICE desks = 6",
    "ONE_THING QUESTION = VALUE",
    "STEP correction rate 10 %",
    "STEP inspection minutes 90",
    "joint inspection off",
    "cases per day 50",
)
"""One of each kind."""
_RATES: Final = {
    "correction": "correction",
    "late correction": "correction_after",
    "non-acceptance": "not_accepted",
    "refusal": "refused",
    "tolerance": "tolerated",
    "silence": "silent",
    "extension": "extended",
    "late decision": "late",
}
_STAFF: Final = "inspectors|desks"
_WORK: Final = "intake|review|inspection"
_MOST_STAFF: Final = 10_000
_LONGEST_MIN: Final = 10_000

_Match = re.Match[str]
_Apply = Callable[[Scenario, _Match], Scenario]


def changed_by(scenario: Scenario, change: str) -> Scenario:
    """Return ``scenario`` with one change in words.

    Raises:
        ChangeUnknownError: it is not understood, or names what there is not; ``choices`` are the
            names that could stand there.
    """
    words = " ".join(change.split())
    for pattern, apply in _FORMS:
        found = pattern.fullmatch(words)
        if found is not None:
            return apply(scenario, found)
    msg = f"{change!r} is no change; write one of: {'; '.join(EXAMPLES)}"
    raise ChangeUnknownError(msg, choices=EXAMPLES)


def _staff(scenario: Scenario, found: _Match) -> Scenario:
    """``fire-rescue inspectors +1``: one more, or ``= 4``: so many."""
    parameters = scenario.parameters
    office = _named(found["office"], parameters.departments, "office")
    role, now = found["role"], parameters.office(office)
    before: int | None = getattr(now, role)
    given = int(found["number"])
    if found["sign"] in ("+", "-") and before is None:
        msg = f"{office} has as many {role} as it needs; set a number first: {office} {role} = 3"
        raise ChangeUnknownError(msg, choices=(f"{office} {role} = 3",))
    after = {"+": (before or 0) + given, "-": (before or 0) - given}.get(found["sign"], given)
    if not 1 <= after <= _MOST_STAFF:
        msg = f"{office} would have {after} {role}; at least 1 must stay, and at most {_MOST_STAFF}"
        raise ChangeUnknownError(msg)
    staff = OfficeParameters(**{"desks": now.desks, "inspectors": now.inspectors, role: after})
    return _with(scenario, replace(parameters, offices={**parameters.offices, office: staff}))


def _no_staff(_scenario: Scenario, found: _Match) -> Scenario:
    """``fire-rescue inspector +1``: a name of people that there is not."""
    roles = tuple(_STAFF.split("|"))
    msg = f"{found.string}: there are no {found['role']!r}{did_you_mean(found['role'], roles)}"
    raise ChangeUnknownError(msg, choices=roles)


def _answer(scenario: Scenario, found: _Match) -> Scenario:
    """``restaurant fire_track = commitment``: everybody who is asked answers so."""
    definition = scenario.thing.thing
    _named(found["thing"], (definition.id,), "one-thing")
    question = _named(found["question"], (one.id for one in definition.situations), "question")
    situation = next(one for one in definition.situations if one.id == question)
    value: str | bool = found["value"]
    if situation.choices:
        value = _named(found["value"], (one.value for one in situation.choices), "answer")
    elif situation.type is AnswerType.BOOL:
        value = _named(found["value"], ("true", "false"), "answer") == "true"
    return replace(scenario, population=scenario.population.answering(question, value))


def _rate(scenario: Scenario, found: _Match) -> Scenario:
    """``food_permit correction rate 10 %``."""
    name = _RATES[_named(found["rate"], _RATES, "rate")]
    per_mille = int(Decimal(found["percent"]) * 10)

    def change(step: StepParameters) -> StepParameters:
        try:
            return replace(step, rates=replace(step.rates, **{name: per_mille}))
        except ValueError as error:
            raise ChangeUnknownError(f"{found.string}: {error}") from None

    return _with_step(scenario, found["step"], change)


def _minutes(scenario: Scenario, found: _Match) -> Scenario:
    """``food_permit inspection minutes 90``: the whole visit, way included, or work at a desk."""
    minutes = Always(min(int(found["number"]), _LONGEST_MIN))

    def change(step: StepParameters) -> StepParameters:
        match found["work"]:
            case "intake":
                return replace(step, intake=minutes)
            case "review":
                return replace(step, review=minutes)
            case _:
                if step.inspection is None:
                    msg = f"nobody goes out for {found['step']}; its intake or review takes minutes"
                    raise ChangeUnknownError(msg, choices=("intake", "review"))
                return replace(step, inspection=replace(step.inspection, minutes=minutes))

    return _with_step(scenario, found["step"], change)


def _joint(scenario: Scenario, found: _Match) -> Scenario:
    """``joint inspection off``: every office comes for itself."""
    group = scenario.thing.thing.joint_inspection
    groups = (group,) if found["switch"] == "on" and len(group) > 1 else ()
    return _with(scenario, replace(scenario.parameters, joint_inspections=groups))


def _cases(scenario: Scenario, found: _Match) -> Scenario:
    """``cases per day 50``: the staff stays as it was."""
    cases = int(found["number"])
    if not cases:
        msg = "at least 1 case comes on a working day"
        raise ChangeUnknownError(msg)
    return replace(scenario, cases_per_day=cases)


_FORMS: Final[tuple[tuple[re.Pattern[str], _Apply], ...]] = tuple(
    (re.compile(pattern), apply)
    for pattern, apply in (
        (r"cases per day =? ?(?P<number>\d{1,6})", _cases),
        (r"joint inspections? (?P<switch>on|off)", _joint),
        (
            rf"(?P<office>\S+) (?P<role>{_STAFF}) ?(?P<sign>[+=-]) ?(?P<number>\d{{1,5}})",
            _staff,
        ),
        (r"\S+ (?P<role>inspector|desk|\S+?(?= ?[+-])) ?[+=-] ?\d{1,5}", _no_staff),
        (
            r"(?P<step>\S+) (?P<rate>[a-z][a-z -]*?) rate =? ?(?P<percent>\d{1,3}(?:\.\d)?) ?%",
            _rate,
        ),
        (
            rf"(?P<step>\S+) (?P<work>{_WORK}) minutes =? ?(?P<number>\d{{1,5}})",
            _minutes,
        ),
        (r"(?P<thing>\S+) (?P<question>\S+) ?= ?(?P<value>\S+)", _answer),
    )
)


def _with(scenario: Scenario, parameters: Parameters) -> Scenario:
    return replace(scenario, parameters=parameters)


def _with_step(
    scenario: Scenario, name: str, change: Callable[[StepParameters], StepParameters]
) -> Scenario:
    parameters = scenario.parameters
    step = _named(name, (one.id for one in scenario.thing.thing.steps), "step")
    steps = {**parameters.steps, step: change(parameters.step(step))}
    return _with(scenario, replace(parameters, steps=steps))


def _named(text: str, choices: Iterable[str], kind: str) -> str:
    """Return the one of ``choices`` that ``text`` is, or begins like no other does."""
    known = sorted(choices)
    if text in known:
        return text
    alike = [one for one in known if one.startswith(text)]
    if len(alike) == 1:
        return alike[0]
    msg = f"there is no {kind} {text!r}; there are: {', '.join(known)}"
    raise ChangeUnknownError(msg, choices=tuple(known))
