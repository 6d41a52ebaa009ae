"""The bridges before systems without an API: real processes, old systems played here, kill -9.

Each life of an application is lived again and again, and the bridge is killed before a later line
of its own each time, until a life ends without the kill. Whatever the line: the office gets each
letter once, and the history of the application is the same.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sqlite3
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.canonical import digest_bytes
from oneservice.departments import (
    DocumentRef,
    MaterialItem,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
)

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
ID = "c1.food_permit.1"
DRAWING = b"%PDF-1.7 a drawing"
LIFE = ["received", "correction_requested", "correction_received", "accepted", "granted"]
STRIDE = int(os.environ.get("BRIDGES_STRIDE", "41"))
"""Lines between two kills: each life costs two processes. 1 kills before every single line."""

KILLED_AT_A_LINE = """
import os, runpy, signal, sys, threading
story, left = sys.argv[1], int(sys.argv[2])
sys.argv = [story, *sys.argv[3:]]
def trace(frame, event, arg):
    global left
    code = frame.f_code
    if code.co_filename != story or code.co_name in ("<module>", "bridge"):
        return None
    if event == "line":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
threading.settrace(trace)
sys.settrace(trace)
runpy.run_path(story, run_name="__main__")
"""


@dataclass
class Bridge:
    """A bridge as a process; a call that finds it dead starts it again and repeats itself."""

    story: str
    arguments: tuple[str, ...]
    log: Path
    http: httpx.Client = field(default_factory=lambda: httpx.Client(headers=HEADERS, timeout=120))
    deaths: int = 0
    url: str = ""
    process: subprocess.Popen[str] | None = None

    def start(self, kill_at: int = 0) -> None:
        command = ["-c", KILLED_AT_A_LINE, str(ROOT / "examples" / self.story), str(kill_at)]
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", *command, *self.arguments, "0"],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, self.log.read_text("utf-8")

    def call(self, method: str, path: str, content: bytes | None = None) -> httpx.Response:
        for _ in range(3):
            try:
                answer = self.http.request(method, f"{self.url}/{path}", content=content)
            except httpx.TransportError:
                self.stop()
                self.deaths += 1
                self.start()
            else:
                assert answer.is_success, answer.text
                return answer
        raise AssertionError(self.log.read_text("utf-8"))

    def history(self) -> list[str]:
        events = self.call("GET", f"submissions/{ID}?after=0").json()["events"]
        return [event["type"] for event in events]

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def file(self) -> None:
        body = SubmissionBody(
            case_id="c1",
            step_id="food_permit",
            attempt=1,
            applicant={"kind": "organisation", "name": "示例面馆"},
        )
        self.call("PUT", f"submissions/{ID}", compose_submission(body))

    def supplement(self) -> None:
        drawing = digest_bytes(DRAWING)
        self.call("PUT", f"documents/{drawing.replace(':', '-')}", DRAWING)
        events = self.call("GET", f"submissions/{ID}?after=0").json()["events"]
        (asked,) = [one["data"] for one in events if one["type"] == "correction_requested"]
        document = DocumentRef(digest=drawing, media_type="application/pdf")
        body = SupplementBody(
            correction_id=asked["correction_id"],
            materials=(MaterialItem(material="m_layout", documents=(document,)),),
        )
        self.call("PUT", f"submissions/{ID}/supplements/s2", compose_supplement(body))

    def withdraw(self) -> str:
        wish = compose_withdrawal(WithdrawalBody())
        return str(self.call("PUT", f"submissions/{ID}/withdrawals/w1", wish).json()["state"])


@contextlib.contextmanager
def _bridge(story: str, *arguments: Path, kill_at: int = 0) -> Iterator[Bridge]:
    arguments[-1].parent.mkdir(parents=True, exist_ok=True)
    bridge = Bridge(story, tuple(map(str, arguments)), arguments[-1].with_suffix(".log"))
    bridge.start(kill_at)
    try:
        yield bridge
    finally:
        bridge.stop()
        bridge.http.close()
    assert "Traceback" not in bridge.log.read_text("utf-8")


# --- an office that takes files ---


@dataclass
class FileOffice:
    """Takes every letter away as soon as it is there, and answers by name."""

    folder: Path
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def take(self) -> str:
        for letter in sorted((self.folder / "outbox").iterdir()):
            self.taken.append((letter.stem, json.loads(letter.read_bytes())))
            letter.unlink()
        return self.taken[-1][0]

    def answer(self, name: str, **said: Any) -> None:
        written = self.folder / f"{name}.written"
        written.write_text(json.dumps(said), "utf-8")
        written.rename(self.folder / "inbox" / f"{name}.json")


def _life_with_files(folder: Path, kill_at: int) -> int:
    office = FileOffice(folder)
    with _bridge("adapter_file_drop.py", folder, kill_at=kill_at) as bridge:
        bridge.file()
        asked = {"materials": ["m_layout"], "note": "缺少平面图"}
        office.answer(f"{office.take()}.1", state="correction_requested", **asked)
        bridge.supplement()
        name = office.take()
        office.answer(f"{name}.1", state="accepted")
        bridge.history()
        office.answer(f"{name}.2", state="granted", number="JY1")
        assert bridge.history() == LIFE
        office.answer(f"{name}.3", state="granted", number="JY1")  # said twice, told once
        assert bridge.history() == LIFE
    letters = [letter["letter"] for _, letter in office.taken]
    assert letters == ["application", "supplement s2"]
    assert [b64decode(one) for one in office.taken[1][1]["papers"].values()] == [DRAWING]
    assert not list((folder / "inbox").iterdir())
    assert len(list((folder / "done").iterdir())) == 4
    return bridge.deaths


def test_files_are_neither_lost_nor_doubled_wherever_it_is_killed(tmp_path: Path) -> None:
    _sweep(_life_with_files, tmp_path)


def test_an_answer_that_cannot_be_told_stays_where_people_see_it(tmp_path: Path) -> None:
    office = FileOffice(tmp_path)
    with _bridge("adapter_file_drop.py", tmp_path) as bridge:
        bridge.file()
        name = office.take()
        (tmp_path / "inbox" / f"{name}.1.json").write_text('{"state": "gran', "utf-8")  # half
        office.answer(f"{name}.2", state="perhaps")
        office.answer("nobody.1", state="granted", number="JY1")
        assert bridge.history() == ["received"]
        assert len(list((tmp_path / "inbox").iterdir())) == 3
        office.answer(f"{name}.1", state="granted", number="JY1")  # now it is whole
        assert bridge.history() == ["received", "accepted", "granted"]
    assert "perhaps" not in bridge.log.read_text("utf-8")  # what an office writes may be personal


def test_the_office_of_files_hears_of_a_withdrawal(tmp_path: Path) -> None:
    office = FileOffice(tmp_path)
    with _bridge("adapter_file_drop.py", tmp_path) as bridge:
        bridge.file()
        assert bridge.withdraw() == "withdrawn"
        office.take()
    assert {one["letter"] for _, one in office.taken} == {"application", "withdrawal w1"}


# --- an office that has a database ---

OLD_SYSTEM = """
CREATE TABLE applications (caller TEXT, ref TEXT, letter TEXT NOT NULL, form TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'new', remark TEXT NOT NULL DEFAULT '',
  changed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (caller, ref));
