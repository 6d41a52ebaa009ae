"""Boundaries by what they are: each commit and each call has a name, and a fault may wait there.

Theory of operation. Counting boundaries (the first, the second, ...) is not exact: which answers a
commit takes together hangs on how fast threads are, so the n-th boundary of one life is another
one's of the next. What *is* the same in every life is what happens. So a call is named after its
message, and a commit after the facts that it makes durable; a fault waits for a fact, in whichever
commit it comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from oneservice.canonical import digest_bytes, parse_object
from oneservice.case import CODE_ALPHABET
from oneservice.errors import JournalFullError, MalformedJsonError
from oneservice.ports import Departments, Erasure, Signer, Store, Write
from oneservice.sandbox import SimulatedCrash
from oneservice.testing.crashes.torn import Files

__all__ = ["CountedIds", "Fault", "Point", "Watch"]

_T = TypeVar("_T")
_RECORD_BYTES: Final = 16_777_216


class Fault(StrEnum):
    """What happens at a boundary."""

    CRASH_BEFORE = "crash_before"
    """The process dies, and nothing of the call or the commit has happened."""
    CRASH_AFTER = "crash_after"
    """It dies when all of it has happened, and nobody was told."""
    TORN_WRITE = "torn_write"
    """The machine dies in the middle of a commit: half of the changed bytes are on the disk."""
    FULL_DISK = "full_disk"
    """The store refuses to commit until somebody who was told has made space; nobody dies."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place where a fault waits: ``boundary`` is the name of a call, or of one fact."""

    boundary: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.fault} at {self.boundary!r}"


class CountedIds:
    """The same ids in every life and every telling: what was durable is found again by its key."""

    def __init__(self) -> None:
        self._count = self._codes = 0

    def begin(self) -> None:
        """Count from one again: the story is told from its beginning."""
        self._count = self._codes = 0

    def case_id(self) -> str:
        """Return ``c1``, ``c2`` and so on."""
        self._count += 1
        return f"c{self._count}"

    def secret(self) -> str:
        """Return a secret that is none."""
        return "5" * 64

    def code(self) -> str:
        """Return a one-time code: the digits of the next number."""
        self._codes += 1
        return "".join(CODE_ALPHABET[int(digit)] for digit in f"{self._codes:08}")


