"""What the way to the departments must do, whatever carries the messages."""

# ruff: noqa: S101 - a kit judges by assertions; they are shown as those of a test are

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from oneservice.canonical import canonical, parse_object
from oneservice.case import DepartmentEvent, event_digest, fold
from oneservice.errors import DepartmentContractError
from oneservice.ports import Change, ChangesPage, Departments, StatusPage

__all__ = ["DepartmentsKit", "SampleSubmission"]

Check = Callable[[Departments], Awaitable[None]]
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSubmission:
    """Something that ``department`` takes: its id and its exact bytes."""

    department: str
    id: str
    body: bytes


class DepartmentsKit:
    """Every :class:`oneservice.ports.Departments` passes this: simulated, over HTTP, your own.

    Give :meth:`open_departments` and :meth:`sample`. The department must take the sample and must
    not end it at once, so that it can be withdrawn; it need not ask for anything.
    """

    def open_departments(self, folder: Path) -> AbstractAsyncContextManager[Departments]:
        """Open the departments; what they keep may lie in ``folder``."""
        raise NotImplementedError

    def sample(self, number: int) -> SampleSubmission:
        """Return the ``number``-th submission: another id for each, all at one department."""
        raise NotImplementedError

    def check(self, folder: Path, what: Check) -> None:
        """Do ``what`` with departments that are open."""

        async def run() -> None:
            async with self.open_departments(folder) as departments:
                await what(departments)

        asyncio.run(run())

    # --- filing ----------------------------------------------------------------------------------

    def test_the_department_is_named(self, tmp_path: Path) -> None:
        """Feeds are read of all that are named."""

        async def check(departments: Departments) -> None:
            assert self.sample(1).department in departments.names

        self.check(tmp_path, check)

    def test_what_is_filed_is_proven(self, tmp_path: Path) -> None:
        """The first event is the receipt; the chain, the head and the state are its fold."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            page = await departments.submit(one.department, one.id, one.body)
            _is_whole(page, one.id)
            assert page.events[0].type == "received"

        self.check(tmp_path, check)

    def test_the_same_bytes_again_change_nothing(self, tmp_path: Path) -> None:
        """Repeating is harmless by construction: nobody is served twice."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            first = await departments.submit(one.department, one.id, one.body)
            for _ in range(2):
                again = await departments.submit(one.department, one.id, one.body)
                assert again.events[: len(first.events)] == first.events
                assert [event.type for event in again.events].count("received") == 1

        self.check(tmp_path, check)

    def test_other_bytes_under_an_id_are_a_conflict(self, tmp_path: Path) -> None:
        """The engine would never do it; so somebody else did."""
        one = self.sample(1)
        other = canonical(parse_object(one.body) | {"attempt": 9})

        async def check(departments: Departments) -> None:
            before = await departments.submit(one.department, one.id, one.body)
            with pytest.raises(DepartmentContractError) as caught:
                await departments.submit(one.department, one.id, other)
            assert caught.value.problem == "submission-conflict"
            after = await departments.read(one.department, one.id, after=0)
            assert after is not None
            assert after.events[: len(before.events)] == before.events

        self.check(tmp_path, check)

    def test_two_at_once_are_filed_once(self, tmp_path: Path) -> None:
        """A retry may overtake the first try."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            await asyncio.gather(
                *(departments.submit(one.department, one.id, one.body) for _ in range(3)),
                return_exceptions=True,  # one may be told that the other is in progress
            )
            page = await departments.read(one.department, one.id, after=0)
            assert page is not None
            assert [event.type for event in page.events].count("received") == 1

        self.check(tmp_path, check)

    # --- reading ---------------------------------------------------------------------------------

    def test_what_was_never_filed_is_none(self, tmp_path: Path) -> None:
        """*None* lets the engine send again, so it must mean: certainly not there."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            assert await departments.read(one.department, one.id, after=0) is None

        self.check(tmp_path, check)

    def test_only_what_is_new_is_told(self, tmp_path: Path) -> None:
        """After a number, the events behind it; the head is always there."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            await departments.submit(one.department, one.id, one.body)
            whole = await departments.read(one.department, one.id, after=0)
            assert whole is not None
            for after in range(len(whole.events) + 1):
                part = await departments.read(one.department, one.id, after=after)
                assert part is not None
                assert part.events == whole.events[after:]
                assert (part.head_seq, part.head_digest) == (whole.head_seq, whole.head_digest)

        self.check(tmp_path, check)

    # --- the feed --------------------------------------------------------------------------------

    def test_the_feed_tells_every_event_in_order(self, tmp_path: Path) -> None:
        """Once or more, per submission in order, from the cursor of any earlier page."""
        some = [self.sample(number) for number in (1, 2)]

        async def check(departments: Departments) -> None:
            start = await _to_the_end(departments, some[0].department, None)
            for one in some:
                await departments.submit(one.department, one.id, one.body)
            news = await _to_the_end(departments, some[0].department, start.cursor)
            for one in some:
                whole = await departments.read(one.department, one.id, after=0)
                assert whole is not None
                told = [
                    event
                    for change in news.changes
                    if change.submission_id == one.id
                    for event in change.events
                ]
                assert _once(told) == whole.events, "an event of the feed is missing, or another"
            again = await _to_the_end(departments, some[0].department, start.cursor)
            assert {one.submission_id for one in again.changes} >= {one.id for one in some}
            nothing = await _to_the_end(departments, some[0].department, news.cursor)
            assert nothing.changes == (), "old news under the newest cursor"

        self.check(tmp_path, check)

    def test_without_a_cursor_every_head_is_shown(self, tmp_path: Path) -> None:
        """The snapshot: a restored backup is found by it."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            page = await departments.submit(one.department, one.id, one.body)
            snapshot = await _to_the_end(departments, one.department, None)
            heads = {change.submission_id: change for change in snapshot.changes}
            assert heads[one.id].head_seq >= page.head_seq
            if heads[one.id].head_seq == page.head_seq:
                assert heads[one.id].head_digest == page.head_digest

        self.check(tmp_path, check)

    def test_a_forgotten_cursor_is_told(self, tmp_path: Path) -> None:
        """The engine starts over; an empty page would lose news for good."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            with pytest.raises(DepartmentContractError) as caught:
                await departments.changes(one.department, cursor="never-told")
            assert caught.value.problem == "cursor-expired"

        self.check(tmp_path, check)

    # --- documents, supplements, withdrawals -----------------------------------------------------

    def test_a_document_can_be_put_twice(self, tmp_path: Path) -> None:
        """Documents have no name but their digest."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            for _ in range(2):
                await departments.put_document(
                    one.department, b"%PDF-1.7 sample", "application/pdf"
                )

        self.check(tmp_path, check)

    def test_nobody_is_supplied_with_what_was_not_asked_for(self, tmp_path: Path) -> None:
        """The race was lost honestly, so it says *not-open*; nothing is recorded."""
        one = self.sample(1)
        body = canonical({"correction_id": "never-asked", "fields": {}, "materials": []})

        async def check(departments: Departments) -> None:
            before = await departments.submit(one.department, one.id, one.body)
            with pytest.raises(DepartmentContractError) as caught:
                await departments.supplement(one.department, one.id, f"{one.id}.s1", body)
            assert caught.value.problem == "not-open"
            after = await departments.read(one.department, one.id, after=0)
            assert after is not None
            assert len(after.events) == len(before.events)

        self.check(tmp_path, check)

    def test_what_was_never_filed_cannot_be_withdrawn(self, tmp_path: Path) -> None:
        """And it is not filed by that either."""
        one = self.sample(1)

        async def check(departments: Departments) -> None:
            with pytest.raises(DepartmentContractError):
                await departments.withdraw(
                    one.department, one.id, f"{one.id}.w1", _withdrawal("applicant")
                )
            assert await departments.read(one.department, one.id, after=0) is None

        self.check(tmp_path, check)

    def test_a_withdrawal_is_asked_for_once(self, tmp_path: Path) -> None:
        """The same bytes again are harmless, others a conflict."""
        one = self.sample(1)
        body, other = _withdrawal("applicant"), _withdrawal("agent")

        async def check(departments: Departments) -> None:
            await departments.submit(one.department, one.id, one.body)
            name = f"{one.id}.w1"
            first = await departments.withdraw(one.department, one.id, name, body)
            again = await departments.withdraw(one.department, one.id, name, body)
            assert again.events[: len(first.events)] == first.events
            asked = [event for event in again.events if event.type == "withdrawal_requested"]
            assert len(asked) == 1
            with pytest.raises(DepartmentContractError) as caught:
                await departments.withdraw(one.department, one.id, name, other)
            assert caught.value.problem == "withdrawal-conflict"

        self.check(tmp_path, check)


