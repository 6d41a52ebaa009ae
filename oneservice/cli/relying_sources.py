"""The files by which an endpoint judges: read at its start, and again when one of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oneservice.certificates import Policy
from oneservice.cli.verify_relying import registers, relied_on
from oneservice.relying import Reliance

__all__ = ["Sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files by which is judged; they may be replaced while the server runs."""

    trust_files: tuple[Path, ...]
    root: str | None
    memory: Path | None
    status_files: tuple[Path, ...]
    policy: Policy

    def read(self) -> Reliance:
        """Return what the files say now.

        Raises:
            OneServiceError: one of them cannot be used.
        """
        trust = relied_on(self.trust_files, root=self.root, memory=self.memory)
        return Reliance(
            trust=trust, policy=self.policy, status=registers(self.status_files, trust=trust)
        )

    def marks(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Return what changes when a file is replaced or written."""
        return tuple(map(_mark, (*self.trust_files, *self.status_files)))


def _mark(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
