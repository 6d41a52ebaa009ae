"""The check whether a certificate was taken back: registers at hand, and lists that came along.

Of several editions of one list the newest counts that had been issued by the moment asked about,
whoever brought it. That no list can tell is never "invalid".

A register of the relier's own is asked beside the lists, not instead of them. Where the two differ
the graver answer counts: the register may know of a revocation that no list tells yet, and a list
that still speaks, signed by the issuer, is not outvoted by a register that lags behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from oneservice.canonical import read_instant
from oneservice.certificates.inquiry import Inquiry
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
from oneservice.certificates.requirements import Leaf, StatusKnown
from oneservice.certificates.status import (
    CertificateState,
    PlaceSource,
    StatusFinding,
    StatusSource,
)
from oneservice.certificates.status_lists import StatusList
from oneservice.certificates.status_published import PublishedStatus
from oneservice.errors import (
    CertificateRevokedError,
    CertificateSuspendedError,
    MalformedJsonError,
    StatusUnknownError,
    VerificationError,
)

__all__ = ["status_known"]

_MOST_UNPACKED: Final = 134_217_728
"""128 MiB: the three lists of a register of the largest size, in two editions."""
_NOBODY_KNOWS = "no register at hand knows whether it was taken back"


def status_known(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say in which state the certificate was at the moment asked about."""
    name, at = CheckName.STATUS, inquiry.at
    is_named = inquiry.subject.has_status or inquiry.enclosures.status_lists
    # In a published list stands only what names it; a register of the relier's may know all.
    is_brought = not isinstance(inquiry.status, PublishedStatus | None)
    if not is_brought and not is_named and not isinstance(leaf, StatusKnown):
        return not_checked(name, "the certificate names no status list")
    found = _state(inquiry)
    if isinstance(found, str):
        return not_checked(name, found, error=StatusUnknownError(found), at=at)
    facts: dict[str, Any] = {"register": dict(found.evidence)}
    match found.state:
        case CertificateState.GOOD:
            return _fresh(inquiry, leaf, found, facts)
        case CertificateState.SUSPENDED:
            held = CertificateSuspendedError("the issuer holds it for now")
            return failed(name, held, at=at, **facts)
        case CertificateState.REVOKED:
            return failed(name, CertificateRevokedError("the issuer took it back"), at=at, **facts)


def _fresh(inquiry: Inquiry, leaf: Leaf, found: StatusFinding, facts: dict[str, Any]) -> Finding:
    """Return that it stands, if the register is as recent as the policy asks."""
    name, at = CheckName.STATUS, inquiry.at
    limit = leaf.max_age_s if isinstance(leaf, StatusKnown) else None
    if limit is None:
        return passed(name, at=at, **facts)
    try:
        age = at - read_instant(str(found.evidence["list_issued_at"]))
    except (KeyError, MalformedJsonError):
        why = (
            "the register does not say of when its answer is, and the policy asks for a recent one"
        )
    else:
        if age <= timedelta(seconds=limit):
            return passed(name, at=at, **facts)
        why = "the newest list at hand is older than the policy allows"
    return not_checked(name, why, error=StatusUnknownError(why), at=at, **facts)


def _state(inquiry: Inquiry) -> StatusFinding | str:
    """Return what the registers say, or why none can tell."""
    given = inquiry.status
    own = None
    if given is not None and not isinstance(given, PublishedStatus):
        own = _told(inquiry, given)
    listed = _listed(inquiry, given if isinstance(given, PublishedStatus) else None)
    if own is None:
        return listed
    return own if isinstance(listed, str) else _graver(own, listed)


def _listed(inquiry: Inquiry, lists: PublishedStatus | None) -> StatusFinding | str:
    """Return what published lists say, those that came along among them."""
    if inquiry.enclosures.status_lists:
        lists = _with_enclosed(inquiry, lists)
    if lists is None:
        return _NOBODY_KNOWS
    subject = inquiry.subject
    if not subject.has_status:
        return "the certificate names no status list"
    answer = lists.state_at(subject.references, issuer_id=subject.issuer_id, at=inquiry.at)
    return f"{_NOBODY_KNOWS}: {answer}" if isinstance(answer, str) else answer


def _graver(own: StatusFinding, listed: StatusFinding) -> StatusFinding:
    """Return the answer that counts, with the other one where it differs."""
    if own.state is listed.state:
        return own
    states = list(CertificateState)  # from good to taken back
    graver, other = sorted((own, listed), key=lambda one: -states.index(one.state))
    differs = {"state": other.state.value, **other.evidence}
    return replace(graver, evidence={**graver.evidence, "differs": differs})


def _told(inquiry: Inquiry, register: StatusSource) -> StatusFinding | None:
    """Return what a register says of a certificate, or of the place that a presentation names."""
    if inquiry.certificate is not None:
        return register.status_of(inquiry.certificate, at=inquiry.at)
    subject = inquiry.subject
    if not isinstance(register, PlaceSource) or not subject.references:
        return None
    found = register.state_at(subject.references, issuer_id=subject.issuer_id, at=inquiry.at)
    return None if isinstance(found, str) else found


def _with_enclosed(inquiry: Inquiry, given: PublishedStatus | None) -> PublishedStatus:
    """Return the lists of the relier and those that came along, each with its proven moment."""
    known = () if given is None else given.lists
    lists = tuple(one for one in _enclosed(inquiry) if one not in known)
    return PublishedStatus(
        lists=(*known, *lists),
        trust=inquiry.trust if given is None else given.trust,
        proven={**({} if given is None else given.proven), **inquiry.attested.lists_seen},
        max_age=None if given is None else given.max_age,
    )


def _enclosed(inquiry: Inquiry) -> Iterator[StatusList]:
    """Yield the lists that came along, as far as they unpack to no more than memory should hold.

    Who encloses more, and so hides one, gains nothing: he need not have enclosed it.
    """
    left = _MOST_UNPACKED
    for enclosed in inquiry.enclosures.status_lists:
        with suppress(VerificationError):  # what is no list tells nothing: "cannot tell"
            found = StatusList.parse(enclosed.data)
            left -= found.unpacked_bytes
            if left < 0:
                return
            yield found
