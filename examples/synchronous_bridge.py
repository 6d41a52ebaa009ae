"""The engine from a synchronous framework (Django, Flask, a script): one thread runs the loop.

    python examples/synchronous_bridge.py [FOLDER]

The face of the engine is asynchronous and has no twins. `start_blocking_portal` runs an event loop
in a thread of its own; `portal.call` hands it a coroutine and waits for the answer, from any
thread. Open the engine once per process, when the framework starts, and share the portal.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal

from oneservice import Applicant, Engine
from oneservice.catalog import AnswersFile, load_answers

MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)


def submit_view(portal: BlockingPortal, engine: Engine, form: AnswersFile, key: str) -> str:
    """Stand for a view function: plain, blocking, in a worker thread; return the case's id."""
    plan = engine.plan(form.thing, answers=form.answers)  # pure, so it needs no bridge
    submit = partial(
        engine.submit,
        plan,
        Applicant(name="Li's Noodles", code=form.applicant.code),
        fields=form.fields,
        materials={name: form.material_bytes(name) for name in form.materials},
        key=key,
    )
    return portal.call(submit).id


def main(folder: Path) -> None:
    """Open the engine in the portal's thread, use it from this one."""
    form = load_answers(Path(__file__).with_name("noodle-shop.yaml"))
    opening = Engine.sandbox(folder / "cases.db", start=MONDAY)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(opening) as engine:
        first = submit_view(portal, engine, form, key="visit-4711")
        again = submit_view(portal, engine, form, key="visit-4711")
        print("sent twice, one case:", first == again)
        case = portal.call(engine.settled, first)
        print(case.status, "with", len(portal.call(engine.certificates, first)), "certificates")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="oneservice-"))
    target.mkdir(parents=True, exist_ok=True)
    main(target)
