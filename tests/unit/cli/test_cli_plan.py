"""``oneservice plan`` and ``oneservice graph`` on the bundled restaurant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from oneservice.catalog import AnswerType, bundled_catalog_dir, load_catalog
from oneservice.cli.pages import Page
from oneservice.cli.plan_page import show_plan
from oneservice.cli.wrapping import columns
from oneservice.clocks import SystemClock
from oneservice.plan import FeeTotal, parse_plan

Run = Callable[..., Result]
ON = ("--on", "2026-09-28")
ANSWERS = """\
has_licence: true
area: 80      # square metres
hot_food: true
new_sign: true
drains_to_sewer: true
staff_count: 3
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS, encoding="utf-8")
    return file


@pytest.fixture
def noodles(run: Run, answers: Path) -> Callable[..., Result]:
    """Return a function that plans the noodle shop."""

    def plan(*more: object) -> Result:
        return run("plan", "restaurant", "--region", "990101", "--answers", answers, *ON, *more)

    return plan


def test_the_page_answers_what_a_person_asks(noodles: Run) -> None:
    result = noodles()
    assert result.exit_code == 0, result.stderr
    page = result.stdout
    assert page.startswith("Opening a restaurant\n")
    assert "9 working days promised, due 2026-10-15" in page
    assert re.search(
        r"^  \*  Food business permit.* 8 working days  2026-10-14$", page, re.MULTILINE
    )
    assert "* critical path: Food business permit (new) → Handing out all results together" in page
    assert re.search(r"^Bring once \(\d+\)$", page, re.MULTILINE)
    assert "  - Floor plan with kitchen and fire facilities\n" in page
    assert "Health certificates of the staff: this case itself yields it" in page
    assert re.search(r"^legal limit of joint handling 20\d\d-\d\d-\d\d", page, re.MULTILINE)
    assert "area 80 >= 300" not in page  # rules are for --why
    assert "area 80 >= 300 is false" in " ".join(noodles("--why").stdout.split())
    assert re.search(r"^  working days +48 +9 +81\.25 %$", page, re.MULTILINE)
    assert "Why" not in page


def test_why_gives_the_reason_of_each_step_material_and_field(noodles: Run) -> None:
    page = noodles("--why").stdout
    plan = json.loads(noodles("--json").stdout)["plan"]
    why = page[page.index("\nWhy\n") :]
    for step in {one["step_id"] for one in plan["steps"]}:
        assert re.search(rf"^  \+ {step}\b", why, re.MULTILINE)
    for skipped in plan["skipped"]:
        assert re.search(rf"^  - {skipped['step_id']}\b", why, re.MULTILINE)
    for material in plan["materials"]:
        assert re.search(rf"^  # {material['id']}\b", why, re.MULTILINE)
    for field in plan["form"]:
        assert re.search(rf"^  \* {field['id']}\b", why, re.MULTILINE)


def test_json_is_the_plan_itself(noodles: Run) -> None:
    document = json.loads(noodles("--json").stdout)
    plan = parse_plan(document["plan"])
    assert plan.promised_working_days == 9
    assert document["reduction"]["materials"]["before"] == 35


