"""A portal's day: hand in one form, answer a correction, hand out all results together.

    python examples/portal.py [FOLDER]

Nothing leaves the process: departments are simulated, days pass as soon as somebody waits for
them, and the keys are worthless. `FOLDER` then holds what `examples/auditor.py` reads.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from oneservice import Applicant, Engine
from oneservice.catalog import load_answers
from oneservice.sandbox import Behaviour, Behaviours

MONDAY = datetime(2026, 10, 12, 1, tzinfo=UTC)  # after the holidays: simulated offices have none
FORGOTTEN = "m_layout"
BY_FRIDAY = Behaviour(decides_after=timedelta(days=4))
STRICT = Behaviours(
    by_step={"food_permit": replace(BY_FRIDAY, corrects={FORGOTTEN: "No floor plan."})},
    otherwise=BY_FRIDAY,
)


async def open_noodle_shop(folder: Path) -> None:
    """Carry one case from the form to the bundle, and tell what happens."""
    form = load_answers(Path(__file__).with_name("noodle-shop.yaml"))
    papers = {name: form.material_bytes(name) for name in form.materials}
    async with Engine.sandbox(folder / "cases.db", start=MONDAY, behaviours=STRICT) as engine:
        plan = engine.plan("restaurant", answers=form.answers)
        print("bring once:", ", ".join(one.title.en for one in plan.materials if one.must_bring))
        print("promised:", plan.promised_working_days, "working days, by", plan.due.on)

        case = await engine.submit(
            plan,
            Applicant(name="Li's Noodles", code=form.applicant.code),
            fields=form.fields,
            materials={name: paper for name, paper in papers.items() if name != FORGOTTEN},
            key="visit-4711",  # the page may be sent twice: one key makes one case
        )
        case = await engine.settled(case.id)  # until it ends, or only a person can move it on
        for asked in case.corrections:
            print(asked.sub_case_id, "asks for", *asked.materials, "until", asked.due_on)
            answer = {name: papers[name] for name in asked.materials}
            await engine.supplement(case.id, asked, materials=answer)

        case = await engine.settled(case.id)
        for sub in case.sub_cases.values():
            print(f"  {sub.id:<15} {sub.status}")
        print(case.status, "on", engine.now().date())

        (folder / "bundle.json").write_bytes((await engine.bundle(case.id)).dump())
        lines = await engine.journal(case.id)
        (folder / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
        if engine.trust is not None:
            (folder / "trust-list.json").write_bytes(engine.trust.dump())
    print("written:", folder / "bundle.json", "and", folder / "trust-list.json")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="oneservice-"))
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(open_noodle_shop(target))
