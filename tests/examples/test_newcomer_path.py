"""The first hour of an integrator: what the guide says to write is written, and it conforms.

The files, the keys, the server and the command are those of ``docs/write-an-adapter.md``, word for
word; only the ports are others.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "write-an-adapter.md").read_text(encoding="utf-8")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "adapters")))}


def block(language: str, beginning: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(one for one in found if beginning in one)


@contextlib.contextmanager
def served(folder: Path, name: str, text: str, port: int) -> Iterator[None]:
    """Write a file of the guide, and run it as the guide does."""
    (folder / name).write_text(text)
    child = subprocess.Popen([sys.executable, name], cwd=folder, env=ENVIRONMENT)
    try:
        for _ in range(1200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.1)
        yield
    finally:
        child.terminate()
        child.wait(120)


def conform(folder: Path, *arguments: str) -> dict[str, dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "oneservice", "conform", *arguments, "--json"],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return {one["number"]: one for one in json.loads(done.stdout)["statements"]}


def first_file(folder: Path, port: int) -> dict[str, dict[str, str]]:
    text = block("python", "food_permit(submission").replace("8080", str(port))
    with served(folder, "food.py", text, port):
        return conform(folder, f"http://127.0.0.1:{port}/oneservice/v1")


def two_more_files(folder: Path, *free: int) -> dict[str, dict[str, str]]:
    ports = dict(zip(("8081", "8091", "8092"), map(str, free), strict=True))

    def here(text: str) -> str:
        return re.sub("8081|8091|8092", lambda found: ports[found[0]], text)

    (folder / "food.py").write_text(block("python", "food_permit(submission"))
    script = here(block("console", "openssl genpkey"))
    lines = [line.removeprefix("$ ") for line in script.splitlines()]
    subprocess.run(["bash", "-ec", "\n".join(lines)], cwd=folder, check=True, capture_output=True)
    command = here(block("console", "--withdrawn-key")).replace("\\\n", " ").split()
    with served(folder, "trial.py", here(block("python", "add_test_step(app)")), free[0]):
        return conform(folder, *command[3:])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the guide makes keys with openssl")
def test_what_the_guide_says_to_write_conforms_as_it_says(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    folders = [tmp_path / "first", tmp_path / "more"]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as side_by_side:  # both wait more than they work
        few = side_by_side.submit(first_file, folders[0], free_port())
        ports = [free_port() for _ in range(3)]
        all_of_them = side_by_side.submit(two_more_files, folders[1], *ports)
    verdicts = [one["verdict"] for one in few.result().values()]
    told = re.search(r"(\d+) statements of the\nprotocol hold, none is broken, and (\d+)", PAGE)
    assert told is not None
    assert (verdicts.count("pass"), verdicts.count("not_applicable")) == tuple(
        map(int, told.groups())
    )
    found = all_of_them.result()
    missing = {name: one["why"] for name, one in found.items() if one["verdict"] != "pass"}
    assert set(missing) == {"P-11", "P-12", "P-86"}, missing
    assert f"{len(found) - len(missing)} hold and none is broken" in PAGE
