"""A province's catalog, generated: 2,000 items × 45 departments × 200 one-things, and overlays.

As large as the real ones are said to be, and as dull: what is measured is the machinery.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_province"]

_HEAD = 'format: oneservice-catalog/1\nregion: "{region}"\neffective_from: 2026-01-01\n'
_GOALS = ("开店", "建房", "出生", "上学", "就业", "退休", "搬家", "买车", "注销", "维修")
_WORDS = ("shop", "house", "birth", "school", "work", "pension", "move", "car", "closing", "repair")


def write_province(
    folder: Path, *, things: int = 200, items_each: int = 10, departments: int = 45, cities: int = 3
) -> None:
    """Write it below ``folder``: a file per one-thing, and one per city and one-thing."""
    (folder / "national").mkdir(parents=True)
    offices = [
        f"  - id: office-{n}\n    name: {{zh: 第{n}部门, en: Office {n}}}\n"
        for n in range(departments)
    ]
    text = _HEAD.format(region="000000") + "departments:\n" + "".join(offices)
    (folder / "national" / "departments.yaml").write_text(text, encoding="utf-8")
    for number in range(things):
        text = _thing(number, items_each, departments)
        (folder / "national" / f"thing-{number}.yaml").write_text(text, encoding="utf-8")
    for city in range(1, cities + 1):
        region = f"99{city:02d}00"
        (folder / region).mkdir()
        for number in range(things):
            text = _overlay(number, region)
            (folder / region / f"thing-{number}.yaml").write_text(text, encoding="utf-8")


def _thing(number: int, items_each: int, departments: int) -> str:
    goal, word = _GOALS[number % len(_GOALS)], _WORDS[number % len(_WORDS)]
    lines = [_HEAD.format(region="000000"), "items:\n"]
    lines += [_item(number, n, (number * items_each + n) % departments) for n in range(items_each)]
    lines.append(
        f"things:\n  - id: thing_{number}\n"
        f"    title: {{zh: {goal}第{number}件事, en: One-thing {number} of {word}}}\n"
        f"    goal: {{zh: 我要{goal}{number}, en: I want {word} {number}}}\n"
        f"    lead_department: office-{number % departments}\n    situations:\n"
    )
    lines += [_question(n) for n in range(12)]
    lines.append("    steps:\n")
    lines += [_step(number, n) for n in range(items_each)]
    lines.append("    fields:\n")
    lines += [_field(n, items_each) for n in range(20)]
    lines.append("    materials:\n")
    lines += [_material(n, items_each) for n in range(12)]
    return "".join(lines)


def _item(thing: int, n: int, office: int) -> str:
    goal, word = _GOALS[thing % len(_GOALS)], _WORDS[thing % len(_WORDS)]
    return (
        f"  - id: item_{thing}_{n}\n    title: {{zh: {goal}许可{thing}-{n}, en: Permit {n} of "
        f"{word} {thing}}}\n    department: office-{office}\n    statutory: {{days: 20}}\n"
        "    promised: {days: 8}\n    legal_basis:\n      - law: {zh: 示例法, en: Sample Law}\n"
        "        article: 第三条\n        since: 2020-01-01\n        is_sample: true\n    result:\n"
        f"      type: permit_{thing}_{n}\n      title: {{zh: 许可证, en: Permit}}\n"
        "      valid_years: 5\n"
    )


def _question(n: int) -> str:
    words = f"{{zh: 第{n}个问题是什么？, en: What is the answer to question {n}}}"
    kind = (
        "bool\n        default: false" if n % 3 else "int\n        minimum: 0\n        default: 3"
    )
    seen = f"        visible_when: q{n - 1}\n" if n % 3 == 2 else ""
    return f"      - id: q{n}\n        question: {words}\n        type: {kind}\n{seen}"


def _step(thing: int, n: int) -> str:
    when = f"        when: q{n % 12} > {n}\n" if (n % 12) % 3 == 0 else f"        when: q{n % 12}\n"
    needs = f"        requires: [s{n // 2}]\n" if n else ""
    return f"      - id: s{n}\n        item: item_{thing}_{n}\n{when if n else ''}{needs}"


def _field(n: int, steps: int) -> str:
    return (
        f"      - id: f{n}\n        title: {{zh: 字段{n}, en: Field {n}}}\n        type: text\n"
        f"        steps: [s{n % steps}, s{(n * 3 + 1) % steps}]\n"
    )


def _material(n: int, steps: int) -> str:
    return (
        f"      - id: m{n}\n        title: {{zh: 材料{n}, en: Material {n}}}\n"
        f"        source: applicant\n        steps: [s{n % steps}]\n"
    )


def _overlay(number: int, region: str) -> str:
    return (
        _HEAD.format(region=region)
        + f"overlays:\n  - thing: thing_{number}\n    change_items:\n      - id: item_{number}_1\n"
        "        promised: {days: 6}\n    drop_materials: [m3]\n"
    )
