"""stub"""

from __future__ import annotations

from oneservice.catalog.collection import Catalog
from oneservice.catalog.findings import Finding

__all__ = ["lint"]


def lint(catalog: Catalog) -> tuple[Finding, ...]:
    """Stub."""
    _ = catalog
    return ()
