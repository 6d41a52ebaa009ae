"""Installs the npm packages of ``package.json`` once, outside the repository, and prints where.

Exit code 0: the printed folder holds ``node_modules`` and ``strangers.mjs``. Exit code 1: the
reason why not stands on the error output. Tests and benchmarks run this; so may an operator.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE_S = 240
REMEMBERED_S = 300
"""So long nobody tries again: each test process would wait for the same registry."""
NPM = ("install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
GIVE_UP_SOON = (
    *("--fetch-retries=1", "--fetch-timeout=20000"),
    *("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"),
)


def main() -> int:
    """Install where it is due, and say where."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return _refuse("node and npm (20 or newer) are not installed here")
    folder = _folder()
    try:
        return _installed(folder)
    except OSError as error:
        return _refuse(f"nothing can be kept in {folder.parent}: {error.strerror}")


def _installed(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:  # several test processes begin at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists() and (why := _tried(folder) or _install(folder)):
            return _refuse(f"npm could not install the packages: {why}")
        shutil.copyfile(HERE / "strangers.mjs", folder / "strangers.new")
        (folder / "strangers.new").replace(folder / "strangers.mjs")
    sys.stdout.write(f"{folder}\n")
    return 0


def _folder() -> Path:
    """One folder for each set of versions: what is installed is never changed under anybody."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    stated = (HERE / "package.json").read_bytes()
    return cache / "oneservice-interop" / hashlib.sha256(stated).hexdigest()[:16]


def _tried(folder: Path) -> str:
    """Return why it failed just now, if it did; the lock's file was opened a moment ago."""
    failed = folder / "failed"
    if not failed.exists():
        return ""
    age = (folder / "lock").stat().st_mtime - failed.stat().st_mtime
    return failed.read_text() if age < REMEMBERED_S else ""


def _install(folder: Path) -> str:
    """Install; return why it failed, or nothing."""
    shutil.copyfile(HERE / "package.json", folder / "package.json")
    command = ["npm", *NPM, *GIVE_UP_SOON]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return _remembered(folder, f"no end after {PATIENCE_S} seconds")
    if done.returncode:
        lines = (line.removeprefix("npm error ") for line in done.stderr.splitlines())
        told = [line for line in lines if line.startswith(("code ", "errno ", "syscall "))]
        return _remembered(folder, ", ".join(told) or f"exit code {done.returncode}")
    (folder / "installed").touch()
    return ""


def _remembered(folder: Path, why: str) -> str:
    (folder / "failed").write_text(why)
    return why


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
