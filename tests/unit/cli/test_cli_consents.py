"""``oneservice consents``: the words that people agree to, and the terms that are kept of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import canonical, digest_bytes

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "newborn.yaml"
ABROAD = (
    *("consents", "newborn", "--answers", EXAMPLE, "--on", "2026-09-28"),
    *("--region", "970301", "--set", "born_in=970301", "--set", "home_region=980201"),
)


def test_who_gets_what_for_which_purpose_by_which_law_until_when(run: Any) -> None:
    page = run(*ABROAD, "--peer", "980200", "--until", "2026-12-31")
    assert page.exit_code == 0
    told = " ".join(page.stdout.split())
    for part in (
        "Consent applicant.region-980200",
        "goes to Public Security",
        "region-980200, region 980200",
        "“A child is born”",
        "Name of the child",
        "Medical certificate of birth",
        "Personal Information Protection Law art. 13(1)(1), 14 and 23",
        "until 2026-12-31",
        "take this back at any time",
        "Who else must agree - The other parent",
    ):
        assert part in told


def test_chinese_says_the_same(run: Any) -> None:
    page = run(*ABROAD, "--peer", "980200=region-b", "--language", "zh")
    told = "".join(page.stdout.split())
    for part in ("我同意", "公安机关", "region-b", "孩子姓名", "至本件办结为止", "另一位家长"):
        assert part in told


def test_the_digest_is_that_of_the_terms(run: Any) -> None:
    told = json.loads(run(*ABROAD, "--peer", "980200", "--json").stdout)
    (one,) = told["consents"]
    assert told["parties"] == ["other_parent"]
    assert one["id"] == "applicant.region-980200"
    assert one["proof"] == digest_bytes(canonical(one["terms"]))
    page = run(*ABROAD, "--peer", "980200").stdout
    assert f"digest of the statement {one['proof']}" in " ".join(page.split())
    assert "mother_id_no" in one["terms"]["fields"]
    assert set(one["terms"]["text"]) == {"zh", "en"}


def test_where_nothing_crosses_it_says_so(run: Any) -> None:
    page = run(*ABROAD, "--peer", "110000")
    assert page.exit_code == 0
    told = " ".join(page.stdout.split())
    assert "Nothing goes to another region: no consent to a crossing is needed. " in told
    assert "Who must agree to the case itself - The other parent" in told, "whatever crosses"


@pytest.mark.parametrize("peer", ["Beijing", "9802", "=office"])
def test_a_peer_is_a_region(run: Any, peer: str) -> None:
    page = run(*ABROAD, "--peer", peer)
    assert page.exit_code == 2
    assert "--peer takes CODE" in page.stderr
