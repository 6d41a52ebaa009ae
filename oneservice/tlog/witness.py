"""A witness: it remembers the last head of each log, and cosigns only what grew out of that.

Theory of operation: all that a witness promises is that it never cosigned two heads of one log
that contradict each other. So the head is on the disk before its cosignature leaves the house, and
between looking at the remembered head and replacing it nobody else may come. What it remembers is
also what it serves to monitors. Heads that a log's own key signed and that contradict are kept as
evidence.

References:
    C2SP tlog-witness (``add-checkpoint`` and the monitor retrieval mechanism).
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Self

from oneservice.errors import (
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
    LogStoreError,
    OneServiceError,
)
from oneservice.tlog.files import OwnerLock, read_bytes, replace_file, translated
from oneservice.tlog.witness_wire import MAX_REQUEST_BYTES, AddCheckpoint, WitnessAnswer
from oneservice.transparency import (
    EMPTY_ROOT,
    MAX_NOTE_BYTES,
    Checkpoint,
    NoteKey,
    NoteSignature,
    SignedNote,
    SignsNotes,
    SplitView,
    check_consistency,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from oneservice.ports import Clock

__all__ = ["Witness", "origin_hash"]

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_MOST_EVIDENCE: Final = 1000
"""Files of evidence that are kept; a log that lies all day must not fill the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Submitted:
    """A checkpoint that a log's own keys signed, and what that log said before."""

    checkpoint: Checkpoint
    note: SignedNote
    keys: tuple[NoteKey, ...]
    known: Checkpoint | None
    known_note: bytes

    @property
    def signatures(self) -> tuple[NoteSignature, ...]:
        """The first one by each key of the log."""
        return tuple(
            next(one for one in self.note.signatures if one.is_by(key)) for key in self.keys
        )


