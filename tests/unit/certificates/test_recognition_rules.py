"""Which certificates of other regions count here, by which rule, and why not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    Recognition,
    RecognitionGap,
    RecognitionLevel,
    RecognitionRule,
    lint_recognition,
    recognise,
)
from oneservice.errors import IdentifierError, TrustListError

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2027, 1, 1, tzinfo=UTC)
RULE = RecognitionRule(
    issuer_region="980000",
    type="health-certificate",
    accepted_in="990100",
    valid_from=OPENED,
    valid_until=ENDS,
    minimum_level=RecognitionLevel.SEALED,
    legal_basis={"zh": "跨省通办协议", "en": "Agreement on service across provinces"},
)


def ask(*rules: RecognitionRule, **changes: Any) -> Recognition:
    asked = {
        "certificate_type": "health-certificate",
        "issuer_region": "980101",
        "accepting_region": "990101",
        "level": RecognitionLevel.SEALED,
        "moment": OPENED,
    }
    return recognise(rules, **(asked | changes))


@pytest.mark.parametrize(
    ("changes", "gap", "words"),
    [
        ({}, None, "a rule"),
        ({"moment": ENDS - timedelta(seconds=1)}, None, "a rule"),
        ({"issuer_region": "980000"}, None, "a rule"),
        ({"accepting_region": "990101002003"}, None, "a rule"),
        ({"issuer_region": "990101"}, None, "no rule is needed"),
        ({"issuer_region": "990000"}, None, "no rule is needed"),
        ({"issuer_region": "000000"}, None, "no rule is needed"),
        ({"certificate_type": "food_permit"}, RecognitionGap.NO_RULE, "no rule for this type"),
        ({"accepting_region": "990201"}, RecognitionGap.NO_RULE, "no rule for this type"),
        ({"accepting_region": "990000"}, RecognitionGap.NO_RULE, "no rule for this type"),
        ({"issuer_region": "970000"}, RecognitionGap.OTHER_ORIGIN, "not for certificates from"),
        ({"issuer_region": "990201"}, RecognitionGap.OTHER_ORIGIN, "not for certificates from"),
        ({"moment": OPENED - timedelta(1)}, RecognitionGap.NOT_YET, "begins only on 2026-01-01"),
        ({"moment": ENDS}, RecognitionGap.ENDED, "ended on 2027-01-01"),
        (
            {"level": RecognitionLevel.COLLECTED},
            RecognitionGap.LEVEL_TOO_LOW,
            "asks for the level sealed",
        ),
    ],
)
def test_the_answer_and_its_reason(
    changes: dict[str, Any], gap: RecognitionGap | None, words: str
) -> None:
    answer = ask(RULE, **changes)
    assert (answer.gap, answer.is_recognised) == (gap, gap is None)
    assert words in answer.words["en"]
    assert answer.words["zh"]
    assert (answer.rule is None) == (gap is not None or answer.is_home)


def test_a_no_names_the_rule_that_came_nearest() -> None:
    other = replace(RULE, issuer_region="970000")
    ended = replace(RULE, valid_until=OPENED + timedelta(days=1))
    answer = ask(other, ended, moment=OPENED + timedelta(days=2))
    assert (answer.gap, answer.nearest) == (RecognitionGap.ENDED, ended)
    weak = ask(other, ended, RULE, level=RecognitionLevel.COLLECTED)
    assert (weak.gap, weak.nearest) == (RecognitionGap.LEVEL_TOO_LOW, RULE)


def test_the_most_specific_rule_counts_in_any_order() -> None:
    rules = [
        RULE,
        replace(RULE, accepted_in="990000"),
        replace(RULE, issuer_region="980100"),
        replace(RULE, accepted_in="990101"),
        replace(RULE, accepted_in="990101", minimum_level=RecognitionLevel.COLLECTED),
        replace(
            RULE, accepted_in="990101", issuer_region="980101", valid_from=ENDS, valid_until=None
        ),
    ]
    chance = random.Random(7)
    for _ in range(20):
        chance.shuffle(rules)
        assert ask(*rules).rule == replace(RULE, accepted_in="990101")
        weak = ask(*rules, level=RecognitionLevel.COLLECTED)
        assert weak.rule.minimum_level is RecognitionLevel.COLLECTED


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": OPENED - timedelta(1)},
        {"legal_basis": {}},
        {"accepted_in": "Guangdong"},
        {"issuer_region": "99"},
    ],
)
def test_a_rule_that_cannot_be_defended_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises((TrustListError, IdentifierError)):
        replace(RULE, **changes)


def test_a_rule_goes_there_and_back() -> None:
    assert RecognitionRule.of(RULE.as_json()) == RULE
    for broken in ({"minimum_level": "rumoured"}, {"legal_basis": "x"}, {"type": ""}):
        with pytest.raises(TrustListError):
            RecognitionRule.of(RULE.as_json() | broken)


def test_what_is_odd_about_rules() -> None:
    rules = (
        RULE,
        replace(RULE, issuer_region="980101", accepted_in="990000"),  # overlaps
        replace(RULE, type="a", accepted_in="980100"),  # outside, and needless
        replace(RULE, type="b", valid_until=OPENED + timedelta(days=1)),  # ended
        replace(RULE, type="b", valid_from=OPENED + timedelta(days=1)),  # follows it
    )
    found = lint_recognition(
        rules, territory="990000", at=ENDS - timedelta(1), known_regions={"980000", "990100"}
    )
    assert [(one.code, one.place) for one in found if one.code != "unknown_region"] == [
        ("outside_territory", "recognition[2]"),
        ("needless", "recognition[2]"),
        ("ended", "recognition[3]"),
        ("overlap", "recognition[1]"),
    ]
    unknown = [one for one in found if one.code == "unknown_region"]
    assert {one.place for one in unknown} == {"recognition[1]", "recognition[2]"}
    assert [one.code for one in found if one.is_error] == ["outside_territory"]
    assert all(set(one.words) == {"zh", "en"} for one in found)
    assert lint_recognition((RULE,), territory="990000", at=OPENED) == ()
