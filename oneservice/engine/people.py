"""Who may act in a case, who agreed to it, and who sees what of it: ``engine.people``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from oneservice.canonical import digest_bytes
from oneservice.case import (
    APPLICANT,
    OWN_CONSENT,
    Actor,
    Applicant,
    Case,
    ConsentGiven,
    EndMandate,
    GiveConsent,
    GiveMandate,
    MaskedForm,
    RefuseConsent,
    Role,
    WithdrawConsent,
    consent_document,
    consent_terms,
    masked_form,
    refuse_consents,
)
from oneservice.catalog import Catalog
from oneservice.engine.access_log import AccessEntry, AccessLog
from oneservice.engine.crossing_answers import shared_terms
from oneservice.engine.crossings import (
    Crossing,
    as_declared,
    crossings_in,
    crossings_of,
)
from oneservice.errors import (
    CatalogError,
    FormIncompleteError,
    IllegalInputError,
    JournalConflictError,
)
from oneservice.plan import Language, Plan
from oneservice.runtimes import Driver, HotCase, Mail
from oneservice.values import Option, Words

__all__ = ["FIRST_MANDATE", "Authority", "PeopleDesk"]

FIRST_MANDATE: Final = "m1"
"""The mandate that came with the form; each further one counts on."""
_LOOKS: Final = 8
"""How often an answer is made anew for a case that moves on under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """What an applicant signed to let somebody act (授权委托书).

    Args:
        agent: your id of the agent, opaque: ``ag-3``.
        text: the bytes that were signed; they are kept with the case, and name the agent.
        sub_case_ids: the steps it is for; empty: the whole case.
        actions: ``open``, ``supplement``, ``withdraw``, ``file_again``, ``fresh_bundle``; empty:
            all of these.
        until: last day on which it holds; ``None``: as long as the case takes.

    References:
        Civil Code art. 165.
    """

    agent: str
    text: bytes = field(repr=False)
    sub_case_ids: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    until: date | None = None

    def given(self, mandate_id: str, *, at: datetime, by: Actor) -> GiveMandate:
        """Return the input that puts it into a case."""
        return GiveMandate(
            at=at,
            mandate_id=mandate_id,
            agent=self.agent,
            proof=digest_bytes(self.text),
            by=by,
            sub_case_ids=self.sub_case_ids,
            actions=self.actions,
            until=self.until,
        )


