"""The fixed words of every face, in both languages."""

from __future__ import annotations

from typing import Final

from oneservice.faces.template import LocalWords

__all__ = ["CHECK_CODE", "CHECK_POINTER", "CONDITIONS", "ISSUER", "NO_EFFECT", "NO_PROOF", "SCAN"]

CONDITIONS: Final[LocalWords] = {"zh": "应遵守的条件", "en": "Conditions"}
ISSUER: Final[LocalWords] = {"zh": "发证机关", "en": "Issued by"}
SCAN: Final[LocalWords] = {"zh": "扫码核验", "en": "Scan to check"}
CHECK_CODE: Final[LocalWords] = {
    "zh": "二维码内含电子证照本身，可离线核验签章、发证权限和有效期；是否被撤回，以状态清单为准。",
    "en": "The code holds the electronic certificate itself: seal, entitlement and dates can be "
    "checked offline; whether it was taken back, the status list tells.",
}
CHECK_POINTER: Final[LocalWords] = {
    "zh": "二维码内含证照标识和摘要，请向持证人或发证机关索取电子证照后离线核验。",
    "en": "The code holds identifier and digest: ask the holder or the issuer for the electronic "
    "certificate, and check that offline.",
}
NO_PROOF: Final[LocalWords] = {
    "zh": "本页仅为版面，不证明证照现行有效；以电子证照的核验结果为准。",
    "en": "This page is a likeness and proves nothing by itself; the check of the electronic "
    "certificate counts.",
}
NO_EFFECT: Final[LocalWords] = {"zh": "示例，无法律效力", "en": "SAMPLE, OF NO LEGAL EFFECT"}
