"""A process that commits as fast as it can, and is killed while it does."""

from __future__ import annotations

import importlib.util
import inspect
import os
import subprocess  # a process of our own code: nobody else's words reach its command line
import sys
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.ports import Store
from oneservice.testing.kits.journals import Journal

__all__ = ["commit_for_ever", "commits_until_killed"]

_PROGRAM: Final = (
    "import asyncio, sys; from oneservice.testing.kits.killing import commit_for_ever;"
    " asyncio.run(commit_for_ever(sys.argv[1]))"
)


def commits_until_killed(kit: type[Any], folder: Path, *, at_least: int) -> int:
    """Let a process commit, kill it in the midst of it, and return what it had been answered.

    Args:
        kit: the subclass of ``StoreKit`` whose store it opens; in a file that can be run again.
        folder: where the store is.
        at_least: it is killed when so many commits were answered, at some moment after that.
    """
    order = canonical(
        {"file": inspect.getfile(kit), "kit": kit.__qualname__, "folder": str(folder)}
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(  # noqa: S603 - our own program, and the caller's test file
        [sys.executable, "-c", _PROGRAM, order.decode()],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
    ) as process:
        if process.stdout is None:
            raise AssertionError
        answered = 0
        for line in process.stdout:
            answered = int(line)
            if answered >= at_least:
                break
        process.kill()
        rest = process.stdout.read().splitlines()
        # The last line may be cut in the middle of a number.
        complete = [int(line) for line in rest[:-1] if line.isdecimal()]
    return max([answered, *complete])


async def commit_for_ever(order: str) -> None:
    """Open the store that ``order`` names and commit until somebody kills this process."""
    named = parse_object(order.encode())
    spec = importlib.util.spec_from_file_location("killed", named["file"])
    if spec is None or spec.loader is None:
        raise AssertionError(named["file"])
    module = importlib.util.module_from_spec(spec)
    sys.modules["killed"] = module
    spec.loader.exec_module(module)
    kit: Any = module
    for part in named["kit"].split("."):
        kit = getattr(kit, part)
    store: Store = await kit().open_store(Path(named["folder"]))
    stored = await store.stored("c1")
    journal = Journal()
    while stored is not None and len(journal.lines) < stored.seq:
        journal.keep(journal.write())
    while True:
        write = journal.write(blobs=(b"%d" % len(journal.lines),))
        await store.commit([write], {"d": str(len(journal.lines) + 1)})
        journal.keep(write)
        sys.stdout.write(f"{len(journal.lines)}\n")
        sys.stdout.flush()
