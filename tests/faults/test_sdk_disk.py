"""The register's disk is full, locked, damaged or somebody else's."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from oneservice.departments import (
    Accepted,
    AdapterApp,
    Outcome,
    SqliteRegister,
    Submission,
    SubmissionBody,
    compose_submission,
    parse_problem,
    parse_status,
    running,
)
from oneservice.departments.sqlite_file import translated
from oneservice.errors import (
    JournalConflictError,
    JournalCorruptError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalUnavailableError,
    JournalVersionError,
)


def adapter(register: SqliteRegister) -> AdapterApp:
    app = AdapterApp("fire-rescue", store=register)

    @app.step("plain")
    def plain(_submission: Submission) -> Outcome:
        return Accepted()

    return app


@asynccontextmanager
async def calling(app: AdapterApp) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"OneService-Version": "1.0", "Content-Type": "application/json"}
    async with (
        running(app) as url,
        httpx.AsyncClient(headers=headers, base_url=url, timeout=120) as http,
    ):
        yield http


def body(size: int = 10) -> bytes:
    return compose_submission(
        SubmissionBody(
            case_id="c1",
            step_id="plain",
            attempt=1,
            applicant={"kind": "person"},
            fields={"text": "x" * size},
        )
    )


async def test_a_full_disk_is_503_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    filed: list[str] = []
    async with calling(adapter(SqliteRegister(path, max_pages=60))) as http:
        for number in range(20):
            name = f"c{number}.plain.1"
            answer = await http.put(f"/submissions/{name}", content=body(30_000))
            if answer.status_code != 201:
                break
            filed.append(name)
        problem = parse_problem(answer.content)
        assert (answer.status_code, problem.code) == (503, "unavailable")
        assert answer.headers["Retry-After"]
        assert filed
        assert (await http.get(f"/submissions/{name}")).status_code == 404
        document = await http.put("/documents/sha256-" + "0" * 64, content=b"x")
        assert document.status_code == 422  # it still answers, and reads
        for known in filed:
            page = parse_status((await http.get(f"/submissions/{known}")).content)
            assert page.state == "accepted"
    async with calling(adapter(SqliteRegister(path))) as http:  # space was made
        assert (await http.put(f"/submissions/{name}", content=body(30_000))).status_code == 201
        check = sqlite3.connect(path)
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check.close()


async def test_a_register_that_another_holds_is_503_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oneservice.departments.sqlite_file.BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "register.db"
    async with calling(adapter(SqliteRegister(path))) as http:
        assert (await http.put("/submissions/c1.plain.1", content=body())).status_code == 201
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = await http.put("/submissions/c2.plain.1", content=body())
        assert (answer.status_code, parse_problem(answer.content).code) == (503, "unavailable")
        assert (await http.get("/submissions/c1.plain.1")).status_code == 200
        other.execute("ROLLBACK")
        other.close()
        assert (await http.put("/submissions/c2.plain.1", content=body())).status_code == 201


async def test_a_second_process_on_one_register_cannot_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    first, second = adapter(SqliteRegister(path)), adapter(SqliteRegister(path))
    async with calling(first) as http, second:
        await http.put("/submissions/c1.plain.1", content=body())
        read = await second.submission("c1.plain.1")
        assert read.state == "accepted"
        history = await second._office._archive.file_of(read.caller, read.id)
        assert history is not None
        from oneservice.departments import Progress  # noqa: PLC0415 - used here only

        await first.record(read.id, Progress(label="first"))
        draft = second._scribe.draft(history[1])
        step = second._office.step("plain")
        with pytest.raises(JournalConflictError):
            await second._scribe.commit(history[0], draft, step, (Progress(label="second"),))
        assert (await second.record(read.id, Progress(label="again"))).history[-1].seq == 4


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"not a database, but long enough to be looked at. " * 100, JournalCorruptError),
        (None, JournalVersionError),
    ],
)
async def test_other_files_are_told_apart(
    tmp_path: Path, content: bytes | None, error: type[JournalError]
) -> None:
    path = tmp_path / "register.db"
    if content is not None:
        path.write_bytes(content)
    else:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE theirs (x)")
        other.close()
    register = SqliteRegister(path)
    with pytest.raises(error, match=r"register\.db"):
        await register.open()
    await register.close()


async def test_somebody_elses_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    register = SqliteRegister(path)
    with pytest.raises(JournalVersionError):
        await register.open()
    await register.close()
    assert path.read_bytes() == before  # not even its journal mode was changed


async def test_a_newer_register_is_told(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    async with adapter(SqliteRegister(path)):
        pass
    other = sqlite3.connect(path)
    other.execute("PRAGMA user_version = 9")
    other.close()
    with pytest.raises(JournalVersionError, match="use the version that wrote it"):
        await adapter(SqliteRegister(path)).open()


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    app = adapter(SqliteRegister(tmp_path / "nowhere" / "register.db"))
    with pytest.raises(JournalUnavailableError, match="mend path or rights"):
        await app.open()
    await app.close()


async def test_an_edited_history_is_found(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    async with calling(adapter(SqliteRegister(path))) as http:
        await http.put("/submissions/c1.plain.1", content=body())
        other = sqlite3.connect(path)
        other.execute("DELETE FROM events WHERE seq = 2")
        other.commit()
        other.close()
        answer = await http.put("/submissions/c1.plain.1/withdrawals/w1", content=b"{}")
        assert (answer.status_code, parse_problem(answer.content).code) == (500, "internal")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_FULL, JournalFullError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, JournalLockedError),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, JournalLockedError),
        (sqlite3.SQLITE_CORRUPT_INDEX, JournalCorruptError),
        (sqlite3.SQLITE_NOTADB, JournalCorruptError),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, JournalConflictError),
        (sqlite3.SQLITE_READONLY_DBMOVED, JournalUnavailableError),
        (sqlite3.SQLITE_CANTOPEN, JournalUnavailableError),
        (sqlite3.SQLITE_IOERR_WRITE, JournalUnavailableError),
        (sqlite3.SQLITE_ERROR, JournalError),
    ],
)
def test_every_code_has_its_error(code: int, error: type[JournalError]) -> None:
    foreign = sqlite3.OperationalError("?")
    foreign.sqlite_errorcode = code
    with pytest.raises(JournalError, match="register") as caught, translated("register.db"):
        raise foreign
    assert type(caught.value) is error


def subclasses(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(subclasses(one) for one in kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(subclasses(sqlite3.Error), key=lambda one: one.__name__))
def test_no_foreign_class_gets_through(kind: type[BaseException]) -> None:
    with pytest.raises(JournalError), translated("register.db"):
        raise kind
