"""How the story is told: chapters and lines, in one language, on a page or as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.desk import Desk
from oneservice.cli.demo_regions.words import name_of, tell
from oneservice.cli.pages import Page
from oneservice.plan import Language

__all__ = ["Teller"]


@dataclass(slots=True, kw_only=True)
class Teller:
    """The story while it is told.

    Args:
        land: where it happens.
        desk: of the auditor.
        language: of the page.
        page: ``None``: nothing is printed.
    """

    land: Country
    desk: Desk
    language: Language
    page: Page | None
    told: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def head(self, name: str) -> None:
        """Begin a chapter."""
        text = tell(name, self.language)
        self.told.append({"chapter": name, "title": text, "lines": []})
        if self.page is not None:
            self.page.line()
            self.page.line(text)

    def line(self, name: str, *given: object) -> None:
        """Tell what happened."""
        text = tell(name, self.language, *given)
        if self.told:
            self.told[-1]["lines"].append(text)
        if self.page is not None:
            self.page.line(text, indent=2)

    def names(self, *codes: str | None) -> str:
        """Return what people call these codes."""
        return self.together(name_of(one, self.language) for one in codes)

    def together(self, words: Iterable[str]) -> str:
        """Return words as a list in the language of the page."""
        return ("、" if self.language == "zh" else ", ").join(words)

    def command(self, words: list[str], *, name: str = "command") -> None:
        """Show a command to be copied: each option on a line of its own; as data, under a name."""
        self.told[-1][name] = words
        if self.page is not None:
            self.page.command(words)

    def expect(self, what: str, is_so: bool) -> None:  # noqa: FBT001 - read as a sentence
        """Note what is not as it should be; the story goes on."""
        if not is_so:
            self.wrong.append(what)

    async def state(self, region: str, certificate: str) -> str | None:
        """Return where a certificate stands in a region's register."""
        told = await self.land.say(region, "state", certificate=certificate)
        found: str | None = told["state"]
        return found
