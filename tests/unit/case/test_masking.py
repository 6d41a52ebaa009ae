"""The form as each role may see it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.case import (
    Applicant,
    ConsentGiven,
    Document,
    Form,
    Role,
    Sight,
    fill_form,
    masked_form,
)
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog, normalise_answers
from oneservice.plan import Language, Plan, build_plan
from oneservice.values import Option, Words
from oneservice.workdays import announced_calendar

ON = date(2026, 9, 28)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "newborn.yaml"
MOTHER, PHONE, HOME = "何静", "13800000031", "样城市一区海港路18号"
NUMBERS = {"97030119940312004X", "980201199305080036"}
ROLES = list(Role)


@pytest.fixture(scope="module")
def handed_in() -> tuple[Form, Plan]:
    given = load_answers(EXAMPLE)
    region = str(given.region)
    thing = load_catalog([bundled_catalog_dir()]).thing("newborn", region=region, on=ON)
    answers = normalise_answers(thing, given.answers)
    plan = build_plan(thing, answers, on=ON, calendar=announced_calendar())
    known = {field.group or field.id for field in plan.form}
    form = fill_form(
        plan,
        Applicant(**given.applicant.model_dump()),
        fields={name: value for name, value in given.fields.items() if name in known},
        materials={"m_care_list": [Document(content=b"x", name="何静.txt")]},
        consents={
            "other_parent": ConsentGiven.to(
                b"I agree.",
                by="陆舟",
                at=datetime(2026, 9, 26, tzinfo=UTC),
                until=date(2026, 12, 31),
            )
        },
    )
    return form, plan


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sees_a_whole_citizen_number(handed_in: tuple[Form, Plan], role: Role) -> None:
    shown = repr(masked_form(*handed_in, role))
    assert not any(number in shown for number in NUMBERS)


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sees(handed_in: tuple[Form, Plan], role: Role) -> None:
    shown = masked_form(*handed_in, role)
    values = {one.place: one.text for one in shown.values}
    expected = {
        Sight.OWN: (MOTHER, "970301", PHONE[:3], HOME, "陆舟"),
        Sight.WORK: ("何*", "970301", "138", "样城市一区海港路**号", "陆*"),
        Sight.NOTHING: ("****", "****", "****", "****", "****"),
    }[shown.sight]
    name, code, phone, home, party = expected
    assert shown.applicant_name == values["mother_name"] == name
    assert shown.applicant_code.startswith(code)
    assert values["phone"].startswith(phone)
    assert values["home_address"] == home
    assert shown.consents[0].by == party
    (child,) = [text for place, text in values.items() if place.endswith("child_name")]
    assert child == {"own": "陆小禾", "work": "陆**", "nothing": "****"}[shown.sight]


@pytest.mark.parametrize(
    "role", [role for role in ROLES if role not in {Role.APPLICANT, Role.AGENT}]
)
def test_only_who_stands_for_the_applicant_sees_names_and_doors(
    handed_in: tuple[Form, Plan], role: Role
) -> None:
    shown = repr(masked_form(*handed_in, role))
    if role is Role.WINDOW_CLERK:
        assert MOTHER in shown, "the clerk types it with her"
        return
    for personal in (MOTHER, PHONE, HOME, "陆小禾", "6200000000000310"):
        assert personal not in shown


@pytest.mark.parametrize("role", [Role.OFFICER, Role.OPERATOR, Role.ENGINE, Role.UNSTATED])
def test_nobody_else_sees_a_name_for_naming_the_party(
    handed_in: tuple[Form, Plan], role: Role
) -> None:
    named = masked_form(*handed_in, role, party="other_parent")
    assert named == masked_form(*handed_in, role)
    assert {one.by for one in named.consents}.isdisjoint(
        one.by for one in handed_in[0].consents.values()
    )


def test_a_party_sees_the_own_consent_and_nothing_of_others(handed_in: tuple[Form, Plan]) -> None:
    shown = masked_form(*handed_in, Role.PARTY, party="other_parent", language="en")
    assert [(one.by, one.until) for one in shown.consents] == [("陆舟", "2026-12-31")]
    assert shown.consents[0].title
    assert MOTHER not in repr(shown)


def test_file_names_are_not_shown(handed_in: tuple[Form, Plan]) -> None:
    shown = masked_form(*handed_in, Role.APPLICANT)
    assert [(one.id, one.documents) for one in shown.materials] == [("m_care_list", 1)]
    assert "何静.txt" not in repr(shown)


def test_a_company_is_in_a_public_register(handed_in: tuple[Form, Plan]) -> None:
    form, plan = handed_in
    company = Form(
        applicant=Applicant(name="Old Pages", code="92990101MA99000523"),
        fields=form.fields,
        groups=form.groups,
        materials={},
    )
    shown = masked_form(company, plan, Role.ENGINE)
    assert (shown.applicant_name, shown.applicant_code) == ("Old Pages", "92990101MA99000523")


def noodle_shop() -> tuple[Form, Plan]:
    example = EXAMPLE.with_name("noodle-shop.yaml")
    given = load_answers(example)
    thing = load_catalog([bundled_catalog_dir()]).thing(
        "restaurant", region=str(given.region), on=ON
    )
    plan = build_plan(
        thing, normalise_answers(thing, given.answers), on=ON, calendar=announced_calendar()
    )
    known = {field.group or field.id for field in plan.form}
    form = fill_form(
        plan,
        Applicant(**given.applicant.model_dump()),
        fields={name: value for name, value in given.fields.items() if name in known},
        materials={},
    )
    return form, plan


def test_no_door_is_shown_to_who_only_works_on_the_case() -> None:
    form, plan = noodle_shop()
    addresses = [one.id for one in plan.form if one.type == "address" and one.id in form.fields]
    assert {"address", "domicile"} <= {*addresses}
    shown = {one.place: one for one in masked_form(form, plan, Role.OFFICER).values}
    for name in addresses:
        assert shown[name].is_masked, name
        assert "*" in shown[name].text
        assert not any(one.isdigit() for one in shown[name].text), name


def test_a_choice_is_shown_in_words_where_they_are_given() -> None:
    form, plan = noodle_shop()
    field = next(one for one in plan.form if one.choices and one.id in form.fields)
    told = str(form.fields[field.id])
    words = {field.id: (Option(value=told, title=Words(zh="这一项", en="this one")),)}

    def shown(language: Language, given: dict[str, tuple[Option, ...]]) -> str:
        seen = masked_form(form, plan, Role.APPLICANT, language=language, words=given)
        (text,) = [one.text for one in seen.values if one.place == field.id]
        return text

    assert (shown("zh", words), shown("en", words)) == ("这一项", "this one")
    assert shown("zh", {}) == told, "better the word of the catalogue's author than none"


def test_what_belongs_to_one_person_stands_together(handed_in: tuple[Form, Plan]) -> None:
    form, plan = handed_in
    (child,) = form.groups["child"]
    twins = dataclasses.replace(form, groups={"child": [child, child | {"child_name": "陆小苗"}]})
    seen = masked_form(twins, plan, Role.APPLICANT).values
    rows = [one.place.partition(".")[0] for one in seen if one.place.startswith("child[")]
    assert rows == sorted(rows)
    assert len({*rows}) == 2


@pytest.mark.parametrize("role", ROLES)
def test_what_each_role_sees_does_not_move(
    handed_in: tuple[Form, Plan], golden: Any, role: Role
) -> None:
    """The whole form as a role sees it. To write it anew, delete the file and run this."""
    own = "other_parent" if role is Role.PARTY else None
    shown = masked_form(*handed_in, role, party=own)
    english = masked_form(*handed_in, role, language="en")
    lines: list[str] = []
    for one in (shown, english):
        lines += [one.sight, one.applicant_name, one.applicant_code]
        for part in (one.values, one.materials, one.consents):
            lines += [golden.write(member) for member in part]
    golden.compare(f"seen-by-{role}.txt", lines)
