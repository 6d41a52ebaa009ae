"""The consent to fetch a fact or certificate of somebody, in words and as terms (同意调取).

Before it is asked for: which office is asked for what, for which purpose, by which law, until when.
Whoever agreed still looks at what was found before it is used (:mod:`oneservice.engine.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from oneservice.canonical import canonical, digest_bytes
from oneservice.case import AssuranceLevel, ConsentGiven
from oneservice.catalog import Text
from oneservice.engine.consent_words import CONSENT_LAW, lasting

__all__ = ["LookUp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """What is to be fetched of a person, if they let it.

    Attributes:
        department: the office that has it, as this engine knows it.
        evidence_type: as catalogs name it.
        purpose: id of the one-thing, or of the case.
        office: what people call the office; ``None``: its id is shown.
        title: what people call what is fetched.
        purpose_title: what people call the purpose.
    """

    department: str
    evidence_type: str
    purpose: str
    office: Text | None = None
    title: Text | None = None
    purpose_title: Text | None = None

    def text(self, *, until: date | None = None) -> Text:
        """Return what the person agrees to in words; ``until`` is the last day of the consent."""
        who = self.office or Text(zh=self.department, en=self.department)
        what = self.title or Text(zh=self.evidence_type, en=self.evidence_type)
        why = self.purpose_title or Text(zh=self.purpose, en=self.purpose)
        end = lasting(until)
        return Text(
            zh=(
                f"为办理「{why.zh}」，我同意向{who.zh}（{self.department}）调取我的「{what.zh}」"
                f"（{self.evidence_type}），仅用于办理该事项，不作他用。\n"
                f"法律依据：{CONSENT_LAW.zh}。有效期{end.zh}。\n"
                "调取的内容先由我查看，我确认后才使用；我可以随时撤回同意（同法第十五条），不同意的，"
                "可自行提交（第十六条）。"
            ),
            en=(
                f"For “{why.en}” I agree that {who.en} ({self.department}) is asked for my "
                f"“{what.en}” ({self.evidence_type}), only for that and for nothing else.\n"
                f"By law: {CONSENT_LAW.en}. It holds {end.en}.\n"
                "I look at what is found first, and it is used once I say so; I may take this back "
                "at any time (art. 15). If I do not agree I can bring it myself (art. 16)."
            ),
        )

    def statement(self, *, until: date | None = None) -> bytes:
        """Return what is agreed to, byte for byte: the terms for machines, and :meth:`text`."""
        text = self.text(until=until)
        return canonical(
            {
                "format": "oneservice-look-up/1",
                "of": self.department,
                "evidence_type": self.evidence_type,
                "purpose": self.purpose,
                "by_law": {"zh": CONSENT_LAW.zh, "en": CONSENT_LAW.en},
                "text": {"zh": text.zh, "en": text.en},
            }
            | ({} if until is None else {"until": until.isoformat()})
        )

    def agreed(
        self,
        *,
        by: str,
        at: datetime,
        until: date | None = None,
        level: AssuranceLevel = AssuranceLevel.LOW,
    ) -> ConsentGiven:
        """Return the person's consent to just this, for ``engine.evidence.request``.

        Args:
            by: who agreed, as people know them.
            at: aware instant at which they did.
            until: last day on which it holds.
            level: how sure it is who agreed.
        """
        return ConsentGiven(
            by=by,
            at=at,
            proof=digest_bytes(self.statement(until=until)),
            until=until,
            level=level,
            purpose=self.purpose,
            evidence=(self.evidence_type,),
        )
