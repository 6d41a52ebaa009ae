"""When published lists existed at the latest, by proofs of logs that lie beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from oneservice.canonical import Digest
from oneservice.certificates.attested import agreed_on
from oneservice.certificates.attesting import check_logged
from oneservice.certificates.enclosures import EnclosedProof
from oneservice.certificates.reliance import Trust, list_about, third_parties
from oneservice.certificates.requirements import ANY_WITNESS
from oneservice.certificates.status_lists import StatusList
from oneservice.errors import StatusUnknownError
from oneservice.transparency import EntryKind

__all__ = ["proven_lists"]


def proven_lists(
    given: Iterable[tuple[StatusList, EnclosedProof]], *, trust: Trust | None, at: datetime
) -> Mapping[Digest, datetime]:
    """Return the moment at which witnesses had seen each list, for ``PublishedStatus(proven=…)``.

    Args:
        given: lists with the proof that lies beside each.
        trust: who is listed; logs and witnesses count that the list's own territory names.
        at: aware instant asked about.

    Returns:
        By digest; what nobody who is listed vouches for is left out, for it is as without a proof.

    Raises:
        LogProofError: a proof does not fit its list: one of both was changed, or mixed up.
        MalformedCertificateError: a proof is none.
    """
    found: dict[Digest, datetime] = {}
    for one, proof in given:
        with suppress(StatusUnknownError):
            listed = third_parties(trust, list_about(trust, _issuer_of(one, trust), None))
            logged = check_logged(
                proof,
                EntryKind.STATUS_LIST,
                one.digest,
                trust=listed,
                at=at,
                what="the proof of logging of the status list",
            )
            agreed = agreed_on(logged.cosignings, ANY_WITNESS)
            if agreed is not None:
                found[one.digest] = agreed[0]
    return found


def _issuer_of(one: StatusList, trust: Trust | None) -> str:
    """Return who issued a list: as it says, else whose key signed it."""
    if one.issuer_id is not None or one.key_id is None or trust is None:
        return one.issuer_id or ""
    named = trust.key(one.key_id)
    return "" if named is None else named[0].id
