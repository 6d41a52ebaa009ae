"""One engine as a process that tells a subscriber of its cases: ``notifying_process.py SETTINGS``.

It hands in the applications that the settings name, one key each, and tells of them meanwhile;
started again, it goes on where it was. ``done`` is written when nothing is owed any more.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from oneservice.case import Actor, Applicant
from oneservice.catalog import load_answers
from oneservice.engine import Engine
from oneservice.sandbox import PROMPT

ORDER: Any = {"by": Actor.operator("op-7"), "why": "a test", "is_internal": True}


async def main(settings: dict[str, Any]) -> None:
    folder = Path(settings["folder"])
    form = load_answers(Path(settings["answers"]))
    start = datetime.fromisoformat(settings["start"])
    async with Engine.sandbox(folder / "cases.db", start=start, behaviours=PROMPT) as engine:
        desk = engine.notifications
        if not await desk.subscribers():
            await desk.subscribe("records", settings["url"], after=0, **ORDER)
        for key in settings["keys"]:
            plan = engine.plan(form.thing, answers=form.answers)
            known = {one.group or one.id for one in plan.form}
            case = await engine.submit(
                plan,
                Applicant(name=form.applicant.name, code=form.applicant.code),
                fields={name: value for name, value in form.fields.items() if name in known},
                materials={name: form.material_bytes(name) for name in form.materials},
                key=key,
            )
            await tell(engine)
            await engine.settled(case.id)
            await tell(engine)
        found = await desk.subscribers()
        (folder / "done.new").write_text(json.dumps([found[0].state, found[0].position]))
        (folder / "done.new").replace(folder / "done")


async def tell(engine: Engine) -> None:
    """Send until everything has come; pauses take no time on a virtual clock."""
    await engine.notifications.send_due()
    while (due := await engine.notifications.next_due()) is not None:
        await engine.wait_until(due)
        await engine.notifications.send_due()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
