"""What an engine is opened with where the caller brings nothing of his own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from oneservice.case import CODE_ALPHABET, CODE_LENGTH
from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.certificates import ListedLog, ListedWitness, TrustStore
from oneservice.clocks import SystemClock, VirtualClock
from oneservice.errors import IllegalInputError
from oneservice.ports import Signer, Store
from oneservice.sandbox import ATTENTIVE, Behaviours, SandboxSeals, SimulatedDepartments
from oneservice.workdays import legal_day

__all__ = ["Government", "RandomIds", "ids_of", "simulated"]

_ENGINE: Final = "oneservice:engine"
"""Under this name a store keeps that of its engine."""


class RandomIds:
    """Ids by chance: short for cases, long for secrets.

    Args:
        engine: 8 hexadecimal digits that begin the ids of one engine's cases, so that it knows its
            own; without them it knows none.
    """

    def __init__(self, engine: str = "") -> None:
        self._engine = engine

    def case_id(self) -> str:
        """Return ``c``, the name of the engine and 16 hexadecimal digits."""
        return f"c{self._engine}{secrets.token_hex(8)}"

    def made(self, case_id: str) -> bool:
        """Say whether ``case_id`` begins as those of this engine do."""
        return bool(self._engine) and case_id.startswith(f"c{self._engine}")

    def secret(self) -> str:
        """Return 32 random bytes in hexadecimal."""
        return secrets.token_hex(32)

    def code(self) -> str:
        """Return a one-time code, as people may read it aloud."""
        return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


async def ids_of(store: Store) -> tuple[RandomIds, Mapping[str, str | None]]:
    """Return ids that name the engine of ``store``; a backup of it brings the name along.

    Returns:
        The ids, and the note of the name, which must become durable with the first case; empty
        where it is already.

    Raises:
        JournalError: the store cannot be read.
    """
    name = await store.cursor(_ENGINE)
    if name is not None:
        return RandomIds(name), {}
    name = secrets.token_hex(4)
    return RandomIds(name), {_ENGINE: name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Government:
    """A simulated government: everything that an engine needs of the world."""

    departments: SimulatedDepartments
    signer: Signer
    trust: TrustStore
    catalog: Catalog
    clock: VirtualClock
    trust_naming: Callable[[tuple[ListedLog, ...], tuple[ListedWitness, ...]], TrustStore]
    """The same list, with a log and witnesses in it."""


@contextmanager
def simulated(
    path: Path | str,
    *,
    region: str,
    start: datetime | None,
    catalog: Catalog | None,
    behaviours: Behaviours | None,
    has_registers: bool = False,
) -> Iterator[Government]:
    """Yield a simulated government whose departments keep their file beside ``path``.

    The clock begins at ``start``, or where an earlier run in the same files had come to. With
    ``has_registers`` certificates name a place in a register, and its lists are published.

    Raises:
        IllegalInputError: ``start`` has no zone.
        JournalUnavailableError: the departments' file cannot be opened.
    """
    if start is not None and start.utcoffset() is None:
        msg = "start has no zone, so it is no instant; give it one, for example tzinfo=UTC"
        raise IllegalInputError(msg, status="not opened")
    clock = VirtualClock(start or SystemClock().now())
    catalog = catalog or load_catalog([bundled_catalog_dir()])
    things = catalog.things(region, legal_day(clock.now()))
    seals = SandboxSeals(
        {thing.thing.id: thing for thing in things}, region=region, has_registers=has_registers
    )
    departments = SimulatedDepartments(
        clock=clock, seals=seals, behaviours=behaviours or ATTENTIVE, path=f"{path}.departments"
    )
    try:
        clock.set(departments.latest())
        yield Government(
            departments=departments,
            signer=seals.signer(),
            trust=seals.trust(),
            catalog=catalog,
            clock=clock,
            trust_naming=seals.trust,
        )
    finally:
        departments.close()
