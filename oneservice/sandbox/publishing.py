"""The status lists of a simulated government: what its register says, signed when asked.

Theory of operation: nothing is kept beside the applications. A certificate's place follows from the
order in which applications came, its state from the events that were told; so a list of any moment
is derived anew, and the same moment gives the same bytes. Decoys and an order by chance, with which
real registers hide how many they hold, would hide nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from oneservice.canonical import read_instant
from oneservice.case import EventType
from oneservice.certificates import Publication, write_status_lists
from oneservice.errors import FileUnusableError
from oneservice.sandbox.register import Register
from oneservice.sandbox.seals import SandboxSeals
from oneservice.sandbox.testimony import Record

__all__ = ["SandboxLists", "place_of"]

_ENTRIES: Final = 131_072
"""The smallest register that there is."""
_STRIDE: Final = 48_271
"""Odd, so that neighbours lie apart and no two applications share a place."""
_REVOKED: Final = 1
_LIFETIME: Final = timedelta(days=7)
_TTL_S: Final = 3600


def place_of(number: int) -> int:
    """Return the place of the application that came as that ``number``, from 0."""
    return number * _STRIDE % _ENTRIES


class SandboxLists:
    """Implements :class:`oneservice.ports.StatusLists` for departments of a sandbox."""

    def __init__(self, register: Register, seals: SandboxSeals) -> None:
        self._register = register
        self._seals = seals

    async def list_of(self, uri: str, *, at: datetime) -> bytes | None:
        """Return the list at ``uri`` as of ``at``; ``None``: no department has that register."""
        department = self._seals.department_of(uri)
        if department is None:
            return None
        return self._signed(department, at)[Publication.TOKEN]

    def publish(self, folder: Path, *, at: datetime) -> tuple[Path, ...]:
        """Write what the lists say at ``at`` below ``folder``: a file for each department.

        Returns:
            The files.

        Raises:
            FileUnusableError: it cannot be written.
        """
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in sorted({one["department"] for one in self._register.all()}):
                beside = folder / f"{name}.jwt.new"
                beside.write_bytes(self._signed(name, at)[Publication.TOKEN])
                written.append(beside.replace(folder / f"{name}.jwt"))
        except OSError as error:
            msg = f"{folder}: cannot be written ({error.strerror}); check the folder and its owner"
            raise FileUnusableError(msg) from error
        return tuple(written)

    def _signed(self, department: str, at: datetime) -> Mapping[Publication, bytes]:
        values = bytearray(_ENTRIES // 4)
        for record in self._register.all(department):
            if "place" in record and _is_revoked(record, at):
                values[record["place"] // 4] |= _REVOKED << 2 * (record["place"] % 4)
        return write_status_lists(
            bytes(values),
            uri=self._seals.register_uri(department),
            issuer=self._seals.list_issuer(department),
            issued_at=at,
            expires_at=at + _LIFETIME,
            ttl_s=_TTL_S,
        )


def _is_revoked(record: Record, at: datetime) -> bool:
    return any(
        one["type"] == EventType.RESULT_REVOKED and read_instant(one["data"]["effective_at"]) <= at
        for one in record["events"]
    )
