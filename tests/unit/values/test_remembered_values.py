"""Collect once: which remembered value may be used, which one is, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oneservice.values import (
    Consent,
    PassedOver,
    PrefillReason,
    RememberedValue,
    Usability,
    ValueKind,
    WantedField,
    describe_prefill,
    describe_usability,
    prefill,
    usable,
)

ON = date(2026, 9, 28)
CONSENT = Consent(id="c-1", purposes=("restaurant",), until=date(2026, 12, 31))
PHONE = WantedField(id="phone", kind=ValueKind.PHONE, sources=("licence_register", "cases"))


def remembered(**changes: Any) -> RememberedValue:
    facts: dict[str, Any] = {
        "field_id": "phone",
        "kind": ValueKind.PHONE,
        "value": "13800000000",
        "source": "licence_register",
        "fetched_at": datetime(2026, 9, 1, tzinfo=UTC),
        "consent": CONSENT,
    }
    return RememberedValue(**facts | changes)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, Usability.USABLE),
        ({"valid_until": ON}, Usability.USABLE),
        ({"valid_until": date(2026, 9, 27)}, Usability.EXPIRED),
        ({"consent": None}, Usability.NO_CONSENT),
        ({"consent": None, "is_personal": False}, Usability.USABLE),
        ({"consent": Consent(id="c", purposes=("newborn",))}, Usability.OTHER_PURPOSE),
        ({"consent": Consent(id="c", purposes=())}, Usability.OTHER_PURPOSE),
        (
            {"consent": Consent(id="c", purposes=("restaurant",), until=date(2026, 9, 27))},
            Usability.CONSENT_EXPIRED,
        ),
        (
            {"consent": Consent(id="c", purposes=("restaurant",), withdrawn_on=ON)},
            Usability.CONSENT_WITHDRAWN,
        ),
        (
            {"consent": Consent(id="c", purposes=("restaurant",), withdrawn_on=date(2026, 9, 29))},
            Usability.USABLE,
        ),
    ],
)
def test_use_needs_validity_and_consent_for_the_purpose(
    changes: dict[str, Any], found: Usability
) -> None:
    assert usable(remembered(**changes), on=ON, purpose="restaurant") is found


def test_every_finding_has_words() -> None:
    assert all(describe_usability(one).zh and describe_usability(one).en for one in Usability)
    assert all(describe_prefill(one).zh and describe_prefill(one).en for one in PrefillReason)


def test_every_obstacle_is_a_reason_to_pass_over() -> None:
    obstacles = {one.value for one in Usability if one is not Usability.USABLE}
    assert obstacles < {one.value for one in PassedOver}


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        remembered(fetched_at=datetime(2026, 9, 1))  # noqa: DTZ001 - the mistake in question


def test_values_do_not_show_in_representations() -> None:
    one = remembered()
    (filled,) = prefill([PHONE], [one], on=ON, purpose="restaurant")
    assert "13800000000" not in repr(one)
    assert "13800000000" not in repr(filled)
    assert one.consent_id == "c-1"


def test_the_catalogs_order_of_sources_decides() -> None:
    newer = remembered(
        source="cases", value="13900000000", fetched_at=datetime(2026, 9, 20, tzinfo=UTC)
    )
    (filled,) = prefill([PHONE], [newer, remembered()], on=ON, purpose="restaurant")
    assert filled.value == "13800000000"
    assert filled.reason is PrefillReason.FIRST_SOURCE
    assert filled.disagreeing == ("cases",)
    assert filled.passed_over == (("cases", PassedOver.OUTRANKED),)
    assert filled.taken == remembered()


def test_of_one_source_the_newest_is_taken() -> None:
    newer = remembered(value="13900000000", fetched_at=datetime(2026, 9, 20, tzinfo=UTC))
    (filled,) = prefill([PHONE], [remembered(), newer], on=ON, purpose="restaurant")
    assert (filled.value, filled.reason) == ("13900000000", PrefillReason.NEWEST)


def test_what_the_applicant_corrected_stays_until_a_source_is_asked_again() -> None:
    corrected = remembered(
        source="cases",
        value="13900000000",
        applicant_changed=True,
        fetched_at=datetime(2026, 9, 20, tzinfo=UTC),
    )
    (filled,) = prefill([PHONE], [remembered(), corrected], on=ON, purpose="restaurant")
    assert (filled.value, filled.reason) == ("13900000000", PrefillReason.CORRECTED)
    assert filled.disagreeing == ("licence_register",)
    again = remembered(fetched_at=datetime(2026, 9, 25, tzinfo=UTC))
    (filled,) = prefill([PHONE], [again, corrected], on=ON, purpose="restaurant")
    assert (filled.value, filled.reason) == ("13800000000", PrefillReason.FIRST_SOURCE)


def test_what_may_not_be_used_is_named_and_not_used() -> None:
    known = [
        remembered(valid_until=date(2026, 1, 1)),
        remembered(consent=None),
        remembered(source="neighbour"),
        remembered(source="cases", value="12"),
    ]
    (filled,) = prefill([PHONE], known, on=ON, purpose="restaurant")
    assert (filled.value, filled.taken, filled.reason) == (None, None, PrefillReason.NOTHING)
    assert filled.passed_over == (
        ("cases", PassedOver.INVALID),
        ("licence_register", PassedOver.EXPIRED),
        ("licence_register", PassedOver.NO_CONSENT),
        ("neighbour", PassedOver.UNNAMED_SOURCE),
    )


def test_two_spellings_of_one_value_do_not_disagree() -> None:
    spelled = remembered(source="cases", value="+86 138 0000 0000")
    (filled,) = prefill([PHONE], [spelled, remembered()], on=ON, purpose="restaurant")
    assert filled.disagreeing == ()


def test_only_fields_that_the_plan_shows_are_filled() -> None:
    hidden = remembered(field_id="legal_rep_id_no")
    name = WantedField(id="name", kind=ValueKind.FIRM_NAME, sources=("licence_register",))
    filled = prefill([name, PHONE], [hidden, remembered()], on=ON, purpose="restaurant")
    assert [one.field_id for one in filled] == ["name", "phone"]
    assert filled[0].reason is PrefillReason.NOTHING
    assert filled[1].reason is PrefillReason.ONLY_ONE
