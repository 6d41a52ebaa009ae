"""Backups of a region's log and register, and putting another state back while nobody writes it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Final

__all__ = ["copy_log", "copy_register", "drop", "put_back"]

_REGISTER: Final = "status.db"
_LOG: Final = "log"


def copy_log(folder: Path, target: Path) -> None:
    """Copy a region's log so that it is there whole, or not at all."""
    fresh = _fresh(target)
    shutil.copytree(folder / _LOG, fresh / _LOG)
    _there(fresh, target)


def copy_register(folder: Path, target: Path) -> None:
    """Copy a region's register, also while it is being written; whole, or not at all."""
    fresh = _fresh(target)
    with (
        contextlib.closing(sqlite3.connect(f"file:{folder / _REGISTER}?mode=ro", uri=True)) as own,
        contextlib.closing(sqlite3.connect(fresh / _REGISTER)) as other,
    ):
        own.backup(other)
    _there(fresh, target)


def put_back(folder: Path, source: Path) -> None:
    """Put what was copied to ``source`` in the place of what a region has; it must not run."""
    for one in source.iterdir():
        own = folder / one.name
        if one.is_dir():
            shutil.rmtree(own, ignore_errors=True)
            shutil.copytree(one, own)
            continue
        for old in folder.glob(f"{one.name}*"):  # with what was not yet folded into the file
            old.unlink()
        shutil.copy(one, own)


def drop(target: Path) -> None:
    """Throw a copy away; whoever is killed meanwhile leaves no half of it under its name."""
    if target.exists():
        gone = target.with_name(f"{target.name}-gone")
        shutil.rmtree(gone, ignore_errors=True)
        shutil.rmtree(target.rename(gone))


def _fresh(target: Path) -> Path:
    fresh = target.with_name(f"{target.name}-part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def _there(fresh: Path, target: Path) -> None:
    drop(target)
    fresh.rename(target)
