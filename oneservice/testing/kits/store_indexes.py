"""What is found without folding a case: keys, due times, blobs; and what is closed."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import JournalConflictError, JournalError
from oneservice.ports import Store
from oneservice.testing.kits.journals import START, Journal
from oneservice.testing.kits.store_bench import HOUR, LARGE, SMALL, StoreBench, commit, is_kept

__all__ = ["StoreIndexes"]


class StoreIndexes(StoreBench):
    """The engine never reads what it was not pointed at, so the pointers must be right."""

    def test_a_key_opens_one_case(self, tmp_path: Path) -> None:
        """Submitting twice under one key makes one case."""

        async def check(store: Store) -> None:
            await store.commit([Journal().write(key="visit")], {})
            with pytest.raises(JournalConflictError):
                await store.commit([Journal("c2").write(key="visit")], {})
            assert await store.case_of_key("visit") == "c1"
            assert await store.case_of_key("other") is None
            assert await store.stored("c2") is None

        self.check(tmp_path, check)

    def test_the_due_index_gives_the_earliest_first(self, tmp_path: Path) -> None:
        """It decides what a tick touches, so it may neither miss a case nor name one too early."""
        hours = {"c1": 3, "c2": 1, "c3": 2, "c4": None}
        journals = {name: Journal(name) for name in hours}

        async def check(store: Store) -> None:
            for name, after in hours.items():
                due = None if after is None else START + after * HOUR
                await commit(store, journals[name], due=due)
            assert await store.next_due() == START + HOUR
            assert await store.due(START, 10) == ()
            assert await store.due(START + HOUR, 10) == ("c2",), "a due instant is inclusive"
            assert await store.due(START + 2 * HOUR, 10) == ("c2", "c3")
            assert await store.due(START + 9 * HOUR, 2) == ("c2", "c3"), "the limit keeps order"
            await commit(store, journals["c2"], due=START + 9 * HOUR)
            await commit(store, journals["c3"], due=None)
            assert await store.due(START + 9 * HOUR, 10) == ("c1", "c2")
            assert await store.next_due() == START + 3 * HOUR

        self.check(tmp_path, check)

    def test_open_cases_are_those_that_have_not_ended(self, tmp_path: Path) -> None:
        """After a restart they say whether departments may have news for cases nobody asked for."""
        statuses = {"c1": "in_progress", "c2": "concluded", "c3": "partially_concluded"}

        async def check(store: Store) -> None:
            assert await store.open_cases(9) == ()
            for name, status in statuses.items():
                await store.commit([replace(Journal(name).write(), status=status)], {})
            assert sorted(await store.open_cases(9)) == ["c1", "c3"]
            assert len(await store.open_cases(1)) == 1

        self.check(tmp_path, check)

    def test_due_times_keep_their_milliseconds(self, tmp_path: Path) -> None:
        """The first late instant and the last one in time are a millisecond apart."""
        due = START + timedelta(milliseconds=1)

        async def check(store: Store) -> None:
            await store.commit([Journal().write(due=due)], {})
            assert await store.next_due() == due
            assert await store.due(START, 1) == ()
            assert await store.due(due, 1) == ("c1",)

        self.check(tmp_path, check)

    def test_bytes_of_one_case_are_not_another_cases(self, tmp_path: Path) -> None:
        """Many cases share the plan of the day; whoever never had it gets nothing."""
        one, two, three = Journal("c1"), Journal("c2"), Journal("c3")

        async def check(store: Store) -> None:
            await commit(store, one, blobs=(LARGE, SMALL))
            await commit(store, two, blobs=(LARGE,))
            await commit(store, three)
            for journal in (one, two, three):
                await is_kept(store, journal)
            assert await store.blob("c3", digest_bytes(LARGE)) is None
            assert await store.blob("c2", digest_bytes(SMALL)) is None

        self.check(tmp_path, check)

    def test_what_is_closed_says_so(self, tmp_path: Path) -> None:
        """Closing twice is harmless; asking later is an error of ours, no foreign one."""

        async def run() -> None:
            store = await self.open_store(tmp_path)
            await store.close()
            await store.close()
            with pytest.raises(JournalError):
                await store.commit([Journal().write()], {})

        asyncio.run(run())
