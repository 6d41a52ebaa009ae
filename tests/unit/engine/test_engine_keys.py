"""Rotating the keys of an open engine: an operator's order, beside the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from oneservice.case import Actor
from oneservice.engine.operators import Operators
from oneservice.errors import IllegalInputError, NotAllowedError
from oneservice.runtimes import LocalKeyKeeper, SqliteStore
from oneservice.testing.kits.journals import Journal

OPERATOR = Actor.operator("op-7")


class Standing:
    """As much of a driver as the order needs: a store, and that it is open."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def refuse_closed(self) -> None:
        return


def operators(store: Any) -> Operators:
    return Operators(Standing(store), None, None)  # type: ignore[arg-type]


@pytest.fixture
def keeper(tmp_path: Path) -> LocalKeyKeeper:
    return LocalKeyKeeper.open(tmp_path / "portal.keys")


async def test_rotated_keys_take_over_every_case(tmp_path: Path, keeper: LocalKeyKeeper) -> None:
    store = SqliteStore.open(tmp_path / "cases.db", keys=keeper)
    await store.commit([Journal("c1").write(), Journal("c2").write()], {})
    old = keeper.key_id
    keeper.rotate()
    assert await operators(store).rewrap(by=OPERATOR, why="yearly") == 2
    assert old not in await store.key_ids()
    assert await operators(store).rewrap(by=OPERATOR, why="yearly") == 0
    await store.close()


async def test_it_is_an_operators_order_with_a_reason(
    tmp_path: Path, keeper: LocalKeyKeeper
) -> None:
    store = SqliteStore.open(tmp_path / "cases.db", keys=keeper)
    with pytest.raises(NotAllowedError):
        await operators(store).rewrap(by=Actor.clerk("w-3"), why="yearly")
    with pytest.raises(NotAllowedError):
        await operators(store).rewrap(by=OPERATOR, why=" ")
    await store.close()


async def test_a_store_without_keys_says_so() -> None:
    with pytest.raises(IllegalInputError, match="wraps no keys"):
        await operators(object()).rewrap(by=OPERATOR, why="yearly")
