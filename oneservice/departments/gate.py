"""Who asks: transport credentials and the request's signature, brought together at the door."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from oneservice.departments.message_fields import fields_of, target_of
from oneservice.departments.message_signatures import COMPONENTS, REQUEST_TAG
from oneservice.departments.message_verification import verify_message
from oneservice.departments.wire import is_id, matches_content_digest
from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.callers import Callers
    from oneservice.departments.exchange import Request, Scope

__all__ = ["Authenticate", "Gate"]

Authenticate: TypeAlias = "Callable[[Scope], str | Awaitable[str | None] | None]"
"""Tells who calls: an id of the caller, or ``None`` for a stranger (answered 401)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Lets callers in.

    Attributes:
        authenticate: looks at the connection or a token; ``None`` leaves all to the signature.
        callers: the registry; where its callers have keys, every request must be signed.
        address: the configured public base address: what signatures are compared with.
        now: the adapter's clock.
    """

    authenticate: Authenticate | None
    callers: Callers | None
    address: Callable[[], str | None]
    now: Callable[[], datetime]

    @property
    def schemes(self) -> tuple[str, ...]:
        """How callers show who they are, as capabilities announce it (protocol section 3)."""
        ways: tuple[str, ...] = tuple(getattr(self.authenticate, "schemes", ()))
        is_signing = self.callers is not None and self.callers.is_signing
        return (*ways, "signature") if is_signing else ways

    def refuse_unusable(self) -> None:
        """Raise :class:`AdapterError` if nobody could ever be let in."""
        callers = () if self.callers is None else tuple(self.callers)
        if callers and self.authenticate is None and not any(one.keys for one in callers):
            msg = (
                "the callers that are registered have no keys, so their signatures cannot tell "
                "them apart: give authenticate= as well"
            )
            raise AdapterError(msg)
        if self.callers is not None and self.callers.is_signing and not self.address():
            msg = (
                "signatures cover the department's address, and it does not know its own: "
                "give base_url="
            )
            raise AdapterError(msg)

    async def caller(self, request: Request) -> str:
        """Return who asks.

        Raises:
            ProtocolProblemError: one of the 401 codes.
        """
        found = None if self.authenticate is None else self.authenticate(request.scope)
        named = await found if inspect.isawaitable(found) else found
        if self.authenticate is not None and not is_id(named):
            raise _stranger()
        if self.callers is None:
            return str(named)
        if self.callers.is_signing:
            signer = self._signer(request, self.callers)
            if named is not None and named != signer:
                msg = "the request is signed by another caller than the one that is connected"
                raise ProtocolProblemError(msg, problem="unauthenticated")
            return signer
        if named is None or self.callers.get(named) is None:
            raise _stranger()
        return named

    def _signer(self, request: Request, callers: Callers) -> str:
        fields = fields_of(request.scope["headers"])
        address = self.address() or ""
        path = urlsplit(address).path.rstrip("/") + request.below
        target = target_of(request, address, path)
        key = verify_message(target, fields, keys=callers.keys, tag=REQUEST_TAG, now=self.now())
        has_no_content = request.method in {"GET", "HEAD"}
        if has_no_content and not matches_content_digest(fields[COMPONENTS[4]], b""):
            msg = "a request without content carries the digest of no bytes"
            raise ProtocolProblemError(msg, problem="signature-invalid")
        caller = callers.of_key(key.keyid)
        if caller is None:
            raise _stranger()
        return caller.id


def _stranger() -> ProtocolProblemError:
    msg = "the caller did not authenticate as one that is known here"
    return ProtocolProblemError(msg, problem="unauthenticated")
