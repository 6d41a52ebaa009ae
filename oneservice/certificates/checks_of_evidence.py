"""The checks that look at what others than the issuer vouch for: logs, witnesses, clocks.

What is enclosed and false fails, whether or not the policy asks. What proves nothing because its
maker is not listed, or is missing, only stands in the way of those who ask for it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oneservice.canonical import write_instant
from oneservice.certificates.attested import Fault
from oneservice.certificates.inquiry import Inquiry
from oneservice.certificates.report import (
    CheckName,
    Finding,
    Verdict,
    failed,
    not_checked,
    passed,
    verdict_of,
)
from oneservice.certificates.requirements import Leaf, Logged, TimeProven, TimestampedBy, Witnessed
from oneservice.errors import StatusUnknownError

__all__ = ["logged", "time_proven", "witnessed"]

_NO_PROOF = "the certificate comes without a proof of logging"
_NO_WITNESS = "no witness has cosigned"
_NO_CLOCK = "no timestamp; the only clock is the issuer's own"


def logged(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say which listed logs prove that they hold the certificate."""
    name, logs, faults = CheckName.LOGGED, inquiry.attested.logs, inquiry.attested.log_faults
    due = leaf.at_least if isinstance(leaf, Logged) else 1
    facts: dict[str, Any] = {
        "logs": [{"log": one.origin, "index": one.index, "size": one.size} for one in logs]
    }
    wrong = _first_wrong(name, faults, facts)
    if wrong is not None:
        return wrong
    if len(logs) >= due:
        return passed(name, **facts)
    why = f"{len(logs)} of {due} listed logs hold it" if logs or faults else _NO_PROOF
    return _too_few(name, why, faults, facts)


def witnessed(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say which listed witnesses cosigned, and when."""
    name, attested = CheckName.WITNESSED, inquiry.attested
    asked = leaf if isinstance(leaf, Witnessed) else Witnessed()
    seen = [one for one in attested.cosignings if asked.counts(one.name, one.role)]
    facts: dict[str, Any] = {"witnesses": [one.as_json() for one in attested.cosignings]}
    if asked.by:
        facts["due_from"] = list(asked.by)
    if len(seen) >= asked.at_least:
        return passed(name, **facts)
    why = (
        f"{len(seen)} of {asked.at_least} witnesses cosigned"
        if attested.cosignings
        else _NO_WITNESS
    )
    return _too_few(name, why, attested.log_faults, facts)


def time_proven(inquiry: Inquiry, leaf: Leaf) -> Finding:
    """Say since when the certificate is known to have existed, by another clock than its own."""
    name, attested = CheckName.TIME, inquiry.attested
    wrong = _first_wrong(name, attested.stamp_faults, {})
    if wrong is not None:
        return wrong
    if isinstance(leaf, TimestampedBy):
        return _stamped(inquiry, leaf)
    proven = attested.proven
    if proven is None:
        return _too_few(name, _NO_CLOCK, attested.stamp_faults, {})
    moment, by = proven
    stated = inquiry.stated_at
    facts = {"clock": by, "stated_at": write_instant(stated)}
    if moment < stated:
        facts["note"] = "it existed before the moment that its issuer states; the earlier counts"
    within = leaf.within_s if isinstance(leaf, TimeProven) else None
    if within is not None and moment - stated > timedelta(seconds=within):
        why = f"it is proven only since {write_instant(moment)}, later than the policy allows"
        return not_checked(name, why, error=StatusUnknownError(why), at=moment, **facts)
    return passed(name, at=moment, **facts)


def _stamped(inquiry: Inquiry, leaf: TimestampedBy) -> Finding:
    name, attested, due = CheckName.TIME, inquiry.attested, set(leaf.authorities)
    stamps = [one for one in attested.stamps if not due or one.authority in due]
    if not stamps:
        whose = f" of {', '.join(leaf.authorities)}" if due else ""
        why = f"no timestamp{whose} is enclosed"
        return _too_few(name, why, attested.stamp_faults, {})
    first = stamps[0]
    return passed(name, at=first.at, clock=f"timestamp of {first.authority}", serial=first.serial)


def _first_wrong(
    name: CheckName, faults: tuple[Fault, ...], facts: dict[str, Any]
) -> Finding | None:
    """Return the finding on what was enclosed and is false."""
    for fault in faults:
        if verdict_of(fault.error) is Verdict.INVALID:
            return failed(name, fault.error, what=fault.what, **facts)
    return None


def _too_few(
    name: CheckName, why: str, faults: tuple[Fault, ...], facts: dict[str, Any]
) -> Finding:
    """Return "cannot tell": more evidence may exist, it is only not at hand."""
    if faults:
        what, said = faults[0].what, str(faults[0].error)
        why = f"{why}; {said}" if said.startswith(what) else f"{why}; {what}: {said}"
    error = faults[0].error if faults else StatusUnknownError(why)
    return not_checked(name, why, error=error, **facts)
