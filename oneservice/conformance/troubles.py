"""P-64 to P-70: what is answered to messages that are wrong, too much, or too slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.exchanges import Answer, Exchange, Sent
from oneservice.conformance.feeding import to_the_end
from oneservice.conformance.line import Wire, written
from oneservice.conformance.statements import Phase, statement
from oneservice.conformance.words import PROBLEM_TYPE
from oneservice.departments import PROBLEMS

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial

_DEEP: Final = b'{"a":' * 33 + b"1" + b"}" * 33
_MOST_AT_ONCE: Final = 64
_SERVED_S: Final = 5.0
_DRIP_S: Final = 0.25
_PIECE_BYTES: Final = 0x10000
_POUR_TRIES: Final = 4
_LISTEN_S: Final = 0.08
"""Pause between pieces in which a refusal may come."""
_REFUSAL_S: Final = 3.0
"""How long a refusal may take once the limit is passed: a busy machine is no guilty one."""
_CHUNK: Final = b"10000\r\n" + b" " * _PIECE_BYTES + b"\r\n"


@statement(
    "P-64",
    "every 4xx and 5xx is a problem document with a listed code",
    clause="12",
    cure="Answer every error, also your server's own, as application/problem+json with a code.",
)
async def problem_documents(trial: Trial) -> None:
    """Do many things wrong."""
    filed = await trial.file()
    for found in (
        await trial.get("/nowhere"),
        await trial.call("DELETE", filed.path),
        await trial.get(f"/submissions/{trial.id()}"),
        await trial.get(f"{filed.path}?after=minus-one"),
        await trial.put(f"/submissions/{trial.id()}", b"{"),
        await trial.put(f"/submissions/{trial.id()}", trial.application(step_id="no-such-step")),
        await trial.put(filed.path, filed.body + b" "),
        await trial.put(f"{filed.path}/supplements/s1", trial.supplement("r999")),
        await trial.call(
            "PUT", f"/submissions/{trial.id()}", b"<a/>", headers={"Content-Type": "text/xml"}
        ),
        await trial.get("/changes?after=no-such-cursor"),
        await trial.call("GET", f"/documents/sha256-{'0' * 64}"),
    ):
        if 400 <= found.status < 600:  # noqa: PLR2004 - errors
            _judge_problem(found)


@statement(
    "P-65",
    "a 4xx leaves state unchanged",
    clause="12",
    cure="Check a message as a whole before you record any of it.",
)
async def no_effect(trial: Trial) -> None:
    """Send a submission everything that must be refused."""
    filed = await trial.file("accept" if trial.bench.has_test_step else "")
    before = await trial.history(filed)
    wrong = (
        (f"{filed.path}/supplements/s1", b'{"correction_id":"r999"}'),
        (f"{filed.path}/supplements/s2", b'{"fields":[]}'),
        (f"{filed.path}/supplements/s3", b"{"),
        (f"{filed.path}/withdrawals/w1", b'{"reason":7}'),
        (f"{filed.path}/withdrawals/w2", b"[]"),
    )
    for path, body in wrong:
        found = await trial.put(path, body)
        is_refused = 400 <= found.status < 500  # noqa: PLR2004 - refused
        require(is_refused, f"{found.told} must be refused", found)
        await trial.unchanged(filed, before, f"{path} was refused with {found.status}")
    new = f"/submissions/{trial.id()}"
    (await trial.put(new, trial.application(step_id="no-such-step"))).expect(404, 403, 422)
    (await trial.get(new)).expect(404)


@statement(
    "P-66",
    "429 and 503 carry Retry-After",
    clause="12, 14",
    cure="Add Retry-After, in seconds, to every 429 and 503, and to 409 in-progress.",
    phase=Phase.ALONE,
)
async def push_back(trial: Trial) -> None:
    """Ask for more at once than the adapter takes."""
    at_once = trial.bench.limit("in_flight", _MOST_AT_ONCE) + 8
    if "wait" not in trial.bench.features or at_once > _MOST_AT_ONCE + 8:
        msg = f"no 429 could be had: the adapter takes {at_once - 8} requests at once"
        raise NotApplicableError(msg)
    cursor = await _quiet_cursor(trial)
    path = f"/changes?wait=1&after={cursor}"
    sent = [trial.sent("GET", path) for _ in range(at_once)]
    found = await asyncio.gather(*(trial.bench.line.call(one) for one in sent))
    refused = [one for one in found if one.status in {429, 503}]
    trial.exchanges += refused[:1] or found[:1]
    for one in refused:
        told = (one.header("retry-after") or "").strip()
        is_told = told.isdigit() or told.endswith("GMT")
        require(is_told, f"{one.told} has no Retry-After", one)
    if not refused:
        raise NotApplicableError(f"{at_once} requests at once were all answered")


@statement(
    "P-67",
    "bodies over the limit are 413 without being read whole",
    clause="14",
    cure="Compare Content-Length first, count while you read, and stop at the limit.",
)
async def too_large(trial: Trial) -> None:
    """Announce too much; send too much without announcing it."""
    limit = trial.bench.limit("body_bytes", 1_048_576)
    path = f"/submissions/{trial.id()}"
    size = ("Content-Length", str(limit * 8))
    for extra in (size, ("Transfer-Encoding", "chunked")):
        for _ in range(_POUR_TRIES):
            found, count = await _poured(trial, path, extra, limit)
            if found.answer is not None:  # else it was lost when the connection was cut
                break
        found.expect(413)
        most = limit * 3
        require(
            count <= most, f"{found.told} came after {count} bytes, the limit is {limit}", found
        )


@statement(
    "P-68",
    "depth 33, duplicate keys, NaN, fractions and lone surrogates are 400",
    clause="1",
    cure="Parse strictly (I-JSON): count the depth, refuse duplicate members and all but integers.",
)
async def strict_json(trial: Trial) -> None:
    """File what two readers would read in two ways."""
    whole = trial.application()[:-1]
    bodies = {
        "depth 33": whole + b',"x_deep":' + _DEEP + b"}",
        "a duplicate member": whole + b',"attempt":1}',
        "NaN": whole + b',"x_number":NaN}',
        "a fraction": whole + b',"x_number":82.5}',
        "an exponent": whole + b',"x_number":1e3}',
        "a number of 2^53": whole + b',"x_number":9007199254740992}',
        "a byte order mark": b"\xef\xbb\xbf" + whole + b"}",
        "bytes that are no UTF-8": whole + b',"x_text":"\xff"}',
        "a lone surrogate": whole + b',"x_text":"\\ud800"}',
    }
    for what, body in bodies.items():
        found = await trial.put(f"/submissions/{trial.id()}", body)
        require(found.status == 400, f"{what}: {found.told} must be 400", found)  # noqa: PLR2004


@statement(
    "P-69",
    "a slow sender is cut off; others are served meanwhile",
    clause="14",
    cure="Give the whole body one deadline (10 s, then 408 and close), each request its own task.",
    order=0,
)
async def slow_senders(trial: Trial) -> None:
    """Send a body byte by byte, and ask for something else meanwhile."""
    body = trial.application()
    longest_s = trial.bench.target.patience.slow_s
    sent = trial.sent(
        "PUT", f"/submissions/{trial.id()}", body, headers={"Content-Length": str(len(body) * 99)}
    )
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with trial.bench.line.open() as wire:
        await wire.send(_head_of(trial, sent))
        dripping = asyncio.ensure_future(_drip(wire, body, longest_s))
        answering = asyncio.ensure_future(wire.answer("PUT"))
        try:
            await asyncio.sleep(_DRIP_S)
            served = await trial.call("GET", "/capabilities", deadline_s=_SERVED_S)
            require(served.status == 200, f"{served.told} while another sender is slow", served)  # noqa: PLR2004
            done, _ = await asyncio.wait(
                {dripping, answering}, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            dripping.cancel()
        took_s = loop.time() - began_s
        if not done:
            answering.cancel()
            broken(f"a sender of a few bytes a second was still read after {longest_s:g} s")
        answer = await answering
    found = trial.keep(_exchange(sent, answer, took_s))
    if answer is not None:
        found.expect(408)


@statement(
    "P-70",
    "unknown paths are 404, wrong methods 405 with Allow",
    clause="2",
    cure="Know every path and its methods; answer 405 with the methods in Allow.",
)
async def paths_and_methods(trial: Trial) -> None:
    """Ask for what is not there, in ways that are not there."""
    for path in ("/nowhere", "/submissions", "/submissions/a/nowhere/b"):
        (await trial.get(path)).expect(404)
    for method, path, allowed in (
        ("DELETE", "/capabilities", "GET"),
        ("POST", f"/submissions/{trial.id()}", "PUT"),
        ("PUT", "/changes", "GET"),
    ):
        found = (await trial.call(method, path)).expect(405)
        allow = [one.strip().upper() for one in (found.header("allow") or "").split(",")]
        require(allowed in allow, f"{found.told} must name {allowed} in Allow", found)


def _judge_problem(found: Exchange) -> None:
    media_type = (found.header("content-type") or "").partition(";")[0].strip().lower()
    require(media_type == PROBLEM_TYPE, f"{found.told} must be {PROBLEM_TYPE}", found)
    kind = PROBLEMS.get(found.code)
    if kind is None:
        broken(f"{found.told} must have a type urn:oneservice:problem:… of the table", found)
    fits = found.status in kind.statuses
    require(fits, f"{found.told}: {found.code} goes with {kind.statuses}", found)
    told = found.document.get("status", found.status)
    require(told == found.status, f"{found.told} says status {told} in its body", found)


async def _quiet_cursor(trial: Trial) -> str:
    return quote(await to_the_end(trial), safe="")


def _head_of(trial: Trial, sent: Sent) -> bytes:
    return written(sent, trial.bench.line.authority)[: -len(sent.body) or None]


async def _drip(wire: Wire, body: bytes, longest_s: float) -> None:
    for place in range(int(longest_s / _DRIP_S) + 8):
        if not await wire.send(body[place % len(body) :][:1]):
            await asyncio.sleep(0.2)  # so that a last answer can be read
            return
        await asyncio.sleep(_DRIP_S)


async def _poured(
    trial: Trial, path: str, extra: tuple[str, str], limit: int
) -> tuple[Exchange, int]:
    """Pour spaces into a request until it is answered; return how many went out."""
    sent = trial.sent("PUT", path, b"{}", headers={extra[0]: extra[1]})
    loop = asyncio.get_running_loop()
    began_s, count = loop.time(), 0
    async with trial.bench.line.open() as wire:
        await wire.send(_head_of(trial, sent))
        answering = asyncio.ensure_future(wire.answer("PUT"))
        while count < limit * 4 and not answering.done():
            piece = _CHUNK if extra[0] == "Transfer-Encoding" else b" " * _PIECE_BYTES
            if not await wire.send(piece):
                break
            is_passing, count = count <= limit < count + _PIECE_BYTES, count + _PIECE_BYTES
            may_answer = extra[0] == "Content-Length" or count > limit
            pause_s = _REFUSAL_S if is_passing else _LISTEN_S if may_answer else 0
            await asyncio.wait({answering}, timeout=pause_s)
        try:
            answer = await asyncio.wait_for(answering, trial.bench.line.deadline_s)
        except TimeoutError:
            answer = None
    return trial.keep(_exchange(sent, answer, loop.time() - began_s)), count


def _exchange(sent: Sent, answer: Answer | None, seconds: float) -> Exchange:
    failure = "" if answer is not None else "the connection was closed without an answer"
    return Exchange(sent=sent, answer=answer, seconds=seconds, failure=failure)
