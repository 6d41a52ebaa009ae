"""Several lists at once: each speaks for its own territory, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from oneservice.certificates import (
    Entitlement,
    RecognitionGap,
    RecognitionLevel,
    RecognitionRule,
    TrustStore,
    combine,
    examine,
    within_territory,
)
from oneservice.errors import TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 10, 15, tzinfo=UTC)


def listing(territory: str, *issuers: Any, **more: Any) -> TrustStore:
    return TrustStore(
        territory=territory,
        version=1,
        issued_at=OPENED,
        expires_at=datetime(2040, 1, 1, tzinfo=UTC),
        issuers=issuers,
        **more,
    )


def elsewhere(office: Any, region: str) -> Any:
    rights = tuple(replace(one, region=region) for one in office.entry.entitlements)
    return replace(office.entry, region=region, entitlements=rights)


def test_each_issuer_is_judged_by_the_list_of_his_region(make_office: Any) -> None:
    here, there = make_office(), make_office("health")
    book = combine((listing("990000", here.entry), listing("980000", elsewhere(there, "980101"))))
    assert [book.list_of(one.id).territory for one in (here, there)] == ["990000", "980000"]
    assert book.list_of("https://nobody.example") is None
    assert book.issuer(there.id).region == "980101"
    assert book.key(here.entry.keys[0].id)[0].id == here.id
    assert book.key("nobody") is None
    assert book.left_out == ()
    store = book.list_of(here.id)
    assert examine(here.issue(), trust=store, at=AT).verdict == "valid"


def test_a_list_never_speaks_for_others(make_office: Any) -> None:
    """The signers of 980000 name an office of 990000, and one of their own for 990000."""
    real, own = make_office(), make_office("own")
    reaching = replace(
        elsewhere(own, "980101"),
        entitlements=(Entitlement(type="food_permit", region="990000", valid_from=OPENED),),
    )
    rule = RecognitionRule(
        issuer_region="980000",
        type="food_permit",
        accepted_in="990000",
        valid_from=OPENED,
        minimum_level=RecognitionLevel.SEALED,
        legal_basis={"en": "because we say so"},
    )
    book = combine((listing("980000", real.entry, reaching, recognition=(rule,)),))
    assert book.issuer(real.id) is None
    assert book.issuer(own.id).entitlements == ()
    assert [one.what for one in book.left_out] == [
        f"issuer {real.id}",
        f"entitlement of {own.id} to food_permit",
        "recognition of food_permit from 980000",
    ]
    assert all("does not lie in 980000" in one.as_json()["why"] for one in book.left_out)
    trust = book.list_for("980101")
    assert examine(real.issue(), trust=trust, at=AT).reason == "unknown_issuer"


def test_a_signed_list_keeps_its_name_when_it_is_cut(bureau: Any, make_office: Any) -> None:
    store = bureau.publish_unasked(issuers=(elsewhere(make_office(), "980101"),))
    cut, left_out = within_territory(store)
    assert (cut.issuers, len(left_out)) == ((), 1)
    assert (cut.digest, cut.dump()) == (store.digest, store.dump())


def test_a_signed_list_alone_does_not_speak_for_others_either(
    bureau: Any, make_office: Any
) -> None:
    far = make_office()
    right = Entitlement(type="food_permit", region="980101", valid_from=OPENED)
    near = replace(make_office("near").entry, entitlements=(right,))
    store = bureau.publish_unasked(issuers=(elsewhere(far, "980101"), near))
    assert store.issuer(far.id) is None
    assert store.key(far.entry.keys[0].id) is None
    assert store.issuer(near.id).entitlements == ()
    assert len(store.issuers) == 2  # said it was, and so it stays in the history
    assert examine(far.issue(), trust=store, at=AT).reason == "unknown_issuer"


def test_who_is_named_by_two_lists_is_named_by_none(make_office: Any) -> None:
    office = make_office()
    province, city = listing("990000", office.entry), listing("990100", office.entry)
    with pytest.raises(TrustListError, match="both name"):
        combine((province, city))
    other = replace(make_office("other").entry, region="990101", keys=office.entry.keys)
    with pytest.raises(TrustListError, match="both name"):
        combine((province, listing("990100", other)))
    with pytest.raises(TrustListError, match="two lists of 990000"):
        combine((province, province))


def test_a_key_of_two_issuers_is_refused_in_one_list(make_office: Any) -> None:
    office = make_office()
    key = office.entry.keys[0]
    twin = replace(
        make_office("twin").entry, keys=(replace(key, id=f"https://twin.example#{key.multibase}"),)
    )
    with pytest.raises(TrustListError, match="stands in it twice"):
        listing("990000", office.entry, twin)


def test_what_counts_here_says_the_list_of_here() -> None:
    rule = RecognitionRule(
        issuer_region="980000",
        type="health-certificate",
        accepted_in="990000",
        valid_from=OPENED,
        minimum_level=RecognitionLevel.SEALED,
        legal_basis={"zh": "协议"},
    )
    book = combine((listing("990000", recognition=(rule,)), listing("980000"), listing("990200")))
    asked = {
        "certificate_type": "health-certificate",
        "issuer_region": "980101",
        "level": RecognitionLevel.SEALED,
        "moment": AT,
    }
    assert book.recognition_of(accepting_region="990101", **asked).rule == rule
    for region in ("990201", "970101"):  # a list of its own without the rule; no list at all
        answer = book.recognition_of(accepting_region=region, **asked)
        assert answer.gap is RecognitionGap.NO_RULE
    assert book.list_for("990201").territory == "990200"
    assert book.list_for("970000") is None