class PeopleDesk:
    """Mandates and consents after the opening, and the form as each role may see it."""

    def __init__(
        self, driver: Driver, catalog: Catalog, *, peers: Mapping[str, str] | None = None
    ) -> None:
        self._driver = driver
        self._peers = peers or {}
        self._catalog = catalog
        self._accesses = AccessLog(driver.store)

    async def give_mandate(
        self, case_id: str, authority: Authority, *, by: Actor = APPLICANT
    ) -> Actor:
        """Let an agent act in the case; return the actor in whose name the agent's inputs come.

        Raises:
            NotAllowedError: only the applicant gives mandates, at a window too.
            IllegalInputError: the id may be a person's, the last day is over, or no such step.
        """
        case = (await self._driver.hot(case_id)).case
        mandate_id = f"m{len(case.people.mandates) + 1}"
        given = authority.given(mandate_id, at=self._driver.now(), by=by)
        await self._driver.give(
            Mail(inputs=((case_id, given),), blobs={given.proof: authority.text})
        )
        return Actor.agent(authority.agent, mandate=mandate_id)

    async def end_mandate(
        self, case_id: str, mandate_id: str, *, by: Actor = APPLICANT, why: str = ""
    ) -> Case:
        """Take a mandate back, or, ``by`` its agent, lay it down.

        Raises:
            NotAllowedError: it is another's.
            IllegalInputError: there is no such mandate, or it has ended.
        """
        given = EndMandate(at=self._driver.now(), mandate_id=mandate_id, by=by, why=why)
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    async def give_consent(
        self, case_id: str, party: str, consent: ConsentGiven, *, by: Actor | None = None
    ) -> Case:
        """Record that a party of the plan agreed: again, longer, or to more.

        Filings that waited for it go on.

        Args:
            case_id: which case.
            party: the party's id in the plan; or that of a crossing, for the applicant's own.
            consent: what was signed.
            by: the party by default; a window clerk where it was taken there.

        Raises:
            FormIncompleteError: there is no such party, or the consent is none; or more steps go
                there by now than its crossing named.
            IllegalInputError: the case has ended, or the last day of the consent is over.
        """
        if party.startswith(OWN_CONSENT):
            return await self._answered(
                case_id, lambda hot: self._share(hot, party, consent, by=by)
            )
        hot = await self._driver.hot(case_id)
        problems: dict[str, str] = {}
        refuse_consents(hot.plan, {**hot.form.consents, party: consent}, problems)
        if problems:
            raise FormIncompleteError(problems)
        document = consent_document(consent)
        digest = digest_bytes(document)
        (terms,) = consent_terms(hot.plan, {party: consent}, documents={party: digest})
        given = GiveConsent(at=self._driver.now(), terms=terms, by=by or Actor.party(party))
        return await self._driver.give(Mail(inputs=((case_id, given),), blobs={digest: document}))

    async def withdraw_consent(
        self, case_id: str, party: str, *, by: Actor | None = None, why: str = ""
    ) -> Case:
        """Record that a party took the consent back: nothing more is filed on it.

        What was filed before stands (Personal Information Protection Law art. 15).

        Raises:
            IllegalInputError: there is no such consent, or it has ended.
        """
        given = WithdrawConsent(
            at=self._driver.now(), consent_id=party, by=by or _agreeing(party), why=why
        )
        return await self._driver.give(Mail(inputs=((case_id, given),)))

    async def agreed_text(self, case_id: str, party: str) -> bytes | None:
        """Return the very bytes that somebody agreed to, where the case has them.

        It has them of each consent that was made by ``crossing.agreed(...)``; of another, whoever
        took the signature keeps them, and the case their digest.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        hot = await self._driver.hot(case_id)
        known = hot.case.people.consent(party)
        if known is None or not known.proof:
            return None
        return await self._driver.store.blob(case_id, known.proof)

    async def crossings(self, plan: Plan) -> tuple[Crossing, ...]:
        """Return what of ``plan`` goes to other regions, to be shown to the applicant.

        Each is answered among the ``consents`` of ``submit``, under its ``consent_id``: by
        ``crossing.agreed(...)``, or by :class:`ConsentDeclined`. Offices are asked what their steps
        declare, and nothing else is listed.
        """
        found = crossings_of(plan, self._peers)
        return await as_declared(found, plan, self._driver.departments)

    async def crossings_in(self, case_id: str) -> tuple[Crossing, ...]:
        """Return what of an open case goes to other regions by now, orders of operators included.

        What an order sends elsewhere waits until the applicant answers: :meth:`give_consent` with
        ``crossing.agreed(...)``, or :meth:`refuse_consent`.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        hot = await self._driver.hot(case_id)
        found = crossings_in(hot.case, hot.plan, self._peers)
        return await as_declared(found, hot.plan, self._driver.departments)

    async def refuse_consent(
        self, case_id: str, party: str, *, by: Actor | None = None, why: str = ""
    ) -> Case:
        """Record a no; a consent that was given and is alive is taken back instead.

        Args:
            case_id: which case.
            party: the id of a crossing, for the applicant's own; or that of a party whose consent
                has ended, and who does not give it again.
            by: whose consent it is by default; a window clerk where the no was said there.
            why: for the record; it names no person.

        Raises:
            IllegalInputError: nothing of the case goes there or rests on it, or it has ended.
        """
        return await self._answered(
            case_id, lambda hot: self._refused(hot, party, by=by or _agreeing(party), why=why)
        )

    async def _answered(self, case_id: str, made: Callable[[HotCase], Mail]) -> Case:
        """Give what is ``made`` of a case; made anew where an order moved more there meanwhile.

        Else an answer to what was there before would stand for what came, which nobody answered.
        """
        for looks_left in reversed(range(_LOOKS)):
            mail = made(await self._driver.hot(case_id))
            try:
                return await self._driver.give(mail)
            except JournalConflictError:
                if not looks_left:
                    raise
        raise AssertionError

    def _refused(self, hot: HotCase, party: str, *, by: Actor, why: str) -> Mail:
        if party.startswith(OWN_CONSENT):
            steps = self._crossing(hot, party).steps
        else:
            known = hot.case.people.consent(party)
            steps = () if known is None else known.sub_case_ids
        given = RefuseConsent(
            at=self._driver.now(),
            consent_id=party,
            purpose=hot.plan.thing,
            sub_case_ids=steps,
            by=by,
            why=why,
        )
        return Mail(inputs=((hot.case.id, given),), if_head=hot.head)

    def _share(
        self, hot: HotCase, consent_id: str, consent: ConsentGiven, *, by: Actor | None
    ) -> Mail:
        """Record the applicant's own consent: after a no, longer, or to less."""
        crossing = self._crossing(hot, consent_id)
        now = self._driver.now()
        problems: dict[str, str] = {}
        shared = shared_terms([crossing], {consent_id: consent}, problems, at=now)
        if problems:
            raise FormIncompleteError(problems)
        given = GiveConsent(at=now, terms=shared.given[0], by=by or APPLICANT)
        return Mail(inputs=((hot.case.id, given),), blobs=shared.documents, if_head=hot.head)

    def _crossing(self, hot: HotCase, consent_id: str) -> Crossing:
        for one in crossings_in(hot.case, hot.plan, self._peers):
            if one.consent_id == consent_id:
                return one
        msg = f"case {hot.case.id}: nothing of it goes to {consent_id[:60]!r}"
        raise IllegalInputError(msg, status=str(hot.case.status))

    async def access_log(self, person: Applicant) -> tuple[AccessEntry, ...]:
        """Return what other regions were told of ``person``, oldest first: theirs to read.

        Whoever shows it makes sure first that it is shown to this person. The name counts for
        nothing, kind and code do.

        Raises:
            IllegalInputError: the store of this engine keeps no such log.
        """
        return await self._accesses.entries(person)

    async def note_access(self, person: Applicant, entry: AccessEntry) -> None:
        """Note that data of ``person`` is about to leave, or came; repeating it adds nothing.

        Raises:
            IllegalInputError: the store of this engine keeps no such log.
            JournalError: it is not durable; then nothing may be told.
        """
        await self._accesses.note(person, entry)

    async def form(
        self, case_id: str, viewer: Role, *, language: Language = "zh", party: str | None = None
    ) -> MaskedForm:
        """Return the form as somebody in the role ``viewer`` may see it, choices in words.

        Raises:
            CaseNotFoundError: there is no such case.
        """
        hot = await self._driver.hot(case_id)
        words = _words_of(self._catalog, hot.plan)
        return masked_form(hot.form, hot.plan, viewer, language=language, party=party, words=words)


def _agreeing(consent_id: str) -> Actor:
    return APPLICANT if consent_id.startswith(OWN_CONSENT) else Actor.party(consent_id)


def _words_of(catalog: Catalog, plan: Plan) -> dict[str, tuple[Option, ...]]:
    """Return what the definition calls the values of its choices, by field.

    A definition that is not published any more leaves the values as they are kept.
    """
    try:
        thing = catalog.thing(plan.thing, region=plan.region, on=plan.on).thing
    except CatalogError:
        return {}
    asked = {one.id: one.choices for one in thing.situations}
    return {
        one.id: tuple(
            Option(value=choice.value, title=Words(zh=choice.title.zh, en=choice.title.en))
            for choice in one.choices or asked.get(one.answer or "", ())
        )
        for one in thing.fields
    }