class Watch:
    """Watches the boundaries of one life; with a ``point``, the fault happens there.

    A portal's ``World`` wraps its parts: ``watch.store(store)``, ``watch.departments(mine)``,
    ``watch.signer(seal)``. ``points`` are those that were passed, in order; ``is_met`` tells that
    the fault has happened; ``ids`` are counted.
    """

    def __init__(self, point: Point | None = None, *, files: Files | None = None) -> None:
        self._point = point
        self._files = files or Files(None)
        self._seen: Counter[str] = Counter()
        self._is_full = False
        self._is_dead = False
        self.ids = CountedIds()
        self.names: tuple[str, ...] = ()
        self.is_met = False
        self.points: list[Point] = []

    def store(self, inner: Store) -> Store:
        """Return ``inner`` with its commits and erasures watched; reading is no boundary."""

        async def commit(writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
            names = [*self._facts(writes), *(self._numbered(f"cursor {one}") for one in cursors)]
            await self._commit(names, lambda: inner.commit(writes, cursors))

        async def erase(erasure: Erasure) -> None:
            name = self._numbered(f"erase {erasure.case_id}")
            await self._call(name, lambda: inner.erase(erasure))

        return cast("Store", _Watched(inner, {"commit": commit, "erase": erase}))

    def departments(
        self, inner: Departments, *, names: Collection[str] | None = None
    ) -> Departments:
        """Return ``inner`` with every call watched; with ``names``, only those are there."""
        self.names = tuple(inner.names if names is None else names)

        def watched(method: str, about: Callable[..., str]) -> Callable[..., Awaitable[Any]]:
            async def call(department: str, *args: Any, **options: Any) -> Any:
                name = self._numbered(f"{method} {about(department, *args)}")
                return await self._call(
                    name, lambda: getattr(inner, method)(department, *args, **options)
                )

            return call

        calls: dict[str, object] = {
            method: watched(method, about) for method, about in _ABOUT.items()
        }
        return cast("Departments", _Watched(inner, calls | {"names": self.names}))

    def signer(self, inner: Signer) -> Signer:
        """Return ``inner`` with every signature watched."""

        async def sign(document: Mapping[str, Any], **options: Any) -> dict[str, Any]:
            name = self._numbered("sign")
            return await self._call(name, lambda: inner.sign(document, **options))

        return cast("Signer", _Watched(inner, {"sign": sign}))

    def make_space(self) -> bool:
        """Empty the full disk, as somebody does who was told; say whether it was full."""
        was_full, self._is_full = self._is_full, False
        return was_full

    # --- inside --------------------------------------------------------------------------------

    def _numbered(self, name: str) -> str:
        """Return ``name`` with how often it was met: reading a feed has no other name."""
        self._seen[name] += 1
        return f"{name} #{self._seen[name]}"

    def _facts(self, writes: Sequence[Write]) -> list[str]:
        found = []
        for write in writes:
            facts = [fact for line in write.records for fact in _facts_of(line)] or ["due"]
            found += [self._numbered(f"{write.case_id} {fact}") for fact in facts]
        return found

    async def _call(self, name: str, work: Callable[[], Awaitable[_T]]) -> _T:
        self._note(name, (Fault.CRASH_BEFORE, Fault.CRASH_AFTER))
        self._die_at([name], Fault.CRASH_BEFORE)
        result = await work()
        self._die_at([name], Fault.CRASH_AFTER)
        return result

    async def _commit(self, names: list[str], work: Callable[[], Awaitable[None]]) -> None:
        self._note(names[0], tuple(Fault) if self._files.are_known else _WITHOUT_FILES)
        self._die_at(names, Fault.CRASH_BEFORE)
        if self._meets(names, Fault.FULL_DISK):
            self._is_full = True
        if self._is_full:
            msg = "the disk is full (by a fault plan); nothing was written"
            raise JournalFullError(msg)
        is_torn = self._meets(names, Fault.TORN_WRITE)
        before = self._files.contents() if is_torn else {}
        await work()
        if is_torn:
            self._files.tear(before)
            self._die("torn write")
        self._die_at(names, Fault.CRASH_AFTER)

    def _note(self, name: str, faults: tuple[Fault, ...]) -> None:
        self.points += [Point(name, fault) for fault in faults]

    def _meets(self, names: Sequence[str], fault: Fault) -> bool:
        point = self._point
        if self.is_met or point is None or point.fault is not fault or point.boundary not in names:
            return False
        self.is_met = True
        return True

    def _die_at(self, names: Sequence[str], fault: Fault) -> None:
        if self._is_dead or self._meets(names, fault):
            self._die(names[0])

    def _die(self, where: str) -> None:
        """Die; what is dead passes no later boundary either."""
        self._is_dead = True
        msg = f"died at {where}"
        raise SimulatedCrash(msg)


_WITHOUT_FILES: Final = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.FULL_DISK)

_ABOUT: Final[Mapping[str, Callable[..., str]]] = {
    "submit": lambda _, submission_id, *__: str(submission_id),
    "read": lambda _, submission_id, *__: str(submission_id),
    "supplement": lambda _, __, supplement_id, *___: str(supplement_id),
    "withdraw": lambda _, __, withdrawal_id, *___: str(withdrawal_id),
    "changes": lambda department, *_: str(department),
    "put_document": lambda department, content, *_: f"{department} {digest_bytes(content)[:15]}",
}


class _Watched:
    """Something whose methods are its own but for a few."""

    def __init__(self, inner: object, methods: Mapping[str, object]) -> None:
        self._inner = inner
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        method = self._methods.get(name)
        return getattr(self._inner, name) if method is None else method


def _facts_of(line: bytes) -> list[str]:
    """Return the names of the facts in one record; a record in another format has none."""
    try:
        record = parse_object(line, max_bytes=_RECORD_BYTES)
    except MalformedJsonError:
        return ["record"]
    kind, data = record.get("kind", "record"), record.get("data", {})
    parts: Sequence[Mapping[str, Any]] = data.get("events") or data.get("messages") or [{}]
    about = str(data.get("sub_case_id", ""))
    return [
        " ".join(filter(None, (kind, about, part.get("type") or part.get("message_id"))))
        for part in parts
    ]
