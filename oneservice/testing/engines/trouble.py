"""P-71 to P-75: pace, lost answers, hostile ones, deaths, and what stays unknown."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from oneservice.testing.engines.hostile import HOSTILE, MOST_TAKEN
from oneservice.testing.engines.papers import Trap
from oneservice.testing.engines.stage import CANARY
from oneservice.testing.engines.table import broken, engine_statement, holds

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.faulty import FaultyDepartment
    from oneservice.testing.engines.hostile import Hostile
    from oneservice.testing.engines.stage import EngineTrial, Stage
    from oneservice.testing.engines.subject import CaseShown

__all__: list[str] = []

_PAUSE_S: Final = 1800
_NARROW: Final = 2
_CROWD: Final = 6
_DEADLINE_S: Final = 1.0
"""Short, since it is waited for; long enough that a busy machine answers within it."""
_GRACE_S: Final = 4.0
_DAYS_UNKNOWN: Final = 5
_MOST_REQUESTS: Final = 100


@engine_statement(
    "P-71",
    "Retry-After is obeyed and in_flight never exceeded",
    clause="12, 14",
    cure="Keep the instant before which a call is not repeated; queue before you connect.",
)
async def p71(trial: EngineTrial) -> None:
    """Push back for half an hour, as seconds and as a date; then file a crowd at a narrow door."""
    for status, code in ((503, "unavailable"), (429, "too-many-requests")):
        for is_date in (False, True):
            await _pushed_back(trial, status, code, is_date=is_date)
    async with trial.stage(in_flight=_NARROW, prepare=_says_narrow) as stage:

        async def slowly(_: Asked) -> bool:
            await asyncio.sleep(0.03)
            return False

        stage.permits.intrusion = slowly
        cases = [await stage.run.file(f"{CANARY}-{number}") for number in range(_CROWD)]
        await stage.hours(1)
        at = stage.permits.asked[-1]
        most = stage.permits.most_busy
        holds(most <= _NARROW, f"{most} requests were under way at once, {_NARROW} are allowed", at)
        for case_id in cases:
            found = await stage.step(case_id)
            holds(found.state == "received", f"of a crowd one step is {found.state}", at)


def _says_narrow(one: FaultyDepartment, _: FaultyDepartment) -> None:
    one.capabilities = {"limits": {"in_flight": _NARROW}}


async def _pushed_back(trial: EngineTrial, status: int, code: str, *, is_date: bool) -> None:
    async with trial.stage(course=("accepted",)) as stage:

        async def push(asked: Asked) -> bool:
            if not asked.is_filing or len(stage.permits.filings) > 1:
                return False
            fields = {"Retry-After": str(_PAUSE_S)}
            if is_date:
                until = stage.run.now().timestamp() + _PAUSE_S
                at = stage.run.now().fromtimestamp(until, stage.run.now().tzinfo)
                fields = {"Retry-After": format_datetime(at, usegmt=True)}
                fields["Date"] = format_datetime(stage.run.now(), usegmt=True)
            await asked.problem(status, code, fields)
            return True

        stage.permits.intrusion = push
        case_id = await stage.filed()
        await stage.hours(4)
        first, *others = stage.permits.filings
        holds(others, f"a filing that was answered {status} is not repeated", first)
        waited = (others[0].at - first.at).total_seconds()
        holds(waited >= _PAUSE_S, f"it came again after {waited:.0f} s of {_PAUSE_S}", others[0])
        found = await stage.step(case_id)
        holds(found.state == "accepted", f"after {status} the step is {found.state}", others[-1])


@engine_statement(
    "P-72",
    "after a time-out the submission is read before it is repeated",
    clause="4, 12",
    cure="Treat a lost answer as unknown: GET the submission, then adopt it or send it again.",
)
async def p72(trial: EngineTrial) -> None:
    """Answer nothing to a filing: once it was recorded, once it was not; then break off."""
    for how in ("recorded", "not recorded", "reset", "500"):
        async with trial.stage(course=("accepted",), deadline_s=_DEADLINE_S) as stage:
            stage.permits.intrusion = _losing(stage, how)
            case_id = await stage.filed()
            await stage.hours(3)
            about = [one for one in stage.permits.asked if one.submission_id]
            holds(about[1:], "nothing follows a filing that had no answer", about[0])
            holds(about[1].is_reading, f"{how}: the filing is repeated before a read", about[1])
            found = await stage.step(case_id)
            holds(found.state == "accepted", f"{how}: the step is {found.state}", about[-1])
            is_repeated = len(stage.permits.filings) > 1
            is_lost = how in {"not recorded", "reset", "500"}
            holds(is_repeated == is_lost, f"{how}: filed {len(stage.permits.filings)} times")


def _losing(stage: Stage, how: str) -> Any:
    async def lose(asked: Asked) -> bool:
        if not asked.is_filing or len(stage.permits.filings) > 1:
            return False
        match how:
            case "reset":
                asked.reset()
            case "500":
                await asked.problem(500, "internal")
            case _:
                if how == "recorded":
                    stage.permits.take_in(asked.submission_id, asked.body)
                await asked.silence()
        return True

    return lose


@engine_statement(
    "P-73",
    "hostile answers end within the deadline and the memory limit, and the client still works",
    clause="12, 14",
    cure="One deadline for the whole exchange, one budget of bytes below the HTTP library.",
)
async def p73(trial: EngineTrial) -> None:
    """Answer a filing in every hostile way there is, one case each, and then behave."""
    names = list(HOSTILE)
    for first in range(0, len(names), 4):
        some = names[first : first + 4]
        cases = (_survived(trial, name, HOSTILE[name]) for name in some)
        for found in await asyncio.gather(*cases, return_exceptions=True):
            if found is not None:
                raise found


async def _survived(trial: EngineTrial, name: str, hostile: Hostile) -> None:
    opened = trial.stage(course=("accepted",), deadline_s=_DEADLINE_S)
    async with Trap().listening() as trap, opened as stage:
        taken, over = [0], asyncio.Event()

        async def attack(asked: Asked) -> bool:
            if not asked.is_filing or len(stage.permits.filings) > 1:
                return False
            asked.failure = f"{name}, until the engine hung up"
            began_s = time.monotonic()
            try:
                await hostile(asked, taken, trap.url)
            finally:
                taken.append(int(1000 * (time.monotonic() - began_s)))
                over.set()
            return True

        stage.permits.intrusion = attack
        case_id = await stage.filed()
        if not stage.permits.filings:  # a machine so busy that not even the connection was made
            await stage.until_asked(lambda one: one.is_filing)
        filing = stage.permits.filings[0]
        limit_ms = int(1000 * (_DEADLINE_S + _GRACE_S))
        try:
            async with asyncio.timeout(_GRACE_S):
                await over.wait()  # whoever drips notices a little later that nobody listens
        except TimeoutError:
            broken(f"{name}: the engine still holds the connection", filing)
        holds(taken[-1] <= limit_ms, f"{name}: it took {taken[-1]} ms", filing)
        holds(taken[0] <= MOST_TAKEN, f"{name}: {taken[0]} bytes were taken in", filing)
        holds(not trap.visits, f"{name}: a redirect was followed", filing)
        found = await stage.step(case_id)
        holds(found.state in {"filing", "waiting"}, f"{name}: it made the step {found.state}")
        await stage.hours(6)
        found = await stage.step(case_id)
        holds(found.state == "accepted", f"{name}: afterwards the step is {found.state}", filing)


@engine_statement(
    "P-74",
    "a crash at any point ends in the same case",
    clause="12",
    cure="Journal the intent before the send; derive what is outstanding from the journal.",
)
async def p74(trial: EngineTrial) -> None:
    """Kill the engine at each request that it makes: before its effect, and after."""
    wanted, _ = await _killed_at(trial, 0, takes_effect=False)
    for takes_effect in (False, True):
        for number in range(1, _MOST_REQUESTS):
            found, count = await _killed_at(trial, number, takes_effect=takes_effect)
            when = "after" if takes_effect else "before"
            what = f"killed {when} the effect of request {number}"
            holds(found == wanted, f"{what}, the case ended as {found}, not as {wanted}")
            if count < number:
                break  # nobody was killed: the story has no more requests


class _Nowhere:
    """A writer whose words nobody hears."""

    def write(self, _: bytes) -> None:
        """Lose it."""

    async def drain(self) -> None:
        """Have nothing to wait for."""


async def _killed_at(trial: EngineTrial, number: int, *, takes_effect: bool) -> tuple[object, int]:
    async with trial.stage(course=("accepted",)) as stage:
        asked_so_far = 0

        def killing(department: FaultyDepartment) -> Any:
            async def kill(asked: Asked) -> bool:
                nonlocal asked_so_far
                asked_so_far += 1
                if asked_so_far != number:
                    return False
                if takes_effect:
                    unheard: Any = _Nowhere()
                    await department.behave(replace(asked, writer=unheard))
                stage.dying.set()
                await asked.silence()
                return True

            return kill

        for one in (stage.permits, stage.records):
            one.intrusion = killing(one)
        case_id = await stage.filed(document=b"%PDF-1.7 a sketch")
        await stage.hours(3)
        stage.tell("granted")
        await stage.hours(3)
        filed = {one.department: len(one.book.filed) for one in (stage.permits, stage.records)}
        holds(set(filed.values()) == {1}, f"request {number}: filed {filed}")
        bytes_sent = {one.body for one in stage.permits.filings}
        holds(len(bytes_sent) == 1, f"request {number}: a repeat had other bytes")
        return _end(await stage.case(case_id)), asked_so_far


def _end(shown: CaseShown) -> object:
    return shown.has_ended, {
        name: (one.state, tuple(kind for _, kind, _ in one.events), one.is_frozen)
        for name, one in shown.steps.items()
    }


@engine_statement(
    "P-75",
    "an unknown outcome never becomes a refusal",
    clause="4, 12",
    cure="Let unknown be a state of its own: read on, tell people, give it no end by itself.",
)
async def p75(trial: EngineTrial) -> None:
    """Record a filing, answer nothing of use for days, and then tell the truth."""
    async with trial.stage(course=("accepted",)) as stage:

        async def lost_its_way(asked: Asked) -> bool:
            if asked.is_filing:
                stage.permits.take_in(asked.submission_id, asked.body)
            await asked.problem(502, "internal")
            return True

        stage.permits.intrusion = lost_its_way
        case_id = await stage.filed()
        for day in range(_DAYS_UNKNOWN):
            await stage.hours(24)
            shown = await stage.case(case_id)
            found = shown.steps[stage.permits.step_id]
            at = stage.permits.asked[-1]
            told = f"unknown for {day + 1} days, the step is {found.state}"
            holds(found.state in {"filing", "waiting"}, told, at)
            holds(not shown.has_ended, f"unknown for {day + 1} days, the case ended", at)
            ids = {one.submission_id for one in stage.permits.asked if one.submission_id}
            holds(len(ids) == 1, "another id was used while the outcome was unknown", at)
        found = await stage.step(case_id)
        holds(found.reports, "nobody is told of an outcome that is unknown for days", at)
        stage.permits.intrusion = None
        await stage.hours(26)
        found = await stage.step(case_id)
        holds(found.state == "accepted", f"once it can be read, the step is {found.state}", at)
