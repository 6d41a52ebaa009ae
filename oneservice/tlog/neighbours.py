"""Regions watch each other: who cosigns whose log, and what is said when one of them lies.

Theory of operation. Nobody is the centre, so nobody's word is enough. Each region's log is cosigned
by other regions *and* by offices that are no region's (an audit office, a university), by so many
that liars among them can neither let a second history pass nor, by keeping silent, stop the log.
Cosignatures keep a lie from being believed; watching finds it. A watch looks at a log where it is
published, where others keep copies, at what its witnesses know, and at anchors, which remember
heads that the log and all its witnesses may have forgotten after an old backup. What it finds is
written down before it is told, and told under the watcher's key; a split view convicts by itself.

References:
    C2SP tlog-witness, tlog-policy, signed-note.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from oneservice.errors import EnvironmentalError, OneServiceError
from oneservice.tlog.alarms import MAX_ALARM_BYTES, Alarm
from oneservice.tlog.files import read_bytes, replace_file
from oneservice.tlog.monitor import observe
from oneservice.tlog.monitor_state import MonitorState
from oneservice.tlog.monitor_terms import Concern, Observation, Watched
from oneservice.tlog.views import prefix_from
from oneservice.transparency import (
    NoteKey,
    SignsNotes,
    SplitView,
    WitnessPolicy,
    compare,
    open_checkpoint,
)

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.ports import Anchor, Clock
    from oneservice.transparency import OpenedCheckpoint

__all__ = ["NeighbourLog", "NeighbourWatch"]

_LAST_ANCHORED: Final = 64
"""Anchored heads that are held against each new one; older ones were, in their time."""
_CONTRADICTIONS: Final = frozenset({Concern.SPLIT_VIEW, Concern.ROLLBACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourLog:
    """A log of another region, and where it can be looked at.

    Args:
        log: its key.
        policy: which witnesses count for it.
        watched: the log itself first, then copies, and witnesses that show its head.
        anchors: where its published heads are written down a second time.
    """

    log: NoteKey
    policy: WitnessPolicy
    watched: tuple[Watched, ...]
    anchors: tuple[Anchor, ...] = ()


class NeighbourWatch:
    """Looks at other regions' logs, remembers what it saw, and raises alarms.

    Args:
        folder: its memory: what was seen last of each log, and every alarm that was raised.
            Never restore it from an older backup.
        logs: of the other regions.
        signer: the watcher's own key.
        clock: says what time it is.
    """

    def __init__(
        self, folder: Path, *, logs: Sequence[NeighbourLog], signer: SignsNotes, clock: Clock
    ) -> None:
        self._folder = folder
        self._logs = tuple(logs)
        self._signer = signer
        self._clock = clock

    async def look(self) -> tuple[Alarm, ...]:
        """Look at every log once; returns the alarms that were not raised before.

        A log that cannot be reached, or whose anchors cannot, is no alarm: the next look tells.

        Raises:
            LogStoreError: the memory cannot be read or written.
        """
        found = await asyncio.gather(*(self._look(one) for one in self._logs))
        return tuple(alarm for alarms in found for alarm in alarms if self._keep(alarm))

    def alarms(self) -> tuple[bytes, ...]:
        """Return every alarm that was ever raised here, signed, to be given to whoever asks."""
        folder = self._folder / "alarms"
        paths = sorted(folder.glob("*.alarm")) if folder.is_dir() else []
        found = (read_bytes(path, max_bytes=MAX_ALARM_BYTES) for path in paths)
        return tuple(one for one in found if one is not None)

    async def _look(self, one: NeighbourLog) -> list[Alarm]:
        path = self._folder / f"{sha256(one.log.name.encode()).hexdigest()}.seen"
        last = MonitorState.load(path, log=one.log)
        now = self._clock.now()
        found = await observe(one.watched, log=one.log, policy=one.policy, last=last, at=now)
        alarms = [
            self._alarm(one, seen, found.head, last)
            for seen in found.observations
            if seen.concern.is_certain
        ]
        if found.head is not None:
            alarms += await self._anchored(one, found.head)
        is_fine = not any(each.concern in _CONTRADICTIONS for each in alarms)
        if found.state is not None and found.state != last and is_fine:
            found.state.save(path)
        return alarms

    def _alarm(
        self,
        one: NeighbourLog,
        seen: Observation,
        head: OpenedCheckpoint | None,
        last: MonitorState | None,
    ) -> Alarm:
        remembered = None if last is None else last.head
        heads = [each.note.dump() for each in (head, remembered) if each is not None]
        return Alarm(
            origin=one.log.name,
            concern=seen.concern,
            seen_at=self._clock.now(),
            view=seen.view,
            facts={name: str(value) for name, value in seen.facts.items()},
            evidence=seen.evidence,
            heads=tuple(heads) if seen.concern is Concern.ROLLBACK else (),
        )

    async def _anchored(self, one: NeighbourLog, head: OpenedCheckpoint) -> list[Alarm]:
        """Hold what is shown against what was written down elsewhere."""
        alarms = []
        for number, anchor in enumerate(one.anchors, start=1):
            kept: tuple[bytes, ...] = ()
            with contextlib.suppress(EnvironmentalError):
                kept = await anchor.anchored()
            for note in dict.fromkeys(kept[-_LAST_ANCHORED:]):
                with contextlib.suppress(OneServiceError):  # an anchor keeps whatever it is given
                    then = open_checkpoint(note, log=one.log)
                    alarms += await self._against(one, f"anchor {number}", head, then)
        return alarms

    async def _against(
        self, one: NeighbourLog, view: str, head: OpenedCheckpoint, then: OpenedCheckpoint
    ) -> list[Alarm]:
        size, kept = head.checkpoint.size, then.checkpoint.size
        proof = await prefix_from(one.watched[0].view, kept, size) if 0 < kept < size else None
        compared = compare(then, head, proof)
        is_split = isinstance(compared, SplitView)
        if kept <= size and not is_split:
            return []
        alarm = Alarm(
            origin=one.log.name,
            concern=Concern.SPLIT_VIEW if is_split else Concern.ROLLBACK,
            seen_at=self._clock.now(),
            view=view,
            facts={"size": str(size), "anchored_size": str(kept)},
            evidence=compared.dump() if isinstance(compared, SplitView) else b"",
            heads=(head.note.dump(), then.note.dump()),
        )
        return [alarm]

    def _keep(self, alarm: Alarm) -> bool:
        """Write an alarm down, unless it was raised before; says whether it is new."""
        path = self._folder / "alarms" / f"{alarm.number}.alarm"
        if path.exists():
            return False
        replace_file(path, alarm.signed(self._signer))
        return True
