"""The offices of a sandbox as real processes: started, killed, set back, started again, stopped."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import oneservice_adapters as offices
from oneservice.errors import EnvironmentalError

__all__ = ["Street", "Told", "opened_street"]

Told: TypeAlias = Callable[[str, str], None]
"""Is told what happened to which department: ``crash``, ``rewind`` or ``gone``."""

_AT_ONCE: Final = 4
"""Offices that start side by side: each imports for a second or two of a processor."""
_REGISTERS: Final = ("register.db", "files.db")
_BACKUP: Final = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """How the offices of one street are started."""

    folder: Path
    region: str
    clock: Path | None
    seed: int
    faults: offices.Faults
    has_test_step: bool = False

    def office(self, department: str) -> Path:
        """Return the folder of an office."""
        return self.folder / "offices" / department

    def start(self, department: str, port: int) -> offices.OfficeProcess:
        """Start an office; who asks for its URL waits until it listens."""
        of_requests = replace(self.faults, crash=0, rewind=0)
        return offices.start_process(
            department,
            self.office(department),
            port=port,
            region=self.region,
            clock=self.clock,
            seed=self.seed,
            faults=str(of_requests),
            has_test_step=self.has_test_step,
        )


@dataclass(slots=True, kw_only=True)
class Street:
    """Running offices. Make one with :func:`opened_street`."""

    plot: Plot
    ports: Mapping[str, int]
    _processes: dict[str, offices.OfficeProcess] = field(default_factory=dict)
    _due_s: dict[tuple[str, str], float] = field(default_factory=dict)
    _turns: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def addresses(self) -> Mapping[str, str]:
        """Base URL by department."""
        return {name: process.url for name, process in self._processes.items()}

    def open(self, opened: Callable[[str], None] = lambda _: None) -> None:
        """Start all offices, a few at a time; ``opened`` is told of each that listens.

        Raises:
            EnvironmentalError: one did not start; the text says why.
            JournalLockedError: another process serves one of the folders.
        """
        names = list(self.ports)
        for first in range(0, len(names), _AT_ONCE):
            some = names[first : first + _AT_ONCE]
            for name in some:
                self._processes[name] = self.plot.start(name, self.ports[name])
            for name in some:
                port = urlsplit(self._processes[name].url).port
                self.ports = {**self.ports, name: port or 0}  # who comes again comes to the same
                opened(name)

    def tick(self, running_s: float, told: Told) -> None:
        """Do what is due to the offices after so many real seconds.

        Raises:
            EnvironmentalError: an office has ended by itself, or did not come again.
        """
        for name, process in list(self._processes.items()):
            if not process.is_running:
                said = self.plot.office(name) / "office.log"
                msg = f"the office of {name} has ended by itself; see {said}"
                raise EnvironmentalError(msg)
            if self._is_due("crash", name, running_s, self.plot.faults.crash):
                self._come_again(name)
                told("crash", name)
            if self._is_due("rewind", name, running_s, self.plot.faults.rewind):
                self._set_back(name)
                told("rewind", name)

    def close(self) -> None:
        """Let every office finish what it is doing and go home; all at the same time."""
        with ThreadPoolExecutor(max_workers=max(1, len(self._processes))) as pool:
            list(pool.map(lambda one: one.__exit__(), self._processes.values()))

    def _is_due(self, kind: str, name: str, running_s: float, mean_s: int) -> bool:
        """Say whether it is the next turn of ``kind``; turns are spread by the seed."""
        if not mean_s:
            return False
        key = (kind, name)
        if key not in self._due_s:
            if kind == "rewind":
                self._back_up(name)
            self._due_s[key] = running_s + self._pause_s(key, mean_s)
        if running_s < self._due_s[key]:
            return False
        self._due_s[key] = running_s + self._pause_s(key, mean_s)
        return True

    def _pause_s(self, key: tuple[str, str], mean_s: int) -> float:
        self._turns[key] = self._turns.get(key, 0) + 1
        share = offices.draw(self.plot.seed, "/".join(key), f"pause/{self._turns[key]}", 20, 180)
        return mean_s * share / 100

    def _come_again(self, name: str) -> None:
        """Kill the office as a power cut would, and start it where it was."""
        self._processes[name].kill()
        self._processes[name] = self.plot.start(name, self.ports[name])
        _ = self._processes[name].url

    def _back_up(self, name: str) -> None:
        """Copy the registers of a running office, as an operator's nightly job would."""
        folder = self.plot.office(name)
        (folder / _BACKUP).mkdir(exist_ok=True)
        for register in _REGISTERS:
            with (
                contextlib.closing(sqlite3.connect(folder / register, timeout=5)) as here,
                contextlib.closing(sqlite3.connect(folder / _BACKUP / register)) as there,
            ):
                here.backup(there)

    def _set_back(self, name: str) -> None:
        """Put the office's registers back to the newest copy; what came since is forgotten."""
        folder = self.plot.office(name)
        self._processes[name].kill()
        for register in _REGISTERS:
            for beside in ("-wal", "-shm"):
                (folder / f"{register}{beside}").unlink(missing_ok=True)
            shutil.copyfile(folder / _BACKUP / register, folder / register)
        self._processes[name] = self.plot.start(name, self.ports[name])
        _ = self._processes[name].url
        self._back_up(name)


@contextlib.contextmanager
def opened_street(
    folder: Path,
    departments: Collection[str],
    *,
    region: str,
    port_base: int = 0,
    clock: Path | None = None,
    seed: int = 0,
    faults: offices.Faults | None = None,
    has_test_step: bool = False,
    opened: Callable[[str], None] = lambda _: None,
) -> Iterator[Street]:
    """Run the offices of ``departments`` for as long as the block runs.

    Args:
        folder: holds a folder for each; made if need be.
        departments: of :data:`oneservice_adapters.DEPARTMENTS`.
        region: that all of them serve.
        port_base: of the first; the others follow. 0: free ones are picked.
        clock: file of a :class:`~oneservice.clocks.FileClock`; the machine's clock without it.
        seed: moves the offices' hours, and what goes wrong when.
        faults: how they misbehave.
        has_test_step: serve the step of the conformance kit in each, too.
        opened: is told the name of each office that listens.

    Raises:
        AdapterError: no such department, or a folder is another office's.
        EnvironmentalError: an office did not start; a taken port is one reason.
        JournalLockedError: another process serves one of the folders.
    """
    plot = Plot(
        folder=folder,
        region=region,
        clock=clock,
        seed=seed,
        faults=faults or offices.Faults(),
        has_test_step=has_test_step,
    )
    for name in departments:
        offices.prepare_office(plot.office(name), name, region)
    numbers = [port_base + place if port_base else 0 for place in range(len(departments))]
    street = Street(plot=plot, ports=dict(zip(departments, numbers, strict=True)))
    try:
        street.open(opened)
        yield street
    finally:
        street.close()
