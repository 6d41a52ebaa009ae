"""An office that gives certificates away or takes them in: its seal, its log, whom it believes.

A word leaves the house as a letter: the sealed notice, and what proves that the region's log holds
it. Notices are logged before they are sent, so both logs show every move; and written down before
they are logged, so that each stands in the log once, whoever is killed where.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from oneservice.canonical import canonical, parse_object
from oneservice.certificates import (
    Certificate,
    Claims,
    EnclosedProof,
    Enclosures,
    Notice,
    Policy,
    ProvingKey,
    Trust,
    issue,
    notice_claims,
    read_notice,
    verify,
)
from oneservice.errors import IllegalInputError, MalformedCertificateError, MalformedJsonError
from oneservice.ports import Clock, EvidenceLog, SealHolder
from oneservice.runtimes.moving_drafts import Draft, Drafts

__all__ = ["MovingOffice", "letter_parts"]

_MAX_LETTER_BYTES: Final = 1_048_576
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingOffice:
    """What an office needs to speak and to believe.

    Args:
        holder: who seals, as trust lists name it.
        key: the seal.
        key_id: URL of its public half.
        trust: returns whom it trusts, each time anew: lists change while a move is under way.
        clock: says what time it is here; other regions' clocks may differ by ``skew``.
        policy: what a letter must fulfil; by default proof, entitlement and dates. Ask for
            ``Logged`` and ``Witnessed`` where regions have logs.
        log: of this region: :class:`oneservice.tlog.EntryLog`; ``None``: letters carry no proof.
        skew: by how much another region's clock may be ahead of ours before its words wait.
    """

    holder: SealHolder
    key: ProvingKey
    key_id: str
    trust: Callable[[], Trust]
    clock: Clock
    policy: Policy = field(default_factory=Policy.standard)
    log: EvidenceLog | None = None
    skew: timedelta = _DAY

    async def letter(self, notice: Notice, drafts: Drafts) -> bytes:
        """Return ``notice`` under the seal, logged.

        Args:
            notice: the word. Said before a kill and not heard of since, it keeps its moment.
            drafts: where it is kept until it is said.

        Raises:
            EnvironmentalError: the log or its witnesses are not to be had; nothing was said.
            JournalError: the draft could not be written; nothing was said.
        """
        move_id, name = notice.move.id, notice.word.value
        kept = drafts.draft(move_id, name)
        if kept is not None:
            draft = Draft.parse(kept)
            before = replace(notice, at=read_notice(draft.paper).at)
            if draft.states(self._claims(before), key_id=self.key_id):
                notice = before
        claims = self._claims(notice)
        return await self.sealed(claims, drafts, at=notice.at, move_id=move_id, name=name)

    async def sealed(
        self, claims: Claims, drafts: Drafts, *, at: datetime, move_id: str, name: str = "paper"
    ) -> bytes:
        """Return ``claims`` as a letter: sealed, and with the log's proof where there is one.

        Args:
            claims: what it states.
            drafts: where it is kept until it is said.
            at: aware instant of the seal.
            move_id: the move that it belongs to.
            name: under which it is kept.
        """
        if self.log is None:
            return _letter(self._paper(claims, at), Enclosures())
        kept = drafts.draft(move_id, name)
        draft = None if kept is None else Draft.parse(kept)
        if draft is None or not draft.states(claims, key_id=self.key_id):
            draft = Draft.of(self._paper(claims, at))
            drafts.keep_draft(move_id, name, draft.dump())
        (text,) = await self.log.enter([draft.entry])
        proof = EnclosedProof(text=text, salt=draft.salt)
        return _letter(draft.paper, Enclosures(log_proofs=(proof,)))

    def _claims(self, notice: Notice) -> Claims:
        holder = self.holder
        return notice_claims(
            notice, name=holder.name, region=holder.region, sandbox=holder.is_sandbox
        )

    def _paper(self, claims: Claims, at: datetime) -> Certificate:
        return issue(claims, key=self.key, verification_method=self.key_id, created=at)

    @staticmethod
    def read(paper: Certificate) -> Notice:
        """Return what a notice says that was believed before.

        Raises:
            MalformedCertificateError: it is none.
        """
        return read_notice(paper)

    def heard(self, letter: bytes) -> Notice:
        """Return what a letter says, once it is proven to come from whom it names.

        Raises:
            VerificationError: it is no letter, or not to be believed; or not yet, because its
                moment is further ahead of our clock than ``skew``.
            IllegalInputError: it is not addressed to this office.
        """
        paper, enclosures = letter_parts(letter)
        notice = read_notice(paper)
        move = notice.move
        addressee = move.receiving if notice.speaker == move.giving else move.giving
        if addressee != self.holder.id:
            msg = "the notice is addressed to another office"
            raise IllegalInputError(msg, status=notice.word.value)
        now = self.clock.now()
        # Clocks of regions differ by hours: a word from ahead is judged at its own moment.
        ahead = min(max(notice.at, now), now + self.skew)
        verify(paper, trust=self.trust(), at=ahead, policy=self.policy, enclosures=enclosures)
        return notice


def _letter(paper: Certificate, beside: Enclosures) -> bytes:
    return canonical({"paper": parse_object(paper.dump()), "enclosures": beside.as_json()})


def letter_parts(letter: bytes) -> tuple[Certificate, Enclosures]:
    """Return the paper of a letter and what came beside it; nothing of it is believed yet.

    Raises:
        MalformedCertificateError: it is no letter.
    """
    try:
        document = parse_object(letter, max_bytes=_MAX_LETTER_BYTES)
    except MalformedJsonError as error:
        raise MalformedCertificateError(str(error)) from error
    paper = document.get("paper")
    if document.keys() != {"paper", "enclosures"} or not isinstance(paper, dict):
        msg = "a letter is an object with 'paper' and 'enclosures'"
        raise MalformedCertificateError(msg)
    return Certificate.of(paper), Enclosures.of(document["enclosures"])
