"""What a watcher says of a log under his own key: an alarm, with evidence where there is any.

An alarm is believed as far as its watcher is; a split view in it needs nobody's word.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self

from oneservice.canonical import canonical, parse_object, read_instant, write_instant
from oneservice.errors import LogMalformedError, MalformedJsonError, OneServiceError
from oneservice.tlog.monitor_terms import Concern
from oneservice.transparency import NoteKey, SignedNote, SignsNotes, SplitView, signed_note

__all__ = ["MAX_ALARM_BYTES", "Alarm", "open_alarm"]

_FORMAT: Final = "oneservice-log-alarm/1"
MAX_ALARM_BYTES: Final = 4_194_304


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
        document = parse_object(note.text.encode("utf-8"), max_bytes=MAX_ALARM_BYTES)
        alarm = Alarm._read(document)  # noqa: SLF001 - its own reader
        is_ours = document["format"] == _FORMAT
    except (MalformedJsonError, KeyError, TypeError, AttributeError, ValueError) as error:
        msg = f"not an alarm of the format {_FORMAT}"
        raise LogMalformedError(msg) from error
    if not is_ours:
        msg = f"not an alarm of the format {_FORMAT}"
        raise LogMalformedError(msg)
    return alarm, signed[0].key.name
