"""Places in a JSON document (RFC 6901), as findings name them."""

from __future__ import annotations

__all__ = ["pointer_part"]


def pointer_part(name: str) -> str:
    """Write ``name`` as a JSON pointer does (RFC 6901); long names are cut."""
    return name[:64].replace("~", "~0").replace("/", "~1")
