"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path

import pytest

from oneservice.catalog import Catalog
from oneservice.catalog.load import files
from oneservice.catalog.load.compiled import Source

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
_ROOM_BYTES = 2 << 30
"""A whole run writes some 200 MB, and what passed is removed at once."""


def pytest_configure(config: pytest.Config) -> None:
    """Let the files of tests lie in memory where there is room: no commit waits for a disk.

    Stores commit some ten thousand times in a run, 8 ms each on a virtual disk. What tests kill are
    processes, and what these wrote outlives them in memory as on a disk. A folder that somebody
    names (``TMPDIR``, ``--basetemp``) is used as it is.
    """
    is_named = "TMPDIR" in os.environ or config.option.basetemp  # to workers it is named
    if is_named or not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return
    runs_programs = not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
    if runs_programs and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES:
        tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY)


def same_bytes_are_one_catalog() -> None:
    """Read and lint the same files once per test process, not at each of some hundred loads.

    The catalog of some bytes hangs on them alone, and nobody can change it; what is refused is
    refused anew each time. Processes that tests start load for themselves.
    """
    fit_for_use = files._fit_for_use

    @lru_cache(maxsize=8)
    def opened(sources: tuple[tuple[str, str, bytes], ...]) -> Catalog:
        return fit_for_use([Source(*one) for one in sources])

    def opened_once(sources: Iterable[Source]) -> Catalog:
        return opened(tuple((one.file, one.name, one.data) for one in sources))

    files._fit_for_use = opened_once


same_bytes_are_one_catalog()


def pytest_collection_finish() -> None:
    """Keep the collector off what was collected: to look at it all again takes seconds each time.

    On a busy machine that is longer than some deadlines of tests about deadlines.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of official test vectors, which lives beside the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip(f"no official test vectors beside the repository ({folder.name}/ is missing)")
    return folder


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Return what picks a port for a server that is started later, or again and again.

    Nobody else gets it while the server is away: it lies below the ports that the system gives to
    outgoing connections, and each test process takes its own, one after the other.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 15_000 + 1_000 * (process % 17)
    turns = itertools.cycle(range(1_000))
    for _ in range(os.getpid() % 1_000):  # runs beside each other begin apart
        next(turns)

    def pick() -> int:
        for turn in turns:
            with suppress(OSError), closing(socket.create_server(("127.0.0.1", first + turn))):
                return first + turn
        raise AssertionError("turns never end")

    return pick
