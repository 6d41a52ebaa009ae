"""Several lists at once: a relier in one region judges certificates of others.

Each list speaks for its own territory and for nothing else. An office or an entitlement outside it
is left out, with the reason kept: otherwise any region's signers could name themselves issuers of
any other's certificates. What *counts* elsewhere is a rule of the accepting region's own list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from oneservice.certificates.recognition import Recognition, RecognitionLevel, recognise
from oneservice.certificates.third_parties import Gathered, ThirdParties
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_entries import ListedKey, TrustedIssuer
from oneservice.certificates.trust_territory import issuers_within, rules_within
from oneservice.errors import TrustListError
from oneservice.identifiers import RegionCode, region_contains, region_prefix

__all__ = ["LeftOut", "TrustBook", "combine", "within_territory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An entry that does not count, and why: ``what`` is a place in the list of ``territory``."""

    territory: str
    version: int
    what: str
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the facts for a report."""
        return {
            "list_territory": self.territory,
            "list_version": self.version,
            "what": self.what,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBook:
    """The lists of several regions, each cut to what it may say; made by :func:`combine`."""

    lists: tuple[TrustStore, ...]
    left_out: tuple[LeftOut, ...] = ()
    _owners: Mapping[str, TrustStore] = field(init=False, repr=False, compare=False)
    _keys: Mapping[str, tuple[TrustedIssuer, ListedKey]] = field(
        init=False, repr=False, compare=False
    )
    _third_parties: Mapping[str, ThirdParties] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index issuers and keys; what two lists name would be judged by chance."""
        owners: dict[str, TrustStore] = {}
        keys: dict[str, TrustStore] = {}
        found: dict[str, tuple[TrustedIssuer, ListedKey]] = {}
        for store in self.lists:
            for issuer in store.issuers:
                _claim(owners, issuer.id, store)
                for one in issuer.keys:
                    listed = store.key(one.id)
                    if listed is not None:
                        _claim(keys, one.multibase, store)
                        found.setdefault(one.id, listed)
        object.__setattr__(self, "_owners", owners)
        object.__setattr__(self, "_keys", found)
        gathered = {one.territory: Gathered.over(one.territory, self.lists) for one in self.lists}
        object.__setattr__(self, "_third_parties", gathered)

    def list_of(self, issuer_id: str) -> TrustStore | None:
        """Return the list that speaks for that issuer; ``None``: none does.

        Judge a certificate against this one list: its expiry and its signers are those that count.
        """
        return self._owners.get(issuer_id)

    def list_for(self, region: str) -> TrustStore | None:
        """Return the list of the narrowest territory that contains ``region``."""
        covering = (
            one
            for one in self.lists
            if region_contains(RegionCode(one.territory), RegionCode(region))
        )
        return max(
            covering, key=lambda one: len(region_prefix(RegionCode(one.territory))), default=None
        )

    def issuer(self, issuer_id: str) -> TrustedIssuer | None:
        """Return the issuer of that URL, from the list that speaks for it."""
        store = self.list_of(issuer_id)
        return None if store is None else store.issuer(issuer_id)

    def key(self, verification_method: str) -> tuple[TrustedIssuer, ListedKey] | None:
        """Return the certificate key of that URL, and whose it is."""
        return self._keys.get(verification_method)

    def third_parties(self, territory: str) -> ThirdParties:
        """Return who vouches for certificates that the list of ``territory`` speaks for."""
        return self._third_parties.get(territory) or Gathered.over(territory, self.lists)

    def recognition_of(
        self,
        *,
        certificate_type: str,
        issuer_region: str,
        accepting_region: str,
        level: RecognitionLevel,
        moment: datetime,
    ) -> Recognition:
        """Return whether a certificate counts in ``accepting_region``, by that region's own list.

        Arguments as for :func:`recognise`. Without a list of the accepting region there is no rule.
        Whether that list has expired at ``moment``, the verifier asks, not this.
        """
        store = self.list_for(accepting_region)
        return recognise(
            () if store is None else store.recognition,
            certificate_type=certificate_type,
            issuer_region=issuer_region,
            accepting_region=accepting_region,
            level=level,
            moment=moment,
        )


def _claim(owners: dict[str, TrustStore], name: str, store: TrustStore) -> None:
    other = owners.setdefault(name, store)
    if other is not store:
        msg = (
            f"the lists of {other.territory} and {store.territory} both name {name[:160]}; no "
            "reader could tell which counts. Ask both publishers whose it is"
        )
        raise TrustListError(msg)


def combine(lists: Iterable[TrustStore]) -> TrustBook:
    """Return the lists as one book; what a list says beyond its territory is left out.

    Raises:
        TrustListError: two lists are of one territory, or both name an issuer or a key.
    """
    found: dict[str, TrustStore] = {}
    left_out: list[LeftOut] = []
    for store in lists:
        if store.territory in found:
            msg = f"there are two lists of {store.territory}; give the newer edition only"
            raise TrustListError(msg)
        found[store.territory], more = within_territory(store)
        left_out += more
    return TrustBook(lists=tuple(found.values()), left_out=tuple(left_out))


def within_territory(store: TrustStore) -> tuple[TrustStore, tuple[LeftOut, ...]]:
    """Return ``store`` cut to what it may say, and what it said beyond that."""
    issuers, beyond = issuers_within(store.territory, store.issuers)
    rules, more = rules_within(store.territory, store.recognition)
    left_out = tuple(
        LeftOut(territory=store.territory, version=store.version, what=one.what, why=one.why)
        for one in (*beyond, *more)
    )
    return replace(store, issuers=issuers, recognition=rules) if left_out else store, left_out
