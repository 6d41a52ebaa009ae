"""Keys in a file of their own: the key keeper of a portal that has no key service."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oneservice.canonical import parse_object
from oneservice.errors import JournalCorruptError, JournalKeyError, MalformedJsonError
from oneservice.ports import WrappedKey
from oneservice.runtimes.case_cipher import keyed_nonce

__all__ = ["LocalKeyKeeper"]

_FORMAT: Final = "oneservice-keys/1"
_KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_MOST_WRAPPED: Final = 64


class LocalKeyKeeper:
    """A :class:`oneservice.ports.KeyKeeper` over a file of mode 0600; :meth:`open` opens it.

    The file is JSON: ``{"format", "current", "keys": {id: base64 of 32 bytes}}``. Whoever has it
    and the database can read every case; who has lost it can read none. Keep a copy of it apart
    from the copies of the database. Several keepers may share a file: each change is made to what
    the file holds then, under a lock beside it, and nothing is wrapped under a key that is gone.
    """

    def __init__(self, path: Path, keys: Mapping[str, bytes], current: str) -> None:
        self.path = path
        self._keys = dict(keys)
        self._current = current
        self._seen = _mark(path)

    def __repr__(self) -> str:
        return f"LocalKeyKeeper({str(self.path)!r})"

    @classmethod
    def open(cls, path: Path | str, *, create: bool = True) -> LocalKeyKeeper:
        """Open the key file at ``path``.

        Args:
            path: where it is.
            create: make it, with one fresh key, where there is none. It is on the disk, synced,
                before this returns: no case is ever sealed under a key that a power cut takes.

        Raises:
            JournalKeyError: it is missing, cannot be read or made, others may read it, or it is
                no key file.
        """
        # What a link leads to is the file: replacing the link would leave that one behind.
        path = Path(path).resolve()
        try:
            if create and not path.exists():
                _make(path)
        except OSError as error:
            raise _unusable(path, f"cannot be made ({error.strerror}); check the folder") from error
        return cls(path, *_read(path))

    @property
    def key_id(self) -> str:
        """Return the id of the current key."""
        return self._current

    @property
    def key_ids(self) -> frozenset[str]:
        """Return the ids of all keys that can still unwrap."""
        return frozenset(self._keys)

    async def wrap(self, key: bytes, *, context: str) -> WrappedKey:
        """Return ``key`` wrapped under the current key by AES-256-GCM, bound to ``context``."""
        if len(key) > _MOST_WRAPPED:
            msg = f"a key of {len(key)} bytes is none of ours; at most {_MOST_WRAPPED} are wrapped"
            raise JournalKeyError(msg)
        if self._seen != _mark(self.path):
            self._take_in()  # another keeper may have retired the key that was the current one
        place = f"{self._current}\n{context}".encode()
        wrapping, nonce_key = _halves(self._keys[self._current])
        nonce = keyed_nonce(nonce_key, place, key)
        return WrappedKey(
            key_id=self._current, wrapped=nonce + AESGCM(wrapping).encrypt(nonce, key, place)
        )

    async def unwrap(self, wrapped: WrappedKey, *, context: str) -> bytes:
        """Return the key that was wrapped under any key of the file, for ``context``."""
        if wrapped.key_id not in self._keys:
            self._take_in()
        own = self._keys.get(wrapped.key_id)
        if own is None:
            why = f"has no key {wrapped.key_id[:64]!r}, under which stored cases are encrypted"
            raise _unusable(self.path, f"{why}; put the copy of it back that has it")
        nonce, sealed = wrapped.wrapped[:_NONCE_LENGTH], wrapped.wrapped[_NONCE_LENGTH:]
        place = f"{wrapped.key_id}\n{context}".encode()
        try:
            return AESGCM(_halves(own)[0]).decrypt(nonce, sealed, place)
        except (InvalidTag, ValueError) as error:
            msg = f"{context[:80]}: its wrapped key was altered or moved; restore a backup"
            raise JournalCorruptError(msg) from error

    def rotate(self) -> str:
        """Add a fresh key, durably, and wrap new keys under it from now on; return its id.

        Older cases stay under the older keys until :meth:`SqliteStore.rewrap` moved them.
        """
        key_id, fresh = _fresh()
        with self._changing():
            self._write({**self._keys, key_id: fresh}, key_id)
        return key_id

    def retire(self, key_id: str) -> None:
        """Destroy an old key: what is still wrapped under it, backups too, opens never again.

        The bytes of the file before are overwritten, unless a link made a copy of them.

        Raises:
            JournalKeyError: it is the current one, or there is none of that id.
        """
        with self._changing():
            if key_id == self._current or key_id not in self._keys:
                is_current = key_id == self._current
                why = "is the current one; rotate first" if is_current else "is not in it"
                raise _unusable(self.path, f"key {key_id[:64]!r} {why}")
            kept = {name: key for name, key in self._keys.items() if name != key_id}
            with self.path.open("r+b", buffering=0) as before:
                self._write(kept, self._current)
                _wipe(before.fileno())

    def _take_in(self) -> None:
        """Read the file again: another keeper changed it."""
        self._seen = _mark(self.path)
        self._keys, self._current = _read(self.path)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock beside the file, with its keys of this moment."""
        lock = self.path.with_name(self.path.name + ".lock")
        try:
            with lock.open("a", encoding="ascii") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                self._take_in()
                yield
        except OSError as error:
            why = f"cannot be written ({error.strerror}); check the folder"
            raise _unusable(self.path, why) from error

    def _write(self, keys: Mapping[str, bytes], current: str) -> None:
        """Replace the file in one step."""
        beside = _beside(self.path)
        _write_synced(beside, _stated(keys, current))
        beside.replace(self.path)
        _sync_folder(self.path.parent)
        self._keys, self._current, self._seen = dict(keys), current, _mark(self.path)


