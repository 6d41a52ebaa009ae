"""The counter gives papers on request: with consent, and after their person has looked at them.

A request waits until the person was shown what would be told (protocol section 10); what they
allow goes out as it was sealed, and stands in the log that they can read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from oneservice.canonical import write_instant
from oneservice.case import Applicant
from oneservice.cli.demo_regions.archive import Archive
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.departments import EvidenceAnswer, EvidenceRequest, EvidenceState
from oneservice.engine import AccessEntry
from oneservice.federation import RegionOffice
from oneservice.runtimes import letter_parts

__all__ = ["allow", "give_papers"]

_KINDS: Final = (HEALTH, RESIDENCE)


def give_papers(office: RegionOffice, archive: Archive, *, site: str) -> None:
    """Declare what the counter gives.

    Args:
        office: the counter.
        archive: what was handed out.
        site: where the person looks at it first.
    """
    for kind in _KINDS:

        def give(asked: EvidenceRequest) -> EvidenceAnswer:
            code = asked.body.subject.get("code")
            if archive.find(asked.body.evidence_type, str(code)) is None:
                return EvidenceAnswer(state=EvidenceState.NOT_FOUND)
            return EvidenceAnswer(
                state=EvidenceState.NEEDS_SUBJECT, preview_url=f"{site}/preview/{asked.id}"
            )

        office.gives(kind)(give)


async def allow(
    office: RegionOffice,
    archive: Archive,
    *,
    engine: Any,
    request_id: str,
    caller: str,
    kind: str,
    person: Applicant,
    purpose: str,
    at: datetime,
) -> None:
    """Record that the person looked and agreed: the paper goes out, and their log says so first."""
    letter = archive.find(kind, person.code)
    answer = EvidenceAnswer(state=EvidenceState.NOT_FOUND)
    if letter is not None:
        paper, _ = letter_parts(letter)
        answer = EvidenceAnswer(
            state=EvidenceState.DELIVERED,
            certificate=dict(paper.content),
            issued_at=write_instant(at),
            as_of=write_instant(at),
        )
        entry = AccessEntry(
            at=at, by=caller, kind="given", purpose=purpose, names=(kind,), reference=request_id
        )
        await engine.people.note_access(person, entry)
    await office.answer_evidence(request_id, answer, caller=caller)
