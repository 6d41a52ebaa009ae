"""The words that every part of a plan is written in: reasons, limits, days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from oneservice.catalog import LimitUnit, Text

__all__ = ["Answer", "DueDate", "Reason", "ReasonKind", "TimeLimit"]

Answer: TypeAlias = bool | int | str | tuple[str, ...]
"""An answer in a plan; decimals are text ("82.5"), because no float is ever hashed."""


class ReasonKind(StrEnum):
    """Why something is in a plan, or is not."""

    ALWAYS = "always"
    RULE = "rule"
    NEEDED_BY = "needed_by"
    ANSWER = "answer"
    """The value is already known from an answer."""
    YIELDED = "yielded"
    """A step of the same case supplies it."""
    LAW = "law"
    ROUTED = "routed"
    """An answer says which region's office decides."""
    HELD = "held"
    """The applicant already has it."""
    NOT_HELD = "not_held"
    """The applicant has something like it that does not count, and why not."""
    TRACK = "track"
    """Why a lighter track (容缺, 告知承诺) is open or closed."""
    ELSEWHERE = "elsewhere"
    """What the law or the calendar of the deciding region makes different, or is not known of."""
    CROSSING = "crossing"
    """How it is handed in from another region, or what to do instead."""
    DUTY = "duty"
    """A row of the duty table names the unit that must act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason: the rule as written, what its parts were for these answers, and the clause."""

    kind: ReasonKind
    text: Text
    rule: str | None = None
    because: str | None = None
    """The rule's parts with their values, for example ``area 420 >= 300``."""
    clause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """A limit in whole days after acceptance."""

    days: int
    unit: LimitUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """The last day on which something is on time; provisional while a year is not announced."""

    on: date
    is_provisional: bool = False
