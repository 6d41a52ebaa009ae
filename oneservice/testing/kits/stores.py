"""What a :class:`oneservice.ports.Store` must do, whatever it stands on."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oneservice.errors import CaseErasedError, CaseNotFoundError, JournalConflictError
from oneservice.ports import Erasure, Store
from oneservice.testing.kits.histories import Step, live_through, steps
from oneservice.testing.kits.journals import START, Journal
from oneservice.testing.kits.killing import commits_until_killed
from oneservice.testing.kits.store_bench import (
    HOUR,
    LARGE,
    SMALL,
    commit,
    erasure_of,
    is_kept,
)
from oneservice.testing.kits.store_commits import StoreCommits
from oneservice.testing.kits.store_indexes import StoreIndexes

__all__ = ["StoreKit"]


class StoreKit(StoreCommits, StoreIndexes):
    """Every store passes this; subclass it and give :meth:`open_store`."""

    def test_an_erased_case_has_no_contents_any_more(self, tmp_path: Path) -> None:
        """Nothing personal is left; that there was a case, and who erased it, is."""
        if not self.can_erase:
            pytest.skip("this store cannot erase")
        gone, left = Journal("c1"), Journal("c2")

        async def check(store: Store) -> None:
            await commit(store, gone, records=2, blobs=(SMALL, LARGE), due=START, key="visit")
            await commit(store, left, blobs=(SMALL, LARGE))
            erasure = erasure_of(gone)
            with pytest.raises(JournalConflictError):
                await store.erase(erasure_of(gone, seq=1))
            await store.erase(erasure)
            await store.erase(erasure_of(gone, why="again"))
            await self._is_erased(store, gone, erasure)
            await is_kept(store, left)
            with pytest.raises(CaseNotFoundError):
                await store.erase(erasure_of(Journal("c9"), seq=0))

        self.check(tmp_path, check)
        if self.survives_restarts:
            self.check(tmp_path, lambda store: self._is_erased(store, gone, erasure_of(gone)))

    @staticmethod
    async def _is_erased(store: Store, gone: Journal, erasure: Erasure) -> None:
        assert await store.erasure("c1") == erasure
        assert await store.erasure("c2") is None
        stored = await store.stored("c1")
        assert stored is not None
        assert (stored.secret, stored.next_due) == ("", None), "its secret is left"
        assert stored.erased_at == erasure.at
        for digest in gone.blobs:
            with pytest.raises(CaseErasedError):
                await store.blob("c1", digest)
        redacted = await store.records("c1")
        assert len(redacted) == len(gone.lines), "the chain lost a link"
        assert not set(redacted) & set(gone.lines), "a record is still there in the clear"
        assert await store.due(START + 9 * HOUR, 10) == (), "an erased case is woken"
        assert await store.case_of_key("visit") == "c1", "a late repeat would open it anew"
        with pytest.raises(JournalConflictError):
            await store.commit([Journal("c3").write(key="visit")], {})

    @settings(
        max_examples=20,
        deadline=None,
        # Each subclass runs it on its own store, which is the point.
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(lived=st.lists(steps(), max_size=12))
    def test_any_history_is_that_of_the_naive_model(self, lived: list[Step]) -> None:
        """Right and wrong appends, grouped and alone, reopened in between."""
        with tempfile.TemporaryDirectory() as folder:
            again = self.survives_restarts
            asyncio.run(live_through(lambda: self.open_store(Path(folder)), lived, again=again))

    def test_a_kill_in_the_middle_of_commits_loses_nothing_that_was_answered(
        self, tmp_path: Path
    ) -> None:
        """A process commits as fast as it can and is killed; four times on the same files."""
        if not self.survives_kills:
            pytest.skip("this store lives in one process")
        answered = 0
        for _ in range(4):
            answered = commits_until_killed(type(self), tmp_path, at_least=answered + 5)

        async def check(store: Store) -> None:
            stored = await store.stored("c1")
            assert stored is not None
            assert stored.seq >= answered, "an answered commit was lost"
            journal = Journal()
            while len(journal.lines) < stored.seq:
                journal.keep(journal.write(blobs=(b"%d" % len(journal.lines),)))
            assert await store.records("c1") == tuple(journal.lines)
            for digest, content in journal.blobs.items():
                assert await store.blob("c1", digest) == content, "half of a commit is there"
            assert await store.cursor("d") == str(stored.seq), "half of a commit is there"

        self.check(tmp_path, check)
