"""Members that events gained after the first release: absent from the record where idle.

A history is hashed as it was written, and a record that is read and written again must give the
same bytes. So a member that an event gains later has a default and is marked with :data:`LATER`;
while it holds the default it is not written, as in plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

__all__ = ["LATER"]

LATER: Final[Mapping[str, Any]] = MappingProxyType({"later": True})
"""Metadata of a dataclass field: ``why: str = field(default="", metadata=LATER)``."""