CREATE TABLE diary (ref TEXT, state TEXT, letter TEXT);
CREATE TRIGGER born AFTER INSERT ON applications BEGIN
  UPDATE applications SET changed = (SELECT max(changed) + 1 FROM applications)
    WHERE caller = new.caller AND ref = new.ref; END;
CREATE TRIGGER moved AFTER UPDATE OF state, letter ON applications BEGIN
  INSERT INTO diary VALUES (new.ref, new.state, new.letter);
  UPDATE applications SET changed = (SELECT max(changed) + 1 FROM applications)
    WHERE caller = new.caller AND ref = new.ref; END;
"""


@dataclass
class TableOffice:
    """Clerks who know their table and nothing of us."""

    path: Path

    def run(self, sql: str, *values: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(sql, values).fetchall()

    def open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(OLD_SYSTEM)

    def move(self, state: str, remark: str = "", ref: str = ID) -> None:
        sql = "UPDATE applications SET state = ?, remark = ? WHERE ref = ?"
        self.run(sql, state, remark, ref)

    def diary(self) -> list[tuple[str, str]]:
        return self.run("SELECT state, letter FROM diary WHERE ref = ? ORDER BY rowid", ID)


def _life_with_a_table(folder: Path, kill_at: int) -> int:
    office = TableOffice(folder / "old.db")
    office.open()
    register = folder / "register.db"
    with _bridge("adapter_sql_polling.py", office.path, register, kill_at=kill_at) as bridge:
        bridge.file()
        office.move("incomplete", "m_layout")
        bridge.supplement()
        office.move("accepted")
        bridge.history()
        office.move("granted", "JY1")
        assert bridge.history() == LIFE
        assert bridge.history() == LIFE
    assert office.diary() == [
        ("incomplete", ""),
        ("new", "s2"),  # once: the clerks' word is never set back
        ("accepted", "s2"),
        ("granted", "s2"),
    ]
    assert _cursor(register) == "5"
    return bridge.deaths


def _cursor(register: Path) -> str:
    with contextlib.closing(sqlite3.connect(register)) as connection:
        sql = "SELECT value FROM settings WHERE name = 'sql_polling'"
        return str(connection.execute(sql).fetchone()[0])


def test_rows_are_neither_lost_nor_doubled_wherever_it_is_killed(tmp_path: Path) -> None:
    _sweep(_life_with_a_table, tmp_path)


def test_a_row_that_cannot_be_told_holds_the_cursor_and_nobody_else(tmp_path: Path) -> None:
    office = TableOffice(tmp_path / "old.db")
    office.open()
    with _bridge("adapter_sql_polling.py", office.path, tmp_path / "register.db") as bridge:
        stranger = "INSERT INTO applications (caller, ref, letter, form) VALUES (?, 'c9', '', '{}')"
        office.run(stranger, "local")  # as left by a kill before our own commit
        bridge.file()
        office.move("refused", "The kitchen has no window.")
        assert bridge.history() == ["received", "accepted", "refused"]
        assert _cursor(tmp_path / "register.db") == "0"


def test_the_counter_stays_open_while_the_old_system_is_away(tmp_path: Path) -> None:
    office = TableOffice(tmp_path / "old.db")
    office.open()
    with _bridge("adapter_sql_polling.py", office.path, tmp_path / "register.db") as bridge:
        bridge.file()
        office.move("granted", "JY1")
        office.path.rename(tmp_path / "away.db")
        assert bridge.history() == ["received"]
        assert not office.path.exists()  # nobody makes an empty one in its place
        (tmp_path / "away.db").rename(office.path)
        assert bridge.history() == ["received", "accepted", "granted"]


@pytest.mark.parametrize("is_decided", [False, True])
def test_the_table_says_who_was_first(tmp_path: Path, *, is_decided: bool) -> None:
    office = TableOffice(tmp_path / "old.db")
    office.open()
    with _bridge("adapter_sql_polling.py", office.path, tmp_path / "register.db") as bridge:
        bridge.file()
        if is_decided:
            bridge.history()  # the row as it was filed is behind the cursor now
            # Decided, but without a new number: the poll before the wish does not see it.
            office.run("DROP TRIGGER moved")
            office.move("granted", "JY1")
        assert bridge.withdraw() == ("received" if is_decided else "withdrawn")
        assert ("withdrawal_refused" in bridge.history()) is is_decided


def _sweep(life: Any, folder: Path) -> None:
    for kill_at in itertools.count(1, STRIDE):
        if life(folder / str(kill_at), kill_at) == 0:
            assert kill_at > 3 * STRIDE  # it was killed at all
            return
