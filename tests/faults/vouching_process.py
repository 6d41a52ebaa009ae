"""An engine that logs what it hands out, killed on the way: ``vouching_process.py FOLDER [POINT]``.

One case under the key ``one`` is carried to its end; then its bundle is written. Points at which
the process kills itself: ``appended`` (the log has the entries, its index does not), ``entered``
(both have them, no head is signed), ``published`` (a head is out, no proof is kept), ``proven``
(the engine has not noted that it is done). Started again without a point, it goes on where it was.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oneservice import Applicant, Engine
from oneservice.catalog import load_answers
from oneservice.engine import Vouchers
from oneservice.engine.opening import simulated
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import NoteSigner

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
FORM = Path(__file__).resolve().parents[2] / "examples" / "noodle-shop.yaml"


def killed(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function``, after which the process is dead."""

    async def does(*args: Any, **kwargs: Any) -> Any:
        await function(*args, **kwargs)
        killed()

    return does


def arm(point: str, log: EntryLog, keeper: LogKeeper) -> None:
    """Have the process die at ``point``."""
    private: Any = log
    match point:
        case "appended":
            private._note = killed
        case "entered":
            private._note = after(private._note)
        case "published":
            shared: Any = keeper
            shared.publish_up_to = after(shared.publish_up_to)
        case "proven":
            private.enter = after(private.enter)


def signer_in(folder: Path) -> NoteSigner:
    path = folder / "log.pem"
    if not path.exists():
        path.write_bytes(NoteSigner.generate("990101.example/log").to_pem(None))
    return NoteSigner.from_pem(path.read_bytes(), name="990101.example/log")


async def main(folder: Path, point: str) -> None:
    signer, form = signer_in(folder), load_answers(FORM)
    path = folder / "log"
    made = (path / "private" / "log.json").exists()
    tiles = TileLog(path, signer) if made else TileLog.create(path, signer)
    with simulated(
        folder / "cases.db", region="990101", start=START, catalog=None, behaviours=None
    ) as government:
        async with (
            LogKeeper(tiles) as keeper,
            EntryLog(keeper) as log,
            Engine.embedded(
                folder / "cases.db",
                region="990101",
                departments=government.departments,
                signer=government.signer,
                catalog=government.catalog,
                trust=government.trust,
                clock=government.clock,
                vouchers=Vouchers(log=log),
            ) as engine,
        ):
            arm(point, log, keeper)
            case = await engine.submit(
                engine.plan("restaurant", answers=form.answers),
                Applicant(name=form.applicant.name, code=form.applicant.code),
                fields=form.fields,
                materials={name: form.material_bytes(name) for name in form.materials},
                key="one",
            )
            await engine.settled(case.id)
            (folder / "bundle.json").write_bytes((await engine.bundle(case.id)).dump())
    key = signer.key
    (folder / "log.txt").write_text(f"{key.name}\n{key.vkey}\n", encoding="utf-8")
    (folder / "trust.json").write_bytes(government.trust.dump())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "never"))
