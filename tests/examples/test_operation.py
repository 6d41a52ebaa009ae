"""What the guide for operators promises about backups holds: taken while running, put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.catalog import load_answers
from oneservice.errors import JournalLockedError
from oneservice.runtimes import SqliteStore

FORM = load_answers(Path(__file__).resolve().parents[2] / "examples" / "noodle-shop.yaml")
MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)


async def _submit(engine: Engine) -> str:
    case = await engine.submit(
        engine.plan("restaurant", answers=FORM.answers),
        Applicant(name="Li's Noodles", code=FORM.applicant.code),
        fields=FORM.fields,
        materials={name: FORM.material_bytes(name) for name in FORM.materials},
        key="visit-4711",
    )
    return case.id


def _back_up(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(target)) as theirs:
        ours.backup(theirs)


def _put_back(backup: Path, live: Path) -> None:
    for end in ("", "-wal", "-shm"):  # the departments' own file stays: they moved on
        live.with_name(live.name + end).unlink(missing_ok=True)
    backup.rename(live)


async def test_a_restored_backup_catches_up_with_its_departments(tmp_path: Path) -> None:
    live, backup = tmp_path / "cases.db", tmp_path / "backup.db"
    async with Engine.sandbox(live, start=MONDAY) as engine:
        case_id = await _submit(engine)
        _back_up(live, backup)  # while the engine has it open
        done = await engine.settled(case_id)
        granted = [one.digest for one in await engine.certificates(case_id)]
    assert done.status is CaseStatus.CONCLUDED

    _put_back(backup, live)
    async with Engine.sandbox(live, start=MONDAY) as engine:
        assert (await engine.case(case_id)).status is not CaseStatus.CONCLUDED
        assert await _submit(engine) == case_id
        done = await engine.settled(case_id)
        assert done.status is CaseStatus.CONCLUDED
        assert [one.digest for one in await engine.certificates(case_id)] == granted


async def test_a_second_owner_is_told_who_has_the_file(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=MONDAY):
        with pytest.raises(JournalLockedError, match="this very process has it open"):
            SqliteStore.open(tmp_path / "cases.db")
