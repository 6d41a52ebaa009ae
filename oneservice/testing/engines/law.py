"""P-37, P-38, P-47, P-48: whose clock counts, what silence means, and what a decision is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import digest_bytes
from oneservice.testing.engines.book import instant, signed
from oneservice.testing.engines.stage import START
from oneservice.testing.engines.table import engine_statement, holds

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.faulty import FaultyDepartment
    from oneservice.testing.engines.stage import EngineTrial, Stage

__all__: list[str] = []

_ANOTHER_CLOCK: Final = {
    "clock": {"state": "running", "started_on": "2026-09-01", "due_on": "2026-12-24"}
}


@engine_statement(
    "P-37",
    "legal time is the engine's own; a different clock is only reported",
    clause="5, 6",
    cure="Count limits from the events; compare the department's clock with yours, and tell.",
)
async def p37(trial: EngineTrial) -> None:
    """Compare a case with one whose department shows another last day."""
    async with trial.stage(course=("accepted",)) as stage:
        case_id = await stage.filed()
        await stage.hours(3)
        plain = await stage.step(case_id)
    async with trial.stage(course=("accepted",), prepare=_shows_another) as stage:
        case_id = await stage.filed()
        await stage.hours(30)
        found = await stage.step(case_id)
        at = stage.permits.asked[-1]
        holds(found.due_on is not None, "no last day is shown", at)
        holds(found.due_on == plain.due_on, f"the last day became {found.due_on}", at)
        holds(found.accepted_from == plain.accepted_from, "the limit begins elsewhere", at)
        holds(found.state == "accepted" and not found.is_frozen, "the step stands still", at)
        holds(set(found.reports) > set(plain.reports), "nobody is told of the difference", at)


def _shows_another(one: FaultyDepartment, _: FaultyDepartment) -> None:
    one.opinion = _ANOTHER_CLOCK


@engine_statement(
    "P-38",
    "silence for five working days is recorded as acceptance from receipt",
    clause="6",
    cure="Let the end of the fifth working day after receipt wake the case; record it then.",
)
async def p38(trial: EngineTrial) -> None:
    """Take in, and say nothing: over the holidays, that is more than two weeks."""
    async with trial.stage() as stage:
        case_id = await stage.filed()
        at = stage.permits.filings[-1]
        await stage.hours(3 * 24)
        found = await stage.step(case_id)
        holds(found.state == "received", f"after two working days the step is {found.state}", at)
        await stage.hours(17 * 24)
        found = await stage.step(case_id)
        holds(found.state == "accepted", f"after the silence the step is {found.state}", at)
        holds(found.accepted_from == START, f"accepted from {found.accepted_from}", at)
        deemed = {"how": "deemed"}
        event = stage.permits.book.event(stage.submission_id, "accepted", **deemed)
        _tell_late(stage, event | {"at": instant(START)})
        await stage.hours(3)
        found = await stage.step(case_id)
        holds(found.accepted_from == START, "the department's word moved the acceptance", at)
        holds(len(found.events) == 2, "the department's late word is not taken", at)  # noqa: PLR2004 - received, accepted


def _tell_late(stage: Stage, event: dict[str, Any]) -> None:
    book = stage.permits.book
    name = str(event["submission_id"])
    book.filed[name].events.append(signed(event, book.key))
    book.news.append((name, len(book.filed[name].events)))


@engine_statement(
    "P-47",
    "a decision that crosses a withdrawal is accepted as it stands",
    clause="7, 12",
    cure="Take not-open for news: read the events; what was decided stands.",
)
async def p47(trial: EngineTrial) -> None:
    """Grant while the wish to withdraw is under way: before it arrives, and just after."""
    for arrives_first in (False, True):
        async with trial.stage(course=("accepted",)) as stage:

            async def cross(asked: Asked, is_first: bool = arrives_first) -> bool:  # noqa: FBT001 - bound early
                if "withdrawals" not in asked.parts:
                    return False
                name = asked.submission_id
                filing = stage.permits.book.filed[name]
                if filing.state != "granted":
                    if is_first:
                        stage.tell("withdrawal_requested", **_wish(asked))
                    stage.tell("granted")
                if is_first:
                    await asked.answer(201, stage.permits.book.status(name))
                else:
                    await asked.problem(409, "not-open", state="granted", head=filing.head)
                return True

            case_id = await stage.filed()
            await stage.hours(3)
            stage.permits.intrusion = cross
            await stage.run.withdraw(case_id)
            await stage.hours(6)
            wishes = [one for one in stage.permits.asked if "withdrawals" in one.parts]
            holds(wishes, "the wish to withdraw is not sent", stage.permits.asked[-1])
            shown = await stage.case(case_id)
            found = shown.steps[stage.permits.step_id]
            holds(found.state == "granted", f"the grant became {found.state}", wishes[-1])
            holds(found.number, "the result has no number", wishes[-1])
            holds(not found.is_frozen, "the crossing froze the step", wishes[-1])
            holds(shown.has_ended, "the case does not end", wishes[-1])


def _wish(asked: Asked) -> dict[str, str]:
    return {"withdrawal_id": asked.parts[3], "request_digest": digest_bytes(asked.body)}


@engine_statement(
    "P-48",
    "nothing granted is ever rolled back by the engine",
    clause="7",
    cure="Withdraw only what is undecided; what was granted is the department's to revoke.",
)
async def p48(trial: EngineTrial) -> None:
    """Refuse one step of a case, or withdraw the case, and look at the step that was granted."""
    for other in (("accepted", "refused"), ("accepted",)):
        async with trial.stage(course=("accepted", "granted")) as stage:
            stage.records.course = other
            case_id = await stage.filed()
            await stage.hours(3)
            if other == ("accepted",):
                await stage.run.withdraw(case_id)
            await stage.hours(30)
            found = await stage.step(case_id)
            for one in stage.permits.asked:
                is_change = one.method not in {"GET", "HEAD"} and "withdrawals" in one.parts
                holds(not is_change, "the engine asked to withdraw what was granted", one)
            at = stage.permits.asked[-1]
            holds(found.state == "granted", f"the step that was granted is {found.state}", at)
            holds(found.number, "the result of the step that was granted is gone", at)
