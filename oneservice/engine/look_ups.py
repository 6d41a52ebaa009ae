"""The consent to fetch a fact or certificate of somebody, in words and as terms (同意调取).

Before it is asked for: which office is asked for what, for which purpose, by which law, until when.
Whoever agreed still looks at what was found before it is used (:mod:`oneservice.engine.evidence`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from oneservice.canonical import canonical, digest_bytes
from oneservice.case import AssuranceLevel, ConsentGiven
from oneservice.catalog import Catalog, Text
from oneservice.engine.consent_words import CONSENT_LAW, lasting
from oneservice.errors import CatalogError
from oneservice.identifiers import parse_region, region_chain

__all__ = ["LookUp", "titled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """What is to be fetched of a person, if they let it.

    ``engine.evidence.look_up(...)`` makes one with the titles that the engine knows.

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
        who = _named(self.office, self.department)
        what = _quoted(self.title, self.evidence_type)
        why = self.purpose_title or Text(zh=self.purpose, en=self.purpose)
        end = lasting(until)
        return Text(
            zh=(
                f"为办理「{why.zh}」，我同意向{who.zh}调取我的{what.zh}，"
                "仅用于办理该事项，不作他用。\n"
                f"法律依据：{CONSENT_LAW.zh}。有效期{end.zh}。\n"
                "调取的内容先由我查看，我确认后才使用；我可以随时撤回同意（同法第十五条），不同意的，"
                "可自行提交（第十六条）。"
            ),
            en=(
                f"For “{why.en}” I agree that {who.en} is asked for my {what.en}, "
                "only for that and for nothing else.\n"
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


def titled(
    wish: LookUp, catalog: Catalog, *, region: str, peers: Mapping[str, str], on: date
) -> LookUp:
    """Return ``wish`` with what people call all that it names by id, as far as it is known here.

    Args:
        wish: whose own titles stay.
        catalog: knows one-things, offices, types of certificates and names of regions.
        region: of the engine.
        peers: offices elsewhere, by region: one that no file names is called after its region.
        on: day of the law.
    """
    return replace(
        wish,
        office=wish.office
        or _declared(wish.department, catalog, region, on)
        or _elsewhere(wish.department, catalog, peers, on),
        title=wish.title or catalog.type_titles().get(wish.evidence_type),
        purpose_title=wish.purpose_title or _thing(wish.purpose, catalog, region, on),
    )


def _declared(department: str, catalog: Catalog, region: str, on: date) -> Text | None:
    """Return what the files of ``region``, or of the nearest wider one, call an office."""
    found: Text | None = None
    for code in region_chain(parse_region(region)):
        for each in catalog.documents:
            document = each.document
            if document.region == code and document.effective_from <= on:
                names = [one.name for one in document.departments if one.id == department]
                found = names[-1] if names else found
    return found


def _elsewhere(
    department: str, catalog: Catalog, peers: Mapping[str, str], on: date
) -> Text | None:
    """Return what the one region is called for which ``department`` speaks."""
    regions = [code for code, one in peers.items() if one == department]
    if len(regions) != 1:
        return None
    names = catalog.region_names(on)
    for code in reversed(region_chain(parse_region(regions[0]))):
        if code in names:
            return Text(zh=f"{names[code].zh}的部门", en=f"an office of {names[code].en}")
    return None


def _thing(purpose: str, catalog: Catalog, region: str, on: date) -> Text | None:
    try:
        return catalog.thing(purpose, region=region, on=on).thing.title
    except CatalogError:
        return None  # the id of a case, or what is not published here


def _named(title: Text | None, name: str) -> Text:
    """Return ``title`` with the id, which records name, behind; the id once where it is all."""
    if title is None:
        return Text(zh=name, en=name)
    return Text(zh=f"{title.zh}（{name}）", en=f"{title.en} ({name})")


def _quoted(title: Text | None, name: str) -> Text:
    if title is None:
        return Text(zh=f"「{name}」", en=f"“{name}”")
    return Text(zh=f"「{title.zh}」（{name}）", en=f"“{title.en}” ({name})")
