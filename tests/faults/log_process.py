"""A log and a witness, killed before each system call in turn: ``log_process.py FOLDER``.

One process without threads of its own forks a child for each point: the child does a fixed piece of
work and is killed (SIGKILL) at that point; then the parent opens what is left and judges it.
Prints one JSON line: how many points there were, and what was wrong.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from oneservice.clocks import VirtualClock
from oneservice.errors import OneServiceError
from oneservice.tlog import AddCheckpoint, TileLog, Witness, origin_hash
from oneservice.transparency import (
    Checkpoint,
    CompactRange,
    Node,
    NoteSigner,
    SignatureType,
    consistency_proof,
    leaf_hash,
    open_checkpoint,
    signed_note,
    subtree_root,
)

Work: TypeAlias = Callable[[Path, int], None]
Judge: TypeAlias = Callable[[Path, int, int], list[str]]

COSIGNER = NoteSigner.generate("witness.example/w", type=SignatureType.COSIGNATURE_V1)
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


def promised(folder: Path, kill_at: int, work_on: Work) -> tuple[bool, int, int]:
    """Run the work in a child; returns whether it was killed, and what it had promised."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        armed(kill_at)
        try:
            work_on(folder, writing)
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


def heads() -> list[bytes]:
    """Heads of one log, each with what comes after it."""
    made = []
    for size in SIZES:
        root = CompactRange().grown(map(leaf_hash, entries(0, size))).root
        text = Checkpoint(origin=SIGNER.key.name, size=size, root=root).text
        made.append(signed_note(text, SIGNER).dump())
    return made


SIZES = (1, 2, 300, 301)
HEADS = heads()


def opened_witness(folder: Path) -> Witness:
    clock = VirtualClock(datetime(2026, 9, 28, tzinfo=UTC))
    return Witness(folder, signers=[COSIGNER], logs=[SIGNER.key], clock=clock)


def asked(witness: Witness, old: int, number: int) -> int:
    """Show head ``number`` to a witness that is said to know ``old``; returns the status."""
    leaves = list(map(leaf_hash, entries(0, SIZES[number])))

    def read(node: Node) -> bytes:
        first = node.position << node.level
        return subtree_root(leaves[first : first + (1 << node.level)])

    proof = consistency_proof(old, SIZES[number], read) if old else ()
    body = AddCheckpoint(old_size=old, proof=proof, checkpoint=HEADS[number]).dump()
    return witness.add_checkpoint(body).status


def cosign(folder: Path, told: int) -> None:
    """Cosign each head in turn, and say which were."""
    with opened_witness(folder) as witness:
        for number, size in enumerate(SIZES):
            if asked(witness, SIZES[number - 1] if number else 0, number) == 200:
                ORIGINAL["write"](told, b"p%d\n" % size)


def remembered(folder: Path, _: int, cosigned: int) -> list[str]:
    """What is wrong with a witness after a restart: it must know the last head that it cosigned."""
    with opened_witness(folder) as witness:
        note = witness.checkpoint(origin_hash(SIGNER.key.name))
        known = open_checkpoint(note, log=SIGNER.key).checkpoint.size if note is not None else 0
        if known < cosigned:
            return [f"{cosigned} was cosigned, {known} is remembered"]
        if asked(witness, known, len(SIZES) - 1) != 200:
            return ["it cannot go on"]
        return []


def swept(base: Path, work_on: Work, judge: Judge) -> dict[str, Any]:
    found: list[str] = []
    point = 0
    while True:
        point += 1
        folder = base / str(point)
        was_killed, appended, published = promised(folder, point, work_on)
        found += [f"point {point}: {one}" for one in judge(folder, appended, published)]
        shutil.rmtree(folder, ignore_errors=True)
        if not was_killed:
            return {"points": point - 1, "wrong": found}


def main(base: Path) -> None:
    found = {
        "log": swept(base / "log", work, judged),
        "witness": swept(base / "witness", cosign, remembered),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
