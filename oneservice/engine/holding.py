"""What people already hold, brought into plan and case: no paper is asked for that counts already.

Papers come from a wallet, or from the office that issued them (:mod:`evidence`, with consent and a
look at them first). :func:`oneservice.certificates.recognise_many` tells which of them count here.
:func:`holdings_of` is what a plan knows of them; :func:`materials_of` is what is handed in then, so
that a look-up takes the place of an upload (无证办事). The reason of each stands in the plan, to
which the case is pinned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from oneservice.canonical import canonical
from oneservice.case import Document
from oneservice.catalog import Obtain, Text
from oneservice.certificates import (
    Certificate,
    CollectedRecord,
    HeldPaper,
    LocalText,
    RecognitionLevel,
    SdJwt,
)
from oneservice.plan import HeldCertificate, HeldLevel, Holdings, Plan, ReasonKind

__all__ = ["PaperLevel", "holdings_of", "materials_of", "paper_levels"]

_CERTIFICATE: Final = "application/vc+json"
_PRESENTATION: Final = "application/dc+sd-jwt"
"""Media type of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19, section 3.1)."""
_LEVELS: Final = {
    RecognitionLevel.SEALED: HeldLevel.SEALED,
    RecognitionLevel.COLLECTED: HeldLevel.COLLECTED,
}
_NO_TYPE: Final = frozenset({"other_type", "malformed"})
"""Of these a plan has nothing to say: they stand for no material that it knows."""


def holdings_of(papers: Iterable[HeldPaper], *, known: Holdings | None = None) -> Holdings:
    """Return what a plan is to know of these papers: those that count, and why others do not.

    Args:
        papers: the answers about them; nothing of the holder is taken over.
        known: what is known of the applicant beside them.
    """
    known = known or Holdings()
    held = (_held(one) for one in papers if one.type and one.code not in _NO_TYPE)
    return replace(known, certificates=(*known.certificates, *held))


def _held(paper: HeldPaper) -> HeldCertificate:
    words = _text(paper.words)
    instead = None if paper.instead is None else _text(paper.instead)
    refusal = None
    if not paper.counts:
        zh, en = words.zh, words.en
        if instead is not None:
            zh, en = f"{zh}。{instead.zh}", f"{en}; {instead.en}"
        refusal = Text(zh=zh, en=en)
    return HeldCertificate(
        type=paper.type,
        reference=paper.reference,
        valid_until=paper.valid_until,
        issuer_region=paper.issuer_region,
        level=_LEVELS[paper.level],
        basis=words if paper.counts else None,
        refusal=refusal,
    )


def _text(words: LocalText) -> Text:
    return Text(zh=words["zh"], en=words["en"])


def materials_of(
    plan: Plan, papers: Iterable[HeldPaper], *, fetched: Iterable[Document] = ()
) -> dict[str, Document]:
    """Return, by material id, the papers that stand for materials of ``plan``, to be handed in.

    Args:
        plan: made with :func:`holdings_of` the same papers.
        papers: the answers about them.
        fetched: what was fetched and accepted (``reply.accepted``); a paper among them is handed
            in as it came, so that its consent and its way stand in the form.
    """
    counting = {one.reference: one for one in papers if one.counts}
    as_fetched = {one.content: one for one in fetched}
    found: dict[str, Document] = {}
    for material in plan.materials:
        paper = None if material.held is None else counting.get(material.held.reference)
        if paper is not None and paper.paper is not None:
            document = _document(paper.paper, f"{paper.type}")
            found[material.id] = as_fetched.get(document.content, document)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLevel:
    """How one material of a plan comes to the offices that need it (无证办事).

    Attributes:
        material: its id.
        title: what people call it.
        level: ``sealed``: a paper that its issuer sealed is looked up; ``collected``: a register's
            entry is; ``none``: nothing counts, and somebody has to bring it.
        why: by what it counts, or why what is held does not.
        instead: where to get it, the easiest first; empty where nobody has to.
    """

    material: str
    title: Text
    level: Literal["sealed", "collected", "none"]
    why: tuple[Text, ...] = ()
    instead: tuple[Obtain, ...] = ()


def paper_levels(plan: Plan) -> tuple[PaperLevel, ...]:
    """Return on which level each material is there that the applicant would have to bring.

    What steps of the plan yield, or offices look up among themselves, is nobody's to bring.
    """
    found = []
    for one in plan.materials:
        if one.yielded_by or (one.held is None and not one.must_bring):
            continue
        why = tuple(
            reason.text
            for reason in one.reasons
            if reason.kind in (ReasonKind.HELD, ReasonKind.NOT_HELD)
        )
        held = None if one.held is None else one.held.level or HeldLevel.SEALED
        level: Literal["sealed", "collected", "none"] = "none"
        if held is not None:
            level = "sealed" if held is HeldLevel.SEALED else "collected"
        found.append(
            PaperLevel(material=one.id, title=one.title, level=level, why=why, instead=one.obtain)
        )
    return tuple(found)


def _document(paper: Certificate | SdJwt | CollectedRecord, name: str) -> Document:
    match paper:
        case Certificate():
            return Document(
                content=paper.dump(),
                media_type=_CERTIFICATE,
                name=f"{name}.json",
                level=HeldLevel.SEALED,
            )
        case SdJwt():
            return Document(
                content=paper.dump(),
                media_type=_PRESENTATION,
                name=f"{name}.sd-jwt",
                level=HeldLevel.SEALED,
            )
        case CollectedRecord():
            return Document(
                content=canonical(paper.as_json()),
                media_type="application/json",
                name=f"{name}-record.json",
                level=HeldLevel.COLLECTED,
            )
