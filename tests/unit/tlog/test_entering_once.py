"""Each thing once: whatever crashed, whoever asks at the same time, however often."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import LogStoreError, TooFewWitnessesError
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import (
    Entry,
    EntryKind,
    KnownWitness,
    LogProof,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
)

SIGNER = NoteSigner.generate("990101.example/log")
NOBODY = NoteSigner.generate("nobody.example/w", type=SignatureType.COSIGNATURE_V1)


def entry(number: int) -> Entry:
    return Entry(
        kind=EntryKind.CERTIFICATE,
        digest=digest_bytes(b"certificate %d" % number),
        salt=f"salt-of-this-entry-{number:08d}",
    )


def opened(folder: Path, policy: WitnessPolicy | None = None) -> LogKeeper:
    path = folder / "log"
    log = TileLog(path, SIGNER) if path.exists() else TileLog.create(path, SIGNER)
    return LogKeeper(log, policy=policy)


def index_of(text: str, one: Entry) -> int:
    found = LogProof.parse(text.encode()).check(one.encode(), log=SIGNER.key, witnesses=())
    return found.index


async def test_whoever_asks_again_gets_the_first_proof(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        first = await log.enter([entry(1), entry(2)])
        await log.enter([entry(3)])
        assert await log.enter([entry(2), entry(1)]) == (first[1], first[0])
        assert keeper.log.size == 3
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        assert await log.enter([entry(1), entry(2)]) == first
        assert keeper.log.size == 3


async def test_one_thing_twice_in_one_question_is_one_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        one, other = await log.enter([entry(1), entry(1)])
        assert (one == other, keeper.log.size) == (True, 1)


async def test_many_who_ask_at_once_make_one_entry_each(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        asked = [[entry(n % 7), entry(n % 5 + 10)] for n in range(40)]
        proofs = await asyncio.gather(*(log.enter(one) for one in asked))
        assert keeper.log.size == 12
        for entries, texts in zip(asked, proofs, strict=True):
            for one, text in zip(entries, texts, strict=True):
                index_of(text, one)


async def test_what_was_appended_before_a_crash_is_found(tmp_path: Path) -> None:
    """The log has it, and the index was not written: nothing is appended again."""
    async with opened(tmp_path) as keeper:
        async with EntryLog(keeper) as log:
            await log.enter([entry(0)])
        await keeper.append([entry(n).encode() for n in range(1, 400)])
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        (text,) = await log.enter([entry(399)])
        assert index_of(text, entry(399)) == 399
        assert keeper.log.size == 400


async def test_an_index_that_is_lost_is_made_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        await log.enter([entry(n) for n in range(300)])
    for path in (tmp_path / "log" / "private").glob("entered.db*"):
        path.unlink()
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        (text,) = await log.enter([entry(7)])
        assert (index_of(text, entry(7)), keeper.log.size) == (7, 300)


async def test_a_log_that_came_from_an_older_backup_is_told_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        await log.enter([entry(1)])
    (tmp_path / "elsewhere").mkdir()
    older = opened(tmp_path / "elsewhere")
    async with older:
        source = tmp_path / "log" / "private" / "entered.db"
        (tmp_path / "elsewhere" / "log" / "private" / "entered.db").write_bytes(source.read_bytes())
        with pytest.raises(LogStoreError, match="restore both"):
            await EntryLog(older).__aenter__()


async def test_without_witnesses_it_stays_unproven_and_is_not_entered_twice(
    tmp_path: Path,
) -> None:
    nobody = KnownWitness(name="nobody", key=NOBODY.key)
    policy = WitnessPolicy(witnesses=(nobody,), quorum="nobody")

    class NoWeb:
        async def exchange(self, request: object) -> object:
            raise AssertionError(request)

    path = tmp_path / "log"
    async with (
        LogKeeper(TileLog.create(path, SIGNER), policy=policy, web=NoWeb()) as keeper,  # type: ignore[arg-type]
        EntryLog(keeper) as log,
    ):
        for _ in range(3):
            with pytest.raises(TooFewWitnessesError):
                await log.enter([entry(1)])
        assert keeper.log.size == 1
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:  # nobody is asked now
        (text,) = await log.enter([entry(1)])
        assert (index_of(text, entry(1)), keeper.log.size) == (0, 1)


async def test_who_gives_up_leaves_no_second_entry(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        asking = asyncio.create_task(log.enter([entry(1)]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await log.enter([entry(1)])
        assert keeper.log.size == 1


async def test_sets_that_overlap_make_one_place_each(tmp_path: Path) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        asked = [[entry((n + k) % 60) for k in range(3)] for n in range(60)]
        found = await asyncio.gather(*(log.enter(some) for some in asked))
        assert keeper.log.size == 60
        proofs: dict[int, set[str]] = {}
        for n, texts in enumerate(found):
            for k, text in enumerate(texts):
                proofs.setdefault((n + k) % 60, set()).add(text)
        assert all(len(each) == 1 for each in proofs.values()), "the first proof is everybody's"
        places = [index_of(text, entry(n)) for n, (text,) in proofs.items()]
        assert sorted(places) == list(range(60))


async def test_nobody_waits_until_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who come together are at the log together, where they share a flush."""
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:
        append, here, all_here = keeper.append, set[int](), asyncio.Event()

        async def together(some: Sequence[bytes]) -> range:
            here.add(id(some))
            if len(here) == 20:
                all_here.set()
            async with asyncio.timeout(20):
                await all_here.wait()
            return await append(some)

        monkeypatch.setattr(keeper, "append", together)
        await asyncio.gather(*(log.enter([entry(n)]) for n in range(20)))
        assert keeper.log.size == 20


async def test_whoever_waits_for_a_claim_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as keeper, EntryLog(keeper) as log:

        async def broken(_: object) -> range:
            await asyncio.sleep(0)
            msg = "the disk failed"
            raise LogStoreError(msg)

        with monkeypatch.context() as patch:
            patch.setattr(keeper, "append", broken)
            found = await asyncio.gather(
                *(log.enter([entry(1)]) for _ in range(3)), return_exceptions=True
            )
        assert [type(one) for one in found] == [LogStoreError] * 3
        (text,) = await log.enter([entry(1)])
        assert (index_of(text, entry(1)), keeper.log.size) == (0, 1)
