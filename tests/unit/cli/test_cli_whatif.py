"""``oneservice what-if``: a manager's question on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
SMALL = ("what-if", "restaurant", "--region", "990101", "--on", "2026-09-28")
SMALL += ("--cases-per-day", "6", "--days", "16", "--runs", "2")
POPULATION = """
source: {zh: 去年全年, en: all of last year}
profiles:
  - title: {zh: 面馆, en: noodle shop}
    weight: 3
    answers: {has_licence: true, area: 82.5, hot_food: true, staff_count: 2}
  - title: {zh: 茶饮, en: tea}
    weight: 1
    answers: {has_licence: true, area: 18, fresh_drinks: true}
"""


def test_scenarios_stand_side_by_side(run: Run) -> None:
    shown = run(*SMALL, "--change", "fire-rescue inspectors +1", "--change", "joint inspection off")
    assert shown.exit_code == 0
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    for words in ("As it is", "A fire-rescue inspectors +1", "B joint inspection off", "busiest"):
        assert words in shown.stdout


def test_chinese(run: Run) -> None:
    shown = run(*SMALL, "--change", "fire inspectors +1", "--language", "zh")
    assert shown.exit_code == 0
    for words in ("现状", "最忙的岗位", "示例市消防救援支队"):
        assert words in shown.stdout


def test_json_is_decimal_text_and_the_same_every_time(run: Run) -> None:
    one, other = (run(*SMALL, "--change", "fire desks +1", "--json").stdout for _ in range(2))
    assert one == other
    found = json.loads(one, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    assert found["changes"][0]["change"] == "fire desks +1"
    assert set(found["baseline"]["figures"]["mean_days"]) == {"value", "margin"}


def test_a_chart_is_written(run: Run, tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    shown = run(*SMALL, "--chart", chart, "--json")
    assert shown.exit_code == 0
    assert chart.read_text(encoding="utf-8").startswith("<svg ")
    assert json.loads(shown.stdout)["file"] == str(chart)


def test_who_comes_may_be_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(POPULATION, encoding="utf-8")
    shown = run(*SMALL, "--population", file)
    assert shown.exit_code == 0
    assert "all of last year" in shown.stdout
    assert "signboard" not in shown.stdout


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "is no YAML"),
        ("source: {zh: a, en: b}", "profiles"),
        (POPULATION.replace("weight: 3", "weight: -3"), "weights of 0 or more"),
        (POPULATION.replace("weight: 3", "wight: 3"), "wight"),
    ],
)
def test_a_population_that_is_none_is_told_where(
    run: Run, tmp_path: Path, text: str, place: str
) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(text, encoding="utf-8")
    shown = run(*SMALL, "--population", file)
    assert shown.exit_code == 1
    assert place in shown.stderr


def test_answers_that_do_not_fit_are_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(POPULATION.replace("hot_food", "hot_fod"), encoding="utf-8")
    shown = run(*SMALL, "--population", file)
    assert shown.exit_code == 1
    assert "hot_fod" in shown.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("moon inspectors +1", "fire-rescue"),
        ("restaurant fire_track = maybe", "commitment"),
        ("make it faster", "joint inspection off"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(run: Run, change: str, words: str) -> None:
    shown = run(*SMALL, "--change", change)
    assert shown.exit_code == 2
    assert "error[change_unknown]" in shown.stderr
    assert words in shown.stderr
    told = json.loads(run(*SMALL, "--change", change, "--json").stdout)["error"]
    assert told["code"] == "change_unknown"
    assert any(words in one for one in told["choices"])


def test_nobody_has_counted_who_comes_for_others(run: Run) -> None:
    arguments = ("what-if", "newborn", "--region", "990101", "--on", "2026-09-28")
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert "population" in shown.stderr
