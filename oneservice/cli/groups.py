"""Groups of commands that import a command when it is called: listing must not cost anything."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LazyParts", "Part"]


class Part(NamedTuple):
    """Where a command of a group lives, and its line in ``--help``."""

    module: str
    name: str
    summary: str


class LazyParts(click.Group):
    """A group that knows its commands by name, in the order of ``parts``.

    Args:
        parts: by the name of the command.
        details: as for :class:`click.Group`.
    """

    def __init__(self, *, parts: Mapping[str, Part], **details: Any) -> None:
        super().__init__(**details)
        self._parts = parts

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names, in the order in which one meets them."""
        return list(self._parts)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        part = self._parts.get(cmd_name)
        if part is None:
            return None
        found: click.Command = getattr(import_module(f"oneservice.cli.{part.module}"), part.name)
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries without importing what they are of."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, part.summary) for name, part in self._parts.items()])
