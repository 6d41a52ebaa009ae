"""Recognition at work: do the papers that people already hold count here, and if not, what then?

Theory of operation: a paper counts in a region when two things are true that nobody else's opinion
can replace: it *is* what it says (:mod:`verification`), and the region's own list has a rule that
lets it count (:mod:`recognition`). A paper that is sealed brings its own proof. A record that was
only collected brings none: who vouches for it is the channel by which it came, and it counts only
where a rule is content with that. Every answer says why, and every no says what to do instead.

A no is never an accusation: a file that was damaged on its way reads "forged" like any other.

References:
    domain page, section 6 (d); certificates page, sections 2 and 3; PIPL art. 6 (no more than
    needed: a paper of another type than the one asked for is not even judged).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from oneservice.certificates.certificate import Certificate
from oneservice.certificates.held_moves import told_of_moves
from oneservice.certificates.held_papers import CollectedRecord, HeldPaper, Paper, Shown
from oneservice.certificates.inquiry import subject_of
from oneservice.certificates.judging import Asked
from oneservice.certificates.policy import Policy
from oneservice.certificates.presentation import examine_presentation
from oneservice.certificates.recognising_words import WHY
from oneservice.certificates.recognition import Recognition, RecognitionLevel, recognise
from oneservice.certificates.reliance import Trust, list_for
from oneservice.certificates.report import Report, Verdict
from oneservice.certificates.requirements import RecognisedIn
from oneservice.certificates.sd_jwt import SdJwt
from oneservice.certificates.sd_jwt_vc import check_vc, sd_jwt_subject
from oneservice.certificates.status import StatusSource
from oneservice.certificates.verification import answer
from oneservice.errors import MalformedCertificateError, StatusUnknownError, VerificationError
from oneservice.identifiers import RegionCode, parse_region
from oneservice.workdays import legal_day

__all__ = ["Wanted", "recognise_many", "recognise_paper"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a region asks of papers.

    Args:
        region: in which they are to count.
        trust: the lists at hand; the rules are those of the region's own.
        at: aware moment of reliance.
        types: what is asked for; empty: any type.
        status: registers at hand.
        policy: what must hold beside recognition.

    Raises:
        IdentifierError: ``region`` is none.
    """

    region: str
    trust: Trust
    at: datetime
    types: frozenset[str] = frozenset()
    status: StatusSource | None = None
    policy: Policy = field(default_factory=Policy.standard)
    _asked: Asked = field(init=False, repr=False, compare=False)
    _known: dict[tuple[str, str, RecognitionLevel], Recognition] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Put the question together, once for a whole train."""
        policy = _counting_in(parse_region(self.region), self.policy)
        asked = Asked(trust=self.trust, at=self.at, status=self.status, policy=policy)
        object.__setattr__(self, "_asked", asked)

    @property
    def is_outdated(self) -> bool:
        """Whether the list whose rules count has expired: a later one may have ended a rule."""
        accepting = list_for(self.trust, self.region)
        return accepting is not None and self.at > accepting.expires_at

    def recognition(self, kind: str, origin: str, level: RecognitionLevel) -> Recognition:
        """Return whether papers of that kind count here; asked once for each kind."""
        found = self._known.get((kind, origin, level))
        if found is None:
            accepting = list_for(self.trust, self.region)
            found = recognise(
                () if accepting is None else accepting.recognition,
                certificate_type=kind,
                issuer_region=origin,
                accepting_region=self.region,
                level=level,
                moment=self.at,
            )
            self._known[kind, origin, level] = found
        return found


@lru_cache(maxsize=256)
def _counting_in(region: RegionCode, policy: Policy) -> Policy:
    """Return ``policy`` and that the paper counts in ``region``: few of them, asked every time."""
    return policy.also(RecognisedIn(region=region), name=policy.name)


def recognise_many(papers: Iterable[Paper | Shown], *, wanted: Wanted) -> tuple[HeldPaper, ...]:
    """Return an answer for each of ``papers``, in their order; no paper stops another.

    What moved to another office is told as ``transferred`` where its successor is among them.

    Args:
        papers: a train full of them.
        wanted: what they are to count for.
    """
    return told_of_moves(recognise_paper(one, wanted=wanted) for one in papers)


def recognise_paper(paper: Paper | Shown, *, wanted: Wanted) -> HeldPaper:
    """Return whether a paper counts in the region that wants it; never raises for what it finds."""
    shown = paper if isinstance(paper, Shown) else Shown(paper=paper)
    try:
        read = _read(shown.paper)
        if isinstance(read, CollectedRecord):
            return _record(read, shown, wanted)
    except StatusUnknownError as error:
        return HeldPaper(verdict=Verdict.INDETERMINATE, code=_code(error))
    except MalformedCertificateError as error:
        return HeldPaper(verdict=Verdict.INVALID, code=_code(error))
    return _document(read, shown, wanted)


def _read(paper: Paper) -> Certificate | SdJwt | CollectedRecord:
    if not isinstance(paper, bytes):
        if isinstance(paper, SdJwt):
            check_vc(paper)
        return paper
    if paper.lstrip()[:1] == b"{":
        return Certificate.parse(paper)
    sd_jwt = SdJwt.parse(paper.strip())
    check_vc(sd_jwt)
    return sd_jwt


def _code(error: VerificationError) -> str:
    return error.code if error.code in WHY else "indeterminate"


def _document(read: Certificate | SdJwt, shown: Shown, wanted: Wanted) -> HeldPaper:
    seen = sd_jwt_subject(read) if isinstance(read, SdJwt) else read
    facts: dict[str, Any] = {"type": seen.type, "reference": seen.id, "paper": read}
    if wanted.types and seen.type not in wanted.types:
        return HeldPaper(verdict=Verdict.INVALID, code="other_type", **facts)
    report = _examined(read, shown, wanted)
    issuer = wanted.trust.issuer(seen.issuer_id)
    facts |= {"report": report, "valid_until": _last_day(read)}
    if issuer is not None:
        facts["issuer_region"] = issuer.region
        facts["recognition"] = wanted.recognition(seen.type, issuer.region, RecognitionLevel.SEALED)
    if report.error is not None:
        return HeldPaper(verdict=report.verdict, code=_code(report.error), **facts)
    return _of_holder(shown, *_stated_holder(read), facts)


def _examined(read: Certificate | SdJwt, shown: Shown, wanted: Wanted) -> Report:
    asked = wanted._asked  # noqa: SLF001 - our own
    if isinstance(read, Certificate) and shown.nonce is None:
        return answer(read, asked)
    return examine_presentation(
        read if isinstance(read, SdJwt) else read.dump(),
        trust=asked.trust,
        at=asked.at,
        audience=shown.audience,
        nonce=shown.nonce,
        status=asked.status,
        policy=asked.policy,
    )


def _last_day(read: Certificate | SdJwt) -> date | None:
    if isinstance(read, Certificate) and read.is_ours:
        return read.claims.valid_until
    ends = (sd_jwt_subject(read) if isinstance(read, SdJwt) else subject_of(read)).ends
    return None if ends is None else legal_day(ends)


def _stated_holder(read: Certificate | SdJwt) -> tuple[object, object]:
    if isinstance(read, SdJwt):
        return read.claims.get("holder_name"), read.claims.get("holder_code")
    return (read.claims.holder_name, read.claims.holder_code) if read.is_ours else (None, None)


def _of_holder(shown: Shown, name: object, code: object, facts: dict[str, Any]) -> HeldPaper:
    """Return the answer about a paper of which only the holder is still open."""
    is_theirs = True if shown.holder is None else shown.holder.answers(name, code)
    if is_theirs is None:
        return HeldPaper(verdict=Verdict.INDETERMINATE, code="holder_unshown", **facts)
    if not is_theirs:
        return HeldPaper(verdict=Verdict.INVALID, code="other_holder", **facts)
    known: Recognition = facts["recognition"]
    code = "home" if known.is_home else "recognised"
    return HeldPaper(verdict=Verdict.VALID, code=code, holder=shown.holder, **facts)


def _record(record: CollectedRecord, shown: Shown, wanted: Wanted) -> HeldPaper:
    level, day = RecognitionLevel.COLLECTED, legal_day(wanted.at)
    facts: dict[str, Any] = {
        "type": record.type,
        "reference": record.reference,
        "level": level,
        "issuer_region": record.region,
        "valid_until": record.valid_until,
        "paper": record,
    }
    if wanted.types and record.type not in wanted.types:
        return HeldPaper(verdict=Verdict.INVALID, code="other_type", **facts)
    known = wanted.recognition(record.type, record.region, level)
    facts["recognition"] = known
    if wanted.is_outdated and not known.is_home:
        return HeldPaper(verdict=Verdict.INDETERMINATE, code="indeterminate", **facts)
    problem = None
    if not known.is_recognised:
        problem = "not_recognised"
    elif not record.is_in_force:
        problem = "revoked"
    elif record.valid_from is not None and day < record.valid_from:
        problem = "not_yet_valid"
    elif record.valid_until is not None and day > record.valid_until:
        problem = "expired"
    if problem is not None:
        return HeldPaper(verdict=Verdict.INVALID, code=problem, **facts)
    return _of_holder(shown, record.holder_name, record.holder_code, facts)
