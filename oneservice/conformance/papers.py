"""P-39 to P-46: supplements and withdrawals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oneservice.canonical import canonical, digest_bytes
from oneservice.conformance.breaking import NotApplicableError, require
from oneservice.conformance.statements import Need, statement
from oneservice.conformance.trial import WITHDRAWAL

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.trial import Trial

_NOTHING = {"en": "Another note."}


@statement(
    "P-39",
    "an answer to the open correction is 201 and appends correction_received with its digest",
    clause="7",
    cure="Write correction_received with correction_id, supplement_id and the body's digest.",
)
async def answers(trial: Trial) -> None:
    """Answer what was asked for."""
    filed, correction = await trial.corrected()
    body = canonical(trial.supplement(correction))
    found = (await trial.put(f"{filed.path}/supplements/s1", body)).expect(201)
    events = [
        one["data"]
        for one in await trial.history(filed)
        if one.get("type") == "correction_received" and isinstance(one.get("data"), dict)
    ]
    require(len(events) == 1, f"{found.told} must append one correction_received", found)
    told = tuple(
        events[0].get(name, wanted)
        for name, wanted in (
            ("correction_id", correction),
            ("supplement_id", "s1"),
            ("request_digest", digest_bytes(body)),
        )
    )
    right = told == (correction, "s1", digest_bytes(body))
    require(right, "correction_received does not name what it answers, or another digest", found)


@statement(
    "P-40",
    "the same supplement again is 200; other bytes 409",
    clause="7",
    cure="Treat supplement ids as submission ids: keep the digest, compare the bytes.",
)
async def repeats(trial: Trial) -> None:
    """Repeat, and send something else under the same id."""
    filed, correction = await trial.corrected()
    path = f"{filed.path}/supplements/s1"
    (await trial.put(path, trial.supplement(correction))).expect(200, 201)
    (await trial.put(path, trial.supplement(correction))).expect(200)
    other = await trial.put(path, trial.supplement(correction, note=_NOTHING))
    other.expect(409, code="supplement-conflict")


@statement(
    "P-41",
    "an answer to a closed or unknown correction is 409 not-open with head",
    clause="7, 12",
    cure="Compare correction_id with the one that is open, and add state and head to the problem.",
)
async def closed_corrections(trial: Trial) -> None:
    """Answer what nobody asked; answer again what was answered."""
    filed, correction = await trial.corrected()
    strange = await trial.put(f"{filed.path}/supplements/s9", trial.supplement("r999"))
    _not_open(strange)
    await trial.put(f"{filed.path}/supplements/s1", trial.supplement(correction))
    events = await trial.history(filed)
    if not any(one.get("type") == "correction_received" for one in events):
        return
    late = trial.supplement(correction, note=_NOTHING)
    _not_open(await trial.put(f"{filed.path}/supplements/s2", late))


@statement(
    "P-42",
    "a late duplicate changes nothing, also after newer corrections",
    clause="7",
    cure="Look the supplement's id up before you look at what is open.",
)
async def late_duplicates(trial: Trial) -> None:
    """Repeat the first supplement after the second one."""
    filed, correction = await trial.corrected("accept correct / correct / progress")
    first = canonical(trial.supplement(correction))
    await trial.put(f"{filed.path}/supplements/s1", first)
    asked = [
        one["data"].get("correction_id")
        for one in await trial.history(filed)
        if one.get("type") == "correction_requested" and isinstance(one.get("data"), dict)
    ]
    if len(asked) > 1:
        before = await trial.history(filed)
        await trial.put(f"{filed.path}/supplements/s1", first)
        await trial.unchanged(filed, before, "a duplicate while a newer correction was open")
        await trial.put(f"{filed.path}/supplements/s2", trial.supplement(asked[-1]))
    before = await trial.history(filed)
    await trial.put(f"{filed.path}/supplements/s1", first)
    await trial.unchanged(filed, before, "a late duplicate of a supplement")


@statement(
    "P-43",
    "a promised material is taken after granted_pending_material",
    clause="6, 7",
    cure="Take a supplement without correction_id for what is pending, then material_received.",
    needs=(Need.TEST_STEP,),
)
async def promised(trial: Trial) -> None:
    """Deliver what was promised."""
    filed = await trial.file("accept pend")
    pending = await trial.awaited(filed, "granted_pending_material")
    require(pending, "the test step's word `pend` did not lead to granted_pending_material")
    found = await trial.put(f"{filed.path}/supplements/s1", trial.supplement(None))
    found.expect(200, 201)
    taken = await trial.awaited(filed, "material_received")
    require(taken, f"{found.told}, but no material_received followed", found)


@statement(
    "P-44",
    "a withdrawal ends in withdrawn or withdrawal_refused",
    clause="7",
    cure="Append withdrawal_requested with the body's digest, decide, and say which it is.",
)
async def withdrawals(trial: Trial) -> None:
    """Ask to take an application back."""
    filed = await trial.file("accept" if trial.bench.has_test_step else "")
    body = canonical(WITHDRAWAL)
    found = await trial.put(f"{filed.path}/withdrawals/w1", body)
    if found.code == "not-open":
        raise NotApplicableError("the step had decided before it could be withdrawn")
    found.expect(200, 201)
    asked = await trial.awaited(filed, "withdrawal_requested")
    told = [one["data"].get("request_digest") for one in asked if isinstance(one["data"], dict)]
    right = told == [digest_bytes(body)] or told == [None]
    require(right, f"{found.told} must append withdrawal_requested with its digest", found)
    ended = await trial.awaited(filed, "withdrawn", "withdrawal_refused")
    if not ended and not trial.bench.has_test_step:
        raise NotApplicableError("the wish was recorded; its answer was not awaited")
    require(ended, f"{found.told}, but neither withdrawn nor withdrawal_refused followed", found)


@statement(
    "P-45",
    "a repeated, refused withdrawal opens nothing again",
    clause="7",
    cure="Answer a known withdrawal id from the register, whatever became of it.",
    needs=(Need.TEST_STEP,),
)
async def refused_withdrawals(trial: Trial) -> None:
    """Repeat a wish that was refused."""
    filed = await trial.file("accept keep")
    path = f"{filed.path}/withdrawals/w1"
    await trial.put(path, WITHDRAWAL)
    require(
        await trial.awaited(filed, "withdrawal_refused"),
        "the test step's word `keep` did not lead to withdrawal_refused",
    )
    before = await trial.history(filed)
    (await trial.put(path, WITHDRAWAL)).expect(200)
    await trial.unchanged(filed, before, "a refused withdrawal that was repeated")


@statement(
    "P-46",
    "after an end: 409 not-open",
    clause="7",
    cure="Refuse supplements and withdrawals of an ended submission with its state and head.",
)
async def after_the_end(trial: Trial) -> None:
    """Send more after the end."""
    filed = await trial.ended()
    _not_open(await trial.put(f"{filed.path}/withdrawals/w2", WITHDRAWAL), is_whole=False)
    found = await trial.put(f"{filed.path}/supplements/s1", trial.supplement(None))
    _not_open(found, is_whole=False)


def _not_open(found: Exchange, *, is_whole: bool = True) -> None:
    found.expect(409, code="not-open")
    head: Any = found.document.get("head")
    is_told = isinstance(head, dict) and isinstance(head.get("seq"), int) and "digest" in head
    has_state = isinstance(found.document.get("state"), str)
    require(
        not is_whole or (is_told and has_state), f"{found.told} has no state, or no head", found
    )
