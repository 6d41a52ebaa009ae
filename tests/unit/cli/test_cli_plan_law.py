"""``oneservice plan`` says by whose law and in whose days a step goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Ask = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[3]
ASKED = (
    "transport_company",
    "--answers",
    str(ROOT / "examples" / "transport_company.yaml"),
    "--on",
    "2026-09-28",
)


@pytest.fixture
def ask(run: Callable[..., Result]) -> Callable[..., Result]:
    """Return a function that asks about a haulier whose yard lies in 980201, at a counter."""

    def asked(*more: str, command: str = "plan", region: str = "990101") -> Result:
        return run(command, *ASKED, "--region", region, *more)

    return asked


def test_the_page_names_the_law_of_the_deciding_region(ask: Ask) -> None:
    page = ask()
    assert page.exit_code == 0
    assert "by the law of 980200: Permit to carry goods by road, Permit of a" in page.output
    page = ask("--language", "zh")
    assert "按 980200 的规定办理：道路货物运输经营许可、" in page.output
    assert "law of" not in ask(region="980201").output


def test_the_reasons_say_in_what_it_differs(ask: Ask) -> None:
    page = " ".join(ask("--why").output.split())
    assert "promised 3 working days instead of 5 working days" in page
    assert "not needed: Proof that satellite positioning is fitted and connected" in page


def test_a_region_without_files_is_told(ask: Ask) -> None:
    page = ask("--set", "based_in=950101", "--why")
    assert "law of 950101 not at hand here: Permit to carry goods by road" in page.output
    told = " ".join(page.output.split())
    assert "the law of 950101 on this step is not at hand, that of the country is shown" in told


def step_of(result: Result) -> dict[str, object]:
    plan = json.loads(result.stdout)["plan"]
    found: dict[str, object] = next(one for one in plan["steps"] if one["id"] == "road_permit")
    return found


def test_days_off_of_other_regions_move_their_steps(ask: Ask) -> None:
    plain, moved = (
        step_of(ask("--json")),
        step_of(ask("--json", "--day-off", "980200=2026-09-29", "--day-off", "970000=2026-09-30")),
    )
    assert plain["due"] == {"on": "2026-10-08", "is_provisional": False}
    assert moved["due"] == {"on": "2026-10-09", "is_provisional": False}
    law = moved["law"]
    assert isinstance(law, dict)
    assert law["calendar_region"] == "980200"
    page = ask("--day-off", "980200=2026-09-29")
    assert "in the working days of 980200: Permit to carry goods by road" in page.output


def test_days_off_at_home_move_what_is_decided_at_home(ask: Ask) -> None:
    ours = step_of(ask("--json", "--day-off", "990100=2026-09-29"))
    law = ours["law"]
    assert isinstance(law, dict)
    assert law["calendar_region"] == "000000"  # the others go on by the announced days
    assert ours["due"] == {"on": "2026-10-08", "is_provisional": False}


@pytest.mark.parametrize(
    "entry", ["980200", "980200=", "980200=soon", "98=2026-09-29", "=2026-09-29"]
)
def test_what_is_no_day_off_is_wrong_use(ask: Ask, entry: str) -> None:
    result = ask("--day-off", entry)
    assert result.exit_code == 2
    assert "--day-off takes REGION=DATE" in result.output


def test_a_day_of_an_unknown_year_is_told(ask: Ask) -> None:
    result = ask("--day-off", "980200=2031-09-29")
    assert result.exit_code == 2
    assert "announced up to 2026-12-31" in result.output


def test_the_printed_guide_says_so_too(ask: Ask) -> None:
    page = re.sub(r"<[^>]+>", "", ask("--language", "zh", command="guide").output)
    assert "按 980200 的规定：承诺 3 个工作日，而非本地的 5 个工作日" in page
