"""The papers that go out with a decision: of the results, of the bundle, of who vouches for them.

They are gathered anew whenever they are owed, and recorded with the decision; what somebody does
not hand out now is left out, for the decision counts without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from oneservice.canonical import canonical, parse_object
from oneservice.case import Case, EventType, SubCase, SubmissionState
from oneservice.certificates import Certificate
from oneservice.departments import ENCLOSURES_TYPE, OutcomeDocument, Submission
from oneservice.engine import Engine
from oneservice.errors import DepartmentError, MalformedCertificateError
from oneservice.federation.afterwards import is_told
from oneservice.federation.results import Papers
from oneservice.federation.views import deciders, told_editions

__all__ = ["Outgoing"]

_log = logging.getLogger(__name__)

_RECORD_BYTES: Final = 4_194_304
_CERTIFICATE: Final = "application/vc+json"
_PATIENCE_S: Final = 3.0
"""Real seconds that a log, a register or a clock has: others wait for their decisions meanwhile."""
_AGAIN_AFTER_S: Final = 60.0
"""How long nobody is asked who was slow: results go out without it, as they do without a log."""


class Outgoing:
    """Gathers what goes out beside a decision."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._not_before = 0.0

    async def papers(self, case: Case, filed: Submission) -> Papers:
        """Return what would go out with a grant, where the case has come so far."""
        subs = deciders(case)
        if case.bundle is None and not any(one.outcome for one in subs):
            return Papers()
        if len(subs) > 1:
            return await self._papers_of_parts(case, subs, filed)
        if filed.state is SubmissionState.GRANTED and all(is_told(filed, one) for one in subs):
            is_news = any(one.is_revoked for one in subs)
            return Papers(revocation=await self._revocation(case) if is_news else None)
        found = [await self._document(case, row) for one in subs for row in _rows(one.outcome)]
        vouched = await self._vouched(case, _certificates(subs))
        return Papers(documents=(*(one for one in found if one is not None), *vouched))

    async def _papers_of_parts(
        self, case: Case, subs: tuple[SubCase, ...], filed: Submission
    ) -> Papers:
        """Return the bundle over several results, with each of them: once for each edition."""
        if case.bundle is None or told_editions(filed) >= case.bundle.version:
            return Papers()
        granted = [one for one in subs if one.is_granted]
        certificates = [
            OutcomeDocument(
                data=canonical(one.outcome["certificate"]),
                media_type=_CERTIFICATE,
                name=f"{one.id}.json",
            )
            for one in granted
            if one.outcome and one.outcome.get("certificate")
        ]
        papers = [await self._document(case, row) for one in granted for row in _rows(one.outcome)]
        bundle = await self._engine.bundle_certificate(case.id)
        vouched = await self._vouched(case, (bundle, *_certificates(granted)))
        return Papers(
            bundle=bundle.document,
            documents=(*certificates, *(one for one in papers if one is not None), *vouched),
        )

    async def _vouched(
        self, case: Case, certificates: Iterable[Certificate]
    ) -> tuple[OutcomeDocument, ...]:
        """Return what our log, lists and clock say of results, for the other region's bundle.

        Results never wait for a log: where one was slow, the next ones go out without asking it.
        """
        now = asyncio.get_running_loop().time
        begun = now()
        if case.bundle is None or begun < self._not_before:
            return ()
        data = await self._engine.enclosures(
            case.id, of=[one.digest for one in certificates], patience_s=_PATIENCE_S
        )
        if now() - begun >= _PATIENCE_S:
            self._not_before = now() + _AGAIN_AFTER_S
        if data is None:
            return ()
        return (OutcomeDocument(data=data, media_type=ENCLOSURES_TYPE, name="enclosures.json"),)

    async def _document(self, case: Case, row: Mapping[str, Any]) -> OutcomeDocument | None:
        """Return a paper of a result; who does not hand it out now is not waited for."""
        try:
            data = await self._engine.result_document(case.id, row["digest"])
        except DepartmentError as error:
            _log.warning("case %s: a paper of its result is left out: %s", case.id, error)
            return None
        name = row.get("name")
        return OutcomeDocument(
            data=data,
            media_type=str(row.get("media_type") or "application/octet-stream"),
            name=name if isinstance(name, str) else None,
        )

    async def _revocation(self, case: Case) -> Mapping[str, Any] | None:
        """Return what the office said when it took its result back."""
        for line in reversed(await self._engine.journal(case.id)):
            if b"result_revoked" not in line:
                continue
            told = _event_of(parse_object(line, max_bytes=_RECORD_BYTES), EventType.RESULT_REVOKED)
            if told is not None:
                return told
        return None


def _certificates(subs: Iterable[SubCase]) -> Iterator[Certificate]:
    """Yield the certificates of results; of a kind that is not known here nobody vouches."""
    for one in subs:
        with contextlib.suppress(MalformedCertificateError):
            if one.outcome and one.outcome.get("certificate"):
                yield Certificate.of(one.outcome["certificate"])


def _rows(outcome: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], ...]:
    return tuple((outcome or {}).get("documents") or ())


def _event_of(found: Any, kind: str) -> Mapping[str, Any] | None:
    """Return the data of a department's event of that type, wherever a record holds it."""
    if isinstance(found, Mapping):
        if found.get("type") == kind and isinstance(found.get("data"), Mapping):
            return dict(found["data"])
        found = tuple(found.values())
    if isinstance(found, (list, tuple)):
        return next((told for one in found if (told := _event_of(one, kind)) is not None), None)
    return None
