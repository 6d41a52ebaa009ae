"""Findings in the form that editors and code hosts read: SARIF 2.1.0 (OASIS, 2020)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from oneservice.catalog.findings import Finding, Severity
from oneservice.catalog.lint.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["as_sarif"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_sarif(findings: Iterable[Finding], *, version: str) -> dict[str, Any]:
    """Return one SARIF log with one run: every rule of lint, and a result for each finding.

    Args:
        findings: as :func:`oneservice.catalog.lint.lint` gives them.
        version: of the tool, as semantic versioning has it.

    References:
        SARIF 2.1.0 sections 3.13 (log), 3.14 (run), 3.27 (result), 3.30 (region: columns count
        characters from 1 under ``columnKind: unicodeCodePoints``).
    """
    rules = [_rule(code) for code in CODES]
    driver = {
        "name": "oneservice lint",
        "semanticVersion": version,
        "rules": rules,
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding) for finding in findings],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    code = CODES[name]
    return {
        "id": name,
        "shortDescription": {"text": code.meaning},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
    }


def _result(finding: Finding) -> dict[str, Any]:
    file, line, column = finding.source.rsplit(":", 2)
    where = {
        "artifactLocation": {"uri": _uri(file)},
        "region": {"startLine": int(line), "startColumn": int(column)},
    }
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.text}; {finding.remedy}"},
        "locations": [{"physicalLocation": where}],
    }
    if finding.code in CODES:
        result["ruleIndex"] = list(CODES).index(finding.code)
    return result


def _uri(file: str) -> str:
    """Return a file's name as a URI reference: absolute ones as ``file:``, others relative."""
    path = file.replace("\\", "/")
    quoted = quote(path, safe="/:@!$&'()*+,;=~")
    if path.startswith("/"):
        return f"file://{quoted}"
    first, _, _ = path.partition("/")
    return f"./{quoted}" if ":" in first else quoted  # RFC 3986 section 4.2: no scheme by accident
