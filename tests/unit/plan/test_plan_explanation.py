"""Every why in words, in both languages; and what the one-thing saves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from oneservice.errors import CaseError
from oneservice.plan import (
    Change,
    explain_field,
    explain_material,
    explain_plan,
    explain_step,
    reduction,
)


@pytest.fixture
def plan(kit):
    law = {"law": {"zh": "消防法", "en": "Fire Protection Law"}, "article": "第十五条"}
    return kit.plan(
        {"area": 420, "staff": 3},
        items=(
            kit.item("fire", 7, statutory=kit.days(10), legal_basis=[law]),
            kit.item("notice", 20, unit="natural_days"),
        ),
        situations=[kit.question("area", "decimal"), kit.question("staff", "int")],
        steps=[
            {"id": "health", "for_each": {"count": "staff", "group": "people"}},
            {"id": "fire", "when": "area >= 300", "requires": ["health"]},
            {"id": "small", "when": "area < 300"},
            {"id": "notice", "kind": "follow_up", "requires": ["fire"]},
        ],
        fields=[
            kit.field("area", "fire", answer="area"),
            kit.field("person", "health", group="people"),
        ],
        materials=[
            kit.material("layout", "fire", when="area > 10"),
            kit.material("m_health", "fire", source="step", yielded_by="health"),
            kit.material("licence", "fire", source="lookup"),
            kit.material("form", "fire", source="generated"),
        ],
        before={"fields": 3, "materials": 9, "working_days": 48, "source": {"zh": "样", "en": "s"}},
    )


def test_a_step_is_explained_by_answer_clause_and_date(plan) -> None:
    assert explain_step(plan, "fire") == (
        "+ fire  fire (The office)\n"
        "    from 2026-09-29, promised 7 working days: due 2026-10-14; "
        "statutory 10 working days: 2026-10-17; after: health ×3\n"
        "    needed for these answers: area 420 >= 300  [area >= 300]\n"
        "    law: Fire Protection Law, art. 15"
    ).replace("2026-10-17", f"{plan.steps[3].statutory_due.on}")
    assert explain_step(plan, "fire", language="zh").splitlines()[2:] == [
        "    按所答情形需要办理：area 420 >= 300  [area >= 300]",
        "    依据 《消防法》第十五条",
    ]


def test_a_skipped_step_is_explained_too(plan) -> None:
    assert "area 420 < 300 is false" in explain_step(plan, "small")
    told = explain_step(plan, "small", language="zh")
    assert "：area 420 < 300 不成立" in told
    assert "is false" not in told
    assert explain_step(plan, "small", language="zh").startswith("- small  〔small〕")


def test_a_repeated_step_is_explained_once_or_by_instance(plan) -> None:
    assert explain_step(plan, "health").startswith("+ health ×3  ")
    assert explain_step(plan, "health-2").startswith("+ health-2  ")


def test_a_follow_up_says_that_nobody_waits(plan) -> None:
    assert "20 natural days" in explain_step(plan, "notice")
    assert "the case does not wait for it" in explain_step(plan, "notice")
    assert "20 个自然日" in explain_step(plan, "notice", language="zh")


def test_fields_and_materials_say_who_supplies_them(plan) -> None:
    assert explain_field(plan, "area").startswith("* area = 420  ")
    assert explain_field(plan, "person").startswith("* person ×3  ")
    assert "(to bring)" in explain_material(plan, "layout")
    assert "area 420 > 10" in explain_material(plan, "layout")
    assert "(yielded by health ×3, not asked for)" in explain_material(plan, "m_health")
    assert "(looked up by consent)" in explain_material(plan, "licence")
    assert "(made from the form, to sign)" in explain_material(plan, "form")


@pytest.mark.parametrize("explain", [explain_step, explain_field, explain_material])
def test_an_unknown_name_is_told_with_the_known_ones(plan, explain) -> None:
    with pytest.raises(CaseError, match=r"has no \w+ 'fier'; it has: "):
        explain(plan, "fier")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_plan_has_every_part(plan, language) -> None:
    text = explain_plan(plan, language=language)
    for name in ("fire", "health ×3", "small", "notice", "area", "person", "layout", "m_health"):
        assert name in text


def test_a_provisional_day_says_so(kit) -> None:
    plan = kit.plan(items=(kit.item("a", 9),), steps=[{"id": "a"}], on=kit.monday.replace(month=12))
    assert "(provisional)" in explain_plan(plan)
    assert "（暂定）" in explain_plan(plan, language="zh")


# --- reduction --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (100, 58, "42.00"),  # the published figures of Sichuan
        (35, 17, "51.43"),
        (48, 13, "72.92"),
        (17, 2, "88.24"),  # Shanghai, published as 88 %
        (7, 0, "100.00"),
        (10, 12, "-20.00"),
        (0, 0, "0.00"),
        (800, 799, "0.13"),  # 0.125 goes up
    ],
)
def test_shares_are_exact(before: int, after: int, percent: str) -> None:
    change = Change(before=before, after=after)
    assert change.saved_percent == Decimal(percent)
    assert change.as_json() == {
        "before": before,
        "after": after,
        "saved": before - after,
        "saved_percent": percent,
    }


def test_what_a_step_yields_is_saved(plan) -> None:
    saved = reduction(plan)
    assert saved is not None
    assert (saved.fields.after, saved.materials.after, saved.to_bring) == (2, 3, 1)
    assert saved.working_days == Change(before=48, after=8)
    assert saved.as_json()["source"] == {"zh": "样", "en": "s"}


def test_without_earlier_figures_nothing_is_claimed(kit) -> None:
    assert reduction(kit.plan(steps=[{"id": "a"}])) is None
