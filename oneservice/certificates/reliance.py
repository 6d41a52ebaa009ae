"""Whom a relier trusts: one list, or those of several regions, asked in the same way."""

from __future__ import annotations

from typing import TypeAlias

from oneservice.certificates.third_parties import ThirdParties
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_book import TrustBook
from oneservice.certificates.trust_entries import ListedKey
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Trust", "event_keys", "list_about", "list_for", "third_parties"]

Trust: TypeAlias = TrustStore | TrustBook
"""One list, or those of several regions."""


def list_about(trust: Trust | None, issuer_id: str, region: str | None) -> TrustStore | None:
    """Return the list by which an issuer is judged; ``None``: there is no list at all.

    Where no list names him it is the list for the ``region`` that he claims, else the first one:
    it says no for all of them.
    """
    if trust is None or isinstance(trust, TrustStore):
        return trust
    found = trust.list_of(issuer_id)
    if found is None and region is not None:
        found = trust.list_for(region)
    return found or next(iter(trust.lists), None)


def list_for(trust: Trust | None, region: str) -> TrustStore | None:
    """Return the list whose rules of recognition count in ``region``: its own, nobody else's."""
    if isinstance(trust, TrustStore):
        is_own = region_contains(RegionCode(trust.territory), RegionCode(region))
        return trust if is_own else None
    return None if trust is None else trust.list_for(region)


def third_parties(trust: Trust | None, own: TrustStore | None) -> ThirdParties | None:
    """Return whose proofs, cosignatures and timestamps count beside a certificate.

    Args:
        trust: whom the relier trusts.
        own: the list by which its issuer is judged, from :func:`list_about`.
    """
    if trust is None or own is None or isinstance(trust, TrustStore):
        return own
    return trust.third_parties(own.territory)


def event_keys(trust: Trust, department: str, region: str | None) -> tuple[ListedKey, ...]:
    """Return the keys with which ``department`` of ``region`` signs events of submissions.

    Departments have local names: of several lists that of the region speaks for those that it
    names, and a namesake abroad cannot vouch for them. Whom it does not name (an office of the
    region to which a step was routed), others may know.
    """
    if isinstance(trust, TrustStore):
        return trust.event_keys(department)
    own = None if region is None else trust.list_for(region)
    if own is not None and (named := own.event_keys(department)):
        return named
    return tuple(key for one in trust.lists for key in one.event_keys(department))
