"""P-31 to P-36: which events are applied, and which never are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.testing.engines.book import signed
from oneservice.testing.engines.table import engine_statement, holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.stage import EngineTrial, Stage

__all__: list[str] = []

_FLIPS: Final = 64


def _looks(asked: Asked) -> bool:
    return asked.method == "GET" and asked.parts[0] in {"changes", "submissions"}


@engine_statement(
    "P-31",
    "x_ types are kept and change nothing",
    clause="6",
    cure="Append events whose type begins with x_ to the history, and leave the state alone.",
)
async def p31(trial: EngineTrial) -> None:
    """Tell a type of one's own between two that count."""
    async with trial.stage() as stage:
        case_id = await stage.filed()
        before = await stage.step(case_id)
        stage.tell("x_scanned", colour="green")
        at = await stage.until_asked(_looks)
        await stage.hours(2)
        found = await stage.step(case_id)
        kinds = [kind for _, kind, _ in found.events]
        holds(kinds == ["received", "x_scanned"], f"the history kept is {kinds}", at)
        holds(found.state == before.state, f"an x_ event made the step {found.state}", at)
        holds(not found.reports, "an x_ event is reported as if it were wrong", at)
        stage.tell("accepted")
        stage.tell("granted")
        await stage.hours(3)
        found = await stage.step(case_id)
        holds(found.state == "granted", "nothing is applied behind an x_ event", at)


@engine_statement(
    "P-32",
    "an unknown type, state or transition is a contract error and changes nothing",
    clause="6, 12",
    cure="Compare each event with the table before it is applied; keep, report, read on.",
)
async def p32(trial: EngineTrial) -> None:
    """Tell what the table does not have, then what it has."""
    for wrong in ("blessed", "granted", "resumed", "received"):
        async with trial.stage() as stage:

            def tell(stage: Stage, kind: str = wrong) -> None:
                stage.tell(kind)

            await _refused(stage, tell, f"type {wrong}")
    for state in ("blessed", "granted"):
        async with trial.stage() as stage:

            def claim(stage: Stage, state: str = state) -> None:
                stage.tell("accepted")
                _claims(stage, state)

            await _refused(stage, claim, f"state {state}")


def _claims(stage: Stage, state: str) -> None:
    """Have every status document claim ``state``; the feed shows heads only."""
    book = stage.permits.book

    async def lie(asked: Asked) -> bool:
        if asked.is_reading:
            after = int(asked.query.get("after", "0"))
            await asked.answer(200, book.status(asked.submission_id, after, state=state))
            return True
        if asked.parts[0] == "changes":
            head = book.filed[stage.submission_id].head
            change = {"submission_id": stage.submission_id, "events": [], "head": head}
            page = {"changes": [change], "cursor": str(len(book.news)), "more": False}
            await asked.answer(200, canonical(page))
            return True
        return False

    stage.permits.intrusion = lie


async def _refused(stage: Stage, lie: Callable[[Stage], object], what: str) -> None:
    case_id = await stage.filed()
    before = await stage.step(case_id)
    lie(stage)
    at = await stage.until_asked(_looks)
    await stage.hours(3)
    found = await stage.step(case_id)
    # The events of a document that claims a wrong state may be right; the claim never counts.
    holds(found.state in {before.state, "accepted"}, f"{what}: it is now {found.state}", at)
    may_be_applied = 2 if what == "state granted" else 1
    holds(len(found.events) <= may_be_applied, f"{what}: it was applied", at)
    holds(found.reports, f"{what}: nobody is told", at)
    filing, book = stage.permits.book.filed[stage.submission_id], stage.permits.book
    stage.permits.intrusion = None
    if len(found.events) == 1:
        del filing.events[1:], book.news[1:]
        stage.tell("accepted")
    stage.tell("granted")
    await stage.hours(6)
    found = await stage.step(case_id)
    holds(found.state == "granted", f"{what}: what is right again is not read", at)