def _withdrawal(by: str) -> bytes:
    return canonical({"requested_by": by, "requested_at": "2026-09-28T01:00:00Z"})


def _is_whole(page: StatusPage, submission_id: str) -> None:
    """Check that ``page`` proves what it says."""
    assert page.submission_id == submission_id
    assert all(event.digest == event_digest(event) for event in page.events)
    submission = fold(submission_id, page.events)
    assert submission.state == page.state, "the state is not the fold of the events"
    assert (submission.seq, submission.head) == (page.head_seq, page.head_digest)


def _once(told: list[DepartmentEvent]) -> tuple[DepartmentEvent, ...]:
    """Return ``told`` without repetitions; the first of each counts, in order."""
    return tuple({event.seq: event for event in told}.values())


async def _to_the_end(departments: Departments, name: str, cursor: str | None) -> ChangesPage:
    """Return all pages from ``cursor`` on as one."""
    changes: list[Change] = []
    for _ in range(_MOST_PAGES):
        page = await departments.changes(name, cursor=cursor)
        changes += page.changes
        cursor = page.cursor
        if not page.has_more:
            return ChangesPage(changes=tuple(changes), cursor=cursor, has_more=False)
    msg = f"the feed does not end within {_MOST_PAGES} pages"
    raise AssertionError(msg)
