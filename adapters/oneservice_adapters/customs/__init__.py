"""Customs: the record of who may declare goods (海关)."""

from __future__ import annotations

import re

from oneservice.certificates import Cryptosuite
from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.ordinary import bilingual, noted, ordinary, receipt, wrong_field
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

_RULES = "中华人民共和国海关报关单位备案管理规定"
_CODE = re.compile(r"[0-9A-Z]{10}", re.ASCII)


def _mistyped(submission: Submission) -> tuple[CorrectionItem, ...]:
    """Return what to mend where the customs code is not ten digits or capitals."""
    code = submission.fields.get("customs_code")
    if code is None or _CODE.fullmatch(str(code)):
        return ()
    note = bilingual(
        "海关编码应为十位，请核对后重新填写。", "A customs code has ten signs; check yours."
    )
    return wrong_field("customs_code", "wrong_length", _RULES, note)


_CANCEL = ordinary(
    "customs_cancel",
    _RULES,
    bilingual("尚有未办结的海关事务。", "There are customs matters that are still open."),
    days=1,
    main=("m_application", "m_dereg_notice"),
    also=("m_agent",),
    wanting=_mistyped,
    paper=receipt(
        *("customs_cancel", "海关报关单位注销备案回执", "Receipt of the cancelled customs record"),
        "HG",
    ),
)

PROFILE = Profile(
    department="customs",
    name=bilingual("示例海关", "Sample Customs"),
    code_no=12,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(_CANCEL, noted("customs_update", _RULES, "m_new_licence")),
)
