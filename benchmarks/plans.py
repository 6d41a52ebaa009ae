"""Plans against a bare topological sort of the same graph: ``python -m benchmarks.plans``.

Three profiles of the bundled restaurant, to be under 1 ms each, and a generated one-thing as wide
as they come (60 steps, 100 fields, 50 materials), to be under 3 ms.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import networkx as nx

from benchmarks.measuring import Pair, compared
from oneservice.catalog import (
    EffectiveThing,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
    normalise_answers,
)
from oneservice.plan import Plan, build_plan
from oneservice.workdays import national_calendar

__all__ = ["main", "measure", "wide_thing"]

_EXAMPLES = Path(__file__).parents[1] / "examples"
_DAY: Final = date(2026, 9, 28)
_RESTAURANT_AIM_MS: Final = 1
_WIDE_AIM_MS: Final = 3
_HEAD: Final = """\
format: oneservice-catalog/1
region: "000000"
effective_from: 2026-01-01
departments:
"""
_THING: Final = """\
things:
  - id: wide
    title: {zh: 大事, en: A wide one}
    goal: {zh: 建厂, en: Build a plant}
    lead_department: office-0
    situations:
"""
_STEPS, _FIELDS, _MATERIALS, _QUESTIONS, _OFFICES = 60, 100, 50, 12, 15


def measure() -> Iterator[Pair]:
    """Yield one pair per worked profile (A, B, C of the restaurant), and one for the wide thing."""
    catalog = load_catalog([bundled_catalog_dir()])
    thing = catalog.thing("restaurant", region="990101", on=_DAY)
    for name in ("noodle-shop", "seafood-karaoke", "tea-kiosk"):
        answers = load_answers(_EXAMPLES / f"{name}.yaml").answers
        yield _measured(name, thing, answers, _RESTAURANT_AIM_MS)
    wide = wide_thing()
    yield _measured("wide", wide, {f"q{n}": n + 1 for n in range(_QUESTIONS)}, _WIDE_AIM_MS)


def _measured(name: str, thing: EffectiveThing, given: Mapping[str, object], aim_ms: int) -> Pair:
    answers = normalise_answers(thing, given)
    calendar = national_calendar()

    def ours() -> Plan:
        return build_plan(thing, answers, on=_DAY, calendar=calendar)

    plan = ours()
    nodes = [step.id for step in plan.steps]
    edges = [(need, step.id) for step in plan.steps for need in step.requires]

    def floor() -> object:
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(nodes)
        graph.add_edges_from(edges)
        return list(nx.topological_sort(graph))

    pair = compared(
        f"plan {name} ({len(nodes)} steps)",
        ours,
        floor,
        floor_name="networkx: graph, topological sort",
        calls=50,
    )
    is_met = pair.ours_us < aim_ms * 1000
    return replace(
        pair,
        name=f"{pair.name}, aim {aim_ms} ms {'holds' if is_met else 'MISSED'}",
        facts={
            "steps": len(nodes),
            "fields": len(plan.form),
            "materials": len(plan.materials),
            "aim_ms": aim_ms,
            "is_aim_met": is_met,
        },
    )


def wide_thing() -> EffectiveThing:
    """Return the generated one-thing: its steps have rules, need others, and use papers."""
    offices = (
        f"  - {{id: office-{n}, name: {{zh: 部门{n}, en: Office {n}}}}}\n" for n in range(_OFFICES)
    )
    parts = (
        _HEAD,
        *offices,
        "items:\n",
        *map(_item, range(_STEPS)),
        _THING,
        *map(_question, range(_QUESTIONS)),
        "    steps:\n",
        *map(_step, range(_STEPS)),
        "    fields:\n",
        *map(_field, range(_FIELDS)),
        "    materials:\n",
        *map(_material, range(_MATERIALS)),
    )
    with TemporaryDirectory() as folder:
        (Path(folder) / "wide.yaml").write_text("".join(parts), encoding="utf-8")
        return load_catalog([Path(folder)]).thing("wide", region="000000", on=_DAY)


def _item(n: int) -> str:
    yields = f"      yields: [m{n}]\n" if _is_yielded(n) else ""
    return (
        f"  - id: item_{n}\n    title: {{zh: 事项{n}, en: Item {n}}}\n"
        f"    department: office-{n % _OFFICES}\n"
        f"    statutory: {{days: 20}}\n    promised: {{days: {n % 7 + 2}}}\n    legal_basis:\n"
        f"      - {{law: {{zh: 示例法, en: Sample Law}}, article: 第{n}条, is_sample: true}}\n"
        f"    result:\n      type: permit_{n}\n      title: {{zh: 许可证{n}, en: Permit {n}}}\n"
        f"      valid_years: 5\n{yields}"
    )


def _question(n: int) -> str:
    return (
        f"      - id: q{n}\n        question: {{zh: 问题{n}, en: Question {n}}}\n"
        "        type: int\n        minimum: 0\n        maximum: 99\n"
    )


def _step(n: int) -> str:
    needs = sorted({n // 2, n // 3} - {n})
    rule = f"q{n % _QUESTIONS} >= 1 && (q{n * 5 % _QUESTIONS} < 50 || q0 == 7)"
    when = "" if _is_yielded(n) else f"        when: {rule}\n"  # others count on its result
    return f"      - id: s{n}\n        item: item_{n}\n        requires: {_listed(needs)}\n{when}"


def _field(n: int) -> str:
    steps = sorted({n % _STEPS, (n * 7 + 3) % _STEPS, (n * 11 + 5) % _STEPS})
    return (
        f"      - id: f{n}\n        title: {{zh: 字段{n}, en: Field {n}}}\n        type: text\n"
        f"        steps: {_listed(steps)}\n"
    )


def _material(n: int) -> str:
    head = f"      - id: m{n}\n        title: {{zh: 材料{n}, en: Material {n}}}\n"
    if _is_yielded(n):  # by the step that the one at twice its place waits for
        return f"{head}        source: step\n        yielded_by: s{n}\n        steps: [s{n * 2}]\n"
    rule = f"        when: q{n % _QUESTIONS} > 0\n" if n % 3 == 0 else ""
    steps = _listed(sorted({n % _STEPS, (n * 13 + 1) % _STEPS}))
    return f"{head}        source: applicant\n{rule}        steps: {steps}\n"


def _is_yielded(n: int) -> bool:
    return n % 5 == 0 and 0 < n < _STEPS // 2


def _listed(steps: list[int]) -> str:
    return f"[{', '.join(f's{n}' for n in steps)}]"


def main() -> int:
    """Print one JSON object for each plan; 1 when an aim is missed on this machine."""
    pairs = list(measure())
    for pair in pairs:
        print(json.dumps(pair.as_json()))
    return 0 if all(pair.facts["is_aim_met"] for pair in pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
