"""Who acts: a role, and an opaque id that names no person to a reader of the journal.

Journals are hash-chained and outlive the erasure of a person's data, so who acted is recorded as
the id that the operator's own staff list, or the portal's own account list, keeps; never as a name,
a citizen number or a telephone number. What only looks like one is refused too.

In a journal an actor is one text: ``applicant``, ``operator:op-7``, ``agent:ag-3/m1``. The first
histories told ``applicant`` and bare staff ids; both are read, and written back as they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from oneservice.errors import IdentifierError
from oneservice.identifiers import parse_citizen_number

__all__ = ["APPLICANT", "ENGINE", "Actor", "Role", "may_be_somebodys"]


class Role(StrEnum):
    """In which role somebody acts; ``people.py`` tells what each of them may do."""

    APPLICANT = "applicant"
    """申请人: whose case it is."""
    AGENT = "agent"
    """代理人: acts for the applicant under a mandate that the case holds."""
    PARTY = "party"
    """Somebody beside the applicant whose consent the case needs; the id is the plan's."""
    WINDOW_CLERK = "window_clerk"
    """综合窗口: takes in, for the applicant who stands before the window."""
    OFFICER = "officer"
    """An officer of a department, who acts through the engine and not through the protocol."""
    OPERATOR = "operator"
    """Runs this engine: may settle what stands still, and must say why."""
    ENGINE = "engine"
    """Nobody: what follows by itself."""
    UNSTATED = "unstated"
    """The first histories told an id without a role; nobody acts in this one any more."""


_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,46}[A-Za-z0-9])?", re.ASCII)
_PARTY_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{11,}[Xx]?", re.ASCII)
"""As many digits as a telephone number has, or more: no staff list needs them."""
_BREAKS: Final = str.maketrans("", "", "._-")
_SINGLE: Final = frozenset({Role.APPLICANT, Role.ENGINE})
"""Roles in which a case knows only one, so that no id is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts, in a role.

    Args:
        role: in which role.
        id: opaque: a staff or account id such as ``op-7``; the party's id of the plan for a
            :attr:`Role.PARTY`; empty for the applicant and the engine. An id has a digit: a name
            has none.
        mandate: for an agent, the id of the mandate under which the agent acts.

    Raises:
        IdentifierError: no such id, one that may be a name, a citizen number or a telephone
            number, or a mandate in another role than that of an agent. The text is not repeated.

    References:
        Domain page, invariant 10; Personal Information Protection Law art. 6.
    """

    role: Role
    id: str = ""
    mandate: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would put a person into a journal."""
        problem = _problem(self.role, self.id, self.mandate)
        if problem is not None:
            msg = f"{self.role} acts: {problem}"
            raise IdentifierError(msg, kind="actor")

    @classmethod
    def operator(cls, staff_id: str) -> Self:
        """Return the operator ``staff_id``."""
        return cls(role=Role.OPERATOR, id=staff_id)

    @classmethod
    def clerk(cls, staff_id: str) -> Self:
        """Return the clerk ``staff_id`` at a window."""
        return cls(role=Role.WINDOW_CLERK, id=staff_id)

    @classmethod
    def officer(cls, staff_id: str) -> Self:
        """Return the officer ``staff_id``."""
        return cls(role=Role.OFFICER, id=staff_id)

    @classmethod
    def agent(cls, person_id: str, *, mandate: str) -> Self:
        """Return the agent ``person_id``, who acts under ``mandate``."""
        return cls(role=Role.AGENT, id=person_id, mandate=mandate)

    @classmethod
    def party(cls, party_id: str) -> Self:
        """Return the party ``party_id`` of the plan, who agrees or takes the consent back."""
        return cls(role=Role.PARTY, id=party_id)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the actor that :meth:`__str__` wrote: ``operator:op-7``.

        Raises:
            IdentifierError: there is no such role, or no such id.
        """
        role, _, rest = text.partition(":")
        if role not in _ROLES or role == Role.UNSTATED:
            known = ", ".join(sorted(_ROLES - {Role.ENGINE, Role.UNSTATED}))
            msg = f"who acts is written ROLE:ID, for example operator:op-7; roles are {known}"
            raise IdentifierError(msg, kind="actor")
        staff_id, _, mandate = rest.partition("/")
        return cls(role=Role(role), id=staff_id, mandate=mandate or None)

    @staticmethod
    def from_json(text: str) -> Actor:
        """Return the actor that a record tells of; total, whatever an older release wrote."""
        return _from_json(text)

    def as_json(self) -> str:
        """Return the text that stands in a record."""
        return self.id if self.role is Role.UNSTATED else str(self)

    def __str__(self) -> str:
        """Return ``ROLE``, ``ROLE:ID`` or ``agent:ID/MANDATE``."""
        named = f"{self.role}:{self.id}" if self.id else str(self.role)
        return f"{named}/{self.mandate}" if self.mandate else named


_ROLES: Final = frozenset(str(role) for role in Role)


def _problem(role: Role, actor_id: str, mandate: str | None) -> str | None:
    """Say why there is no such actor; never with the id, which may be a person's."""
    if role is Role.UNSTATED:
        return None  # a record of the first releases, read again
    if mandate is not None and role is not Role.AGENT:
        return "a mandate is for an agent only"
    if role is Role.AGENT and (mandate is None or _ID.fullmatch(mandate) is None):
        return "an agent acts under a mandate; name its id"
    if role in _SINGLE:
        return "there is one only, so leave the id out" if actor_id else None
    if role is Role.PARTY:
        return None if _PARTY_ID.fullmatch(actor_id) else "name the party as the plan does"
    return _why_not_opaque(actor_id)


def _why_not_opaque(actor_id: str) -> str | None:
    if _ID.fullmatch(actor_id) is None:
        return "the id is 1 to 48 letters, digits, '.', '_' and '-': take it from your staff list"
    if not any(one.isdigit() for one in actor_id):
        return "the id needs a digit: a name has none, and no name is recorded"
    if may_be_somebodys(actor_id):
        return "the id may be a citizen or telephone number; take an opaque one"
    return None


def may_be_somebodys(text: str) -> bool:
    """Say whether ``text`` is as long a number as a telephone's, or holds a citizen number."""
    bare = text.translate(_BREAKS)
    return _NUMBER.fullmatch(bare) is not None or _holds_citizen_number(bare)


def _holds_citizen_number(bare: str) -> bool:
    """Say whether a citizen number that checks stands anywhere in ``bare``."""
    upper = bare.upper()
    for start in range(len(upper) - 17):
        try:
            parse_citizen_number(upper[start : start + 18])
        except IdentifierError:
            continue
        return True
    return False


@lru_cache(maxsize=512)
def _from_json(text: str) -> Actor:
    try:
        return Actor.parse(text)
    except IdentifierError:
        return Actor(role=Role.UNSTATED, id=text)


APPLICANT: Final = Actor(role=Role.APPLICANT)
ENGINE: Final = Actor(role=Role.ENGINE)
