"""What can go wrong, how often, and the record of what did: one decision for each crossing.

A crossing is one passage of a boundary: a request, an answer, a write, a day of an office. It has a
name that does not hang on what happened elsewhere, and the seed decides by that name. So a run can
be repeated with some of its faults left out, and the others stay: that is how it is made smaller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from oneservice.errors import IllegalInputError
from oneservice.simulation.chance import PER_MILLE, Chance

__all__ = [
    "AT_BORDER",
    "AT_DISK",
    "AT_ENGINE",
    "AT_NEIGHBOURS",
    "AT_OFFICE",
    "AT_REGION",
    "AT_REQUEST",
    "BETWEEN_REGIONS",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "kinds_named",
]


class FaultKind(StrEnum):
    """What goes wrong at a boundary."""

    REFUSE = "refuse"
    """The connection cannot be made: certainly no effect."""
    DROP_REQUEST = "drop_request"
    """It never arrives; the caller waits until its deadline."""
    DROP_ANSWER = "drop_answer"
    """It arrives and takes effect; the answer never comes."""
    DELAY = "delay"
    """It arrives minutes or hours after the caller gave up, even after the caller's crash."""
    REORDER = "reorder"
    """The answer comes late, though in time: others overtake it."""
    DUPLICATE = "duplicate"
    """It arrives twice, the second time up to an hour later."""
    TRUNCATE = "truncate"
    """It takes effect; half an answer comes."""
    LIE = "lie"
    """It takes effect; the answer is not the truth (bits flipped, another one's, unknown words)."""
    PUSH_BACK = "push_back"
    """429 or 503 with ``Retry-After``: no effect."""
    SERVER_ERROR = "server_error"
    """500, before or after the effect."""
    BACKUP = "backup"
    """An office works on an old backup for hours, then the newer state is restored."""
    SKEW = "skew"
    """An office's clock is wrong by up to some hours."""
    FORGET_CURSOR = "forget_cursor"
    """The feed no longer knows where we were."""
    HINT_STORM = "hint_storm"
    """Hundreds of forged or doubled callbacks: look again."""
    CRASH = "crash"
    """The engine dies before or after a write, or amid its calls."""
    TORN_WRITE = "torn_write"
    """The engine dies amid a write: some of its bytes are on the disk."""
    LOST_WRITE = "lost_write"
    """The engine dies before a write is synced: none of it is on the disk."""
    FULL_DISK = "full_disk"
    """Nothing can be written for a while."""
    CLOCK_JUMP = "clock_jump"
    """The engine's clock is set, forwards or backwards, by up to an hour."""
    PARTITION = "partition"
    """Two regions cannot reach each other, for days."""
    ONE_WAY = "one_way"
    """One region cannot reach another, for days; the other way is open."""
    DARK = "dark"
    """A region dies, and stays dark for hours."""
    OLD_BACKUP = "old_backup"
    """A region dies, and goes on from a backup that is hours or days old."""
    REGION_SKEW = "region_skew"
    """The clock of a region is wrong by hours, for days."""
    ROTATE_KEY = "rotate_key"
    """A region changes the key under which it speaks; some neighbour hears of it too late."""
    LEAVE = "leave"
    """A region leaves for good, with whatever is under way."""


AT_REQUEST: Final[Mapping[FaultKind, int]] = {
    FaultKind.REFUSE: 10,
    FaultKind.DROP_REQUEST: 10,
    FaultKind.DROP_ANSWER: 15,
    FaultKind.DELAY: 10,
    FaultKind.REORDER: 20,
    FaultKind.DUPLICATE: 20,
    FaultKind.TRUNCATE: 10,
    FaultKind.LIE: 10,
    FaultKind.PUSH_BACK: 5,
    FaultKind.SERVER_ERROR: 10,
    FaultKind.FORGET_CURSOR: 2,
    FaultKind.CRASH: 1,
}
"""How many of 1,000 requests meet each; ``forget_cursor`` only where a feed is read."""
AT_DISK: Final[Mapping[FaultKind, int]] = {
    FaultKind.CRASH: 3,
    FaultKind.TORN_WRITE: 2,
    FaultKind.LOST_WRITE: 2,
    FaultKind.FULL_DISK: 3,
}
"""How many of 1,000 writes meet each."""
AT_OFFICE: Final[Mapping[FaultKind, int]] = {
    FaultKind.BACKUP: 40,
    FaultKind.SKEW: 30,
    FaultKind.HINT_STORM: 30,
}
"""How many of 1,000 days of an office meet each."""
AT_ENGINE: Final[Mapping[FaultKind, int]] = {FaultKind.CLOCK_JUMP: 60}
"""How many of 1,000 days of the engine meet each."""
AT_BORDER: Final[Mapping[FaultKind, int]] = {
    kind: 2 * share for kind, share in AT_REQUEST.items() if kind is not FaultKind.FORGET_CURSOR
}
"""How many of 1,000 requests from region to region meet each."""
AT_REGION: Final[Mapping[FaultKind, int]] = {
    FaultKind.DARK: 60,
    FaultKind.OLD_BACKUP: 25,
    FaultKind.REGION_SKEW: 60,
    FaultKind.ROTATE_KEY: 60,
    FaultKind.LEAVE: 8,
}
"""How many of 1,000 days of a region meet each."""
AT_NEIGHBOURS: Final[Mapping[FaultKind, int]] = {FaultKind.PARTITION: 50, FaultKind.ONE_WAY: 60}
"""How many of 1,000 days of two neighbours meet each."""
BETWEEN_REGIONS: Final = frozenset({*AT_REGION, *AT_NEIGHBOURS})
"""What only a world of several regions can meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault that was injected; ``crossing`` names where, and is what a replay leaves out."""

    crossing: str
    kind: FaultKind
    at: datetime

    @property
    def id(self) -> str:
        """Crossing and kind, by which a smaller run names it."""
        return f"{self.kind}@{self.crossing}"


