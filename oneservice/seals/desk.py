"""The engine's seal behind a lock: a :class:`oneservice.ports.Signer` that asks as all do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oneservice.canonical import canonical, parse_object
from oneservice.seals.lock import CURED_BY_WAITING, SafetyLock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oneservice.certificates import SealReceipt, SealRequest
    from oneservice.ports import SealHolder

__all__ = ["LockedSigner"]


@dataclass(slots=True, kw_only=True)
class LockedSigner:
    """A signer that uses a seal by the rules of its lock.

    Args:
        lock: before the key.
        requester: role id of whoever runs the engine.
        mandate_id: by which mandate, where the seal is not the requester's own.
        waits: whether to wait for what time and other people cure (hours, the count of the day,
            approvals that are deposited in the book); else the refusal is raised at once.
        look_again: how long to wait before looking again.
    """

    lock: SafetyLock
    requester: str
    mandate_id: str | None = None
    waits: bool = False
    look_again: timedelta = timedelta(minutes=1)

    @property
    def issuer(self) -> SealHolder:
        """Who seals."""
        return self.lock.issuer

    async def sign(
        self,
        document: Mapping[str, Any],
        *,
        created: datetime,  # noqa: ARG002 - the port's; the lock's own clock dates the proof
    ) -> dict[str, Any]:
        """Return ``document`` with a proof, dated by the grant of its use.

        Raises:
            SealRefusedError: the seal may not be used so.
            KeyUnusableError: the key does not sign now; the same document goes on later.
            JournalError: the book could not be written; nothing was signed.
        """
        request = self.lock.request(document, requester=self.requester, mandate_id=self.mandate_id)
        await self._patience(request)
        sealed = await self.lock.seal(document, request)
        return parse_object(canonical(sealed.document))

    async def receipt(self, document: Mapping[str, Any]) -> SealReceipt:
        """Return the receipt for a document that was sealed, with or without its proof."""
        bare = {name: value for name, value in document.items() if name != "proof"}
        request = self.lock.request(bare, requester=self.requester, mandate_id=self.mandate_id)
        return (await self.lock.seal(bare, request)).receipt

    async def _patience(self, request: SealRequest) -> None:
        while self.waits:
            refused = await self.lock.foresee(request)
            if refused is None or refused.reason not in CURED_BY_WAITING:
                return
            await self.lock.clock.wait_until(self.lock.clock.now() + self.look_again)
