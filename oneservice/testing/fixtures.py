"""Fixtures for pytest, to be imported where they are used; nothing is loaded by itself.

from oneservice.testing.fixtures import sandbox_engine, sweep, virtual_clock  # in conftest.py
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from oneservice.clocks import VirtualClock
from oneservice.engine import Engine
from oneservice.testing.crashes import Story, Sweep, crash_sweep
from oneservice.testing.strategies import DAY_ONE

__all__ = ["OpenSandbox", "RunSweep", "sandbox_engine", "sweep", "virtual_clock"]

OpenSandbox = Callable[..., AbstractAsyncContextManager[Engine]]
"""``async with sandbox_engine() as engine``; options as of ``Engine.sandbox``."""


class RunSweep(Protocol):
    """``sweep(story)``; options as of :func:`oneservice.testing.crash_sweep`."""

    def __call__(self, story: Story, **options: Any) -> Sweep:
        """Tell ``story`` through every fault."""
        ...


@pytest.fixture
def virtual_clock() -> VirtualClock:
    """A clock that stands at nine o'clock on Monday, 28 September 2026, until it is moved."""
    return VirtualClock(DAY_ONE)


@pytest.fixture
def sandbox_engine(tmp_path: Path) -> OpenSandbox:
    """Opens a sandbox in the test's own folder; opened again, it goes on where it was."""
    return partial(Engine.sandbox, tmp_path / "cases.db", start=DAY_ONE)


@pytest.fixture
def sweep(tmp_path: Path) -> RunSweep:
    """Runs :func:`oneservice.testing.crash_sweep` in the test's own folder."""

    def run(story: Story, **options: Any) -> Sweep:
        return crash_sweep(story, tmp_path / "sweep", **options)

    return run
