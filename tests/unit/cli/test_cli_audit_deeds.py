"""The page of an audit has words for whatever a person can have done."""

from __future__ import annotations

import dataclasses
from typing import get_args

from oneservice.case import Event
from oneservice.cli.audit_deeds import DEEDS, deed_words


def test_every_record_that_names_somebody_has_words() -> None:
    members = [{field.name: field for field in dataclasses.fields(one)} for one in get_args(Event)]
    named = {found["kind"].default for found in members if "by" in found}
    assert set(DEEDS) == named
    assert deed_words("case_opened", "zh") == "提交申请"
    assert deed_words("case_opened", "en") == "opened the case"
    assert deed_words("of_a_later_version", "en") == "of a later version"
