"""Where a department is, and how much of it may be used: checked before anything is sent."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import SplitResult, urlsplit

from oneservice.departments.addresses import is_loopback
from oneservice.departments.wire import (
    CALL_DEADLINE_S,
    DOCUMENT_DEADLINE_S,
    MAX_CHANGES_BYTES,
    MAX_HEADER_BYTES,
    MAX_JSON_BYTES,
    MAX_WAIT_S,
    is_id,
)
from oneservice.errors import EndpointInvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oneservice.departments.client_tokens import ClientCredentials
    from oneservice.departments.verifying import VerifyingKey

__all__ = ["MOST_CONNECTIONS", "DepartmentEndpoint", "RequestSigner", "is_path_id"]

MOST_CONNECTIONS: Final = 8
"""Small pools: a wide one costs more CPU than it gains, and departments are small (section 14)."""
_DOCUMENT_BYTES: Final = 52_428_800  # the example of section 3; a department may name another


class RequestSigner(Protocol):
    """Whoever signs our requests (protocol section 13); :class:`MessageSigner` does."""

    def headers(
        self, *, method: str, url: str, headers: Mapping[str, str], created_at: datetime
    ) -> Mapping[str, str]:
        """Return the headers to add; ``headers`` has the content digest already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEndpoint:
    """The configured way to one department; every number is a limit of protocol section 14.

    Attributes:
        base_url: ``https://HOST/…/oneservice/v1``; plain ``http`` for loopback addresses only.
        keys: event keys that we trust; what the department itself lists is not trusted for that.
        ssl_context: trust anchors and, for mutual TLS, our certificate; shared between
            departments where possible, since one costs 40 to 110 ms to make. ``None`` means the
            system's anchors.
        signer: signs each request (:class:`MessageSigner`); ``None`` where it is not asked for.
        credentials: where to get access tokens (OAuth 2.0); ``None`` for none.
        in_flight: requests at a time, which is also the number of connections.
        per_minute: requests started within any 60 seconds.
        deadline_s: real seconds for a whole exchange, from connecting to the last byte.
        document_deadline_s: the same for documents, before the allowance for their size.
        long_poll_s: how long the feed may hold an answer open; set it only where the department
            names the feature ``wait``. The answer occupies one of ``in_flight`` meanwhile.
        body_bytes: largest JSON body that we send.
        document_bytes: largest document that we send.
        status_bytes: largest status document that we read.
        changes_bytes: largest page of changes that we read.
        header_bytes: largest header section that we read, interim answers included.

    Raises:
        EndpointInvalidError: the address, the TLS context or a limit must not be used.
    """

    base_url: str
    keys: tuple[VerifyingKey, ...]
    ssl_context: ssl.SSLContext | None = None
    signer: RequestSigner | None = None
    credentials: ClientCredentials | None = None
    in_flight: int = MOST_CONNECTIONS
    per_minute: int = 600
    deadline_s: float = CALL_DEADLINE_S
    document_deadline_s: float = DOCUMENT_DEADLINE_S
    long_poll_s: int = 0
    body_bytes: int = MAX_JSON_BYTES
    document_bytes: int = _DOCUMENT_BYTES
    status_bytes: int = MAX_JSON_BYTES
    changes_bytes: int = MAX_CHANGES_BYTES
    header_bytes: int = MAX_HEADER_BYTES

    def __post_init__(self) -> None:
        address = _split(self.base_url)
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            raise EndpointInvalidError(
                f"the address of {address.hostname} is plain http; only loopback addresses may "
                "be called without TLS: configure https"
            )
        context = self.ssl_context
        if context is not None and (
            context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname
        ):
            raise EndpointInvalidError(
                f"the TLS context for {address.hostname} does not verify certificates and names; "
                "pin a private trust anchor instead of switching verification off"
            )
        if not 1 <= self.in_flight <= MOST_CONNECTIONS or self.per_minute < 1:
            raise EndpointInvalidError(
                f"{address.hostname}: in_flight must be 1 to {MOST_CONNECTIONS} and per_minute at "
                f"least 1, not {self.in_flight} and {self.per_minute}"
            )
        if self.deadline_s <= 0 or not 0 <= self.long_poll_s <= MAX_WAIT_S:
            raise EndpointInvalidError(
                f"{address.hostname}: a deadline must be longer than 0 s, and long_poll_s between "
                f"0 and {MAX_WAIT_S}"
            )

    @property
    def is_tls(self) -> bool:
        """Whether the department is called over TLS."""
        return self.base_url[:6].lower() == "https:"

    def url(self, *parts: str, query: str = "") -> str:
        """Return the URL of a resource; ``parts`` are ids that :func:`is_path_id` let pass."""
        return "/".join((self.base_url.rstrip("/"), *parts)) + (f"?{query}" if query else "")


def is_path_id(text: str) -> bool:
    """Say whether ``text`` is an id of protocol section 1 that a path can carry unchanged.

    The two ids ``.`` and ``..`` are refused: a URL library would take them for steps in the tree.
    """
    return is_id(text) and text not in {".", ".."}


def _split(base_url: str) -> SplitResult:
    try:
        address = urlsplit(base_url)
        _ = address.port  # raises when it is no number
    except ValueError:
        address = SplitResult("", "", "", "", "")
    if address.scheme not in {"http", "https"} or not address.hostname or not base_url.isascii():
        raise EndpointInvalidError(
            "the base address of a department is https://HOST/…/oneservice/v1; "
            "the configured one is not of that form"
        )
    if "@" in address.netloc or address.query or address.fragment:
        raise EndpointInvalidError(
            f"the base address of {address.hostname} must not carry user names, passwords, a query "
            "or a fragment; configure credentials as a signer or in the TLS context"
        )
    return address
