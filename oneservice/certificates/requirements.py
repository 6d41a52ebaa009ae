"""What a relier can ask for, each as a value: single requirements, and how they are combined.

A requirement says *what* must hold and names the check that answers it. How it is answered is the
business of :mod:`checks`; what the answers amount to is that of :mod:`deciding`.

References:
    certificates page, section 3 (order and names of the checks).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from oneservice.certificates.report import CheckName
from oneservice.errors import PolicyInvalidError
from oneservice.identifiers import RegionCode, parse_region

__all__ = [
    "ANY_WITNESS",
    "AllOf",
    "AnyOf",
    "HeldBy",
    "Leaf",
    "Logged",
    "Passes",
    "RecognisedIn",
    "Requirement",
    "SealedUnder",
    "StatusKnown",
    "TimeProven",
    "TimestampedBy",
    "Witnessed",
    "checks_of",
    "leaves_of",
]

_MOST: Final = 16
"""More logs or witnesses than this no trust list has; a larger number is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """The check of that name passes.

    ``status`` passes by itself where a certificate names no status list and nobody brings one: who
    needs an answer from a register asks for :class:`StatusKnown`.
    """

    check: CheckName


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """At least ``at_least`` logs that the trust list names prove that they hold the certificate."""

    check: ClassVar[CheckName] = CheckName.LOGGED
    at_least: int = 1

    def __post_init__(self) -> None:
        """Refuse a number that asks for nothing."""
        _count(self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """At least ``at_least`` listed witnesses cosigned a tree that holds the certificate.

    Args:
        at_least: how many different ones.
        by: names or roles, one of which each of them must have; empty: any listed witness.
    """

    check: ClassVar[CheckName] = CheckName.WITNESSED
    at_least: int = 1
    by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a number that asks for nothing."""
        _count(self.at_least)

    def counts(self, name: str, role: str) -> bool:
        """Say whether a witness of that name and role is one of those that are asked for."""
        return not self.by or name in self.by or role in self.by


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeProven:
    """Somebody else than the issuer vouches for when the certificate existed.

    Args:
        within_s: at most so many seconds after the moment of signing that the issuer states, so
            that nobody can date a paper back further; ``None``: whenever.
    """

    check: ClassVar[CheckName] = CheckName.TIME
    within_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse a span that is none."""
        _span(self.within_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampedBy:
    """A listed timestamp authority vouches for the time; ``authorities`` empty: any of them."""

    check: ClassVar[CheckName] = CheckName.TIME
    authorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedIn:
    """A rule of recognition lets the certificate count in ``region``."""

    check: ClassVar[CheckName] = CheckName.RECOGNISED
    region: RegionCode

    def __post_init__(self) -> None:
        """Refuse what is no region."""
        parse_region(self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusKnown:
    """A register answers, also where the certificate names none.

    Args:
        max_age_s: the list was issued at most so many seconds before the moment asked about;
            ``None``: it is enough that it had not expired.
    """

    check: ClassVar[CheckName] = CheckName.STATUS
    max_age_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse a span that is none."""
        _span(self.max_age_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedUnder:
    """A receipt shows that a listed seal's policy was kept; ``seals`` empty: any listed seal."""

    check: ClassVar[CheckName] = CheckName.SEAL
    seals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBy:
    """Whoever shows the certificate proves, to this relier and now, to hold its key.

    Args:
        audience: who asks, as the holder was told.
        nonce: the word that the relier chose for this one presentation.
        max_age_s: how old the proof may be; ``None``: as old as the check itself allows.
    """

    check: ClassVar[CheckName] = CheckName.HOLDER
    audience: str
    nonce: str
    max_age_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would let a recorded presentation be shown again."""
        _span(self.max_age_s)
        if not self.audience or not self.nonce:
            msg = "held_by: audience and nonce must say something; else anybody's replay would do"
            raise PolicyInvalidError(msg)


Leaf: TypeAlias = (
    Passes
    | Logged
    | Witnessed
    | TimeProven
    | TimestampedBy
    | RecognisedIn
    | StatusKnown
    | SealedUnder
    | HeldBy
)
"""One requirement, answered by one check."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold; of no parts, nothing holds."""

    parts: tuple[Requirement, ...]

    def __init__(self, *parts: Requirement) -> None:
        object.__setattr__(self, "parts", parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part must hold; of no parts, nothing holds."""

    parts: tuple[Requirement, ...]

    def __init__(self, *parts: Requirement) -> None:
        object.__setattr__(self, "parts", parts)


Requirement: TypeAlias = Leaf | AllOf | AnyOf


def leaves_of(requirement: Requirement) -> tuple[Leaf, ...]:
    """Return the single requirements in ``requirement``, as they are written."""
    if isinstance(requirement, (AllOf, AnyOf)):
        return tuple(leaf for part in requirement.parts for leaf in leaves_of(part))
    return (requirement,)


def checks_of(requirement: Requirement) -> frozenset[CheckName]:
    """Return the checks that must be made to judge ``requirement``."""
    return frozenset(leaf.check for leaf in leaves_of(requirement))


def is_certain(requirement: Requirement, check: CheckName) -> bool:
    """Say whether nothing can meet ``requirement`` without that ``check`` passes.

    An empty combination is met by nothing, so nothing meets it without the check either; it is
    refused on its own account.
    """
    match requirement:
        case AllOf(parts=parts):
            return any(is_certain(part, check) for part in parts)
        case AnyOf(parts=parts):
            return bool(parts) and all(is_certain(part, check) for part in parts)
        case leaf:
            return leaf.check is check


def _count(number: int) -> None:
    if type(number) is not int or not 1 <= number <= _MOST:
        msg = f"at_least: a whole number from 1 to {_MOST} is due; 0 would ask for nothing"
        raise PolicyInvalidError(msg)


def _span(seconds: int | None) -> None:
    if seconds is not None and (type(seconds) is not int or seconds < 0):
        msg = "a span is a whole number of seconds from 0"
        raise PolicyInvalidError(msg)


ANY_WITNESS: Final = Witnessed()
"""One, whoever it is."""
