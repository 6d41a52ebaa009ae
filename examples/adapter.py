"""An integrator's first hour: one function, a real server on loopback, one real call.

    python examples/adapter.py [FOLDER]

The register of the adapter stays in `FOLDER`; run it twice, and the second run finds the same
application under the same id instead of filing another.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from oneservice.clocks import SystemClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionRequested,
    DepartmentEndpoint,
    Granted,
    HttpDepartments,
    MaterialItem,
    Outcome,
    Submission,
    SubmissionBody,
    VerifyingKey,
    compose_submission,
    running,
)

BAKERY = SubmissionBody(
    case_id="demo1",
    step_id="food_permit",
    attempt=1,
    applicant={"kind": "organisation", "name": "Sample Bakery"},
    materials=(MaterialItem(material="m_layout"),),
)


def market_regulation(folder: Path) -> AdapterApp:
    """Return the department's adapter: what is ours is one decision."""
    app = AdapterApp(department="market-regulation", store=folder / "register.db")

    @app.step("food_permit", promised_working_days=8)
    def food_permit(submission: Submission) -> Outcome | tuple[Outcome, ...]:
        if "m_layout" not in submission.materials:
            return CorrectionRequested(materials=("m_layout",), note="The floor plan is missing.")
        return Accepted(), Granted(number=f"JY-{submission.id}")

    return app


async def file_once(folder: Path) -> None:
    """Serve the adapter, file one application, and print what came back, proven."""
    app = market_regulation(folder)
    async with running(app) as url:
        shown = app.capabilities().keys[0]  # for this trial the two shake hands in one room;
        key = VerifyingKey(keyid=shown.keyid, alg=shown.alg, public_key=shown.public_key)
        endpoint = DepartmentEndpoint(base_url=url, keys=(key,))  # else: the trust list says it
        async with HttpDepartments({app.department: endpoint}, clock=SystemClock()) as departments:
            page = await departments.submit(
                app.department, "demo1.food_permit.1", compose_submission(BAKERY)
            )
    print(page.submission_id, "is", page.state)
    for event in page.events:
        print(f"  {event.seq} {event.type:<10} {event.digest[:23]}…")


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="oneservice-"))
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(file_once(target))
