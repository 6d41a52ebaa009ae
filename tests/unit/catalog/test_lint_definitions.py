"""What lint says of whole definitions: shared items, circles, several sources, bounds of proof."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from oneservice.catalog import Catalog, Finding, Severity, lint, read_document
from oneservice.catalog.lint import CODES
from oneservice.errors import CatalogError

CORPUS = Path(__file__).parents[2] / "golden" / "lint"
CLEAN = (CORPUS / "clean.yaml").read_text(encoding="utf-8")
LAW = "    legal_basis: [{law: {zh: 检查法, en: Check Law}}]\n"


def found(*texts: str) -> tuple[Finding, ...]:
    documents = []
    for number, text in enumerate(texts):
        document, findings = read_document(text.encode(), file=f"file{number}.yaml")
        assert document is not None, findings
        documents.append(document)
    return lint(Catalog(documents=tuple(documents)))


def codes(*texts: str) -> list[str]:
    return [each.code for each in found(*texts)]


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def second_thing(area_to: int) -> str:
    """Return a file whose one-thing places the items of the first, for areas up to ``area_to``."""
    head, _, thing = CLEAN.partition("things:\n")
    start = head.partition("departments:")[0]
    return changed(
        start + "things:\n" + thing,
        ("id: shop", "id: stall"),
        ("maximum: 1000", f"maximum: {area_to}"),
    )


FEE = """\
    promised: {days: 5}
    fees:
      - title: {zh: 工本费, en: Cost of the card}
        amount: 10
        when: area > 3000
        legal_basis: [{law: {zh: 收费办法, en: Rules on Fees}}]
"""


def test_a_rule_of_an_item_is_told_only_if_all_who_place_it_agree() -> None:
    base = changed(CLEAN, ("    promised: {days: 5}\n", FEE))
    assert codes(base) == ["rule_never_true"]
    assert codes(base, second_thing(2000)) == ["rule_never_true"]
    assert codes(base, second_thing(9000)) == []


def test_a_circle_that_is_never_all_active_is_only_odd() -> None:
    """The two steps exclude one another, so neither ever waits; the plan drops such waits."""
    text = changed(
        CLEAN,
        ('when: kind == "food" || area >= 100}', 'when: kind == "food", requires: [check]}'),
        ('when: (late || area >= 300) && kind == "food"', 'when: kind == "books" && area > 1'),
    )
    text = text.partition("      - id: m_permit\n")[0].replace(", yields: [m_permit]", "")
    told = codes(text)
    assert sorted(told) == ["cycle_never_active", *["requires_never_together"] * 2]
    assert all(CODES[code].severity is Severity.WARNING for code in told)


def test_a_circle_names_the_answers_that_make_it() -> None:
    text = changed(CLEAN, ("item: permit, when", "item: permit, requires: [check], when"))
    (finding,) = found(text)
    assert finding.cycle == ("permit", "check", "permit")
    assert "when kind = food, area = 1, late = true" in finding.text


def test_a_circle_in_a_dense_graph_is_found_at_once() -> None:
    """Forty steps that each require all before them have a trillion ways through."""
    items = "".join(
        OTHER.partition("things:")[0]
        .replace("other", f"item_{n}")
        .replace("其他", f"第{n}")
        .replace(", yields: [m_permit]", "")
        .replace("许可证, en: Permit card", f"证{n}, en: Card {n}")
        for n in range(40)
    )
    before = [", ".join(f"s{m}" for m in range(n)) for n in range(40)]
    steps = "".join(
        f"      - {{id: s{n}, item: item_{n}, requires: [{names}]}}\n"
        for n, names in enumerate(before)
    )
    text = changed(
        CLEAN,
        ("things:\n", f"{items}things:\n"),
        ("    fields:\n", f"{steps}    fields:\n"),
        ("item: permit, when", "item: permit, requires: [check], when"),
    )
    (finding,) = found(text)
    assert finding.cycle == ("permit", "check", "permit")


def test_a_long_chain_of_steps_and_questions_needs_no_stack() -> None:
    count = 400
    questions = "".join(
        f"      - {{id: q{n}, question: {{zh: 问{n}, en: Question {n}}}, type: bool, "
        f"default: false{f', visible_when: q{n - 1}' if n else ''}}}\n"
        for n in range(count)
    )
    text = changed(
        CLEAN,
        ("    contradictions:\n", f"{questions}    contradictions:\n"),
        ("(late || area >= 300)", f"(late || area >= 300 || q{count - 1})"),
    )
    assert {each.code for each in found(text)} <= {"not_proven"}


TWO_SOURCES = """\
      - {id: permit, item: permit, when: kind == "food"}
      - {id: other, item: other, when: kind == "books"}
