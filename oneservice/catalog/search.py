"""Finding what one needs by saying what one wants: 我要开店, "open a shop".

An inverted index over pairs of Chinese characters and English words. Chinese is written without
spaces, so every two neighbouring characters are a term; that finds 餐饮店 in 开办餐饮店 without a
dictionary. Rare terms weigh more than common ones, a goal more than a title, a title more than the
name of an office; authors add everyday words for a goal (``also``). Words of mere politeness or
wish count nowhere. Scores are whole numbers, and equal ones are in the order of ids, so the same
catalog always answers the same.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from oneservice.catalog.collection import Catalog
    from oneservice.catalog.effective import EffectiveThing
    from oneservice.catalog.terms import Text

__all__ = ["MAX_QUERY_LENGTH", "GoalIndex", "Hit", "HitKind", "index_goals"]

MAX_QUERY_LENGTH = 200
"""Characters of a query that count: a sentence."""
_MIN_SHARE = 4
"""A hit scores at least a quarter of the best one; what is below only shares a common word."""
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_COMMON = frozenset({"a", "an", "and", "for", "i", "in", "my", "of", "or", "the", "to", "want"})
_FILLERS = re.compile("我?想要?|我要|请问|怎么|如何|办理|需要|什么")
_MEASURES = re.compile("一[家个间下张份套]")
"""Left out without a gap: 开一家饭店 has the pairs of 开饭店."""


class HitKind(StrEnum):
    """What was found."""

    THING = "thing"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One find: for an item, ``things`` are the one-things that place it."""

    kind: HitKind
    id: str
    title: Text
    things: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: HitKind
    id: str
    title: Text
    things: tuple[str, ...]


class GoalIndex:
    """What is published for one region on one day, ready to be searched; immutable."""

    __slots__ = ("_entries", "_terms")

    def __init__(self, weighed: Mapping[_Entry, Counter[str]]) -> None:
        self._entries = sorted(weighed, key=lambda entry: (entry.kind is HitKind.ITEM, entry.id))
        terms: dict[str, list[tuple[int, int]]] = {}
        for number, entry in enumerate(self._entries):
            for term, weight in weighed[entry].items():
                terms.setdefault(term, []).append((number, weight))
        # How rare a term is, in powers of two: in every entry 1, in one of a thousand 10.
        self._terms = {
            term: ((len(self._entries) // len(found)).bit_length(), tuple(found))
            for term, found in terms.items()
        }

    def search(self, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Return what fits ``text`` best, best first; nothing for a text without a known term.

        Args:
            text: what a person wants, in Chinese or English; its first
                :data:`MAX_QUERY_LENGTH` characters count.
            limit: how many at most.
        """
        scores: Counter[int] = Counter()
        for term in dict.fromkeys(_terms(text[:MAX_QUERY_LENGTH])):
            rarity, found = self._terms.get(term, (0, ()))
            for number, weight in found:
                scores[number] += rarity * weight
        least = max(scores.values(), default=0) // _MIN_SHARE
        best = sorted(scores.items(), key=lambda each: (-each[1], each[0]))[: max(limit, 0)]
        return tuple(
            Hit(kind=entry.kind, id=entry.id, title=entry.title, things=entry.things, score=score)
            for number, score in best
            if score > least
            for entry in (self._entries[number],)
        )


def index_goals(catalog: Catalog, *, region: str, on: date) -> GoalIndex:
    """Return an index of all one-things of ``region`` on the day ``on``, and of their items.

    Raises:
        CatalogError: a definition cannot be made; a catalog without findings has none such.
        IdentifierError: ``region`` is no region code.
    """
    things = catalog.things(region, on)
    weighed = {
        _Entry(HitKind.THING, each.thing.id, each.thing.title, (each.thing.id,)): _of_thing(each)
        for each in things
    }
    placed: dict[str, list[EffectiveThing]] = {}
    for each in things:
        for name in each.items:
            placed.setdefault(name, []).append(each)
    for name, users in placed.items():
        item = users[0].items[name]
        entry = _Entry(HitKind.ITEM, name, item.title, tuple(user.thing.id for user in users))
        weighed[entry] = _of_item(name, users)
    return GoalIndex(weighed)


def _of_thing(effective: EffectiveThing) -> Counter[str]:
    thing = effective.thing
    texts = [(thing.goal, 4), (thing.title, 3), *((words, 4) for words in thing.also)]
    texts += [(item.title, 1) for item in effective.items.values()]
    return _weighed(texts)


def _of_item(name: str, users: list[EffectiveThing]) -> Counter[str]:
    item = users[0].items[name]
    texts = [(item.title, 3), *((words, 3) for words in item.also)]
    if item.department in users[0].departments:
        texts.append((users[0].departments[item.department].name, 1))
    if item.result is not None:
        texts.append((item.result.title, 2))
    return _weighed(texts + [(user.thing.goal, 1) for user in users])


def _weighed(texts: list[tuple[Text, int]]) -> Counter[str]:
    """Return terms with the weight of the weightiest text that has them."""
    found: Counter[str] = Counter()
    for text, weight in texts:
        for term in _terms(f"{text.zh} {text.en}"):
            found[term] = max(found[term], weight)
    return found


def _terms(text: str) -> Iterator[str]:
    for word in _WORD.findall(_FILLERS.sub(" ", _MEASURES.sub("", text.lower()))):
        if word[0] > "z":
            yield from (word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        elif word not in _COMMON:
            yield word.removesuffix("s") if len(word) > 3 else word  # noqa: PLR2004 - not "gas"
