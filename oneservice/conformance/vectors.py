"""The two vectors of section 17, recomputed with the kit's own hands before it judges others."""

from __future__ import annotations

import base64
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from oneservice.canonical import digest
from oneservice.conformance.forging import signature_base
from oneservice.conformance.words import COMPONENTS, EVENT_PREFIX

__all__ = ["recompute"]

_KEY: Final = bytes(range(32))
_VALUES: Final = {
    "@method": "PUT",
    "@authority": "dept.example",
    "@path": "/oneservice/v1/submissions/c42.food_permit.1",
    "@query": "?",
    "content-digest": "sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:",
    "oneservice-version": "1.0",
}
_PARAMETERS: Final = (
    '("@method" "@authority" "@path" "@query" "content-digest" "oneservice-version")'
    ';created=1795222800;expires=1795223100;nonce="bm9uY2Utbm9uY2Utbm9uY2U"'
    ';keyid="region-a-2026";alg="ed25519";tag="oneservice-request"'
)
_SIGNATURE: Final = (
    "TiTlmdGFPFhL8U8arlcI8BymcVB3NFEIiZyqLm0dzBKm/WXuvak3kMFWuTLlr6erG1FDH7IB8QXnVGJQK9hZAQ=="
)
_EVENT: Final = {
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
_DIGEST: Final = "sha256:bbfe42d2f0d54e3a74f2d471711dabec5188d207004f0249ca384bad81714f44"
_EVENT_SIGNATURE: Final = (
    "Zic9L26HRr+4evqmr7HMwlH8kFgMHVS4kvCBQeuhXDmpnvaeJfZRRyV5Q0zDS24c/naa7akwgjTYjLYqr/42BQ=="
)


def recompute() -> None:
    """Raise :class:`RuntimeError` if the kit does not arrive at the vectors: it may not judge."""
    key = Ed25519PrivateKey.from_private_bytes(_KEY)
    base = signature_base(COMPONENTS, _VALUES, _PARAMETERS)
    said = EVENT_PREFIX + digest(_EVENT).encode()
    is_right = (
        base64.b64encode(key.sign(base)).decode() == _SIGNATURE
        and digest(_EVENT) == _DIGEST
        and base64.b64encode(key.sign(said)).decode() == _EVENT_SIGNATURE
    )
    if not is_right:
        msg = "the kit does not arrive at the protocol's own vectors; do not trust this run"
        raise RuntimeError(msg)
