"""The entries of one register in memory: two bits each, and which of them are taken.

Ten million entries are 2.5 MB of states and 1.25 MB of marks. Where a certificate gets its index
from is chance, and chance belongs to the edge: it draws, and the array says what is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from oneservice.certificates.status import CertificateState
from oneservice.certificates.status_bits import MIN_ENTRIES, value_at
from oneservice.certificates.status_entry import MAX_ENTRIES
from oneservice.errors import MalformedCertificateError

__all__ = ["StatusArray"]

_VALUES: Final = {
    CertificateState.GOOD: 0,
    CertificateState.REVOKED: 1,
    CertificateState.SUSPENDED: 2,
}
_STATES: Final = {value: state for state, value in _VALUES.items()}
_WIDTH: Final = 2


class StatusArray:
    """The states of a register's entries; an entry that is not taken looks like a good one.

    Args:
        entries: from 131,072 on, a multiple of 8.

    Raises:
        MalformedCertificateError: fewer, more than a list can have, or no multiple of 8.
    """

    __slots__ = ("_free", "_taken", "_values", "entries")

    def __init__(self, entries: int) -> None:
        if not MIN_ENTRIES <= entries <= MAX_ENTRIES or entries % 8:
            msg = f"a register has {MIN_ENTRIES} to {MAX_ENTRIES} entries, a multiple of 8"
            raise MalformedCertificateError(msg)
        self.entries = entries
        self._free = entries
        self._values = bytearray(entries // 4)
        self._taken = bytearray(entries // 8)

    @property
    def free(self) -> int:
        """How many entries nobody has."""
        return self._free

    def values(self) -> bytes:
        """Return the states as they are now, packed as a Token Status List packs them."""
        return bytes(self._values)

    def is_taken(self, index: int) -> bool:
        """Say whether somebody has entry ``index``."""
        return bool(self._taken[index >> 3] >> (index & 7) & 1)

    def draw(self, chance: Iterator[int]) -> int | None:
        """Return the first index of ``chance`` that is free; ``None``: there is none at all.

        Nothing is taken yet: that waits until it is written down.

        Args:
            chance: endless, each from 0 to ``entries - 1``, all equally likely.
        """
        if not self._free:
            return None
        return next(index for index in chance if not self.is_taken(index))

    def put(self, index: int, state: CertificateState) -> None:
        """Take entry ``index``, if nobody has it, and set its state."""
        self.put_all(((index, state),))

    def put_all(self, entries: Iterable[tuple[int, CertificateState]]) -> None:
        """Take entries and set their states: one loop, for a register has millions."""
        taken, values, fresh = self._taken, self._values, 0
        for index, state in entries:
            mark, byte = 1 << (index & 7), index >> 3
            if not taken[byte] & mark:
                taken[byte] |= mark
                fresh += 1
            shift = (index & 3) * _WIDTH
            kept = values[index >> 2] & ~(3 << shift)
            # Most are good, and an enumeration's own hash is slow.
            value = 0 if state is CertificateState.GOOD else _VALUES[state]
            values[index >> 2] = kept | value << shift
        self._free -= fresh

    def state(self, index: int) -> CertificateState | None:
        """Return the state of entry ``index``; ``None``: there is no such entry."""
        value = value_at(self._values, _WIDTH, index)
        return None if value is None else _STATES[value]
