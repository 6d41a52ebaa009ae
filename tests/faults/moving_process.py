"""A move between two offices, each killed before and after each of its writes in turn.

``moving_process.py FOLDER refuses|takes``: one process without threads forks both offices, carries
letters between them, kills one (SIGKILL) at one point, starts it again and goes on. After the kill
and at the end it reads both registers: never two that count. Prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from moving_world import GIVING, NEW, OLD, RECEIVING, REGIONS, key_of, log_of, play

from oneservice.runtimes import MovingBook
from oneservice.runtimes.status_file import RegisterFile
from oneservice.tlog import TileLog

WRITES: tuple[tuple[type, str], ...] = (
    (MovingBook, "begin"),
    (MovingBook, "step"),
    (MovingBook, "keep"),
    (RegisterFile, "perform"),
)
LOGGING: tuple[tuple[type, str], ...] = (
    (MovingBook, "keep_draft"),
    (TileLog, "append"),
    (TileLog, "publish"),
)
"""On the way of a letter into the log: what comes after one is what comes before the next."""
ROUNDS = 6


def armed(kill_at: int) -> None:
    """Count what is crossed around each write, and die at number ``kill_at``."""
    seen = [0]

    def crossing() -> None:
        seen[0] += 1
        if seen[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(original: Callable[..., Any], *, before: bool = True) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if before:
                crossing()
            found = original(*args, **more)
            crossing()
            return found

        return call

    for owner, name in WRITES:
        setattr(owner, name, wrapped(getattr(owner, name)))
    for owner, name in LOGGING:
        setattr(owner, name, wrapped(getattr(owner, name), before=False))


class Office:
    """One office as a process of its own."""

    def __init__(self, folder: Path, url: str, *, refuses: bool, kill_at: int = 0) -> None:
        self.folder, self.url, self.refuses = folder, url, refuses
        self.was_killed = False
        self.letter, self.state = "", None
        self._start(kill_at)

    def _start(self, kill_at: int) -> None:
        orders_r, orders_w = os.pipe()
        answers_r, answers_w = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(orders_r, 0)
                os.dup2(answers_w, 1)
                os.closerange(3, 64)  # a pipe that a brother holds open never ends
                sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
                if kill_at:
                    armed(kill_at)
                asyncio.run(play(self.folder, self.url, refuses=self.refuses))
                os._exit(0)
            except BaseException as error:  # noqa: BLE001 - told to the parent
                os.write(2, repr(error).encode() + b"\n")
                os._exit(3)
        os.close(orders_r)
        os.close(answers_w)
        self.orders, self.answers = os.fdopen(orders_w, "w"), os.fdopen(answers_r)
        if not self.answers.readline():  # it died while it was opening
            self._again()

    def _again(self) -> None:
        """Start it again, after a look at both registers as the dead left them."""
        self._buried()
        self.orders.close()
        self.answers.close()
        check(self.folder)
        self._start(0)

    def _buried(self) -> None:
        _, status = os.waitpid(self.pid, 0)
        if not os.WIFSIGNALED(status):
            msg = "an office died by itself"
            raise RuntimeError(msg)
        self.was_killed = True

    def ask(self, do: str, hours: int, letter: str = "") -> None:
        """Give an order; an office that dies of it is started again and takes up its work."""
        order = {"do": do, "hours": hours, "letter": letter}
        answer = self._exchange(order)
        if not answer:
            self._again()
            answer = self._exchange({"do": "go on", "hours": hours})
        told = json.loads(answer)
        self.letter, self.state = told["letter"], told["state"]

    def _exchange(self, order: dict[str, Any]) -> str:
        try:
            self.orders.write(json.dumps(order) + "\n")
            self.orders.flush()
        except BrokenPipeError:
            return ""
        return self.answers.readline()

    def end(self) -> None:
        self.orders.close()
        os.waitpid(self.pid, 0)
        self.answers.close()


def state(folder: Path, office: str, identifier: str) -> str | None:
    """Where a certificate stands in a register, read past its owner."""
    path = folder / f"{REGIONS[office]}.db"
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        row = connection.execute(
            "SELECT state FROM certificates WHERE id = ?", (identifier,)
        ).fetchone()
    finally:
        connection.close()
    return None if row is None else row[0]


def check(folder: Path) -> tuple[str | None, str | None]:
    """Both states; at no moment may both papers count."""
    found = state(folder, GIVING, OLD), state(folder, RECEIVING, NEW)
    if found == ("01", "01"):
        msg = f"two count: {found}"
        raise RuntimeError(msg)
    return found


def carried(folder: Path, killed: str, kill_at: int, *, refuses: bool) -> tuple[bool, list[str]]:
    """Play the whole move, one office killed at one point; returns what was wrong at the end."""
    folder.mkdir(parents=True)
    for office in REGIONS:
        key_of(office, folder)
    a, b = (
        Office(folder, url, refuses=refuses, kill_at=kill_at if url == killed else 0)
        for url in (GIVING, RECEIVING)
    )
    for number in range(ROUNDS):
        hours = 13 * number
        a.ask("begin", hours)
        b.ask("promise", hours)
        a.ask("hear", hours, b.letter)
        check(folder)
        if a.letter:
            b.ask("hear", hours, a.letter)
            check(folder)
            a.ask("hear", hours, b.letter)
        check(folder)
    was_killed = a.was_killed or b.was_killed
    a.end()
    b.end()
    wanted = ("01", None) if refuses else ("06", "01")
    ended = ("returned", "refused") if refuses else ("arrived", "arrived")
    wrong = []
    if check(folder) != wanted:
        wrong.append(f"registers at the end: {check(folder)}")
    if (a.state, b.state) != ended:
        wrong.append(f"the move at the end: {a.state}, {b.state}")
    logged = (logged_in(folder, GIVING), logged_in(folder, RECEIVING))
    if logged != ((1, 2) if refuses else (1, 3)):
        wrong.append(f"letters in the logs at the end: {logged}")
    return was_killed, wrong


def logged_in(folder: Path, office: str) -> int:
    """How many letters the log of an office holds: each word once, and the new certificate."""
    with log_of(office, folder) as log:
        return log.size


def swept(base: Path, killed: str, *, refuses: bool) -> dict[str, Any]:
    found: list[str] = []
    point = 0
    while True:
        point += 1
        folder = base / str(point)
        was_killed, wrong = carried(folder, killed, point, refuses=refuses)
        found += [f"point {point}: {one}" for one in wrong]
        shutil.rmtree(folder)
        if not was_killed:
            return {"points": point - 1, "wrong": found}


def main(base: Path, word: str) -> None:
    refuses = word == "refuses"
    found = {
        name: swept(base / name, office, refuses=refuses)
        for name, office in (("giving", GIVING), ("receiving", RECEIVING))
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
