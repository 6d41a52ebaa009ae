"""Signed requests in every spelling that RFC 9421 allows, and in those that must be refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from oneservice.clocks import SystemClock
from oneservice.conformance.exchanges import Sent
from oneservice.conformance.words import (
    COMPONENTS,
    CONTENT_DIGEST_HEADER,
    VERSION,
    VERSION_HEADER,
    content_digest,
)

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial

__all__ = ["Forger", "signature_base"]

REQUEST_TAG: Final = "oneservice-request"
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}
_OTHER_ALG: Final = {"ed25519": "ecdsa-p256-sha256", "ecdsa-p256-sha256": "ed25519"}
_ORDER: Final = ("created", "expires", "nonce", "keyid", "alg", "tag")
"""As in the vector of section 17."""


def signature_base(components: tuple[str, ...], values: dict[str, str], parameters: str) -> bytes:
    """Return the bytes that are signed (RFC 9421 section 2.5), written here once more."""
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("latin-1")


@dataclass(frozen=True, slots=True)
class Forger:
    """Makes ``GET`` requests for one resource that are signed by the caller's own key."""

    trial: Trial
    path: str
    query: str = "after=0"

    def request(
        self,
        *,
        signed: dict[str, str] | None = None,
        components: tuple[str, ...] = COMPONENTS,
        order: tuple[str, ...] = _ORDER,
        label: str = "sig1",
        twice: bool = False,
        flipped: bool = False,
        query: str | None = None,
        **parameters: Any,
    ) -> Sent:
        """Return a request.

        Args:
            signed: values that are signed instead of those that are sent.
            components: what is covered.
            order: of the parameters.
            label: of the signature.
            twice: whether a second one with the same tag stands beside it.
            flipped: whether one bit of the signature is another one.
            query: what is sent, where it is not what is signed.
            parameters: other values of them; ``None`` leaves one out.
        """
        values = self._values() | (signed or {})
        line = self._parameters(components, order, parameters)
        key = self._key()
        value = bytearray(key.sign(signature_base(components, values, line)))
        value[0] ^= int(flipped)
        written = f":{base64.b64encode(bytes(value)).decode()}:"
        labels = (label, "other") if twice else (label,)
        caller = self.trial.bench.target.caller
        headers = {
            **caller.headers,
            VERSION_HEADER: VERSION,
            CONTENT_DIGEST_HEADER: content_digest(b""),
            "Signature-Input": ", ".join(f"{one}={line}" for one in labels),
            "Signature": ", ".join(f"{one}={written}" for one in labels),
        }
        target = f"{self.trial.bench.line.root}{self.path}?{query or self.query}"
        return Sent(method="GET", path=target, headers=tuple(headers.items()), secret=caller.secret)

    def forgeries(self) -> Iterator[tuple[str, Sent]]:
        """Yield requests that must be refused, each with what is wrong in it."""
        changed = {
            "@method": "PUT",
            "@authority": "elsewhere.example",
            "@path": f"{self.trial.bench.line.root}/submissions/another",
            "@query": "?after=7",
            "content-digest": content_digest(b"{}"),
            "oneservice-version": "1.7",
        }
        for name, value in changed.items():
            yield f"another {name} was signed", self.request(signed={name: value})
        for name in COMPONENTS:
            left = tuple(one for one in COMPONENTS if one != name)
            yield f"{name} is not covered", self.request(components=left)
        yield "a query was added after signing", self.request(query=f"{self.query}&limit=1")
        yield "one bit of the signature is flipped", self.request(flipped=True)
        yield "two signatures have the tag", self.request(twice=True)
        yield "the tag is that of callbacks", self.request(tag="oneservice-callback")
        yield "there is no tag", self.request(tag=None)
        yield "alg is another one", self.request(alg=_OTHER_ALG.get(self._key().alg, "ed25519"))

    def spellings(self) -> Iterator[tuple[str, Sent]]:
        """Yield requests that must be let in."""
        yield "as in the vector", self.request()
        yield "parameters in another order", self.request(order=tuple(reversed(_ORDER)))
        yield "components in another order", self.request(components=tuple(reversed(COMPONENTS)))
        yield "another label", self.request(label="x-y.z_1")
        yield "without alg and nonce", self.request(alg=None, nonce=None)

    def _key(self) -> Any:
        return self.trial.bench.target.caller.key

    def _values(self) -> dict[str, str]:
        line = self.trial.bench.line
        scheme = urlsplit(line.base_url).scheme
        return {
            "@method": "GET",
            "@authority": line.authority.lower().removesuffix(_DEFAULT_PORTS[scheme]),
            "@path": f"{line.root}{self.path}",
            "@query": f"?{self.query}",
            "content-digest": content_digest(b""),
            "oneservice-version": VERSION,
        }

    def _parameters(
        self, components: tuple[str, ...], order: tuple[str, ...], changed: dict[str, Any]
    ) -> str:
        now, key = int(SystemClock().now().timestamp()), self._key()
        values = {
            "created": now,
            "expires": now + 300,
            "nonce": self.trial.bench.traceparent()[3:25],
            "keyid": key.keyid,
            "alg": key.alg,
            "tag": REQUEST_TAG,
        } | changed
        covered = " ".join(f'"{name}"' for name in components)
        told = [
            f";{name}={values[name]}"
            if isinstance(values[name], int)
            else f';{name}="{values[name]}"'
            for name in order
            if values[name] is not None
        ]
        return f"({covered}){''.join(told)}"
