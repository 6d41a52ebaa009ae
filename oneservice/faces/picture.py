"""Drawing the code; alone needs segno (extra ``faces``)."""

from __future__ import annotations

import io
from typing import Any

from oneservice.errors import FileUnusableError

__all__ = ["code_modules", "code_svg", "missing_extra"]


def code_svg(text: str) -> str:
    """Return the code as inline SVG with its quiet zone, for the style sheet to size.

    Raises:
        FileUnusableError: segno is not installed.
    """
    out = io.BytesIO()
    _made(text).save(
        out, kind="svg", xmldecl=False, svgns=True, nl=False, omitsize=True, border=4, light="#fff"
    )
    return out.getvalue().decode("utf-8")


def code_modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of dark modules, without a quiet zone; raises as :func:`code_svg`."""
    return tuple(tuple(bool(one) for one in row) for row in _made(text).matrix)


def _made(text: str) -> Any:
    try:
        import segno  # noqa: PLC0415 - an extra, imported where it is used
    except ModuleNotFoundError:
        raise missing_extra("a code") from None
    return segno.make(text, micro=False, boost_error=True, error="l")


def missing_extra(what: str) -> FileUnusableError:
    """Return the error for a machine without the extra."""
    return FileUnusableError(
        f"{what} needs the extra 'faces', which is not installed",
        remedy="install it: pip install -e '.[faces]'",
    )
