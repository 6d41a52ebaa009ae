"""What an engine sends about an application: submissions, supplements, withdrawals.

Both sides use these types: the engine composes bytes once and repeats them for ever, the adapter
parses them (protocol sections 4 and 7).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oneservice.canonical import Digest, canonical
from oneservice.departments.application_parts import (
    Consent,
    DocumentRef,
    MaterialItem,
    Promise,
    consent_json,
    material_json,
    present,
    read_consent,
    read_material,
    read_promise,
)
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
    "read_submission",
    "read_supplement",
    "read_withdrawal",
]


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
    return read_message(data, read_submission, max_bytes=max_bytes, problem="invalid-submission")


def parse_supplement(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> SupplementBody:
    """Return the supplement in ``data``; raises as :func:`parse_submission` does."""
    return read_message(data, read_supplement, max_bytes=max_bytes, problem="invalid-submission")


def parse_withdrawal(data: bytes, *, max_bytes: int = MAX_JSON_BYTES) -> WithdrawalBody:
    """Return the withdrawal in ``data``; raises as :func:`parse_submission` does."""
    return read_message(data, read_withdrawal, max_bytes=max_bytes, problem="invalid-submission")


def compose_submission(body: SubmissionBody) -> bytes:
    """Return the bytes of an application: canonical, without absent members.

    The engine journals them before the first send and repeats exactly these (P-17).

    Raises:
        MalformedJsonError: a value that has no canonical form.
    """
    return canonical(
        present(
            **body.extra,
            case_id=body.case_id,
            step_id=body.step_id,
            attempt=body.attempt,
            applicant=body.applicant,
            fields=body.fields,
            materials=[material_json(one) for one in body.materials],
            promises=[
                present(material=one.material, until=one.until, document=one.document)
                for one in body.promises
            ],
            consents=[consent_json(one) for one in body.consents],
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
        present(
            correction_id=body.correction_id,
            fields=body.fields,
            materials=[material_json(one) for one in body.materials],
            note=body.note,
        )
    )


def compose_withdrawal(body: WithdrawalBody) -> bytes:
    """Return the bytes of a withdrawal; see :func:`compose_submission`."""
    return canonical(
        present(reason=body.reason, requested_by=body.requested_by, requested_at=body.requested_at)
    )


_SUBMISSION_MEMBERS = tuple(name for name in SubmissionBody.__slots__ if name != "extra")


def read_submission(members: Members) -> SubmissionBody:
    """Return the application that an object states."""
    applicant = members.inner("applicant")
    if isinstance(members.value.get("applicant"), dict):  # else told already
        applicant.text("kind")
    return SubmissionBody(
        case_id=members.id("case_id"),
        step_id=members.id("step_id"),
        attempt=members.integer("attempt", least=1),
        applicant=applicant.value,
        fields=members.mapping("fields"),
        materials=members.objects("materials", read_material),
        promises=members.objects("promises", read_promise),
        consents=members.objects("consents", read_consent),
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


def read_supplement(members: Members) -> SupplementBody:
    """Return the supplement that an object states."""
    return SupplementBody(
        correction_id=members.optional_id("correction_id"),
        fields=members.mapping("fields"),
        materials=members.objects("materials", read_material),
        note=members.people_text("note"),
    )


def read_withdrawal(members: Members) -> WithdrawalBody:
    """Return the wish to withdraw that an object states."""
    return WithdrawalBody(
        reason=members.people_text("reason"),
        requested_by=members.optional_text("requested_by") or "applicant",
        requested_at=members.instant("requested_at", required=False),
    )