"""
OTHER = """\
  - id: other
    title: {zh: 其他许可, en: Other permit}
    department: office
    promised: {days: 5}
    legal_basis: [{law: {zh: 检查法, en: Check Law}}]
    result: {type: permit, title: {zh: 许可证, en: Permit card}, yields: [m_permit]}
things:
"""


def test_several_steps_may_yield_one_material() -> None:
    text = changed(
        CLEAN,
        ("things:\n", OTHER),
        ('      - {id: permit, item: permit, when: kind == "food" || area >= 100}\n', TWO_SOURCES),
        ('when: (late || area >= 300) && kind == "food"', "when: late"),
        ("requires: [permit]", "requires: [permit, other]"),
    )
    assert codes(text) == []
    assert codes(changed(text, ('when: kind == "books"}', 'when: kind == "books" && late}'))) == []
    never = changed(text, ('when: kind == "books"}', 'when: kind == "books" && !late}'))
    assert codes(never) == ["source_missing", "requires_never_together"]
    forgot = changed(text, ("requires: [permit, other]", "requires: [permit]"))
    (finding,) = found(forgot)
    assert finding.code == "source_not_awaited"
    assert "does not wait for 'other'" in finding.text


MIDDLE = """\
      - {id: middle, item: middle, requires: [permit]WHEN}
      - id: check
"""


@pytest.mark.parametrize(("when", "is_told"), [("", False), (", when: late", True)])
def test_a_chain_of_waits_counts_if_its_middle_is_on(when: str, *, is_told: bool) -> None:
    """A wait for a step that is off is dropped, so a chain through it breaks."""
    item = OTHER.replace("other", "middle").replace(", yields: [m_permit]", "")
    text = changed(
        CLEAN,
        ("things:\n", item.replace("{zh: 许可证, en: Permit card}", "{zh: 回执, en: Slip}")),
        ("      - id: check\n        item", f"{MIDDLE.replace('WHEN', when)}        item"),
        ("        requires: [permit]", "        requires: [middle]"),
    )
    assert codes(text) == ["source_not_awaited"] * is_told


def test_too_many_combinations_are_a_note_not_silence() -> None:
    """Twelve guests, eleven chairs, no two on one: nobody can tell quickly that it cannot be."""
    chairs = "".join(
        f"          - {{value: c{n}, title: {{zh: 椅{n}, en: Chair {n}}}}}\n" for n in range(11)
    )
    questions = "".join(
        f"      - id: g{n}\n        question: {{zh: 客{n}, en: Guest {n}}}\n        type: enum\n"
        f"        choices:\n{chairs}"
        for n in range(12)
    )
    pairs = "".join(
        f"      - when: g{one} == g{two}\n        text: {{zh: 椅{one}-{two}, en: At {one}-{two}}}\n"
        for one, two in itertools.combinations(range(12), 2)
    )
    text = changed(CLEAN, ("    contradictions:\n", f"{questions}    contradictions:\n{pairs}"))
    told = found(text)
    assert {each.code for each in told} == {"not_proven"}
    assert {each.severity for each in told} == {Severity.NOTE}
    assert "by a fixed seed" in told[0].text


def test_notes_and_warnings_do_not_keep_a_catalog_from_use(tmp_path: Path) -> None:
    from oneservice.catalog import load_catalog  # noqa: PLC0415 - only here

    file = tmp_path / "shop.yaml"
    file.write_text(CLEAN.replace("type: bool", "type: bool\n        default: false"))
    assert load_catalog(file).documents
    file.write_text((CORPUS / "circle.yaml").read_text(encoding="utf-8"))
    with pytest.raises(CatalogError) as caught:
        load_catalog(file)
    assert caught.value.source == f"{file}:52:36"


def test_codes_are_words_with_a_meaning() -> None:
    for name, code in CODES.items():
        assert code.code == name
        assert name.replace("_", "").isalpha()
        assert name.islower()
        assert code.meaning
        assert not code.meaning.endswith(".")
