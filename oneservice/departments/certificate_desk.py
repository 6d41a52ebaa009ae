"""The certificates of a department: entered into its register, sealed, and moved with its results.

Theory of operation. A function of a step grants *claims*; before the event is written, the desk
gives them a place in the register of the department, and has them sealed. The place hangs on the
identifier, the bytes on place, seal and instant: whoever is asked again after a crash grants the
same bytes. What takes a result back is written into the register after the event was found to be
legal, and before it is told: nobody hears of a revocation that the lists do not know.

References:
    certificates page, sections 1 and 2; domain page, section 8.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.certificates import (
    Act,
    CertificateRecord,
    CertificateState,
    Claims,
    ListIssuer,
    Operation,
    claims_document,
    issue,
    issue_sd_jwt,
    published_state,
)
from oneservice.departments.grants import (
    Granted,
    GrantedPendingMaterial,
    MaterialReceived,
    OutcomeDocument,
    ResultReplaced,
    ResultRevoked,
)
from oneservice.departments.status_keeping import PublishedEdition, Seals, StatusKeeper
from oneservice.errors import AdapterError, IdentifierError
from oneservice.ports import SealReceipts

if TYPE_CHECKING:
    from oneservice.departments.outcomes import Outcome

__all__ = [
    "ENCLOSURES_TYPE",
    "RECEIPT_TYPE",
    "WALLET_TYPE",
    "CertificateDesk",
]

_log = logging.getLogger("oneservice.departments")

WALLET_TYPE: Final = "application/dc+sd-jwt"
"""Media type of the form that goes into the holder's wallet."""
RECEIPT_TYPE: Final = "application/vnd.oneservice.seal-receipt+json"
"""Media type of the receipt of a seal's use; engines enclose it in the bundle of the case."""
ENCLOSURES_TYPE: Final = "application/vnd.oneservice.enclosures+json"
"""Media type of what a region's log, lists and clock vouch for beside what it granted another."""
_LIFETIME: Final = timedelta(days=7)
_TTL_S: Final = 3600
_SALT_BYTES: Final = 16


