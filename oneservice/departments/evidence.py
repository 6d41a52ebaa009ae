"""Fetching a fact or certificate with the person's consent (protocol section 10)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.departments.addresses import is_callable_address
from oneservice.departments.application_parts import (
    Consent,
    DocumentRef,
    consent_json,
    document_json,
    read_consent,
    read_document,
)
from oneservice.departments.grants import OutcomeDocument
from oneservice.departments.members import Members, read_message
from oneservice.departments.wire import MAX_JSON_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EvidenceAnswer",
    "EvidenceRequestBody",
    "EvidenceState",
    "compose_evidence_request",
    "evidence_json",
    "parse_evidence",
    "parse_evidence_request",
    "read_evidence",
    "read_evidence_request",
    "rules_broken_by",
]

_ACCEPTED: Final = frozenset({"certificate", "structured", "pdf"})


class EvidenceState(StrEnum):
    """Where a request for evidence stands."""

    PENDING = "pending"
    NEEDS_SUBJECT = "needs_subject"
    DELIVERED = "delivered"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    DECLINED = "declined"
    LATER = "later"

    @property
    def is_final(self) -> bool:
        """Whether the same request is answered like this for ever."""
        return self not in {self.PENDING, self.NEEDS_SUBJECT, self.LATER}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequestBody:
    """What is asked for, about whom, why, and by whose leave.

    Attributes:
        evidence_type: as catalogs name it, such as ``business_licence``.
        subject: who it is about, at least ``kind``; personal data, so it stands in bodies only.
        purpose: the case.
        by_law: the clause that allows asking without consent, where one does.
        consent: the person's, for this type of evidence.
        accepts: ``certificate``, ``structured``, ``pdf``, the dearest first.
    """

    evidence_type: str
    subject: Mapping[str, Any] = field(repr=False)
    purpose: str
    accepts: tuple[str, ...] = ("certificate",)
    consent: Consent | None = None
    by_law: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAnswer:
    """How a request stands.

    Attributes:
        state: see :class:`EvidenceState`; ``ambiguous`` never comes with candidates.
        preview_url: where the person looks and says yes or no; shown to them, never fetched.
        missing: what the person must say to be told apart from others.
        certificate: the signed certificate that was asked for.
        documents: uploaded papers, by digest.
        issued_at: when what is delivered was issued.
        as_of: the moment as of which it is true.
        available_from: the day or instant at which to ask again.
        papers: for adapters: bytes to hand out. The app keeps them and names them in ``documents``.
    """

    state: EvidenceState
    preview_url: str | None = None
    missing: tuple[str, ...] = ()
    certificate: Mapping[str, Any] | None = None
    documents: tuple[DocumentRef, ...] = ()
    issued_at: str | None = None
    as_of: str | None = None
    available_from: str | None = None
    papers: tuple[OutcomeDocument, ...] = field(default=(), repr=False, compare=False)

    def with_papers_named(self) -> EvidenceAnswer:
        """Return the answer with its papers among the documents."""
        named = tuple(
            DocumentRef(
                digest=one.digest,
                media_type=one.media_type,
                size_bytes=len(one.data),
                name=one.name,
            )
            for one in self.papers
        )
        return replace(self, documents=(*self.documents, *named), papers=())


def compose_evidence_request(body: EvidenceRequestBody) -> bytes:
    """Return the bytes of a request; the engine keeps and repeats exactly these."""
    document: dict[str, Any] = {
        "evidence_type": body.evidence_type,
        "subject": dict(body.subject),
        "purpose": body.purpose,
        "accepts": list(body.accepts),
    }
    if body.consent is not None:
        document["consent"] = consent_json(body.consent)
    if body.by_law is not None:
        document["by_law"] = body.by_law
    return canonical(document)


def parse_evidence_request(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> EvidenceRequestBody:
    """Return the request in ``data``.

    Raises:
        ProtocolProblemError: ``too-large``, ``malformed``, or ``invalid-submission`` with pointers.
    """
    return read_message(
        data, read_evidence_request, max_bytes=max_bytes, problem="invalid-submission"
    )


def evidence_json(answer: EvidenceAnswer) -> bytes:
    """Return an answer as bytes; its papers must be named already."""
    document: dict[str, Any] = {"state": answer.state.value}
    for name in ("preview_url", "certificate", "issued_at", "as_of", "available_from"):
        if getattr(answer, name) is not None:
            document[name] = getattr(answer, name)
    if answer.missing:
        document["missing"] = list(answer.missing)
    if answer.documents:
        document["documents"] = [document_json(one) for one in answer.documents]
    return canonical(document)


def parse_evidence(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> EvidenceAnswer:
    """Return the answer in ``data``, with what its state demands.

    Raises:
        ProtocolProblemError: ``too-large`` or ``malformed``, with pointers.
    """
    return read_message(data, read_evidence, max_bytes=max_bytes)


def read_evidence_request(members: Members) -> EvidenceRequestBody:
    """Return the request for evidence that an object states."""
    subject = members.inner("subject")
    if isinstance(members.value.get("subject"), dict):  # else told already
        subject.text("kind")
    accepts = members.texts("accepts")
    if not accepts or not set(accepts) <= _ACCEPTED:
        members.fail("accepts", f"must be a list of {', '.join(sorted(_ACCEPTED))}")
    has_consent = members.optional_mapping("consent") is not None
    return EvidenceRequestBody(
        evidence_type=members.id("evidence_type"),
        subject=subject.value,
        purpose=members.id("purpose"),
        accepts=accepts,
        consent=read_consent(members.inner("consent")) if has_consent else None,
        by_law=members.optional_text("by_law"),
    )


def read_evidence(members: Members) -> EvidenceAnswer:
    """Return the answer that an object states, with what its state demands."""
    state = members.text("state")
    if state not in set(EvidenceState):
        members.fail("state", "is no state of a request for evidence")
        state = EvidenceState.PENDING
    answer = EvidenceAnswer(
        state=EvidenceState(state),
        preview_url=members.optional_text("preview_url"),
        missing=members.texts("missing"),
        certificate=members.optional_mapping("certificate"),
        documents=members.objects("documents", read_document),
        issued_at=members.instant("issued_at", required=False),
        as_of=members.instant("as_of", required=False),
        available_from=_moment(members),
    )
    for name, rule in rules_broken_by(answer):
        members.fail(name, rule)
    return answer


def _moment(members: Members) -> str | None:
    """Return ``available_from``: an instant, or a day in the department's zone."""
    value = members.value.get("available_from")
    is_day = isinstance(value, str) and "T" not in value
    read = members.day if is_day else members.instant
    return read("available_from", required=False)


def rules_broken_by(answer: EvidenceAnswer) -> list[tuple[str, str]]:
    """Return what section 10 demands of the answer's state and is not so, by member."""
    has_content = answer.certificate is not None or bool(answer.documents)
    found = []
    if has_content != (answer.state is EvidenceState.DELIVERED):
        found.append(("state", "certificate or documents come with `delivered`, and only then"))
    match answer.state:
        case EvidenceState.DELIVERED:
            found += [
                (name, "is missing")
                for name in ("issued_at", "as_of")
                if getattr(answer, name) is None
            ]
        case EvidenceState.NEEDS_SUBJECT:
            if (answer.preview_url is None) == (not answer.missing):
                found.append(("state", "`needs_subject` has either `preview_url` or `missing`"))
        case EvidenceState.LATER:
            if answer.available_from is None:
                found.append(("available_from", "is missing"))
        case _:
            pass
    if answer.preview_url is not None and not is_callable_address(
        answer.preview_url.partition("?")[0]
    ):
        found.append(("preview_url", "must be https://HOST/…"))
    return found
