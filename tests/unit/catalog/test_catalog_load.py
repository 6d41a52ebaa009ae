"""Bad files: each problem at its line and column, all of them at once, and nothing else raised."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from oneservice.catalog import bundled_catalog_dir, load_catalog, read_catalog, read_document
from oneservice.catalog.load.text import MAX_BYTES, MAX_DEPTH, MAX_NODES, read_text
from oneservice.errors import (
    CatalogError,
    CatalogLimitError,
    CatalogSyntaxError,
    DependencyCycleError,
    FileUnusableError,
    RuleSyntaxError,
    RuleTypeError,
    UnknownReferenceError,
)

if TYPE_CHECKING:
    from collections.abc import Callable


# --- plain data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("0", 0),
        ("42", 42),
        ("-7", -7),
        ("0777", "0777"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("82.50", Decimal("82.50")),
        ("-0.1", Decimal("-0.1")),
        (".5", ".5"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-01-31", "2026-01-31"),
        ("'42'", "42"),
        ('"true"', "true"),
        ('"a\\nb"', "a\nb"),
        ("开办", "开办"),
        ("<<", "<<"),
        ("'~'", "~"),
    ],
)
def test_scalars_are_read_as_people_mean_them(written: str, read: Any) -> None:
    value, _, findings = read_text(f"key: {written}\n".encode(), "f.yaml")
    assert findings == []
    assert value == {"key": read}
    assert type(value["key"]) is type(read)


@pytest.mark.parametrize(
    ("marked", "code", "text"),
    [
        (
            "a: 1\nb:\n  c: 1\n  ▸c: 2\n",
            "duplicate_key",
            "the key 'c' stands twice, first in line 3",
        ),
        ("a: {b: 1, ▸b: 2}\n", "duplicate_key", "the key 'b' stands twice, first in line 1"),
        ("a: ▸&x 1\n", "alias", "the anchor '&x'"),
        ("a: {zh: 中文, en: ▸!!str 1}\n", "tag", "the tag 'tag:yaml.org,2002:str'"),
        ("a: ▸!python/object:os.system x\n", "tag", "the tag '!python/object:os.system'"),
        ("a: 1\n▸b: ~\n", "null_value", "an empty value"),
        ("a: 1\n▸b:\nc: 2\n", "null_value", "an empty value"),
        ("a: {en: one, ▸two}\n", "null_value", "an empty value"),
        ("▸1: x\n", "key_not_text", "the key 1 is no text"),
        ("a:\n  ▸true: x\n", "key_not_text", "the key true is no text"),
        ("? ▸[a, b]\n: x\n", "key_not_text", "a key that is a list or a mapping"),
        ("a: ▸[1, 2\n", "catalog_syntax", "not YAML"),
        ("a: ▸{b: 1\nc: 2\n", "catalog_syntax", "not YAML"),
        ("a: ▸'x\n", "catalog_syntax", "not YAML"),
        ("a: b▸: c\n", "catalog_syntax", "not YAML: mapping values are not allowed"),
        ("▸\ta: 1\n", "catalog_syntax", "a tab"),
        ("a:\n  - b: 1\n  ▸\tc: 2\n", "catalog_syntax", "a tab"),
        ("a: 1\nb▸：2\nc: 3\n", "catalog_syntax", "'：' is a full-width colon"),
        ("a: {b▸：2, c: 3}\n", "catalog_syntax", "'：' is a full-width colon"),
        ("a: {b▸：2}\n", "catalog_syntax", "'：' is a full-width colon"),
        ("a: {b: 2▸， c: 3}\n", "catalog_syntax", "'，' is a full-width comma"),
        ("a: 1\nb▸:two\nc: 3\n", "catalog_syntax", "no space after ':'"),
        ("when: ▸!late && (late)\n", "catalog_syntax", "a rule that begins with '!'"),
        ("when: ▸!late\n", "tag", "the tag '!late'"),
        ("a: 1\n▸--- \nb: 2\n", "catalog_syntax", "a second document"),
        ("a: 1\nb: x▸\x00y\n", "catalog_syntax", "the character U+0000"),
        ("a: 中▸\x1b\n", "catalog_syntax", "the character U+001B"),
        ("a: x▸\u2028y\n", "catalog_syntax", "the character U+2028"),
        ('a: ▸"\\0"\n', "catalog_syntax", "an escape for a character that is not printable"),
        ("a: ▸1234567890123456789\n", "wrong_value", "a number of more than 18 digits"),
        ("▸", "catalog_syntax", "the file is empty"),
        ("▸# nothing\n", "catalog_syntax", "the file is empty"),
        ("- ▸null\n", "null_value", "an empty value"),
    ],
)
def test_surprises_are_refused_at_their_place(
    marked: str, code: str, text: str, unmark: Callable[[str], tuple[str, str]]
) -> None:
    written, place = unmark(marked)
    _, _, findings = read_text(written.encode(), "f.yaml")
    assert findings, "nothing was found"
    assert findings[0].source == f"f.yaml:{place}"
    assert findings[0].code == code
    assert findings[0].text.startswith(text)
    assert findings[0].remedy
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("promised: {days: 8}", "promised: 20", "keys with values are due; write {days: 20}"),
        ("days: 8}", "days: 8 days}", "a whole number is due; write it without quotes or unit"),
        ("days: 8}", "days: 4000}", "out of range; write at most 3650"),
        ("title: {zh: 许可, en: Permit}", "title: Permit", "write {zh: ..., en: ...}"),
        ("minimum: 1\n", "minimum: 1 m2\n", "a number is due; write it without unit, such as 12.5"),
        ("requires: [permit]", "requires: permit", "a list is due; write [one, two]"),
        ("requires: [permit]", "requires: [permit， late]", "requires, entry 1: "),
        ("requires: [permit]", "requires: [permit， late]", "'，' is a full-width comma"),
        (
            "- id: office\n    name: {zh: 办公室, en: Office}",
            "- id：office",
            "full-width colon; write ':'",
        ),
        ("_from: 2026-01-01", "_from: 2026-13-01", "no day of the calendar; write it as"),
        ("item: permit,", "itm: permit,", "unknown key 'itm'; did you mean 'item'?"),
    ],
)
def test_what_is_due_is_told_in_words_of_an_author(old: str, new: str, told: str) -> None:
    case = Path(__file__).parents[2] / "golden" / "lint" / "clean.yaml"
    written = case.read_text(encoding="utf-8")
    assert old in written
    document, findings = read_document(written.replace(old, new, 1).encode(), file="f.yaml")
    assert document is None
    assert len(findings) == 1
    assert told in str(findings[0])


def test_an_alias_is_refused_where_it_stands() -> None:
    _, _, findings = read_text(b"a: &x {b: 1}\nc: *x\n", "f.yaml")
    assert [(each.source, each.code) for each in findings] == [
        ("f.yaml:1:4", "alias"),
        ("f.yaml:2:4", "alias"),
    ]


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    _, _, findings = read_text("\n".join(lines).encode(), "f.yaml")
    assert {each.code for each in findings} == {"alias"}


def test_deep_nesting_is_refused_at_the_level_that_is_one_too_deep() -> None:
    fine, _, findings = read_text(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "f.yaml")
    assert findings == []
    assert fine is not None
    _, _, findings = read_text(b"[" * 20_000 + b"]" * 20_000, "f.yaml")
    assert [(each.source, each.code) for each in findings] == [
        (f"f.yaml:1:{MAX_DEPTH + 1}", "catalog_limit")
    ]


def test_too_many_bytes_and_values_are_refused() -> None:
    _, _, findings = read_text(b"a" * (MAX_BYTES + 1), "f.yaml")
    assert findings[0].code == "catalog_limit"
    _, _, findings = read_text(b"- 1\n" * (MAX_NODES + 1), "f.yaml")
    assert (findings[0].source, findings[0].code) == (f"f.yaml:{MAX_NODES}:3", "catalog_limit")


def test_bytes_that_are_not_utf8_are_named_by_place() -> None:
    _, _, findings = read_text("名: 店\nb: ".encode() + b"\xff\n", "f.yaml")
    assert findings[0].source == "f.yaml:2:4"
    _, _, findings = read_text("a: 1\n".encode("utf-16"), "f.yaml")
    assert findings[0].code == "catalog_syntax"


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    value, place, findings = read_text(b"\xef\xbb\xbfa: 1\r\nb: [2,\r\n  3]\r\n", "f.yaml")
    assert findings == []
    assert value == {"a": 1, "b": [2, 3]}
    assert (place.find(("b", 1)).line, place.find(("b", 1)).column) == (3, 3)


# --- shape --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("    goal:", "    ▸gaol:", "unknown_key", "unknown key 'gaol'; did you mean 'goal'?"),
        ("department: office", "▸departmant: office", "unknown_key", "unknown key 'departmant'"),
        (
            "name: {zh: 办公室, en: Office}",
            "name: ▸{zh: 办公室}",
            "missing_translation",
            "the key 'en' is missing here",
        ),
        ("  - id: permit\n    title", "  - ▸title", "missing_key", "the key 'id' is missing here"),
        ('region: "000000"', "region: ▸990101", "wrong_value", "region: 990101 is no text here"),
        ('region: "000000"', 'region: ▸"99"', "wrong_value", "region: '99' is not written"),
        ('region: "000000"', 'region: ▸"٩٩٠١٠١"', "wrong_value", "region: '٩٩٠١٠١' is not written"),
        ('region: "000000"', 'region: ▸"001234"', "wrong_value", "region: a region code that"),
        ("2026-01-01", "▸2026-13-01", "wrong_value", "effective_from: "),
        ("2026-01-01", "▸20260101", "wrong_value", "effective_from: a date is due"),
        ("format: oneservice-catalog/1", "format: ▸v9", "wrong_value", "format: 'v9' is not known"),
        ("type: decimal", "type: ▸float", "wrong_value", "type: 'float' is not known here"),
        ("statutory: {days: 20}", "statutory: {days: ▸-1}", "wrong_value", "days: "),
        ("statutory: {days: 20}", "statutory: {days: ▸'20'}", "wrong_value", "days: "),
        ("is_statutory: true", "is_statutory: ▸yes", "wrong_value", "is_statutory: "),
        (
            "  - id: permit\n    t",
            "  - id: ▸Food Permit\n    t",
            "wrong_value",
            "id: 'Food Permit'",
        ),
        ("requires: [permit]", "requires: ▸permit", "wrong_value", "requires: "),
    ],
)
def test_wrong_shapes_are_told_in_words_at_their_place(  # noqa: PLR0917 - fixtures and one row of a table
    base: str,
    old: str,
    new: str,
    code: str,
    text: str,
    unmark: Callable[[str], tuple[str, str]],
) -> None:
    assert old in base
    written, place = unmark(base.replace(old, new, 1))
    document, findings = read_document(written.encode(), file="f.yaml")
    assert document is None
    assert f"f.yaml:{place}" in [each.source for each in findings]
    found = next(each for each in findings if each.source == f"f.yaml:{place}")
    assert found.code == code
    assert (found.text + found.remedy).startswith(text)


def test_all_problems_of_all_files_are_told_at_once(base: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(base.replace("goal:", "gaol:").replace("type: int", "type: x"))
    (tmp_path / "b.yaml").write_text("a: 1\na: 2\n")
    catalog, findings = read_catalog([tmp_path])
    assert catalog is None
    assert len(findings) == 3  # gaol for goal (told once), type x, key a twice
    with pytest.raises(CatalogSyntaxError) as error:
        load_catalog(tmp_path)
    assert error.value.source == findings[0].source
    assert str(error.value).count(".yaml:") == 3
    assert "b.yaml:2:1: error: the key 'a' stands twice" in str(error.value)


def test_the_message_lists_twenty_findings_and_counts_the_rest(base: str, tmp_path: Path) -> None:
    keys = "".join(f"wrong{number}: x\n" for number in range(50))
    (tmp_path / "a.yaml").write_text(base + keys)
    with pytest.raises(
        CatalogSyntaxError, match="and 30 more; 'oneservice lint' prints all"
    ) as error:
        load_catalog(tmp_path)
    assert str(error.value).count("unknown key") == 20


# --- meaning, through load_catalog ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "kind", "text"),
    [
        ("open_late || area >= 300", "open_late || area ▸= 300", RuleSyntaxError, "write '=='"),
        ("open_late || area >= 300", "open_late || ▸aera >= 300", RuleTypeError, "mean 'area'?"),
        (
            'kind == "small" && area > 500',
            'area > 500 && kind == ▸"smal"',
            RuleTypeError,
            "did you mean 'small'?",
        ),
        (
            "open_late || area >= 300",
            "'open_late || ▸kind >= 300'",
            RuleTypeError,
            "choices have no order",
        ),
        ("item: check", "item: ▸chek", UnknownReferenceError, "there is no item 'chek'"),
        (
            "department: office",
            "department: ▸ofice",
            UnknownReferenceError,
            "did you mean 'office'?",
        ),
        ("requires: [permit]", "requires: [▸permt]", UnknownReferenceError, "there is no step"),
        ("answer: area", "answer: ▸era", UnknownReferenceError, "there is no question 'era'"),
    ],
)
def test_what_means_nothing_is_refused_at_its_place(  # noqa: PLR0917 - fixtures and one row of a table
    base: str,
    tmp_path: Path,
    old: str,
    new: str,
    kind: type[CatalogError],
    text: str,
    unmark: Callable[[str], tuple[str, str]],
) -> None:
    assert old in base
    written, place = unmark(base.replace(old, new, 1))
    file = tmp_path / "f.yaml"
    file.write_text(written)
    with pytest.raises(kind) as error:
        load_catalog(file)
    assert error.value.source == f"{file}:{place}"
    assert text in str(error.value)
    assert str(error.value).startswith(f"{file}:{place}: ")


def test_a_cycle_is_named_step_by_step(base: str, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    text = base.replace("is_statutory: true", "requires: [check]")
    file.write_text(text)
    with pytest.raises(DependencyCycleError) as error:
        load_catalog(file)
    assert error.value.cycle == ("permit", "check", "permit")
    line = text[: text.index("requires: [check]")].count("\n") + 1
    assert error.value.source == f"{file}:{line}:9"


def test_rules_over_several_lines_point_at_their_beginning(base: str, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    folded = base.replace(
        "when: open_late || area >= 300", "when: >-\n          open_late ||\n          aera >= 300"
    )
    file.write_text(folded)
    with pytest.raises(RuleTypeError, match="aera") as error:
        load_catalog(file)
    line = folded[: folded.index(">-")].count("\n") + 1
    assert error.value.source == f"{file}:{line}:15"


# --- files ---------------------------------------------------------------------------------------


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnusableError, match="nowhere"):
        load_catalog(tmp_path / "nowhere.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(FileUnusableError, match="not a regular file"):
        load_catalog(tmp_path / "pipe.yaml")


def test_a_folder_without_catalog_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no \.yaml file"):
        load_catalog(tmp_path)


def test_a_file_that_grew_beyond_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    with file.open("wb") as stream:
        stream.truncate(10 * MAX_BYTES)
    with pytest.raises(CatalogLimitError):
        load_catalog(file)


def test_files_are_read_once_and_in_a_stable_order(base: str, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "base.yml").write_text(base)
    (tmp_path / "notes.txt").write_text("not a catalog")
    catalog = load_catalog([tmp_path, tmp_path / "b"])
    assert [each.name for each in catalog.documents] == ["b/base.yml"]


def test_the_bundled_catalogs_are_found() -> None:
    assert (bundled_catalog_dir() / "national" / "restaurant.yaml").is_file()


def test_odd_paths_are_told_in_our_words(base: str, tmp_path: Path) -> None:
    with pytest.raises(FileUnusableError, match="cannot be read"):
        load_catalog(Path("no\0where.yaml"))
    (tmp_path / "round.yaml").symlink_to(tmp_path / "round.yaml")
    with pytest.raises(FileUnusableError, match=r"round\.yaml"):
        load_catalog(tmp_path / "round.yaml")
    (tmp_path / "base.yaml").write_text(base)
    assert len(load_catalog(tmp_path).documents) == 1  # the broken link is no file
