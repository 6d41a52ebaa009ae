"""P-61 to P-63: callbacks are hints, answered at once and never needed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.departments import Ed25519EventKey
from oneservice.testing.engines.by_hand import ring, sign_callback
from oneservice.testing.engines.table import UntellableError, engine_statement, holds

if TYPE_CHECKING:
    from oneservice.testing.engines.asked import Asked
    from oneservice.testing.engines.stage import EngineTrial, Stage
    from oneservice.testing.engines.subject import CaseShown

__all__: list[str] = []

_NO_DIGEST: Final = f"sha256:{'0' * 64}"
_WITHIN_S: Final = 2.0
_LOOKS_WITHIN_S: Final = 10.0


async def _ear(stage: Stage) -> str:
    url = await stage.run.callback_url(stage.permits.department)
    if not url:
        raise UntellableError("the engine takes no callbacks")
    return url


def _claims(stage: Stage) -> list[bytes]:
    """Return bodies that claim what is not so, and some that say nothing."""
    name = stage.submission_id
    head = {"seq": 9, "digest": _NO_DIGEST}
    event = stage.permits.book.event(name, "refused")
    change: dict[str, Any] = {"submission_id": name, "head": head}
    told = change | {"state": "refused", "events": [event]}
    old = {"submission_id": name, "head": {"seq": 1, "digest": _NO_DIGEST}}
    unknown = {"submission_id": "c0.nothing.1", "head": head}
    lists: list[list[Any]] = [[told], [change], [old], [unknown], [old, change, old], []]
    return [canonical({"changes": one}) for one in lists]


@engine_statement(
    "P-61",
    "a callback changes no state by itself",
    clause="11",
    cure="Let a callback do no more than have the feed read at the next chance.",
)
async def p61(trial: EngineTrial) -> None:
    """Live through one case in silence, and through one under forged and repeated callbacks."""
    silent = await _lived_through(trial, rings=False)
    rung = await _lived_through(trial, rings=True)
    holds(
        _end(silent) == _end(rung),
        f"the case ended otherwise under callbacks: {_end(rung)}, not {_end(silent)}",
    )


def _end(shown: CaseShown) -> object:
    steps = {
        name: (one.state, [kind for _, kind, _ in one.events], one.is_frozen)
        for name, one in shown.steps.items()
    }
    return shown.has_ended, steps


async def _lived_through(trial: EngineTrial, *, rings: bool) -> CaseShown:
    async with trial.stage() as stage:
        case_id = await stage.filed()
        for kind in ("accepted", "progress", "granted"):
            if rings:
                await _rung(stage, case_id)
            stage.tell(kind)
            await stage.hours(3)
        if rings:
            await _rung(stage, case_id)
        return await stage.case(case_id)


async def _rung(stage: Stage, case_id: str) -> None:
    """Ring with every claim, signed, unsigned and forged, each twice; only reads may follow."""
    url, before = await _ear(stage), await stage.case(case_id)
    stranger = Ed25519EventKey.generate(stage.permits.key.keyid)
    first = len(stage.permits.asked)
    for body in [*_claims(stage), *reversed(_claims(stage))]:
        for key in (stage.permits.key, stranger):
            await ring(url, body, sign_callback(url, body, key, stage.run.now()))
        await ring(url, body, {})
    await stage.hours(0)
    after = await stage.case(case_id)
    since = stage.permits.asked[first:]
    at = since[-1] if since else None
    holds(_end(before) == _end(after), f"callbacks made the case {_end(after)}", at)
    for one in since:
        holds(one.method in {"GET", "HEAD"}, "a callback made the engine send something", one)


@engine_statement(
    "P-62",
    "callbacks are answered within 2 s, whatever they hold",
    clause="11",
    cure="Answer before you read anything elsewhere; bound the body, and the time for it.",
)
async def p62(trial: EngineTrial) -> None:
    """Ring with bodies of every kind while the department itself answers nothing at all."""
    async with trial.stage(deadline_s=20.0) as stage:
        await stage.filed()
        url = await _ear(stage)

        hung = asyncio.Event()

        async def hang(asked: Asked) -> bool:
            hung.set()
            await asked.silence()
            return True

        stage.permits.intrusion = hang
        entry = {"submission_id": stage.submission_id, "head": {"seq": 2, "digest": _NO_DIGEST}}
        fitting = [*_claims(stage), b"", b"no JSON", b"[]", b"{" * 4000, b'{"changes":null}']
        fitting += [canonical({"changes": [entry] * 500}), b'{"a":' * 64 + b"1" + b"}" * 64]
        looking = asyncio.ensure_future(stage.run.advance(timedelta(hours=26)))
        try:
            async with asyncio.timeout(_LOOKS_WITHIN_S):
                await hung.wait()
            for body in fitting:
                fields = sign_callback(url, body, stage.permits.key, stage.run.now())
                status = await _in_time(url, body, fields)
                holds(status == 204, f"a signed callback of {len(body)} bytes got {status}")  # noqa: PLR2004 - noted
            for body in (b"x" * 4_000_000, canonical({"changes": [entry] * 5000})):
                await _in_time(url, body, {})
            await _in_time(url, b"", {}, method="GET")
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _in_time(url: str, body: bytes, fields: dict[str, str], method: str = "POST") -> int:
    try:
        async with asyncio.timeout(_WITHIN_S):
            return await ring(url, body, fields, method=method)
    except TimeoutError:
        holds(condition=False, why=f"a callback of {len(body)} bytes got no answer within 2 s")
        raise


@engine_statement(
    "P-63",
    "with callbacks off, every case still ends",
    clause="5, 11",
    cure="Read the feed by your own clock; a callback may only make it earlier.",
)
async def p63(trial: EngineTrial) -> None:
    """Decide without ever ringing."""
    async with trial.stage() as stage:
        case_id = await stage.filed()
        for kind in ("accepted", "suspended", "resumed", "granted"):
            await stage.hours(20)
            stage.tell(kind)
        await stage.hours(26)
        shown = await stage.case(case_id)
        at = stage.permits.asked[-1]
        found = shown.steps[stage.permits.step_id].state
        holds(found == "granted", f"a day after the grant the step is {found}", at)
        holds(shown.has_ended, "the case does not end", at)
