"""What a relier wants to be sure of before a certificate opens a door.

A policy is a requirement with a name. Policies are composed: ``Policy.standard().also(Logged())``
asks for more, ``AnyOf(Witnessed(at_least=2), TimestampedBy())`` lets one of several ways do.

References:
    certificates page, section 3: an empty policy refuses, the dangerous choice has an ugly name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from oneservice.certificates.report import CheckName
from oneservice.certificates.requirements import (
    ANY_WITNESS,
    AllOf,
    AnyOf,
    Leaf,
    Logged,
    Passes,
    Requirement,
    StatusKnown,
    TimeProven,
    Witnessed,
    checks_of,
    is_certain,
    leaves_of,
)

__all__ = ["POLICIES", "Policy"]

_PROVEN: Final = (CheckName.PARSE, CheckName.PROOF)
_TRUSTED: Final = (CheckName.KEY_LISTED, CheckName.KEY_VALID, CheckName.ISSUER_ENTITLED)
_IN_FORCE: Final = (CheckName.DATES, CheckName.STATUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A requirement under a name; what it asks for must hold before a certificate is valid.

    An empty policy refuses everything, and so does one that can be met without the proof: who
    forgets to say what counts must not end up with "everything counts".

    Args:
        requires: what must hold.
        name: what the relier calls it; it stands in every report.
    """

    requires: Requirement = AllOf()  # noqa: RUF009 - frozen, and made once
    name: str = "unnamed"
    refuses_all: bool = field(init=False, repr=False, compare=False)
    is_flat: bool = field(init=False, repr=False, compare=False)
    in_order: tuple[tuple[Leaf, ...], ...] = field(init=False, repr=False, compare=False)
    """The single requirements of each check after ``parse`` and ``proof``, in their order."""
    _leaves: Mapping[CheckName, tuple[Leaf, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the requirements by check, once: a policy judges many certificates."""
        leaves: dict[CheckName, tuple[Leaf, ...]] = {}
        for leaf in leaves_of(self.requires):
            leaves[leaf.check] = (*leaves.get(leaf.check, ()), leaf)
        refuses = _is_hollow(self.requires) or not all(
            is_certain(self.requires, check) for check in _PROVEN
        )
        object.__setattr__(self, "_leaves", leaves)
        later = tuple(leaves.get(name, ()) for name in tuple(CheckName)[len(_PROVEN) :])
        object.__setattr__(self, "in_order", later)
        object.__setattr__(self, "refuses_all", refuses)
        object.__setattr__(self, "is_flat", _is_flat(self.requires))

    @property
    def asks(self) -> frozenset[CheckName]:
        """The checks whose results can count."""
        return checks_of(self.requires)

    @property
    def time_witnesses(self) -> Witnessed:
        """Which witnesses must agree on a moment, and how many, before it counts as proven.

        Those that the policy asks for: else the others could date a paper back among themselves.
        """
        asked = [one for one in leaves_of(self.requires) if isinstance(one, Witnessed)]
        return max(asked, key=lambda one: one.at_least, default=ANY_WITNESS)

    def leaves(self, check: CheckName) -> tuple[Leaf, ...]:
        """Return the single requirements that ``check`` answers."""
        return self._leaves.get(check, ())

    def also(self, *requirements: Requirement, name: str | None = None) -> Policy:
        """Return a policy that asks for this, and for all of ``requirements``."""
        if not requirements:
            return self
        return Policy(requires=AllOf(self.requires, *requirements), name=name or f"{self.name}+")

    @classmethod
    def asking(cls, *checks: CheckName, name: str = "unnamed") -> Policy:
        """Return a policy under which each of ``checks`` must pass, and nothing else."""
        return cls(requires=AllOf(*(Passes(check=check) for check in checks)), name=name)

    @classmethod
    @cache
    def standard(cls) -> Policy:
        """Return the policy for reliance: proven, by an entitled issuer, in force.

        ``status`` binds only where a certificate names a status list or the relier brings a source.
        """
        return cls.asking(*_PROVEN, *_TRUSTED, *_IN_FORCE, name="standard")

    @classmethod
    @cache
    def archive(cls) -> Policy:
        """Return the policy for files that must hold for ten years: no word is only the issuer's.

        Beside the standard: publicly logged, its time proven by a witness or a timestamp, and a
        register that answers.
        """
        further = (Logged(), TimeProven(), StatusKnown())
        return cls.standard().also(*further, name="archive")

    @classmethod
    @cache
    def dangerously_believe_any_issuer(cls) -> Policy:
        """Return a policy under which *whoever made a key* can issue a valid certificate.

        For test vectors and for looking into a certificate of which nobody vouches for the issuer.
        """
        return cls.asking(*_PROVEN, *_IN_FORCE, name="dangerously-believe-any-issuer")

    @classmethod
    @cache
    def dangerously_ignore_revocation(cls) -> Policy:
        """Return a policy under which what was *taken back* stays valid.

        For a look into the past of a certificate whose register is out of reach.
        """
        asks = (*_PROVEN, *_TRUSTED, CheckName.DATES)
        return cls.asking(*asks, name="dangerously-ignore-revocation")


POLICIES: Final[Mapping[str, Callable[[], Policy]]] = {
    "standard": Policy.standard,
    "archive": Policy.archive,
    "dangerously-believe-any-issuer": Policy.dangerously_believe_any_issuer,
    "dangerously-ignore-revocation": Policy.dangerously_ignore_revocation,
}
"""The policies that have a name of ours."""


def _is_hollow(requirement: Any) -> bool:
    """Say whether a combination of no parts is in ``requirement``: nobody can have meant it."""
    if isinstance(requirement, (AllOf, AnyOf)):
        return not requirement.parts or any(map(_is_hollow, requirement.parts))
    return False


def _is_flat(requirement: Requirement) -> bool:
    """Say whether all single requirements must hold, so that each finding decides by itself."""
    if isinstance(requirement, AllOf):
        return all(map(_is_flat, requirement.parts))
    return not isinstance(requirement, AnyOf)
