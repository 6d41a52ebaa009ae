"""P-76 to P-84: who may ask, by which signature, and what nobody may learn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.clocks import SystemClock
from oneservice.conformance import vectors
from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.forging import Forger
from oneservice.conformance.identity import Identity
from oneservice.conformance.statements import Need, statement
from oneservice.conformance.trial import CANARY, WITHDRAWAL
from oneservice.departments import Ed25519EventKey

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.trial import Trial

_AHEAD: Final = timedelta(seconds=120)
_EXPIRED: Final = timedelta(seconds=-480)
_STRANGER: Final = "conform-stranger"


@statement(
    "P-76",
    "no or wrong credentials: 401",
    clause="13",
    cure="Answer 401 with WWW-Authenticate before you look at anything else of the request.",
)
async def credentials(trial: Trial) -> None:
    """Ask without credentials, and with those of a stranger."""
    caller = trial.bench.target.caller
    if caller.key is None and not caller.headers:
        msg = "the adapter was called without credentials: give --key FILE or --header"
        raise NotApplicableError(msg)
    stranger = Identity(key=Ed25519EventKey.generate(_STRANGER)) if caller.key else Identity()
    for who in (Identity(), stranger):
        found = (await trial.call("GET", "/changes", who=who)).expect(401)
        require(found.header("www-authenticate"), f"{found.told} has no WWW-Authenticate", found)
        name = trial.id()
        (await trial.put(f"/submissions/{name}", trial.application(), who=who)).expect(401)


@statement(
    "P-77",
    "any changed covered byte, a missing component, a second matching signature, a wrong tag or "
    "alg: 401 signature-invalid",
    clause="13",
    cure="Want exactly one signature of the tag, all six components, the stored key's algorithm.",
    needs=(Need.SIGNATURE,),
)
async def signature_invalid(trial: Trial) -> None:
    """Forge in every way that RFC 9421 leaves open."""
    filed = await trial.file()
    forger = Forger(trial, filed.path)
    (await trial.send(forger.request())).expect(200)  # what is not forged is answered
    for what, sent in forger.forgeries():
        found = await trial.send(sent)
        is_right = found.status == 401 and found.code == "signature-invalid"  # noqa: PLR2004
        require(is_right, f"{what}: {found.told} must be 401 signature-invalid", found)


@statement(
    "P-78",
    "created 120 s ahead, or expired: 401 clock-skew with server_time",
    clause="13",
    cure="Allow 60 s of skew and no more; tell server_time once the signature is known to hold.",
    needs=(Need.SIGNATURE,),
)
async def clock_skew(trial: Trial) -> None:
    """Sign at other times."""
    now = SystemClock().now()
    for shift in (_AHEAD, _EXPIRED):
        found = await trial.call("GET", "/changes", at=now + shift)
        found.expect(401, code="clock-skew")
        told = found.document.get("server_time")
        is_told = isinstance(told, str) and told.endswith("Z")
        require(is_told, f"{found.told} must tell server_time", found)


@statement(
    "P-79",
    "old and new key both work during rotation, a withdrawn one does not",
    clause="13",
    cure="Let a caller have two keys at once, and forget a withdrawn one at once.",
    needs=(Need.ROTATION,),
)
async def rotation(trial: Trial) -> None:
    """Ask with each key."""
    target = trial.bench.target
    for key in (target.caller.key, target.next_key):
        if key is not None:
            (
                await trial.call("GET", "/changes?limit=1", who=replace(target.caller, key=key))
            ).expect(200)
    if target.next_key is not None:  # the new key belongs to the same caller
        filed = await trial.file()
        (await trial.get(filed.path, who=replace(target.caller, key=target.next_key))).expect(200)
    if target.withdrawn_key is not None:
        who = replace(target.caller, key=target.withdrawn_key)
        (await trial.call("GET", "/changes?limit=1", who=who)).expect(401)


@statement(
    "P-80",
    "a captured request replayed verbatim changes nothing",
    clause="4, 13",
    cure="Let the id in the path decide what is new: a repeat is answered and never done again.",
)
async def replays(trial: Trial) -> None:
    """Send the same bytes again, header fields and all."""
    name = trial.id()
    path = f"/submissions/{name}"
    script = "accept keep" if trial.bench.has_test_step else ""
    filing = trial.sent("PUT", path, trial.application(script))
    first = await trial.send(filing)
    if first.status == 422 and not trial.bench.has_test_step:  # noqa: PLR2004
        msg = "the step wants a form that the kit cannot make: give --application FILE"
        raise NotApplicableError(msg)
    first.expect(200, 201)
    wish = trial.sent("PUT", f"{path}/withdrawals/w1", canonical(WITHDRAWAL))
    await trial.send(wish)
    before = await trial.history(name)
    for captured in (filing, wish):
        again = await trial.send(captured)
        require(again.status < 500, f"{again.told}: a replay must be harmless", again)  # noqa: PLR2004
        after = await trial.history(name)
        require(after == before, f"{again.told} of a replay changed {name}", again)


@statement(
    "P-81",
    "another caller's submission is 404",
    clause="13",
    cure="Make the caller a part of the submission's key; 403 would tell that it is there.",
    needs=(Need.OTHER_CALLER,),
)
async def others_submissions(trial: Trial) -> None:
    """Look at, and write to, what another caller filed."""
    other = trial.bench.target.other
    filed = await trial.file()
    before = await trial.history(filed)
    (await trial.get(filed.path, who=other)).expect(404)
    supplement = canonical(trial.supplement("r2"))
    for path, body in (("supplements/s1", supplement), ("withdrawals/w1", canonical(WITHDRAWAL))):
        (await trial.put(f"{filed.path}/{path}", body, who=other)).expect(404)
    await trial.unchanged(filed, before, "another caller wrote to it")


@statement(
    "P-82",
    "no personal data in URLs, problem documents, callbacks, traceparent, logs",
    clause="1, 12",
    cure="Name places and rules in problems and logs, never the value that was found there.",
)
async def personal_data(trial: Trial) -> None:
    """Put a person into every wrong message, and look for them in what comes back."""
    whole = parse_object(trial.application())
    filed = await trial.file()
    wrong: tuple[tuple[str, bytes], ...] = (
        (f"/submissions/{trial.id()}", canonical(whole | {"attempt": CANARY})),
        (f"/submissions/{trial.id()}", canonical(whole | {"applicant": CANARY})),
        (f"/submissions/{trial.id()}", canonical(whole | {"region": f"{CANARY} 3"})),
        (f"/submissions/{trial.id()}", canonical(whole | {"fields": {"conform": [CANARY]}})),
        (f"/submissions/{trial.id()}", canonical({"applicant": {"name": CANARY}})),
        (f"/submissions/{trial.id()}", f'{{"applicant":"{CANARY}",}}'.encode()),
        (f"{filed.path}/supplements/s1", canonical({"correction_id": "r9", "note": CANARY})),
        (f"{filed.path}/withdrawals/w1", canonical({"reason": CANARY})),
        (filed.path, canonical(whole | {"agent": {"name": CANARY}})),
    )
    for path, body in wrong:
        found = await trial.put(path, body)
        if found.status >= 400:  # noqa: PLR2004 - errors
            _judge_words(found)
    for found in (await trial.get(f"/nowhere/{CANARY}"), await trial.get(f"/changes?x={CANARY}")):
        if found.status >= 400:  # noqa: PLR2004 - errors
            _judge_words(found)
    if trial.bench.target.log is not None:
        await asyncio.sleep(0.3)
        is_clean = CANARY.encode() not in trial.bench.target.log.read_bytes()
        require(is_clean, "the adapter's log holds the applicant's name")


@statement(
    "P-84",
    "the vectors of section 17 verify",
    clause="6, 13, 17",
    cure="Rebuild the signature base of section 17 byte by byte; take parameters in any order.",
)
async def known_vectors(trial: Trial) -> None:
    """Sign as the vector does, and with the parameters in other orders and places."""
    vectors.recompute()
    caller = trial.bench.target.caller
    if caller.key is None:
        msg = (
            "the kit's own vectors verify; for the adapter's give the caller's key with --key FILE"
        )
        raise NotApplicableError(msg)
    forger = Forger(trial, "/changes", query="limit=1")
    for what, sent in forger.spellings():
        found = await trial.send(sent)
        require(found.status == 200, f"{what}: {found.told} must be 200", found)  # noqa: PLR2004


def _judge_words(found: Exchange) -> None:
    shown: list[Any] = [found.body, *(value.encode() for _, value in found.answer.headers)]  # type: ignore[union-attr]
    if any(CANARY.encode() in one for one in shown):
        broken(f"{found.told} repeats the name that was in the message", found)
