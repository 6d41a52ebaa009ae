"""What is odd about rules of recognition: overlaps, rules that ended, regions that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from oneservice.certificates.claims import LocalText
from oneservice.certificates.recognition import RecognitionRule
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["RuleFinding", "lint_recognition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """One thing to look at. ``is_error``: the rule cannot do what its author wants.

    ``place`` names the rule as it stands in the list, such as ``recognition[3]``.
    """

    code: str
    place: str
    words: LocalText
    is_error: bool = False


def lint_recognition(
    rules: Sequence[RecognitionRule],
    *,
    territory: str,
    at: datetime,
    known_regions: Collection[str] | None = None,
) -> tuple[RuleFinding, ...]:
    """Return what is odd about ``rules``, in the order of the list.

    Args:
        rules: of one list.
        territory: of that list; it may let certificates count there and nowhere else.
        at: present moment, for rules that ended.
        known_regions: codes that exist; ``None``: codes are not looked up.
    """
    found = [one for index, rule in enumerate(rules) for one in _single(index, rule, territory, at)]
    found += _unknown(rules, known_regions)
    pairs = combinations(enumerate(rules), 2)
    found += [_overlap(one, two) for (one, a), (two, b) in pairs if _do_overlap(a, b)]
    return tuple(found)


def _single(
    index: int, rule: RecognitionRule, territory: str, at: datetime
) -> Iterator[RuleFinding]:
    place = f"recognition[{index}]"
    if not region_contains(RegionCode(territory), RegionCode(rule.accepted_in)):
        words = {
            "zh": f"{rule.accepted_in} 不在本名单的地区 {territory} 之内，规则不起作用",
            "en": f"{rule.accepted_in} does not lie in {territory}; the rule counts for nothing",
        }
        yield RuleFinding(code="outside_territory", place=place, words=words, is_error=True)
    if region_contains(RegionCode(rule.issuer_region), RegionCode(rule.accepted_in)):
        words = {
            "zh": f"{rule.issuer_region} 包含 {rule.accepted_in}，本就有效，无需规则",
            "en": f"{rule.issuer_region} contains {rule.accepted_in}; no rule is needed",
        }
        yield RuleFinding(code="needless", place=place, words=words)
    if rule.valid_until is not None and rule.valid_until <= at:
        words = {"zh": "规则已终止；保留作为历史", "en": "the rule has ended; it stays as history"}
        yield RuleFinding(code="ended", place=place, words=words)


def _unknown(
    rules: Sequence[RecognitionRule], known: Collection[str] | None
) -> Iterator[RuleFinding]:
    for index, rule in enumerate(rules):
        for region in dict.fromkeys((rule.issuer_region, rule.accepted_in)):
            if known is not None and region not in known:
                words = {
                    "zh": f"没有代码为 {region} 的地区",
                    "en": f"no region with the code {region} is known",
                }
                yield RuleFinding(code="unknown_region", place=f"recognition[{index}]", words=words)


def _do_overlap(one: RecognitionRule, other: RecognitionRule) -> bool:
    return (
        one.type == other.type
        and _meet(one.issuer_region, other.issuer_region)
        and _meet(one.accepted_in, other.accepted_in)
        and (one.valid_until is None or other.valid_from < one.valid_until)
        and (other.valid_until is None or one.valid_from < other.valid_until)
    )


def _meet(one: str, other: str) -> bool:
    return region_contains(RegionCode(one), RegionCode(other)) or region_contains(
        RegionCode(other), RegionCode(one)
    )


def _overlap(one: int, other: int) -> RuleFinding:
    words = {
        "zh": f"与 recognition[{one}] 重叠；以较具体者、其次较晚者为准",
        "en": f"overlaps with recognition[{one}]; the more specific counts, then the later",
    }
    return RuleFinding(code="overlap", place=f"recognition[{other}]", words=words)
