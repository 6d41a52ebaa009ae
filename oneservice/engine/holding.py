"""What people already hold, brought into plan and case: no paper is asked for that counts already.

Papers come from a wallet, or from the office that issued them (:mod:`evidence`, with consent and a
look at them first). :func:`oneservice.certificates.recognise_many` tells which of them count here.
:func:`holdings_of` is what a plan knows of them; :func:`materials_of` is what is handed in then, so
that a look-up takes the place of an upload (无证办事). The reason of each stands in the plan, to
which the case is pinned. A certificate can also spare a whole step: the examination of the one cook
whose health certificate counts here. Whose a paper is, is said by the entry of the form in which
that person stands, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

from oneservice.canonical import Digest, canonical, digest_bytes
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
from oneservice.plan import (
    GroupEntry,
    HeldCertificate,
    HeldLevel,
    Holdings,
    Plan,
    ReasonKind,
    masked,
)

__all__ = [
    "PaperLevel",
    "answers_about",
    "content_of",
    "holdings_of",
    "materials_of",
    "paper_levels",
]

_CERTIFICATE: Final = "application/vc+json"
_PRESENTATION: Final = "application/dc+sd-jwt"
"""Media type of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19, section 3.1)."""
_LEVELS: Final = {
    RecognitionLevel.SEALED: HeldLevel.SEALED,
    RecognitionLevel.COLLECTED: HeldLevel.COLLECTED,
}
_NOBODY: Final[Mapping[str, Mapping[int, Iterable[HeldPaper]]]] = MappingProxyType({})
_NO_TYPE: Final = frozenset({"other_type", "malformed"})
"""Of these a plan has nothing to say: they stand for no material that it knows."""


def holdings_of(
    papers: Iterable[HeldPaper] = (),
    *,
    people: Mapping[str, Mapping[int, Iterable[HeldPaper]]] = _NOBODY,
    known: Holdings | None = None,
) -> Holdings:
    """Return what a plan is to know of these papers: those that count, and why others do not.

    Args:
        papers: the answers about the applicant's own; nothing of the holder is taken over.
        people: those about papers of people in the form, by its repeated group and the number of
            the entry, from 1: ``{"staff": {1: [paper], 3: [paper]}}``. Ask whose they are when they
            are looked at (``Shown.holder``): here it is taken for granted.
        known: what is known of the applicant beside them.
    """
    known = known or Holdings()
    whose: list[tuple[HeldPaper, GroupEntry | None]] = [(one, None) for one in papers]
    whose += [
        (one, GroupEntry(group=group, number=number))
        for group, entries in people.items()
        for number, some in entries.items()
        for one in some
    ]
    held = (_held(one, entry) for one, entry in whose if one.type and one.code not in _NO_TYPE)
    return replace(known, certificates=(*known.certificates, *held))


def _held(paper: HeldPaper, entry: GroupEntry | None) -> HeldCertificate:
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
        entry=entry,
        digest=_digest_of(paper),
    )


def _digest_of(paper: HeldPaper) -> Digest | None:
    """Return the digest of a paper's bytes as they are handed in; ``None``: it was not read."""
    content = content_of(paper)
    return None if content is None else digest_bytes(content)


def content_of(paper: HeldPaper) -> bytes | None:
    """Return a paper's bytes as they are handed in; ``None``: it was not read."""
    return None if paper.paper is None else _document(paper.paper, "").content


def _text(words: LocalText) -> Text:
    return Text(zh=words["zh"], en=words["en"])


def materials_of(
    plan: Plan, papers: Iterable[HeldPaper], *, fetched: Iterable[Document] = ()
) -> dict[str, tuple[Document, ...]]:
    """Return, by material id, the papers that stand for materials of ``plan``, to be handed in.

    What stands for the results of spared steps comes with the others: no office would ask for it.
    Where the bytes are others than when the plan was made, and two papers look the same by what a
    plan shows of their numbers, neither is taken: one of them may be somebody else's.

    Args:
        plan: made with :func:`holdings_of` the same papers.
        papers: the answers about them, those of people in the form among them.
        fetched: what was fetched and accepted (``reply.accepted``); a paper among them is handed
            in as it came, so that its consent and its way stand in the form.
    """
    counting = [one for one in papers if one.counts]
    as_fetched = {one.content: one for one in fetched}
    found: dict[str, tuple[Document, ...]] = {}
    for material in plan.materials:
        stand = (*([material.held] if material.held is not None else ()), *material.spared_by)
        answers = (answers_about(one, counting) for one in stand)
        read = [(some[0].paper, some[0].type) for some in answers if _is_one_paper(some)]
        some = [_document(paper, name) for paper, name in read if paper is not None]
        if some:
            found[material.id] = tuple(as_fetched.get(one.content, one) for one in some)
    return found


def answers_about(held: HeldCertificate, papers: Iterable[HeldPaper]) -> tuple[HeldPaper, ...]:
    """Return those of ``papers`` that are about the certificate ``held`` of a plan.

    The bytes tell which one it is. Where they are not the same, or not known, it is the type and
    what a plan shows of the number: whoever needs the very paper compares its digest.
    """
    alike = tuple(
        one
        for one in papers
        if one.type == held.type and held.reference in (one.reference, masked(one.reference))
    )
    same = tuple(one for one in alike if held.digest is not None and _digest_of(one) == held.digest)
    return same or alike


def _is_one_paper(answers: Sequence[HeldPaper]) -> bool:
    """Say whether all of them are about one paper: of two nobody knows which one is meant."""
    return len({_digest_of(one) for one in answers}) == 1


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

    What steps of the plan yield, or offices look up among themselves, is nobody's to bring. Where
    certificates took the place of all results that would have stood for a material, they are what
    is there: it is as good as the least of them.
    """
    found = []
    for one in plan.materials:
        stand = (*([one.held] if one.held is not None else ()), *one.spared_by)
        if one.yielded_by or not (stand or one.must_bring):
            continue
        why = tuple(
            reason.text
            for reason in one.reasons
            if reason.kind in (ReasonKind.HELD, ReasonKind.NOT_HELD)
        )
        level = _least(stand)
        found.append(
            PaperLevel(material=one.id, title=one.title, level=level, why=why, instead=one.obtain)
        )
    return tuple(found)


def _least(papers: Sequence[HeldCertificate]) -> Literal["sealed", "collected", "none"]:
    """Return the level of the weakest of ``papers``; whoever says none had the paper itself."""
    if not papers:
        return "none"
    is_collected = any(one.level is HeldLevel.COLLECTED for one in papers)
    return "collected" if is_collected else "sealed"


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
