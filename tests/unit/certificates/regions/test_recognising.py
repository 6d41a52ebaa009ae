"""Papers that people already hold: which count here, by which rule, and what to do instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from benchmarks.recognising import NOW, PEOPLE, Train, make_train
from oneservice.certificates import (
    Certificate,
    CollectedRecord,
    Cryptosuite,
    Curve,
    Entitlement,
    HeldPaper,
    Holder,
    ListedKey,
    Policy,
    RecognitionGap,
    RecognitionLevel,
    RecognitionRule,
    SdJwt,
    Shown,
    SigningKey,
    TrustBook,
    TrustedIssuer,
    TrustStore,
    Verdict,
    VerifyingKey,
    Wanted,
    combine,
    issue_sd_jwt,
    recognise_many,
    recognise_paper,
)
from oneservice.errors import IdentifierError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=list(Cryptosuite), ids=str)
def train(request: pytest.FixtureRequest) -> Train:
    return make_train(request.param)


def good(train: Train, truth: str = "recognised") -> Shown:
    return train.shown[train.truths.index(truth)]


def test_one_call_tells_the_truth_about_every_paper_of_a_train(train: Train) -> None:
    answers = recognise_many(train.shown, wanted=train.wanted)
    assert len(answers) == PEOPLE
    assert tuple(one.code for one in answers) == train.truths
    assert set(train.truths) == {
        "recognised",
        "revoked",
        "expired",
        "forged",
        "other_type",
        "not_recognised",
        "other_holder",
    }
    assert all(one.counts == (one.code == "recognised") for one in answers)


def test_every_answer_says_why_and_every_no_what_to_do_instead(train: Train) -> None:
    for one in recognise_many(train.shown, wanted=train.wanted):
        assert one.words["zh"]
        assert one.words["en"]
        assert (one.instead is None) == one.counts
        told = one.as_json()
        assert told["code"] == one.code
        assert "旅客" not in str(told)


def test_a_yes_names_its_rule_and_its_ground(train: Train) -> None:
    found = recognise_paper(good(train), wanted=train.wanted)
    assert found.recognition is not None
    assert found.recognition.rule is not None
    assert found.words["zh"].endswith("健康证明跨省互认协议")
    assert (found.issuer_region, found.level) == ("980000", RecognitionLevel.SEALED)
    assert found.valid_until == date(2027, 1, 31)
    assert found.report is not None
    assert found.report.verdict is Verdict.VALID


def test_a_paper_of_another_type_is_not_even_judged(train: Train) -> None:
    found = recognise_paper(good(train, "other_type"), wanted=train.wanted)
    assert (found.code, found.report) == ("other_type", None)
    anything = replace(train.wanted, types=frozenset())
    found = recognise_paper(good(train, "other_type"), wanted=anything)
    assert found.code == "not_recognised"
    assert found.recognition is not None
    assert found.recognition.gap is RecognitionGap.NO_RULE


def test_at_home_no_rule_is_needed(train: Train) -> None:
    found = recognise_paper(good(train), wanted=replace(train.wanted, region="980301"))
    assert (found.code, found.counts) == ("home", True)


def test_without_a_list_of_the_own_region_nothing_can_be_told(train: Train) -> None:
    alone = combine([one for one in train.trust.lists if one.territory != "990000"])
    found = recognise_paper(good(train), wanted=replace(train.wanted, trust=alone))
    assert found.verdict is Verdict.INDETERMINATE
    assert found.instead is not None


def test_without_a_list_of_the_issuers_region_nobody_vouches(train: Train) -> None:
    own = combine([one for one in train.trust.lists if one.territory == "990000"])
    found = recognise_paper(good(train), wanted=replace(train.wanted, trust=own))
    assert (found.code, found.issuer_region) == ("unknown_issuer", None)


def test_without_a_register_it_cannot_be_told_that_nothing_was_taken_back(train: Train) -> None:
    found = recognise_paper(good(train), wanted=replace(train.wanted, status=None))
    assert (found.verdict, found.code) == (Verdict.INDETERMINATE, "indeterminate")
    brave = Policy.dangerously_ignore_revocation()
    found = recognise_paper(good(train), wanted=replace(train.wanted, status=None, policy=brave))
    assert found.counts


def test_a_policy_is_only_added_to(train: Train) -> None:
    found = recognise_paper(good(train), wanted=replace(train.wanted, policy=Policy()))
    assert not found.counts


@pytest.mark.parametrize("data", [b"", b"{}", b"{", b"~", b"a~b~", b"\xff\xfe", b"[]", b"%PDF-1.7"])
def test_whatever_the_bytes_there_is_an_answer(train: Train, data: bytes) -> None:
    found = recognise_paper(data, wanted=train.wanted)
    assert (found.counts, found.paper) == (False, None)
    assert found.instead is not None
    assert found.as_json()["type"] == ""


def test_what_was_read_before_is_taken_as_well(train: Train) -> None:
    data = good(train).paper
    assert isinstance(data, bytes)
    assert recognise_paper(Certificate.parse(data), wanted=train.wanted).counts


def test_a_region_is_one(train: Train) -> None:
    with pytest.raises(IdentifierError):
        replace(train.wanted, region="here")


# --- whose it is -----------------------------------------------------------------------------

CITIZEN = "990101199001011239"
MASKED = "9901011990****1239"


@pytest.mark.parametrize(
    ("name", "code", "answer"),
    [
        ("王某", CITIZEN, True),
        ("王某", MASKED, True),
        ("李某", MASKED, False),
        (None, MASKED, None),
        ("王某", "9901011990****1230", False),
        ("李某", CITIZEN, True),  # the whole number tells people apart; names are written variously
        ("王某", "", None),
        ("李某", "", False),
        (None, None, None),
    ],
)
def test_a_paper_is_the_holders_own_if_it_says_so(name: Any, code: Any, answer: Any) -> None:
    assert Holder(name="王某", code=CITIZEN).answers(name, code) is answer


def test_nothing_of_the_holder_shows() -> None:
    holder = Holder(name="王某", code=CITIZEN)
    record = CollectedRecord(
        type="t", reference="r", region="980000", holder_name="王某", holder_code=CITIZEN
    )
    for one in (holder, record, HeldPaper(verdict=Verdict.VALID, code="home", paper=record)):
        assert "王某" not in repr(one)
        assert CITIZEN not in repr(one)


# --- what was only collected -----------------------------------------------------------------


def collected(**changes: Any) -> CollectedRecord:
    record = CollectedRecord(
        type="health-certificate",
        reference="H1",
        region="980000",
        holder_name="旅客1",
        holder_code="P000001",
        valid_until=date(2027, 1, 31),
    )
    return replace(record, **changes)


def with_level(train: Train, level: RecognitionLevel) -> Wanted:
    lists = [
        replace(one, recognition=tuple(replace(r, minimum_level=level) for r in one.recognition))
        for one in train.trust.lists
    ]
    return replace(train.wanted, trust=combine(lists))


def test_sealed_and_collected_are_different_levels(train: Train) -> None:
    """A rule that asks for a seal is not content with a register's entry, and says what to do."""
    found = recognise_paper(collected(), wanted=train.wanted)
    assert (found.code, found.level) == ("not_recognised", RecognitionLevel.COLLECTED)
    assert found.instead is not None
    assert "签章" in found.instead["zh"]
    content = with_level(train, RecognitionLevel.COLLECTED)
    assert recognise_paper(collected(), wanted=content).code == "recognised"
    assert recognise_paper(good(train), wanted=content).code == "recognised"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_in_force": False}, "revoked"),
        ({"valid_until": date(2026, 9, 27)}, "expired"),
        ({"valid_until": date(2026, 9, 28)}, "recognised"),
        ({"valid_until": None}, "recognised"),
        ({"valid_from": date(2026, 9, 29)}, "not_yet_valid"),
        ({"type": "driving-licence"}, "other_type"),
        ({"region": "970000"}, "not_recognised"),
        ({"region": "990000"}, "home"),
    ],
)
def test_a_record_is_judged_by_what_it_says(train: Train, changes: Any, code: str) -> None:
    wanted = with_level(train, RecognitionLevel.COLLECTED)
    assert recognise_paper(collected(**changes), wanted=wanted).code == code


