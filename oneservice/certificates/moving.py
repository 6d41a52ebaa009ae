"""How a certificate moves to another region: what the two offices say to each other. Pure.

Theory of operation. Two registers, two keys, no common transaction, and of one right never two
papers may count. So the giving office lets go first, and only the receiving one can say how it
ended:

1. The giving office *holds* the certificate (published as suspended) and waits until no list that
   called it good is in force any more: nobody anywhere may rely on it.
2. The receiving office *promises*: it has examined the matter and names the identifier to come.
3. The giving office *releases*: transferred out, for good on its side.
4. The receiving office lets it *arrive*, or *refuses*; whichever it wrote down first is final. Not
   even a release that comes a year late changes a refusal.

Each word is a certificate of type ``transfer_notice`` under the office's seal, so trust lists,
policies and logs judge it like any other paper. It names no person. Whatever is lost between the
two is asked for again; hearing a word twice changes nothing.

References:
    Domain page, section 6 (e) (转出, 转入) and section 8 (states 01, 02, 06; undo transfer).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from oneservice.canonical import read_instant, write_instant
from oneservice.certificates.certificate import Certificate
from oneservice.certificates.claims import Claims
from oneservice.certificates.urls import is_url
from oneservice.errors import IllegalInputError, MalformedCertificateError, MalformedJsonError

__all__ = [
    "MOVED_FROM",
    "MOVE_STEPS",
    "TRANSFER_NOTICE",
    "Move",
    "MoveSide",
    "MoveState",
    "MoveWord",
    "Notice",
    "notice_claims",
    "read_notice",
    "step_of_move",
]

TRANSFER_NOTICE: Final = "transfer_notice"
"""Certificate type of the words; trust lists entitle offices to it."""
MOVED_FROM: Final = "moved_from"
"""Member of ``result`` under which a certificate names the one that it continues."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_TITLES: Final = {"zh": "证照转移告知书", "en": "Notice about a certificate that moves"}


class MoveWord(StrEnum):
    """What one office says to the other."""

    PROMISE = "promise"
    """Receiving: it would be taken in, under this identifier."""
    RELEASE = "release"
    """Giving: it is transferred out, and nobody may rely on it any more."""
    WITHDRAWAL = "withdrawal"
    """Giving: it will never be released in this move."""
    ARRIVAL = "arrival"
    """Receiving: it was taken in, and counts here."""
    REFUSAL = "refusal"
    """Receiving: it will never be taken in in this move."""


class MoveSide(StrEnum):
    """Which of the two offices a record of a move belongs to."""

    GIVING = "giving"
    RECEIVING = "receiving"


class MoveState(StrEnum):
    """Where a move stands at one office."""

    ASKED = "asked"
    """Giving: written down; the certificate may not be held yet."""
    HELD = "held"
    """Giving: nobody may rely on it; the other side's promise or older lists are awaited."""
    RELEASING = "releasing"
    """Giving: decided; register and notice follow."""
    RELEASED = "released"
    """Giving: transferred out; how it ended only the other side can say."""
    RETURNING = "returning"
    """Giving: refused there; the register follows."""
    RETURNED = "returned"
    """Giving, final: it counts here as before, unless something else was done to it."""
    WITHDRAWN = "withdrawn"
    """Giving, final: it never left, for it was no longer ours to give."""
    PROMISED = "promised"
    """Receiving: the identifier is reserved."""
    ENTERING = "entering"
    """Receiving: released there; register and certificate follow."""
    ARRIVED = "arrived"
    """Final on both sides."""
    REFUSED = "refused"
    """Receiving, final."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can come after it."""
        return self in _FINAL


_FINAL: Final = frozenset(
    {MoveState.RETURNED, MoveState.WITHDRAWN, MoveState.ARRIVED, MoveState.REFUSED}
)
_Steps = Mapping[MoveState | None, frozenset[MoveState]]

