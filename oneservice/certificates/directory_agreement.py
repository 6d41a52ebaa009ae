"""Does a directory of regions agree with what a region's own trust list says?

The own list wins; a difference is never settled silently. Other signers for a peer's list mean
that one of the two was deceived, or that a region rotated all of its keys: people must ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from oneservice.certificates.claims import LocalText
from oneservice.certificates.directory import RegionDirectory
from oneservice.certificates.directory_entries import ListedRegion
from oneservice.certificates.recognition import RecognitionRule
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_peers import TrustPeer
from oneservice.identifiers import RegionCode, region_contains

__all__ = ["Disagreement", "disagreements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A difference between a directory and a trust list.

    Args:
        region: about which.
        code: what differs; a key of the table of words.
        is_error: whether one of the two must be wrong. What is only missing is a note.
        in_directory: rules of recognition that only the directory has, each as
            ``TYPE from REGION in REGION, LEVEL``.
        in_list: rules that only the own list has.
    """

    region: str
    code: str
    is_error: bool
    in_directory: tuple[str, ...] = ()
    in_list: tuple[str, ...] = ()

    @property
    def words(self) -> LocalText:
        """What differs and what to do, in zh and en."""
        return {
            language: text + "".join(self._named(language))
            for language, text in _WORDS[self.code].items()
        }

    def _named(self, language: str) -> Iterator[str]:
        for rules, words in ((self.in_directory, _IN_DIRECTORY), (self.in_list, _IN_LIST)):
            if rules:
                yield words[language].format("; ".join(rules))

    def as_json(self) -> dict[str, Any]:
        """Return the facts for a report."""
        named = {"in_directory": self.in_directory, "in_list": self.in_list}
        return {
            "region": self.region,
            "code": self.code,
            "is_error": self.is_error,
            "words": dict(self.words),
            **{name: list(rules) for name, rules in named.items() if rules},
        }


def disagreements(
    directory: RegionDirectory, own: TrustStore, *, at: datetime
) -> tuple[Disagreement, ...]:
    """Return where ``directory`` and the trust list ``own`` differ at the instant ``at``."""
    peers = {one.territory: one for one in own.peers if one.is_within(at)}
    taking_part = {one.region: one for one in directory.regions if one.is_within(at)}
    found = list(_about_own(taking_part.get(own.territory), own, at))
    for code, one in taking_part.items():
        if code != own.territory:
            found += _about(one, peers.get(code), at)
    for code in sorted(peers.keys() - taking_part.keys()):
        if region_contains(RegionCode(directory.territory), RegionCode(code)):
            found.append(_note(code, "not_listed"))
    return tuple(found)


def _about_own(entry: ListedRegion | None, own: TrustStore, at: datetime) -> Iterator[Disagreement]:
    if entry is None:
        yield _note(own.territory, "not_listed")
        return
    told, counting = _counting(entry.recognises, at), _counting(own.recognition, at)
    if told != counting:
        yield Disagreement(
            region=own.territory,
            code="rules_differ",
            is_error=False,
            in_directory=tuple(sorted(told - counting)),
            in_list=tuple(sorted(counting - told)),
        )


def _counting(rules: Iterable[RecognitionRule], at: datetime) -> set[str]:
    return {
        f"{rule.type} from {rule.issuer_region} in {rule.accepted_in}, {rule.minimum_level.value}"
        for rule in rules
        if rule.covers(at)
    }


def _about(entry: ListedRegion, peer: TrustPeer | None, at: datetime) -> Iterator[Disagreement]:
    listed = entry.trust_list_at(at)
    if peer is None:
        yield _note(entry.region, "no_peer")
    elif listed is None:
        yield _note(entry.region, "no_list")
    elif (frozenset(listed.keys), listed.threshold) != (frozenset(peer.keys), peer.threshold):
        yield Disagreement(region=entry.region, code="other_signers", is_error=True)
    elif listed.url != peer.url:
        yield _note(entry.region, "other_address")


def _note(region: str, code: str) -> Disagreement:
    return Disagreement(region=region, code=code, is_error=False)


_IN_DIRECTORY: Final[LocalText] = {
    "zh": "。仅目录有：{}",
    "en": "; only in the directory: {}",
}
_IN_LIST: Final[LocalText] = {"zh": "。仅名单有：{}", "en": "; only in the list: {}"}
_WORDS: Final[Mapping[str, LocalText]] = {
    "no_peer": {
        "zh": "本地区名单没有列入该地区：其证照在此无法核验。核对其名单签署人后再列入 peers",
        "en": "the own trust list does not name this region, so nothing that it issues can be "
        "judged here; compare its signers by another channel, then enter it under peers",
    },
    "no_list": {
        "zh": "目录没有写明该地区名单的地址，以本地区名单所列为准",
        "en": "the directory does not say where its trust list is; the own list does, and counts",
    },
    "other_signers": {
        "zh": "目录与本地区名单所列的签署人不同，以本地区名单为准；"
        "请通过另外的渠道核对，查清之前不要更改",
        "en": "directory and own list name different signers. The own list counts; ask that "
        "region by another channel, and change nothing until it answered",
    },
    "other_address": {
        "zh": "目录与本地区名单所列的名单地址不同；内容由签名决定，请更新地址",
        "en": "directory and own list name different addresses of its list; signatures decide, "
        "bring the address up to date",
    },
    "not_listed": {
        "zh": "目录没有列入该地区（或已退出）",
        "en": "the directory does not name this region, or it has left",
    },
    "rules_differ": {
        "zh": "目录所列的互认类型与本地区名单不同；以本地区名单为准，请更新目录",
        "en": "what the directory says that is recognised here is not what the own list says; "
        "the own list counts, bring the directory up to date",
    },
}
