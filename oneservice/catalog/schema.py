"""The JSON Schema of a catalog file: drawn from the models, told in their own words.

It describes files as people write them, so a day or a decimal is also what YAML makes of it. It
knows shapes only; what names refer to, and whether rules can be read, is for lint.
"""

from __future__ import annotations

from typing import Any

from oneservice.catalog.documents import CatalogDocument

__all__ = ["SCHEMA_ID", "catalog_schema"]

SCHEMA_ID = "urn:oneservice:catalog:1"
"""Names the schema of the format ``oneservice-catalog/1``."""


def catalog_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one catalog file, as plain data of its own."""
    drawn = CatalogDocument.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **_tidied(drawn),
        "title": "A catalog file of oneservice",
    }


def _tidied(schema: Any) -> Any:
    """Drop the titles that pydantic makes of names, and write docstrings on one line each."""
    if isinstance(schema, list):
        return [_tidied(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {
        key: {name: _tidied(inner) for name, inner in value.items()}
        if key in {"properties", "$defs"}
        else _tidied(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
    described = tidied.get("description")
    if isinstance(described, str):
        tidied["description"] = " ".join(described.replace("``", "'").split())
    return tidied