def test_a_record_of_somebody_else_is_not_the_applicants(train: Train) -> None:
    wanted = with_level(train, RecognitionLevel.COLLECTED)
    for code, expected in (("P000001", "recognised"), ("P000002", "other_holder")):
        shown = Shown(paper=collected(), holder=Holder(name="旅客1", code=code))
        assert recognise_paper(shown, wanted=wanted).code == expected


def test_by_an_expired_list_of_the_own_region_no_rule_is_certain(train: Train) -> None:
    wanted = replace(
        with_level(train, RecognitionLevel.COLLECTED), at=datetime(2027, 1, 2, tzinfo=UTC)
    )
    assert recognise_paper(collected(), wanted=wanted).verdict is Verdict.INDETERMINATE
    assert recognise_paper(good(train), wanted=wanted).verdict is Verdict.INDETERMINATE
    assert recognise_paper(collected(region="990000"), wanted=wanted).counts


# --- from a wallet ---------------------------------------------------------------------------


class Wallet:
    """One certificate in somebody's wallet, bound to the wallet's key."""

    def __init__(self, train: Train) -> None:
        self.key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019, curve=Curve.P256)
        self.office = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        data = good(train).paper
        assert isinstance(data, bytes)
        claims = replace(
            Certificate.parse(data).claims, issuer_id="https://wallet.example/health", status=None
        )
        listed = ListedKey.for_certificates(
            claims.issuer_id, self.office.public_multibase, valid_from=OPENED
        )
        self.issuer = TrustedIssuer(
            id=claims.issuer_id,
            name={"zh": "局"},
            region="980301",
            keys=(listed,),
            entitlements=(
                Entitlement(type="health-certificate", region="980000", valid_from=OPENED),
            ),
        )
        self.paper = issue_sd_jwt(
            claims,
            key=self.office,
            key_id=listed.id,
            issued_at=NOW - timedelta(days=1),
            holder_key=VerifyingKey.from_multibase(self.key.public_multibase),
            salts=iter(f"{number:022}" for number in range(100)),
        )

    def trust(self, train: Train) -> TrustBook:
        lists = [
            replace(one, issuers=(*one.issuers, self.issuer)) if one.territory == "980000" else one
            for one in train.trust.lists
        ]
        return combine(lists)

    def shown(self, *paths: str, nonce: str = "n-1", **more: Any) -> Shown:
        chosen = self.paper.disclosing(*((one,) for one in paths))
        bound = chosen.bound(key=self.key, audience="https://990101.example", nonce=nonce, at=NOW)
        holder = Holder(name="旅客0", code="P000000")
        shown = Shown(
            paper=bound.dump(), holder=holder, audience="https://990101.example", nonce="n-1"
        )
        return replace(shown, **more)


