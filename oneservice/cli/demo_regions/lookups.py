"""The counter gives papers on request: with consent, and after their person has looked at them.

A request waits until the person was shown what would be told (protocol section 10); what they
allow goes out as it was sealed, and stands in the log that they can read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from oneservice.canonical import write_instant
from oneservice.case import Applicant
from oneservice.cli.demo_regions.archive import Archive
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.departments import EvidenceAnswer, EvidenceRequest, EvidenceState
from oneservice.engine import AccessEntry
from oneservice.federation import RegionOffice
from oneservice.runtimes import letter_parts

__all__ = ["GivesPapers", "allow", "give_papers"]

_KINDS: Final = (HEALTH, RESIDENCE)


class GivesPapers(Protocol):
    """A region at whose counter people's papers are asked for."""

    @property
    def office(self) -> RegionOffice:
        """Its counter."""
        ...

    @property
    def archive(self) -> Archive:
        """What it handed out."""
        ...


def give_papers(office: RegionOffice, archive: Archive, *, site: str) -> None:
    """Declare what the counter gives.

    Args:
        office: the counter.
        archive: what was handed out, and what was asked for.
        site: where the person looks at it first.
    """

    def give(asked: EvidenceRequest) -> EvidenceAnswer:
        body = asked.body
        if archive.find(body.evidence_type, str(body.subject.get("code"))) is None:
            return EvidenceAnswer(state=EvidenceState.NOT_FOUND)
        entry = AccessEntry(
            at=asked.now,
            by=asked.caller,
            kind="given",
            purpose=body.purpose,
            names=(body.evidence_type,),
            reference=asked.id,
            consent="" if body.consent is None else body.consent.id,
        )
        archive.note_asked(entry)
        return EvidenceAnswer(
            state=EvidenceState.NEEDS_SUBJECT, preview_url=f"{site}/preview/{asked.id}"
        )

    for kind in _KINDS:
        office.gives(kind)(give)


async def allow(region: GivesPapers, *, request_id: str, person: Applicant, at: datetime) -> None:
    """Record that the person looked and agreed: the counter notes it for them, and the paper goes.

    Raises:
        CaseNotFoundError: nobody asked under that id.
    """
    asked = region.archive.asked(request_id)
    (kind,) = asked.names
    letter = region.archive.find(kind, person.code)
    answer = EvidenceAnswer(state=EvidenceState.NOT_FOUND)
    if letter is not None:
        paper, _ = letter_parts(letter)
        answer = EvidenceAnswer(
            state=EvidenceState.DELIVERED,
            certificate=dict(paper.content),
            issued_at=write_instant(at),
            as_of=write_instant(at),
        )
    await region.office.answer_evidence(request_id, answer, caller=asked.by)
