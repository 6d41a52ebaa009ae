"""``guide`` and ``export`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from oneservice.exchange import ItemRecord, MaterialRecord, import_item, read_csv, read_json

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "noodle-shop.yaml"
Run = Callable[..., Result]


def test_guide_writes_a_page(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "guide.html"
    arguments = ("guide", "restaurant", "--answers", EXAMPLE, "--on", "2026-09-28")
    told = run(*arguments, "--language", "zh", "--out", out)
    assert told.exit_code == 0
    page = out.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "开办餐饮店" in page
    assert "您已经有营业执照了吗" in page, "the answers stand there with their questions"
    shown = run(*arguments, "--language", "zh")
    assert shown.stdout == page
    told = run(*arguments, "--json", "--out", out)
    facts = json.loads(told.stdout)
    assert facts["file"] == str(out)
    assert facts["plan_digest"] in out.read_text("utf-8")


def test_guide_without_a_region_is_wrong_use(run: Run) -> None:
    assert run("guide", "restaurant").exit_code == 2


@pytest.mark.parametrize("form", ["cpsv", "exchange-json", "exchange-csv"])
def test_export_writes_the_same_file_each_time(run: Run, form: str, tmp_path: Path) -> None:
    arguments = ("export", "restaurant", "--region", "990101", "--on", "2026-09-28")
    first = run(*arguments, "--format", form)
    assert first.exit_code == 0
    out = tmp_path / "export.txt"
    told = run(*arguments, "--format", form, "--out", out)
    assert told.exit_code == 0
    assert out.read_bytes().decode("utf-8") == first.stdout_bytes.decode("utf-8")
    facts = json.loads(run(*arguments, "--format", form, "--json").stdout)
    assert facts["format"] == form
    assert facts["definition"].startswith("sha256:")


def test_exported_tables_are_read_again(run: Run) -> None:
    arguments = ("export", "restaurant", "--region", "990101", "--on", "2026-09-28")
    items = run(*arguments, "--format", "exchange-csv", "--complete").stdout_bytes.decode()
    rows = read_csv(ItemRecord, items)
    assert {import_item(row).item.id for row in rows} >= {"food_permit", "fire_check"}
    materials = run(*arguments, "--format", "exchange-csv", "--table", "materials")
    assert read_csv(MaterialRecord, materials.stdout_bytes.decode())
    both = json.loads(run(*arguments, "--format", "exchange-json").stdout)
    assert read_json(ItemRecord, json.dumps(both["items"]))
    assert read_json(MaterialRecord, json.dumps(both["materials"]))


def test_export_of_nothing_published(run: Run) -> None:
    told = run("export", "nothing", "--region", "990101", "--format", "cpsv")
    assert told.exit_code == 2
    assert "nothing" in told.stderr


WRITERS = {
    "guide": ("guide", "restaurant", "--region", "990101", "--out"),
    "graph": ("graph", "restaurant", "--region", "990101", "--format", "svg", "--out"),
    "export": ("export", "restaurant", "--region", "990101", "--format", "cpsv", "--out"),
    "lint": ("lint", "--sarif"),
}


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("out", ["", ".", "/", ".."])
def test_a_folder_is_no_place_for_an_output(run: Run, command: str, out: str) -> None:
    # A day of its own: the working days of the day on which this runs may not be announced yet.
    day = ("--on", "2026-09-28")
    settings = () if command in {"export", "lint"} else ("--answers", EXAMPLE, *day)
    told = run(*WRITERS[command], out, *settings)
    assert told.exit_code == 2
    assert "is a folder; name a file" in told.stderr


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("given", ["", "own.yaml"])
def test_an_input_is_never_overwritten(run: Run, command: str, given: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("format: oneservice-catalog/1\n", "utf-8")
    catalog = tmp_path / given
    paths = (catalog,) if command == "lint" else ("--catalog", catalog)
    told = run(*WRITERS[command], file, *paths)
    assert told.exit_code == 2
    assert "is an input of this command; name another file" in told.stderr
    assert file.read_text("utf-8") == "format: oneservice-catalog/1\n"


def test_the_answers_are_never_overwritten(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("area: 80\n", "utf-8")
    told = run(*WRITERS["guide"], file, "--answers", file)
    assert told.exit_code == 2
    assert file.read_text("utf-8") == "area: 80\n"


def test_a_picture_is_what_its_name_says(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "plan.png"
    told = run("graph", "restaurant", "--answers", EXAMPLE, "--out", out)
    assert told.exit_code == 2
    assert not out.exists()


@pytest.mark.parametrize("more", [("--table", "items"), ("--complete",)])
def test_options_of_another_form_are_wrong_use(run: Run, more: tuple[str, ...]) -> None:
    told = run("export", "restaurant", "--region", "990101", "--format", "cpsv", *more)
    assert told.exit_code == 2
