"""A yard with one correct adapter, which the mutants break in one place each."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.conformance import Identity, Patience, Target, add_test_step
from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    Ed25519EventKey,
    Retirement,
    VerifyingKey,
    bind,
    running,
)

QUICK = Patience(
    answer_s=10.0, news_s=0.4, slow_s=4.0, wait_s=2, grace_s=1.5, ring_s=12.0, restart_s=20.0
)


def free_port() -> int:
    with contextlib.closing(bind("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def public(key: Ed25519EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


@dataclass(frozen=True, kw_only=True)
class Yard:
    """One correct adapter and everything that the kit may use with it."""

    app: AdapterApp
    callers: Callers
    event_key: Ed25519EventKey
    target: Target
    port: int

    @contextlib.asynccontextmanager
    async def served(self, wrapped: Any = None) -> AsyncIterator[Target]:
        """Serve the adapter, or what was wrapped around it."""
        async with running(wrapped or self.app, port=self.port):
            yield self.target


def made_yard(folder: Path, **changes: Any) -> Yard:
    keys = {
        name: Ed25519EventKey.generate(name) for name in ("one-1", "one-2", "one-0", "two-1", "ev")
    }
    callbacks = {name: f"http://127.0.0.1:{free_port()}/hook" for name in ("cb-1", "cb-end")}
    callers = Callers(
        Caller(id="one", keys=(public(keys["one-1"]), public(keys["one-2"])), callbacks=callbacks),
        Caller(id="two", keys=(public(keys["two-1"]),)),
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/oneservice/v1"
    now = datetime.now(UTC)
    options: dict[str, Any] = {
        "store": folder / "register.db",
        "event_key": keys["ev"],
        "callers": callers,
        "base_url": url,
        "body_deadline_s": 1.0,
        "retirement": Retirement(
            deprecated_at=now,
            sunset_at=now + timedelta(days=400),
            successor="https://dept.example/oneservice/v2",
        ),
    }
    app = AdapterApp("sample-office", **(options | changes))
    add_test_step(app)
    log = folder / "access.log"
    log.touch()
    target = Target(
        url=url,
        caller=Identity(key=keys["one-1"]),
        other=Identity(key=keys["two-1"]),
        next_key=keys["one-2"],
        withdrawn_key=keys["one-0"],
        callbacks=callbacks,
        ending_callback="cb-end",
        log=log,
        patience=QUICK,
    )
    return Yard(app=app, callers=callers, event_key=keys["ev"], target=target, port=port)


@pytest.fixture
def access_log(tmp_path: Path) -> Any:
    """Let the adapter's own log of requests go to the file that the kit is told of."""
    logger = logging.getLogger("oneservice.departments.access")
    handler = logging.FileHandler(tmp_path / "access.log")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield
    logger.removeHandler(handler)
    logger.setLevel(level)
    handler.close()


@pytest.fixture
def yard(tmp_path: Path, access_log: None) -> Yard:
    return made_yard(tmp_path)


@pytest.fixture
def make_yard(tmp_path: Path, access_log: None) -> Callable[..., Yard]:
    return lambda **changes: made_yard(tmp_path, **changes)


__all__ = ["Yard", "free_port", "made_yard", "replace"]
