"""What another region's certificate counts for here: rules as data, and an explained no.

A region decides for itself what it accepts, so its rules stand in its own trust list. Whether a
document was sealed by its issuer or only collected as a record are different levels: a register's
entry about a permit is not the permit.

References:
    certificates page, section 2; domain page, section 6 (mutual recognition, 互认).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.certificates.claims import LocalText
from oneservice.certificates.trust_coding import (
    DAYS,
    Members,
    is_within,
    local_text,
    read_entry,
    region,
    text,
    word,
    write_entry,
)
from oneservice.errors import TrustListError
from oneservice.identifiers import RegionCode, parse_region, region_contains, region_prefix

__all__ = [
    "Recognition",
    "RecognitionGap",
    "RecognitionLevel",
    "RecognitionRule",
    "recognise",
]


class RecognitionLevel(StrEnum):
    """How firmly a document stands, from the weakest."""

    COLLECTED = "collected"
    """Its data were collected into a register; no seal vouches for this document."""
    SEALED = "sealed"
    """Its issuer sealed it, and the seal was checked."""

    def reaches(self, least: RecognitionLevel) -> bool:
        """Say whether this level is at least ``least``."""
        return _RANKS[self] >= _RANKS[least]


_RANKS: Final = {level: rank for rank, level in enumerate(RecognitionLevel)}


class RecognitionGap(StrEnum):
    """Why no rule lets a certificate count, in the order in which a rule is tried."""

    NO_RULE = "no_rule"
    OTHER_ORIGIN = "other_origin"
    NOT_YET = "not_yet"
    ENDED = "ended"
    LEVEL_TOO_LOW = "level_too_low"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRule:
    """One sentence: *these* certificates from *there* count *here*, since then, on this ground.

    Args:
        issuer_region: where the issuer sits; the rule covers whatever lies in it.
        type: type of certificate, spelled out; no rule covers all types.
        accepted_in: where the certificate counts, and in whatever lies in it.
        valid_from: first instant of reliance that the rule covers.
        valid_until: first instant that it no longer covers; ``None``: until it is ended. A rule
            that is called off before its first day ends on that day.
        minimum_level: the weakest level that is accepted.
        legal_basis: agreement, notice or law by name and number, in zh, en or both.

    Raises:
        TrustListError: it ends before it begins, or gives no ground.
    """

    issuer_region: str
    type: str
    accepted_in: str
    valid_from: datetime
    minimum_level: RecognitionLevel
    legal_basis: LocalText
    valid_until: datetime | None = None
    _written: Mapping[str, Any] = field(init=False, repr=False, compare=False)
    """Its JSON: of a few rules, millions of reports tell."""

    def __post_init__(self) -> None:
        """Refuse a rule that could never be applied or never be defended."""
        parse_region(self.issuer_region)
        parse_region(self.accepted_in)
        if self.valid_until is not None and self.valid_until < self.valid_from:
            msg = f"the rule for {self.type[:80]!r} ends before it begins"
            raise TrustListError(msg)
        if not self.legal_basis:
            msg = f"the rule for {self.type[:80]!r} gives no legal basis"
            raise TrustListError(msg)
        object.__setattr__(self, "_written", write_entry(self, _RULE))

    def covers(self, moment: datetime) -> bool:
        """Say whether the rule applies at ``moment``."""
        return is_within(self, moment)

    def as_json(self) -> dict[str, Any]:
        """Return the rule as it stands in a list and in a report."""
        return dict(self._written)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> RecognitionRule:
        """Return the rule that an entry of a list states."""
        return read_entry(cls, _RULE, entry)


_RULE: Final[Members] = {
    "issuer_region": region,
    "type": text,
    "accepted_in": region,
    **DAYS,
    "minimum_level": word(RecognitionLevel),
    "legal_basis": local_text,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The answer to "does it count here?".

    Args:
        rule: the rule that lets it count; ``None``: none does, or none is needed.
        is_home: it was issued by the region itself, or by one that contains it.
        gap: why it does not count; ``None``: it does.
        nearest: for a no, the rule that came nearest.
    """

    rule: RecognitionRule | None = None
    is_home: bool = False
    gap: RecognitionGap | None = None
    nearest: RecognitionRule | None = None

    @property
    def is_recognised(self) -> bool:
        """Whether it counts."""
        return self.gap is None

    @property
    def words(self) -> LocalText:
        """The answer for people, in zh and en."""
        if self.gap is None:
            return _HOME if self.is_home else _YES
        near = self.nearest
        facts = {
            "type": "" if near is None else near.type,
            "origin": "" if near is None else near.issuer_region,
            "from_": "" if near is None else write_instant(near.valid_from),
            "until": "" if near is None else _written(near.valid_until),
            "level": "" if near is None else near.minimum_level.value,
        }
        return {language: words.format(**facts) for language, words in _NO[self.gap].items()}


