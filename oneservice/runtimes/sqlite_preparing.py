"""What a write needs of the key keeper, gathered before its transaction starts.

A keeper may be a service on the network, and a transaction waits for nobody: everything is wrapped
and unwrapped first, and the store's thread then only computes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from oneservice.ports import KeyKeeper, WrappedKey, Write
from oneservice.runtimes.case_cipher import CaseCipher
from oneservice.runtimes.case_keys import CaseKeys
from oneservice.runtimes.sqlite_sealing import seal_case, transaction
from oneservice.runtimes.sqlite_secrets import FileSecrets
from oneservice.runtimes.sqlite_writing import Prepared, Writer

__all__ = ["CaseRow", "Preparing"]

_Rows = Callable[[str, tuple[Any, ...]], Awaitable[list[Any]]]

_CASE_ROW: Final = (
    "SELECT case_id, seq, thing, status, next_due, erased_at, key_id, wrapped"
    " FROM cases JOIN case_keys USING (number) WHERE case_id = ?"
)


class CaseRow(NamedTuple):
    """A case as its two rows have it; without a ``key_id`` it lies in the clear (schema 1)."""

    case_id: str
    seq: int
    thing: str
    status: str
    next_due: int | None
    erased_at: int | None
    key_id: str
    wrapped: bytes


class Preparing:
    """Gathers ciphers and wrapped keys; the work that it returns runs on the store's thread."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        keys: CaseKeys,
        secrets: FileSecrets,
        writer: Writer,
        rows: _Rows,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._secrets = secrets
        self._writer = writer
        self._rows = rows

    @property
    def keeper(self) -> KeyKeeper:
        """The key keeper."""
        return self._keys.keeper

    async def row(self, case_id: str) -> CaseRow | None:
        """Return what the file holds of a case."""
        rows = await self._rows(_CASE_ROW, (case_id,))
        return CaseRow(*rows[0]) if rows else None

    async def cipher(self, case_id: str, key_id: str, wrapped: bytes) -> CaseCipher:
        """Return the cipher of a case; that of one in the clear, too, which knows its secret."""
        if not key_id:
            return CaseCipher(case_id, wrapped.decode())
        return await self._keys.cipher(case_id, WrappedKey(key_id=key_id, wrapped=wrapped))

    async def prepared(self, write: Write) -> Prepared:
        """Return ``write`` with all that its transaction needs."""
        if write.after_seq == 0:
            return await self._opening(write)
        if not write.records and not write.blobs:
            return Prepared(write=write)  # a due time alone: no key is needed for that
        known = self._keys.known(write.case_id)
        if known is not None:
            return Prepared(write=write, cipher=known)
        row = await self.row(write.case_id)
        if row is None or row.erased_at is not None:
            return Prepared(write=write)  # refused by the writer, which finds no such case
        cipher = await self.cipher(row.case_id, row.key_id, row.wrapped)
        sealing = None if row.key_id else await self._sealing(cipher)
        return Prepared(write=write, cipher=cipher, seal_before=sealing)

    async def rewrapping(self, rows: Sequence[Any]) -> Callable[[], None]:
        """Return what wraps some cases anew, or encrypts them, in one transaction.

        Args:
            rows: (number, case_id, key_id, wrapped).
        """
        work: list[Callable[[], object]] = []
        for number, case_id, key_id, wrapped in rows:
            cipher = await self.cipher(case_id, key_id, wrapped)
            if key_id:
                fresh = await self._keys.wrap(case_id, cipher.secret)
                work.append(self._writer.rewrapping(number, fresh))
            else:
                work.append(await self._sealing(cipher))

        def all_of_it() -> None:
            with transaction(self._connection):
                for one in work:
                    one()

        return all_of_it

    async def _opening(self, write: Write) -> Prepared:
        if not write.secret:
            if await self.row(write.case_id) is not None:
                return Prepared(write=write)  # refused by the writer: the case has moved on
            msg = f"case {write.case_id} is new and has no secret; take one from Ids"
            raise AssertionError(msg)
        key = None if write.key is None else await self._secrets.key_digest(write.key)
        wrapped = await self._keys.wrap(write.case_id, write.secret)
        cipher = CaseCipher(write.case_id, write.secret)
        return Prepared(write=write, cipher=cipher, wrapped=wrapped, key=key)

    async def _sealing(self, cipher: CaseCipher) -> Callable[[], None]:
        """Return what encrypts a case of an older file, inside the caller's transaction."""
        wrapped = await self._keys.wrap(cipher.case_id, cipher.secret)
        key_digest = await self._secrets.key_digests()
        return lambda: seal_case(
            self._connection, cipher, wrapped, packer=self._writer.packer, key_digest=key_digest
        )
