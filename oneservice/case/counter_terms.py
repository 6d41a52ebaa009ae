"""Words of the counter: channels, visits, and whoever may hold an original.

Members that a journal keeps are opaque: places, labels and tracking numbers, never a name. What
somebody wrote (the description of a paper, a comment) lies in a blob that the fact names by digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from oneservice.case.actors import may_be_somebodys

__all__ = [
    "IN_PERSON",
    "MOVES",
    "NEWS",
    "WITH_APPLICANT",
    "AtCounter",
    "CaseChannel",
    "Holder",
    "HolderKind",
    "IdentityCheck",
    "ParcelState",
    "VisitPurpose",
    "is_label",
]


class AtCounter:
    """What every fact of the counter is: one look at the class tells it from all other facts."""

    __slots__ = ()


class CaseChannel(StrEnum):
    """Where somebody deals with a case (办理渠道). An item is never handed in by telephone."""

    ONLINE = "online"
    KIOSK = "kiosk"
    WINDOW = "window"
    PHONE = "phone"
    POST = "post"


IN_PERSON: Final = frozenset({CaseChannel.KIOSK, CaseChannel.WINDOW})
"""Channels that cost a journey (到现场): dealing with a case there is a trip."""


class VisitPurpose(StrEnum):
    """What a journey was for."""

    CONTINUE = "continue"
    """Going on at a kiosk or window with what was begun online."""
    HAND_IN = "hand_in"
    """Bringing originals or papers."""
    IDENTITY = "identity"
    """Having it checked who one is."""
    COLLECT_RESULT = "collect_result"
    COLLECT_ORIGINAL = "collect_original"
    CONSULT = "consult"
    OTHER = "other"


class IdentityCheck(StrEnum):
    """How a receiving window made sure who stands there (核验身份)."""

    DOCUMENT = "document"
    """It looked at the identity document and the person."""
    READER = "reader"
    """A reader checked the document's chip."""
    FACE = "face"
    """A machine compared the face with the register's picture, with consent."""
    ELECTRONIC = "electronic"
    """The person proved who they are from their own device."""
    AGENT = "agent"
    """An agent stands there: the agent's document and mandate were looked at."""


class HolderKind(StrEnum):
    """Who may have an original in hand."""

    APPLICANT = "applicant"
    WINDOW = "window"
    CABINET = "cabinet"
    """A locked place beside the windows (流转柜)."""
    OFFICER = "officer"
    ARCHIVE = "archive"
    COURIER = "courier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has an original: ``id`` is the window, cabinet, officer or carrier, as lists name it.

    The applicant has no id: a case knows one only.
    """

    kind: HolderKind
    id: str = ""

    def __str__(self) -> str:
        """Return ``KIND`` or ``KIND:ID``."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


WITH_APPLICANT: Final = Holder(kind=HolderKind.APPLICANT)

_A, _W, _C, _O, _R, _P = HolderKind
MOVES: Final[Mapping[HolderKind, frozenset[HolderKind]]] = MappingProxyType(
    {
        _A: frozenset({_W, _O}),
        _W: frozenset({_W, _C, _O, _R, _P, _A}),
        _C: frozenset({_W, _C, _O, _R}),
        _O: frozenset({_O, _W, _C, _R, _P, _A}),
        _P: frozenset({_A, _W}),
        _R: frozenset(),
    }
)
"""Who may hand an original to whom. A cabinet hands nothing out by itself: somebody takes it to a
window first. What an archive has taken stays there. What the applicant sends by mail begins its
chain when it arrives."""


class ParcelState(StrEnum):
    """What a carrier last told of a parcel."""

    HANDED = "handed"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    SENT_BACK = "sent_back"
    """Nobody took it in: whoever sent it has it again."""
    LOST = "lost"


_MOVING: Final = frozenset(
    {
        ParcelState.IN_TRANSIT,
        ParcelState.DELIVERED,
        ParcelState.SENT_BACK,
        ParcelState.LOST,
    }
)
NEWS: Final[Mapping[ParcelState, frozenset[ParcelState]]] = MappingProxyType(
    {
        ParcelState.HANDED: _MOVING,
        ParcelState.IN_TRANSIT: _MOVING,
        ParcelState.LOST: _MOVING - {ParcelState.LOST},  # it may be found again
        ParcelState.DELIVERED: frozenset(),
        ParcelState.SENT_BACK: frozenset(),
    }
)
"""Which news may follow which."""

_LABEL: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,46}[A-Za-z0-9])?(?:@[0-9]{6,12})?", re.ASCII
)


def is_label(text: str, *, is_carriers: bool = False) -> bool:
    """Say whether ``text`` may name a place, a seal, a paper or a parcel in a journal.

    1 to 48 letters, digits, '.', '_', '/' and '-', behind which '@' and a region's code may stand
    (a material of another region's law, as plans name it); and no number that may be a person's,
    neither whole nor between two '/'. What a carrier or a maker of seals numbers (``is_carriers``)
    may have many digits; only a mobile or a citizen number it may not be.
    """
    if _LABEL.fullmatch(text) is None or _PERSON.search(text) is not None:
        return False
    if _MOBILE.search(text) is not None:
        return False
    return is_carriers or not any(may_be_somebodys(part) for part in (text, *text.split("/")))


_PERSON: Final = re.compile(r"[0-9]{17}[0-9Xx]", re.ASCII)
_MOBILE: Final = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", re.ASCII)
