"""The ciphers of the cases in use, and the way from a wrapped secret to one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from oneservice.errors import JournalCorruptError
from oneservice.ports import KeyKeeper, WrappedKey
from oneservice.runtimes.case_cipher import CaseCipher

__all__ = ["CaseKeys"]

_KNOWN: Final = 10_000
"""Ciphers kept in memory (about 3 KB each), so that a hot case asks no key service."""


class CaseKeys:
    """Opens the secrets of cases by way of the key keeper; the last ones used are remembered."""

    def __init__(self, keeper: KeyKeeper) -> None:
        self.keeper = keeper
        self._known: OrderedDict[str, CaseCipher] = OrderedDict()

    def known(self, case_id: str) -> CaseCipher | None:
        """Return the cipher of a case that was used lately."""
        found = self._known.get(case_id)
        if found is not None:
            self._known.move_to_end(case_id)
        return found

    def keep(self, cipher: CaseCipher) -> None:
        """Remember the cipher of a case that is durable."""
        self._known[cipher.case_id] = cipher
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def forget(self, case_id: str) -> None:
        """Forget the cipher of a case that was erased."""
        self._known.pop(case_id, None)

    async def wrap(self, case_id: str, secret: str) -> WrappedKey:
        """Return the secret of a case, wrapped for the disk."""
        return await self.keeper.wrap(secret.encode(), context=case_id)

    async def cipher(self, case_id: str, wrapped: WrappedKey) -> CaseCipher:
        """Return the cipher of a case.

        Raises:
            JournalKeyError: the key under which it is wrapped is not at hand.
            JournalCorruptError: what was wrapped is no secret.
        """
        found = self.known(case_id)
        if found is not None:
            return found
        secret = await self.keeper.unwrap(wrapped, context=case_id)
        try:
            found = CaseCipher(case_id, secret.decode())
        except UnicodeDecodeError as error:
            msg = f"case {case_id}: its wrapped secret is none; restore a backup"
            raise JournalCorruptError(msg) from error
        self.keep(found)
        return found
