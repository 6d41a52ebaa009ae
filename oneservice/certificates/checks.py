"""The checks of one certificate, each a small function that looks at one thing.

The time that counts for a key is the moment of signing. Without a log or a timestamp there is only
the issuer's own word for it (``created``). That is good enough for a key that was only rotated,
and worth nothing once the key is reported stolen: a thief writes whatever moment he likes. What a
listed witness or clock had seen before the theft stays good.

References:
    certificates page, sections 2 and 3; W3C VC Data Model 2.0, section 7.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias

from oneservice.canonical import write_instant
from oneservice.certificates.checks_of_evidence import logged, time_proven, witnessed
from oneservice.certificates.checks_of_seal import sealed
from oneservice.certificates.checks_of_status import status_known
from oneservice.certificates.claims import LocalText
from oneservice.certificates.inquiry import Inquiry
from oneservice.certificates.moments import written
from oneservice.certificates.recognition import RecognitionLevel, recognise
from oneservice.certificates.reliance import list_for
from oneservice.certificates.report import CheckName, Finding, failed, not_checked, passed
from oneservice.certificates.requirements import Leaf, RecognisedIn
from oneservice.certificates.sd_jwt_holding import held
from oneservice.certificates.trust_book import TrustBook
from oneservice.certificates.trust_entries import Entitlement
from oneservice.certificates.trust_standing import KeyStanding, judge_key
from oneservice.errors import (
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    NotRecognisedError,
    NotYetValidError,
    StatusUnknownError,
    TrustListError,
    UnknownIssuerError,
    VerificationError,
)
from oneservice.identifiers import RegionCode

__all__ = ["ABSENT", "CHECKS", "CheckFunction"]

_SAME_DAY: Final = timedelta(days=1)
"""A permit counts from the first moment of its day and is signed in the course of that day; what
was signed later than a day after the moment asked about did not exist at that moment."""


@functools.lru_cache(maxsize=4096)
def _stated(entitlement: Entitlement) -> Mapping[str, Any]:
    return entitlement.as_json()


def _key_listed(inquiry: Inquiry, _leaf: Leaf) -> Finding:
    name = CheckName.KEY_LISTED
    if inquiry.trust is None:
        msg = "no trust list is at hand, so nobody vouches for the issuer"
        return not_checked(name, msg, error=StatusUnknownError(msg))
    listed, issuer = inquiry.listed, inquiry.subject.issuer_id
    facts = {"issuer": issuer, **inquiry.trust.evidence}
    is_known = inquiry.trust.issuer(issuer) is not None
    if listed is None or not is_known:
        msg = f"the trust list does not name this {'key of the issuer' if is_known else 'issuer'}"
        facts |= _left_out(inquiry)
        if inquiry.is_list_outdated:
            return _outdated(name, msg, **facts)
        return failed(name, UnknownIssuerError(msg), **facts)
    if listed[0].id != issuer:
        msg = "the key is that of another issuer than the one named"
        return failed(name, ForgedCertificateError(msg), **facts)
    return passed(name, **facts)


def _left_out(inquiry: Inquiry) -> dict[str, Any]:
    """Return what a list says of the issuer that it may not say: beyond its territory."""
    if not isinstance(inquiry.book, TrustBook):
        return {}
    issuer = inquiry.subject.issuer_id
    found = [one.as_json() for one in inquiry.book.left_out if one.what == f"issuer {issuer}"]
    return {"left_out": found} if found else {}


def _outdated(name: CheckName, msg: str, **facts: Any) -> Finding:
    """Return "cannot tell": what an expired list does not name, a later edition may."""
    error = TrustListError(f"{msg}; it has expired, and a later edition may differ")
    return not_checked(name, str(error), error=error, **facts)


_WORTHLESS: Final = {
    KeyStanding.NOT_IN_USE: "the issuer did not use this key at the time of signing",
    KeyStanding.STOLEN: "the key had been reported stolen before the time of signing",
}
_UNPROVEN: Final = "the key was stolen later, and only the proof's own clock says it signed before"


def _key_valid(inquiry: Inquiry, _leaf: Leaf) -> Finding:
    name, listed = CheckName.KEY_VALID, inquiry.listed
    if inquiry.trust is None or listed is None:
        return not_checked(name, "the key is not listed")
    key, proven = listed[1], inquiry.attested.proven_at
    judged = judge_key(key, claimed_at=inquiry.stated_at, proven_at=proven)
    facts: dict[str, Any] = {"clock": inquiry.clock}
    for day in ("valid_from", "valid_until", "compromised_at"):
        moment = getattr(key, day)
        if moment is not None:
            facts[f"key_{day}"] = written(moment)
    if judged.standing is KeyStanding.UNPROVEN:
        unknown = StatusUnknownError(_UNPROVEN)
        return not_checked(name, _UNPROVEN, error=unknown, at=judged.moment, **facts)
    if judged.standing is not KeyStanding.GOOD:
        error = UnknownIssuerError(_WORTHLESS[judged.standing])
        return failed(name, error, at=judged.moment, **facts)
    if inquiry.at > inquiry.trust.expires_at:
        msg = "the trust list has expired; a later edition may know of a theft"
        return not_checked(name, msg, error=TrustListError(msg), at=judged.moment, **facts)
    return passed(name, at=judged.moment, **facts)


def _issuer_entitled(inquiry: Inquiry, _leaf: Leaf) -> Finding:
    name, subject = CheckName.ISSUER_ENTITLED, inquiry.subject
    issuer = None if inquiry.trust is None else inquiry.trust.issuer(subject.issuer_id)
    if issuer is None:
        return not_checked(name, "the issuer is not listed")
    moment, kind = inquiry.signed_at, subject.type
    region = subject.region or issuer.region
    facts = {"clock": inquiry.clock, "certificate_type": kind, "region": region}
    for one in issuer.entitlements:
        if one.covers(kind, region, moment):
            return passed(name, at=moment, **facts, entitlement=_stated(one))
    msg = f"the trust list does not let the issuer issue {kind[:80]!r} for {region} at that time"
    if inquiry.is_list_outdated:
        return _outdated(name, msg, at=moment, **facts)
    return failed(name, IssuerNotEntitledError(msg), at=moment, **facts)


def _recognised(inquiry: Inquiry, leaf: Leaf) -> Finding:
    name, trust, subject = CheckName.RECOGNISED, inquiry.trust, inquiry.subject
    if not isinstance(leaf, RecognisedIn):
        return not_checked(name, "the policy does not say in which region it is to count")
    issuer = None if trust is None else trust.issuer(subject.issuer_id)
    if trust is None or issuer is None:
        return not_checked(name, "the issuer is not listed")
    words = (leaf.region, subject.type, issuer.region)
    known = inquiry.known.get(words)
    if known is None:
        known = _counts_in(leaf.region, subject.type, issuer.region, inquiry)
        if known.error is None:
            inquiry.known[words] = known
    return known


def _counts_in(region: RegionCode, kind: str, origin: str, inquiry: Inquiry) -> Finding:
    """Return whether papers of that kind and origin count in ``region``."""
    name, accepting = CheckName.RECOGNISED, list_for(inquiry.book, region)
    # The signature of the issuer was checked before: what only was collected has none.
    found = recognise(
        () if accepting is None else accepting.recognition,
        certificate_type=kind,
        issuer_region=origin,
        accepting_region=region,
        level=RecognitionLevel.SEALED,
        moment=inquiry.at,
    )
    facts: dict[str, Any] = {"region": region, "words": dict(found.words)}
    rule = found.rule or found.nearest
    if rule is not None:
        facts["rule"] = rule.as_json()
    if found.is_home:
        return passed(name, at=inquiry.at, **facts)
    if accepting is None:
        msg = f"no trust list of {region} is at hand, and its rules stand in no other"
        return not_checked(name, msg, error=StatusUnknownError(msg), at=inquiry.at)
    told_by = {"list_territory": accepting.territory, "list_version": accepting.version}
    if inquiry.at > accepting.expires_at:  # a later edition may have made a rule, or ended it
        words = _in_expired_list(accepting.territory, found.words)
        facts |= told_by | {"words": words}
        old = TrustListError(words["en"])
        return not_checked(name, str(old), error=old, at=inquiry.at, **facts)
    if found.gap is None:
        return passed(name, at=inquiry.at, **facts)
    facts |= told_by
    error = NotRecognisedError(found.words["en"])
    return failed(name, error, at=inquiry.at, gap=found.gap.value, **facts)


def _in_expired_list(territory: str, words: LocalText) -> LocalText:
    return {
        "zh": f"{territory} 的信任名单已过期，新名单可能不同；按旧名单：{words['zh']}",
        "en": f"the trust list of {territory} has expired, and a later edition may differ; by this "
        f"one: {words['en']}",
    }


def _dates(inquiry: Inquiry, _leaf: Leaf) -> Finding:
    subject, at, expires = inquiry.subject, inquiry.at, inquiry.signature.expires
    stated = dict(subject.stated)
    error: VerificationError | None = None
    if subject.starts is not None and at < subject.starts:
        error = NotYetValidError("its first day has not come")
    elif subject.ends is not None and at > subject.ends:
        error = ExpiredCertificateError("its last day has passed")
    elif expires is not None and at > expires:
        error = ExpiredCertificateError("its proof has passed the day that the signer set")
    elif inquiry.signed_at - at > _SAME_DAY:
        error = NotYetValidError("it was signed more than a day after the moment asked about")
        stated |= {"signed_at": write_instant(inquiry.signed_at), "clock": inquiry.clock}
    if error is not None:
        return failed(CheckName.DATES, error, at=at, **stated)
    return passed(CheckName.DATES, at=at, **stated)


CheckFunction: TypeAlias = Callable[[Inquiry, Leaf], Finding]

CHECKS: Final[Mapping[CheckName, CheckFunction]] = {
    CheckName.KEY_LISTED: _key_listed,
    CheckName.KEY_VALID: _key_valid,
    CheckName.ISSUER_ENTITLED: _issuer_entitled,
    CheckName.RECOGNISED: _recognised,
    CheckName.DATES: _dates,
    CheckName.STATUS: status_known,
    CheckName.LOGGED: logged,
    CheckName.WITNESSED: witnessed,
    CheckName.TIME: time_proven,
    CheckName.SEAL: sealed,
    CheckName.HOLDER: held,
}
"""Checks that follow a proof that holds."""

ABSENT: Final[Mapping[CheckName, Finding]] = {
    name: not_checked(name, why)
    for name, why in {
        CheckName.RECOGNISED: "no rule of recognition is at hand; nobody asked for another region",
        CheckName.LOGGED: "the certificate comes without a proof of logging",
        CheckName.WITNESSED: "no witness has cosigned",
        CheckName.TIME: "no timestamp; the only clock is the issuer's own",
        CheckName.SEAL: "the policy of the seal is not part of the certificate",
        CheckName.HOLDER: "nobody was asked to prove to be the holder",
    }.items()
}
"""What was neither asked for nor enclosed: named in every report, never passed over in silence."""