def _mark(path: Path) -> tuple[int, int] | None:
    """Return what tells one version of the file from the next; ``None`` while it is away."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_ino, now.st_mtime_ns


def _wipe(handle: int) -> None:
    """Overwrite a file that has no name any more; a linked copy is somebody's backup."""
    if os.fstat(handle).st_nlink == 0:
        os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
        os.fsync(handle)


def _halves(key: bytes) -> tuple[bytes, bytes]:
    """Return the key that encrypts and the one that makes nonces: one key, one use."""
    both = blake2b(key=key, person=b"oneservice-wrap").digest()
    return both[:_KEY_LENGTH], both[_KEY_LENGTH:]


def _read(path: Path) -> tuple[dict[str, bytes], str]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes()
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
        raise _unusable(path, f"{why}; put the copy of it back that you keep") from error
    if mode & 0o077:
        raise _unusable(path, f"others may read it (mode {mode:04o}); chmod 600 it")
    return _parsed(path, data)


def _parsed(path: Path, data: bytes) -> tuple[dict[str, bytes], str]:
    try:
        stated = parse_object(data)
        if stated["format"] != _FORMAT:
            raise _unusable(path, "was written by another release; install that one, or a newer")
        keys = {
            name: base64.b64decode(text, validate=True) for name, text in stated["keys"].items()
        }
        current: str = stated["current"]
        if current not in keys or any(len(key) != _KEY_LENGTH for key in keys.values()):
            raise _unusable(path, "is damaged; put the copy of it back that you keep")
    except (MalformedJsonError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = "is no key file, or damaged; put the copy of it back that you keep"
        raise _unusable(path, why) from error
    return keys, current


def _make(path: Path) -> None:
    """Make the file with one fresh key, unless somebody else does so at this very moment."""
    key_id, key = _fresh()
    beside = _beside(path)
    _write_synced(beside, _stated({key_id: key}, key_id))
    try:
        # Not a rename: that would replace the keys of another process, and lose its cases.
        path.hardlink_to(beside)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    _sync_folder(path.parent)


def _fresh() -> tuple[str, bytes]:
    key_id = f"local-{base64.b32encode(os.urandom(5)).decode().lower()}"
    return key_id, AESGCM.generate_key(bit_length=8 * _KEY_LENGTH)


def _beside(path: Path) -> Path:
    """Return a name for the file while it is being written; what a crash left there goes."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    return beside


def _stated(keys: Mapping[str, bytes], current: str) -> bytes:
    stated = {name: base64.b64encode(key).decode() for name, key in keys.items()}
    text = json.dumps({"format": _FORMAT, "current": current, "keys": stated}, indent=2)
    return text.encode() + b"\n"


def _write_synced(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unusable(path: Path, why: str) -> JournalKeyError:
    return JournalKeyError(f"key file {path}: {why}")
