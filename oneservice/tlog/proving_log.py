"""A log as those see it who log one thing and go on only with its proof: the lock of a seal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oneservice.transparency import Entry, EntryKind

if TYPE_CHECKING:
    from oneservice.canonical import Digest
    from oneservice.tlog.keeper import LogKeeper

__all__ = ["ProvingLog"]


@dataclass(frozen=True, slots=True)
class ProvingLog:
    """Takes one thing in at a time, and answers with the text of its proof.

    It is what the safety lock of a seal asks for: no proof, no seal.

    Args:
        keeper: of the log; whoever asks at the same time shares flush, head and witnesses.
    """

    keeper: LogKeeper

    async def append(self, kind: EntryKind, digest: Digest, salt: str) -> str:
        """Return the proof (C2SP tlog-proof) that an entry of these is in the published log.

        Asked twice, it logs twice; both are true.

        Raises:
            LogMalformedError: the salt would not hide the digest.
            TooFewWitnessesError: not enough witnesses cosigned.
            LogRefusedError: nothing may be signed.
            LogStoreError: the disk failed.
        """
        entry = Entry(kind=kind, digest=digest, salt=salt)
        (proof,) = await self.keeper.proven([entry])
        return proof.dump().decode("utf-8")
