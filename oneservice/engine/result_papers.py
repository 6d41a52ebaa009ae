"""What an office hands out beside a certificate for the bundle: fetched when one is asked for.

The receipt of a seal's use, what another region's log vouches for: an answer names such papers by
digest and media type, and they stay with the office until somebody needs them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from oneservice.canonical import Digest
from oneservice.case import Case
from oneservice.certificates import Certificate
from oneservice.errors import MalformedCertificateError, OneServiceError
from oneservice.ports import Departments, Papers

__all__ = ["PaperBeside", "ResultPapers"]

_log = logging.getLogger(__name__)
_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBeside:
    """What ``department`` hands out beside ``certificate``; nothing of it is believed yet."""

    certificate: Certificate
    department: str
    data: bytes


class ResultPapers:
    """Fetches papers from the departments, each once."""

    def __init__(self) -> None:
        self._known: dict[Digest, bytes] = {}

    async def beside(
        self, case: Case, departments: Departments, media_type: str, *, patience_s: float
    ) -> tuple[PaperBeside, ...]:
        """Return the papers of ``media_type`` that can be had in time, one for a certificate."""
        if not isinstance(departments, Papers):
            return ()
        named = tuple(_named(case, media_type))
        wanted = {
            digest: department for department, digest, _ in named if digest not in self._known
        }
        await asyncio.gather(
            *(self._fetch(departments, *one, patience_s) for one in wanted.items())
        )
        return tuple(
            PaperBeside(certificate=paper, department=department, data=self._known[digest])
            for department, digest, paper in named
            if digest in self._known
        )

    async def _fetch(
        self, papers: Papers, digest: Digest, department: str, patience_s: float
    ) -> None:
        try:
            async with asyncio.timeout(patience_s):
                data = await papers.document(department, digest)
        except (OneServiceError, TimeoutError) as error:
            code = error.code if isinstance(error, OneServiceError) else "no answer in time"
            _log.warning("a bundle goes out without a paper of %s: %s", department, code)
            return
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        self._known[digest] = data


def _named(case: Case, media_type: str) -> Iterator[tuple[str, Digest, Certificate]]:
    """Yield, by certificate, who has a paper for it, and under which digest."""
    for sub in case.sub_cases.values():
        outcome = sub.outcome or {}
        listed = [
            one for one in outcome.get("documents") or () if one.get("media_type") == media_type
        ]
        if listed and outcome.get("certificate"):
            try:
                paper = Certificate.of(outcome["certificate"])
            except MalformedCertificateError:
                continue
            yield sub.spec.department, Digest(listed[-1]["digest"]), paper
