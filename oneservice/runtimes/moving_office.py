"""An office that gives certificates away or takes them in: its seal, its log, whom it believes.

A word leaves the house as a letter: the sealed notice, and what proves that the region's log holds
it. Notices are logged before they are sent, so both logs show every move.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

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
from oneservice.ports import Clock, SealHolder
from oneservice.transparency import Entry, EntryKind, LogProof

__all__ = ["MoveLog", "MovingOffice", "letter_parts"]

_SALT_BYTES: Final = 24
_MAX_LETTER_BYTES: Final = 1_048_576
_DAY: Final = timedelta(days=1)


class MoveLog(Protocol):
    """The region's log; ``tlog.LogKeeper`` is one."""

    async def proven(self, entries: Sequence[Entry]) -> tuple[LogProof, ...]:
        """Log ``entries``, publish a head over them, and return their proofs."""
        ...


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
        log: of this region; ``None``: letters carry no proof.
        skew: by how much another region's clock may be ahead of ours before its words wait.
    """

    holder: SealHolder
    key: ProvingKey
    key_id: str
    trust: Callable[[], Trust]
    clock: Clock
    policy: Policy = field(default_factory=Policy.standard)
    log: MoveLog | None = None
    skew: timedelta = _DAY

    async def letter(self, notice: Notice) -> bytes:
        """Return ``notice`` under the seal, logged.

        Raises:
            EnvironmentalError: the log or its witnesses are not to be had; nothing was said.
        """
        holder = self.holder
        claims = notice_claims(
            notice, name=holder.name, region=holder.region, sandbox=holder.is_sandbox
        )
        return await self.sealed(claims, at=notice.at)

    async def sealed(self, claims: Claims, *, at: datetime) -> bytes:
        """Return ``claims`` as a letter: sealed, and with the log's proof where there is one."""
        paper = issue(claims, key=self.key, verification_method=self.key_id, created=at)
        enclosed: dict[str, object] = {}
        if self.log is not None:
            salt = secrets.token_urlsafe(_SALT_BYTES)
            entry = Entry(kind=EntryKind.CERTIFICATE, digest=paper.digest, salt=salt)
            (proof,) = await self.log.proven([entry])
            text = proof.dump().decode("utf-8")
            enclosed = Enclosures(log_proofs=(EnclosedProof(text=text, salt=salt),)).as_json()
        return canonical({"paper": parse_object(paper.dump()), "enclosures": enclosed})

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
