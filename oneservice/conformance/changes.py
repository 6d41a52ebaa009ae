"""P-56 to P-60: the feed, its waiting, and callbacks that only say "look again"."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.callbacks import rung, rung_and_ended
from oneservice.conformance.documents import listen_host
from oneservice.conformance.feeding import page_after, pages, snapshot, to_the_end
from oneservice.conformance.listening import Ear, listening
from oneservice.conformance.statements import Need, statement
from oneservice.conformance.trial import WITHDRAWAL

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial

_QUIET_ROUNDS: Final = 200
_EARLY_TRIES: Final = 3
_AHEAD_S: Final = 0.2
"""How long a reader waits already when news is made."""
_EARLY: Final = 0.5
"""Part of the wait after which an answer does not count as early any more."""


@statement(
    "P-56",
    "the feed shows every event at least once, in order per submission",
    clause="5",
    cure="Number events as they are committed, and page by that number.",
)
async def every_event(trial: Trial) -> None:
    """Remember where the feed ends, make news, read on."""
    cursor = await to_the_end(trial)
    filed = await trial.file("accept progress" if trial.bench.has_test_step else "")
    await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
    events = await trial.history(filed)
    seen: list[int] = []
    async for page in pages(trial, cursor, limit=3):
        for one in page.document.get("changes") or ():
            if one.get("submission_id") == filed.id:
                seen += [event.get("seq") for event in one.get("events") or ()]
    first_seen = list(dict.fromkeys(seen))
    wanted = [one.get("seq") for one in events]
    right = first_seen == wanted
    require(right, f"the feed showed events {first_seen} of {filed.id}, there are {wanted}")


@statement(
    "P-57",
    "without a cursor it lists every head that is not archived",
    clause="5",
    cure="Begin without `after` with all submissions, ended ones too, heads only, in pages.",
)
async def every_head(trial: Trial) -> None:
    """File several, one of them to its end, and read the snapshot."""
    filed = [await trial.file(), await trial.file()]
    await trial.put(f"{filed[1].path}/withdrawals/w1", WITHDRAWAL)
    wanted = {}
    for one in filed:
        last = (await trial.history(one))[-1]
        wanted[one.id] = (last.get("seq"), last.get("digest"))
    listed = {}
    async for entry in snapshot(trial):
        head = entry.get("head")
        if isinstance(head, dict):
            listed[str(entry.get("submission_id"))] = (head.get("seq"), head.get("digest"))
    for name, head in wanted.items():
        if listed.get(name) != head:
            told = listed.get(name, "nothing")
            broken(f"the snapshot tells {told} of {name}, its head is {head}")


@statement(
    "P-58",
    "the feed shows no other caller's data",
    clause="5, 13",
    cure="Keep the caller with every row of the feed, and ask for its rows only.",
    needs=(Need.OTHER_CALLER,),
)
async def others_feed(trial: Trial) -> None:
    """File as both; each must see its own and nothing else."""
    one, other = trial.bench.target.caller, trial.bench.target.other
    cursor = await to_the_end(trial, who=other)
    mine, theirs = await trial.file(who=one), await trial.file(who=other)
    for who, own, foreign in ((one, mine, theirs), (other, theirs, mine)):
        found = [entry.get("submission_id") async for entry in snapshot(trial, who=who)]
        require(own.id in found, f"{own.id} is not in its caller's snapshot")
        require(foreign.id not in found, f"{foreign.id} is in another caller's snapshot")
    async for page in pages(trial, cursor, who=other):
        shown = [entry.get("submission_id") for entry in page.document.get("changes") or ()]
        require(mine.id not in shown, f"{mine.id} is in another caller's feed", page)


@statement(
    "P-59",
    "wait returns early on a change and within 30 s in any case",
    clause="5",
    cure="Wake waiting readers when an event is committed, and answer after 25 s at the latest.",
    order=0,
)
async def waits(trial: Trial) -> None:
    """Wait while something happens, and while nothing does."""
    if "wait" not in trial.bench.features:
        raise NotApplicableError("the feature wait is not listed")
    patience = trial.bench.target.patience
    longest_s = patience.wait_s + patience.grace_s
    await _early(trial, patience.wait_s)
    cursor = await to_the_end(trial)
    for _ in range(_QUIET_ROUNDS):  # the other trials make news, until they are over
        found = await page_after(trial, cursor, wait_s=patience.wait_s)
        in_time = found.seconds <= longest_s
        require(in_time, f"{found.told} came after {found.seconds:.1f} s", found)
        if not found.document.get("changes"):
            return
        cursor = str(found.document.get("cursor"))


@statement(
    "P-60",
    "callbacks go only to registered addresses, hold no personal data, are signed, repeated, "
    "and stop on 410",
    clause="11, 13",
    cure="Sign ids and digests to the registered address, repeat what was not 204, obey 410.",
    needs=(Need.CALLBACK,),
    order=0,
)
async def callbacks(trial: Trial) -> None:
    """Listen at every registered address."""
    target = trial.bench.target
    if "callbacks" not in trial.bench.features:
        raise NotApplicableError("the feature callbacks is not listed")
    async with AsyncExitStack() as stack:
        ears = {}
        for name, url in target.callbacks.items():
            parts = urlsplit(url)
            ear = Ear()
            await stack.enter_async_context(
                listening(ear, target.listen_host or parts.hostname or "", parts.port or 80)
            )
            ears[name] = ear
        for name, ear in ears.items():
            if name != target.ending_callback:
                await rung(trial, name, ear, target.callbacks[name])
        await _unregistered(trial, ears)
        if target.ending_callback in ears:
            await rung_and_ended(trial, target.ending_callback, ears[target.ending_callback])


async def _unregistered(trial: Trial, ears: dict[str, Ear]) -> None:
    """A name that is not registered is ignored, and an address in a message is no address."""
    async with listening(Ear(), listen_host(trial.bench)) as trap:
        url = f"http://127.0.0.1:{trap.port}/"
        before = {name: len(ear.heard) for name, ear in ears.items()}
        filed = await trial.file(callback="nobody", callback_url=url)
        await asyncio.sleep(trial.bench.target.patience.silence_s)
        if trap.connections:
            broken("a callback went to an address that stood in a message", filed.exchange)
        for name, ear in ears.items():
            told = any(filed.id.encode() in one.body for one in ear.heard[before[name] :])
            require(not told, f"a callback came to {name}, which the submission did not name")


async def _early(trial: Trial, wait_s: int) -> None:
    """Break the statement if news never comes early; once is enough on a busy machine."""
    seconds = 0.0
    for _ in range(_EARLY_TRIES):
        cursor = await to_the_end(trial)
        reading = asyncio.ensure_future(_until_seen(trial, cursor, wait_s))
        await asyncio.sleep(_AHEAD_S)
        filed = await trial.file()
        found, seconds = await reading
        if filed.id in found and seconds <= max(wait_s * _EARLY, _AHEAD_S * 3):
            return
    what = f"news was told {seconds:.1f} s after a wait of {wait_s} s began"
    broken(f"{what}: waiting readers must be woken", trial.exchanges[-1])


async def _until_seen(trial: Trial, cursor: str, wait_s: int) -> tuple[list[Any], float]:
    """Return what came, and how long the request took that brought this trial's submission."""
    for _ in range(_QUIET_ROUNDS):
        found = await page_after(trial, cursor, wait_s=wait_s)
        ids = [one.get("submission_id") for one in found.document.get("changes") or ()]
        mine = f"conform-{trial.bench.run}-{trial.number.replace('-', '')}-"
        if any(str(one).startswith(mine) for one in ids) or not ids:
            return ids, found.seconds
        cursor = str(found.document.get("cursor"))
    return [], 0.0
