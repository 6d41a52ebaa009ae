"""What a region handed out, to be found again when its person, or an office for them, asks."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from oneservice.cli.reading import write_file
from oneservice.engine import AccessEntry
from oneservice.errors import CaseNotFoundError

__all__ = ["Archive"]

_ASKED: Final = ("by", "purpose", "names", "reference", "consent")


class Archive:
    """Letters on disk, named by kind and holder; the names tell nothing.

    Args:
        folder: of the region.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "handed-out"

    def keep(self, letter: bytes, *, kind: str, holder_code: str) -> None:
        """Keep the newest paper of a kind that somebody holds."""
        _written(self._path(kind, holder_code), letter)

    def find(self, kind: str, holder_code: str) -> bytes | None:
        """Return that paper, with what comes beside it."""
        path = self._path(kind, holder_code)
        return path.read_bytes() if path.exists() else None

    def first(self, certificate: str, draft: bytes) -> bytes:
        """Keep what is to be handed out under a name, once; return what was kept first.

        It is kept before anything of it is logged: whoever is killed meanwhile goes on with the
        same paper and the same salt, so one name never has two papers, nor two places in the log.
        """
        path = self._folder / f"{sha256(certificate.encode()).hexdigest()[:32]}.draft"
        if not path.exists():
            _written(path, draft)
        return path.read_bytes()

    def note_asked(self, entry: AccessEntry) -> None:
        """Note who asks for what of a person, until the person has looked at it."""
        told = {name: getattr(entry, name) for name in _ASKED}
        data = json.dumps({**told, "at": entry.at.isoformat()}).encode()
        _written(self._folder / f"{entry.reference}.asked", data)

    def asked(self, request_id: str) -> AccessEntry:
        """Return what was noted.

        Raises:
            CaseNotFoundError: nobody asked under that id.
        """
        path = self._folder / f"{request_id}.asked"
        if not path.exists():
            msg = f"nobody asked for a paper under {request_id}"
            raise CaseNotFoundError(msg)
        told = json.loads(path.read_bytes())
        told |= {"at": datetime.fromisoformat(told["at"]), "names": tuple(told["names"])}
        return AccessEntry(kind="given", **told)

    def _path(self, kind: str, holder_code: str) -> Path:
        name = sha256(f"{kind}\n{holder_code}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.letter"


def _written(path: Path, data: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(exist_ok=True)
    write_file(path, data)