MOVE_STEPS: Final[Mapping[MoveSide, _Steps]] = MappingProxyType(
    {
        MoveSide.GIVING: MappingProxyType(
            {
                None: frozenset({MoveState.ASKED}),
                MoveState.ASKED: frozenset(
                    {MoveState.HELD, MoveState.RETURNING, MoveState.WITHDRAWN}
                ),
                MoveState.HELD: frozenset(
                    {MoveState.RELEASING, MoveState.RETURNING, MoveState.WITHDRAWN}
                ),
                MoveState.RELEASING: frozenset({MoveState.RELEASED, MoveState.WITHDRAWN}),
                MoveState.RELEASED: frozenset({MoveState.ARRIVED, MoveState.RETURNING}),
                MoveState.RETURNING: frozenset({MoveState.RETURNED}),
            }
        ),
        MoveSide.RECEIVING: MappingProxyType(
            {
                None: frozenset({MoveState.PROMISED, MoveState.REFUSED}),
                MoveState.PROMISED: frozenset({MoveState.ENTERING, MoveState.REFUSED}),
                MoveState.ENTERING: frozenset({MoveState.ARRIVED}),
            }
        ),
    }
)
"""Which state may follow which. Refusing begins from nothing, too: a tombstone for a late release.

There is no way from ``entering`` to ``refused``: what was written down first is final.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move of one certificate between two offices.

    Args:
        id: chosen by whoever asks, for example the id of the submission; the same on both sides.
        certificate: identifier of what moves.
        giving: URL of the office that issued it.
        receiving: URL of the office that is to continue it.

    Raises:
        IllegalInputError: the id has not its shape, an office is no URL, or both are one.
    """

    id: str
    certificate: str
    giving: str
    receiving: str

    def __post_init__(self) -> None:
        """Refuse what could not be told from another move, or goes nowhere."""
        if _ID.fullmatch(self.id) is None or not self.certificate:
            msg = "a move has an id of letters, digits and . _ : -, and names its certificate"
            raise IllegalInputError(msg, status="none")
        if not is_url(self.giving) or not is_url(self.receiving) or self.giving == self.receiving:
            msg = "a move names two different offices, each by its URL"
            raise IllegalInputError(msg, status="none")

    @property
    def ground(self) -> str:
        """What a register writes beside the operations of this move; it finds them again by it."""
        return f"move {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A word about a move, as it is written under a seal.

    Args:
        word: what is said.
        move: about which move.
        at: aware instant from which it holds, by the speaker's clock.
        successor: identifier of what is to come; of every word but a withdrawal and the refusal of
            something that was never promised.
        valid_until: last instant of the certificate that moves; of a release. ``None``: no end.
        reason: why not, for people; no personal data.
    """

    word: MoveWord
    move: Move
    at: datetime
    successor: str | None = None
    valid_until: datetime | None = None
    reason: str = ""

    @property
    def speaker(self) -> str:
        """URL of the office that may say it."""
        giving = {MoveWord.RELEASE, MoveWord.WITHDRAWAL}
        return self.move.giving if self.word in giving else self.move.receiving


def step_of_move(side: MoveSide, before: MoveState | None, after: MoveState) -> None:
    """Refuse a step that the table does not know.

    Raises:
        IllegalInputError: ``after`` cannot follow ``before`` at this side.
    """
    if after not in MOVE_STEPS[side].get(before, frozenset()):
        where = "nothing" if before is None else before.value
        msg = f"a move that stands at '{where}' does not become '{after}' at the {side} office"
        raise IllegalInputError(msg, status=where)


def notice_claims(notice: Notice, *, name: Mapping[str, str], region: str, sandbox: bool) -> Claims:
    """Return what an office seals to say ``notice``.

    Args:
        notice: the word.
        name: of the office, for people.
        region: of the office.
        sandbox: whether it is of no legal effect.
    """
    move = notice.move
    result: dict[str, object] = {
        "word": notice.word.value,
        "move": move.id,
        "certificate": move.certificate,
        "giving": move.giving,
        "receiving": move.receiving,
        "at": write_instant(notice.at),
    }
    if notice.successor is not None:
        result["successor"] = notice.successor
    if notice.valid_until is not None:
        result["valid_until"] = write_instant(notice.valid_until)
    if notice.reason:
        result["reason"] = notice.reason
    addressee = move.receiving if notice.speaker == move.giving else move.giving
    return Claims(
        id=f"urn:oneservice:move:{move.id}:{notice.word}",
        type=TRANSFER_NOTICE,
        title=_TITLES,
        issuer_id=notice.speaker,
        issuer_name=name,
        issuer_region=region,
        holder_name=addressee,
        valid_from=notice.at.date(),
        zone="+00:00",
        result=result,
        is_sandbox=sandbox,
    )


def read_notice(certificate: Certificate) -> Notice:
    """Return what a notice says; whether it may be believed, ``verify`` tells.

    Raises:
        MalformedCertificateError: it is no notice, or not by the office that may say this word.
    """
    claims = certificate.claims if certificate.is_ours else None
    if claims is None or claims.type != TRANSFER_NOTICE:
        msg = f"no certificate of type {TRANSFER_NOTICE}"
        raise MalformedCertificateError(msg)
    told = claims.result
    try:
        until = told.get("valid_until")
        notice = Notice(
            word=MoveWord(told["word"]),
            move=Move(
                id=told["move"],
                certificate=told["certificate"],
                giving=told["giving"],
                receiving=told["receiving"],
            ),
            at=read_instant(told["at"]),
            successor=_text(told.get("successor")),
            valid_until=None if until is None else read_instant(until),
            reason=_text(told.get("reason")) or "",
        )
    except (KeyError, TypeError, ValueError, MalformedJsonError, IllegalInputError) as error:
        msg = "a notice about a move lacks what every one has, or has it in another shape"
        raise MalformedCertificateError(msg) from error
    if notice.speaker != claims.issuer_id:
        msg = f"the word '{notice.word}' is not this office's to say"
        raise MalformedCertificateError(msg)
    if notice.word in {MoveWord.RELEASE, MoveWord.PROMISE, MoveWord.ARRIVAL} and not (
        notice.successor
    ):
        msg = f"the word '{notice.word}' names no identifier of what is to come"
        raise MalformedCertificateError(msg)
    return notice


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value
