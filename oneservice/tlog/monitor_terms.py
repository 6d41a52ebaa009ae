"""The words of a monitor: what it may be concerned about, what it saw, what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from oneservice.tlog.monitor_state import MonitorState
from oneservice.tlog.views import LogView
from oneservice.transparency import OpenedCheckpoint

__all__ = ["Concern", "Monitoring", "Observation", "Watched"]


class Concern(StrEnum):
    """What a monitor has to say about a log."""

    SPLIT_VIEW = "split-view"
    """The log signed two histories; the observation carries the evidence."""
    ROLLBACK = "rollback"
    """A smaller tree is shown than was seen before."""
    FORGED = "forged"
    """A signature in the name of the log or a witness does not hold."""
    UNKNOWN_KEY = "unknown-key"
    """The head is not signed with the log's key."""
    DAMAGED = "damaged"
    """The files do not make the tree that was signed."""
    TOO_FEW_WITNESSES = "too-few-witnesses"
    """The head lacks cosignatures that the policy asks for."""
    STALE = "stale"
    """No witness vouched for the head for too long."""
    UNREACHABLE = "unreachable"
    """Nothing could be read; the next look tells more."""
    UNPROVEN = "unproven"
    """Two heads could not be held against each other, for want of files."""
    BEHIND = "behind"
    """A witness knows a larger tree than is shown; it is about to be, or is being withheld."""

    @property
    def is_certain(self) -> bool:
        """Whether something *is* wrong, not only unknown."""
        return self not in {Concern.UNREACHABLE, Concern.UNPROVEN, Concern.BEHIND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something that a monitor saw, and where.

    Attributes:
        concern: what it is.
        view: name of the folder, site or witness.
        facts: sizes, moments and reasons; nothing personal can be among them.
        evidence: a document that others can check, for a split view.
    """

    concern: Concern
    view: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One place where the log is looked at; ``has_tiles``: more than its head."""

    view: LogView
    has_tiles: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """The outcome of one look.

    Attributes:
        origin: of the log.
        head: what is shown, if it is signed by the log.
        observations: everything that is not as it should be; empty is good news.
        state: what to remember for the next look.
        entries: how many new entries of each kind were read, where that was asked for.
    """

    origin: str
    head: OpenedCheckpoint | None
    observations: tuple[Observation, ...]
    state: MonitorState | None
    entries: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_certainly_wrong(self) -> bool:
        """Whether something is wrong, whatever else is unknown."""
        return any(one.concern.is_certain for one in self.observations)

    @property
    def is_undecided(self) -> bool:
        """Whether something could not be looked at."""
        unknown = {Concern.UNREACHABLE, Concern.UNPROVEN}
        return any(one.concern in unknown for one in self.observations)
