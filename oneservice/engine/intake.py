"""What applicants hand in, made into mail: an input, and the bytes that must be durable with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.case import (
    APPLICANT,
    OWN_CONSENT,
    Actor,
    Applicant,
    CheckAtWindow,
    Correction,
    Document,
    GiveMandate,
    OpenCase,
    SignedPromise,
    SubCase,
    SupplementGiven,
    WindowReceipt,
    consent_terms,
    filed_as,
    fill_form,
    fill_part,
    planned_name,
    planned_step,
    stated_holders,
    supplement_body,
)
from oneservice.certificates import is_printable
from oneservice.engine.crossing_answers import Answer, ConsentDeclined, shared_terms
from oneservice.engine.crossings import crossings_of
from oneservice.errors import FormIncompleteError, IllegalInputError
from oneservice.plan import Plan, plan_body
from oneservice.ports import Ids
from oneservice.runtimes import HotCase, Mail

__all__ = ["Intake", "Materials"]

_KNOWN_PLANS: Final = 64
"""Plans whose bytes are kept at hand."""

Materials = Mapping[str, bytes | Document | Sequence[bytes | Document]]
"""Documents by material id; plain bytes become one document."""


class Intake:
    """Checks what is handed in and puts it into mail; keeps the bytes of the plans of the day."""

    def __init__(self, peers: Mapping[str, str] | None = None) -> None:
        self._peers = peers or {}
        self._plan_bytes: dict[Digest, bytes] = {}

    def opening(
        self,
        plan: Plan,
        applicant: Applicant,
        *,
        fields: Mapping[str, Any],
        materials: Materials,
        consents: Mapping[str, Answer],
        promises: Mapping[str, SignedPromise],
        at: datetime,
        ids: Ids,
        key: str | None,
        by: Actor = APPLICANT,
        mandate: GiveMandate | None = None,
        received: CheckAtWindow | WindowReceipt | None = None,
    ) -> Mail:
        """Return the mail that opens a case; raises :class:`FormIncompleteError`."""
        documents = _documents(materials)
        _refuse_unprintable(applicant)
        _refuse_half_character(key)
        own = {name: one for name, one in consents.items() if name.startswith(OWN_CONSENT)}
        parties: dict[str, Any] = {
            name: one
            for name, one in consents.items()
            if name not in own and not isinstance(one, ConsentDeclined)
        }  # the no of who must agree is told as what is missing: nothing is filed before they do
        problems: dict[str, str] = {}
        crossings = crossings_of(plan, self._peers) if self._peers else ()
        shared = shared_terms(crossings, own, problems, at=at, by=by)
        stated_holders(plan, applicant, fields, problems)
        try:
            form = fill_form(
                plan,
                applicant,
                fields=fields,
                materials=documents,
                consents=parties,
                promises=promises,
            )
        except FormIncompleteError as error:
            raise FormIncompleteError({**error.problems, **problems}) from None
        if problems:
            raise FormIncompleteError(problems)
        stored_form = form.dump()
        form_digest = digest_bytes(stored_form)
        blobs = {plan.digest: self._bytes_of(plan), form_digest: stored_form}
        opening = OpenCase(
            at=at,
            plan=plan,
            form=form_digest,
            by=by,
            consents=(*consent_terms(plan, parties), *shared.given),
            mandate=mandate,
            refused=shared.refused,
            received=replace(received, at=at) if isinstance(received, CheckAtWindow) else received,
        )
        return Mail(
            inputs=((ids.case_id(), opening),),
            blobs=blobs | _contents(documents) | _signed(promises) | {**shared.documents},
            form=form,
            secret=ids.secret(),
            key=key,
        )

    def answer(
        self,
        hot: HotCase,
        answered: Correction | str,
        *,
        plan: Plan,
        fields: Mapping[str, Any],
        materials: Materials,
        by: Actor,
        why: str,
        at: datetime,
    ) -> Mail:
        """Return the mail that answers a correction, or brings what a step was promised.

        ``plan`` is the one under which the step was filed.

        Raises:
            IllegalInputError: nothing was filed to which it could belong.
            FormIncompleteError: something that is asked for is missing, a field or material that
                the step does not have, or a wrong value.
        """
        case = hot.case
        name = answered if isinstance(answered, str) else answered.sub_case_id
        sub = case.sub_cases.get(name)
        if sub is None:
            known = ", ".join(case.sub_cases)
            msg = f"case {case.id} has no step {str(name)[:60]!r}; its steps are {known}"
            raise IllegalInputError(msg, status=str(case.status))
        if sub.submission is None:
            msg = f"case {case.id}: {sub.id} was not filed yet; there is nothing to supplement"
            raise IllegalInputError(msg, status=str(case.status))
        step = planned_step(plan, sub.id)
        documents = {planned_name(step, key): one for key, one in _documents(materials).items()}
        fields = {planned_name(step, key): value for key, value in fields.items()}
        correction = None if isinstance(answered, str) else answered
        wanted = _asked(correction) if correction else _promised(sub)
        asked = [planned_name(step, one) for one in wanted]
        values = fill_part(plan, sub.id, fields=fields, materials=documents, asked=asked)
        references = {key: [one.reference() for one in some] for key, some in documents.items()}
        correction_id = correction.correction_id if correction else None
        body = supplement_body(correction_id, fields=values, materials=references)
        given = SupplementGiven(
            at=at,
            sub_case_id=sub.id,
            correction_id=correction_id,
            supplement_id=f"{sub.submission.submission_id}.s{sub.submission.seq}",
            request_digest=digest_bytes(body),
            materials=tuple(references) if correction is None else (),
            names=(*filed_as(plan, sub.id, values), *sorted(references)),
            by=by,
            why=why,
        )
        return Mail(
            inputs=((case.id, given),), blobs=_contents(documents) | {digest_bytes(body): body}
        )

    def _bytes_of(self, plan: Plan) -> bytes:
        """Return the stored form of ``plan``; portals submit the same few plans all day."""
        known = self._plan_bytes.get(plan.digest)
        if known is None:
            known = self._plan_bytes[plan.digest] = plan_body(plan)
            if len(self._plan_bytes) > _KNOWN_PLANS:
                del self._plan_bytes[next(iter(self._plan_bytes))]
        return known


def _promised(sub: SubCase) -> list[str]:
    """Return the ids of the materials that were promised for ``sub`` and did not come yet."""
    return [one.material for one in sub.course.promises]


def _asked(correction: Correction) -> list[str]:
    """Return the ids of what ``correction`` asks for."""
    prefix = "/fields/"
    fields = [one.removeprefix(prefix) for one in correction.fields if one.startswith(prefix)]
    return [*correction.materials, *fields]


def _refuse_unprintable(applicant: Applicant) -> None:
    """Refuse a name that no certificate can show: the case could never be concluded."""
    if applicant.name and not is_printable(applicant.name):
        problem = "has a character that cannot be printed (a control, or a turn of direction)"
        raise FormIncompleteError({"applicant.name": f"{problem}; type it anew"})


def _refuse_half_character(key: str | None) -> None:
    """Refuse a key that has no bytes: JSON can spell half a character, no text holds one."""
    if key is not None and any("\ud800" <= one <= "\udfff" for one in key):
        problem = "holds half a character (a lone surrogate); use the id of this visit"
        raise FormIncompleteError({"key": problem})


def _documents(materials: Materials) -> dict[str, tuple[Document, ...]]:
    """Return the documents of each material.

    Raises:
        FormIncompleteError: something else than bytes and documents.
    """
    found: dict[str, tuple[Document, ...]] = {}
    problems: dict[str, str] = {}
    for name, given in materials.items():
        some: Any = (given,) if isinstance(given, (bytes, str, Document)) else given
        if not isinstance(some, Sequence) or not all(map(_is_document, some)):
            kind = type(given).__name__
            problems[str(name)[:60]] = f"must be bytes, a Document or several, not {kind}"
            continue
        found[name] = tuple(
            Document(content=one, name=name) if isinstance(one, bytes) else one for one in some
        )
    if problems:
        raise FormIncompleteError(problems)
    return found


def _is_document(given: object) -> bool:
    content = given.content if isinstance(given, Document) else given
    return isinstance(content, bytes)


def _signed(promises: Mapping[str, SignedPromise]) -> dict[Digest, bytes]:
    return {digest_bytes(one.document): one.document for one in promises.values()}


def _contents(documents: Mapping[str, Iterable[Document]]) -> dict[Digest, bytes]:
    return {digest_bytes(one.content): one.content for some in documents.values() for one in some}