def test_a_wallet_shows_just_what_is_needed(train: Train) -> None:
    wallet = Wallet(train)
    wanted = replace(train.wanted, trust=wallet.trust(train))
    found = recognise_paper(wallet.shown("holder_name", "holder_code"), wanted=wanted)
    assert (found.code, found.valid_until) == ("recognised", date(2027, 1, 31))
    assert isinstance(found.paper, SdJwt)
    assert "result" not in found.paper.claims or not found.paper.claims["result"]


@pytest.mark.parametrize(
    ("paths", "changes", "code"),
    [
        ((), {}, "holder_unshown"),
        (("holder_name",), {}, "holder_unshown"),
        (("holder_name", "holder_code"), {"nonce": "n-2"}, "holder_unproven"),
        (("holder_code",), {"holder": Holder(name="x", code="P000001")}, "other_holder"),
        (("holder_code",), {"holder": None}, "recognised"),
    ],
)
def test_a_presentation_says_whose_it_is_and_counts_once(
    train: Train, paths: tuple[str, ...], changes: Any, code: str
) -> None:
    wallet = Wallet(train)
    wanted = replace(train.wanted, trust=wallet.trust(train))
    assert recognise_paper(wallet.shown(*paths, **changes), wanted=wanted).code == code


def test_a_copy_without_the_wallets_key_proves_nothing(train: Train) -> None:
    wallet = Wallet(train)
    wanted = replace(train.wanted, trust=wallet.trust(train))
    copied = wallet.shown("holder_code", paper=wallet.paper.dump())
    assert recognise_paper(copied, wanted=wanted).code == "holder_unproven"
    plain = replace(good(train), audience="https://990101.example", nonce="n-1")
    assert not recognise_paper(plain, wanted=wanted).counts


def test_a_rule_reaches_into_the_region_and_its_days_count() -> None:
    train = make_train(Cryptosuite.EDDSA_JCS_2022, people=1)
    rule = train.trust.list_for("990000")
    assert isinstance(rule, TrustStore)
    (listed,) = rule.recognition
    cases: list[tuple[RecognitionRule, str]] = [
        (replace(listed, valid_until=NOW), "ended"),
        (replace(listed, valid_from=NOW + timedelta(days=1)), "not_yet"),
        (replace(listed, issuer_region="980300"), "other_origin"),
    ]
    for changed, gap in cases:
        lists = [
            replace(one, recognition=(changed,)) if one.territory == "990000" else one
            for one in train.trust.lists
        ]
        found = recognise_paper(train.shown[0], wanted=replace(train.wanted, trust=combine(lists)))
        assert found.recognition is not None
        assert (found.code, found.recognition.gap) == ("not_recognised", gap)
        assert found.words == found.recognition.words
        assert found.instead is not None
