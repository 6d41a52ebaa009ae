"""What one region asked of another, as both know it, and what stands in the logs of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from oneservice.canonical import Digest
from oneservice.case import Case, SubCase
from oneservice.simulation.regions_house import House
from oneservice.simulation.regions_offer import counter_of

__all__ = ["Asked", "noted_in", "told_by", "was_halted"]


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
        case_id = self.abroad.foreign().get(self.name)
        return None if case_id is None else self.abroad.auditor.followed(case_id)

    @property
    def agrees(self) -> bool:
        """Whether what is held here is a beginning of what was written there."""
        theirs = tuple(Digest(one["digest"]) for one in self.told)
        return self.sub.digests == theirs[: len(self.sub.digests)]


def told_by(house: House, caller: str, submission_id: str) -> tuple[Mapping[str, Any], ...]:
    """Return all events that ``house`` wrote of an application."""
    return tuple(map(orjson.loads, house.register_disk.history(caller, submission_id)))


def was_halted(asked: Asked) -> bool:
    """Say whether the journal of the region that asked tells that the step was halted."""
    mark = f'"sub_case_id":"{asked.sub.id}"'.encode()
    lines = asked.home.auditor.lines(asked.case.id)
    return any(b'"sub_case_halted"' in one and mark in one for one in lines)


def noted_in(house: House) -> set[tuple[str, str, str]]:
    """Return kind, asker and reference of all that stands in the logs of persons."""
    found = set()
    for place, text in house.tables.cursors.items():
        if place.startswith("access:") and text is not None and text.startswith("{"):
            told = orjson.loads(text)
            found.add((told["kind"], told["by"], told["reference"]))
    return found