class Witness:
    """A witness whose memory is a folder; close with :meth:`close`, or use it as a context.

    All methods block on the disk; a server calls them in threads, several at a time.

    Args:
        path: the folder, made if it is missing.
        signers: cosigning keys of this witness, all under its name.
        logs: keys of the logs that it witnesses; several of one name are one log.
        clock: tells the moment of cosignatures.

    Raises:
        LogLockedError: another process is this witness.
        LogStoreError: the folder cannot be used.
        LogMalformedError: a key is not of the kind that it must be.
    """

    def __init__(
        self, path: Path, *, signers: Sequence[SignsNotes], logs: Iterable[NoteKey], clock: Clock
    ) -> None:
        if not signers or not all(one.key.type.is_cosignature for one in signers):
            msg = "a witness needs a key for cosignatures (type 0x04 or 0x06)"
            raise LogMalformedError(msg)
        self._path = path
        self._signers = tuple(signers)
        self._logs: dict[str, tuple[NoteKey, ...]] = {}
        for key in logs:
            self._logs[key.name] = (*self._logs.get(key.name, ()), key)
        self._clock = clock
        self._turn = threading.Lock()
        with translated(path):
            path.mkdir(parents=True, exist_ok=True)
        self._lock = OwnerLock(path / "lock")

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
        """Let another process be this witness."""
        self._lock.release()

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """The public keys of this witness."""
        return tuple(one.key for one in self._signers)

    def checkpoint(self, name: str) -> bytes | None:
        """Return the last checkpoint that was cosigned, with all signatures.

        Args:
            name: :func:`origin_hash` of the log.

        Raises:
            LogStoreError: it cannot be read.
        """
        if name not in map(origin_hash, self._logs):
            return None
        return read_bytes(self._head_path(name), max_bytes=MAX_NOTE_BYTES)

    def add_checkpoint(self, body: bytes) -> WitnessAnswer:
        """Cosign a checkpoint, or say why not.

        Args:
            body: of the request: old size, consistency proof, checkpoint.

        Raises:
            LogStoreError: the disk failed; nothing was cosigned.
        """
        if len(body) > MAX_REQUEST_BYTES:
            return WitnessAnswer.refusal(413, "the request is too large")
        try:
            asked = AddCheckpoint.parse(body)
            note = SignedNote.parse(asked.checkpoint)
            head = Checkpoint.parse(note.text)
        except LogMalformedError as error:
            return WitnessAnswer.refusal(400, str(error))
        keys = self._logs.get(head.origin)
        if keys is None:
            return WitnessAnswer.refusal(404, "this witness does not know the log")
        try:
            signed = tuple(one.key for one in note.check(keys))
        except (LogKeyUnknownError, LogProofError, LogMalformedError) as error:
            return WitnessAnswer.refusal(403, str(error))
        if asked.old_size > head.size:
            return WitnessAnswer.refusal(400, "the old size is above that of the checkpoint")
        with self._turn:
            return self._judged(asked, self._submitted(head, note, signed))

    def _judged(self, asked: AddCheckpoint, given: _Submitted) -> WitnessAnswer:
        """Judge a signed head against the remembered one, and cosign it."""
        head, known = given.checkpoint, given.known
        size = known.size if known is not None else 0
        if asked.old_size != size:
            return WitnessAnswer.conflict(size)
        problem = _contradiction(asked, head, known)
        if problem is not None:
            self._keep_evidence(asked, given)
            return WitnessAnswer.refusal(422, problem)
        at = max(self._clock.now(), self._last_at(given.known_note))
        lines = [one.sign(given.note.text, at=at) for one in self._signers]
        # Only what was verified is kept and served: the word of each of the log's keys, and ours.
        whole = SignedNote(text=given.note.text, signatures=(*given.signatures, *lines))
        replace_file(self._head_path(origin_hash(head.origin)), whole.dump())
        return WitnessAnswer.cosigned(lines)

    def _last_at(self, note: bytes) -> datetime:
        """Return when this witness cosigned ``note``, as it says there; the beginning: never.

        Time does not run backwards in what one witness says of one log. A later head under an
        earlier date would prove that an entry existed before anybody made it.
        """
        try:
            signed = SignedNote.parse(note).check(self.keys) if note else ()
        except (LogMalformedError, LogKeyUnknownError, LogProofError):
            signed = ()  # under keys that were replaced since
        return max((one.at for one in signed if one.at is not None), default=_BEGINNING)

    def _submitted(
        self, head: Checkpoint, note: SignedNote, keys: tuple[NoteKey, ...]
    ) -> _Submitted:
        path = self._head_path(origin_hash(head.origin))
        data = read_bytes(path, max_bytes=MAX_NOTE_BYTES)
        known = None
        if data is not None:
            try:
                known = Checkpoint.parse(SignedNote.parse(data).text)
            except LogMalformedError as error:
                msg = f"{path}: {error}; restore it, or ask the log for nothing until it is"
                raise LogStoreError(msg) from error
        return _Submitted(
            checkpoint=head, note=note, keys=keys, known=known, known_note=data or b""
        )

    def _head_path(self, name: str) -> Path:
        return self._path / f"{name}.checkpoint"

    def _keep_evidence(self, asked: AddCheckpoint, given: _Submitted) -> None:
        """Keep what a log signed and should not have: proof of a split view, or a suspicion."""
        folder = self._path / "evidence"
        with translated(folder):
            folder.mkdir(exist_ok=True)
            if sum(1 for _ in folder.iterdir()) >= _MOST_EVIDENCE:
                return
        data, ending = asked.dump(), "suspect"
        split = SplitView(first=given.known_note, second=asked.checkpoint)
        for key in given.keys:
            # Of different sizes: a proof that fails accuses nobody by itself.
            with contextlib.suppress(OneServiceError):
                split.check(log=key)
                data, ending = split.dump(), "split-view.json"
        replace_file(folder / f"{sha256(data).hexdigest()[:32]}.{ending}", data)


def origin_hash(origin: str) -> str:
    """Return the name under which a witness serves the head of a log."""
    return sha256(origin.encode("utf-8")).hexdigest()


def _contradiction(asked: AddCheckpoint, head: Checkpoint, known: Checkpoint | None) -> str | None:
    """Say why ``head`` does not follow from what was cosigned before; ``None``: it does."""
    if head.size == 0 and head.root != EMPTY_ROOT:
        return "an empty tree has another root"
    if known is None or known.size == 0:
        return "from nothing no proof leads anywhere; send none" if asked.proof else None
    try:
        check_consistency(
            old_size=known.size,
            old_root=known.root,
            new_size=head.size,
            new_root=head.root,
            proof=asked.proof,
        )
    except (LogProofError, LogMalformedError) as error:
        return str(error)
    return None
