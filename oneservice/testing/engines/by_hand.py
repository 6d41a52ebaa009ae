"""RFC 9421 once more, by hand: what the engine signed, and callbacks that it must let in."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from oneservice.canonical import digest
from oneservice.testing.engines.table import UntellableError, broken, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oneservice.departments import EventKey
    from oneservice.testing.engines.asked import Asked

__all__ = ["recompute_vectors", "refuse_badly_signed", "ring", "sign_callback"]

_COVERED: Final = (
    *("@method", "@authority", "@path", "@query"),
    *("content-digest", "oneservice-version"),
)
_INPUT: Final = re.compile(r'([\w.*-]+)=(\(([^()]*)\)((?:;[a-z]+=(?:"[^"]*"|\d+))*))')
_PARAMETER: Final = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))')
_LONGEST_S: Final = 300
_REQUEST_TAG: Final = "oneservice-request"

_VECTOR_BASE: Final = """\
"@method": PUT
"@authority": dept.example
"@path": /oneservice/v1/submissions/c42.food_permit.1
"@query": ?
"content-digest": sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:
"oneservice-version": 1.0
"@signature-params": ("@method" "@authority" "@path" "@query" "content-digest" \
"oneservice-version");created=1795222800;expires=1795223100;nonce="bm9uY2Utbm9uY2Utbm9uY2U";\
keyid="region-a-2026";alg="ed25519";tag="oneservice-request\""""
_VECTOR_SIGNATURE: Final = (
    "TiTlmdGFPFhL8U8arlcI8BymcVB3NFEIiZyqLm0dzBKm/WXuvak3kMFWuTLlr6erG1FDH7IB8QXnVGJQK9hZAQ=="
)
_VECTOR_EVENT: Final = {
    "submission_id": "c42.food_permit.1",
    "seq": 1,
    "type": "received",
    "at": "2026-11-21T01:00:00Z",
    "recorded_at": "2026-11-21T01:00:00Z",
    "department": "330106-market-regulation",
    "data": {
        "receipt_no": "SJ-20261121-0007",
        "request_digest": "sha256:66fdc2a9994e36c0e42fa74235d74233e05e05f5c3158ca9a3164ddd74f25a06",
    },
    "prev": None,
}
_VECTOR_DIGEST: Final = "sha256:bbfe42d2f0d54e3a74f2d471711dabec5188d207004f0249ca384bad81714f44"


def recompute_vectors() -> None:
    """Raise :class:`RuntimeError` unless the kit arrives at the vectors of section 17."""
    public = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    values = {
        "@method": "PUT",
        "@authority": "dept.example",
        "@path": "/oneservice/v1/submissions/c42.food_permit.1",
        "@query": "?",
        "content-digest": "sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:",
        "oneservice-version": "1.0",
    }
    written = _VECTOR_BASE.rpartition('"@signature-params": ')[2]
    base = _base(_COVERED, values, written)
    public.verify(base64.b64decode(_VECTOR_SIGNATURE), base)
    if base.decode() != _VECTOR_BASE or digest(_VECTOR_EVENT) != _VECTOR_DIGEST:
        msg = "the kit does not arrive at the protocol's own vectors; do not trust this run"
        raise RuntimeError(msg)


def _base(components: tuple[str, ...], values: Mapping[str, str], parameters: str) -> bytes:
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("latin-1")


def _authority(url: str) -> str:
    parts = urlsplit(url)
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts.netloc.lower().removesuffix(usual)


def content_digest(body: bytes) -> str:
    """Return the value of ``Content-Digest`` (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def refuse_badly_signed(asked: Asked, key: EventKey, base_url: str, now: datetime) -> str:
    """Break the statement unless the engine signed a request as section 13 says; return its nonce.

    Raises:
        UntellableError: the engine does not sign.
    """
    given, value = asked.header("signature-input"), asked.header("signature")
    if not given and not value:
        raise UntellableError("the engine signs no requests; say so where callers are registered")
    holds(
        asked.header("content-digest") == content_digest(asked.body),
        "Content-Digest is not that of the body, or not there",
        asked,
    )
    found = [one for one in _INPUT.finditer(given) if _REQUEST_TAG in one[4]]
    holds(len(found) == 1, "there is not exactly one signature with the tag of requests", asked)
    label, written, listed, parameters = found[0].groups()
    components = tuple(re.findall(r'"([^"]+)"', listed))
    holds(set(components) == set(_COVERED), f"covered are {components}", asked)
    told = {name: text or number for name, text, number in _PARAMETER.findall(parameters)}
    _refuse_wrong_parameters(asked, told, key, now)
    target, _, query = asked.target.partition("?")
    values = {
        "@method": asked.method,
        "@authority": _authority(base_url),
        "@path": target,
        "@query": f"?{query}",
        "content-digest": asked.header("content-digest"),
        "oneservice-version": asked.header("oneservice-version"),
    }
    match = re.search(rf"{re.escape(label)}=:([A-Za-z0-9+/=]+):", value)
    if match is None:
        broken("the signature itself is missing", asked)
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(
            base64.b64decode(match[1]), _base(components, values, written)
        )
    except InvalidSignature:
        broken("the signature is not that of the request", asked)
    return str(told.get("nonce", ""))


def _refuse_wrong_parameters(
    asked: Asked, told: Mapping[str, str], key: EventKey, now: datetime
) -> None:
    holds(told.get("keyid") == key.keyid, "another keyid than the engine was given", asked)
    holds(told.get("alg", key.alg) == key.alg, "another alg than the key's", asked)
    holds(told.get("nonce"), "there is no nonce", asked)
    created, expires = int(told.get("created", "0")), int(told.get("expires", "0"))
    holds(0 < expires - created <= _LONGEST_S, "expires is not at most 300 s after created", asked)
    holds(abs(created - now.timestamp()) < _LONGEST_S, "created is not the present", asked)


# --- callbacks ---


def sign_callback(url: str, body: bytes, key: EventKey, now: datetime) -> dict[str, str]:
    """Return the header fields of a signed callback, its parameters in an order of their own."""
    created = int(now.timestamp())
    fields = {"OneService-Version": "1.0", "Content-Digest": content_digest(body)}
    values = {
        "@method": "POST",
        "@authority": _authority(url),
        "@path": urlsplit(url).path,
        "@query": "?",
        "content-digest": fields["Content-Digest"],
        "oneservice-version": "1.0",
    }
    listed = " ".join(f'"{name}"' for name in reversed(_COVERED))
    written = (
        f'({listed});tag="oneservice-callback";keyid="{key.keyid}";alg="{key.alg}"'
        f';nonce="{secrets.token_hex(12)}";expires={created + 120};created={created}'
    )
    value = key.sign(_base(tuple(reversed(_COVERED)), values, written))
    fields["Signature-Input"] = f"ring={written}"
    fields["Signature"] = f"ring=:{base64.b64encode(value).decode()}:"
    return fields


async def ring(url: str, body: bytes, fields: Mapping[str, str], *, method: str = "POST") -> int:
    """Send a callback over a plain socket and return the status of the answer; 0 for none."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **fields,
    }
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    try:
        writer.write(f"{method} {parts.path} HTTP/1.1\r\n{told}\r\n".encode() + body)
        await writer.drain()
        first = (await reader.readline()).split(b" ")
    except ConnectionError:
        return 0
    finally:
        writer.close()
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0
