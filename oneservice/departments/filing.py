"""What an engine sends about an application: submissions, supplements, withdrawals.

Both sides use these types: the engine composes bytes once and repeats them for ever, the adapter
parses them (protocol sections 4 and 7).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oneservice.canonical import Digest, canonical
from oneservice.departments.members import Members, read_message
from oneservice.departments.wire import MAX_JSON_BYTES, PeopleText

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Consent",
    "DocumentRef",
    "MaterialItem",
    "Promise",
    "SubmissionBody",
    "SupplementBody",
    "WithdrawalBody",
    "compose_submission",
    "compose_supplement",
    "compose_withdrawal",
    "parse_submission",
    "parse_supplement",
    "parse_withdrawal",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """A document that was uploaded before, named by its digest. ``size_bytes`` as declared."""

    digest: Digest
    media_type: str
    size_bytes: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialItem:
    """One material: documents, or a signed certificate that stands for them."""

    material: str
    documents: tuple[DocumentRef, ...] = ()
    certificate: Mapping[str, Any] | None = None
    source: str | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A material that is promised for a day (容缺); ``document`` is the signed promise."""

    material: str
    until: str
    document: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The person's consent that a fact about them is looked up."""

    id: str
    scope: str
    until: str | None = None
    proof: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionBody:
    """An application to one department for one step (protocol section 4).

    ``applicant`` has at least ``kind``; ``fields`` are those that the step declares, and no others.
    ``extra`` keeps members of later minor versions; they mean nothing here.
    """

    case_id: str
    step_id: str
    attempt: int
    applicant: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    materials: tuple[MaterialItem, ...] = ()
    promises: tuple[Promise, ...] = ()
    consents: tuple[Consent, ...] = ()
    continues: str | None = None
    definition: Digest | None = None
    plan: Digest | None = None
    region: str | None = None
    accepting_region: str | None = None
    window_received_at: str | None = None
    language: str | None = None
    agent: Mapping[str, Any] | None = None
    callback: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def documents(self) -> tuple[DocumentRef, ...]:
        """Return every document that the application names."""
        return tuple(one for item in self.materials for one in item.documents)

    def digests(self) -> tuple[Digest, ...]:
        """Return the digests of all bytes that must have been uploaded before."""
        promised = tuple(one.document for one in self.promises if one.document is not None)
        return tuple(dict.fromkeys((*(one.digest for one in self.documents()), *promised)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplementBody:
    """An answer to a correction request, or (without ``correction_id``) a promised material."""

    correction_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    materials: tuple[MaterialItem, ...] = ()
    note: PeopleText = field(default_factory=dict)

    def digests(self) -> tuple[Digest, ...]:
        """Return the digests of all bytes that must have been uploaded before."""
        named = (one.digest for item in self.materials for one in item.documents)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalBody:
    """The applicant's wish to take the application back (撤回)."""

    reason: PeopleText = field(default_factory=dict)
    requested_by: str = "applicant"
    requested_at: str | None = None


def parse_submission(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> SubmissionBody:
    """Return the application in ``data``.

    Raises:
        ProtocolProblemError: ``too-large``, ``malformed``, or ``invalid-submission`` with pointers.
    """
    return read_message(data, _submission, max_bytes=max_bytes, problem="invalid-submission")


def parse_supplement(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> SupplementBody:
    """Return the supplement in ``data``; raises as :func:`parse_submission` does."""
    return read_message(data, _supplement, max_bytes=max_bytes, problem="invalid-submission")


def parse_withdrawal(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> WithdrawalBody:
    """Return the withdrawal in ``data``; raises as :func:`parse_submission` does."""
    return read_message(data, _withdrawal, max_bytes=max_bytes, problem="invalid-submission")


def compose_submission(body: SubmissionBody) -> bytes:
    """Return the bytes of an application: canonical, without absent members.

    The engine journals them before the first send and repeats exactly these (P-17).

    Raises:
        MalformedJsonError: a value that has no canonical form.
    """
    return canonical(
        _present(
            **body.extra,
            case_id=body.case_id,
            step_id=body.step_id,
            attempt=body.attempt,
            applicant=body.applicant,
            fields=body.fields,
            materials=[_material_json(one) for one in body.materials],
            promises=[
                _present(material=one.material, until=one.until, document=one.document)
                for one in body.promises
            ],
            consents=[
                _present(id=one.id, scope=one.scope, until=one.until, proof=one.proof)
                for one in body.consents
            ],
            continues=body.continues,
            definition=body.definition,
            plan=body.plan,
            region=body.region,
            accepting_region=body.accepting_region,
            window_received_at=body.window_received_at,
            language=body.language,
            agent=body.agent,
            callback=body.callback,
        )
    )


def compose_supplement(body: SupplementBody) -> bytes:
    """Return the bytes of a supplement; see :func:`compose_submission`."""
    return canonical(
        _present(
            correction_id=body.correction_id,
            fields=body.fields,
            materials=[_material_json(one) for one in body.materials],
            note=body.note,
        )
    )


def compose_withdrawal(body: WithdrawalBody) -> bytes:
    """Return the bytes of a withdrawal; see :func:`compose_submission`."""
    return canonical(
        _present(reason=body.reason, requested_by=body.requested_by, requested_at=body.requested_at)
    )


_SUBMISSION_MEMBERS = tuple(name for name in SubmissionBody.__slots__ if name != "extra")


def _submission(members: Members) -> SubmissionBody:
    applicant = members.inner("applicant")
    if isinstance(members.value.get("applicant"), dict):  # else told already
        applicant.text("kind")
    return SubmissionBody(
        case_id=members.id("case_id"),
        step_id=members.id("step_id"),
        attempt=members.integer("attempt", least=1),
        applicant=applicant.value,
        fields=members.mapping("fields"),
        materials=members.objects("materials", _material),
        promises=members.objects("promises", _promise),
        consents=members.objects("consents", _consent),
        continues=members.optional_id("continues"),
        definition=members.optional_digest("definition"),
        plan=members.optional_digest("plan"),
        region=members.optional_id("region"),
        accepting_region=members.optional_id("accepting_region"),
        window_received_at=members.instant("window_received_at", required=False),
        language=members.optional_text("language"),
        agent=members.optional_mapping("agent"),
        callback=members.optional_id("callback"),
        extra=members.rest(*_SUBMISSION_MEMBERS),
    )


def _supplement(members: Members) -> SupplementBody:
    return SupplementBody(
        correction_id=members.optional_id("correction_id"),
        fields=members.mapping("fields"),
        materials=members.objects("materials", _material),
        note=members.people_text("note"),
    )


def _withdrawal(members: Members) -> WithdrawalBody:
    return WithdrawalBody(
        reason=members.people_text("reason"),
        requested_by=members.optional_text("requested_by") or "applicant",
        requested_at=members.instant("requested_at", required=False),
    )


def _material(members: Members) -> MaterialItem:
    return MaterialItem(
        material=members.id("material"),
        documents=members.objects("documents", _document),
        certificate=members.optional_mapping("certificate"),
        source=members.optional_text("source"),
        consent=members.optional_id("consent"),
    )


def _document(members: Members) -> DocumentRef:
    return DocumentRef(
        digest=members.digest("digest"),
        media_type=members.text("media_type"),
        size_bytes=members.optional_integer("bytes", least=0),
        name=members.optional_text("name"),
    )


def _promise(members: Members) -> Promise:
    return Promise(
        material=members.id("material"),
        until=members.day("until") or "",
        document=members.optional_digest("document"),
    )


def _consent(members: Members) -> Consent:
    return Consent(
        id=members.id("id"),
        scope=members.text("scope"),
        until=members.day("until", required=False),
        proof=members.optional_digest("proof"),
    )


def _material_json(item: MaterialItem) -> dict[str, Any]:
    documents = [
        _present(digest=one.digest, media_type=one.media_type, bytes=one.size_bytes, name=one.name)
        for one in item.documents
    ]
    return _present(
        material=item.material,
        documents=documents or None,
        certificate=item.certificate,
        source=item.source,
        consent=item.consent,
    )


def _present(**members: Any) -> dict[str, Any]:
    """Leave out what is absent: ``null`` says nothing (section 1)."""
    return {name: value for name, value in members.items() if value is not None}
