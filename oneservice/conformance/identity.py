"""Who the kit is to the adapter: a caller with a key, or without one on the adapter's machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oneservice.clocks import SystemClock
from oneservice.conformance.words import (
    CONTENT_DIGEST_HEADER,
    VERSION,
    VERSION_HEADER,
    content_digest,
)
from oneservice.departments import EventKey, MessageSigner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One caller.

    Attributes:
        key: signs its requests; ``None`` where the connection alone tells who it is.
        headers: further fields of every request, such as a token; not shown in reports.
    """

    key: EventKey | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def secret(self) -> frozenset[str]:
        """Names, in lower case, of the fields that no report shows."""
        return frozenset(name.lower() for name in self.headers)

    def fields(
        self,
        method: str,
        url: str,
        body: bytes,
        more: Mapping[str, str],
        *,
        at: datetime | None = None,
    ) -> dict[str, str]:
        """Return the header fields of a request; ``at`` is when it seems to have been signed."""
        found = {VERSION_HEADER: VERSION, CONTENT_DIGEST_HEADER: content_digest(body)}
        found |= {**self.headers, **more}
        if self.key is not None:
            signer = MessageSigner(key=self.key)
            moment = at or SystemClock().now()
            found |= signer.headers(method=method, url=url, headers=found, created_at=moment)
        return found
