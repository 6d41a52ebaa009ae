"""The entries of a directory of regions: where each is reached, by which keys it speaks.

Everything that decides about a message or a certificate is dated and stays; only an address may
simply change, because nobody ever proves anything by an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from oneservice.certificates.claims import LocalText
from oneservice.certificates.keys import VerifyingKey
from oneservice.certificates.multibase import Curve
from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust_coding import (
    DAYS,
    Members,
    each,
    is_within,
    local_text,
    maybe_instant,
    read_entry,
    region,
    text,
    word,
    write_entry,
)
from oneservice.certificates.trust_entries import EventAlgorithm
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.errors import TrustListError, VerificationError
from oneservice.identifiers import RegionCode, region_contains

__all__ = [
    "EndpointKind",
    "ListedRegion",
    "OfferKind",
    "RegionEndpoint",
    "RegionKey",
    "RegionKeyUse",
    "RegionOffer",
]

_LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CURVES: Final = {EventAlgorithm.ED25519: Curve.ED25519, EventAlgorithm.ECDSA_P256: Curve.P256}


class EndpointKind(StrEnum):
    """What one finds at an address of a region."""

    SERVICE = "service"
    """Base URL of the adapter protocol: there the region takes applications, as an office does."""
    LOG = "log"
    """Its transparency log, as tiles."""
    STATUS = "status"
    """Its status lists."""
    PEOPLE = "people"
    """The page to which a person is sent, such as to consent."""


class RegionKeyUse(StrEnum):
    """What a region signs with a key on the wire; certificates are a matter of its trust list."""

    REQUEST = "request"
    """What it asks of others: it is a caller of theirs."""
    EVENT = "event"
    """What it reports to others: it is an office of theirs."""


class OfferKind(StrEnum):
    """What others may ask a region for."""

    ONE_THING = "one-thing"
    ITEM = "item"
    EVIDENCE = "evidence"
    """A look-up of certificates of one type, with consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionEndpoint:
    """An address.

    Raises:
        TrustListError: it is no ``https`` URL (``http`` on this machine only), or hides something.
    """

    kind: EndpointKind
    url: str

    def __post_init__(self) -> None:
        """Refuse an address over which anybody could read along."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        is_plain = host is not None and port != 0 and not (parts.username or parts.password)
        is_safe = is_plain and (
            parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL_HOSTS)
        )
        if not is_safe or parts.query or parts.fragment or not self.url.isascii():
            msg = (
                f"the {self.kind} address is none: https://HOST/… is due, without user name, query "
                "or fragment (http only on this machine)"
            )
            raise TrustListError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionKey:
    """A key with which a region signs messages.

    Args:
        id: key id on the wire.
        use: what it signs.
        algorithm: of message signatures and events.
        multibase: the public key as a Multikey.
        valid_from: first instant at which it may sign.
        valid_until: first instant at which it may no longer; ``None``: still in use.
        compromised_at: since when somebody else may have had it.

    Raises:
        TrustListError: the key is malformed, or not of that algorithm.
    """

    id: str
    use: RegionKeyUse
    algorithm: EventAlgorithm
    multibase: str
    valid_from: datetime
    valid_until: datetime | None = None
    compromised_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a key that could never verify anything."""
        try:
            curve = self.key().curve
        except VerificationError as error:
            msg = f"key {self.id[:120]}: {error}"
            raise TrustListError(msg) from None
        if curve is not _CURVES[self.algorithm]:
            msg = f"key {self.id[:120]}: it is none of the algorithm {self.algorithm}"
            raise TrustListError(msg)

    def key(self) -> VerifyingKey:
        """Return the public key, loaded."""
        return VerifyingKey.from_multibase(self.multibase)

    def is_good(self, moment: datetime) -> bool:
        """Say whether the key may sign at ``moment``, and nobody else had it by then."""
        is_stolen = self.compromised_at is not None and moment >= self.compromised_at
        return is_within(self, moment) and not is_stolen

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a directory."""
        return {**write_entry(self, _KEY), "public_key_multibase": self.multibase}

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> RegionKey:
        """Return the key that an entry states."""
        multibase = text(entry, "public_key_multibase")
        return read_entry(partial(cls, multibase=multibase), _KEY, entry)


_KEY: Final[Members] = {
    "id": text,
    "use": word(RegionKeyUse),
    "algorithm": word(EventAlgorithm),
    **DAYS,
    "compromised_at": maybe_instant,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionOffer:
    """Something that others may ask this region for: ``name`` is a one-thing, an item or a type."""

    kind: OfferKind
    name: str
    valid_from: datetime
    valid_until: datetime | None = None

    def is_within(self, moment: datetime) -> bool:
        """Say whether it is offered at ``moment``."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a directory."""
        return write_entry(self, _OFFER)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> RegionOffer:
        """Return the offer that an entry states."""
        return read_entry(cls, _OFFER, entry)


