"""How a page looks: width, columns that align with Chinese text, colour only where it is wanted.

rich is imported when the first page is written; machines that ask for JSON never pay for it.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.cli.wrapping import columns, printable, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

__all__ = ["NARROW", "Page", "counted", "print_json"]

NARROW: Final = 64
"""Columns below which a table becomes a list: four columns would be one word wide."""
_SMALLEST: Final = 24
_LARGEST: Final = 100
"""Longer lines are hard to read, however wide the window."""
_TRAILING: Final = re.compile(r" +((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
"""What rich pads lines with; it only shows when somebody copies them."""


def counted(count: int, noun: str) -> str:
    """Return ``1 error``, ``2 errors``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Write ``value`` to the standard output; Chinese stays readable."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent))


class Page:
    """Writes to the standard output for people. Colours are an addition, never the only sign.

    ``NO_COLOR``, ``TERM=dumb`` and ``COLUMNS`` are honoured; into a pipe or file go 80 columns
    without colour.
    """

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - 30 ms that only pages need

        size = shutil.get_terminal_size((80, 24)).columns
        self.width = min(max(size, _SMALLEST), _LARGEST)
        self._console = Console(
            file=sys.stdout,
            width=self.width,
            markup=False,  # titles come from catalogs and certificates
            emoji=False,
            highlight=False,
        )

    @property
    def is_narrow(self) -> bool:
        """Whether tables are written as lists."""
        return self.width < NARROW

    def title(self, text: str) -> None:
        """Write the title of a page."""
        self.line(text, style="bold")

    def head(self, text: str) -> None:
        """Write the heading of a section, after an empty line."""
        self.line()
        self.line(text, style="bold")

    def line(self, text: str = "", *, indent: int = 0, style: str = "") -> None:
        """Write a paragraph; lines that it is broken into are indented like its first one."""
        self._write(" " * indent, " " * indent, text, style)

    def point(self, text: str, *, mark: str = "-", indent: int = 2, style: str = "") -> None:
        """Write a mark and a text that is broken beside it, never below it."""
        first = f"{' ' * indent}{mark} "
        self._write(first, " " * columns(first), text, style)

    def command(self, words: Sequence[str], *, indent: int = 4) -> None:
        """Write a command to be copied: each option on a line of its own, none of them broken.

        A shell reads back ``words`` from it; a line that is too wide for the window stays whole.
        """
        quoted = [shlex.quote(one) for one in words]
        first = next((n for n, one in enumerate(words) if one.startswith("--")), len(words))
        lines = [" ".join(quoted[:first]), *(f"    {one}" for one in quoted[first:])]
        click.echo(" \\\n".join(" " * indent + printable(one) for one in lines))

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        unbroken: frozenset[int] = frozenset(),
        right: frozenset[int] = frozenset(),
    ) -> None:
        """Write a table. Columns in ``unbroken`` stay on one line; those in ``right`` align so."""
        from rich.padding import Padding  # noqa: PLC0415 - as above
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="underline")
        for index, name in enumerate(heads):
            table.add_column(
                name,
                justify="right" if index in right else "left",
                no_wrap=index in unbroken,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*map(printable, row))
        self._emit(Padding(table, (0, 0, 0, 2), expand=False))

    def _write(self, first: str, later: str, text: str, style: str) -> None:
        from rich.text import Text  # noqa: PLC0415 - as above

        lines = wrapped(printable(text), self.width - columns(first))
        starts = [first, *[later] * (len(lines) - 1)]
        whole = "\n".join(start + line for start, line in zip(starts, lines, strict=True))
        self._emit(Text(whole, style=style, no_wrap=True, overflow="ignore"))

    def _emit(self, part: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(part)
        # rich has decided about colours; click must not decide again.
        click.echo(_TRAILING.sub(r"\1", captured.get()), nl=False, color=True)
