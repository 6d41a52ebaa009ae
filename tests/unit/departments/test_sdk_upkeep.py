"""What an adapter keeps, for how long, and what it thinks of its clock."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.canonical import digest_bytes
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    Accepted,
    AdapterApp,
    CorrectionItem,
    CorrectionRequested,
    DocumentRef,
    Granted,
    MaterialItem,
    Outcome,
    OutcomeDocument,
    Progress,
    Received,
    ResultRevoked,
    ServiceLimits,
    Submission,
    SubmissionBody,
    Suspended,
    compose_submission,
    parse_problem,
)
from oneservice.departments.sqlite_file import SCHEMA_VERSION, connected
from oneservice.errors import AdapterError

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}


def adapter(tmp_path: Path, clock: VirtualClock, **options: Any) -> AdapterApp:
    app = AdapterApp(
        "health",
        store=tmp_path / "r.db",
        clock=clock,
        limits=ServiceLimits(retention_days=30),
        **options,
    )

    @app.step("plain", promised_working_days=8)
    def plain(_submission: Submission) -> Outcome:
        return Received()

    return app


def caller(app: AdapterApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    return httpx.AsyncClient(transport=transport, headers=HEADERS, base_url="http://a")


def body(*digests: Any) -> bytes:
    papers = tuple(DocumentRef(digest=one, media_type="application/pdf") for one in digests)
    materials = (MaterialItem(material="m", documents=papers),) if papers else ()
    return compose_submission(
        SubmissionBody(
            case_id="c", step_id="plain", attempt=1, applicant={"kind": "p"}, materials=materials
        )
    )


def place(digest: Any) -> str:
    return f"/documents/{digest.replace(':', '-')}"


async def test_what_ended_stays_for_its_time_and_then_goes(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        used, unused, paper = (digest_bytes(one) for one in (b"used", b"unused", b"paper"))
        for data, digest in ((b"used", used), (b"unused", unused)):
            assert (await http.put(place(digest), content=data)).status_code == 201
        for name, papers in (("open", ()), ("ended", (used,)), ("revoked", ())):
            assert (await http.put(f"/submissions/{name}", content=body(*papers))).is_success
        granted = Granted(
            number="1", documents=(OutcomeDocument(data=b"paper", media_type="application/pdf"),)
        )
        await app.record("ended", Accepted(), granted)
        await app.record("revoked", Accepted(), Granted(number="2"))
        cursor = (await http.get("/changes")).json()["cursor"]
        clock.advance(timedelta(days=29, hours=23))
        await app.record("revoked", ResultRevoked(reason="x", by_law="Art. 69"))
        pruned = await app.prune()
        assert (pruned.submissions, pruned.documents) == (0, 1)
        assert (await http.head(place(unused))).status_code == 404
        assert (await http.get("/submissions/ended")).status_code == 200
        clock.advance(timedelta(hours=2))
        pruned = await app.prune()
        assert (pruned.submissions, pruned.documents) == (1, 2)
        gone = await http.get("/submissions/ended")
        assert parse_problem(gone.content).code == "unknown-submission"
        assert [one["submission_id"] for one in (await http.get("/changes")).json()["changes"]] == [
            "open",
            "revoked",
        ]
        for digest in (used, paper):
            assert (await http.head(place(digest))).status_code == 404
        # A cursor from before still counts, and what comes next is not missed.
        await app.record("open", Accepted())
        news = (await http.get("/changes", params={"after": cursor})).json()["changes"]
        assert {one["submission_id"] for one in news} == {"open", "revoked"}
        clock.advance(timedelta(days=31))
        assert (await app.prune()).submissions == 1
        assert (await app.prune()).submissions == 0
        news = await http.get("/changes", params={"after": cursor})
        assert [one["submission_id"] for one in news.json()["changes"]] == ["open"]


async def test_a_cursor_outlives_the_pruning_of_the_newest(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        await http.put("/submissions/a", content=body())
        await app.record("a", Accepted(), Granted(number="1"))
        cursor = (await http.get("/changes")).json()["cursor"]
        clock.advance(timedelta(days=40))
        assert (await app.prune()).submissions == 1
        answer = await http.get("/changes", params={"after": cursor})
        assert answer.status_code == 200, answer.text
        await http.put("/submissions/b", content=body())
        answer = await http.get("/changes", params={"after": cursor})
        assert [one["submission_id"] for one in answer.json()["changes"]] == ["b"]


async def test_a_document_that_goes_meanwhile_is_asked_for_again(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    digest = digest_bytes(b"x")
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        await http.put(place(digest), content=b"x")
        clock.advance(timedelta(hours=23))
        await http.put(place(digest), content=b"x")  # known already: comes again
        clock.advance(timedelta(hours=23))
        assert (await app.prune()).documents == 0
        clock.advance(timedelta(hours=2))
        assert (await app.prune()).documents == 1
        answer = await http.put("/submissions/a", content=body(digest))
        assert parse_problem(answer.content).members["digests"] == [digest]


async def test_a_register_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    digest = digest_bytes(b"old")
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        await http.put(place(digest), content=b"old")
        await http.put("/submissions/a", content=body(digest))
    with sqlite3.connect(tmp_path / "r.db") as connection:  # as version 1 left it
        connection.executescript(
            "DROP TABLE uses; DROP TABLE evidence; ALTER TABLE documents DROP COLUMN came_at;"
            "PRAGMA user_version = 1"
        )
    clock.advance(timedelta(days=60))
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        assert (await app.submission("a")).state == "received"
        assert (await app.prune()).documents == 0  # whether it is used was not noted
        assert (await http.put(place(digest_bytes(b"n")), content=b"n")).status_code == 201
        assert (await http.put("/submissions/b", content=body(digest))).status_code == 201
    with sqlite3.connect(tmp_path / "r.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_who_meets_another_that_begins_the_register_waits_for_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself waits for everything but the journal mode."""
    path = str(tmp_path / "r.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    class Coming(sqlite3.Connection):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            try:
                return super().execute(*args)
            except sqlite3.OperationalError:
                if holder.in_transaction:
                    holder.execute("COMMIT")
                raise

    coming = partial(sqlite3.connect, factory=Coming)
    monkeypatch.setattr("oneservice.departments.sqlite_file.sqlite3.connect", coming)
    made = connected(path, None)
    assert not holder.in_transaction
    assert made.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert made.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    made.close()
    holder.close()


async def test_status_documents_say_what_the_department_thinks(tmp_path: Path) -> None:
    clock = VirtualClock(START)

    def due(day: date, days: int) -> date:
        return day + timedelta(days=days)

    async with adapter(tmp_path, clock, due_day=due) as app, caller(app) as http:
        filed = (await http.put("/submissions/a", content=body())).json()
        assert (filed["clock"], "progress" in filed) == ({"state": "not_started"}, False)
        await app.record("a", Accepted(), Progress(label={"zh": "现场核查已预约"}))
        await app.record("a", Progress(label="internal", is_public=False))
        read = (await http.get("/submissions/a", params={"after": "3"})).json()
        assert [one["seq"] for one in read["events"]] == [4]
        assert read["progress"] == {"zh": "现场核查已预约"}
        assert read["clock"] == {
            "state": "running",
            "started_on": "2026-09-28",
            "due_on": "2026-10-06",
        }
        until = date(2026, 10, 9)
        await app.record(
            "a", Suspended(ground="inspection", by_law="Art. 45", expected_until=until)
        )
        read = (await http.get("/submissions/a")).json()
        assert read["clock"] == {"state": "stopped", "started_on": "2026-09-28"}
    async with adapter(tmp_path, clock) as app, caller(app) as http:
        await http.put("/submissions/b", content=body())
        await app.record("b", Accepted(), Granted(number="1"))
        assert (await http.get("/submissions/b")).json()["clock"] == {"state": "ended"}


async def test_items_of_a_correction_in_their_own_words(tmp_path: Path) -> None:
    async with adapter(tmp_path, VirtualClock(START)) as app, caller(app) as http:
        await http.put("/submissions/a", content=body())
        items = (
            CorrectionItem(material="m_layout", problem="illegible", note="Page 2 is dark."),
            CorrectionItem(field="area", problem="implausible", by_law="Art. 9"),
            CorrectionItem(field="/applicant/code", note={"zh": "请核对"}),
        )
        view = await app.record(
            "a", CorrectionRequested(materials=("m_lease",), note="All pages.", items=items)
        )
        assert view.history[-1].data["items"] == [
            {"material": "m_lease", "problem": "missing", "text": {"en": "All pages."}},
            {"material": "m_layout", "problem": "illegible", "text": {"en": "Page 2 is dark."}},
            {"pointer": "/fields/area", "problem": "implausible", "by_law": "Art. 9"},
            {"pointer": "/applicant/code", "problem": "missing", "text": {"zh": "请核对"}},
        ]
        for wrong in (CorrectionItem(), CorrectionItem(material="a", field="b")):
            with pytest.raises(AdapterError):
                await app.record("a", CorrectionRequested(items=(wrong,)))
