"""Whether what is handed in under a key is what was handed in under it before.

The day of the plan does not count: whoever repeats a submission may do so after midnight. Neither
does the instant at which somebody agreed, since a portal may read its clock anew. What was agreed
to, by whom and until when does count: else a portal believed that filings rest on the newer text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, TypeAlias

from oneservice.canonical import Digest
from oneservice.case import (
    OWN_CONSENT,
    CaseOpened,
    ConsentGiven,
    ConsentRecorded,
    ConsentRefused,
    Form,
    MandateGiven,
    OpenCase,
    read_consent_document,
    read_record,
)
from oneservice.errors import SubmissionConflictError
from oneservice.plan import Plan
from oneservice.ports import Store
from oneservice.runtimes import HotCase, Mail

__all__ = ["refuse_another"]

_NO_INSTANT: Final = datetime(1, 1, 1, tzinfo=UTC)
_AT_THE_OPENING: Final = (CaseOpened, MandateGiven, ConsentRecorded, ConsentRefused)
_Answers: TypeAlias = dict[str, ConsentGiven | None]
"""What was said at the opening, by consent; ``None``: no."""


async def refuse_another(hot: HotCase, mail: Mail, store: Store) -> None:
    """Refuse ``mail`` where it opens another case than ``hot``, which was opened under its key.

    Raises:
        SubmissionConflictError: the thing, the answers, the applicant, what is handed in, or what
            somebody agreed to differ.
    """
    _, opening = mail.inputs[0]
    has_moved = bool(hot.case.people.migrations)
    if has_moved and mail.form is not None and mail.form.applicant == hot.form.applicant:
        return  # it moved to another definition since, and its form with it
    if (
        not isinstance(opening, OpenCase)
        or mail.form is None
        or _application(opening.plan, mail.form) != _application(hot.plan, hot.form)
    ):
        msg = "another application was handed in under this key; use the id of this visit"
        raise SubmissionConflictError(msg)
    before = _timeless(hot.form.consents) | await _answered(hot.case.id, store)
    now = _timeless(mail.form.consents) | _own(opening, mail.blobs)
    others = _differing(before, now)
    if others:
        msg = (
            f"case {hot.case.id} was opened under this key with another consent of "
            f"{', '.join(others)}; a new one is given by 'engine.people.give_consent'"
        )
        raise SubmissionConflictError(msg)


def _differing(before: _Answers, now: _Answers) -> list[str]:
    """Return the ids of the consents that differ; of an own one nobody kept there is no saying."""
    kept = {name for name in now if name in before or not name.startswith(OWN_CONSENT)}
    return sorted(name for name in before.keys() | kept if before.get(name) != now.get(name))


def _application(plan: Plan, form: Form) -> object:
    """Return what makes an application this one, but for the consents."""
    return plan.thing, plan.region, plan.answers, replace(form, consents={}).dump()


def _timeless(consents: Mapping[str, ConsentGiven]) -> _Answers:
    return {name: replace(one, at=_NO_INSTANT) for name, one in consents.items()}


def _own(opening: OpenCase, blobs: Mapping[Digest, bytes]) -> _Answers:
    """Return the applicant's own answers for offices elsewhere, as they are handed in now."""
    found: _Answers = dict.fromkeys(one.consent_id for one in opening.refused)
    for one in opening.consents:
        if one.document is not None:
            found |= _timeless({one.consent_id: read_consent_document(blobs[one.document])})
    return found


async def _answered(case_id: str, store: Store) -> _Answers:
    """Return the applicant's own answers with which the case was opened, whatever came later."""
    found: _Answers = {}
    opened_at, head = None, None
    for seq, line in enumerate(await store.records(case_id), start=1):
        recorded = read_record(line, case_id=case_id, seq=seq, prev=head)
        head, event = recorded.digest, recorded.event
        opened_at = opened_at or event.at
        if event.at != opened_at or not isinstance(event, _AT_THE_OPENING):
            break
        if isinstance(event, ConsentRefused):
            found.setdefault(event.consent_id)
        elif isinstance(event, ConsentRecorded) and event.consent_id.startswith(OWN_CONSENT):
            kept = await store.blob(case_id, event.document) if event.document else None
            if kept is not None and event.consent_id not in found:
                found |= _timeless({event.consent_id: read_consent_document(kept)})
    return found
