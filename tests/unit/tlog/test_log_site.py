"""The static site of a log, anchors, and many tasks that log at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import (
    LogMalformedError,
    LogProofError,
    LogRefusedError,
    LogStoreError,
    TooFewWitnessesError,
)
from oneservice.ports import WebAnswer, WebRequest
from oneservice.tlog import (
    EntryLog,
    FileAnchor,
    LogKeeper,
    LogReceipt,
    LogSite,
    SiteView,
    TileLog,
    Witness,
    WitnessSite,
    consistency_from,
    entries_from,
    fresh_salt,
    inclusion_from,
)
from oneservice.transparency import (
    Entry,
    EntryKind,
    KnownWitness,
    LogProof,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
    check_consistency,
    open_checkpoint,
)

Entries = Callable[..., list[bytes]]


def publish(log: TileLog) -> bytes:
    note = log.sign().note.dump()
    log.publish(note)
    return note


async def test_readers_of_an_older_head_still_get_their_proofs(
    log: TileLog, entries: Entries, loopback: Any
) -> None:
    """Partial tiles are gone: the full ones are cut."""
    web = loopback({"log": LogSite(log.folder)})
    view = SiteView("http://log", web)
    log.append(entries(200))
    note = publish(log)
    log.append(entries(800, 200))
    newer = publish(log)
    for index in (0, 199):
        proof = await inclusion_from(view, index=index, size=200, checkpoint=note)
        proof.check(b"entry %d" % index, log=log.signer.key)
    parts = [one async for one in entries_from(view, 150, 180, size=200)]
    assert parts == [(150, tuple(entries(30, 150)))]
    old, new = (open_checkpoint(one, log=log.signer.key).checkpoint for one in (note, newer))
    proof_hashes = await consistency_from(view, 200, 1000)
    check_consistency(
        old_size=200, old_root=old.root, new_size=1000, new_root=new.root, proof=proof_hashes
    )
    with pytest.raises(LogProofError):
        await inclusion_from(view, index=1000, size=1000, checkpoint=newer)
    with pytest.raises(LogStoreError, match="missing"):
        await inclusion_from(view, index=5, size=70_000, checkpoint=newer)


async def test_the_site_gives_out_public_files_only(
    log: TileLog, entries: Entries, loopback: Any
) -> None:
    web = loopback({"log": LogSite(log.folder)})

    async def get(path: str, method: str = "GET") -> WebAnswer:
        found: WebAnswer = await web.exchange(WebRequest(url=f"http://log/{path}", method=method))
        return found

    assert (await get("checkpoint")).status == 404
    log.append(entries(300))
    note = publish(log)
    head = await get("checkpoint")
    assert (head.status, head.body) == (200, note)
    assert head.headers["content-type"] == "text/plain; charset=utf-8"
    assert head.headers["cache-control"] == "no-cache"
    tile = await get("tile/0/000")
    assert (tile.status, len(tile.body)) == (200, 8192)
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert (await get("tile/0/001.p/44")).status == 200
    assert (await get("tile/entries/001.p/44")).status == 200
    bodiless = await get("tile/0/000", "HEAD")
    assert (bodiless.body, bodiless.headers["content-length"]) == (b"", "8192")
    refused = await get("checkpoint", "POST")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")
    for hidden in (
        "private/signed",
        "private/lock",
        "tile/0/../../private/signed",
        "tile/0/000.new",
        "tile/0/x000/000",
        "tile",
        "",
    ):
        assert (await get(hidden)).status == 404, hidden


async def test_tasks_share_their_flushes(
    tmp_path: Path, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes: list[int] = []
    keeper = LogKeeper(TileLog.create(tmp_path / "log", signer))
    append = keeper.log.append
    monkeypatch.setattr(
        keeper.log, "append", lambda some: flushes.append(len(some)) or append(some)
    )
    async with keeper:
        places = await asyncio.gather(*(keeper.append([b"%d" % one]) for one in range(500)))
        assert sorted(one.start for one in places) == list(range(500))
        assert sum(flushes) == 500
        assert len(flushes) < 10
        await keeper.publish()
        proofs = await asyncio.gather(*(keeper.prove(place.start) for place in places[:20]))
        for number, proof in enumerate(proofs):
            proof.check(b"%d" % number, log=signer.key)
        with pytest.raises(LogMalformedError):
            await keeper.append([b"x" * 70_000])
        assert await keeper.append([b"fine"]) == range(500, 501)


async def test_whoever_waits_for_a_proof_shares_the_head(
    tmp_path: Path, signer: NoteSigner, cosigner: NoteSigner, clock: Any, loopback: Any
) -> None:
    policy = WitnessPolicy(
        witnesses=(KnownWitness(name="w", key=cosigner.key, url="http://w"),), quorum="w"
    )
    log = TileLog.create(tmp_path / "log", signer)
    with Witness(tmp_path / "w", signers=[cosigner], logs=[signer.key], clock=clock) as witness:
        web = loopback({"w": WitnessSite(witness)})
        keeper = LogKeeper(log, policy=policy, web=web)
        async with keeper, EntryLog(keeper) as uses:
            entries = [
                Entry(kind=EntryKind.SEAL_USE, digest=digest_bytes(b"%d" % one), salt=fresh_salt())
                for one in range(50)
            ]
            found = await asyncio.gather(*(uses.enter([one]) for one in entries))
            for entry, (text,) in zip(entries, found, strict=True):
                proof = LogProof.parse(text.encode())
                shown = proof.check(entry.encode(), log=signer.key, witnesses=[cosigner.key])
                assert shown.cosigned == ((cosigner.key.name, clock.now()),)
            assert len(web.asked) < 10
            assert await uses.enter(entries) == tuple(text for (text,) in found)
            del web.sites["w"]
            with pytest.raises(TooFewWitnessesError):
                await uses.enter([replace(entries[0], kind=EntryKind.SEAL_REFUSAL)])


async def test_a_failed_disk_tells_everybody(
    tmp_path: Path, signer: NoteSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    async with LogKeeper(TileLog.create(tmp_path / "log", signer)) as keeper:
        monkeypatch.setattr("os.fdatasync", fails)
        tasks = [keeper.append([b"a"]), keeper.append([b"b"])]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in found] == [LogStoreError, LogStoreError]
        monkeypatch.undo()


async def test_witnesses_without_addresses_are_missing(
    tmp_path: Path, signer: NoteSigner, cosigner: NoteSigner, loopback: Any
) -> None:
    policy = WitnessPolicy(witnesses=(KnownWitness(name="w", key=cosigner.key),), quorum="w")
    log = TileLog.create(tmp_path / "log", signer)
    async with LogKeeper(log, policy=policy, web=loopback({})) as keeper:
        with pytest.raises(TooFewWitnessesError):
            await keeper.publish()


async def test_an_anchor_keeps_heads_in_order(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    anchor = FileAnchor(tmp_path / "heads.jsonl")
    assert await anchor.anchored() == ()
    notes = []
    async with LogKeeper(TileLog.create(tmp_path / "log", signer), anchor=anchor) as keeper:
        for number in range(3):
            await keeper.append(entries(2, 2 * number))
            notes.append((await keeper.publish()).note)
        await keeper.publish()
    assert await anchor.anchored() == tuple(notes)
    data = (tmp_path / "heads.jsonl").read_bytes()
    (tmp_path / "heads.jsonl").write_bytes(data[:-5])
    assert await anchor.anchored() == tuple(notes[:2]), "a line that was cut off was never told"
    place = await anchor.anchor(notes[2])
    assert place.endswith("heads.jsonl:3")
    assert (tmp_path / "heads.jsonl").read_bytes() == data
    (tmp_path / "heads.jsonl").write_bytes(data.replace(b"previous", b"previouz", 1))
    with pytest.raises(LogStoreError, match="evidence"):
        await anchor.anchored()
    (tmp_path / "heads.jsonl").write_bytes(data.split(b"\n", 1)[1])
    with pytest.raises(LogStoreError, match="evidence"):
        await anchor.anchored()


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":"oneservice-log-receipt/1"}'])
def test_what_is_no_receipt_is_refused(data: bytes) -> None:
    with pytest.raises(LogMalformedError):
        LogReceipt.parse(data)


def test_salts_are_fresh_and_long() -> None:
    salts = {fresh_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(one) for one in salts} == {32}


def test_a_published_head_is_the_signed_one(log: TileLog, entries: Entries) -> None:
    log.append(entries(3))
    head = log.sign()
    kind = SignatureType.COSIGNATURE_V1
    stranger = NoteSigner.generate("stranger.example/w", type=kind)
    line = stranger.sign(head.note.text, at=datetime(2026, 1, 1, tzinfo=UTC))
    log.publish(head.note.with_signatures([line]).dump())
    with pytest.raises(LogProofError):
        log.publish(head.note.dump().replace(b"\n3\n", b"\n4\n"))
    log.append(entries(1, 3))
    log.sign()
    with pytest.raises(LogRefusedError):
        log.publish(head.note.dump())
    assert open_checkpoint(log.folder.checkpoint() or b"", log=log.signer.key).checkpoint.size == 3
