"""A log in a folder: what it promises, after every size, every cut, every kind of damage."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from oneservice.errors import (
    LogLockedError,
    LogMalformedError,
    LogProofError,
    LogRefusedError,
    LogStoreError,
)
from oneservice.tlog import TileLog
from oneservice.transparency import (
    ENTRIES,
    CompactRange,
    NoteSigner,
    SignatureType,
    Tile,
    check_consistency,
    leaf_hash,
    open_checkpoint,
    parse_entry_bundle,
    tiles_of,
)

Entries = Callable[..., list[bytes]]


def published(log: TileLog) -> bytes:
    head = log.sign()
    log.publish(head.note.dump())
    return head.note.dump()


@pytest.mark.parametrize(
    "sizes", [(1,), (256,), (255, 1, 1), (300, 500, 2), (65_536, 1), (70_000,)]
)
def test_everything_that_was_appended_is_proven(
    log: TileLog, signer: NoteSigner, entries: Entries, sizes: tuple[int, ...]
) -> None:
    total, heads = 0, []
    for size in sizes:
        places = log.append(entries(size, total))
        assert places == range(total, total + size)
        total += size
        heads.append(open_checkpoint(published(log), log=signer.key).checkpoint)
        assert heads[-1].size == log.size == total
    everything = entries(total)
    assert heads[-1].root == CompactRange().grown(map(leaf_hash, everything)).root
    for index in {0, 1, total // 2, total - 1} & set(range(total)):
        log.prove(index).check(everything[index], log=signer.key)
    for old in heads[:-1]:
        check_consistency(
            old_size=old.size,
            old_root=old.root,
            new_size=heads[-1].size,
            new_root=heads[-1].root,
            proof=log.consistency(old.size, heads[-1].size),
        )
    for tile in tiles_of(total):
        data = log.folder.read(tile)
        if tile.level == ENTRIES:
            first = tile.index * 256
            expected = tuple(everything[first : first + tile.width])
            assert parse_entry_bundle(data, count=tile.width) == expected


def test_partial_tiles_go_when_the_full_one_is_published(log: TileLog, entries: Entries) -> None:
    log.append(entries(10))
    published(log)
    partial = log.folder.tile_path(Tile(0, 0, 10))
    assert partial.exists()
    log.append(entries(250, 10))
    log.sign()
    assert partial.exists(), "a reader of the published head still needs it"
    published(log)
    assert not partial.parent.exists()
    assert log.folder.tile_path(Tile(0, 0)).exists()


def test_an_empty_log_has_a_head(log: TileLog, signer: NoteSigner) -> None:
    head = open_checkpoint(published(log), log=signer.key).checkpoint
    assert (head.size, head.root) == (0, CompactRange().root)
    with pytest.raises(LogProofError):
        log.prove(0)


def test_what_was_appended_is_there_after_reopening(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries(3))
        log.integrate()
        log.append(entries(4, 3))
    with TileLog(tmp_path / "log", signer) as log:
        assert log.size == 7
        log.append(entries(2, 7))
        published(log)
        assert log.prove(8).check(b"entry 8", log=signer.key).size == 9


def test_every_cut_of_the_last_batch_loses_at_most_that(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    """A torn write: whatever the disk kept of it, what was promised before is there."""
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries(3))
        whole = (log.folder.private / "waiting").stat().st_size
        log.append(entries(2, 3))
    waiting = tmp_path / "log" / "private" / "waiting"
    data = waiting.read_bytes()
    for kept in range(whole, len(data) + 1):
        waiting.write_bytes(data[:kept])
        with TileLog(tmp_path / "log", signer) as log:
            assert log.size == (5 if kept == len(data) else 3)
        holes = bytearray(data)
        holes[whole:kept] = bytes(kept - whole)
        waiting.write_bytes(holes)
        with TileLog(tmp_path / "log", signer) as log:
            assert log.size == (5 if kept == whole else 3)


def test_damage_before_the_last_batch_is_told(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries(3))
        log.append(entries(3, 3))
    waiting = tmp_path / "log" / "private" / "waiting"
    data = bytearray(waiting.read_bytes())
    data[60] ^= 1
    waiting.write_bytes(data)
    with pytest.raises(LogStoreError, match="middle"):
        TileLog(tmp_path / "log", signer)


def test_an_entry_cannot_pose_as_a_batch(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries(3))
    frame = (tmp_path / "log" / "private" / "waiting").read_bytes()
    with TileLog.create(tmp_path / "other", signer) as log:
        log.append([frame])
    waiting = tmp_path / "other" / "private" / "waiting"
    waiting.write_bytes(waiting.read_bytes()[:-1])
    with TileLog(tmp_path / "other", signer) as log:
        assert log.size == 0


def test_one_owner(log: TileLog, signer: NoteSigner) -> None:
    with pytest.raises(LogLockedError):
        TileLog(log.folder.path, signer)
    with pytest.raises(LogStoreError, match="already"):
        TileLog.create(log.folder.path, signer)


def test_another_key_opens_nothing(log: TileLog) -> None:
    with pytest.raises(LogStoreError, match="another key"):
        TileLog(log.folder.path, NoteSigner.generate(log.signer.key.name))


def test_a_witness_key_makes_no_log(tmp_path: Path, cosigner: NoteSigner) -> None:
    with pytest.raises(LogMalformedError, match="cosignatures"):
        TileLog.create(tmp_path / "log", cosigner)


def test_an_old_copy_of_the_folder_signs_nothing(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    """The tiles were restored from a backup, what was signed is known: no second history."""
    path = tmp_path / "log"
    with TileLog.create(path, signer) as log:
        log.append(entries(3))
        published(log)
    shutil.copytree(path, tmp_path / "backup")
    with TileLog(path, signer) as log:
        log.append(entries(3, 3))
        published(log)
    signed = (path / "private" / "signed").read_bytes()
    shutil.rmtree(path)
    shutil.copytree(tmp_path / "backup", path)
    (path / "private" / "signed").write_bytes(signed)
    with pytest.raises(LogRefusedError, match="older"):
        TileLog(path, signer)


def test_tiles_of_another_history_are_refused(
    tmp_path: Path, signer: NoteSigner, entries: Entries
) -> None:
    for name, first in (("log", 0), ("fork", 100)):
        with TileLog.create(tmp_path / name, signer) as log:
            log.append(entries(5, first))
            published(log)
    shutil.copy(tmp_path / "log/private/signed", tmp_path / "fork/private/signed")
    with pytest.raises(LogRefusedError, match="second history"):
        TileLog(tmp_path / "fork", signer)


def test_a_fork_under_the_open_log_is_not_signed(log: TileLog, entries: Entries) -> None:
    log.append(entries(300))
    published(log)
    log.append(entries(300, 300))
    log.integrate()
    tile = log.folder.tile_path(Tile(1, 0, 2))
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    with pytest.raises(LogRefusedError, match="second history"):
        log.sign()


@pytest.mark.parametrize("name", ["tree", "log.json", "signed"])
def test_damaged_memory_is_told(
    tmp_path: Path, signer: NoteSigner, entries: Entries, name: str
) -> None:
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append(entries(5))
        published(log)
    (tmp_path / "log" / "private" / name).write_bytes(b"{}")
    with pytest.raises(LogStoreError):
        TileLog(tmp_path / "log", signer)


def test_only_the_last_signed_head_is_published(log: TileLog, entries: Entries) -> None:
    log.append(entries(1))
    first = log.sign().note.dump()
    log.append(entries(1, 1))
    log.sign()
    with pytest.raises(LogRefusedError):
        log.publish(first)


def test_a_head_is_signed_once(log: TileLog, entries: Entries) -> None:
    log.append(entries(1))
    assert log.sign() == log.sign()


def test_an_entry_has_a_limit(log: TileLog) -> None:
    with pytest.raises(LogMalformedError, match="65535"):
        log.append([b"x" * 65_536])
    assert log.size == 0
    assert log.append([b"x" * 65_535]) == range(1)
    assert log.append([]) == range(1, 1)


def test_after_a_failed_disk_the_log_must_be_reopened(
    log: TileLog, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fdatasync", fails)
        with pytest.raises(LogStoreError, match="No space"):
            log.append(entries(1))
    with pytest.raises(LogStoreError, match="open it again"):
        log.append(entries(1))


def test_the_private_part_is_private(log: TileLog) -> None:
    assert stat.S_IMODE(log.folder.private.stat().st_mode) == 0o700


def test_there_is_no_log_in_a_folder_without_one(tmp_path: Path, signer: NoteSigner) -> None:
    with pytest.raises(LogStoreError, match="no log"):
        TileLog(tmp_path, signer)


def test_keys_of_both_kinds(tmp_path: Path) -> None:
    """ML-DSA cosignatures hold as well, where this installation has them."""
    pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    kind = SignatureType.COSIGNATURE_ML_DSA_44
    witness = NoteSigner.generate("witness.example/pq", type=kind)
    signer = NoteSigner.generate("log.example/pq")
    from datetime import UTC, datetime  # noqa: PLC0415 - this test alone

    at = datetime(2026, 9, 28, tzinfo=UTC)
    with TileLog.create(tmp_path / "log", signer) as log:
        log.append([b"x"])
        head = log.sign()
        note = head.note.with_signatures([witness.sign(head.note.text, at=at)])
        opened = open_checkpoint(note.dump(), log=signer.key, witnesses=[witness.key])
        assert opened.cosigned == ((witness.key.name, at),)
        again = NoteSigner.from_pem(witness.to_pem(b"pw"), name="w", password=b"pw", type=kind)
        assert again.key.public == witness.key.public
