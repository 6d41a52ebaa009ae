"""Gathering what comes beside the certificates of a bundle: at once, or not this time.

Whoever asks for a bundle gets one. What a log, a register or a clock does not give in time is left
out, and comes with the next one that is asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from oneservice.canonical import Digest, JsonObject, digest_bytes, read_instant
from oneservice.certificates import (
    Bundle,
    Certificate,
    EnclosedList,
    EnclosedProof,
    Enclosures,
)
from oneservice.departments import ENCLOSURES_TYPE, RECEIPT_TYPE
from oneservice.engine.enclosed_elsewhere import elsewhere_among, joined
from oneservice.engine.office_receipts import receipts_among
from oneservice.engine.result_papers import ResultPapers
from oneservice.engine.vouching import PATIENCE_S, Vouchers, entry_of
from oneservice.errors import OneServiceError
from oneservice.ports import Departments, SealReceipts, Signer
from oneservice.runtimes import HotCase
from oneservice.transparency import Entry, entry_of_list

__all__ = ["Enclosing"]

_log = logging.getLogger(__name__)

_STAMPS_KEPT: Final = 1_000
"""Tokens of a clock that are remembered: asking anew would only give later ones."""


@dataclass(frozen=True, slots=True)
class Enclosing:
    """Gathers enclosures; ``signer`` is asked for the receipt of the engine's own seal."""

    vouchers: Vouchers
    signer: Signer
    papers: ResultPapers
    _stamps: dict[Digest, bytes]

    @classmethod
    def of(cls, vouchers: Vouchers, signer: Signer) -> Enclosing:
        """Return one that remembers nothing yet."""
        return cls(vouchers, signer, ResultPapers(), {})

    @property
    def has_vouchers(self) -> bool:
        """Whether anybody here vouches for anything."""
        one = self.vouchers
        is_vouched = any(each is not None for each in (one.log, one.lists, one.clock))
        return is_vouched or isinstance(self.signer, SealReceipts)

    async def beside(self, bundle: Bundle, hot: HotCase, departments: Departments) -> Bundle:
        """Return ``bundle`` with what there is beside each of its certificates."""
        certificates = (bundle.certificate, *bundle.certificates)
        return replace(bundle, enclosures=await self.gathered(certificates, hot, departments))

    async def gathered(
        self,
        certificates: Sequence[Certificate],
        hot: HotCase,
        departments: Departments,
        *,
        patience_s: float | None = None,
    ) -> Mapping[Digest, Enclosures]:
        """Return what there is beside each of ``certificates``, the bundle's own the first.

        Args:
            certificates: of one case.
            hot: the case.
            departments: the way to the offices that granted them.
            patience_s: real seconds that each source has; ten by default.
        """
        first, patience_s = certificates[0], patience_s or PATIENCE_S
        proofs = await self._proofs([entry_of(one, hot) for one in certificates], patience_s)
        lists = await self._lists(certificates, patience_s, at=_sealed_at(first))
        stamps = await self._stamped(certificates, patience_s)
        beside, elsewhere = await asyncio.gather(
            *(
                self.papers.beside(hot.case, departments, kind, patience_s=patience_s)
                for kind in (RECEIPT_TYPE, ENCLOSURES_TYPE)
            )
        )
        receipts, theirs = dict(receipts_among(beside)), elsewhere_among(elsewhere)
        own = await self._receipt(first)
        if own is not None:
            receipts[first.digest] = own
        found = {
            one.digest: joined(
                Enclosures(
                    log_proofs=proofs[number : number + 1],
                    status_lists=lists.get(_register(one), ()),
                    timestamps=stamps.get(one.digest, ()),
                    seal_receipt=receipts.get(one.digest),
                ),
                theirs.get(one.digest),
            )
            for number, one in enumerate(certificates)
        }
        return {name: one for name, one in found.items() if not one.is_empty}

    async def _proofs(
        self, entries: Sequence[Entry], patience_s: float
    ) -> tuple[EnclosedProof, ...]:
        """Return a proof for each entry, or none at all."""
        if self.vouchers.log is None or not entries:
            return ()
        try:
            async with asyncio.timeout(patience_s):
                texts = await self.vouchers.log.enter(entries)
        except (OneServiceError, TimeoutError) as error:
            _tell("a proof of logging", error)
            return ()
        return tuple(
            EnclosedProof(text=text, salt=one.salt)
            for text, one in zip(texts, entries, strict=True)
        )

    async def _lists(
        self, certificates: Sequence[Certificate], patience_s: float, *, at: datetime
    ) -> Mapping[str, tuple[EnclosedList, ...]]:
        """Return, by register, the list that spoke when the results were handed out."""
        source = self.vouchers.lists
        if source is None:
            return {}
        uris = sorted({uri for one in certificates if (uri := _register(one))})
        try:
            async with asyncio.timeout(patience_s):
                got = await asyncio.gather(*(source.list_of(uri, at=at) for uri in uris))
        except (OneServiceError, TimeoutError) as error:
            _tell("a status list", error)
            return {}
        have = {uri: data for uri, data in zip(uris, got, strict=True) if data is not None}
        proofs = await self._proofs(
            [entry_of_list(digest_bytes(data)) for data in have.values()], patience_s
        )
        return {
            uri: (EnclosedList(data=data, log_proof=proofs[number] if proofs else None),)
            for number, (uri, data) in enumerate(have.items())
        }

    async def _stamped(
        self, certificates: Sequence[Certificate], patience_s: float
    ) -> Mapping[Digest, tuple[bytes, ...]]:
        """Return the timestamps that there are in time: one patience for all of them."""
        clock, digests = self.vouchers.clock, [one.digest for one in certificates]
        if clock is None:
            return {}
        asked = {
            asyncio.create_task(clock.stamp(one.dump()), name="oneservice-stamp"): one.digest
            for one in certificates
            if one.digest not in self._stamps
        }
        try:
            if asked:
                await asyncio.wait(asked, timeout=patience_s)
            for task, digest in asked.items():
                if task.done():
                    self._keep(digest, task)
            if any(not task.done() for task in asked):
                _tell("a timestamp", TimeoutError())
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        return {name: (self._stamps[name],) for name in digests if name in self._stamps}

    def _keep(self, digest: Digest, done: asyncio.Task[bytes]) -> None:
        try:
            token = done.result()
        except OneServiceError as error:
            _tell("a timestamp", error)
            return
        while len(self._stamps) >= _STAMPS_KEPT:
            del self._stamps[next(iter(self._stamps))]
        self._stamps[digest] = token

    async def _receipt(self, certificate: Certificate) -> JsonObject | None:
        if not isinstance(self.signer, SealReceipts):
            return None
        try:
            return (await self.signer.receipt(certificate.content)).as_json()
        except OneServiceError as error:
            _tell("the receipt of the seal", error)
            return None


def _register(certificate: Certificate) -> str:
    """Return the URL of the register that a certificate of ours names, or nothing."""
    if not certificate.is_ours or certificate.claims.status is None:
        return ""
    return certificate.claims.status.uri


def _sealed_at(certificate: Certificate) -> datetime:
    """Return when the engine's seal was put; it is our own, so it is well-formed."""
    return read_instant(certificate.content["proof"]["created"])


def _tell(what: str, error: OneServiceError | TimeoutError) -> None:
    code = error.code if isinstance(error, OneServiceError) else "no answer in time"
    _log.warning("a bundle goes out without %s: %s", what, code)
