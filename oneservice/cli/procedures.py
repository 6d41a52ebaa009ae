"""What the procedures that stop a clock (特别程序) are called: offices send only their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oneservice.plan import Language

__all__ = ["procedure_words"]

_PROCEDURES: Final[Mapping[str, tuple[str, str]]] = {
    "appraisal": ("鉴定", "appraisal"),
    "auction": ("拍卖", "auction"),
    "expert_review": ("专家评审", "review by experts"),
    "hearing": ("听证", "hearing"),
    "monitoring": ("监测", "monitoring"),
    "on_site_check": ("现场核查", "on-site check"),
    "publication": ("公示", "publication"),
    "quarantine": ("检疫", "quarantine"),
    "tender": ("招标", "tender"),
    "test": ("检验", "test"),
    "testing": ("检验检测", "testing"),
}
"""By kind, after the Administrative Licensing Law art. 45: Chinese, English."""


def procedure_words(kind: str, language: Language) -> str:
    """Return what a procedure is called; a kind that is not known keeps its own name."""
    zh, en = _PROCEDURES.get(kind, (kind, kind.replace("_", " ")))
    return zh if language == "zh" else en