_OFFER: Final[Members] = {"kind": word(OfferKind), "name": text, **DAYS}
_ENDPOINT: Final[Members] = {"kind": word(EndpointKind), "url": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRegion:
    """One region.

    Args:
        region: its code; it speaks for whatever lies in it.
        name: for people.
        valid_from: since when it takes part.
        valid_until: first instant at which it no longer does; what happened before stays good.
        endpoints: where it is reached, one address of each kind.
        keys: with which it signs messages.
        trust_lists: where its trust list is, and who signs that.
        offers: what others may ask it for.
        recognises: which certificates of others count in it. To be found by: what *counts* is its
            own trust list.

    Raises:
        TrustListError: an entry says something about another region, or a kind of address twice.
    """

    region: str
    name: LocalText
    valid_from: datetime
    valid_until: datetime | None = None
    endpoints: tuple[RegionEndpoint, ...] = ()
    keys: tuple[RegionKey, ...] = ()
    trust_lists: tuple[TrustPeer, ...] = ()
    offers: tuple[RegionOffer, ...] = ()
    recognises: tuple[RecognitionRule, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what a region cannot say of itself."""
        own = RegionCode(self.region)
        for one in self.trust_lists:
            if one.territory != own:
                raise self._refusal(f"a trust list of {one.territory} is not its own")
        for rule in self.recognises:
            if not region_contains(own, RegionCode(rule.accepted_in)):
                raise self._refusal(f"it cannot recognise anything in {rule.accepted_in}")
        if len({one.kind for one in self.endpoints}) != len(self.endpoints):
            raise self._refusal("two addresses of one kind; chance would choose")

    def _refusal(self, why: str) -> TrustListError:
        return TrustListError(f"region {self.region}: {why}")

    def is_within(self, moment: datetime) -> bool:
        """Say whether the region takes part at ``moment``."""
        return is_within(self, moment)

    def url(self, kind: EndpointKind) -> str | None:
        """Return the address of that kind; ``None``: there is none."""
        return next((one.url for one in self.endpoints if one.kind is kind), None)

    def keys_at(self, moment: datetime, *, use: RegionKeyUse) -> tuple[RegionKey, ...]:
        """Return the keys that may sign at ``moment``; none where the region does not take part."""
        if not self.is_within(moment):
            return ()
        return tuple(one for one in self.keys if one.use is use and one.is_good(moment))

    def trust_list_at(self, moment: datetime) -> TrustPeer | None:
        """Return where its list is at ``moment``; of several entries the latest."""
        counting = (one for one in self.trust_lists if one.is_within(moment))
        return max(counting, key=lambda one: one.valid_from, default=None)

    def does_offer(self, kind: OfferKind, name: str, *, at: datetime) -> bool:
        """Say whether it can be asked for that at the instant ``at``."""
        return self.is_within(at) and any(self._offers(kind, name, at))

    def _offers(self, kind: OfferKind, name: str, at: datetime) -> Iterator[bool]:
        return (one.is_within(at) for one in self.offers if (one.kind, one.name) == (kind, name))

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stands in a directory."""
        return {
            **write_entry(self, _REGION),
            "endpoints": [write_entry(one, _ENDPOINT) for one in self.endpoints],
            **{name: [one.as_json() for one in getattr(self, name)] for name in _LISTS},
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> ListedRegion:
        """Return the region that an entry states."""
        lists: Mapping[str, Any] = {name: each(entry, name, read) for name, read in _LISTS.items()}
        ends = each(entry, "endpoints", lambda one: read_entry(RegionEndpoint, _ENDPOINT, one))
        return read_entry(partial(cls, endpoints=ends, **lists), _REGION, entry)


_REGION: Final[Members] = {"region": region, "name": local_text, **DAYS}
_LISTS: Final[Mapping[str, Any]] = {
    "keys": RegionKey.of,
    "trust_lists": TrustPeer.of,
    "offers": RegionOffer.of,
    "recognises": RecognitionRule.of,
}
