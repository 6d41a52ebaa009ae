"""Signed messages: our profile of HTTP Message Signatures (RFC 9421; protocol section 13).

One fixed set of components, one tag for requests and one for callbacks; whatever else RFC 9421
allows is not spoken. What is signed follows the wire: method, authority, path and query as they
are sent, and two header fields. The body is bound by its ``Content-Digest``.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from oneservice.departments.structured import written
from oneservice.departments.wire import CONTENT_DIGEST_HEADER, VERSION_HEADER
from oneservice.errors import AdapterError

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.departments.signing import EventKey

__all__ = [
    "CALLBACK_TAG",
    "COMPONENTS",
    "COVERED",
    "LIFETIME_S",
    "REQUEST_TAG",
    "SIGNATURE_HEADER",
    "SIGNATURE_INPUT_HEADER",
    "MessageSigner",
    "Target",
    "fresh_nonce",
    "signature_base",
]

REQUEST_TAG: Final = "oneservice-request"
CALLBACK_TAG: Final = "oneservice-callback"
COMPONENTS: Final = (
    "@method",
    "@authority",
    "@path",
    "@query",
    CONTENT_DIGEST_HEADER.lower(),
    VERSION_HEADER.lower(),
)
LIFETIME_S: Final = 300
"""Longest time between ``created`` and ``expires``."""
SIGNATURE_HEADER: Final = "Signature"
SIGNATURE_INPUT_HEADER: Final = "Signature-Input"
_LABEL: Final = "oneservice"
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a message is about, as derived components say it (RFC 9421 section 2.2).

    ``path`` and ``query`` stand as on the wire, percent-encoding included; ``query`` without ``?``.
    """

    method: str
    authority: str
    path: str
    query: str = ""

    @classmethod
    def of(cls, method: str, url: str) -> Target:
        """Return the target of a request for the absolute ``url``."""
        parts = urlsplit(url)
        authority = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
        return cls(method=method, authority=authority, path=parts.path or "/", query=parts.query)

    def values(self) -> dict[str, str]:
        """Return the derived components by name."""
        return {
            "@method": self.method,
            "@authority": self.authority,
            "@path": self.path,
            "@query": f"?{self.query}",
        }


def signature_base(
    components: tuple[str, ...], values: Mapping[str, str], parameters: str
) -> bytes:
    """Return the bytes that are signed (RFC 9421 section 2.5).

    Args:
        components: names of what is covered, in their order.
        values: of each of them.
        parameters: the serialised value of ``@signature-params``.

    Raises:
        KeyError: a component has no value.
    """
    lines = [f'"{name}": {values[name]}' for name in components]
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("latin-1")


def fresh_nonce() -> str:
    """Return a nonce: 16 random bytes in base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode("ascii").rstrip("=")


COVERED: Final = "(" + " ".join(f'"{name}"' for name in COMPONENTS) + ")"
"""The components as a signature lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSigner:
    """Signs the requests of an engine, or the callbacks of a department.

    It is a :class:`~oneservice.departments.RequestSigner`. To change keys, have the far side
    register the new one, then exchange the signer; both may be valid for a while.

    Attributes:
        key: signs; its id is what the far side registered.
        tag: ``oneservice-request``, or ``oneservice-callback`` for callbacks.
        lifetime_s: seconds until the signature expires, 300 at most.
        nonce: makes a nonce, or ``None`` to send none.

    Raises:
        AdapterError: the lifetime is not 1 to 300 seconds.
    """

    key: EventKey
    tag: str = REQUEST_TAG
    lifetime_s: int = LIFETIME_S
    nonce: Callable[[], str] | None = fresh_nonce

    def __post_init__(self) -> None:
        if not 0 < self.lifetime_s <= LIFETIME_S:
            msg = f"a signature expires after 1 to {LIFETIME_S} seconds, not {self.lifetime_s}"
            raise AdapterError(msg)

    def headers(
        self, *, method: str, url: str, headers: Mapping[str, str], created_at: datetime
    ) -> Mapping[str, str]:
        """Return ``Signature-Input`` and ``Signature`` for a request.

        Args:
            method: in capitals.
            url: absolute, as it goes on the wire.
            headers: those of the request; content digest and version must be among them.
            created_at: aware instant of signing.
        """
        values = Target.of(method, url).values()
        values[COMPONENTS[4]] = headers[CONTENT_DIGEST_HEADER]
        values[COMPONENTS[5]] = headers[VERSION_HEADER]
        parameters = self._parameters(int(created_at.timestamp()))
        value = self.key.sign(signature_base(COMPONENTS, values, parameters))
        return {
            SIGNATURE_INPUT_HEADER: f"{_LABEL}={parameters}",
            SIGNATURE_HEADER: f"{_LABEL}={written(value)}",
        }

    def _parameters(self, created: int) -> str:
        nonce = "" if self.nonce is None else f";nonce={written(self.nonce())}"
        return (
            f"{COVERED};created={created};expires={created + self.lifetime_s}{nonce}"
            f";keyid={written(self.key.keyid)};alg={written(self.key.alg)};tag={written(self.tag)}"
        )
