"""The engine's ear: an ASGI app that takes callbacks and does no more than look again.

A callback carries no authority (protocol section 11), so nothing in it is read: which department
rang stands in the path, and whether it was that department in the signature. Whatever the body
holds, forged, repeated, out of order, no JSON at all, the most that it causes is one more reading
of the feed. The answer comes within two seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from oneservice.departments.addresses import is_callable_address
from oneservice.departments.callback_messages import MAX_CALLBACK_BYTES
from oneservice.departments.exchange import (
    Answer,
    ClientGoneError,
    Receive,
    Request,
    Scope,
    Send,
    problem_answer,
)
from oneservice.departments.message_fields import fields_of, target_of
from oneservice.departments.message_signatures import CALLBACK_TAG, COMPONENTS
from oneservice.departments.message_verification import verify_message
from oneservice.departments.wire import matches_content_digest
from oneservice.errors import AdapterError, EndpointInvalidError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.verifying import VerifyingKey
    from oneservice.ports import Clock

__all__ = ["CallbackReceiver"]

_log = logging.getLogger("oneservice.departments")

READING_S: Final = 1.5
"""For the body; the answer must be out within two seconds (P-62)."""


class CallbackReceiver:
    """Takes ``POST {base_url}/{department}`` and calls ``look_again(department)``.

    Register ``{base_url}/{department}`` with each department, out of band.

    Args:
        departments: those that may ring, with the keys by which they sign callbacks; they are the
            event keys that the trust list names. With no keys at all a department may ring
            unsigned, which costs an attacker nothing and us a reading of the feed.
        look_again: is told which department to read; must return at once.
        base_url: the public address that departments were told; signatures cover it.
        clock: the engine's own.

    Raises:
        EndpointInvalidError: ``base_url`` is no address that a department could call.
    """

    def __init__(
        self,
        departments: Mapping[str, tuple[VerifyingKey, ...]],
        look_again: Callable[[str], object],
        *,
        base_url: str,
        clock: Clock,
    ) -> None:
        if not is_callable_address(base_url):
            msg = "callbacks come to https://HOST/… without user name, query or fragment"
            raise EndpointInvalidError(msg)
        self._keys = {
            department: {key.keyid: key for key in keys} for department, keys in departments.items()
        }
        self._look_again = look_again
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._retired: set[str] = set()

    def retire(self, department: str) -> None:
        """Answer 410 from now on: the department stops ringing, and the feed is read as ever."""
        self._retired.add(department)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: ``http`` and ``lifespan``.

        Raises:
            AdapterError: the scope is of another kind.
        """
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["type"] != "http":
            msg = f"callbacks do not come by {scope['type']}"
            raise AdapterError(msg)
        request = Request.of(scope, receive)
        try:
            answer = await self._answer(request)
        except ClientGoneError:
            return
        except ProtocolProblemError as error:
            answer = problem_answer(error, trace=request.trace)
        await answer.send(send, is_head=request.method == "HEAD")

    async def _answer(self, request: Request) -> Answer:
        department = request.path.rpartition("/")[2]
        if department not in self._keys:
            raise ProtocolProblemError("nobody rings here", problem="unknown-path")
        if request.method != "POST":
            error = ProtocolProblemError("only POST", problem="method-not-allowed")
            return problem_answer(error, trace=request.trace, headers=(("Allow", "POST"),))
        if department in self._retired:
            raise ProtocolProblemError("callbacks are not taken any more", problem="retired")
        await self._refuse_noise(request, department)
        try:
            self._look_again(department)
        except Exception as error:  # noqa: BLE001 - a hint must never cost the caller anything
            _log.error("looking at %s again: %s", department, type(error).__name__)
        return Answer(status=204)

    async def _refuse_noise(self, request: Request, department: str) -> None:
        """Let a department ring that signs, and whoever it is where no key was agreed upon."""
        keys = self._keys[department]
        fields = fields_of(request.scope["headers"])
        if keys:
            address = f"{self._base_url}/{department}"
            target = target_of(request, address, urlsplit(address).path)
            verify_message(target, fields, keys=keys, tag=CALLBACK_TAG, now=self._clock.now())
        body = await request.body(limit=MAX_CALLBACK_BYTES, deadline_s=READING_S)
        if keys and not matches_content_digest(fields[COMPONENTS[4]], body):
            msg = "the body is not the one that was signed"
            raise ProtocolProblemError(msg, problem="digest-mismatch")
