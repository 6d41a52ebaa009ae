"""The safety lock of a seal: approval and digest are durable before the key signs.

Theory of operation, for one use:

1. One transaction decides and writes the grant (or the refusal). From here on it counts.
2. Where there is a log, it takes the record in, under a salt that was written down in 1: who is
   killed here asks for the same entry again, and the log knows it. No proof of that, no seal.
3. The key signs, outside of any transaction: a token may be slow.
4. A second transaction looks at the mandate once more, writes down what the key made, and only
   then does it leave. A revocation that came before this moment wins: what was signed is dropped.

A crash before 4 leaves an unused grant, which the book shows. The same request then goes on with it
and is not counted again. A token's signatures differ each time; since only what step 4 kept ever
leaves, the same certificate comes out all the same. Whoever gets a seal gets the receipt with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from oneservice.canonical import canonical, digest_bytes, parse_object
from oneservice.certificates import (
    Approval,
    RecordKind,
    Refused,
    SealReceipt,
    SealRefusal,
    SealRequest,
    add_proof,
    sealed_part,
)
from oneservice.errors import (
    KeyUnusableError,
    MalformedCertificateError,
    OneServiceError,
    SealRefusedError,
)
from oneservice.transparency import Entry, EntryKind

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.certificates import Cryptosuite, Curve, SealRecord
    from oneservice.ports import Clock, EvidenceLog, SealHolder
    from oneservice.seals.book import SealBook
    from oneservice.seals.book_rows import Use
    from oneservice.workdays import WorkCalendar

__all__ = ["SafetyLock", "SealKey", "Sealed"]

_AT_ONCE: Final = 64
"""Records that share one head of the log, and one trip to its witnesses."""


class SealKey(Protocol):
    """A key behind a lock: a file's (``SigningKey``) or a token's (``TokenKey``)."""

    @property
    def suite(self) -> Cryptosuite:
        """The suite that proofs by this key name."""
        ...

    @property
    def curve(self) -> Curve:
        """The curve, which decides about the hash."""
        ...

    @property
    def public_multibase(self) -> str:
        """The public half as a Multikey."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``; may block."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A document under its seal, and the receipt that belongs to it."""

    document: Mapping[str, Any]
    receipt: SealReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyLock:
    """The only way to a seal's key.

    Args:
        issuer: who seals, as the trust list names it.
        key: signs; nobody else has it.
        book: what is written down first. The lock closes neither book nor key.
        clock: says what time it is; the requester does not.
        calendar: working days, where the policy knows them.
        log: takes uses in before the key signs, and refused uses
            (:class:`oneservice.tlog.EntryLog`); ``None``: the book alone.

    Raises:
        KeyUnusableError: the policy in force is that of another key.
    """

    issuer: SealHolder
    key: SealKey
    book: SealBook
    clock: Clock
    calendar: WorkCalendar | None = None
    log: EvidenceLog | None = None

    def __post_init__(self) -> None:
        """Refuse a key that the policy does not name."""
        policy = self.book.policy
        if policy is not None and policy.key_id != self.key_id:
            msg = "the policy in force names another key; enact one for this key first"
            raise KeyUnusableError(msg)

    @property
    def key_id(self) -> str:
        """Verification method that proofs name."""
        return f"{self.issuer.id}#{self.key.public_multibase}"

    def request(
        self,
        document: Mapping[str, Any],
        *,
        requester: str,
        mandate_id: str | None = None,
        approvals: tuple[Approval, ...] = (),
    ) -> SealRequest:
        """Return the request for a seal on ``document``; type and region are its own words.

        Args:
            document: a certificate that waits for its proof.
            requester: role id of who asks.
            mandate_id: by which mandate.
            approvals: who agreed; deposited ones are found by themselves.

        Raises:
            MalformedCertificateError: it is no certificate of ours, of another issuer, or has a
                proof already.
        """
        try:
            issuer, kind = document["issuer"], document["credentialSubject"]["certificateType"]
            names, region = issuer["id"], issuer["region"]
        except (KeyError, TypeError):
            msg = "the document says no issuer, region and type; the lock seals certificates"
            raise MalformedCertificateError(msg) from None
        is_told = isinstance(kind, str) and isinstance(region, str)
        if names != self.issuer.id or "proof" in document or not is_told:
            msg = "the document names another issuer, or is sealed already"
            raise MalformedCertificateError(msg)
        return SealRequest(
            seal_id=self.book.seal_id,
            document_digest=sealed_part(document),
            type=kind,
            region=region,
            requester=requester,
            mandate_id=mandate_id,
            approvals=approvals,
        )

    async def foresee(self, request: SealRequest) -> Refused | None:
        """Return why the request would be refused now, if it would; nothing is written."""
        found = await asyncio.to_thread(
            self.book.foresee, request, at=self.clock.now(), calendar=self.calendar
        )
        return found if isinstance(found, Refused) else None

    async def seal(self, document: Mapping[str, Any], request: SealRequest) -> Sealed:
        """Return ``document`` with a proof, and the receipt.

        The proof is dated by the grant, so the same request gives the same bytes for ever.

        Args:
            document: what :meth:`request` was made of.
            request: who asks, and by which right.

        Raises:
            SealRefusedError: the policy, a mandate or an approval is against it.
            MalformedCertificateError: the request is not for this document.
            KeyUnusableError: the key does not sign now; the same request goes on later.
            JournalError: the book could not be written; nothing was signed.
        """
        if sealed_part(document) != request.document_digest:
            msg = "the request is for another document"
            raise MalformedCertificateError(msg)

        def make(created: datetime) -> bytes:
            signed = add_proof(
                document, key=self.key, verification_method=self.key_id, created=created
            )
            return canonical(signed["proof"])

        use = await self._used(request, make)
        proof = parse_object(use.result or b"")
        return Sealed(document={**document, "proof": proof}, receipt=use.receipt)

    async def sign_bytes(self, data: bytes, request: SealRequest) -> tuple[bytes, SealReceipt]:
        """Return a raw signature over ``data``, for forms that have their proof elsewhere.

        Args:
            data: what is signed; ``request.document_digest`` is its digest.
            request: who asks, and by which right.

        Raises:
            MalformedCertificateError, SealRefusedError, KeyUnusableError, JournalError: as
                :meth:`seal`.
        """
        if digest_bytes(data) != request.document_digest:
            msg = "the request is for other bytes"
            raise MalformedCertificateError(msg)
        use = await self._used(request, lambda _: self.key.sign(data))
        return use.result or b"", use.receipt

    async def log_rest(self) -> int:
        """Log the uses and refused uses that stand in the book alone; returns how many.

        The log was away, or a kill came between. Call it after a start, and now and then; an entry
        that the log has already is not made twice.

        Raises:
            OneServiceError: the log or its witnesses are not to be had; the next call tries.
        """
        rest = () if self.log is None else await asyncio.to_thread(self.book.unlogged)
        for first in range(0, len(rest), _AT_ONCE):
            await self._logged(rest[first : first + _AT_ONCE])
        return len(rest)

    async def _used(self, request: SealRequest, make: Callable[[datetime], bytes]) -> Use:
        """Carry a use out, from the decision to the result that counts."""
        asked = await asyncio.to_thread(
            self.book.ask, request, at=self.clock.now(), calendar=self.calendar
        )
        if isinstance(asked, tuple):
            raise await self._refusal(*asked)
        if asked.result is not None:
            return asked
        if asked.receipt.policy.key_id != self.key_id:
            msg = "the policy in force names another key; open the lock with that one"
            raise KeyUnusableError(msg)
        await self._log_use(asked)
        result = await asyncio.to_thread(make, asked.receipt.at)
        done = await asyncio.to_thread(
            self.book.finish, asked, request, result, at=self.clock.now()
        )
        if isinstance(done, tuple):
            raise await self._refusal(*done)
        return done

    async def _log_use(self, use: Use) -> None:
        if use.receipt.log_proof is None:
            await self._logged([use.receipt.record])

    async def _refusal(self, refused: Refused, record: SealRecord) -> SealRefusedError:
        # Without its log the refusal is still the answer, and stands in the book for `log_rest`.
        with contextlib.suppress(OneServiceError):
            await self._logged([record])
        return refusal_error(refused)

    async def _logged(self, records: Sequence[SealRecord]) -> None:
        if self.log is None:
            return
        salts = [await asyncio.to_thread(self.book.log_salt, one.seq) for one in records]
        proofs = await self.log.enter(
            [entry_of_record(one, salt) for one, salt in zip(records, salts, strict=True)]
        )
        for record, salt, text in zip(records, salts, proofs, strict=True):
            await asyncio.to_thread(self.book.logged, record.seq, proof=text, salt=salt)


def entry_of_record(record: SealRecord, salt: str) -> Entry:
    """Return the entry of a use, or of one that was refused or came to nothing, in a log."""
    is_use = record.kind is RecordKind.GRANT
    kind = EntryKind.SEAL_USE if is_use else EntryKind.SEAL_REFUSAL
    return Entry(kind=kind, digest=record.digest, salt=salt)


def refusal_error(refused: Refused) -> SealRefusedError:
    """Return a refusal as the error that leaves the room."""
    return SealRefusedError(
        refused.why["en"], reason=refused.reason.value, remedy=refused.remedy["en"]
    )


CURED_BY_WAITING: Final = frozenset(
    {
        SealRefusal.POLICY_NOT_IN_FORCE,
        SealRefusal.MANDATE_NOT_YET,
        SealRefusal.OUTSIDE_HOURS,
        SealRefusal.NOT_A_WORKING_DAY,
        SealRefusal.DAILY_COUNT_USED,
        SealRefusal.APPROVALS_MISSING,
    }
)
"""What time or other people cure without anybody asking anew."""
