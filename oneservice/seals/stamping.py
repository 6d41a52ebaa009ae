"""Asking a timestamp authority over HTTP (RFC 3161, section 3.4), and believing nothing it says."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from oneservice.certificates import TimestampRequest, open_answer, read_timestamp
from oneservice.errors import StatusUnknownError
from oneservice.ports import WebRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oneservice.certificates import ListedAuthority, TimestampFinding
    from oneservice.ports import Web

__all__ = ["stamp"]

_ANSWER_BYTES: Final = 262_144
_NONCE_BITS: Final = 64
_OK: Final = 200
_REQUEST: Final = "application/timestamp-query"
_ANSWER: Final = "application/timestamp-reply"


async def stamp(
    data: bytes,
    *,
    url: str,
    web: Web,
    authorities: Sequence[ListedAuthority],
    policy: str | None = None,
    deadline_s: float = 10.0,
) -> tuple[bytes, TimestampFinding]:
    """Return a token over the SHA-256 of ``data``, checked as a verifier will check it.

    Args:
        data: what existed now, such as the canonical bytes of a certificate.
        url: of the authority.
        web: makes the exchange.
        authorities: those whose word counts, from the trust list; the answer must be by one.
        policy: object identifier of the rules that are wished for.
        deadline_s: real seconds for the whole exchange.

    Raises:
        VerificationError: the answer is none, or proves nothing; see :func:`read_timestamp`.
        WebUnavailableError: there is no answer now.
    """
    request = TimestampRequest(
        digest=hashlib.sha256(data).digest(), nonce=secrets.randbits(_NONCE_BITS), policy=policy
    )
    answer = await web.exchange(
        WebRequest(
            url=url,
            method="POST",
            headers={"content-type": _REQUEST, "accept": _ANSWER},
            body=request.encode(),
            max_bytes=_ANSWER_BYTES,
            deadline_s=deadline_s,
        )
    )
    if answer.status != _OK:
        msg = f"the timestamp authority answered {answer.status}; ask again later, or another one"
        raise StatusUnknownError(msg)
    token = open_answer(answer.body, request=request)
    wished = () if policy is None else (policy,)
    found = read_timestamp(
        token, authorities=authorities, data=data, nonce=request.nonce, policies=wished
    )
    return token, found
