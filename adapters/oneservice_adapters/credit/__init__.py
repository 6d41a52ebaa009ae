"""Public credit information, and who must forget an entry with it (公共信用、征信、招标投标)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.credit_repair import REPAIR_LAW, credit_repair
from oneservice_adapters.ordinary import bilingual, looked_up, noted, receipt, wrong_field
from oneservice_adapters.procedure import Procedure, Profile

__all__ = ["CREDIT", "CREDIT_REFERENCE", "PUBLIC_RESOURCES"]

_SHORTEST: Final = timedelta(days=90)
"""For so long an entry of the usual kind is public at least."""
_SHARING: Final = f"{REPAIR_LAW} 第三条"


def _public_too_shortly(submission: Submission) -> tuple[CorrectionItem, ...]:
    given = submission.fields
    if given.get("gravity") == "minor":
        return ()  # a minor entry need not be public at all
    try:
        since = date.fromisoformat(str(given["public_since"]))
    except (KeyError, ValueError):
        return ()
    if submission.now.date() - since >= _SHORTEST:
        return ()
    note = bilingual(
        "公示未满最短期限（三个月），请核对公示日期。",
        "The entry must have been public for three months; check since when it has been.",
    )
    return wrong_field("public_since", "too_early", f"{REPAIR_LAW} 第四条", note)


_PUBLIC_LONG_ENOUGH = looked_up(
    "publication_check",
    f"{REPAIR_LAW} 第四条",
    bilingual("平台没有该条失信信息。", "The platform has no such entry."),
    wanting=_public_too_shortly,
)


def _forgotten(name: str, zh: str, en: str, letters: str) -> Procedure:
    paper = receipt(name, zh, en, letters)
    return noted(name, _SHARING, "m_repair_decision", days=3, paper=paper)


CREDIT = Profile(
    department="credit",
    name=bilingual("示例市公共信用信息中心", "Public Credit Information Centre of Sample City"),
    code_no=22,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        _PUBLIC_LONG_ENOUGH,
        credit_repair("repair_other", "161", "XY"),
        _forgotten(
            *("share_platform", "终止公示回执", "Receipt that the entry is no longer public"), "XP"
        ),
    ),
)

CREDIT_REFERENCE = Profile(
    department="credit-reference",
    name=bilingual("示例征信有限公司", "Sample Credit Reference Ltd"),
    code_no=23,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        _forgotten(
            *("share_reference", "征信机构更新回执", "Receipt of the credit services"), "XZ"
        ),
    ),
)

PUBLIC_RESOURCES = Profile(
    department="public-resources",
    name=bilingual("示例市公共资源交易中心", "Centre for Public Tenders of Sample City"),
    code_no=24,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        _forgotten(*("share_tenders", "解除限制回执", "Receipt of the platform for tenders"), "XT"),
    ),
)
