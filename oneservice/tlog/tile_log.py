"""A log in a folder: append, sign, publish, prove. One owner, nothing lost, nothing said twice.

Theory of operation. ``append`` writes a batch to one file and flushes it: from then on the entries
have their places (:mod:`waiting`). ``integrate`` makes tiles of them and flushes those. ``sign``
signs the head of what is in tiles, and writes the signed head down *before anybody sees it*: the
next head must be a larger tree with this one as its beginning, or nothing is signed. ``publish``
puts a signed head, with cosignatures, where readers look. A process killed anywhere on this way
goes on from what is on the disk, and gives out the same tiles.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Self

from oneservice.errors import LogMalformedError, LogRefusedError, LogStoreError, OneServiceError
from oneservice.tlog.files import OwnerLock, read_bytes, replace_file, translated, write_files
from oneservice.tlog.folder import Identity, LogFolder
from oneservice.tlog.restoring import (
    refuse_contradiction,
    restored_tree,
    tidy,
    tree_file,
    unfinished_entries,
)
from oneservice.tlog.waiting import WaitingEntries
from oneservice.transparency import (
    ENTRIES,
    MAX_ENTRY_BYTES,
    MAX_NOTE_BYTES,
    WIDTH,
    Checkpoint,
    GrowingTree,
    LogProof,
    OpenedCheckpoint,
    PrefixProof,
    SignsNotes,
    Tile,
    TileHashes,
    consistency_proof,
    entry_bundle,
    inclusion_proof,
    leaf_hash,
    open_checkpoint,
    prefix_proof,
    signed_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

__all__ = ["TileLog"]

_MOST_WAITING: Final = 65_536
"""Entries that may wait in memory before they are put into tiles."""


class TileLog:
    """A log that this process owns; close with :meth:`close`, or use it as a context.

    All methods block on the disk; a server calls them in a thread of their own, one at a time.

    Args:
        path: the folder.
        signer: the key of this log.

    Raises:
        LogStoreError: there is no log, it is damaged, or belongs to another key.
        LogLockedError: another process has it open.
        LogRefusedError: the folder is older than a head that was signed, or contradicts it.
    """

    def __init__(self, path: Path, signer: SignsNotes) -> None:
        self.folder = LogFolder(path)
        self.signer = signer
        self._is_broken = False
        if self.folder.identity().key != signer.key:
            msg = f"{path}: the log belongs to another key than {signer.key.vkey}; name its own"
            raise LogStoreError(msg)
        self._lock = OwnerLock(self.folder.private / "lock")
        try:
            self._tree = restored_tree(self.folder)
            self._edge = unfinished_entries(self.folder, self._tree.size)
            self._waiting = WaitingEntries(self.folder.private / "waiting", since=self._tree.size)
            self._signed = self._last_signed()
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def create(cls, path: Path, signer: SignsNotes) -> TileLog:
        """Make an empty log in ``path``, which must not hold one, and open it.

        Raises:
            LogStoreError: a log is there already, or the folder cannot be written.
            LogMalformedError: the key is one of a witness.
        """
        if signer.key.type.is_cosignature:
            msg = "a log signs with an Ed25519 key, not with one for cosignatures"
            raise LogMalformedError(msg)
        folder = LogFolder(path)
        if folder.private.exists() or folder.checkpoint_path.exists():
            msg = f"{path}: there is a log already, or a part of one; name another folder"
            raise LogStoreError(msg)
        with translated(path):
            folder.private.mkdir(parents=True)
            folder.private.chmod(0o700)
        replace_file(folder.private / "tree", tree_file(GrowingTree()))
        replace_file(folder.identity_path, Identity(key=signer.key).dump())
        return cls(path, signer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the log; entries that wait stay where they are."""
        self._waiting.close()
        self._lock.release()

    @property
    def size(self) -> int:
        """How many entries have a place."""
        return self._tree.size + len(self._waiting.entries)

    @property
    def signed(self) -> OpenedCheckpoint | None:
        """The last head that was signed, published or not."""
        return self._signed

    def append(self, entries: Sequence[bytes]) -> range:
        """Give each entry its place; they are on the disk when this returns.

        Args:
            entries: the bytes of leaves (:meth:`Entry.encode`), in order; one flush for them all.

        Returns:
            Their indices.

        Raises:
            LogMalformedError: an entry has more than 65,535 bytes, or the batch more than 64 MiB;
                nothing was appended.
            LogStoreError: the disk failed; open the log again to see what it holds.
        """
        self._refuse_broken()
        if any(len(one) > MAX_ENTRY_BYTES for one in entries):
            msg = f"an entry has more than {MAX_ENTRY_BYTES} bytes; log its digest instead"
            raise LogMalformedError(msg)
        start = self.size
        if entries:
            with self._breaking():
                self._waiting.append(entries, start=start)
        if len(self._waiting.entries) >= _MOST_WAITING:
            self.integrate()
        return range(start, start + len(entries))

    def integrate(self) -> None:
        """Put what waits into tiles; they are on the disk when this returns.

        Raises:
            LogStoreError: the disk failed; open the log again, nothing is lost.
        """
        self._refuse_broken()
        entries = self._waiting.entries
        if not entries:
            return
        with self._breaking():
            first = self._tree.size - len(self._edge)
            tiles = self._tree.extend([leaf_hash(one) for one in entries])
            tiles += self._tree.unfinished()
            tiles += self._bundles(first, entries)
            write_files([(self.folder.tile_path(tile), data) for tile, data in tiles])
            replace_file(self.folder.private / "tree", tree_file(self._tree))
            self._waiting.clear()

    def sign(self) -> OpenedCheckpoint:
        """Return the signed head of all entries that have a place; nobody has seen it yet.

        Raises:
            LogRefusedError: the tiles on the disk do not contain the tree that was signed last.
            LogStoreError: the disk failed.
        """
        self.integrate()
        self._refuse_contradiction()
        key, size = self.signer.key, self._tree.size
        if self._signed is not None and self._signed.checkpoint.size == size:
            return self._signed
        head = Checkpoint(origin=key.name, size=size, root=self._tree.root)
        note = signed_note(head.text, self.signer).dump()
        opened = open_checkpoint(note, log=key)
        with self._breaking():
            replace_file(self.folder.private / "signed", note)
        self._signed = opened
        return opened

    def publish(self, note: bytes) -> None:
        """Put a head that :meth:`sign` gave out, with its cosignatures, where readers look.

        Raises:
            LogRefusedError: it is not the head that was signed last.
            LogStoreError: the disk failed.
        """
        self._refuse_broken()
        opened = open_checkpoint(note, log=self.signer.key)
        if self._signed is None or opened.checkpoint != self._signed.checkpoint:
            msg = "only the head that was signed last is published; sign, then publish that"
            raise LogRefusedError(msg)
        before = self._published_size()
        replace_file(self.folder.checkpoint_path, note)
        tidy(self.folder, old=before, new=opened.checkpoint.size)

    def prove(self, index: int) -> LogProof:
        """Return the proof of entry ``index`` in the published tree.

        Raises:
            LogProofError: it is not in that tree (yet).
            LogStoreError: nothing was published, or a tile is missing.
        """
        note = self.folder.checkpoint()
        if note is None:
            msg = f"{self.folder.path}: nothing was published yet; make a checkpoint first"
            raise LogStoreError(msg)
        size = open_checkpoint(note, log=self.signer.key).checkpoint.size
        hashes = inclusion_proof(index, size, TileHashes(size, self.folder.read))
        return LogProof(index=index, hashes=hashes, checkpoint=note)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the first ``new`` entries begin with the first ``old``.

        Raises:
            LogProofError: there is none between these sizes.
            LogStoreError: a tile is missing.
        """
        return consistency_proof(old, new, self._hashes())

    def prefix(self, old: int, new: int) -> PrefixProof:
        """Return the subtrees of the first ``old`` entries, and of those up to ``new``.

        Raises:
            LogStoreError: a tile is missing.
        """
        return prefix_proof(old, new, self._hashes())

    def _hashes(self) -> TileHashes:
        return TileHashes(self._tree.size, self.folder.read)

    def _bundles(self, first: int, entries: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
        """Return the bundles that ``entries`` fill or begin; ``first`` is where the edge begins."""
        self._edge += entries
        whole = len(self._edge) // WIDTH * WIDTH
        found = [
            (Tile(ENTRIES, (first + start) // WIDTH), self._edge[start : start + WIDTH])
            for start in range(0, whole, WIDTH)
        ]
        self._edge = self._edge[whole:]
        if self._edge:
            found.append((Tile(ENTRIES, (first + whole) // WIDTH, len(self._edge)), self._edge))
        return [(tile, entry_bundle(some)) for tile, some in found]

    def _last_signed(self) -> OpenedCheckpoint | None:
        """Return the largest head that this folder knows to be signed.

        Raises:
            LogRefusedError: the tree is smaller, or another one.
        """
        data = read_bytes(self.folder.private / "signed", max_bytes=MAX_NOTE_BYTES)
        if data is None:
            data = self.folder.checkpoint()
        if data is None:
            return None
        try:
            opened = open_checkpoint(data, log=self.signer.key)
        except OneServiceError as error:
            msg = f"{self.folder.private / 'signed'}: {error}; restore it from a backup"
            raise LogStoreError(msg) from error
        self._signed = opened
        self._refuse_contradiction()
        return opened

    def _refuse_contradiction(self) -> None:
        if self._signed is not None:
            refuse_contradiction(self.folder, self._signed.checkpoint, size=self._tree.size)

    def _published_size(self) -> int:
        data = self.folder.checkpoint()
        try:
            return 0 if data is None else open_checkpoint(data, log=self.signer.key).checkpoint.size
        except OneServiceError:
            return 0  # whatever lies there is replaced

    @contextlib.contextmanager
    def _breaking(self) -> Iterator[None]:
        """What fails within leaves memory and disk in doubt: the log must be opened anew."""
        try:
            yield
        except LogMalformedError:
            raise  # refused before anything was touched
        except BaseException:
            self._is_broken = True
            raise

    def _refuse_broken(self) -> None:
        if self._is_broken:
            msg = f"{self.folder.path}: the disk failed; close the log and open it again"
            raise LogStoreError(msg)