@dataclass(slots=True)
class FaultPlan:
    """Decides at each crossing, and keeps what it decided.

    Attributes:
        seed: together with a crossing's name, it decides.
        kinds: which may happen at all.
        until: no fault begins at or after this instant: then everything must come to an end.
        only: if given, no other fault than these (see :attr:`Fault.id`) is injected.
        scale: multiplies how often each happens; 1 is as the tables above say.
        prefix: of all boundaries' names, where several parts of a world have the same ones.
    """

    seed: int
    kinds: frozenset[FaultKind]
    until: datetime
    only: frozenset[str] | None = None
    scale: int = 1
    prefix: str = ""
    injected: list[Fault] = field(default_factory=list)
    crossings: Counter[str] = field(default_factory=Counter)
    chance: Chance = field(init=False)
    """The source of all details of faults."""
    _tables: dict[int, tuple[tuple[int, FaultKind], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed, "faults")

    def at(
        self, boundary: str, table: Mapping[FaultKind, int], now: datetime
    ) -> tuple[FaultKind | None, str]:
        """Return what goes wrong at the next crossing of ``boundary``, and the crossing's name."""
        boundary = f"{self.prefix}{boundary}"
        self.crossings[boundary] += 1
        crossing = f"{boundary}#{self.crossings[boundary]}"
        if now >= self.until or not self.kinds:
            return None, crossing
        number = self.chance.below(crossing, PER_MILLE)
        for bound, kind in self._thresholds(table):
            if number < bound:
                fault = Fault(crossing=crossing, kind=kind, at=now)
                if self.only is not None and fault.id not in self.only:
                    return None, crossing
                self.injected.append(fault)
                return kind, crossing
        return None, crossing

    def within(self, prefix: str) -> FaultPlan:
        """Return this plan for a part of the world; what it decides stands here, too."""
        return replace(self, prefix=prefix)

    def by_kind(self) -> dict[str, int]:
        """Return how many of each kind were injected, by name."""
        found = Counter(str(one.kind) for one in self.injected)
        return dict(sorted(found.items()))

    def _thresholds(self, table: Mapping[FaultKind, int]) -> tuple[tuple[int, FaultKind], ...]:
        """Return the number out of 1,000 below which each kind happens."""
        known = self._tables.get(id(table))
        if known is None:
            found: list[tuple[int, FaultKind]] = []
            bound = 0
            for kind, share in table.items():
                if kind in self.kinds:
                    bound += share * self.scale
                    found.append((bound, kind))
            known = self._tables[id(table)] = tuple(found)
        return known


def kinds_named(names: Sequence[str] | Collection[str]) -> frozenset[FaultKind]:
    """Return the kinds of ``names``: ``all``, ``none``, or names of :class:`FaultKind`.

    Raises:
        IllegalInputError: there is no such kind; the text lists those that there are.
    """
    if list(names) == ["all"]:
        return frozenset(FaultKind)
    if list(names) == ["none"]:
        return frozenset()
    unknown = sorted(set(names) - set(FaultKind))
    if unknown or not names:
        known = ", ".join(["all", "none", *FaultKind])
        msg = f"no such fault: {', '.join(unknown) or 'nothing was named'}; choose of {known}"
        raise IllegalInputError(msg, status="not started")
    return frozenset(map(FaultKind, names))
