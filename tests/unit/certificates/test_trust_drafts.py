"""Drafts: what people write, read strictly, and refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from oneservice.certificates import TrustDraft
from oneservice.errors import TrustListError


def test_a_draft_goes_there_and_back(bureau: Any) -> None:
    document = bureau.draft.as_json()
    assert TrustDraft.of(document) == bureau.draft
    assert "logs" not in document  # what is empty is not written
    assert "department" in document["issuers"][0]
    store = bureau.publish()
    assert TrustDraft.from_list(store) == bureau.draft


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        (lambda d: d.update(format="x"), "format", "is due"),
        (lambda d: d.pop("territory"), "territory", "is missing"),
        (lambda d: d.update(territory="Sichuan"), "territory", "6 digits"),
        (lambda d: d.update(treshold=2), "treshold", "no such member"),
        (lambda d: d.update(threshold="2"), "threshold", "whole number"),
        (lambda d: d.update(signers={}), "signers", "a list"),
        (lambda d: d["signers"][1].update(mail="x"), "signers[1].mail", "no such member"),
        (lambda d: d["signers"].append("x"), "signers[3]", "an object"),
        (lambda d: d.update(logs=[{}]), "logs[0].origin", "is missing"),
        (lambda d: d["issuers"][0].update(name="局"), "issuers[0].name", "for each language"),
        (
            lambda d: d["issuers"][0]["keys"][0].update(valid_untill="2026-01-01T00:00:00Z"),
            "issuers[0].keys[0].valid_untill",
            "no such member",
        ),
        (
            lambda d: d["issuers"][0]["keys"][0].update(valid_from="yesterday"),
            "issuers[0].keys[0].valid_from",
            "not an instant",
        ),
        (lambda d: d["issuers"][0]["keys"][0].update(use="x"), "issuers[0].keys[0].use", "one of"),
        (
            lambda d: d["issuers"][0]["keys"][0].update(suite="x"),
            "issuers[0].keys[0]",
            "does not fit",
        ),
        (
            lambda d: d["issuers"][0]["entitlements"][0].update(region="9"),
            "issuers[0].entitlements[0].region",
            "6 digits",
        ),
    ],
)
def test_a_slip_is_refused_with_its_place(
    bureau: Any, change: Callable[[Any], object], place: str, why: str
) -> None:
    document = bureau.draft.as_json()
    change(document)
    with pytest.raises(TrustListError, match=why) as caught:
        TrustDraft.of(document)
    assert caught.value.place == place


def test_an_office_may_still_be_without_keys(bureau: Any) -> None:
    document = bureau.draft.as_json()
    del document["issuers"][0]["keys"], document["issuers"][0]["entitlements"]
    assert TrustDraft.of(document).issuers[0].keys == ()


def test_contradictions_are_found_before_anything_is_signed(bureau: Any) -> None:
    document = bureau.draft.as_json()
    document["issuers"] *= 2
    with pytest.raises(TrustListError, match="stands in it twice"):
        TrustDraft.of(document).try_out()


def test_an_unsigned_list_has_no_publisher(office: Any) -> None:
    with pytest.raises(TrustListError, match="who publishes it"):
        TrustDraft.from_list(office.trust)
