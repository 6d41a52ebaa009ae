"""A monitor: does this log only grow, and does it show everybody the same?

It trusts the log's key to say *who* speaks, and nothing else. It compares the head with the one
that it saw last and with what mirrors and witnesses show, makes the proofs itself out of tiles, and
where two signed heads cannot both be true it has a document that convicts the log before anybody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from oneservice.errors import (
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
    LogStoreError,
    OneServiceError,
    WebUnavailableError,
)
from oneservice.tlog.monitor_state import MonitorState
from oneservice.tlog.monitor_terms import Concern, Monitoring, Observation, Watched
from oneservice.tlog.views import LogView, entries_from, prefix_from, range_from
from oneservice.transparency import (
    CompactRange,
    LoggedEntry,
    NoteKey,
    OpenedCheckpoint,
    SplitView,
    Undecided,
    WitnessPolicy,
    compare,
    leaf_hash,
    open_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["observe"]


_LASTING: Final = frozenset(
    {Concern.SPLIT_VIEW, Concern.ROLLBACK, Concern.FORGED, Concern.UNKNOWN_KEY, Concern.DAMAGED}
)
"""As long as one of these stands, the last good head stays the one that is remembered."""


async def observe(
    watched: Sequence[Watched],
    *,
    log: NoteKey,
    policy: WitnessPolicy,
    last: MonitorState | None,
    at: datetime,
    max_age: timedelta | None = None,
    reads_entries: bool = False,
) -> Monitoring:
    """Look at a log once.

    Args:
        watched: the log itself first, then mirrors and witnesses that show its head.
        log: its key; the name of the key is the origin.
        policy: which witnesses count, and how many are enough.
        last: what was remembered of the last look.
        at: now, aware.
        max_age: after so long without a new cosignature the head is stale; ``None``: never.
        reads_entries: whether every new entry is read and hashed, not only the tree above it.

    Raises:
        LogMalformedError: a witness's key in the policy is none.
    """
    look = _Look(log=log, policy=policy, at=at, last=last)
    opened = await asyncio.gather(*(look.head(one) for one in watched))
    main, head = watched[0], opened[0]
    if head is None:
        return look.ended(None, last, {})
    tree = await look.tree(main, head)
    if tree is not None and last is not None:
        await look.grown(main, head, last)
    for other, theirs in zip(watched[1:], opened[1:], strict=True):
        if theirs is not None:
            await look.compared((main, head), (other, theirs))
    look.vouched(head, max_age)
    kinds: Counter[str] = Counter()
    if reads_entries and tree is not None and not look.has_lasting:
        kinds = await look.read(main, tree)
    keeps = look.has_lasting or tree is None
    state = last if keeps or tree is None else MonitorState(head=head, tree=tree, seen_at=at)
    return look.ended(head, state, kinds)


@dataclass(slots=True, kw_only=True)
class _Look:
    """One look at a log, while it goes on."""

    log: NoteKey
    policy: WitnessPolicy
    at: datetime
    last: MonitorState | None
    found: list[Observation] = field(default_factory=list)

    @property
    def has_lasting(self) -> bool:
        return any(one.concern in _LASTING for one in self.found)

    def ended(
        self, head: OpenedCheckpoint | None, state: MonitorState | None, kinds: Mapping[str, int]
    ) -> Monitoring:
        return Monitoring(
            origin=self.log.name,
            head=head,
            observations=tuple(self.found),
            state=state,
            entries=dict(kinds),
        )

    async def head(self, watched: Watched) -> OpenedCheckpoint | None:
        """Return the head that is shown somewhere, or note why there is none to speak of."""
        try:
            data = await watched.view.checkpoint()
            return open_checkpoint(data, log=self.log, witnesses=self.policy.keys)
        except LogKeyUnknownError as error:
            self._note(Concern.UNKNOWN_KEY, watched, error)
        except LogProofError as error:
            self._note(Concern.FORGED, watched, error)
        except LogMalformedError as error:
            self._note(Concern.DAMAGED, watched, error)
        except (LogStoreError, WebUnavailableError) as error:
            self._note(Concern.UNREACHABLE, watched, error)
        return None

    async def tree(self, main: Watched, head: OpenedCheckpoint) -> CompactRange | None:
        """Return the tree in the tiles, if it is the one that was signed."""
        try:
            tree = await range_from(main.view, head.checkpoint.size)
        except WebUnavailableError as error:
            self._note(Concern.UNREACHABLE, main, error)
            return None
        except OneServiceError as error:
            self._note(Concern.DAMAGED, main, error)
            return None
        if tree.root != head.checkpoint.root:
            self._note(Concern.DAMAGED, main, "the tiles do not make the root that was signed")
            return None
        return tree

    async def grown(self, main: Watched, head: OpenedCheckpoint, last: MonitorState) -> None:
        """Note whether the tree that was seen last is the beginning of this one."""
        old, new = last.head.checkpoint.size, head.checkpoint.size
        if new < old:
            facts = {"size": new, "seen_size": old, "seen_at": last.seen_at}
            self.found.append(
                Observation(concern=Concern.ROLLBACK, view=main.view.name, facts=facts)
            )
            return
        remembered = (Watched(view=main.view, has_tiles=False), last.head)
        await self.compared((main, head), remembered)

    async def compared(
        self, one: tuple[Watched, OpenedCheckpoint], other: tuple[Watched, OpenedCheckpoint]
    ) -> None:
        """Note whether two heads can both be true, with the tiles of whoever has the larger."""
        small, large = sorted((one, other), key=lambda each: each[1].checkpoint.size)
        old, new = small[1].checkpoint.size, large[1].checkpoint.size
        facts = {"size": new, "other_size": old, "other": small[0].view.name}
        if old < new and not large[0].has_tiles:
            self.found.append(
                Observation(concern=Concern.BEHIND, view=large[0].view.name, facts=facts)
            )
            return
        proof = None
        try:
            if 0 < old < new:
                proof = await prefix_from(large[0].view, old, new)
            found = compare(small[1], large[1], proof)
        except OneServiceError as error:
            found = Undecided(why=str(error))
        if isinstance(found, SplitView):
            self.found.append(
                Observation(
                    concern=Concern.SPLIT_VIEW,
                    view=other[0].view.name,
                    facts=facts,
                    evidence=found.dump(),
                )
            )
        elif isinstance(found, Undecided):
            self._note(Concern.UNPROVEN, other[0], found.why)

    def vouched(self, head: OpenedCheckpoint, max_age: timedelta | None) -> None:
        """Note where witnesses are missing, or vouched too long ago."""
        names = [name for name, _ in head.cosigned]
        view = self.log.name
        if not self.policy.is_met(names):
            facts: dict[str, Any] = {"cosigned": names, "quorum": self.policy.quorum}
            self.found.append(
                Observation(concern=Concern.TOO_FEW_WITNESSES, view=view, facts=facts)
            )
        newest = max((moment for _, moment in head.cosigned), default=None)
        if max_age is not None and newest is not None and self.at - newest > max_age:
            facts = {"cosigned_at": newest, "max_age_hours": int(max_age.total_seconds() // 3600)}
            self.found.append(Observation(concern=Concern.STALE, view=view, facts=facts))

    async def read(self, main: Watched, tree: CompactRange) -> Counter[str]:
        """Read every new entry, and note if they are not the leaves of the tree."""
        grown = self.last.tree if self.last is not None else CompactRange()
        kinds: Counter[str] = Counter()
        try:
            async for entries in _parts(main.view, grown.size, tree.size):
                grown = grown.grown(map(leaf_hash, entries))
                kinds.update(map(_kind, entries))
        except WebUnavailableError as error:
            self._note(Concern.UNREACHABLE, main, error)
            return kinds
        except OneServiceError as error:
            self._note(Concern.DAMAGED, main, error)
            return kinds
        if grown != tree:
            self._note(Concern.DAMAGED, main, "the entries are not the leaves that were signed")
        return kinds

    def _note(self, concern: Concern, watched: Watched, why: object) -> None:
        facts = {"why": str(why)}
        self.found.append(Observation(concern=concern, view=watched.view.name, facts=facts))


async def _parts(view: LogView, start: int, end: int) -> AsyncIterator[tuple[bytes, ...]]:
    async for _, entries in entries_from(view, start, end, size=end):
        yield entries


def _kind(entry: bytes) -> str:
    """Return what an entry says it is; what other programs logged is ``other``."""
    try:
        return LoggedEntry.parse(entry).kind
    except LogMalformedError:
        return "other"
