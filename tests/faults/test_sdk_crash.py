"""A department's process dies: statements P-11 and P-12, with real processes and ``kill -9``."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from oneservice.case import fold
from oneservice.departments import (
    SubmissionBody,
    compose_submission,
    parse_status,
)
from oneservice.ports import StatusPage

ROOT = Path(__file__).resolve().parents[2]

ADAPTER = textwrap.dedent("""
    import asyncio, os, signal, sqlite3, sys
    from oneservice.departments import Accepted, AdapterApp, Outcome, Submission, serve
    from oneservice.departments.sqlite_register import SqliteRegister

    folder, die = sys.argv[1:]

    class Mortal(SqliteRegister):
        async def commit(self, entry):
            if die == "before_commit":
                os.kill(os.getpid(), signal.SIGKILL)
            await super().commit(entry)
            if die == "after_commit":
                os.kill(os.getpid(), signal.SIGKILL)

    app = AdapterApp("market-regulation", store=Mortal(folder + "/register.db"))

    @app.step("plain")
    def plain(submission: Submission) -> Outcome:
        # The department's own old system: files under the submission's id, once.
        with sqlite3.connect(folder + "/office.db") as office:
            office.execute("CREATE TABLE IF NOT EXISTS filed (id TEXT PRIMARY KEY)")
            office.execute("CREATE TABLE IF NOT EXISTS calls (id TEXT)")
            office.execute("INSERT INTO calls VALUES (?)", (submission.id,))
            office.execute("INSERT OR IGNORE INTO filed VALUES (?)", (submission.id,))
        office.close()
        if die == "after_function":
            os.kill(os.getpid(), signal.SIGKILL)
        return Accepted(reference=f"JY-{submission.id}")

    asyncio.run(serve(app, until_stdin_closes=True,
                      on_listening=lambda url: print(url, flush=True)))
""")


@contextmanager
def department(folder: Path, die: str = "never") -> Iterator[tuple[subprocess.Popen[str], str]]:
    script = folder / "adapter.py"
    script.write_text(ADAPTER)
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), die],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(120)
        process.stdout.close()


def body() -> bytes:
    return compose_submission(
        SubmissionBody(case_id="c1", step_id="plain", attempt=1, applicant={"kind": "person"})
    )


def put(url: str) -> httpx.Response:
    headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
    return httpx.put(f"{url}/submissions/c1.plain.1", content=body(), headers=headers, timeout=120)


def get(url: str) -> httpx.Response:
    headers = {"OneService-Version": "1.0"}
    return httpx.get(f"{url}/submissions/c1.plain.1", headers=headers, timeout=120)


def office(folder: Path, table: str) -> int:
    connection = sqlite3.connect(folder / "office.db")
    try:
        sql = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own words only
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def whole(answer: httpx.Response) -> StatusPage:
    page = parse_status(answer.content)
    assert fold(page.submission_id, page.events).state == "accepted"
    assert [event.type for event in page.events] == ["received", "accepted"]
    return page


def test_p11_killed_after_201_it_is_there(tmp_path: Path) -> None:
    with department(tmp_path) as (process, url):
        answer = put(url)
        assert answer.status_code == 201
        process.send_signal(signal.SIGKILL)
        process.wait(120)
    with department(tmp_path) as (_, url):
        assert get(url).content == answer.content
        again = put(url)
        assert (again.status_code, again.content) == (200, answer.content)


@pytest.mark.parametrize(
    ("die", "known", "calls"),
    [("after_function", 404, 2), ("before_commit", 404, 2), ("after_commit", 200, 1)],
)
def test_p12_killed_before_it_answered_nothing_is_filed_twice(
    tmp_path: Path, die: str, known: int, calls: int
) -> None:
    with department(tmp_path, die) as (process, url):
        with pytest.raises(httpx.TransportError):
            put(url)
        assert process.wait(120) == -signal.SIGKILL
    with department(tmp_path) as (_, url):
        assert get(url).status_code == known
        assert put(url).status_code == (201 if known == 404 else 200)
        page = whole(get(url))
        assert page.events[1].data["acceptance_no"] == "JY-c1.plain.1"
    assert office(tmp_path, "filed") == 1
    assert office(tmp_path, "calls") == calls


def test_a_department_stops_when_its_parent_is_gone(tmp_path: Path) -> None:
    with department(tmp_path) as (process, url):
        assert put(url).status_code == 201
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0
