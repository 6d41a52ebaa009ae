"""P-07 to P-16: an application is taken in once, whatever happens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, digest_bytes, parse_object
from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.feeding import snapshot
from oneservice.conformance.killing import killed
from oneservice.conformance.statements import Need, Phase, statement

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.trial import Trial

_AT_ONCE: Final = 10
_STRANGE_IDS: Final = ("a%20b", "x" * 97, "%E4%B8%AD", "a%2Fb", "a%00b", "a~b")
_KILL_AFTER_S: Final = (0.5, 0.0, 0.01)
_LOCKED_S: Final = 5.0
"""How long a lock may outlive the process that held it."""


@statement(
    "P-07",
    "the first PUT is 201 with exactly one received, whose request_digest is that of the bytes",
    clause="4, 6",
    cure="Hash the raw body before you parse it, and write `received` with that digest.",
)
async def first_put(trial: Trial) -> None:
    """File once."""
    name, body = trial.id(), trial.application()
    found = await trial.put(f"/submissions/{name}", body)
    if found.status == 422 and not trial.bench.has_test_step:  # noqa: PLR2004
        msg = "the step wants a form that the kit cannot make: give --application FILE"
        raise NotApplicableError(msg)
    found.expect(201)
    received = [one for one in found.events if one.get("type") == "received"]
    require(len(received) == 1, f"{found.told} must have exactly one received", found)
    require(found.events[0] == received[0], f"{found.told} must begin with received", found)
    data = received[0].get("data")
    told = data.get("request_digest") if isinstance(data, dict) else None
    right = told == digest_bytes(body)
    require(right, "request_digest of received is not the digest of the bytes sent", found)


@statement(
    "P-08",
    "the same PUT again is 200 without a new event",
    clause="4",
    cure="Keep the digest of the body with the id; answer the same bytes from your register.",
)
async def same_again(trial: Trial) -> None:
    """File, and repeat as an engine does after a time-out."""
    filed = await trial.file()
    before = await trial.history(filed)
    (await trial.put(filed.path, filed.body)).expect(200)
    await trial.unchanged(filed, before, "the same bytes again")


@statement(
    "P-09",
    "ten at once give one 201, one submission, one entry in the register",
    clause="4",
    cure="Make the id unique in your store, and let the second of two at once wait or get 409.",
)
async def at_once(trial: Trial) -> None:
    """Send the same bytes on ten connections."""
    name, body = trial.id(), trial.application()
    several = min(_AT_ONCE, trial.bench.limit("in_flight", _AT_ONCE))
    path = f"/submissions/{name}"
    found = await asyncio.gather(*(trial.put(path, body) for _ in range(several)))
    statuses = sorted(one.status for one in found)
    new = statuses.count(201)
    require(new == 1, f"{several} at once gave {statuses}: exactly one must be 201", found[0])
    for one in found:
        one.expect(200, 201, 409)
        require(one.status != 409 or one.code == "in-progress", f"{one.told}", one)  # noqa: PLR2004
    events = await trial.history(name)
    count = sum(one.get("type") == "received" for one in events)
    require(count == 1, f"the history of {name} has {count} times received")
    entries = [one async for one in snapshot(trial) if one.get("submission_id") == name]
    require(len(entries) == 1, f"{name} stands {len(entries)} times in the snapshot")


@statement(
    "P-10",
    "other bytes under the id: 409, nothing changed",
    clause="4",
    cure="Compare the digest of the raw body; equal JSON in other bytes is other bytes.",
)
async def other_bytes(trial: Trial) -> None:
    """Send another application, and the same one with a space in it."""
    filed = await trial.file()
    before = await trial.history(filed)
    for body in (trial.application(attempt=2), filed.body + b" "):
        (await trial.put(filed.path, body)).expect(409, code="submission-conflict")
    await trial.unchanged(filed, before, "other bytes under the id")


@statement(
    "P-11",
    "killed after 201 and started again, the submission is there",
    clause="4",
    cure="Write submission and event durably (fsync, commit) before you answer 201.",
    needs=(Need.HOOK,),
    phase=Phase.KILLING,
)
async def killed_after(trial: Trial) -> None:
    """File, kill, read."""
    filed = await trial.file()
    before = await trial.history(filed)
    await killed(trial)
    found = await trial.get(f"{filed.path}?after=0")
    found.expect(200)
    kept = found.events[: len(before)] == before
    require(kept, "what was answered before the crash is not what is there after it", found)


@statement(
    "P-12",
    "killed before it answered, a repeat succeeds and nothing is filed twice",
    clause="4",
    cure="File under the id in your own system, and commit everything in one transaction.",
    needs=(Need.HOOK,),
    phase=Phase.KILLING,
    order=2,
)
async def killed_before(trial: Trial) -> None:
    """Kill the adapter while it is at work, at several moments."""
    script = "slow accept" if trial.bench.has_test_step else ""
    for pause_s in _KILL_AFTER_S:
        name, body = trial.id(), trial.application(script)
        path = f"/submissions/{name}"
        under_way = asyncio.ensure_future(trial.put(path, body))
        await asyncio.sleep(pause_s)
        await killed(trial)
        await under_way
        again = await _repeated(trial, path, body)
        again.expect(200, 201)
        events = await trial.history(name)
        count = sum(one.get("type") == "received" for one in events)
        require(count == 1, f"the history of {name} has {count} times received", again)
        entries = [one async for one in snapshot(trial) if one.get("submission_id") == name]
        require(len(entries) == 1, f"{name} stands {len(entries)} times in the snapshot")


async def _repeated(trial: Trial, path: str, body: bytes) -> Exchange:
    """Repeat as an engine does: a lock of before the crash may need a moment to go."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _LOCKED_S
    while True:
        found = await trial.put(path, body)
        if found.code != "in-progress" or loop.time() >= until:
            return found
        await asyncio.sleep(1.0)


