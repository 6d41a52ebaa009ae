"""Values of the one form: normal forms, refusals that name the rule, and never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from oneservice.case.form_values import read_as
from oneservice.values import ValueKind

PERSON = "990101198501011013"


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (ValueKind.CREDIT_CODE, " 92990101ma99000523 ", "92990101MA99000523"),
        (ValueKind.DECIMAL, "８２.５", "82.5"),
        (ValueKind.DATE, "2026年9月28日", "2026-09-28"),
        (ValueKind.TEXT, " 东大街 ", "东大街"),
        (ValueKind.INT, "12", 12),
    ],
)
def test_values_are_kept_in_normal_form(kind: ValueKind, given: Any, kept: Any) -> None:
    assert read_as(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        # The letter O for a zero has one likely meaning; the form does not take it all the same.
        (ValueKind.CITIZEN_NUMBER, PERSON.replace("0", "O", 1), "citizen_number"),
        (ValueKind.CITIZEN_NUMBER, PERSON[:-1] + "9", "citizen_number_check"),
        (ValueKind.DECIMAL, 81.25, "binary_fraction"),
        (ValueKind.TEXT, "\ud800", "unreadable"),
        (ValueKind.INT, "three", "not_a_number"),
    ],
)
def test_a_refusal_names_the_rule_and_never_the_value(
    kind: ValueKind, given: Any, code: str
) -> None:
    with pytest.raises(ValueError, match=code) as caught:
        read_as(kind, given)
    assert str(given) not in str(caught.value)
    assert PERSON[:12] not in str(caught.value)
