"""Commits: what was written is there, appends follow, all of it or nothing."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from oneservice.canonical import digest_bytes
from oneservice.errors import JournalConflictError, JournalLockedError
from oneservice.ports import Store
from oneservice.testing.kits.journals import START, Journal
from oneservice.testing.kits.store_bench import LARGE, SMALL, StoreBench, commit, is_kept

__all__ = ["StoreCommits"]


class StoreCommits(StoreBench):
    """Nothing durable is lost, doubled or halved."""

    def test_what_was_committed_is_read_again(self, tmp_path: Path) -> None:
        """Records in their order, blobs by digest, the row of the case, cursors."""
        journal = Journal()

        async def write(store: Store) -> None:
            await commit(store, journal, records=2, blobs=(SMALL, LARGE), due=START)
            await commit(store, journal, cursors={"d": "7"}, status="concluded")

        async def read(store: Store) -> None:
            await is_kept(store, journal)
            assert await store.cursor("d") == "7"
            assert await store.stored("c2") is None, "a case that was never written is unknown"
            assert await store.records("c2") == (), "and has no records"
            assert await store.cursor("e") is None, "a feed that was never read has no cursor"

        async def both(store: Store) -> None:
            await write(store)
            await read(store)

        self.check(tmp_path, both)
        if self.survives_restarts:
            self.check(tmp_path, read)

    def test_an_empty_commit_changes_nothing(self, tmp_path: Path) -> None:
        """A turn of the loop in which nothing became due."""

        async def check(store: Store) -> None:
            await store.commit([], {})
            assert await store.cases() == ()

        self.check(tmp_path, check)

    def test_many_cases_are_committed_together(self, tmp_path: Path) -> None:
        """A group commit; all of them stand in the order in which they were opened."""
        names = [f"c{number}" for number in (3, 1, 2)]

        async def check(store: Store) -> None:
            await store.commit([Journal(name).write() for name in names], {})
            assert [one.case_id for one in await store.cases()] == names

        self.check(tmp_path, check)

    def test_a_cursor_can_be_forgotten(self, tmp_path: Path) -> None:
        """A feed whose cursor expired starts over."""

        async def check(store: Store) -> None:
            await store.commit([], {"d": "7", "e": "1"})
            await store.commit([], {"d": None})
            assert (await store.cursor("d"), await store.cursor("e")) == (None, "1")

        self.check(tmp_path, check)

    @pytest.mark.parametrize("after", [0, 1, 3])
    def test_an_append_that_does_not_follow_changes_nothing(
        self, tmp_path: Path, after: int
    ) -> None:
        """The condition is (case, seq); what stands beside it in the commit falls with it."""
        journal, other = Journal(), Journal("c2")

        async def check(store: Store) -> None:
            await commit(store, journal, records=2)
            wrong = journal.write(after=after, blobs=(LARGE,), due=START)
            for writes in ([other.write(key="k"), wrong], [wrong, other.write(key="k")]):
                with pytest.raises(JournalConflictError):
                    await store.commit(writes, {"d": "1"})
                await is_kept(store, journal)
                assert await store.stored("c2") is None, "half of a commit is there"
                assert await store.case_of_key("k") is None, "half of a commit is there"
                assert await store.cursor("d") is None, "half of a commit is there"
                assert await store.blob("c1", digest_bytes(LARGE)) is None
            await commit(store, other, blobs=(LARGE,))  # and the store still works
            await is_kept(store, other)

        self.check(tmp_path, check)

    def test_a_case_that_was_never_opened_cannot_be_continued(self, tmp_path: Path) -> None:
        """Somebody restored a backup under a running engine."""

        async def check(store: Store) -> None:
            with pytest.raises(JournalConflictError):
                await store.commit([Journal().write(after=4)], {})
            assert await store.stored("c1") is None

        self.check(tmp_path, check)

    def test_a_due_time_alone_needs_the_right_seq_too(self, tmp_path: Path) -> None:
        """A case is parked, or woken, without a record."""
        journal = Journal()

        async def check(store: Store) -> None:
            await commit(store, journal, records=2, due=START)
            await commit(store, journal, records=0, due=None)
            await is_kept(store, journal)
            with pytest.raises(JournalConflictError):
                await store.commit([journal.write(0, after=1, due=START)], {})
            assert await store.next_due() is None

        self.check(tmp_path, check)

    def test_of_two_that_write_at_once_one_wins(self, tmp_path: Path) -> None:
        """Two tasks decided on the same state; only one of the futures may become the past."""
        journal = Journal()

        async def check(store: Store) -> None:
            await commit(store, journal)
            rivals = [journal.write(number, status=f"rival {number}") for number in (1, 2, 3)]
            found = await asyncio.gather(
                *(store.commit([one], {}) for one in rivals), return_exceptions=True
            )
            won = [one for one, error in zip(rivals, found, strict=True) if error is None]
            assert len(won) == 1, f"{len(won)} of three appends after one record were taken"
            lost = [error for error in found if error is not None]
            assert all(isinstance(error, JournalConflictError) for error in lost), lost
            journal.keep(won[0])
            await is_kept(store, journal)

        self.check(tmp_path, check)

    def test_a_second_opener_is_refused_or_cannot_do_harm(self, tmp_path: Path) -> None:
        """One owner, or conditional appends: never two that both believe they wrote."""
        journal = Journal()

        async def check(store: Store) -> None:
            try:
                second = await self.open_store(tmp_path)
            except JournalLockedError:
                return
            try:
                await store.commit([journal.write()], {})
                with pytest.raises(JournalConflictError):
                    await second.commit([journal.write(2)], {})
            finally:
                await second.close()

        self.check(tmp_path, check)
