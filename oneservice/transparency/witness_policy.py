"""Which logs, which witnesses, and how many of them are enough: a text that people keep in files.

References:
    C2SP tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from oneservice.errors import LogMalformedError
from oneservice.transparency.note_keys import NoteKey

__all__ = ["KnownLog", "KnownWitness", "WitnessGroup", "WitnessPolicy"]

_MAX_BYTES: Final = 1_048_576
_MAX_LINES: Final = 4096
_NONE: Final = "none"
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLog:
    """A log and, where it is known, the prefix under which its tiles are served."""

    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWitness:
    """A witness under the policy's own name for it, and the prefix of its ``add-checkpoint``."""

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessGroup:
    """At least ``threshold`` of ``members``, which are witnesses or groups named before."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessPolicy:
    """What a relier asks of a checkpoint.

    Attributes:
        logs: those it may be signed by; none, if that is known otherwise.
        witnesses: those whose cosignatures count.
        groups: in the order in which they were defined.
        quorum: a witness or group that must have cosigned, or ``none``.

    Raises:
        LogMalformedError: a key or name stands in it twice, a name is not defined before it is
            used, a member counts twice, or a threshold cannot be met.
    """

    logs: tuple[KnownLog, ...] = ()
    witnesses: tuple[KnownWitness, ...] = ()
    groups: tuple[WitnessGroup, ...] = ()
    quorum: str = _NONE
    _members: Mapping[str, WitnessGroup] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what would let one witness count twice, or nobody at all."""
        keys = [one.key.public for one in self.witnesses]
        logs = [one.key.public for one in self.logs]
        if len(set(keys)) != len(keys) or len(set(logs)) != len(logs):
            raise _wrong("a key stands in it twice")
        if not all(one.key.type.is_cosignature for one in self.witnesses):
            raise _wrong("the key of a witness makes no cosignatures")
        free = [one.name for one in self.witnesses]
        names = [*free, *(one.name for one in self.groups)]
        if len(set(names)) != len(names) or _NONE in names:
            raise _wrong("a name is defined twice, or is 'none'")
        used: set[str] = set()
        defined = set(free)
        for group in self.groups:
            members = set(group.members)
            if members - defined or members & used or len(members) != len(group.members):
                raise _wrong(f"group {group.name}: a member is not defined before, or counts twice")
            if not 1 <= group.threshold <= len(members):
                raise _wrong(f"group {group.name}: its threshold cannot be met")
            used |= members
            defined.add(group.name)
        if self.quorum != _NONE and self.quorum not in defined:
            raise _wrong("the quorum names nobody")
        object.__setattr__(self, "_members", {one.name: one for one in self.groups})

    @classmethod
    def parse(cls, data: bytes) -> WitnessPolicy:
        """Return the policy that a file of ``log``, ``witness``, ``group`` and ``quorum`` states.

        Raises:
            LogMalformedError: a line is none of these, the quorum is missing, or as above.
        """
        logs: list[KnownLog] = []
        witnesses: list[KnownWitness] = []
        groups: list[WitnessGroup] = []
        quorums: list[str] = []
        defined: set[str] = set()
        for number, words in _lines(data):
            match words:
                case ["log", vkey, *url] if len(url) <= 1:
                    logs.append(KnownLog(key=NoteKey.parse(vkey), url="".join(url)))
                case ["witness", name, vkey, *url] if len(url) <= 1:
                    key = NoteKey.parse(vkey)
                    witnesses.append(KnownWitness(name=name, key=key, url="".join(url)))
                    defined.add(name)
                case ["group", name, count, *members] if members and defined.issuperset(members):
                    groups.append(_group(name, count, members))
                    defined.add(name)
                case ["quorum", name] if name == _NONE or name in defined:
                    quorums.append(name)
                case _:
                    raise _wrong(f"line {number} is none of log, witness, group, quorum")
        if len(quorums) != 1:
            raise _wrong("it has not exactly one line 'quorum'")
        return cls(
            logs=tuple(logs), witnesses=tuple(witnesses), groups=tuple(groups), quorum=quorums[0]
        )

    def dump(self) -> bytes:
        """Return the file that states this policy; :meth:`parse` reads it back."""
        lines = [
            *(f"log {one.key.vkey} {one.url}" for one in self.logs),
            *(f"witness {one.name} {one.key.vkey} {one.url}" for one in self.witnesses),
            *(f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in self.groups),
            f"quorum {self.quorum}",
        ]
        text = "".join(f"{line.rstrip()}\n" for line in lines)
        return text.encode("utf-8", errors="surrogateescape")

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """The keys of the witnesses."""
        return tuple(one.key for one in self.witnesses)

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Say whether witnesses with these *key* names make the quorum."""
        names = frozenset(one.name for one in self.witnesses if one.key.name in cosigned)
        return self.quorum == _NONE or self._has_witnessed(self.quorum, names)

    def _has_witnessed(self, name: str, cosigned: frozenset[str]) -> bool:
        group = self._members.get(name)
        if group is None:
            return name in cosigned
        return sum(self._has_witnessed(one, cosigned) for one in group.members) >= group.threshold


def _group(name: str, count: str, members: Sequence[str]) -> WitnessGroup:
    known = {"all": len(members), "any": 1}
    threshold = int(count) if _COUNT.fullmatch(count) else known.get(count, 0)
    return WitnessGroup(name=name, threshold=threshold, members=tuple(members))


def _lines(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the words of each line that says something; comments and empty lines do not."""
    if len(data) > _MAX_BYTES or _CONTROLS.search(data):
        raise _wrong("it is too large, or has control characters")
    # Octets above ASCII are opaque: no normal form, no table of Unicode.
    lines = data.decode("utf-8", errors="surrogateescape").split("\n")
    if len(lines) > _MAX_LINES:
        raise _wrong(f"it has more than {_MAX_LINES} lines")
    words = (
        (number, re.split(r"[ \t]+", line.strip(" \t"))) for number, line in enumerate(lines, 1)
    )
    return [(number, each) for number, each in words if each[0] and not each[0].startswith("#")]


def _wrong(what: str) -> LogMalformedError:
    return LogMalformedError(f"the policy for logs and witnesses cannot be used: {what}")
