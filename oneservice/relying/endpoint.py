"""An endpoint for whoever relies on certificates: POST a paper, get the report; each call recorded.

Theory of operation. What must pass is the operator's decision, by a policy, perhaps another for
some callers; a caller chooses nothing but the moment, and the word that a holder had to sign. An
answer is given only when its record is safe on the disk: no record, no answer. Records of calls
that come together are written together, so that one flush of the disk serves many.

Judging is done in threads, of which there are as many as cores. A paper may be crafted to cost a
lot, so size, time and the number of calls under way all have limits; a thread cannot be ended, so
one that takes too long still counts as under way until it is done.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final, TypeAlias

import orjson

from oneservice.canonical import digest_bytes, read_instant, write_instant
from oneservice.certificates import Policy
from oneservice.clocks import SystemClock
from oneservice.errors import (
    JournalError,
    MalformedJsonError,
    ProtocolProblemError,
)
from oneservice.ports import Clock
from oneservice.relying.calls import Call, CallHead, CallRecords
from oneservice.relying.endpoint_judging import Occasion, is_readable, judged, named, stores_of
from oneservice.relying.endpoint_openapi import MEDIA_TYPES, openapi_fragment
from oneservice.relying.endpoint_wire import (
    Answer,
    ClientGoneError,
    Receive,
    Scope,
    Send,
    asked_in,
    problem_of,
    query_of,
    read_body,
)
from oneservice.relying.recording import Recorder
from oneservice.relying.reliance import Reliance

__all__ = ["Authenticate", "CallLimits", "VerifierApp", "loopback_only"]

_log = logging.getLogger(__name__)

Authenticate: TypeAlias = Callable[[Scope], str | None]
"""Says who calls, by an identifier that is no person's name; ``None``: nobody who is let in."""
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})
_MOST_NONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """What one caller can cost.

    Args:
        body_bytes: of a paper; a bundle of a large case has some megabytes.
        body_s: in which it must have come.
        judge_s: in which it must have been judged.
        at_once: calls under way, those included that are still reading; more are turned away.
        threads: that judge; ``None``: one for each core.
    """

    body_bytes: int = 8_388_608
    body_s: float = 10.0
    judge_s: float = 10.0
    at_once: int = 64
    threads: int | None = None


def loopback_only(scope: Scope) -> str | None:
    """Let in whoever calls from this machine, as ``local``: the default of :class:`VerifierApp`.

    Behind a proxy every caller seems to be on this machine; whoever comes through one that says
    so is not let in.
    """
    is_forwarded = any(name in _FORWARDED for name, _ in scope["headers"])
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None) or address
    return "local" if mapped.is_loopback and not is_forwarded else None


