"""Where a story is told: what outlives the engine (files, departments, the clock)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from oneservice.catalog import Catalog, bundled_catalog_dir, load_catalog
from oneservice.clocks import VirtualClock
from oneservice.engine import Engine
from oneservice.runtimes import SqliteStore
from oneservice.sandbox import Behaviours, SandboxSeals, SimulatedDepartments
from oneservice.testing.crashes.watch import Watch
from oneservice.workdays import WorkCalendar, announced_calendar, legal_day

__all__ = ["SandboxWorld", "World"]

_START: Final = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
_FEED_EVERY: Final = timedelta(days=1)


class World(Protocol):
    """One world per pair of lives; write one of your own to sweep your own engine.

    ``store_path`` is the file of the store, for torn writes; ``None`` where it has none.
    """

    @property
    def store_path(self) -> Path | None:
        """Return where the store keeps its things."""
        ...

    def engine(self, watch: Watch) -> AbstractAsyncContextManager[Engine]:
        """Open an engine on what this world holds, every edge of it wrapped by ``watch``.

        ``watch.store(...)``, ``watch.departments(...)`` and ``watch.signer(...)`` wrap, and
        ``watch.ids`` gives the same ids in every life.
        """
        ...

    def effects(self) -> Mapping[str, int]:
        """Return how often each effect outside took place, by its id; once is right."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class SandboxWorld:
    """An engine over simulated departments and a virtual clock, all files in ``folder``.

    Args:
        folder: an empty one.
        region: a region of ``catalog``.
        start: the first virtual instant.
        catalog: the bundled one by default.
        things: the one-things of the story: only departments that handle a step of them are
            there, so that no feed is read in vain; by default those of the whole catalog.
        behaviours: how the departments behave; by default they grant after five days.
        calendar: announced working days by default.
    """

    def __init__(
        self,
        folder: Path,
        *,
        region: str = "990101",
        start: datetime = _START,
        catalog: Catalog | None = None,
        things: Collection[str] = (),
        behaviours: Behaviours | None = None,
        calendar: WorkCalendar | None = None,
    ) -> None:
        self._region = region
        self._catalog = catalog or _bundled()
        self._calendar = calendar or announced_calendar()
        self._seals = _seals(self._catalog, region, start)
        self._names = _departments(self._catalog, region, start, frozenset(things))
        self.store_path = folder / "cases.db"
        self.clock = VirtualClock(start)
        self.departments = SimulatedDepartments(
            clock=self.clock,
            seals=self._seals,
            behaviours=behaviours,
            path=folder / "departments.db",
        )

    @asynccontextmanager
    async def engine(self, watch: Watch) -> AsyncIterator[Engine]:
        """Open the engine; see :class:`World`."""
        store = SqliteStore.open(self.store_path)
        try:
            async with Engine.over(
                watch.store(store),
                region=self._region,
                departments=watch.departments(self.departments, names=self._names),
                signer=watch.signer(self._seals.signer()),
                catalog=self._catalog,
                trust=self._seals.trust(),
                clock=self.clock,
                calendar=self._calendar,
                ids=watch.ids,
                feed_every=_FEED_EVERY,
            ) as engine:
                self.departments.must_bring = engine.check_list
                self.departments.promised_days = engine.published_days
                yield engine
        finally:
            await store.close()

    def effects(self) -> Mapping[str, int]:
        """Return how often each application was filed, and each other message taken."""
        taken = {f"{one}: {message}": 1 for one, message, _ in self.departments.messages()}
        return taken | self.departments.filed

    def close(self) -> None:
        """Close the departments' file."""
        self.departments.close()


@cache
def _bundled() -> Catalog:
    return load_catalog([bundled_catalog_dir()])


@cache
def _seals(catalog: Catalog, region: str, start: datetime) -> SandboxSeals:
    things = catalog.things(region, legal_day(start))
    return SandboxSeals({one.thing.id: one for one in things}, region=region)


@cache
def _departments(
    catalog: Catalog, region: str, start: datetime, things: frozenset[str]
) -> tuple[str, ...]:
    """Return the departments that handle a step of ``things``, or of any one-thing."""
    found = catalog.things(region, legal_day(start))
    chosen = [one for one in found if one.thing.id in things or not things]
    return tuple(
        sorted({one.items[step.item].department for one in chosen for step in one.thing.steps})
    )