_HOME: Final = {
    "zh": "本地区或上级地区签发，无需互认",
    "en": "issued by this region or one that contains it; no rule is needed",
}
_YES: Final = {"zh": "有互认规则", "en": "a rule of recognition lets it count"}
_NO: Final[Mapping[RecognitionGap, LocalText]] = {
    RecognitionGap.NO_RULE: {
        "zh": "本地区没有关于这类证照的互认规则",
        "en": "this region has no rule for this type of certificate",
    },
    RecognitionGap.OTHER_ORIGIN: {
        "zh": "有关于 {type} 的互认规则，但不包括该签发地区",
        "en": "there is a rule for {type}, but not for certificates from that region",
    },
    RecognitionGap.NOT_YET: {
        "zh": "{type}（来自 {origin}）的互认规则自 {from_} 起才适用",
        "en": "the rule for {type} from {origin} begins only on {from_}",
    },
    RecognitionGap.ENDED: {
        "zh": "{type}（来自 {origin}）的互认规则已于 {until} 终止",
        "en": "the rule for {type} from {origin} ended on {until}",
    },
    RecognitionGap.LEVEL_TOO_LOW: {
        "zh": "{type}（来自 {origin}）的互认规则要求的级别为 {level}",
        "en": "the rule for {type} from {origin} asks for the level {level}",
    },
}


def recognise(
    rules: Iterable[RecognitionRule],
    *,
    certificate_type: str,
    issuer_region: str,
    accepting_region: str,
    level: RecognitionLevel,
    moment: datetime,
) -> Recognition:
    """Return whether a certificate counts in ``accepting_region``, by which rule, or why not.

    Args:
        rules: of the accepting region's own trust list.
        certificate_type: as the certificate has it.
        issuer_region: of the issuer, as *its* trust list has it.
        accepting_region: where somebody wants to rely on it.
        level: what the document is: sealed, or only collected.
        moment: at which it is relied on; aware.

    Of several rules that fit, the most specific counts, then the latest: the answer does not
    depend on the order of the list.
    """
    if region_contains(RegionCode(issuer_region), RegionCode(accepting_region)):
        return Recognition(is_home=True)
    here = [
        rule
        for rule in rules
        if rule.type == certificate_type
        and region_contains(RegionCode(rule.accepted_in), RegionCode(accepting_region))
    ]
    tried = [(_gap(rule, issuer_region, level, moment), rule) for rule in here]
    fitting = [rule for gap, rule in tried if gap is None]
    if fitting:
        return Recognition(rule=max(fitting, key=_specific))
    if not tried:
        return Recognition(gap=RecognitionGap.NO_RULE)
    gap, nearest = max(tried, key=lambda one: (_ORDER[one[0]], *_specific(one[1])))
    return Recognition(gap=gap, nearest=nearest)


_ORDER: Final[Mapping[RecognitionGap | None, int]] = {
    gap: place for place, gap in enumerate(RecognitionGap)
}


def _gap(
    rule: RecognitionRule, issuer_region: str, level: RecognitionLevel, moment: datetime
) -> RecognitionGap | None:
    if not region_contains(RegionCode(rule.issuer_region), RegionCode(issuer_region)):
        return RecognitionGap.OTHER_ORIGIN
    if moment < rule.valid_from:
        return RecognitionGap.NOT_YET
    if not is_within(rule, moment):
        return RecognitionGap.ENDED
    return None if level.reaches(rule.minimum_level) else RecognitionGap.LEVEL_TOO_LOW


def _specific(rule: RecognitionRule) -> tuple[int, int, datetime, datetime, str]:
    """Return what one rule has before another; no two rules of a sound list are equal in it."""
    return (
        len(region_prefix(RegionCode(rule.accepted_in))),
        len(region_prefix(RegionCode(rule.issuer_region))),
        rule.valid_from,
        rule.valid_until or datetime.max.replace(tzinfo=UTC),
        rule.minimum_level.value,
    )


def _written(moment: datetime | None) -> str:
    return "" if moment is None else write_instant(moment)