class VerifierApp:
    """A plain ASGI application: ``POST /verify``, ``GET /health``, ``GET /openapi.json``.

    Args:
        reliance: by whose lights papers are judged. Set :attr:`reliance` to change it, as when a
            newer trust list came: calls under way keep the one with which they began.
        records: where each call is recorded before it is answered. Close it yourself.
        policies: other policies than that of ``reliance``, for callers by their identifier.
        authenticate: says who calls; by default only this machine is let in.
        audience: this endpoint's own name, where presentations must be made for it: then callers
            name the ``nonce`` of the occasion, and an SD-JWT that was not made for both is refused.
        limits: what one caller can cost.
        clock: tells the present.
    """

    def __init__(
        self,
        reliance: Reliance,
        *,
        records: CallRecords,
        policies: Mapping[str, Policy] | None = None,
        authenticate: Authenticate = loopback_only,
        audience: str | None = None,
        limits: CallLimits | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.reliance = reliance
        self.trouble = ""
        """Why what should be newer could not be taken over; shown by ``/health``."""
        self._policies = dict(policies or {})
        self._authenticate = authenticate
        self._audience = audience
        self._limits = limits or CallLimits()
        self._clock = clock or SystemClock()
        self._recorder = Recorder(records)
        self._threads = ThreadPoolExecutor(
            self._limits.threads or os.cpu_count() or 1, thread_name_prefix="verify"
        )
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope (ASGI)."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            answer = await self._answered(scope, receive)
            if answer is not None:
                await answer.send(send, is_head=scope["method"] == "HEAD")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._threads.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _answered(self, scope: Scope, receive: Receive) -> Answer | None:
        try:
            return await self._answer(scope, receive)
        except ProtocolProblemError as error:
            return problem_of(error)
        except ClientGoneError:
            return None
        except Exception as error:  # noqa: BLE001 - the wire must answer whatever went wrong
            # Its own words might quote the paper.
            _log.error("a call was not answered: %s", type(error).__name__)
            _log.debug("the whole of it", exc_info=error)
            msg = "the endpoint lost its way; its log says more"
            return problem_of(ProtocolProblemError(msg, problem="internal"))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
        route = _ROUTES.get(path)
        if route is None:
            msg = f"only {', '.join(_ROUTES)} are served here"
            raise ProtocolProblemError(msg, problem="unknown-path")
        methods, serve = route
        if scope["method"] not in methods:
            msg = f"{path} is asked with {' or '.join(methods)}"
            problem = problem_of(ProtocolProblemError(msg, problem="method-not-allowed"))
            allow = (b"allow", ", ".join(methods).encode("ascii"))
            return replace(problem, headers=(*problem.headers, allow))
        return await serve(self, scope, receive)

    # --- one paper -------------------------------------------------------------------------------

    async def _verify(self, scope: Scope, receive: Receive) -> Answer:
        caller = self._authenticate(scope)
        if caller is None:
            msg = "the caller is not known here"
            raise ProtocolProblemError(msg, problem="unauthenticated")
        media_type = _media_type(scope)
        at, occasion = self._asked(query_of(scope))
        held = self.reliance
        reliance = replace(held, policy=self._policies.get(caller, held.policy))
        if self._under_way >= self._limits.at_once:
            msg = f"{self._limits.at_once} calls are under way; try again"
            raise ProtocolProblemError(msg, problem="too-many-requests")
        self._under_way += 1
        is_ours = True
        try:
            limits = self._limits
            data = await read_body(scope, receive, limit=limits.body_bytes, within_s=limits.body_s)
            asked = asked_in(data, media_type)
            judging = asyncio.get_running_loop().run_in_executor(
                self._threads, judged, reliance, asked, at, occasion
            )
            judging.add_done_callback(self._done)
            is_ours = False
            found = await self._in_time(judging)
        finally:
            if is_ours:
                self._under_way -= 1
        return await self._told(found, data=asked.paper, caller=caller, at=at, reliance=reliance)

    def _done(self, judging: asyncio.Future[dict[str, Any]]) -> None:
        self._under_way -= 1
        if not judging.cancelled():
            judging.exception()  # heard: whoever waited may be gone

    async def _in_time(self, judging: asyncio.Future[dict[str, Any]]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._limits.judge_s):
                return await asyncio.shield(judging)
        except TimeoutError:
            msg = f"it was not judged within {self._limits.judge_s:g} s"
            raise ProtocolProblemError(msg, problem="unavailable") from None

    async def _told(
        self, found: dict[str, Any], *, data: bytes, caller: str, at: datetime, reliance: Reliance
    ) -> Answer:
        """Record the call, then answer it."""
        call = Call(
            at=self._clock.now(),
            caller=caller,
            asked=digest_bytes(data) if is_readable(found) else None,
            size=len(data),
            kind=found["kind"],
            judged_at=at,
            verdict=found["verdict"],
            reason=found["reason"],
            policy=reliance.policy.name,
            lists=tuple(map(named, stores_of(reliance))),
        )
        try:
            head = await self._recorder.record(call)
        except JournalError as error:
            _log.error("%s", error)
            msg = "the call cannot be recorded now, so it is not answered"
            raise ProtocolProblemError(msg, problem="unavailable") from error
        facts = {"judged_at": write_instant(at), "call": _head(head)}
        return Answer(status=200, body=orjson.dumps(found | facts, default=_plain))

    def _asked(self, query: dict[str, str]) -> tuple[datetime, Occasion | None]:
        """Return for which moment is asked, and for what a presentation must have been made.

        Raises:
            ProtocolProblemError: ``malformed``.
        """
        known = {"at", "nonce"} if self._audience is not None else {"at"}
        unknown = sorted(query.keys() - known)
        if unknown:
            msg = f"there is no parameter {unknown[0][:40]!r}; what must pass is not the caller's"
            raise ProtocolProblemError(msg, problem="malformed")
        try:
            at = read_instant(query["at"]) if "at" in query else self._clock.now()
        except MalformedJsonError as error:
            msg = f"at: {error}"
            raise ProtocolProblemError(msg, problem="malformed") from None
        nonce = query.get("nonce", "")
        if len(nonce) > _MOST_NONCE:
            msg = f"the nonce has more than {_MOST_NONCE} characters"
            raise ProtocolProblemError(msg, problem="malformed")
        return at, None if self._audience is None else (self._audience, nonce)

    # --- about itself ----------------------------------------------------------------------------

    async def _health(self, _scope: Scope, _receive: Receive) -> Answer:
        held, now = self.reliance, self._clock.now()
        lists = stores_of(held)
        outdated = [one.territory for one in lists if now > one.expires_at]
        facts = {
            "status": "trouble" if outdated or self.trouble or self._recorder.trouble else "ok",
            "policy": held.policy.name,
            "lists": [{**named(one), "expires_at": write_instant(one.expires_at)} for one in lists],
            "outdated": outdated,
            "trouble": [one for one in (self.trouble, self._recorder.trouble) if one],
        }
        return Answer(status=200, body=orjson.dumps(facts))

    async def _openapi(self, _scope: Scope, _receive: Receive) -> Answer:
        document = openapi_fragment(takes_nonce=self._audience is not None)
        return Answer(status=200, body=orjson.dumps(document))


_Serve: TypeAlias = Callable[[VerifierApp, Scope, Receive], Awaitable[Answer]]
_ROUTES: Final[Mapping[str, tuple[tuple[str, ...], _Serve]]] = {
    "/verify": (("POST",), VerifierApp._verify),  # noqa: SLF001 - a table of its own methods
    "/health": (("GET", "HEAD"), VerifierApp._health),  # noqa: SLF001
    "/openapi.json": (("GET", "HEAD"), VerifierApp._openapi),  # noqa: SLF001
}


def _media_type(scope: Scope) -> str:
    headers = dict(scope["headers"])
    sent = headers.get(b"content-type", b"application/octet-stream").decode("latin-1")
    kind: str = sent.partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES or headers.get(b"content-encoding", b"identity") != b"identity":
        msg = f"papers come as one of {', '.join(MEDIA_TYPES)}, not packed"
        raise ProtocolProblemError(msg, problem="media-type")
    return kind


def _head(head: CallHead) -> dict[str, Any]:
    return {"seq": head.seq, "digest": head.digest}


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)