@statement(
    "P-13",
    "a missing material is never 4xx but correction_requested",
    clause="4",
    cure="Take the application in, and ask for what is missing with correction_requested.",
)
async def missing_material(trial: Trial) -> None:
    """File without any material."""
    name, body = trial.id(), trial.application(materials=[])
    found = await trial.put(f"/submissions/{name}", body)
    is_form = found.status == 422 and not trial.bench.has_test_step  # noqa: PLR2004
    if is_form and not any("material" in str(one) for one in found.document.get("errors") or ()):
        msg = "the step wants a form that the kit cannot make: give --application FILE"
        raise NotApplicableError(msg)
    require(found.status == 201, f"{found.told}: papers that are missing are no error", found)  # noqa: PLR2004
    if not any(one.get("type") == "correction_requested" for one in found.events):
        if trial.bench.has_test_step:
            broken("the test step asked for no correction although its material is missing", found)
        raise NotApplicableError("it was taken in; whether a correction follows was not awaited")


@statement(
    "P-14",
    "violations of the schema are 422 with pointers and leave no trace",
    clause="4, 12",
    cure="Check the whole body before anything is recorded, and list each finding's pointer.",
)
async def violations(trial: Trial) -> None:
    """File what can be no application, in several ways."""
    whole = parse_object(trial.application())
    wrong: list[dict[str, Any]] = [
        {name: one for name, one in whole.items() if name != "applicant"},
        whole | {"attempt": "one"},
        whole | {"materials": [{"source": "applicant"}]},
    ]
    if trial.bench.has_test_step:
        wrong.append(whole | {"fields": {"conform": 7}})
    for one in wrong:
        path = f"/submissions/{trial.id()}"
        found = (await trial.put(path, canonical(one))).expect(422, code="invalid-submission")
        errors = found.document.get("errors")
        has_pointers = isinstance(errors, list) and all(
            isinstance(error, dict) and isinstance(error.get("pointer"), str) for error in errors
        )
        require(errors and has_pointers, f"{found.told} must have errors[] with pointer", found)
        (await trial.get(path)).expect(404)


@statement(
    "P-15",
    "an id outside the alphabet is 400 or 404",
    clause="1",
    cure="Match path segments against [A-Za-z0-9._-]{1,96} before you do anything with them.",
)
async def strange_ids(trial: Trial) -> None:
    """File and read under ids that are none."""
    for name in _STRANGE_IDS:
        (await trial.put(f"/submissions/{name}", trial.application())).expect(400, 404)
        (await trial.get(f"/submissions/{name}")).expect(400, 404)


@statement(
    "P-16",
    "an unknown member is ignored",
    clause="1",
    cure="Let unknown members pass, at every level; later minor versions add some.",
)
async def unknown_member(trial: Trial) -> None:
    """File what a later minor version might send."""
    applicant = {"kind": "person", "name": "-", "x_conform": {"a": [1]}}
    body = trial.application(applicant=applicant, x_conform={"later": "1.7"})
    found = await trial.put(f"/submissions/{trial.id()}", body)
    if found.status == 422 and not trial.bench.has_test_step:  # noqa: PLR2004
        (await trial.put(f"/submissions/{trial.id()}", trial.application())).expect(201)
        broken(f"{found.told}, and without the unknown member it is taken in", found)
    found.expect(201)
