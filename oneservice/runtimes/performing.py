"""Performing one command: a call through a port, and the input that tells how it went.

Errors become inputs here and nowhere else, so that the core decides what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, assert_never

from oneservice.canonical import Digest, parse_object
from oneservice.case import (
    Deliver,
    DeliveryDidFail,
    DepartmentEvent,
    Input,
    NotFoundThere,
    Read,
    ReportDidFail,
    StatusRead,
)
from oneservice.certificates import Certificate
from oneservice.errors import (
    DepartmentContractError,
    DepartmentInProgressError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    JournalCorruptError,
    MalformedCertificateError,
)
from oneservice.ports import Change, Departments, Papers, StatusPage, Store

__all__ = ["REFUSED_FOR_GOOD", "deliver", "read_status", "told"]

REFUSED_FOR_GOOD: Final = frozenset(
    {
        "malformed",
        "digest-mismatch",
        "unsupported-version",
        "not-allowed",
        "unknown-step",
        "retired",
        "submission-conflict",
        "supplement-conflict",
        "withdrawal-conflict",
        "not-open",
        "too-large",
        "media-type",
        "invalid-submission",
    }
)
"""Problem codes that say: nothing was recorded, and the same bytes will never be taken."""


_ORDINARY: Final = frozenset({"not-open"})
"""Problem codes that nobody need be told of: two honest messages crossed."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    case_id: str
    command: Deliver
    body: bytes


async def deliver(
    case_id: str,
    command: Deliver,
    *,
    body: bytes | None,
    departments: Departments,
    store: Store,
    now: Callable[[], datetime],
) -> Input:
    """Send the stored bytes of ``command`` and return what the case must be told.

    Args:
        case_id: whose message.
        command: which message.
        body: its bytes where they are at hand; otherwise they are read from ``store``.
        departments: the way there.
        store: holds the bytes, and the documents that they name.
        now: the clock.

    Raises:
        JournalCorruptError: the bytes that were stored before the send are gone.
    """
    if body is None:
        body = await store.blob(case_id, command.request_digest)
    if body is None:
        msg = f"case {case_id}: the stored message {command.message_id} is gone; restore a backup"
        raise JournalCorruptError(msg)
    attempt = _Attempt(case_id, command, body)

    def failed(
        effect: Literal["none", "unknown", "refused"],
        problem: str,
        retry_after_s: int = 0,
        *,
        is_contract: bool = False,
    ) -> DeliveryDidFail:
        return DeliveryDidFail(
            at=now(),
            sub_case_id=command.sub_case_id,
            message_id=command.message_id,
            effect=effect,
            problem=problem,
            retry_after_s=retry_after_s,
            is_contract=is_contract,
        )

    try:
        await _upload(attempt, departments, store)
        page = await _send(attempt, departments)
    except DepartmentUnavailableError as error:
        return failed("none", error.code, error.retry_after_s)
    except DepartmentUnknownOutcomeError as error:
        return failed("unknown", error.code, _asked_pause_s(error))
    except DepartmentContractError as error:
        if error.problem == "missing-document":
            return failed("none", error.problem)  # the next try uploads them again
        if error.problem == "feature-not-offered":
            return failed("none", error.problem, is_contract=True)  # nothing was sent
        # An answer that cannot be used says nothing, whatever its fault is called.
        is_refused = error.problem in REFUSED_FOR_GOOD and not error.is_unread
        effect: Literal["refused", "unknown"] = "refused" if is_refused else "unknown"
        is_contract = error.problem not in _ORDINARY
        return failed(effect, error.problem, is_contract=is_contract)
    return told(command.sub_case_id, page, at=now(), held=command.held)


async def read_status(
    command: Read, *, departments: Departments, now: Callable[[], datetime]
) -> Input:
    """Read the submission of ``command`` and return what the case must be told."""

    def failed(problem: str, *, is_contract: bool, retry_after_s: int = 0) -> ReportDidFail:
        return ReportDidFail(
            at=now(),
            sub_case_id=command.sub_case_id,
            problem=problem,
            is_contract=is_contract,
            retry_after_s=retry_after_s,
        )

    try:
        page = await departments.read(
            command.department, command.submission_id, after=command.after
        )
    except DepartmentUnavailableError as error:
        return failed(error.code, is_contract=False, retry_after_s=error.retry_after_s)
    except DepartmentUnknownOutcomeError as error:
        return failed(error.code, is_contract=False, retry_after_s=_asked_pause_s(error))
    except DepartmentContractError as error:
        return failed(error.problem, is_contract=True)
    if page is None:
        return NotFoundThere(
            at=now(),
            sub_case_id=command.sub_case_id,
            submission_id=command.submission_id,
            held=command.after,
        )
    return told(command.sub_case_id, page, at=now(), held=command.after, is_fresh_read=True)


