"""A region that is killed while it issues goes on with the same paper, logged once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.keys import NORTH
from oneservice.cli.demo_regions.people import COOK

pytest.importorskip("uvicorn", reason="regions serve each other with the extra 'server'")
pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = {"name": COOK.name, "code": COOK.code}
PATIENCE_S = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def land(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Country]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(one for one in sys.path if one))
        async with Country(tmp_path_factory.mktemp("once")) as found:
            await found.say(NORTH, "village_grant")
            yield found


def drafts(folder: Path) -> int:
    """Count what was prepared to be handed out."""
    return len(list(folder.glob("handed-out/*.draft")))


def waiting(folder: Path) -> int:
    """Return how much waits to be put into the tiles of the log."""
    return sum(one.stat().st_size for one in folder.glob("log/**/waiting*"))


def signed(folder: Path) -> bytes:
    """Return the head that was signed last."""
    found = [one.read_bytes() for one in folder.glob("log/**/signed")]
    return found[0] if found else b""


async def killed_when_changed(
    land: Country, seen: Callable[[Path], Any], do: str, order: dict[str, Any]
) -> None:
    """Give an order, and kill the region as soon as something on its disk changes."""
    folder = land.base / NORTH
    before = seen(folder)
    asked = asyncio.create_task(land.ask(NORTH, do, **order))
    async with asyncio.timeout(PATIENCE_S):
        while seen(folder) == before and not asked.done():  # noqa: ASYNC110 - files of another
            await asyncio.sleep(0)
    await land.kill(NORTH)
    await asyncio.gather(asked, return_exceptions=True)
    await land.start(NORTH)


@pytest.mark.parametrize(
    ("do", "seen"),
    [
        *(("village_seal", one) for one in (drafts, signed, None)),  # three uses a day
        *(("issue", one) for one in (drafts, waiting, signed, None)),
    ],
)
async def test_one_name_has_one_paper_and_one_place_in_the_log(
    land: Country, do: str, seen: Callable[[Path], Any] | None
) -> None:
    stage = "done" if seen is None else seen.__name__
    order = {"certificate": f"urn:oneservice:{do}:990101:{stage}"}
    order |= {"person": PERSON} if do == "village_seal" else {}
    before = (await land.say(NORTH, "log"))["size"]
    if seen is not None:
        await killed_when_changed(land, seen, do, order)
    first = (await land.say(NORTH, do, **order))["letter"]
    await land.later(timedelta(minutes=30))
    again = (await land.say(NORTH, do, **order))["letter"]
    await land.kill(NORTH)
    await land.start(NORTH)
    assert (await land.say(NORTH, do, **order))["letter"] == again == first
    # The use of a seal is an entry of its own; killed between log and book, the lock logs it again.
    uses = {0} if do == "issue" else {1} if seen is None else {1, 2}
    assert (await land.say(NORTH, "log"))["size"] - before - 1 in uses
    assert len(json.loads(first)["enclosures"]["log_proofs"]) == 1