@pytest.mark.parametrize("width", [24, 40, 50, 64, 80, 132])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_line_is_wider_than_the_terminal(
    noodles: Run, monkeypatch: pytest.MonkeyPatch, width: int, language: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    result = noodles("--why", "--language", language)
    assert result.exit_code == 0
    for line in result.stdout.splitlines():
        assert columns(line) <= width
        assert line == line.rstrip()
        assert "\N{REPLACEMENT CHARACTER}" not in line


def test_columns_of_a_chinese_table_align(noodles: Run) -> None:
    lines = noodles("--language", "zh").stdout.splitlines()
    start = lines.index("事项") + 1
    table = lines[start : lines.index("", start)]
    ends = {columns(line) for line in table if re.search(r"\d{4}-\d{2}-\d{2}$", line)}
    assert len(ends) == 1


def test_colour_only_on_a_terminal_that_wants_it(
    noodles: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in noodles().stdout
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" not in noodles().stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    coloured = noodles().stdout
    assert "\x1b[1mOpening a restaurant" in coloured
    assert not re.search(r" (\x1b\[[0-9;]*m)*$", coloured, re.MULTILINE)


def test_several_choices_are_a_list_in_a_file_and_on_the_command_line(
    run: Run, tmp_path: Path
) -> None:
    rest = """\
leaves_county: true
new_county: "980202"
has_employees: true
has_housing_fund: true
has_customs: false
bank_accounts: 2
all_can_sign: true
"""
    file, short = tmp_path / "whole.yaml", tmp_path / "rest.yaml"
    file.write_text(f"changes: [name, address]\n{rest}", encoding="utf-8")
    short.write_text(rest, encoding="utf-8")
    plan = ("plan", "data_change", "--region", "980201", *ON, "--json", "--answers")
    one = run(*plan, file)
    other = run(*plan, short, "--set", "changes=[address , name]")
    assert (one.exit_code, other.exit_code) == (0, 0), one.output + other.output
    assert json.loads(one.stdout) == json.loads(other.stdout)
    assert json.loads(one.stdout)["plan"]["answers"]["changes"] == ["name", "address"]
    file.write_text("changes: [[name]]\n", encoding="utf-8")
    assert f"{file}:1:11" in run(*plan, file).stdout


def test_set_overrides_single_answers(noodles: Run) -> None:
    before = json.loads(noodles("--json").stdout)["plan"]
    after = json.loads(
        noodles("--set", "area=420.50", "--set", "entertainment=true", "--json").stdout
    )
    assert before["answers"]["area"] == "80"
    assert after["plan"]["answers"]["area"] == "420.5"
    assert "fire_check" in {step["step_id"] for step in after["plan"]["steps"]}


@pytest.mark.parametrize("name", ["noodle-shop", "seafood-karaoke", "tea-kiosk"])
def test_a_whole_application_names_its_region(run: Run, name: str) -> None:
    file = Path(__file__).resolve().parents[3] / "examples" / f"{name}.yaml"
    plan = json.loads(run("plan", "restaurant", "--answers", file, *ON, "--json").stdout)["plan"]
    assert plan["region"] == "990101"
    assert plan["due"]["on"] == "2026-10-15"


def test_answers_may_stand_under_their_own_heading(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "short.yaml"
    file.write_text('region: "990101"\nanswers:\n  has_licence: true\n  area: "80"\n', "utf-8")
    result = run("plan", "restaurant", "--answers", file, *ON, "--json")
    assert json.loads(result.stdout)["plan"]["region"] == "990101"


def test_today_is_the_day_where_none_is_named(
    run: Run, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today by the clock on the office's wall, where it is eight hours later."""
    now = datetime(2026, 9, 27, 16, 30, tzinfo=UTC)
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    result = run("plan", "restaurant", "--region", "990101", "--answers", answers, "--json")
    assert result.exit_code == 0, result.stdout
    assert json.loads(result.stdout)["plan"]["on"] == "2026-09-28"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("", ":", ""),
        ("area: [[1], 2]\n", ":1:8: ", "single value"),
        ("area: 1\narea: 2\n", ":2:1: ", "stands once"),
        ("[a]: 1\n", ":1:1: ", "stands once"),
        ("- area\n", ":1:1: ", ""),
        ("area: {\n", ":", ""),
        ("a: &x 1\nb: *x\n", "", "asks no such question"),
        ("a: " + "[" * 100_000, ":", ""),  # ended the process in PyYAML's C composer
        ("{a: " * 100_000, ":", ""),
        ("answers: {area: 80}\nfeilds: {}\n", ":", ""),
    ],
)
def test_answers_that_cannot_be_read(
    run: Run, tmp_path: Path, text: str, where: str, what: str
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    result = run("plan", "restaurant", "--region", "990101", "--answers", file, *ON)
    assert result.exit_code == 1, result.stderr
    assert result.stdout == ""
    assert "error[" in result.stderr
    assert what in result.stderr
    assert not where or f"answers.yaml{where}" in result.stderr


def test_answers_that_do_not_fit_are_named_one_by_one(noodles: Run) -> None:
    result = noodles("--set", "area=-3", "--set", "hot_fod=true")
    assert result.exit_code == 1
    assert "\n  area: " in result.stderr
    assert "did you mean 'hot_food'" in result.stderr
    report = json.loads(noodles("--set", "area=-3", "--json").stdout)["error"]
    assert report["code"] == "answers_invalid"
    assert set(report["problems"]) == {"area"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["restarant", "--region", "990101"], "unknown_thing"),
        (["restaurant", "--region", "99"], "identifier_invalid"),
        (["restaurant", "--region", "990101", "--on", "2031-01-05"], "calendar_unknown"),
        (["restaurant", "--region", "990101", "--on", "2026-02-30"], "usage"),
        (["restaurant", "--region", "990101", "--on", "20260928"], "usage"),
        (["restaurant", "--region", "990101", "--set", "area"], "usage"),
        (["restaurant"], "usage"),
        (["restaurant", "--answers", "/nowhere/answers.yaml"], "file_unusable"),
        (["restaurant", "--answers", "/"], "file_unusable"),
    ],
)
def test_what_cannot_be_started_is_wrong_use(run: Run, arguments: list[str], code: str) -> None:
    extra = ["--set", "has_licence=true", "--set", "area=80"]
    for command in ("plan", "graph"):
        result = run(command, *arguments, *extra, "--json")
        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["code"] == code


def test_a_catalog_of_ones_own(run: Run, tmp_path: Path, answers: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.yaml").write_text("format: nonsense\n", encoding="utf-8")
    result = run(
        "plan", "restaurant", "--region", "990101", "--answers", answers,
        "--catalog", tmp_path / "own",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "a.yaml:1:" in result.stderr


def test_mermaid_goes_to_the_standard_output(run: Run, answers: Path) -> None:
    asked = ("graph", "restaurant", "--region", "990101", "--answers", answers, *ON)
    text = run(*asked).stdout
    assert text.startswith("flowchart ")
    assert "Food business permit" in text
    assert json.loads(run(*asked, "--json").stdout)["text"] == text
    assert "食品经营许可" in run(*asked, "--language", "zh").stdout


def test_svg_is_written_whole_or_not_at_all(run: Run, answers: Path, tmp_path: Path) -> None:
    asked = ("graph", "restaurant", "--region", "990101", "--answers", answers, *ON)
    out = tmp_path / "plan.svg"
    result = run(*asked, "--format", "svg", "--out", out, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["file"] == str(out)
    assert ET.fromstring(out.read_bytes()).tag.endswith("svg")  # noqa: S314 - our own
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answers.yaml", "plan.svg"]
    for wrong in (tmp_path / "no" / "plan.svg", tmp_path):
        failed = run(*asked, "--format", "svg", "--out", wrong)
        assert failed.exit_code == 2
        assert failed.stderr.startswith("error[file_unusable]: ")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["answers.yaml", "plan.svg"]


def test_a_region_without_a_catalog_of_its_own_is_noted(run: Run, answers: Path) -> None:
    """A misspelt code would else pass for its neighbour's."""

    def plan(region: str, *more: object) -> Result:
        return run("plan", "restaurant", "--region", region, "--answers", answers, *ON, *more)

    assert plan("990100").stderr == ""
    beside = plan("990191")
    assert beside.exit_code == 0
    said = "no catalog speaks for 990191 itself; that of Sample City (990100) applies"
    assert said in beside.stderr
    assert "only the national base applies" in plan("999999").stderr
    assert "仅适用全国目录" in plan("999999", "--language", "zh").stderr


def test_the_name_of_the_picture_says_its_format(run: Run, answers: Path, tmp_path: Path) -> None:
    picture = tmp_path / "plan.svg"
    asked = ("graph", "restaurant", "--region", "990101", "--answers", answers, *ON)
    assert run(*asked, "--out", picture).exit_code == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert run(*asked, "--out", picture, "--format", "mermaid").exit_code == 0
    assert picture.read_text(encoding="utf-8") == run(*asked).stdout


def test_a_day_beyond_the_announced_years_is_told_with_the_last_one(
    run: Run, answers: Path
) -> None:
    asked = ("plan", "restaurant", "--region", "990101", "--answers", answers)
    result = run(*asked, "--on", "2031-01-05")
    assert result.exit_code == 2
    assert "working days are announced up to 20" in result.stderr
    assert result.stderr.count("remedy") == 1


@pytest.mark.parametrize(
    ("thing", "question", "choices"),
    [
        ("data_change", "changes", "name,address"),
        ("data_change", "changes", "name"),
        ("utilities", "supplies", "power, water"),
        ("utilities", "crossings", ""),
    ],
)
def test_each_list_question_is_answered_on_the_command_line(
    run: Run, thing: str, question: str, choices: str
) -> None:
    told = run("plan", thing, "--region", "990101", *ON, "--set", f"{question}={choices}", "--json")
    error = json.loads(told.stdout).get("error", {"code": "answers_invalid", "problems": {}})
    assert error["code"] == "answers_invalid"
    assert question not in error["problems"], "others may be missing, this one is not"


def test_every_bundled_list_question_is_among_those_tried() -> None:
    catalog = load_catalog(bundled_catalog_dir())
    asked = {
        (each.thing.id, question.id)
        for each in catalog.things("990101", date(2026, 9, 28))
        for question in each.thing.situations
        if question.type is AnswerType.LIST
    }
    assert asked == {
        ("data_change", "changes"),
        ("utilities", "supplies"),
        ("utilities", "crossings"),
    }


def test_a_fee_that_nobody_reduces_is_not_called_reducible(
    noodles: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = parse_plan(json.loads(noodles("--json").stdout)["plan"])
    total = FeeTotal(currency="CNY", amount="20.00", reducible="0.00")
    show_plan(Page(), replace(plan, fees=(total,)), "en")
    page = capsys.readouterr().out
    assert "fees: 20.00 CNY" in page
    assert "reduced" not in page


def test_the_guide_of_somebody_elsewhere_says_so_first(run: Run) -> None:
    asked = ("restaurant", "--region", "980201", "--origin", "990101", "--on", "2026-09-28")
    answers = ("--answers", Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml")
    page = run("guide", *asked, *answers, "--language", "zh").stdout
    assert "您在示例市（990101）申请，由样城市（980201）办理" in page
    assert "也可全程网办" in page
    assert "各事项未单列渠道" not in page
