"""What identifies an entry of a trust list when two editions are compared, and what may move."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_entries import KeyUse

__all__ = ["COMPARED", "Compared", "Named", "compared", "grouped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An entry as it is compared: what it is, its days, and how to reach or call it."""

    name: str
    fixed: Mapping[str, Any]
    entry: Any
    loose: Mapping[str, str] = field(default_factory=dict)


Named = Callable[[Any], Iterable[Compared]]
"""What lists the entries of one kind in an edition."""


def _dated(kind: str, identity: tuple[str, ...], loose: frozenset[str] = frozenset()) -> Named:
    """Return what lists the entries under ``kind``; ``identity`` tells one from the other."""

    def named(store: TrustStore) -> Iterator[Compared]:
        for one in getattr(store, kind):
            yield compared(one, identity, loose=loose)

    return named


def compared(
    one: Any,
    identity: tuple[str, ...],
    *,
    prefix: str = "",
    loose: frozenset[str] = frozenset(),
) -> Compared:
    """Return a dated entry as it is compared; ``identity`` names the members that identify it."""
    document = one.as_json()
    name = " ".join([prefix, *(str(document[member]) for member in identity)]).strip()
    fixed = {member: value for member, value in document.items() if member not in _DAYS | loose}
    how = {member: str(document[member]) for member in loose}
    return Compared(name=name, fixed=fixed, entry=one, loose=how)


_DAYS: Final = frozenset({"valid_from", "valid_until", "compromised_at"})


def _issuers(store: TrustStore) -> Iterator[Compared]:
    for issuer in store.issuers:
        label = issuer.name.get("en") or next(iter(issuer.name.values()))
        fixed = {"region": issuer.region, "department": issuer.department}
        yield Compared(name=issuer.id, fixed=fixed, entry=issuer, loose={"name": label})


def _keys(store: TrustStore) -> Iterator[Compared]:
    for issuer in store.issuers:
        for key in issuer.keys:
            is_own_name = key.use is KeyUse.CERTIFICATE
            yield compared(key, ("id",), prefix="" if is_own_name else issuer.id)


def _entitlements(store: TrustStore) -> Iterator[Compared]:
    for issuer in store.issuers:
        for one in issuer.entitlements:
            yield compared(one, ("type", "region", "valid_from"), prefix=issuer.id)


COMPARED: Final[Mapping[str, Named]] = {
    "issuer": _issuers,
    "key": _keys,
    "entitlement": _entitlements,
    "log": _dated("logs", ("origin", "vkey")),
    "witness": _dated("witnesses", ("name", "vkey"), frozenset({"role"})),
    "timestamp_authority": _dated("timestamp_authorities", ("name", "certificate")),
    "seal": _dated("seals", ("id", "key_id", "policy_digest", "valid_from")),
    "recognition": _dated("recognition", ("type", "issuer_region", "accepted_in", "valid_from")),
    "peer": _dated("peers", ("territory", "keys", "valid_from"), frozenset({"url"})),
}
"""What identifies an entry of each kind; ``loose`` members are how to reach it, not what it is."""


def grouped(entries: Iterable[Compared]) -> dict[str, Compared]:
    """Return the entries by name; a twin gets a number, so that none hides another."""
    found: dict[str, Compared] = {}
    for one in entries:
        name, count = one.name, 1
        while name in found:
            count += 1
            name = f"{one.name} ({count})"
        found[name] = one
    return found