async def _upload(attempt: _Attempt, departments: Departments, store: Store) -> None:
    """Make sure that the department has the documents that the message names."""
    if b'"documents":[{' not in attempt.body and b'"promises":[{' not in attempt.body:
        return  # our own canonical bytes: they name none, and need not be read to know it
    body = parse_object(attempt.body)
    for material in body.get("materials", ()):
        giver = material.get("result", {}).get("department", "")
        for document in material.get("documents", ()):
            digest, kind = document["digest"], document["media_type"]
            if giver and await store.blob(attempt.case_id, Digest(digest)) is None:
                content = await _paper(departments, giver, digest)
                await departments.put_document(attempt.command.department, content, kind)
            else:
                await _upload_one(attempt, digest, kind, departments, store)
    for promise in body.get("promises", ()):
        await _upload_one(attempt, promise["document"], None, departments, store)


async def _upload_one(
    attempt: _Attempt,
    digest: str,
    media_type: str | None,
    departments: Departments,
    store: Store,
) -> None:
    content = await store.blob(attempt.case_id, Digest(digest))
    if content is None:
        msg = f"case {attempt.case_id}: the document {digest} is gone; restore a backup"
        raise JournalCorruptError(msg)
    # The protocol names a signed promise by its digest alone, so its bytes say what they are.
    kind = media_type or ("application/pdf" if content.startswith(b"%PDF-") else _BYTES)
    await departments.put_document(attempt.command.department, content, kind)


async def _paper(departments: Departments, giver: str, digest: str) -> bytes:
    """Return a paper that another department handed out, from there: the next one needs it.

    Raises:
        DepartmentUnavailableError: it cannot be had now; nothing was sent on.
    """
    if not isinstance(departments, Papers):
        msg = "the way to it fetches no papers; give the engine departments that do"
        raise DepartmentUnavailableError(msg, department=giver)
    try:
        return await departments.document(giver, Digest(digest))
    except DepartmentContractError as error:
        # That is between the giver and us: the one that we file with did nothing wrong.
        msg = f"its paper for the next step cannot be had ({error.problem})"
        raise DepartmentUnavailableError(msg, department=giver) from error


_BYTES: Final = "application/octet-stream"


async def _send(attempt: _Attempt, departments: Departments) -> StatusPage:
    command, body = attempt.command, attempt.body
    match command.message:
        case "submission":
            return await departments.submit(command.department, command.submission_id, body)
        case "supplement":
            return await departments.supplement(
                command.department, command.submission_id, command.message_id, body
            )
        case "withdrawal":
            return await departments.withdraw(
                command.department, command.submission_id, command.message_id, body
            )
    assert_never(command.message)


def _asked_pause_s(error: DepartmentUnknownOutcomeError) -> int:
    return error.retry_after_s if isinstance(error, DepartmentInProgressError) else 0


def told(
    sub_case_id: str,
    page: StatusPage | Change,
    *,
    at: datetime,
    held: int = 0,
    is_fresh_read: bool = False,
) -> StatusRead | ReportDidFail:
    """Return what a department's answer, or news in its feed, tells the case.

    A result whose certificate is none cannot be handed out, so it is no answer of the protocol.
    """
    problem = _certificate_problem(page.events)
    if problem is not None:
        return ReportDidFail(at=at, sub_case_id=sub_case_id, problem=problem, is_contract=True)
    return StatusRead(
        at=at,
        sub_case_id=sub_case_id,
        submission_id=page.submission_id,
        state=page.state if isinstance(page, StatusPage) else None,
        head_seq=page.head_seq,
        head_digest=page.head_digest,
        events=page.events,
        is_fresh_read=is_fresh_read,
        held=held,
        clock_due_on=page.clock_due_on if isinstance(page, StatusPage) else None,
    )


def _certificate_problem(events: Sequence[DepartmentEvent]) -> str | None:
    for event in events:
        outcome = event.data.get("outcome")
        document = outcome.get("certificate") if isinstance(outcome, Mapping) else None
        if document is None:
            continue
        try:
            Certificate.of(document)
        except MalformedCertificateError as error:
            return f"event {event.seq}: the outcome's certificate is none: {error}"[:200]
    return None
