"""What is no file of an engine is told as such: nobody believes that nothing is forgotten."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from oneservice.errors import JournalCorruptError, JournalUnavailableError, JournalVersionError
from oneservice.runtimes import forgotten_in


def test_an_empty_file_is_no_engines(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(b"")
    with pytest.raises(JournalUnavailableError, match="is empty"):
        forgotten_in(path)
    assert path.read_bytes() == b"", "nothing is written"


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    with pytest.raises(JournalUnavailableError, match="no such file"):
        forgotten_in(path)
    assert not path.exists()


def test_what_another_program_wrote_is_not_read(tmp_path: Path) -> None:
    noise, other = tmp_path / "noise.db", tmp_path / "other.db"
    noise.write_bytes(b"x" * 5000)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE things (name)")
    connection.close()
    with pytest.raises(JournalCorruptError):
        forgotten_in(noise)
    with pytest.raises(JournalVersionError):
        forgotten_in(other)