@engine_statement(
    "P-33",
    "any flipped bit in an event is refused",
    clause="6",
    cure="Recompute digest and signature over the event as it came, before anything is applied.",
)
async def p33(trial: EngineTrial) -> None:
    """Flip one bit of an event at a time, all over it, in the feed and in what is read."""
    async with trial.stage() as stage:
        case_id = await stage.filed()
        event = canonical(stage.tell("accepted", remark="a member of a later version"))
        last = event.rindex(b'"value":"') + 9 + 84  # what follows in base64 is half padding
        places = [place for place in range(len(event)) if not last <= place < last + 4]
        for number in range(_FLIPS):
            place = places[number * len(places) // _FLIPS]
            stage.permits.intrusion = _flipping(stage, event, place, bit=1 << number % 7)
            at = await stage.until_asked(_looks)
            found = await stage.step(case_id)
            was = event[max(0, place - 12) : place + 12].decode()
            holds(
                len(found.events) == 1 and found.state == "received",
                f"an event was applied with a bit flipped at {place}, in …{was}…",
                at,
            )
        stage.permits.intrusion = None
        await stage.hours(26)  # after so many refusals an engine may look less often
        found = await stage.step(case_id)
        holds(found.state == "accepted", "the event itself is not applied in the end")


def _flipping(stage: Stage, event: bytes, place: int, *, bit: int) -> Any:
    flipped = bytearray(event)
    flipped[place] ^= bit
    book = stage.permits.book

    async def flip(asked: Asked) -> bool:
        if asked.is_reading:
            body = book.status(asked.submission_id, int(asked.query.get("after", "0")))
        elif asked.parts[0] == "changes":
            body = book.page("1")
        else:
            return False
        await asked.answer(200, body.replace(event, bytes(flipped)))
        return True

    return flip


@engine_statement(
    "P-34",
    "events are applied in order whatever the order of arrival",
    clause="5, 12",
    cure="Apply an event only on top of the one before it; on a gap ask again with after.",
)
async def p34(trial: EngineTrial) -> None:
    """Have the feed show the last event first, then all in reverse, then all twice."""
    async with trial.stage() as stage:
        case_id = await stage.filed()
        told = [stage.tell(kind) for kind in ("accepted", "x_scanned", "granted")]
        wanted = tuple((one["seq"], one["type"], one["digest"]) for one in told)
        arrivals = [told[2:], told[1:], [*reversed(told)], told, told, [*told, *told]]
        stage.permits.intrusion = _arriving(stage, arrivals)
        for _ in arrivals:
            at = await stage.until_asked(_looks)
            found = await stage.step(case_id)
            holds(
                found.events[1:] == wanted[: len(found.events) - 1],
                f"the events stand in the order {[seq for seq, _, _ in found.events]}",
                at,
            )
        await stage.hours(6)
        found = await stage.step(case_id)
        holds(found.events[1:] == wanted, "events that came out of order are lost")
        holds(not found.is_frozen, "events that came out of order froze the step")
        holds(found.state == "granted", f"the step is {found.state} in the end")


def _arriving(stage: Stage, arrivals: list[list[dict[str, Any]]]) -> Any:
    book, left = stage.permits.book, list(arrivals)

    async def arrive(asked: Asked) -> bool:
        if asked.parts[0] != "changes" or "after" not in asked.query:
            return False
        events = left.pop(0) if left else []
        filing = book.filed[stage.submission_id]
        change = {"submission_id": stage.submission_id, "head": filing.head, "events": events}
        page = {"changes": [change], "cursor": "1", "more": False}
        await asked.answer(200, canonical(page))
        return True

    return arrive


@engine_statement(
    "P-35",
    "another digest under a known seq freezes the step",
    clause="12",
    cure="Compare digests under known numbers; on a difference stop, alarm, keep both versions.",
)
async def p35(trial: EngineTrial) -> None:
    """Tell the second event anew, rightly signed, and go on from there."""
    async with trial.stage(course=("accepted",)) as stage:
        case_id = await stage.filed()
        await stage.hours(3)
        before = await stage.step(case_id)
        holds(before.state == "accepted", f"the step is {before.state} before anything is wrong")
        book, filing = stage.permits.book, stage.permits.book.filed[stage.submission_id]
        other = filing.events[1] | {"data": filing.events[1]["data"] | {"acceptance_no": "A-2"}}
        filing.events[1] = signed(other, book.key)
        book.news.append((stage.submission_id, 2))
        stage.tell("granted")
        at = await stage.until_asked(_looks)
        await stage.hours(30)
        found = await stage.step(case_id)
        holds(found.is_frozen, "another event under a known number does not freeze the step", at)
        holds(found.reports, "nobody is told that a history was rewritten", at)
        holds(found.events == before.events, "something of the other history was applied", at)
        holds(found.state == before.state, f"the step went on to {found.state}", at)
        _nothing_sent(stage)


def _nothing_sent(stage: Stage) -> None:
    sent = [one for one in stage.permits.asked if one.method == "PUT" and one.submission_id]
    holds(len(sent) == 1, "something was sent although the step is frozen", sent[-1])


@engine_statement(
    "P-36",
    "a head behind ours is noticed although nothing is new",
    clause="5, 12",
    cure="Compare the snapshot's heads with your own at least weekly, and read what is behind.",
)
async def p36(trial: EngineTrial) -> None:
    """Restore a backup without a word, and wait eight days."""
    async with trial.stage(course=("accepted", "progress")) as stage:
        case_id = await stage.filed()
        await stage.hours(3)
        before = await stage.step(case_id)
        book = stage.permits.book
        del book.filed[stage.submission_id].events[1:], book.news[1:]
        await stage.hours(8 * 24)
        found = await stage.step(case_id)
        at = stage.permits.asked[-1]
        holds(found.is_frozen, "a history that was rewound is not noticed within eight days", at)
        holds(found.events == before.events, "events were taken back with the backup", at)
        _nothing_sent(stage)
