"""P-04, P-05, P-17 to P-19: whom the engine believes, and under which ids it files which bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.departments import Ed25519EventKey
from oneservice.testing.engines.book import signed
from oneservice.testing.engines.stage import CANARY
from oneservice.testing.engines.table import engine_statement, holds

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.faulty import FaultyDepartment
    from oneservice.testing.engines.stage import EngineTrial, Stage

__all__: list[str] = []

_PAPER = b"%PDF-1.7 a sketch"


@engine_statement(
    "P-04",
    "a key that only capabilities vouch for is not trusted",
    clause="3, 6",
    cure="Take event keys from your own trust store; show what capabilities list, do not use it.",
)
async def p04(trial: EngineTrial) -> None:
    """Tell an event under a key that the department lists and nobody trusts."""
    stranger = Ed25519EventKey.generate("listed-only")
    async with trial.stage(prepare=lambda one, _: _lists(one, stranger)) as stage:
        case_id = await stage.filed()
        event = stage.tell("accepted")
        filing = stage.permits.book.filed[stage.submission_id]
        filing.events[-1] = signed(event, stranger)
        at = await stage.until_asked(lambda one: one.method == "GET")
        await stage.hours(2)
        found = await stage.step(case_id)
        holds(len(found.events) == 1, "an event under an untrusted key was applied", at)
        holds(found.reports, "nobody is told of an event that is not proven", at)
        filing.events[-1] = event
        await stage.hours(4)
        found = await stage.step(case_id)
        holds(found.state == "accepted", "the same event, rightly signed, is not applied", at)


def _lists(department: FaultyDepartment, key: Ed25519EventKey) -> None:
    department.also_listed = (key,)


@engine_statement(
    "P-05",
    "an unlisted feature is never used",
    clause="3",
    cure="Read the capabilities first; without the feature neither ask for it nor name it.",
)
async def p05(trial: EngineTrial) -> None:
    """List no feature at all, and see whether one is used: without papers, then with one."""
    for paper in (b"", _PAPER):
        async with trial.stage(course=("accepted",), prepare=_lists_nothing) as stage:
            case_id = await stage.filed(document=paper)
            await stage.hours(3)
            for one in stage.permits.asked:
                _is_plain(one)
            if not paper:
                found = await stage.step(case_id)
                holds(found.state == "accepted", "without features nothing can be filed")


def _lists_nothing(one: FaultyDepartment, _: FaultyDepartment) -> None:
    one.features = ()


def _is_plain(one: Asked) -> None:
    feature = {
        "documents": "documents",
        "checks": "checks",
        "evidence-requests": "evidence",
    }.get(one.parts[0])
    holds(feature is None, f"the feature {feature} is not listed, and was used", one)
    holds("wait" not in one.query, "the feature wait is not listed, and was used", one)
    named = one.document.get("callback") if one.is_filing else None
    holds(not named, "the feature callbacks is not listed, and one was named", one)


@engine_statement(
    "P-17",
    "the bytes of a repeat equal the first",
    clause="4",
    cure="Store the exact bytes before the first send, and send those; never serialise again.",
)
async def p17(trial: EngineTrial) -> None:
    """Lose the first filing on the way, and kill the engine over the second."""
    async with trial.stage(course=("accepted",)) as stage:

        async def lose(asked: Asked) -> bool:
            if not asked.is_filing or len(stage.permits.filings) > 2:  # noqa: PLR2004 - twice
                return False
            asked.reset()
            if len(stage.permits.filings) == 2:  # noqa: PLR2004 - the second time
                stage.dying.set()
            return True

        stage.permits.intrusion = lose
        case_id = await stage.filed()
        await stage.hours(3)
        first, *others = stage.permits.filings
        holds(others, "a filing that was lost is not repeated", first)
        for one in others:
            holds(one.target == first.target, "the repeat goes to another address", one)
            holds(one.body == first.body, "the repeat has other bytes than the first", one)
        found = await stage.step(case_id)
        holds(found.state == "accepted", "a filing that was lost twice does not arrive", others[-1])


@engine_statement(
    "P-18",
    "ids come from (case, step, attempt) and survive a restart",
    clause="1, 4",
    cure="Derive the submission id from case, step and attempt; draw nothing when you send.",
)
async def p18(trial: EngineTrial) -> None:
    """Kill the engine while its first filing is under way, and look at the second."""
    async with trial.stage(course=("accepted",)) as stage:

        async def die(asked: Asked) -> bool:
            if not asked.is_filing or len(stage.permits.filings) > 1:
                return False
            stage.dying.set()
            await asked.silence()
            return True

        stage.permits.intrusion = die
        await stage.filed()
        await stage.hours(3)
        first, *others = stage.permits.filings
        _is_derived(first)
        holds(others, "a filing that a death cut short is not repeated", first)
        for one in others:
            holds(one.submission_id == first.submission_id, "the restart changed the id", one)
        await stage.filed(f"{CANARY}-2")
        last = stage.permits.filings[-1]
        holds(last.submission_id != first.submission_id, "two cases share an id", last)


def _is_derived(one: Asked) -> None:
    body, allowed = one.document, set("-._")
    holds(
        all(x.isascii() and (x.isalnum() or x in allowed) for x in one.submission_id)
        and len(one.submission_id) <= 96,  # noqa: PLR2004 - protocol section 1
        "the id has characters or a length that no id has",
        one,
    )
    holds(CANARY.lower() not in one.submission_id.lower(), "the id names the applicant", one)
    named = body.get("case_id"), body.get("step_id"), body.get("attempt")
    holds(all(named) and named[2] == 1, "case, step and attempt are not named", one)


@engine_statement(
    "P-19",
    "a new attempt starts only after the old one ended",
    clause="1, 6",
    cure="Refuse another attempt while the old one is open, or while nothing is known of it.",
)
async def p19(trial: EngineTrial) -> None:
    """Ask for another attempt while the first is unknown, then open, then refused."""
    async with trial.stage() as stage:
        await _only_after_an_end(stage, stage.permits.step_id)


async def _only_after_an_end(stage: Stage, step_id: str) -> None:
    async def doubtful(asked: Asked) -> bool:
        if not asked.submission_id:
            return False
        await asked.problem(500, "internal")
        return True

    stage.permits.intrusion = doubtful
    case_id = await stage.filed()
    await _asked_again(stage, case_id, step_id, "while nothing was known of the first")
    stage.permits.intrusion = None
    await stage.hours(3)
    await _asked_again(stage, case_id, step_id, "while the first was open")
    stage.tell("accepted")
    stage.tell("refused")
    await stage.hours(3)
    first = stage.permits.filings[0]
    if not await stage.run.file_again(case_id, step_id):
        return  # an engine may leave the next attempt to a new case
    await stage.hours(3)
    last = stage.permits.filings[-1]
    holds(last.submission_id != first.submission_id, "the next attempt uses the old id", last)
    holds(last.document.get("attempt") == 2, "the next attempt is not numbered 2", last)  # noqa: PLR2004 - the second


async def _asked_again(stage: Stage, case_id: str, step_id: str, when: str) -> None:
    await stage.run.file_again(case_id, step_id)
    await stage.hours(1)
    ids = {one.submission_id for one in stage.permits.filings}
    holds(len(ids) <= 1, f"another attempt was filed {when}", stage.permits.filings[-1])
