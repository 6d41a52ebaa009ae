"""``verify --explain-policy``: what must pass, as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oneservice.certificates import AllOf, AnyOf
from oneservice.cli.verify_policy_words import words_of
from oneservice.cli.verify_words import Words

if TYPE_CHECKING:
    from oneservice.certificates import Policy, Requirement
    from oneservice.cli.pages import Page
    from oneservice.plan import Language

__all__ = ["show_policy"]

_ALL: Final = Words("以下各项均须满足：", "Each of these must hold:")
_ANY: Final = Words("以下至少一项须满足：", "At least one of these must hold:")
_REFUSES: Final = Words(
    "本策略要求过低，因此一概不予通过。",
    "It asks for too little, so nothing can pass.",
)
_DANGER: Final = Words(
    "危险：本策略会放过不应采信的证照。",
    "Danger: it lets pass what nobody should rely on.",
)


def show_policy(page: Page, policy: Policy, *, language: Language) -> None:
    """Write what ``policy`` asks for."""
    page.title(policy.name)
    for applies, words in (
        (policy.refuses_all, _REFUSES),
        (policy.name.startswith("dangerously"), _DANGER),
    ):
        if applies:
            page.line(words.of(language), style="bold red")
    _show(page, policy.requires, 0, language)


def _show(page: Page, requirement: Requirement, depth: int, language: Language) -> None:
    match requirement:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            words = _ALL if isinstance(requirement, AllOf) else _ANY
            page.line(words.of(language), indent=2 * depth)
            for part in _flat(requirement, parts):
                _show(page, part, depth + 1, language)
        case leaf:
            page.line(f"- {words_of(leaf).of(language)}", indent=2 * depth)


def _flat(whole: AllOf | AnyOf, parts: tuple[Requirement, ...]) -> list[Requirement]:
    """Return the parts without a level that says the same as the one above it."""
    found: list[Requirement] = []
    for part in parts:
        if isinstance(part, AllOf | AnyOf) and type(part) is type(whole):
            found += _flat(part, part.parts)
        else:
            found.append(part)
    return found
