"""The JSON Schema for editors accepts what the loader accepts, and knows its keys."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from oneservice.catalog import CatalogDocument, catalog_schema
from oneservice.catalog.load.text import read_text

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted([*(ROOT / "catalogs").rglob("*.yaml"), *(ROOT / "docs").rglob("*.yaml")])


def plain(value: Any) -> Any:
    """Return YAML data as JSON has it: what an editor's validator sees."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema", reason="the dev extra 'jsonschema' is missing")
    schema = catalog_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-2:]))
def test_files_that_can_be_read_are_valid(file: Path, validator: Any) -> None:
    value, _, findings = read_text(file.read_bytes(), file.name)
    assert findings == []
    assert [error.message for error in validator.iter_errors(plain(value))] == []


@pytest.mark.parametrize(
    "broken",
    [
        {"format": "oneservice-catalog/2"},
        {"colour": "red"},
        {"region": 990100},
        {"region": "99"},
        {"effective_from": 2026},
        {"items": [{"id": "Permit"}]},
        {"departments": [{"id": "office", "name": {"zh": "办公室"}}]},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_not_valid(broken: dict[str, Any], validator: Any) -> None:
    good = {
        "format": "oneservice-catalog/1",
        "region": "000000",
        "effective_from": "2026-01-01",
    }
    assert validator.is_valid(good)
    assert not validator.is_valid(good | broken)


def test_it_describes_every_key_of_a_file() -> None:
    schema = catalog_schema()
    assert set(schema["properties"]) == set(CatalogDocument.model_fields)
    assert schema["additionalProperties"] is False
    assert json.loads(json.dumps(schema)) == schema
    texts = json.dumps(schema)
    assert "``" not in texts
    assert str(date.min) not in texts


def test_each_call_returns_data_of_its_own() -> None:
    catalog_schema()["properties"].clear()
    assert catalog_schema()["properties"]
