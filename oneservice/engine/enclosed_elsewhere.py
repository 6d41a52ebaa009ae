"""What another region vouches for beside the results that it decided: its log, lists, clock, seal.

Theory of operation. A region's log speaks for what its own offices issued, and nobody else's does.
So whoever decides for another region sends along what its own bundle would enclose
(:data:`oneservice.departments.ENCLOSURES_TYPE`), and the bundle of the region that accepted has it
again: who has both regions' lists verifies all of it without asking anybody. Nothing here is
believed. What is misshapen, or about another certificate, is left out; of the rest so little is
taken that no neighbour makes a bundle unreadable.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from oneservice.canonical import Digest, JsonObject, canonical, parse_object
from oneservice.certificates import Certificate, EnclosedList, Enclosures, SealReceipt
from oneservice.engine.office_receipts import is_about
from oneservice.engine.result_papers import PaperBeside
from oneservice.errors import MalformedJsonError, VerificationError

__all__ = ["elsewhere_among", "joined", "written"]

_log = logging.getLogger(__name__)

_FORMAT: Final = "oneservice-enclosures/1"
_MOST_BYTES: Final = 4_194_304
_MOST_PARTS: Final = 8
"""Of each kind, far below what a bundle may hold: a region has one log, an office one list."""


def written(enclosures: Mapping[Digest, Enclosures]) -> bytes:
    """Return what is vouched for of some certificates, as another region gets it.

    Lists that would make it too large are left out: they are published.
    """
    data = _written(enclosures)
    if len(data) <= _MOST_BYTES:
        return data
    return _written({name: replace(one, status_lists=()) for name, one in enclosures.items()})


def elsewhere_among(papers: Iterable[PaperBeside]) -> Mapping[Digest, Enclosures]:
    """Return what other regions vouch for, by the digest of the certificate."""
    read = ((one.certificate, _read(one)) for one in papers)
    return {paper.digest: found for paper, found in read if found is not None}


def joined(own: Enclosures, theirs: Enclosures | None) -> Enclosures:
    """Return both as one; a list that both have comes with the proof of its own region's log."""
    if theirs is None:
        return own
    lists: dict[bytes, EnclosedList] = {one.data: one for one in own.status_lists}
    lists |= {
        one.data: one for one in theirs.status_lists if one.log_proof or one.data not in lists
    }
    return Enclosures(
        log_proofs=tuple(dict.fromkeys((*own.log_proofs, *theirs.log_proofs))),
        status_lists=tuple(lists.values()),
        timestamps=tuple(dict.fromkeys((*own.timestamps, *theirs.timestamps))),
        seal_receipt=own.seal_receipt or theirs.seal_receipt,
        national=own.national or theirs.national,
    )


def _written(enclosures: Mapping[Digest, Enclosures]) -> bytes:
    told = {name: one.as_json() for name, one in enclosures.items() if not one.is_empty}
    return canonical({"format": _FORMAT, "certificates": told})


def _read(paper: PaperBeside) -> Enclosures | None:
    try:
        document = parse_object(paper.data, max_bytes=_MOST_BYTES)
        stated = _stated(document, paper.certificate)
        return None if stated is None else _bounded(Enclosures.of(stated), paper)
    except (MalformedJsonError, VerificationError) as error:
        _log.warning("what %s encloses cannot be read: %s", paper.department, error.code)
        return None


def _stated(document: JsonObject, certificate: Certificate) -> Any:
    named = document.get("certificates")
    if document.get("format") != _FORMAT or not isinstance(named, Mapping):
        return None
    return named.get(certificate.digest)


def _bounded(found: Enclosures, paper: PaperBeside) -> Enclosures:
    """Return the first of each kind, and the receipt only if it is about this certificate."""
    stated = found.seal_receipt
    if stated is not None and not is_about(SealReceipt.of(stated), paper.certificate):
        _log.warning("a seal's receipt of %s is about something else", paper.department)
        stated = None
    return Enclosures(
        log_proofs=found.log_proofs[:_MOST_PARTS],
        status_lists=found.status_lists[:_MOST_PARTS],
        timestamps=found.timestamps[:_MOST_PARTS],
        seal_receipt=stated,
        national=found.national[:_MOST_PARTS],
    )
