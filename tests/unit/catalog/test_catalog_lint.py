"""Each kind of mistake, seeded into a clean catalog, is found at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oneservice.catalog import Finding, Severity
from oneservice.catalog.findings import in_order
from oneservice.catalog.lint import first_cycle

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_small_catalog_is_clean(base: str, linted: Callable[..., tuple[Finding, ...]]) -> None:
    assert linted(base=base) == ()


SEEDED = [
    # references
    ("lead_department: office", "lead_department: ▸ofice", "unknown_reference"),
    ("item: check", "item: ▸chek", "unknown_reference"),
    ("requires: [permit]", "requires: [permit, ▸premit]", "unknown_reference"),
    ("requires: [permit]", "requires: [permit, ▸permit]", "duplicate_id"),
    ("is_statutory: true", "attaches: [▸chek]", "unknown_reference"),
    ("steps: [permit, check]", "steps: [permit, ▸chek]", "unknown_reference"),
    ("answer: area", "answer: ▸aera", "unknown_reference"),
    ("count: helpers", "count: ▸helper", "unknown_reference"),
    ("count: helpers", "count: ▸area", "wrong_kind"),
    ("group: people}", "group: ▸person}", "unknown_reference"),
    ("        group: people\n", "        group: ▸persons\n", "unknown_reference"),
    ("yielded_by: permit", "yielded_by: ▸premit", "unknown_reference"),
    ("yielded_by: permit", "yielded_by: ▸check", "material_source"),
    ("        yielded_by: permit\n", "", "material_source"),
    ("source: applicant", "source: applicant\n        yielded_by: ▸permit", "material_source"),
    ("    materials:\n", "    joint_inspection: [▸chek]\n    materials:\n", "unknown_reference"),
    # ids
    ("  - id: check\n    title", "  - id: ▸permit\n    title", "duplicate_id"),
    ("      - id: kind\n", "      - id: ▸area\n", "duplicate_id"),
    ("{value: large,", "{value: ▸small,", "duplicate_id"),
    # fields and questions
    ("        type: decimal\n        answer", "        type: ▸text\n        answer", "wrong_kind"),
    ("        answer: area\n", "        answer: ▸area\n        group: people\n", "wrong_kind"),
    ("type: text\n        steps: [permit", "type: ▸choice\n        steps: [permit", "wrong_kind"),
    ("type: enum\n        choices", "type: bool\n        ▸choices", "wrong_kind"),
    ("default: false", "default: ▸'no'", "wrong_value"),
    ("default: 0", "default: ▸-1\n        minimum: 0", "wrong_value"),
    ("default: 0", "default: 5\n        minimum: ▸9\n        maximum: 1", "wrong_value"),
    ("default: false", "default: false\n        ▸minimum: 1", "wrong_kind"),
    ("visible_when: area >= 20", "visible_when: ▸helpers > 0", "later_question"),
    ("visible_when: area >= 20", "visible_when: ▸open_late", "later_question"),
    (
        "visible_when: area >= 20\n        default: false",
        "visible_when: area >= 20",
        "hidden_required",
    ),
    # rules
    ("area >= 300", "▸aera >= 300", "rule_type"),
    ("area >= 300", "(area >= 300▸", "rule_syntax"),
    ('kind == "small" && area > 500', "kind == ▸'smal'", "rule_type"),
    # limits
    ("promised: {days: 8}", "promised: ▸{days: 21}", "promise_over_statutory"),
    (
        "statutory: {days: 20}",
        "statutory: {days: 20, unit: natural_days}",
        "promise_over_statutory",
    ),
    (
        "is_statutory: true",
        "limits:\n          - {when: area > 1, promised: ▸{days: 30}}",
        "promise_over_statutory",
    ),
    ("is_statutory: true", "▸requires: [check]", "dependency_cycle"),
    ("is_statutory: true", "requires: []\n        attaches: [check]", "dependency_cycle"),
    # what is only odd
    ("open_late || area", "area", "unused_question"),
    ("en: Office", "en: 办公室", "same_translation"),
    (
        "    promised: {days: 5}\n    legal_basis:\n      - law: {zh: 法, en: Law}\n",
        "    promised: {days: 5}\n",
        "no_legal_basis",
    ),
    ("    name: {zh: 办公室", "    code: ▸'91'\n    name: {zh: 办公室", "identifier_invalid"),
    (
        "    name: {zh: 办公室",
        "    code: ▸91350100M000100Y44\n    name: {zh: 办公室",
        "identifier_invalid",
    ),
]


@pytest.mark.parametrize(("old", "new", "code"), SEEDED)
def test_each_seeded_mistake_is_found_at_its_place(  # noqa: PLR0917 - fixtures and one row of a table
    base: str,
    linted: Callable[..., tuple[Finding, ...]],
    unmark: Callable[[str], tuple[str, str]],
    old: str,
    new: str,
    code: str,
) -> None:
    assert old in base
    text = base.replace(old, new, 1)
    place = None
    if "▸" in text:
        text, place = unmark(text)
    found = linted(base=text)
    matching = [each for each in found if each.code == code]
    assert matching, [str(each) for each in found]
    if place is not None:
        assert f"base.yaml:{place}" in [each.source for each in matching]
    assert all(each.remedy and each.text for each in found)


def test_a_step_that_the_bundle_forgets_is_told(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    bundle = "      - {id: bundle, item: permit, kind: bundle, requires: [check]}\n"
    found = linted(base=base.replace("    fields:\n", bundle + "    fields:\n"))
    assert [(each.code, each.text) for each in found] == [
        ("bundle_incomplete", "'bundle' does not wait for: permit")
    ]


def test_one_id_in_two_files_of_one_region_and_day_is_told(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    found = linted(one=base, two=base)
    assert {each.code for each in found} == {"duplicate_id"}
    assert {each.source.split(":")[0] for each in found} == {"two.yaml"}
    assert len(found) == 4  # a department, two items, a thing


def test_a_later_version_of_the_same_file_is_no_duplicate(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    assert linted(one=base, two=base.replace("2026-01-01", "2027-01-01")) == ()


def test_errors_stand_before_warnings_and_each_finding_once(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    text = base.replace("en: Office", "en: 办公室").replace(
        "promised: {days: 8}", "promised: {days: 50}"
    )
    later = "overlays:\n  - thing: shop\n    drop_materials: [m_plan]\n"
    overlay = 'format: oneservice-catalog/1\nregion: "990000"\neffective_from: 2026-02-01\n' + later
    found = linted(base=text, overlay=overlay)
    assert [each.severity for each in found] == [Severity.ERROR, Severity.WARNING]


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ({}, ()),
        ({"a": ("b",), "b": ("c",), "c": ()}, ()),
        ({"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}, ()),
        ({"a": ("a",)}, ("a", "a")),
        ({"a": ("b",), "b": ("c",), "c": ("b",)}, ("b", "c", "b")),
    ],
)
def test_cycles(edges: dict[str, tuple[str, ...]], cycle: tuple[str, ...]) -> None:
    assert first_cycle(edges) == cycle


def test_a_long_chain_needs_no_stack() -> None:
    chain = {str(number): (str(number + 1),) for number in range(50_000)}
    assert first_cycle(chain) == ()


def test_what_shows_again_after_an_overlay_ends_is_checked_too(
    base: str, linted: Callable[..., tuple[Finding, ...]]
) -> None:
    """The overlay hides a mistake of the base as long as it lasts; for other regions it stands."""
    wrong = base.replace("promised: {days: 8}", "promised: {days: 30}")
    head = 'format: oneservice-catalog/1\nregion: "000000"\neffective_from: 2026-01-01\n'
    change = "overlays:\n  - thing: shop\n    change_items: [{id: permit, promised: {days: 3}}]\n"
    fixed = head + "effective_until: 2026-03-31\n" + change
    assert [each.code for each in linted(base=wrong, patch=fixed)] == ["promise_over_statutory"]
    assert linted(base=wrong, patch=head + change) == ()


HIDDEN = [
    # (question's visible_when, what needs the answer, whether it may be hidden then)
    ("area >= 20", "when: open_late || area >= 300", True),
    ("area >= 20", "when: open_late && area >= 20", False),
    ("area >= 20", "when: area > 30 && open_late", False),
    ("area >= 20", "when: area >= 19.5 && open_late", True),
    ("area >= 20", "when: area < 20 || open_late", False),
    ('kind == "large"', "when: open_late", True),
    ('kind == "large"', 'when: kind != "small" && open_late', False),
    ('kind == "large"', 'when: (!(kind == "small")) && (open_late || helpers > 3)', False),
]


@pytest.mark.parametrize(("visible", "when", "is_found"), HIDDEN)
def test_a_rule_that_may_need_a_hidden_answer_is_told_and_no_other(
    base: str,
    linted: Callable[..., tuple[Finding, ...]],
    visible: str,
    when: str,
    is_found: bool,  # noqa: FBT001 - a table
) -> None:
    text = base.replace(
        "visible_when: area >= 20\n        default: false", f"visible_when: {visible}"
    )
    text = text.replace("when: open_late || area >= 300", when)
    codes = [each.code for each in linted(base=text)]
    assert codes == ["hidden_required"] * is_found


@pytest.mark.parametrize(
    ("more", "is_found"),
    [("", True), ("        when: open_late\n", False), ("        when: area > 5\n", True)],
)
def test_a_field_or_a_repeated_step_that_may_need_a_hidden_answer_is_told(
    base: str,
    linted: Callable[..., tuple[Finding, ...]],
    more: str,
    is_found: bool,  # noqa: FBT001 - a table
) -> None:
    """The repeated step of the base asks for helpers; the field is new."""
    text = base.replace(
        "type: int\n        default: 0", "type: int\n        visible_when: open_late"
    )
    text = text.replace("when: open_late || area >= 300", "when: open_late && area >= 300")
    field = "      - id: helpers\n        title: {zh: 帮手, en: Helpers}\n        type: int\n"
    field += f"        answer: helpers\n        steps: [permit]\n{more}"
    found = linted(base=text.replace("    materials:\n", f"{field}    materials:\n"))
    assert [each.code for each in found] == ["hidden_required"] * is_found
    if is_found:
        assert "which is hidden when open_late = false" in found[0].text


def test_one_mend_at_one_place_is_told_once() -> None:
    def finding(text: str, remedy: str = "mend it", column: int = 3) -> Finding:
        source = f"f.yaml:9:{column}"
        return Finding(source=source, code="wrong_value", text=text, remedy=remedy)

    found = [finding("b"), finding("a"), finding("a", "mend that"), finding("a", column=2)]
    due = (found[3], found[1], found[2])
    assert in_order(found) == in_order(found[::-1]) == due
