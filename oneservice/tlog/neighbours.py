"""Regions watch each other: who cosigns whose log, and what is said when one of them lies.

Theory of operation. Nobody is the centre, so nobody's word is enough. Each region's log is cosigned
by other regions *and* by offices that are no region's (an audit office, a university), by so many
that liars among them can neither let a second history pass nor, by keeping silent, stop the log.
Cosignatures keep a lie from being believed; watching finds it. A watch looks at a log where it is
published, where others keep copies, at what its witnesses know, and at anchors, which remember
heads that the log and all its witnesses may have forgotten after an old backup. What it finds is
written down before it is told, and told under the watcher's key; a split view convicts by itself.

References:
    C2SP tlog-witness, tlog-policy, signed-note; for the numbers: Malkhi and Reiter, "Byzantine
    quorum systems" (masking a fault in n >= 3f + 1).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Self

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.errors import (
    EnvironmentalError,
    LogMalformedError,
    MalformedJsonError,
    OneServiceError,
    PolicyInvalidError,
)
from oneservice.tlog.files import read_bytes, replace_file
from oneservice.tlog.monitor import observe
from oneservice.tlog.monitor_state import MonitorState
from oneservice.tlog.monitor_terms import Concern, Observation, Watched
from oneservice.tlog.views import prefix_from
from oneservice.transparency import (
    KnownLog,
    KnownWitness,
    NoteKey,
    SignedNote,
    SignsNotes,
    SplitView,
    WitnessGroup,
    WitnessPolicy,
    compare,
    open_checkpoint,
    signed_note,
)

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.ports import Anchor, Clock
    from oneservice.transparency import OpenedCheckpoint

__all__ = ["Alarm", "NeighbourLog", "NeighbourWatch", "crosswise_policy", "open_alarm"]

_FORMAT: Final = "oneservice-log-alarm/1"
_MAX_BYTES: Final = 4_194_304
_LAST_ANCHORED: Final = 64
"""Anchored heads that are held against each new one; older ones were, in their time."""
_QUORUM: Final = "enough"
_CONTRADICTIONS: Final = frozenset({Concern.SPLIT_VIEW, Concern.ROLLBACK})


def crosswise_policy(
    logs: Sequence[KnownLog],
    *,
    regions: Sequence[KnownWitness],
    offices: Sequence[KnownWitness],
    liars: int = 1,
) -> WitnessPolicy:
    """Return a policy that holds although ``liars`` of the witnesses lie or keep silent.

    Any two sets of witnesses that are enough share an honest one, so no two histories are ever both
    cosigned; the honest ones alone are enough, so no liar stops the log; and at least one region
    and one office are in every set.

    Args:
        logs: those that are cosigned.
        regions: witnesses of other regions.
        offices: witnesses of the audit office and of others that are no region's.
        liars: how many may lie.

    Raises:
        PolicyInvalidError: there are too few witnesses for that, or one kind alone would do; the
            text says how many are needed.
        LogMalformedError: a name or key stands in it twice.
    """
    count = len(regions) + len(offices)
    threshold = (count + liars) // 2 + 1
    if threshold > count - liars:
        msg = f"{liars} of {count} witnesses cannot lie without harm; have {3 * liars + 1} at least"
        raise PolicyInvalidError(msg)
    if threshold <= max(len(regions), len(offices)):
        msg = "regions alone, or offices alone, would be enough; have about as many of each"
        raise PolicyInvalidError(msg)
    witnesses = (*regions, *offices)
    names = tuple(one.name for one in witnesses)
    group = WitnessGroup(name=_QUORUM, threshold=threshold, members=names)
    return WitnessPolicy(logs=tuple(logs), witnesses=witnesses, groups=(group,), quorum=_QUORUM)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something is wrong with a log, said by a watcher who stands by it.

    Args:
        origin: the log.
        concern: what it is; only what is certain is an alarm.
        seen_at: aware instant of the look, by the watcher's clock.
        view: where it was seen.
        facts: sizes and reasons; nothing personal.
        evidence: a document that others can check without believing the watcher; of a split view.
        heads: signed heads that were held against each other, newest word of the log first.
    """

    origin: str
    concern: Concern
    seen_at: datetime
    view: str
    facts: Mapping[str, str] = field(default_factory=dict)
    evidence: bytes = field(default=b"", repr=False)
    heads: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def number(self) -> str:
        """What tells this alarm from another one, however often it is seen."""
        told = canonical({"origin": self.origin, "concern": self.concern.value, "view": self.view})
        return sha256(told + self.evidence + b"".join(self.heads)).hexdigest()[:16]

    def signed(self, signer: SignsNotes) -> bytes:
        """Return the alarm as a note under the watcher's key, to be sent to the others."""
        document = {
            "format": _FORMAT,
            "origin": self.origin,
            "concern": self.concern.value,
            "seen_at": write_instant(self.seen_at),
            "view": self.view,
            "facts": dict(self.facts),
            "evidence": self.evidence.decode("utf-8"),
            "heads": [one.decode("utf-8") for one in self.heads],
        }
        return signed_note(canonical(document).decode("utf-8") + "\n", signer).dump()

    def convicts(self, log: NoteKey) -> bool:
        """Say whether its evidence convicts ``log`` by itself, whoever raised the alarm."""
        with contextlib.suppress(OneServiceError):
            SplitView.parse(self.evidence).check(log=log)
            return True
        return False

    @classmethod
    def _read(cls, document: dict[str, Any]) -> Self:
        return cls(
            origin=str(document["origin"]),
            concern=Concern(document["concern"]),
            seen_at=read_instant(document["seen_at"]),
            view=str(document["view"]),
            facts={str(name): str(value) for name, value in document["facts"].items()},
            evidence=document["evidence"].encode("utf-8"),
            heads=tuple(one.encode("utf-8") for one in document["heads"]),
        )


def open_alarm(data: bytes, *, watchers: Sequence[NoteKey]) -> tuple[Alarm, str]:
    """Return an alarm and the name of the watcher who stands by it.

    Raises:
        LogKeyUnknownError: no watcher that is known signed it.
        LogProofError: a signature in the name of one of them does not hold.
        LogMalformedError: it is no alarm.
    """
    note = SignedNote.parse(data)
    signed = note.check(watchers)
    try:
        document = parse_object(note.text.encode("utf-8"), max_bytes=_MAX_BYTES)
        alarm = Alarm._read(document)  # noqa: SLF001 - its own reader
        is_ours = document["format"] == _FORMAT
    except (MalformedJsonError, KeyError, TypeError, AttributeError, ValueError) as error:
        msg = f"not an alarm of the format {_FORMAT}"
        raise LogMalformedError(msg) from error
    if not is_ours:
        msg = f"not an alarm of the format {_FORMAT}"
        raise LogMalformedError(msg)
    return alarm, signed[0].key.name


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
        found = (read_bytes(path, max_bytes=_MAX_BYTES) for path in paths)
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
