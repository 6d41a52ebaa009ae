"""The receipts of the offices' own seals, as they came beside their certificates.

An office whose seal lies behind a lock hands out, beside each certificate, the receipt of its use
(:data:`oneservice.departments.RECEIPT_TYPE`). It stays with the office until a bundle is asked for.
One that is not about its certificate is left out: enclosed, it would make the true certificate look
forged. Whether the seal was used as its rules allow, the verifier judges.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from oneservice.canonical import Digest, JsonObject
from oneservice.case import Case
from oneservice.certificates import Certificate, SealReceipt, sealed_part
from oneservice.departments import RECEIPT_TYPE
from oneservice.errors import MalformedCertificateError, OneServiceError, VerificationError
from oneservice.ports import Departments, Papers

__all__ = ["OfficeReceipts"]

_log = logging.getLogger(__name__)
_KEPT: Final = 1_000


class OfficeReceipts:
    """Fetches receipts from the departments, each once."""

    def __init__(self) -> None:
        self._known: dict[Digest, bytes] = {}

    async def beside(
        self, case: Case, departments: Departments, *, patience_s: float
    ) -> Mapping[Digest, JsonObject]:
        """Return the receipts that can be had in time, by the digest of their certificate."""
        if not isinstance(departments, Papers):
            return {}
        named = _named(case)
        wanted = {
            digest: department
            for department, digest, _ in named.values()
            if digest not in self._known
        }
        await asyncio.gather(
            *(self._fetch(departments, *one, patience_s) for one in wanted.items())
        )
        found: dict[Digest, JsonObject] = {}
        for certificate, (department, digest, paper) in named.items():
            receipt = self._read(digest, paper, department)
            if receipt is not None:
                found[certificate] = receipt
        return found

    async def _fetch(
        self, papers: Papers, digest: Digest, department: str, patience_s: float
    ) -> None:
        try:
            async with asyncio.timeout(patience_s):
                data = await papers.document(department, digest)
        except (OneServiceError, TimeoutError) as error:
            code = error.code if isinstance(error, OneServiceError) else "no answer in time"
            _log.warning("a bundle goes out without a seal's receipt of %s: %s", department, code)
            return
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        self._known[digest] = data

    def _read(self, digest: Digest, paper: Certificate, department: str) -> JsonObject | None:
        data = self._known.get(digest)
        if data is None:
            return None
        try:
            receipt = SealReceipt.parse(data)
        except VerificationError as error:
            _log.warning("a seal's receipt of %s is none: %s", department, error.code)
            return None
        if receipt.document_digest != sealed_part(paper.content):
            _log.warning("a seal's receipt of %s is about something else", department)
            return None
        return receipt.as_json()


def _named(case: Case) -> dict[Digest, tuple[str, Digest, Certificate]]:
    """Return, by certificate, who has its receipt, and under which digest."""
    found: dict[Digest, tuple[str, Digest, Certificate]] = {}
    for sub in case.sub_cases.values():
        outcome = sub.outcome or {}
        listed = [
            one for one in outcome.get("documents") or () if one.get("media_type") == RECEIPT_TYPE
        ]
        if listed and outcome.get("certificate"):
            try:
                paper = Certificate.of(outcome["certificate"])
            except MalformedCertificateError:
                continue
            found[paper.digest] = (sub.spec.department, Digest(listed[-1]["digest"]), paper)
    return found
