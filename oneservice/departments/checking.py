"""The counter's advice: what would be wanting in an application. Nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oneservice.canonical import digest_bytes
from oneservice.case import SubmissionState
from oneservice.departments.application import Submission
from oneservice.departments.checks import Finding
from oneservice.departments.filing import SubmissionBody, parse_submission
from oneservice.departments.steps import call
from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.office import Office

__all__ = ["checked"]

_CHECK_ID = "check"


async def checked(office: Office, caller: str, data: bytes) -> tuple[Finding, ...]:
    """Return the findings in an application: its form, its documents, the step's own.

    Raises:
        ProtocolProblemError: it can be no application at all, or for a step not served here.
    """
    body = parse_submission(data, max_bytes=office.body_bytes)
    step = office.step(body.step_id)
    office.refuse_unauthorised(caller, body)
    found = [*await _documents(office, caller, body)]
    form = None
    try:
        form = step.check_fields(body.fields)
    except ProtocolProblemError as error:
        found += [
            Finding(pointer=pointer, problem="invalid", text={"en": rule})
            for pointer, rule in error.findings
        ]
        return tuple(found)  # the step's function relies on a form that fits
    if step.on_check is not None:
        now = office.scribe.clock()
        view = Submission(
            id=_CHECK_ID,
            caller=caller,
            body=body,
            digest=digest_bytes(data),
            history=(),
            state=SubmissionState.RECEIVED,
            received_at=now,
            form=form,
            now=now,
        )
        found += _findings(await call(step.on_check, view))
    return tuple(found)


async def _documents(office: Office, caller: str, body: SubmissionBody) -> list[Finding]:
    """Return where documents are named that were not uploaded."""
    named = tuple(dict.fromkeys(one.digest for one in body.documents()))
    missing = frozenset(await office.scribe.register.missing(caller, named))
    return [
        Finding(pointer=f"/materials/{place}/documents/{index}", problem="missing-document")
        for place, item in enumerate(body.materials)
        for index, one in enumerate(item.documents)
        if one.digest in missing
    ]


def _findings(returned: object) -> list[Finding]:
    found = returned if isinstance(returned, (list, tuple)) else (returned,)
    kept = [one for one in found if isinstance(one, Finding)]
    if len(kept) != len(found):
        msg = "a check returns findings: a list or tuple of Finding, empty where nothing is wanting"
        raise AdapterError(msg)
    return kept
