"""One engine as a process of its own, for the tests that kill it: ``engine_process.py SETTINGS``.

Works off the cases that the settings name, one key each; started again, it goes on where it was.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from oneservice.case import Applicant
from oneservice.catalog import load_answers
from oneservice.certificates import SigningKey, TrustStore
from oneservice.clocks import FileClock
from oneservice.departments import DepartmentEndpoint, HttpDepartments, event_keys_of
from oneservice.engine import Engine, KeySigner
from oneservice.ports import SealHolder


async def main(settings: dict[str, Any]) -> None:
    folder = Path(settings["folder"])
    clock = FileClock(folder / "clock", pace_s_per_day=settings["pace_s_per_day"])
    trust = TrustStore.parse((folder / "trust-list.json").read_bytes())
    endpoints = {
        name: DepartmentEndpoint(base_url=url, keys=event_keys_of(trust, name), per_minute=100_000)
        for name, url in settings["urls"].items()
    }
    holder = SealHolder(**settings["seal"])
    signer = KeySigner(holder, SigningKey.from_pem((folder / "seal-key.pem").read_bytes()))
    form = load_answers(Path(settings["answers"]))
    async with (
        HttpDepartments(endpoints, clock=clock) as departments,
        Engine.embedded(
            folder / "cases.db",
            region=settings["region"],
            departments=departments,
            signer=signer,
            trust=trust,
            clock=clock,
            feed_every=timedelta(hours=2),
        ) as engine,
    ):
        plan = engine.plan(form.thing, answers=form.answers)
        applicant = Applicant(name=form.applicant.name, code=form.applicant.code)
        materials = {name: form.material_bytes(name) for name in form.materials}
        keys = settings["keys"]
        cases = [
            await engine.submit(plan, applicant, fields=form.fields, materials=materials, key=key)
            for key in keys
        ]
        for key, case in zip(keys, cases, strict=True):
            ended = await engine.settled(case.id)
            bundle = await engine.bundle(case.id)
            result = {"case": case.id, "status": str(ended.status)}
            (folder / f"{key}.bundle.json").write_bytes(bundle.dump())
            (folder / f"{key}.json.new").write_text(json.dumps(result))
            (folder / f"{key}.json.new").replace(folder / f"{key}.json")


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
