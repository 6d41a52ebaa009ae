"""How a department says that this major version will end (protocol section 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from oneservice.departments.addresses import is_callable_address
from oneservice.errors import AdapterError

__all__ = ["Retirement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """The end of a major version; open submissions end in the major that they were filed in.

    Attributes:
        deprecated_at: aware instant since which new engines should not begin with it.
        sunset_at: aware instant after which it may be gone, a year later at least.
        successor: base address of the next major.

    Raises:
        AdapterError: an instant without zone, an order that is none, no address.
    """

    deprecated_at: datetime
    sunset_at: datetime
    successor: str

    def __post_init__(self) -> None:
        is_aware = self.deprecated_at.tzinfo is not None and self.sunset_at.tzinfo is not None
        if not is_aware or self.sunset_at <= self.deprecated_at:
            msg = "a retirement has two aware instants, its sunset after its deprecation"
            raise AdapterError(msg)
        if not is_callable_address(self.successor):
            msg = "a successor is an address https://HOST/…"
            raise AdapterError(msg)

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the header fields of every answer.

        References:
            RFC 9745 (a structured date), RFC 8594 (an HTTP date), RFC 5829.
        """
        sunset = format_datetime(self.sunset_at.astimezone(UTC), usegmt=True)
        return (
            ("Deprecation", f"@{int(self.deprecated_at.timestamp())}"),
            ("Sunset", sunset),
            ("Link", f'<{self.successor}>; rel="successor-version"'),
        )
