"""A department that had nothing of ours is read soon once something is filed there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from oneservice import Applicant, Engine
from oneservice.catalog import load_answers

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"


async def test_what_is_filed_after_a_quiet_look_is_not_left_for_a_day(tmp_path: Path) -> None:
    async with Engine.sandbox(tmp_path / "cases.db", start=START) as engine:
        await engine.progress()  # every feed is read; nobody has anything to decide
        given = load_answers(EXAMPLE)
        plan = engine.plan("restaurant", answers=given.answers)
        known = {one.group or one.id for one in plan.form}
        await engine.submit(
            plan,
            Applicant(name="Old Tea", code="92990101MA99000523"),
            fields={name: one for name, one in given.fields.items() if name in known},
        )
        await engine.progress()
        wake = await engine.next_wake()
        assert wake is not None
        assert wake <= engine.now() + timedelta(hours=2)
