"""The receipts of the offices' own seals, as they came beside their certificates.

An office whose seal lies behind a lock hands out, beside each certificate, the receipt of its use
(:data:`oneservice.departments.RECEIPT_TYPE`). One that is not about its certificate is left out:
enclosed, it would make the true certificate look forged. Whether the seal was used as its rules
allow, the verifier judges.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from oneservice.canonical import Digest, JsonObject
from oneservice.certificates import Certificate, SealReceipt, sealed_part
from oneservice.engine.result_papers import PaperBeside
from oneservice.errors import VerificationError

__all__ = ["is_about", "receipts_among"]

_log = logging.getLogger(__name__)


def receipts_among(papers: Iterable[PaperBeside]) -> Mapping[Digest, JsonObject]:
    """Return the receipts among ``papers``, by the digest of their certificate."""
    read = ((one.certificate, _read(one)) for one in papers)
    return {paper.digest: stated for paper, stated in read if stated is not None}


def is_about(receipt: SealReceipt, paper: Certificate) -> bool:
    """Say whether ``receipt`` tells of the sealing of ``paper``."""
    return receipt.document_digest == sealed_part(paper.content)


def _read(one: PaperBeside) -> JsonObject | None:
    try:
        receipt = SealReceipt.parse(one.data)
    except VerificationError as error:
        _log.warning("a seal's receipt of %s is none: %s", one.department, error.code)
        return None
    if not is_about(receipt, one.certificate):
        _log.warning("a seal's receipt of %s is about something else", one.department)
        return None
    return receipt.as_json()
