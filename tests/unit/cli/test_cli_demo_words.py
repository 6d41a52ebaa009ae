"""The stories of the demonstration before anything runs: words, applicants, district rules."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from oneservice.case import EventType, SubCase, SubCaseStatus, step_specs
from oneservice.catalog import Level, StepKind, bundled_catalog_dir, load_answers, load_catalog
from oneservice.cli import demo_phrases, demo_report, demo_said, demo_words
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.demo_lessons import INTRODUCTIONS, LESSONS
from oneservice.cli.demo_regions import words as story_words
from oneservice.cli.demo_scripts import StoryName, example, script_of
from oneservice.cli.demo_story import plan_of, refuse_incomplete
from oneservice.plan import Language, Plan
from oneservice_adapters import Story
from oneservice_adapters.offices import profile_of

PHRASES = {**demo_words._PHRASES, **demo_phrases._PHRASES, **story_words._PHRASES}


def places(text: str) -> list[str]:
    return [field for _, field, _, _ in Formatter().parse(text) if field is not None]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "样城市（980201）已登记，编号 980201-1；"),
        ("en", "registered in Model City (980201) under "),
    ],
)
def test_a_region_of_the_story_bears_its_name(language: Language, said: str) -> None:
    told = story_words.tell("registered", language, "980201", "980201-1", "970301")
    assert told.startswith(said)
    assert "980201-1" in told, "a number that begins like a region stays"


def plan_in(name: StoryName) -> Plan:
    script = script_of(name)
    rules = [example(script.rules)] if script.rules else []
    catalog = load_catalog([bundled_catalog_dir(), *rules])
    return plan_of(script.applicant(load_answers(example(script.file))), catalog)


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_a_phrase_has_as_many_places_in_both_languages(name: str) -> None:
    english, chinese = PHRASES[name]
    assert len(places(english)) == len(places(chinese))


@pytest.mark.parametrize("name", StoryName)
def test_a_story_has_words_and_steps_and_an_applicant(name: StoryName) -> None:
    script = script_of(name)
    assert INTRODUCTIONS[name].zh
    assert LESSONS[name].en
    plan = plan_in(name)
    refuse_incomplete(script.applicant(load_answers(example(script.file))), plan)
    steps = {step.id for step in plan.steps}
    assert {*script.about, *script.withdrawn} <= steps
    assert {*script.without} <= {one.id for one in plan.materials}
    assert {*script.without} <= {*script.whole().materials}, "what is held back comes later"


@pytest.mark.parametrize("name", StoryName)
def test_the_offices_know_what_a_story_wants_of_them(name: StoryName) -> None:
    for department, steps in script_of(name).offices.items():
        for step_id, word in steps.items():
            assert profile_of(department).procedure(step_id).step_id == step_id
            assert Story(word)


def test_the_district_names_its_rules_in_the_plan() -> None:
    tolerance = next(one for one in plan_in(StoryName.TOLERANCE).steps if one.id == "fire_check")
    assert tolerance.tolerance is not None
    assert tolerance.tolerance.materials == ("m_gas",)
    overdue = next(one for one in plan_in(StoryName.OVERDUE).steps if one.id == "food_permit")
    assert [str(rung.level) for rung in overdue.escalation] == ["county", "county", "city"]


def test_whatever_an_office_can_decide_has_words() -> None:
    without = {EventType.PROGRESS, EventType.WITHDRAWAL_REQUESTED}
    after = {EventType.RESULT_REPLACED}
    assert {*EventType} - without - after == {*demo_said._WORDS}


def test_every_state_has_its_word() -> None:
    assert {*demo_words._STATES} == {*SubCaseStatus}


def test_all_goes_well_without_a_story() -> None:
    script = script_of(None)
    assert (script.name, script.offices, script.withdrawn) == (None, {}, {})


@pytest.mark.parametrize("noted", ["overdue", None, "bribery"])
def test_a_folder_keeps_to_its_story(
    run: Callable[..., Result], tmp_path: Path, noted: str | None
) -> None:
    """Nothing is started where the options do not fit what the folder holds."""
    note = {"answers": "shop.yaml", "digest": "sha256:0"} | ({"story": noted} if noted else {})
    (tmp_path / "applicant.json").write_text(json.dumps(note), encoding="utf-8")
    refused = run("demo", "--dir", str(tmp_path), "--story", "refusal", "--json")
    assert refused.exit_code == 2
    error = json.loads(refused.stdout)["error"]
    assert error["code"] == "folder_taken"
    assert error["remedy"].startswith("give another --dir"), "the path itself is as it should be"
    assert [one.name for one in tmp_path.iterdir()] == ["applicant.json"]


def test_a_story_has_its_own_applicant(run: Callable[..., Result]) -> None:
    file = str(example("noodle-shop.yaml"))
    refused = run("demo", "--answers", file, "--story", "refusal", "--json")
    assert refused.exit_code == 2
    assert "brings its own applicant" in refused.stdout


def test_every_level_of_a_ladder_has_its_word() -> None:
    assert {str(one) for one in Level} <= {*demo_phrases._PHRASES}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (StepKind.BUNDLE, ("done", "已出件")),
        (StepKind.NOTIFY, ("told", "已告知")),
        (StepKind.DECISION, ("granted", "准予")),
    ],
)
def test_nobody_grants_what_is_only_handed_out_or_told(
    kind: StepKind, said: tuple[str, str]
) -> None:
    plan = plan_in(StoryName.TOLERANCE)
    spec = next(iter(step_specs(plan)))
    sub = SubCase(spec=replace(spec, kind=kind), status=SubCaseStatus.GRANTED)
    assert tuple(demo_words.state_of(sub, plan, language) for language in ("en", "zh")) == said


def test_the_command_at_the_end_is_pasted_from_wherever_it_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DemoFolder(path=tmp_path / f"li's {'long ' * 20}place")
    results: Any = SimpleNamespace(at=datetime(2026, 10, 14, 7, tzinfo=UTC), pages=())
    demo_report._print(folder, results, [], language="en", is_valid=True)
    shown = capsys.readouterr().out.partition("Check it yourself\n")[2]
    assert shlex.split(shown.replace("\\\n", "")) == [
        *("oneservice", "verify", f"{folder.path}/bundle.json"),
        *(f"--trust={folder.trust_list}", f"--policy={folder.path}/policy.yaml"),
        *("--at=2026-10-14T07:00:00Z", "--offline"),
    ]
