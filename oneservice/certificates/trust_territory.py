"""A list speaks for its own territory: what it says beyond that does not count.

Otherwise the signers of any region could name themselves issuers of any other region's
certificates, and a relier who follows several lists would be as safe as the weakest of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust_entries import TrustedIssuer
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Beyond", "issuers_within", "rules_within"]


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


def _is_inside(territory: str, region: str) -> bool:
    return region_contains(RegionCode(territory), RegionCode(region))


def _beyond(what: str, region: str, territory: str) -> Beyond:
    return Beyond(what=what, region=region, territory=territory)
