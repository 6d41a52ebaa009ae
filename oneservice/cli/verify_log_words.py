"""What the checks say about logs and witnesses with numbers or names in it, in Chinese."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["log_why"]

_PHRASES: Final = (
    (r"(\d+) of (\d+) witnesses cosigned", r"应有 \2 方见证会签，现有 \1 方"),
    (r"(\d+) of (\d+) listed logs hold it", r"应载入 \2 个名单所列日志，现有 \1 个"),
    (
        (
            r"(?:the enclosed proof of logging: )?the trust list of (\d+), which speaks for the "
            r"issuer, names no log '(.*)'; what it says counts for nothing"
        ),
        r"管辖签发机关的信任名单（\1）未列日志 \2，其证明不作数",
    ),
    (
        r"the enclosed proof of logging does not fit; ask for a new one: .*",
        "随附的日志证明与证照不符，请索取新的证明",
    ),
    (
        r"the proof of logging of (?:an|the) enclosed (?:status list|receipt) does not fit; .*",
        "随附的状态名单或用印凭据所带的日志证明不符，请索取新的证明",
    ),
)
_COMPILED: Final = tuple(
    (re.compile(pattern, re.ASCII | re.DOTALL), words) for pattern, words in _PHRASES
)


def log_why(why: str) -> str:
    """Return the sentence in Chinese; empty: it is none of these."""
    found = ((pattern.fullmatch(why), words) for pattern, words in _COMPILED)
    return next((one.expand(words) for one, words in found if one), "")
