"""What a received request says for itself, read for the verification of its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oneservice.departments.message_signatures import COMPONENTS, Target
from oneservice.errors import ProtocolProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oneservice.departments.exchange import Request

__all__ = ["fields_of", "target_of"]

_SINGLE: Final = frozenset(name for name in COMPONENTS if not name.startswith("@"))


def fields_of(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return the header fields by lower-case name, values of equal names joined.

    Raises:
        ProtocolProblemError: ``signature-invalid``: one that is covered stands twice, so that
            two readers could see two messages.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        if name not in found:
            found[name] = value
        elif name in _SINGLE:
            raise ProtocolProblemError(f"{name} stands twice", problem="signature-invalid")
        else:
            found[name] = f"{found[name]}, {value}"
    return found


def target_of(request: Request, address: str, path: str) -> Target:
    """Return what must have been signed.

    Args:
        request: as it came; its ``Host`` counts for nothing.
        address: our own, as configured.
        path: the public path of what is asked for, whatever a proxy made of it.
    """
    sent: Any = request.scope.get("raw_path") or b""
    query: Any = request.scope.get("query_string", b"")
    return Target(
        method=request.method,
        authority=Target.of(request.method, address).authority,
        # What needs no escape and is escaped is another path: RFC 9421 signs what is sent.
        path=bytes(sent).decode("latin-1") if b"%" in sent else path,
        query=bytes(query).decode("latin-1"),
    )
