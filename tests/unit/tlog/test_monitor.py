"""A monitor against logs that lie in every way that there is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.clocks import VirtualClock
from oneservice.errors import LogStoreError
from oneservice.tlog import (
    Concern,
    FolderView,
    LogFolder,
    LogSite,
    Monitoring,
    MonitorState,
    SiteView,
    TileLog,
    Watched,
    Witness,
    WitnessSite,
    collect_cosignatures,
    observe,
    origin_hash,
)
from oneservice.transparency import (
    ENTRIES,
    Entry,
    EntryKind,
    KnownWitness,
    NoteSigner,
    SplitView,
    Tile,
    WitnessPolicy,
    entry_bundle,
)

Entries = Callable[..., list[bytes]]
NOBODY = WitnessPolicy()


def made(path: Path, signer: NoteSigner, *parts: Sequence[bytes]) -> Path:
    """A log that published after each part."""
    with TileLog.create(path, signer) as log:
        for one in parts:
            log.append(one)
            log.publish(log.sign().note.dump())
    return path


def grown(path: Path, signer: NoteSigner, entries: Sequence[bytes]) -> None:
    with TileLog(path, signer) as log:
        log.append(entries)
        log.publish(log.sign().note.dump())


async def look(
    signer: NoteSigner,
    clock: VirtualClock,
    *paths: Path,
    last: MonitorState | None = None,
    policy: WitnessPolicy = NOBODY,
    **more: Any,
) -> Monitoring:
    watched = [Watched(view=FolderView(LogFolder(one))) for one in paths]
    return await observe(watched, log=signer.key, policy=policy, last=last, at=clock.now(), **more)


def concerns(found: Monitoring) -> list[Concern]:
    return [one.concern for one in found.observations]


@pytest.mark.parametrize(("old", "more"), [(1, 1), (256, 0), (255, 2), (300, 700), (1, 70_000)])
async def test_a_log_that_grows_is_fine(
    *,
    tmp_path: Path,
    signer: NoteSigner,
    clock: VirtualClock,
    entries: Entries,
    old: int,
    more: int,
) -> None:
    path = made(tmp_path / "log", signer, entries(old))
    first = await look(signer, clock, path, reads_entries=True)
    assert concerns(first) == []
    assert first.state is not None
    first.state.save(tmp_path / "state")
    last = MonitorState.load(tmp_path / "state", log=signer.key)
    assert last == first.state
    grown(path, signer, entries(more, old))
    second = await look(signer, clock, path, last=last, reads_entries=True)
    assert concerns(second) == []
    assert second.head is not None
    assert second.head.checkpoint.size == old + more
    assert sum(second.entries.values()) == more


async def test_kinds_are_counted(tmp_path: Path, signer: NoteSigner, clock: VirtualClock) -> None:
    logged = [
        Entry(kind=kind, digest=digest_bytes(b"x"), salt="s" * 22).encode() for kind in EntryKind
    ]
    path = made(tmp_path / "log", signer, [*logged, b"of another program"])
    found = await look(signer, clock, path, reads_entries=True)
    assert found.entries == {**dict.fromkeys(map(str, EntryKind), 1), "other": 1}


@pytest.mark.parametrize("size", [5, 4, 9])
async def test_two_views_convict_the_log(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries, size: int
) -> None:
    """One key, two histories, in two places: whichever is larger."""
    ours = made(tmp_path / "a", signer, entries(5))
    theirs = made(tmp_path / "b", signer, entries(size, 100))
    found = await look(signer, clock, ours, theirs)
    assert concerns(found) == [Concern.SPLIT_VIEW]
    SplitView.parse(found.observations[0].evidence).check(log=signer.key)
    assert found.state is None, "nothing of it is remembered as good"
    assert found.is_certainly_wrong


async def test_history_that_was_rewritten_convicts_the_log(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    path = made(tmp_path / "log", signer, entries(300))
    first = await look(signer, clock, path)
    shutil.rmtree(path)
    made(path, signer, [*entries(299), b"forged"], entries(200, 300))
    found = await look(signer, clock, path, last=first.state)
    assert concerns(found) == [Concern.SPLIT_VIEW]
    SplitView.parse(found.observations[0].evidence).check(log=signer.key)
    assert found.state == first.state


async def test_a_log_that_shrank_is_told(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    path = made(tmp_path / "log", signer, entries(300))
    first = await look(signer, clock, path)
    shutil.rmtree(path)
    made(path, signer, entries(200))
    found = await look(signer, clock, path, last=first.state)
    assert concerns(found) == [Concern.ROLLBACK]
    assert found.observations[0].facts["seen_size"] == 300
    assert found.state == first.state


async def test_another_key_is_told(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    thief = NoteSigner.generate(signer.key.name)
    path = made(tmp_path / "log", thief, entries(3))
    found = await look(signer, clock, path)
    assert concerns(found) == [Concern.UNKNOWN_KEY]
    assert found.head is None


async def test_a_forged_head_is_told(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    path = made(tmp_path / "log", signer, entries(3))
    head = path / "checkpoint"
    head.write_bytes(head.read_bytes().replace(b"\n3\n", b"\n4\n"))
    assert concerns(await look(signer, clock, path)) == [Concern.FORGED]
    head.write_bytes(b"no note")
    assert concerns(await look(signer, clock, path)) == [Concern.DAMAGED]
    head.unlink()
    gone = await look(signer, clock, path)
    assert concerns(gone) == [Concern.UNREACHABLE]
    assert gone.is_undecided
    assert not gone.is_certainly_wrong


async def test_damaged_tiles_and_entries_are_told(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    path = made(tmp_path / "log", signer, entries(10))
    bundle = path / Tile(ENTRIES, 0, 10).path
    bundle.write_bytes(entry_bundle([b"forged", *entries(10)[1:]]))
    assert concerns(await look(signer, clock, path)) == []
    assert concerns(await look(signer, clock, path, reads_entries=True)) == [Concern.DAMAGED]
    tile = path / Tile(0, 0, 10).path
    good = tile.read_bytes()
    for bad in (good[:-1], good[:-32] + bytes(32), b""):
        tile.write_bytes(bad)
        assert concerns(await look(signer, clock, path)) == [Concern.DAMAGED]
    tile.unlink()
    assert concerns(await look(signer, clock, path)) == [Concern.DAMAGED]


async def test_a_mirror_may_be_behind(
    tmp_path: Path, signer: NoteSigner, clock: VirtualClock, entries: Entries
) -> None:
    path = made(tmp_path / "log", signer, entries(300))
    shutil.copytree(path, tmp_path / "mirror")
    grown(path, signer, entries(300, 300))
    assert concerns(await look(signer, clock, path, tmp_path / "mirror")) == []
    assert concerns(await look(signer, clock, tmp_path / "mirror", path)) == []


async def test_sites_and_witnesses_are_compared(
    *,
    tmp_path: Path,
    signer: NoteSigner,
    cosigner: NoteSigner,
    clock: VirtualClock,
    entries: Entries,
    loopback: Any,
) -> None:
    """The log shows its witness one history, and readers another; who asks both convicts it."""
    key = cosigner.key
    policy = WitnessPolicy(witnesses=(KnownWitness(name="w", key=key, url="http://w"),), quorum="w")
    keys = {"signers": [cosigner], "logs": [signer.key], "clock": clock}
    with (
        Witness(tmp_path / "w", **keys) as witness,
        TileLog.create(tmp_path / "log", signer) as log,
    ):
        web = loopback({"w": WitnessSite(witness), "log": LogSite(log.folder)})
        log.append(entries(300))
        head = log.sign()
        done = await collect_cosignatures(head, policy=policy, web=web, consistency=log.consistency)
        log.publish(done.note)
        site = Watched(view=SiteView("http://log/", web))
        name = f"{origin_hash(signer.key.name)}/checkpoint"
        seen = Watched(view=SiteView("http://w", web, head=name), has_tiles=False)

        async def see(**more: Any) -> Monitoring:
            return await observe(
                [site, seen], log=signer.key, policy=policy, last=None, at=clock.now(), **more
            )

        day = timedelta(days=1)
        assert concerns(await see(max_age=day, reads_entries=True)) == []
        clock.advance(2 * day)
        assert concerns(await see(max_age=day)) == [Concern.STALE]
        log.publish(head.note.dump())
        assert concerns(await see()) == [Concern.TOO_FEW_WITNESSES]
        # The witness is shown a larger tree that readers do not get.
        log.append(entries(1, 300))
        more = log.sign()
        await collect_cosignatures(
            more, policy=policy, web=web, consistency=log.consistency, known={"w": 300}
        )
        found = concerns(await see())
        assert found == [Concern.BEHIND, Concern.TOO_FEW_WITNESSES]
        made(tmp_path / "fork", signer, entries(400, 1000))
        web.sites["log"] = LogSite(LogFolder(tmp_path / "fork"))
        convicted = await see()
        assert Concern.SPLIT_VIEW in concerns(convicted)
        (evidence,) = [one.evidence for one in convicted.observations if one.evidence]
        SplitView.parse(evidence).check(log=signer.key)
        del web.sites["w"]
        assert Concern.UNREACHABLE in concerns(await see())


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"not json", b'{"format":"other"}'])
def test_a_damaged_memory_is_never_a_first_look(
    tmp_path: Path, signer: NoteSigner, damage: bytes
) -> None:
    path = tmp_path / "state"
    assert MonitorState.load(path, log=signer.key) is None
    path.write_bytes(damage)
    with pytest.raises(LogStoreError, match="not what a monitor"):
        MonitorState.load(path, log=signer.key)
