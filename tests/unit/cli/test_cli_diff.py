"""``oneservice diff`` and ``oneservice schema``: words for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
STALL = ("--catalog", str(ROOT / "docs" / "book-stall"))


def test_two_regions_in_words(run: Run) -> None:
    done = run("diff", "book_stall", "--region", "000000", "--region", "990100", *STALL,
               "--on", "2026-09-28")  # fmt: skip
    assert done.exit_code == 1
    assert done.stdout.startswith("Selling") or "000000 — 990100" in done.stdout.splitlines()[0]
    assert '"5 working days" in 000000, "4 working days" in 990100' in " ".join(done.stdout.split())
    assert done.stdout.rstrip().endswith("differences")


def test_two_days_in_chinese(run: Run) -> None:
    done = run("diff", "book_stall", "--region", "990100", "--on", "2026-05-31",
               "--on", "2026-06-01", "--language", "zh", *STALL)  # fmt: skip
    assert done.exit_code == 1
    assert "2026-05-31为“5个工作日”" in done.stdout.replace("\n", "").replace("    ", "")


def test_the_same_standard(run: Run) -> None:
    done = run("diff", "book_stall", "--region", "990100", "--region", "990101", *STALL,
               "--on", "2026-09-28")  # fmt: skip
    assert done.exit_code == 0
    assert "The same standard" in done.stdout


def test_for_machines(run: Run) -> None:
    done = run("diff", "book_stall", "--region", "000000", "--region", "990100", "--json", *STALL,
               "--on", "2026-09-28")  # fmt: skip
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert told["first"]["region"] == "000000"
    assert told["second"]["layers"] == ["national.yaml", "990100.yaml"]
    assert told["first"]["digest"] != told["second"]["digest"]
    limit = next(each for each in told["differences"] if each["member"] == "promised")
    assert (limit["kind"], limit["id"]) == ("limit", "pitch")
    assert limit["second"] == {"zh": "4个工作日", "en": "4 working days"}


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--region", "990100"],
        ["--region", "990100", "--on", "2026-09-28"],
        ["--on", "2026-09-28", "--on", "2026-09-29"],
        ["--region", "990100", "--region", "990101", "--on", "2026-01-01", "--on", "2026-09-28"],
        ["--region", "1", "--region", "990101"],
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_wrong_use(run: Run, arguments: list[str]) -> None:
    done = run("diff", "book_stall", *arguments, *STALL)
    assert done.exit_code == 2
    assert done.stdout == ""


def test_a_one_thing_that_is_not_published_then(run: Run) -> None:
    done = run("diff", "book_stall", "--region", "990100", "--on", "2020-01-01",
               "--on", "2026-09-28", *STALL)  # fmt: skip
    assert done.exit_code in {1, 2}
    assert "2020-01-01" in done.stderr


def test_the_schema_is_json(run: Run) -> None:
    done = run("schema")
    assert done.exit_code == 0
    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "things" in schema["properties"]
