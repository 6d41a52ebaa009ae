"""An adapter is killed with callbacks owed and evidence answered: nothing is forgotten."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from oneservice.departments import (
    Consent,
    EvidenceRequestBody,
    SubmissionBody,
    compose_evidence_request,
    compose_submission,
    parse_callback,
    parse_evidence,
    running,
)

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}

ADAPTER = textwrap.dedent("""
    import asyncio, sys
    from oneservice.departments import (
        AdapterApp, Caller, Callers, EvidenceAnswer, EvidenceState, Received, loopback_only, serve,
    )

    folder, hook = sys.argv[1:]
    app = AdapterApp(
        "market-regulation",
        store=folder + "/register.db",
        callers=Callers(Caller(id="local", callbacks={"cb-1": hook})),
        authenticate=loopback_only,
    )

    @app.step("plain")
    async def plain(submission):
        return Received()

    @app.evidence("business_licence")
    def licence(request):
        with open(folder + "/asked", "a") as asked:
            asked.write(request.id + "\\n")
        return EvidenceAnswer(state=EvidenceState.NOT_FOUND)

    asyncio.run(serve(app, until_stdin_closes=True,
                      on_listening=lambda url: print(url, flush=True)))
""")


@asynccontextmanager
async def department(folder: Path, hook: str) -> AsyncIterator[tuple[subprocess.Popen[str], str]]:
    script = folder / "adapter.py"
    script.write_text(ADAPTER)
    process = subprocess.Popen(  # noqa: ASYNC220 - it is started at once, and waited for in a thread
        [sys.executable, str(script), str(folder), hook],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, (await asyncio.to_thread(process.stdout.readline)).strip()
    finally:
        process.stdin.close()
        await asyncio.to_thread(process.wait, 30)
        process.stdout.close()


class Ear:
    """Refuses until it is told to listen."""

    def __init__(self) -> None:
        self.status = 503
        self.bodies: list[bytes] = []
        self.came = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        self.bodies.append((await receive())["body"])
        headers = [(b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        self.came.set()


async def test_p60_what_is_owed_outlives_a_kill(tmp_path: Path) -> None:
    ear = Ear()
    application = compose_submission(
        SubmissionBody(
            case_id="c", step_id="plain", attempt=1, applicant={"kind": "p"}, callback="cb-1"
        )
    )
    async with running(ear, lifespan="off") as base, httpx.AsyncClient(headers=HEADERS) as http:
        hook = base.replace("/oneservice/v1", "/hooks")
        async with department(tmp_path, hook) as (process, url):
            for name in ("c1", "c2"):
                answer = await http.put(f"{url}/submissions/{name}", content=application)
                assert answer.status_code == 201
            async with asyncio.timeout(60):
                await ear.came.wait()
            process.send_signal(signal.SIGKILL)
        ear.status, ear.bodies = 204, []
        ear.came.clear()
        async with department(tmp_path, hook), asyncio.timeout(60):
            while not ear.bodies or len(parse_callback(ear.bodies[-1])) < 2:
                await ear.came.wait()
                ear.came.clear()
        assert {one.submission_id for one in parse_callback(ear.bodies[-1])} == {"c1", "c2"}


async def test_an_answer_to_a_request_for_evidence_outlives_a_kill(tmp_path: Path) -> None:
    body = compose_evidence_request(
        EvidenceRequestBody(
            evidence_type="business_licence",
            subject={"kind": "organisation"},
            purpose="c1",
            consent=Consent(id="k1", scope="business_licence"),
        )
    )
    seen = []
    async with httpx.AsyncClient(headers=HEADERS) as http:
        for _ in range(2):
            async with department(tmp_path, "http://127.0.0.1:9/") as (process, url):
                answer = await http.put(f"{url}/evidence-requests/e1", content=body)
                seen.append((answer.status_code, parse_evidence(answer.content)))
                process.send_signal(signal.SIGKILL)
    assert [status for status, _ in seen] == [201, 200]
    assert seen[0][1] == seen[1][1]
    assert (tmp_path / "asked").read_text() == "e1\n"
