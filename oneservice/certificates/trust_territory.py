"""A list speaks for its own territory: what it says beyond that does not count.

Otherwise the signers of any region could name themselves issuers of any other region's
certificates, and a relier who follows several lists would be as safe as the weakest of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust_entries import TrustedIssuer
from oneservice.errors import TrustListError
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Beyond", "Speaks", "issuers_within", "require_within", "rules_within"]


class Speaks(Protocol):
    """What speaks for a territory: a list, or the draft of one."""

    @property
    def territory(self) -> str:
        """For which it speaks."""
        ...

    @property
    def issuers(self) -> tuple[TrustedIssuer, ...]:
        """Offices that it names."""
        ...

    @property
    def recognition(self) -> tuple[RecognitionRule, ...]:
        """Rules that it has."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """An entry for a region for which its list does not speak."""

    what: str
    region: str
    territory: str

    @property
    def why(self) -> str:
        """The reason for which it does not count."""
        return f"{self.region} does not lie in {self.territory}, for which alone this list speaks"


def issuers_within(
    territory: str, issuers: Iterable[TrustedIssuer]
) -> tuple[tuple[TrustedIssuer, ...], tuple[Beyond, ...]]:
    """Return issuers and entitlements that lie in ``territory``, and those that do not."""
    kept: list[TrustedIssuer] = []
    beyond: list[Beyond] = []
    for issuer in issuers:
        if not _is_inside(territory, issuer.region):
            beyond.append(_beyond(f"issuer {issuer.id}", issuer.region, territory))
            continue
        outside = [one for one in issuer.entitlements if not _is_inside(territory, one.region)]
        beyond += (
            _beyond(f"entitlement of {issuer.id} to {one.type}", one.region, territory)
            for one in outside
        )
        rights = tuple(one for one in issuer.entitlements if one not in outside)
        kept.append(replace(issuer, entitlements=rights) if outside else issuer)
    return tuple(kept), tuple(beyond)


def rules_within(
    territory: str, rules: Iterable[RecognitionRule]
) -> tuple[tuple[RecognitionRule, ...], tuple[Beyond, ...]]:
    """Return the rules that let something count in ``territory``, and the others."""
    kept: list[RecognitionRule] = []
    beyond: list[Beyond] = []
    for rule in rules:
        if _is_inside(territory, rule.accepted_in):
            kept.append(rule)
        else:
            what = f"recognition of {rule.type} from {rule.issuer_region}"
            beyond.append(_beyond(what, rule.accepted_in, territory))
    return tuple(kept), tuple(beyond)


def require_within(new: Speaks, *, before: Speaks | None) -> None:
    """Return if ``new`` says nothing beyond its territory that was not said before.

    Such an entry counts nowhere, and once it is published it can only be ended. What an edition
    of another time or tool says already therefore stays, and stops nobody.

    Raises:
        TrustListError: it does; the text names all such entries.
    """
    known = () if before is None else _beyond_of(before)
    found = [one for one in _beyond_of(new) if one not in known]
    if found:
        listed = "; ".join(f"{one.what}: {one.why}" for one in found)
        msg = f"{listed}. It would count nowhere; it belongs into the list of that region"
        raise TrustListError(msg)


def _beyond_of(said: Speaks) -> tuple[Beyond, ...]:
    _, issuers = issuers_within(said.territory, said.issuers)
    _, rules = rules_within(said.territory, said.recognition)
    return (*issuers, *rules)


def _is_inside(territory: str, region: str) -> bool:
    return region_contains(RegionCode(territory), RegionCode(region))


def _beyond(what: str, region: str, territory: str) -> Beyond:
    return Beyond(what=what, region=region, territory=territory)
