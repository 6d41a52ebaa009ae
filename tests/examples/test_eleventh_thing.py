"""A newcomer adds one more one-thing by files alone: the guide's book stall beside the others.

That the guide's files lint and its commands run as printed is shown by ``test_catalog_guide``; here
the same files join a whole province's catalog, and a case is carried out by them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.catalog import bundled_catalog_dir, load_answers, load_catalog

ROOT = Path(__file__).resolve().parents[2]
MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)
REGION = "990101"
STALL = ("book_stall", "--region", REGION, "--on", "2026-09-28")
APPLICATION = """\
region: "990101"
applicant: {kind: organisation, name: 老魏书摊, code: 92990101MA99000523}
answers: {area: 4.5, new_books: false, evening: true, lamps: 3}
fields: {name: 老魏书摊, phone: '13800000000'}
materials:
  m_sketch: {name: sketch.txt, text: 路口第三棵树旁}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newcomer's folder: ``catalogs`` holds a copy of the bundled ones, and the book stall."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(bundled_catalog_dir(), folder / "catalogs" / "bundled")
    shutil.copytree(ROOT / "docs" / "book-stall", folder / "catalogs" / "book-stall")
    (folder / "stall.yaml").write_text(APPLICATION, encoding="utf-8")
    return folder


def run(desk: Path, *arguments: str) -> str:
    """Run ``oneservice`` as the newcomer's shell does; it must succeed without a complaint."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "oneservice", *arguments],
        cwd=desk,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ONESERVICE_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def on_paper(desk: Path, command: str, *options: str) -> str:
    answers = ("--catalog", "catalogs", "--answers", "stall.yaml")
    return run(desk, command, *STALL, *answers, *options)


def test_no_code_knows_of_it() -> None:
    told = re.compile(r"book.?stall|旧书摊", re.IGNORECASE)
    modules = [*(ROOT / "oneservice").rglob("*.py"), *(ROOT / "adapters").rglob("*.py")]
    assert [one.name for one in modules if told.search(one.read_text(encoding="utf-8"))] == []


def test_it_joins_the_others_and_changes_none_of_them(desk: Path) -> None:
    before = load_catalog([bundled_catalog_dir()]).things(REGION, date(2026, 9, 28))
    after = load_catalog([desk / "catalogs"]).things(REGION, date(2026, 9, 28))
    assert len(before) >= 10
    mine = [one for one in after if one.thing.id == "book_stall"]
    assert len(mine) == 1
    assert {one.thing.id: one.digest for one in after if one not in mine} == {
        one.thing.id: one.digest for one in before
    }


def test_the_whole_folder_has_no_error(desk: Path) -> None:
    assert "0 errors" in run(desk, "lint", "catalogs")


def test_the_plan_is_that_of_the_overlay(desk: Path) -> None:
    told = json.loads(on_paper(desk, "plan", "--json"))["plan"]
    assert [step["id"] for step in told["steps"]] == ["pitch", "book_record", "bundle"]
    assert told["due"]["on"] == "2026-10-12"
    why = on_paper(desk, "plan", "--why")
    assert "area 4.5 >= 4" in why  # the city's threshold, not the nation's
    assert "Bring once (1)\n  - Sketch of the place\n" in on_paper(desk, "plan")


def test_the_graph_is_drawn(desk: Path) -> None:
    drawn = on_paper(desk, "graph")
    assert "Record of the book trade" in drawn
    assert "-->" in drawn


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Sketch of the place"), ("zh", "摊位位置图")]
)
def test_the_guide_tells_everything_at_once(desk: Path, language: str, says: str) -> None:
    on_paper(desk, "guide", "--language", language, "--out", f"guide-{language}.html")
    page = (desk / f"guide-{language}.html").read_text(encoding="utf-8")
    assert says in page
    assert "2026-10-12" in page or "2026年10月12日" in page


async def test_a_case_ends_in_certificates_that_verify(desk: Path) -> None:
    catalog = load_catalog([desk / "catalogs"])
    form = load_answers(desk / "stall.yaml")
    async with Engine.sandbox(
        desk / "cases.db", region=REGION, start=MONDAY, catalog=catalog
    ) as engine:
        plan = engine.plan("book_stall", answers=form.answers)
        case = await engine.submit(
            plan,
            Applicant(name=form.applicant.name, code=form.applicant.code),
            fields=form.fields,
            materials={name: form.material_bytes(name) for name in form.materials},
            key="newcomer-1",
        )
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        certificates = await engine.certificates(case.id)
        bundle = await engine.bundle(case.id)
        journal = await engine.journal(case.id)
        assert engine.trust is not None
        (desk / "trust-list.json").write_bytes(engine.trust.dump())
    assert sorted(one.type for one in certificates) == ["book_record", "pitch_permit"]
    names = [f"certificate-{number}.json" for number in range(len(certificates))]
    for name, one in zip(names, certificates, strict=True):
        (desk / name).write_bytes(one.dump())
    (desk / "bundle.json").write_bytes(bundle.dump())
    (desk / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in journal))
    files = ("bundle.json", "journal.jsonl", *names)
    told = run(desk, "verify", *files, "--trust", "trust-list.json", "--at", "2026-12-01", "--json")
    reports = [json.loads(line) for line in told.splitlines()]
    assert {one["file"]: one["verdict"] for one in reports} == dict.fromkeys(files, "valid")
    inside = next(one for one in reports if one["file"] == "bundle.json")
    assert [one["verdict"] for one in inside["components"]] == ["valid"] * 2