@dataclass(slots=True, kw_only=True)
class CertificateDesk:
    """Enters, seals and moves the certificates of one department; give it to ``AdapterApp``.

    Args:
        register: opens the register: ``partial(StatusRegister.open, "status.db", uri=…)``. Its
            lists are served at the path of that URL, and may be published elsewhere as well.
        issuer: the department, and the key that signs its lists (P-256 or P-384).
        seal: signs certificates; a :class:`oneservice.seals.LockedSigner` writes each use of it
            into a seal book first, and its receipt is handed out beside the certificate. By default
            the key of ``issuer`` signs.
        lifetime: of an edition of the lists; a new one is signed when half of it is over, or when
            something moved.
        ttl_s: after how many seconds readers look for a newer edition.
        on_edition: is told of every new edition, for example to lay it down as files:
            ``partial(write_edition, folder="status")``.
        fills_wallets: with each certificate comes its SD-JWT form, as a document of the result.
    """

    register: Callable[[], Awaitable[StatusKeeper]]
    issuer: ListIssuer
    seal: Seals | None = None
    lifetime: timedelta = _LIFETIME
    ttl_s: int = _TTL_S
    on_edition: Callable[[PublishedEdition], object] | None = None
    fills_wallets: bool = False
    _keeper: StatusKeeper | None = field(init=False, default=None)
    _secret: bytes = field(init=False, default=b"", repr=False)
    _newest: PublishedEdition | None = field(init=False, default=None, repr=False)
    _has_moved: bool = field(init=False, default=True)
    _publishing: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    async def open(self, secret: str) -> None:
        """Open the register; ``secret`` is the adapter's own, for salts that nobody can guess.

        Raises:
            JournalError: the register cannot be used.
        """
        if self._keeper is None:
            self._keeper = await self.register()
            self._secret = secret.encode()
            self._has_moved = True  # before a crash, perhaps: one edition more does no harm

    async def close(self) -> None:
        """Give the register back; harmless to repeat."""
        if self._keeper is not None:
            await self._keeper.close()
            self._keeper = self._newest = None

    @property
    def keeper(self) -> StatusKeeper:
        """The open register.

        Raises:
            AdapterError: the adapter is not open.
        """
        if self._keeper is None:
            msg = "the register is not open; use `async with app:`, or a server with lifespan"
            raise AdapterError(msg)
        return self._keeper

    # --- what the department does ---

    async def move(
        self, identifier: str, operation: Operation, *, at: datetime, ground: str
    ) -> CertificateRecord:
        """Hold, release, revoke, cancel … a certificate outside of any submission.

        Args:
            identifier: of the certificate.
            operation: as the table of operations allows it.
            at: aware instant of doing it.
            ground: the clause or order that it rests on; no personal data.

        Raises:
            IllegalInputError: the table forbids it, or the register has no such certificate.
            JournalError: it could not be made durable.
        """
        done = await self.keeper.perform(identifier, Act(operation=operation, at=at), ground=ground)
        self._has_moved = True
        return done

    async def edition(self, now: datetime) -> PublishedEdition:
        """Return the edition that speaks at ``now``, made anew where that is due.

        Raises:
            JournalError: it could not be made durable.
            KeyUnusableError: the key signs no lists.
        """
        async with self._publishing:
            newest = self._newest = self._newest or self.keeper.edition()
            if newest is not None and not self._is_due(newest, now):
                return newest
            has_moved, self._has_moved = self._has_moved, False
            try:
                newest = await self.keeper.publish(
                    self.issuer, at=now, lifetime=self.lifetime, ttl_s=self.ttl_s
                )
            except BaseException:
                self._has_moved = has_moved
                raise
            self._newest = newest
            if self.on_edition is not None:
                await asyncio.to_thread(self.on_edition, newest)
            return newest

    def _is_due(self, newest: PublishedEdition, now: datetime) -> bool:
        if now - newest.issued_at < timedelta(seconds=1):
            return False  # editions are told apart by their second
        return self._has_moved or now >= newest.expires_at - self.lifetime / 2

    # --- what the adapter does ---

    async def sealed(
        self, outcome: Outcome, before: str | None, *, at: datetime, ground: str
    ) -> Outcome:
        """Return ``outcome`` with its claims entered and sealed.

        Args:
            outcome: what the department decided.
            before: identifier of the certificate that stands so far.
            at: aware instant of the decision.
            ground: what the register notes; no personal data.

        Raises:
            AdapterError: claims come with a grant that still waits for a material.
            SealRefusedError: the seal may not be used so.
            JournalError: it could not be made durable.
        """
        match outcome:
            case Granted():
                return await self._granted(outcome, before, at, ground)
            case MaterialReceived(granted=Granted() as granted):
                return replace(outcome, granted=await self._granted(granted, before, at, ground))
            case ResultReplaced():
                made = await self._granted(outcome.granted, before, at, ground)
                return replace(outcome, granted=made)
            case GrantedPendingMaterial(granted=Granted(certificate=Claims())):
                msg = "nobody may rely on a paper before the promised material has come; leave the "
                raise AdapterError(msg + "certificate out, and give it with MaterialReceived")
            case _:
                return outcome

    async def follow(self, outcome: Outcome, before: str | None, *, at: datetime) -> None:
        """Move the register with an outcome that is about to be written.

        Raises:
            JournalError: it could not be made durable.
        """
        if not isinstance(outcome, ResultRevoked) or before is None:
            return
        record = self.keeper.record(before)
        if record is None:
            _log.warning("a result was revoked whose certificate is in no register of ours")
        elif published_state(record.state) is not CertificateState.REVOKED:
            await self.move(before, Operation.REVOKE, at=at, ground=outcome.by_law)

    async def _granted(
        self, granted: Granted, before: str | None, at: datetime, ground: str
    ) -> Granted:
        if not isinstance(granted.certificate, Claims):
            return granted
        claims = await self._entered(granted.certificate, before, at, ground)
        document = await self._signed(claims, at)
        wallet = (self._wallet(claims, at),) if self.fills_wallets else ()
        beside = (*wallet, *await self._receipt(claims, document))
        return replace(granted, certificate=document, documents=(*granted.documents, *beside))

    async def _entered(
        self, claims: Claims, before: str | None, at: datetime, ground: str
    ) -> Claims:
        """Return the claims with their place; asked again, it is the same place."""
        if self.keeper.record(claims.id) is None:
            known = None if before is None else self.keeper.record(before)
            if known is None or published_state(known.state) is not CertificateState.GOOD:
                await self._begin(claims.id, at, ground)
            else:
                await self._replace(known.id, claims.id, at, ground)
        return replace(claims, status=self.keeper.entry(claims.id))

    async def _begin(self, identifier: str, at: datetime, ground: str) -> None:
        act = Act(operation=Operation.NEW, at=at, id=identifier)
        await self.keeper.perform(None, act, ground=ground)

    async def _replace(self, before: str, identifier: str, at: datetime, ground: str) -> None:
        """Let ``identifier`` take the place of ``before``: one operation, where it is its next."""
        act = Act(operation=Operation.CHANGE, at=at, id=identifier)
        try:
            await self.keeper.perform(before, act, ground=ground)
        except IdentifierError:  # numbered in the department's own way
            await self._begin(identifier, at, ground)
            await self.move(before, Operation.CANCEL, at=at, ground=ground)
        self._has_moved = True

    async def _signed(self, claims: Claims, at: datetime) -> Mapping[str, Any]:
        created = at.astimezone(UTC)
        if self.seal is not None:
            return await self.seal.sign(claims_document(claims), created=created)
        own = self.issuer
        made = issue(claims, key=own.key, verification_method=own.key_id, created=created)
        return made.document

    async def _receipt(
        self, claims: Claims, document: Mapping[str, Any]
    ) -> tuple[OutcomeDocument, ...]:
        """Return the receipt of the seal, where it gives one: it goes into the case's bundle."""
        if not isinstance(self.seal, SealReceipts):
            return ()
        receipt = await self.seal.receipt(document)
        return (
            OutcomeDocument(
                data=canonical(receipt.as_json()),
                media_type=RECEIPT_TYPE,
                name=f"{claims.type}.seal-receipt.json",
            ),
        )

    def _wallet(self, claims: Claims, at: datetime) -> OutcomeDocument:
        made = issue_sd_jwt(
            claims,
            key=self.issuer.key,
            key_id=self.issuer.key_id,
            issued_at=at.astimezone(UTC),
            salts=_salts(self._secret, claims.id, at),
        )
        return OutcomeDocument(
            data=made.dump(), media_type=WALLET_TYPE, name=f"{claims.type}.sd-jwt"
        )


def _salts(secret: bytes, identifier: str, at: datetime) -> Iterator[str]:
    """Yield salts for one certificate: nobody can guess them, and a repeat gets the same."""
    number = 0
    while True:
        number += 1
        word = f"{identifier}\n{at.isoformat()}\n{number}".encode()
        yield hmac.new(secret, word, hashlib.sha256).hexdigest()[: 2 * _SALT_BYTES]
