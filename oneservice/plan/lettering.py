"""How wide a text will be, and where it breaks, without a font at hand.

Chinese signs are one em wide and break anywhere; Latin letters are about half an em and break at
spaces. Estimates err to the wide side, so that real text stays inside its box.
"""

from __future__ import annotations

import unicodedata

__all__ = ["clip", "text_width", "wrap"]

_NARROW = frozenset("iljtfrI.,;:'|!()[] ·")
_WIDE = frozenset("mwMW@%—…")


def text_width(text: str, size: float) -> float:
    """Return an estimate of the width of ``text`` at font size ``size``, in the same unit."""
    return sum(map(_em, text)) * size


def wrap(text: str, size: float, width: float, lines: int) -> list[str]:
    """Return ``text`` in at most ``lines`` lines of ``width``; the last one is clipped."""
    done: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size) > width:
            done.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    done.append(line.rstrip())
    if len(done) > lines:
        done = [*done[: lines - 1], " ".join(done[lines - 1 :])]
    return [clip(line, size, width) for line in done]


def clip(text: str, size: float, width: float) -> str:
    """Return ``text``, cut with an ellipsis where it is wider than ``width``."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _em(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.0
    if sign in _NARROW:
        return 0.36
    if sign in _WIDE:
        return 0.92
    return 0.7 if sign.isupper() else 0.6


def _pieces(text: str) -> list[str]:
    """Split ``text`` where a line may break: after spaces, and after each Chinese sign."""
    pieces: list[str] = []
    word = ""
    for sign in text:
        word += sign
        if sign == " " or unicodedata.east_asian_width(sign) in "WF":
            # No line begins with closing punctuation.
            if word in "，。、；：）》”" and pieces:
                pieces[-1] += word
            else:
                pieces.append(word)
            word = ""
    return [*pieces, word] if word else pieces
