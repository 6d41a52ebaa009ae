"""Rules asked about one set of answers: each at most once, and each with its reason.

Many fields share a rule, so the verdicts are kept for the length of one ``build_plan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from oneservice.catalog import EffectiveThing, FactValue, LegalBasis, Text, evaluate, explain
from oneservice.plan.terms import Answer, Reason, ReasonKind

__all__ = ["Facts", "law_reasons", "plain_answers"]


class Facts:
    """Normalised answers, and what the rules say about them."""

    __slots__ = ("_because", "_rules", "_thing", "_values", "answers")

    def __init__(self, answers: Mapping[str, Any], thing: EffectiveThing) -> None:
        self.answers = answers
        self._thing = thing
        self._rules = thing.rules
        self._values: dict[str, bool] = {}
        self._because: dict[str, str] = {}

    def holds(self, rule: str | None, *, path: str) -> bool:
        """Say whether ``rule`` holds; no rule always does.

        Raises:
            RuleEvaluationError: the answers do not settle it; ``path`` is named.
        """
        if rule is None:
            return True
        value = self._values.get(rule)
        if value is None:
            value = self._values[rule] = evaluate(self._rules[rule], self.answers, path=path)
        return value

    def questions(self, rule: str) -> tuple[str, ...]:
        """Return the questions that ``rule`` reads."""
        return self._rules[rule].names

    def reason(self, rule: str, text: Text) -> Reason:
        """Return ``text`` as a reason that quotes ``rule`` and what its parts were."""
        return Reason(kind=ReasonKind.RULE, text=text, rule=rule, because=self.because(rule))

    def because(self, rule: str) -> str:
        """Return what the parts of ``rule`` were that decided it."""
        because = self._because.get(rule)
        if because is None:
            known = tuple(
                (name, self.answers[name])
                for name in self._rules[rule].names
                if name in self.answers
            )
            because = self._because[rule] = _explained(self._thing, rule, known)
        return because


@lru_cache(maxsize=8192)
def _explained(thing: EffectiveThing, rule: str, known: tuple[tuple[str, FactValue], ...]) -> str:
    """Return why ``rule`` is what it is; of one definition, an answer has always one type."""
    return explain(thing.rules[rule], dict(known)).because


def law_reasons(basis: tuple[LegalBasis, ...]) -> tuple[Reason, ...]:
    """Return one reason for each clause of the law that ``basis`` names."""
    return tuple(
        Reason(
            kind=ReasonKind.LAW,
            text=_cited(entry),
            clause=f"{entry.law.zh.strip('《》')} {entry.article}".rstrip(),
        )
        for entry in basis
    )


def _cited(entry: LegalBasis) -> Text:
    """Return the clause with the day from which it holds; sample data says that it is."""
    zh = f"《{entry.law.zh.strip('《》')}》{entry.article}"
    en = f"{entry.law.en}, {entry.english_article}" if entry.article else entry.law.en
    notes_zh = [f"{entry.since} 起"] * (entry.since is not None) + ["示例"] * entry.is_sample
    notes_en = [f"since {entry.since}"] * (entry.since is not None) + ["sample"] * entry.is_sample
    if notes_zh:
        return Text(zh=f"{zh}（{'，'.join(notes_zh)}）", en=f"{en} ({', '.join(notes_en)})")
    return Text(zh=zh, en=en)


def plain_answers(answers: Mapping[str, Any]) -> dict[str, Answer]:
    """Return ``answers`` by name, decimals as the shortest exact text: ``80``, ``82.5``."""
    return {name: _plain(answers[name]) for name in sorted(answers)}


def _plain(value: Any) -> Answer:
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)
    if not isinstance(value, Decimal):
        known: Answer = value
        return known
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
