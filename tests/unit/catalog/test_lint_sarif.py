"""Findings as SARIF 2.1.0: what its schema and section 3 demand of what we write."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest

from oneservice.catalog import Finding, Severity
from oneservice.catalog.lint import CODES, as_sarif

SEMANTIC = re.compile(r"\d+\.\d+\.\d+([-+].+)?")


def finding(source: str, code: str = "unused_item") -> Finding:
    severity = CODES[code].severity if code in CODES else Severity.ERROR
    return Finding(source=source, code=code, severity=severity, text="odd", remedy="mend it")


def test_the_log_has_one_run_with_every_rule() -> None:
    log = as_sarif([], version="1.2.3")
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    assert urlsplit(log["$schema"]).path.endswith("sarif-schema-2.1.0.json")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    assert SEMANTIC.fullmatch(driver["semanticVersion"])
    assert [rule["id"] for rule in driver["rules"]] == list(CODES)  # unique: keys of a mapping
    for rule in driver["rules"]:
        assert set(rule) == {"id", "shortDescription", "defaultConfiguration"}
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["results"] == []  # present and empty: the tool ran and found nothing (3.14.23)


def test_a_result_has_its_rule_level_words_and_place() -> None:
    run = as_sarif([finding("a/b.yaml:4:7")], version="1.0.0")["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] == "warning"
    assert result["message"] == {"text": "odd; mend it"}
    (location,) = result["locations"]
    assert location == {
        "physicalLocation": {
            "artifactLocation": {"uri": "a/b.yaml"},
            "region": {"startLine": 4, "startColumn": 7},
        }
    }
    assert json.loads(json.dumps(run)) == run


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a.yaml", "a.yaml"),
        ("/srv/catalogs/a.yaml", "file:///srv/catalogs/a.yaml"),
        ("with space/开店.yaml", "with%20space/%E5%BC%80%E5%BA%97.yaml"),
        ("100%.yaml", "100%25.yaml"),
        ("a#b?.yaml", "a%23b%3F.yaml"),
        ("c:d.yaml", "./c:d.yaml"),
    ],
)
def test_a_file_name_becomes_a_uri_reference(file: str, uri: str) -> None:
    run = as_sarif([finding(f"{file}:1:1")], version="1.0.0")["runs"][0]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == uri


def test_a_code_that_is_not_listed_has_no_index() -> None:
    run = as_sarif([finding("a.yaml:1:1", "quite_new")], version="1.0.0")["runs"][0]
    assert "ruleIndex" not in run["results"][0]
