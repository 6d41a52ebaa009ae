"""What one region asked of another, as both know it, and what stands in the logs of persons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from oneservice.canonical import Digest
from oneservice.case import Case, SubCase
from oneservice.simulation.audit import InvariantBrokenError
from oneservice.simulation.moments import NamedCheck, described
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_offer import counter_of

__all__ = [
    "Asked",
    "forgotten_in",
    "name_of",
    "noted_in",
    "told_by",
    "waits_for_any",
    "was_halted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step as the region that asked sees it, beside what the deciding one wrote of it."""

    home: House
    abroad: House
    case: Case
    sub: SubCase
    submission_id: str
    told: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """As the deciding region knows it."""
        return f"{counter_of(self.home.region)}/{self.submission_id}"

    @property
    def handled(self) -> Case | None:
        """The case behind the counter."""
        case_id = self.abroad.storage.foreign().get(self.name)
        return None if case_id is None else self.abroad.auditor.followed(case_id)

    @property
    def agrees(self) -> bool:
        """Whether what is held here is a beginning of what was written there."""
        theirs = tuple(Digest(one["digest"]) for one in self.told)
        return self.sub.digests == theirs[: len(self.sub.digests)]

    def broken(self, check: NamedCheck, problem: str) -> InvariantBrokenError:
        """Return the error that ``check`` found ``problem`` in the case of who asked."""
        return self.home.auditor.broken(name_of(check), self.case.id, problem)


def name_of(check: NamedCheck) -> str:
    """Return the name of a check as people see it."""
    return described(check)[0]


def waits_for_any(gone: Collection[str], case: Case | None) -> bool:
    """Say whether steps of ``case`` stand, and say so, because who decides them is gone.

    They were halted, or show an incident, or their limits have passed.
    """
    return case is not None and any(
        one.spec.department in gone and (one.halted or one.incident or one.passed)
        for one in case.sub_cases.values()
        if not one.is_decided
    )


def told_by(house: House, caller: str, submission_id: str) -> tuple[Mapping[str, Any], ...]:
    """Return all events that ``house`` wrote of an application."""
    return tuple(map(orjson.loads, house.storage.register.history(caller, submission_id)))


def was_halted(asked: Asked) -> bool:
    """Say whether the journal of the region that asked tells that the step was halted."""
    mark = f'"sub_case_id":"{asked.sub.id}"'.encode()
    lines = asked.home.auditor.lines(asked.case.id)
    return any(b'"sub_case_halted"' in one and mark in one for one in lines)


def noted_in(house: House) -> set[tuple[str, str, str]]:
    """Return kind, asker and reference of all that stands in the logs of persons."""
    found = set()
    for place, text in house.storage.tables.cursors.items():
        if place.startswith("access:") and text is not None and text.startswith("{"):
            told = orjson.loads(text)
            found.add((told["kind"], told["by"], told["reference"]))
    return found


def forgotten_in(house: House) -> set[tuple[str, str]]:
    """Return department and submission of what the engine tells as forgotten, with evidence."""
    found = set()
    for place, text in house.storage.tables.cursors.items():
        if place.startswith("forgotten:") and text is not None and text.startswith("{"):
            told = orjson.loads(text)
            if not told["evidence"]:
                continue
            found.add((told["department"], told["submission_id"]))
    return found
