"""What a region handed out, to be found again when its person, or an office for them, asks."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

__all__ = ["Archive"]


class Archive:
    """Letters on disk, named by kind and holder; the names tell nothing.

    Args:
        folder: of the region.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "handed-out"

    def keep(self, letter: bytes, *, kind: str, holder_code: str) -> None:
        """Keep the newest paper of a kind that somebody holds."""
        path = self._path(kind, holder_code)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(letter)
        fresh.replace(path)

    def find(self, kind: str, holder_code: str) -> bytes | None:
        """Return that paper, with what comes beside it."""
        path = self._path(kind, holder_code)
        return path.read_bytes() if path.exists() else None

    def _path(self, kind: str, holder_code: str) -> Path:
        name = sha256(f"{kind}\n{holder_code}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.letter"
