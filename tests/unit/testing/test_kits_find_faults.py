"""A kit is worth what it finds: a plain store passes, and each broken one fails where it should."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Failed
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from oneservice.canonical import Digest, canonical, parse_object
from oneservice.case import CaseStatus
from oneservice.errors import (
    CaseErasedError,
    CaseNotFoundError,
    JournalConflictError,
    JournalLockedError,
    JournalUnavailableError,
)
from oneservice.ports import Erasure, Store, StoredCase, Write
from oneservice.testing import StoreKit
from oneservice.testing.kits.histories import Step, live_through, steps


@dataclass
class Shelf:
    """What a plain store keeps, outside of any store."""

    rows: dict[str, StoredCase] = field(default_factory=dict)
    lines: dict[str, list[bytes]] = field(default_factory=dict)
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    cursors: dict[str, str | None] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    erasures: dict[str, Erasure] = field(default_factory=dict)
    is_open: bool = False


class PlainStore:
    """A whole store in dictionaries: the shortest thing that keeps every promise of the port."""

    def __init__(self, shelf: Shelf) -> None:
        if shelf.is_open:
            msg = "this shelf is open already"
            raise JournalLockedError(msg)
        self.shelf, self.is_closed = shelf, False
        shelf.is_open = True

    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        self._refuse_closed()
        fresh = copy.deepcopy(self.shelf)
        for write in writes:
            self._take(fresh, write)
        fresh.cursors.update(cursors)
        vars(self.shelf).update(vars(fresh))

    def _take(self, shelf: Shelf, write: Write) -> None:
        row = shelf.rows.get(write.case_id)
        if (row.seq if row else 0) != write.after_seq:
            raise JournalConflictError(write.case_id)
        if row is None and write.key is not None:
            if write.key in shelf.keys:
                raise JournalConflictError(write.case_id)
            shelf.keys[write.key] = write.case_id
        shelf.lines.setdefault(write.case_id, []).extend(write.records)
        shelf.blobs |= {(write.case_id, name): data for name, data in write.blobs.items()}
        shelf.rows[write.case_id] = StoredCase(
            case_id=write.case_id,
            secret=row.secret if row else write.secret or "",
            seq=write.after_seq + len(write.records),
            thing=write.thing,
            status=write.status,
            next_due=write.next_due,
        )

    async def stored(self, case_id: str) -> StoredCase | None:
        return self.shelf.rows.get(case_id)

    async def records(self, case_id: str) -> tuple[bytes, ...]:
        return tuple(self.shelf.lines.get(case_id, ()))

    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        if case_id in self.shelf.erasures:
            raise CaseErasedError(case_id)
        return self.shelf.blobs.get((case_id, digest))

    async def erase(self, erasure: Erasure) -> None:
        shelf, name = self.shelf, erasure.case_id
        row = shelf.rows.get(name)
        if row is None:
            raise CaseNotFoundError(name)
        if row.seq != erasure.seq:
            raise JournalConflictError(name)
        shelf.erasures.setdefault(name, erasure)
        shelf.rows[name] = replace(row, secret="", next_due=None, erased_at=erasure.at)
        shelf.lines[name] = [
            canonical(parse_object(one) | {"data": None, "salt": None}) for one in shelf.lines[name]
        ]
        shelf.blobs = {key: data for key, data in shelf.blobs.items() if key[0] != name}

    async def erasure(self, case_id: str) -> Erasure | None:
        return self.shelf.erasures.get(case_id)

    async def cases(self) -> tuple[StoredCase, ...]:
        return tuple(replace(one, secret="") for one in self.shelf.rows.values())

    async def open_cases(self, limit: int) -> tuple[str, ...]:
        rows = self.shelf.rows.values()
        found = (one for one in rows if not CaseStatus(one.status).has_ended)
        return tuple(one.case_id for one in found if one.erased_at is None)[:limit]

    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        return tuple(name for at, name in self._due() if at <= until)[:limit]

    async def next_due(self) -> datetime | None:
        return min((at for at, _ in self._due()), default=None)

    def _due(self) -> list[tuple[datetime, str]]:
        rows = self.shelf.rows.values()
        return sorted((one.next_due, one.case_id) for one in rows if one.next_due is not None)

    async def case_of_key(self, key: str) -> str | None:
        return self.shelf.keys.get(key)

    async def cursor(self, department: str) -> str | None:
        return self.shelf.cursors.get(department)

    async def close(self) -> None:
        self.shelf.is_open, self.is_closed = False, True

    def _refuse_closed(self) -> None:
        if self.is_closed:
            msg = "closed"
            raise JournalUnavailableError(msg)


class PlainKit(StoreKit):
    survives_kills = False
    kind: type[PlainStore] = PlainStore

    def __init__(self) -> None:
        self.shelves: dict[Path, Shelf] = {}

    async def open_store(self, folder: Path) -> Store:
        return self.kind(self.shelves.setdefault(folder, Shelf()))


class TestPlainStore(StoreKit):
    survives_kills = False

    @pytest.fixture(autouse=True)
    def _shelves(self) -> None:
        self.shelves: dict[Path, Shelf] = {}

    async def open_store(self, folder: Path) -> Store:
        return PlainStore(self.shelves.setdefault(folder, Shelf()))


# --- one broken promise each -------------------------------------------------------------------


class Unconditional(PlainStore):
    def _take(self, shelf: Shelf, write: Write) -> None:
        row = shelf.rows.get(write.case_id)
        super()._take(shelf, replace(write, after_seq=row.seq if row else 0))


class HalfACommit(PlainStore):
    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        for write in writes:
            await super().commit([write], {})
        await super().commit([], cursors)


class CursorsFirst(PlainStore):
    async def commit(self, writes: Sequence[Write], cursors: Mapping[str, str | None]) -> None:
        await super().commit([], cursors)
        await super().commit(writes, {})


class KeysAreIgnored(PlainStore):
    async def case_of_key(self, key: str) -> str | None:
        return await super().case_of_key(f"{key}?")


class KeysOpenAgain(PlainStore):
    def _take(self, shelf: Shelf, write: Write) -> None:
        shelf.keys.pop(write.key or "", None)
        super()._take(shelf, write)


class DueInAnyOrder(PlainStore):
    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        return tuple(sorted(await super().due(until, 10**6)))[:limit]


class DueTooLate(PlainStore):
    async def due(self, until: datetime, limit: int) -> tuple[str, ...]:
        return tuple(name for at, name in self._due() if at < until)[:limit]


class WholeSeconds(PlainStore):
    def _take(self, shelf: Shelf, write: Write) -> None:
        due = write.next_due and write.next_due.replace(microsecond=0)
        super()._take(shelf, replace(write, next_due=due))


class NeverForgetsDue(PlainStore):
    def _take(self, shelf: Shelf, write: Write) -> None:
        row = shelf.rows.get(write.case_id)
        due = write.next_due or (row.next_due if row else None)
        super()._take(shelf, replace(write, next_due=due))


class OneShelfOfBlobs(PlainStore):
    async def blob(self, case_id: str, digest: Digest) -> bytes | None:
        del case_id
        found = [data for (_, name), data in self.shelf.blobs.items() if name == digest]
        return found[0] if found else None


class Forgets(PlainStore):
    async def close(self) -> None:
        await super().close()
        vars(self.shelf).update(vars(Shelf()))


class TwoOwners(PlainStore):
    """Each has its own idea of what is there, and the last one to write wins."""

    def __init__(self, shelf: Shelf) -> None:
        shelf.is_open = False
        super().__init__(shelf)
        self.shelf = copy.deepcopy(shelf)


class WorksWhenClosed(PlainStore):
    def _refuse_closed(self) -> None:
        return


class KeepsWhatItErased(PlainStore):
    async def erase(self, erasure: Erasure) -> None:
        before = list(self.shelf.lines.get(erasure.case_id, ()))
        await super().erase(erasure)
        self.shelf.lines[erasure.case_id] = before


class LastErasureWins(PlainStore):
    async def erase(self, erasure: Erasure) -> None:
        await super().erase(erasure)
        self.shelf.erasures[erasure.case_id] = erasure


FAULTS: list[tuple[type[PlainStore], str, dict[str, Any]]] = [
    (Unconditional, "test_an_append_that_does_not_follow_changes_nothing", {"after": 0}),
    (Unconditional, "test_of_two_that_write_at_once_one_wins", {}),
    (Unconditional, "test_a_case_that_was_never_opened_cannot_be_continued", {}),
    (Unconditional, "test_a_due_time_alone_needs_the_right_seq_too", {}),
    (HalfACommit, "test_an_append_that_does_not_follow_changes_nothing", {"after": 1}),
    (CursorsFirst, "test_an_append_that_does_not_follow_changes_nothing", {"after": 3}),
    (KeysAreIgnored, "test_a_key_opens_one_case", {}),
    (KeysOpenAgain, "test_a_key_opens_one_case", {}),
    (DueInAnyOrder, "test_the_due_index_gives_the_earliest_first", {}),
    (DueTooLate, "test_the_due_index_gives_the_earliest_first", {}),
    (WholeSeconds, "test_due_times_keep_their_milliseconds", {}),
    (NeverForgetsDue, "test_the_due_index_gives_the_earliest_first", {}),
    (OneShelfOfBlobs, "test_bytes_of_one_case_are_not_another_cases", {}),
    (Forgets, "test_what_was_committed_is_read_again", {}),
    (TwoOwners, "test_a_second_opener_is_refused_or_cannot_do_harm", {}),
    (WorksWhenClosed, "test_what_is_closed_says_so", {}),
    (KeepsWhatItErased, "test_an_erased_case_has_no_contents_any_more", {}),
    (LastErasureWins, "test_an_erased_case_has_no_contents_any_more", {}),
]


@pytest.mark.parametrize(("fault", "test", "options"), FAULTS)
def test_each_broken_promise_is_found(
    tmp_path: Path, fault: type[PlainStore], test: str, options: dict[str, Any]
) -> None:
    kit = PlainKit()
    kit.kind = fault
    with pytest.raises((AssertionError, Failed, JournalConflictError)):
        getattr(kit, test)(tmp_path, **options)


@pytest.mark.parametrize("fault", [Unconditional, HalfACommit, CursorsFirst, DueInAnyOrder])
def test_random_histories_find_it_too(fault: type[PlainStore]) -> None:
    @settings(phases=[Phase.generate], report_multiple_bugs=False, max_examples=200)
    @given(lived=st.lists(steps(), max_size=12))
    def run(lived: list[Step]) -> None:
        shelf = Shelf()

        async def reopened() -> Store:
            shelf.is_open = False
            return fault(shelf)

        asyncio.run(live_through(reopened, lived, again=True))

    with pytest.raises(AssertionError):
        run()
