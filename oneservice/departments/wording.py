"""Text for people, reasons and remedies: what a decision must tell (protocol section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reason", "Remedy", "Text", "default_remedies", "people_text"]

Text: TypeAlias = "str | Mapping[str, str]"
"""Text for people: by language, or one text whose language is seen from its script."""

REVIEW_DAYS = 60
"""Administrative Reconsideration Law (2023) art. 20: sixty days from knowing the act."""
LAWSUIT_MONTHS = 6
"""Administrative Litigation Law art. 46: six months from knowing the act."""


def people_text(text: Text) -> dict[str, str]:
    """Return text by language; a plain text counts as ``zh`` when it has a CJK character."""
    if not isinstance(text, str):
        return dict(text)
    is_chinese = any("\u2e80" <= character <= "\u9fff" for character in text)
    return {"zh" if is_chinese else "en": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why not: a code for machines, a text for people, the clause."""

    text: Text
    code: str = "other"
    by_law: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the wire writes it (section 9)."""
        found: dict[str, Any] = {"code": self.code, "text": people_text(self.text)}
        return found | ({"by_law": self.by_law} if self.by_law else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What the applicant can do against a decision; ``until`` is the last day."""

    kind: Literal["review", "lawsuit"]
    until: date
    where: Text

    def as_json(self) -> dict[str, Any]:
        """Return it as the wire writes it (section 9)."""
        return {
            "kind": self.kind,
            "until": self.until.isoformat(),
            "where": people_text(self.where),
        }


def default_remedies(decided_on: date) -> tuple[Remedy, ...]:
    """Return the two remedies that the law grants against an administrative decision.

    References:
        Administrative Reconsideration Law (2023) art. 20; Administrative Litigation Law art. 46.
    """
    month = decided_on.month - 1 + LAWSUIT_MONTHS
    first = date(decided_on.year + month // 12, month % 12 + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    lawsuit = min(first + timedelta(days=decided_on.day - 1), following - timedelta(days=1))
    return (
        Remedy(
            kind="review",
            until=decided_on + timedelta(days=REVIEW_DAYS),
            where={"zh": "本级人民政府", "en": "the people's government of this level"},
        ),
        Remedy(
            kind="lawsuit",
            until=lawsuit,
            where={"zh": "有管辖权的人民法院", "en": "the people's court that has jurisdiction"},
        ),
    )
