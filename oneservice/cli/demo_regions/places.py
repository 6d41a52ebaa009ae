"""What people call the regions of the story; their catalogs name cities so, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["PLACES"]

PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "960101": ("Reference City", "参照市"),
    "970301": ("Pattern City", "范例市"),
    "980201": ("Model City", "样城市"),
    "990101": ("Sample City", "示例市"),
}
"""By code: English, Chinese."""
