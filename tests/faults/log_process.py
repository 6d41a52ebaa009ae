"""A log that is killed before each of its system calls in turn: ``log_process.py FOLDER``.

One process without threads of its own forks a child for each point: the child does a fixed piece of
work on a log and is killed (SIGKILL) at that point; then the parent opens the log and judges it.
Prints one JSON line: how many points there were, and what was wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from oneservice.errors import OneServiceError
from oneservice.tlog import TileLog
from oneservice.transparency import CompactRange, NoteSigner, leaf_hash, open_checkpoint

SIGNER = NoteSigner.generate("log.example/killed")
BATCHES = (3, 250, 10, 1)
STEPS = ("write", "fdatasync", "fsync", "ftruncate", "open", "replace", "rename", "mkdir")


def entries(start: int, count: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(start, start + count)]


def work(folder: Path, told: int) -> None:
    """Append and publish; say on ``told`` what was promised, before going on."""
    total = 0
    with TileLog.create(folder, SIGNER) as log:
        for number, count in enumerate(BATCHES):
            log.append(entries(total, count))
            total += count
            ORIGINAL["write"](told, b"a%d\n" % total)
            if number % 2:
                head = log.sign()
                log.publish(head.note.dump())
                ORIGINAL["write"](told, b"p%d\n" % head.checkpoint.size)


ORIGINAL: dict[str, Any] = {name: getattr(os, name) for name in STEPS}


def armed(kill_at: int) -> None:
    """Count the system calls of all threads, and die before number ``kill_at``."""
    seen = [0]
    lock = threading.Lock()

    def wrapped(name: str) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            with lock:
                seen[0] += 1
                if seen[0] == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
            return ORIGINAL[name](*args, **more)

        return call

    for name in STEPS:
        setattr(os, name, wrapped(name))


def promised(folder: Path, kill_at: int) -> tuple[bool, int, int]:
    """Run the work in a child; returns whether it was killed, and what it had promised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        armed(kill_at)
        try:
            work(folder, writing)
        except BaseException as error:  # noqa: BLE001 - told to the parent
            ORIGINAL["write"](2, repr(error).encode())
            os._exit(3)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        msg = "the child failed by itself"
        raise RuntimeError(msg)
    appended = max((int(one[1:]) for one in lines if one[:1] == b"a"), default=0)
    published = max((int(one[1:]) for one in lines if one[:1] == b"p"), default=0)
    return os.WIFSIGNALED(status), appended, published


def judged(folder: Path, appended: int, published: int) -> list[str]:
    """What is wrong after a restart, if anything."""
    note = folder / "checkpoint"
    shown = open_checkpoint(note.read_bytes(), log=SIGNER.key).checkpoint if note.exists() else None
    if (shown.size if shown else 0) < published:
        return ["a published head is gone"]
    try:
        log = TileLog(folder, SIGNER)
    except OneServiceError as error:
        if appended == 0 and not (folder / "private" / "log.json").exists():
            return []  # it died while the log was being made; nothing was promised
        return [f"cannot be opened: {error}"]
    with log:
        wrong = []
        if not appended <= log.size <= sum(BATCHES):
            wrong.append(f"{appended} entries were promised, {log.size} are there")
        rest = sum(BATCHES) - log.size
        log.append(entries(log.size, rest))
        head = log.sign()
        log.publish(head.note.dump())
        leaves = list(map(leaf_hash, entries(0, sum(BATCHES))))
        if head.checkpoint.root != CompactRange().grown(leaves).root:
            wrong.append("the tree is another one")
        if shown is not None and shown.root != CompactRange().grown(leaves[: shown.size]).root:
            wrong.append("a head was published that is not of this history")
        for index in (0, 2, 3, 255, 256, sum(BATCHES) - 1):
            log.prove(index).check(b"entry %d" % index, log=SIGNER.key)
        return wrong


def main(base: Path) -> None:
    found: list[str] = []
    point = 0
    while True:
        point += 1
        folder = base / str(point)
        was_killed, appended, published = promised(folder, point)
        found += [f"point {point}: {one}" for one in judged(folder, appended, published)]
        shutil.rmtree(folder, ignore_errors=True)
        if not was_killed:
            break
    print(json.dumps({"points": point - 1, "wrong": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
