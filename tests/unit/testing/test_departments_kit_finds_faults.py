"""Departments that keep the protocol but for one promise each fail where they should."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Failed

from oneservice.canonical import canonical
from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.clocks import VirtualClock
from oneservice.errors import DepartmentContractError
from oneservice.ports import ChangesPage, Departments, StatusPage
from oneservice.sandbox import SandboxSeals, SimulatedDepartments
from oneservice.testing import DepartmentsKit, SampleSubmission

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
OFFICE = "market-regulation"


@cache
def seals() -> SandboxSeals:
    things = load_catalog([bundled_catalog_dir()]).things("990101", START.date())
    return SandboxSeals({one.thing.id: one for one in things}, region="990101")


class TakesOtherBytes(SimulatedDepartments):
    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        try:
            return await super().submit(department, submission_id, body)
        except DepartmentContractError:
            page = await self.read(department, submission_id, after=0)
            assert page is not None
            return page


class NeverHeardOfIt(SimulatedDepartments):
    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        await super().read(department, submission_id, after=after)
        return None


class KnowsEverything(SimulatedDepartments):
    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        page = await super().read(department, submission_id, after=after)
        empty = StatusPage(
            submission_id=submission_id, state="", head_seq=0, head_digest=None, events=()
        )
        return page or empty


class TellsAllAgain(SimulatedDepartments):
    async def read(self, department: str, submission_id: str, *, after: int) -> StatusPage | None:
        del after
        return await super().read(department, submission_id, after=0)


class LiesAboutTheState(SimulatedDepartments):
    async def submit(self, department: str, submission_id: str, body: bytes) -> StatusPage:
        return replace(await super().submit(department, submission_id, body), state="granted")


class SilentFeed(SimulatedDepartments):
    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        page = await super().changes(department, cursor=cursor)
        return page if cursor is None else replace(page, changes=())


class FeedStandsStill(SimulatedDepartments):
    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        page = await super().changes(department, cursor=cursor)
        return page if cursor is None else replace(page, cursor=cursor)


class EmptySnapshot(SimulatedDepartments):
    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        page = await super().changes(department, cursor=cursor)
        return page if cursor is not None else replace(page, changes=())


class TakesAnyCursor(SimulatedDepartments):
    async def changes(self, department: str, *, cursor: str | None) -> ChangesPage:
        known = cursor is None or cursor.isdecimal()
        return await super().changes(department, cursor=cursor if known else "0")


class TakesWhatNobodyAskedFor(SimulatedDepartments):
    async def supplement(
        self, department: str, submission_id: str, supplement_id: str, body: bytes
    ) -> StatusPage:
        del supplement_id, body
        page = await self.read(department, submission_id, after=0)
        assert page is not None
        return page


class ForgetsWithdrawals(SimulatedDepartments):
    async def withdraw(
        self, department: str, submission_id: str, withdrawal_id: str, body: bytes
    ) -> StatusPage:
        await super().withdraw(department, submission_id, withdrawal_id, body)
        return await super().withdraw(department, submission_id, f"{withdrawal_id}.again", body)


class Nameless(SimulatedDepartments):
    @property
    def names(self) -> Any:
        return ()


class Kit(DepartmentsKit):
    kind: type[SimulatedDepartments] = SimulatedDepartments

    @asynccontextmanager
    async def open_departments(self, folder: Path) -> AsyncIterator[Departments]:
        path = folder / "departments.db"
        departments = self.kind(clock=VirtualClock(START), seals=seals(), path=path)
        try:
            yield departments
        finally:
            departments.close()

    def sample(self, number: int) -> SampleSubmission:
        applicant = {"kind": "organisation", "name": "n", "code": "92990101MA99000523"}
        body = {"case_id": f"c{number}", "step_id": "food_permit", "attempt": 1}
        return SampleSubmission(
            department=OFFICE,
            id=f"c{number}.food_permit.1",
            body=canonical(body | {"applicant": applicant, "fields": {}, "materials": []}),
        )


FAULTS = [
    (TakesOtherBytes, "test_other_bytes_under_an_id_are_a_conflict"),
    (NeverHeardOfIt, "test_only_what_is_new_is_told"),
    (NeverHeardOfIt, "test_two_at_once_are_filed_once"),
    (KnowsEverything, "test_what_was_never_filed_is_none"),
    (TellsAllAgain, "test_only_what_is_new_is_told"),
    (LiesAboutTheState, "test_what_is_filed_is_proven"),
    (SilentFeed, "test_the_feed_tells_every_event_in_order"),
    (FeedStandsStill, "test_the_feed_tells_every_event_in_order"),
    (EmptySnapshot, "test_without_a_cursor_every_head_is_shown"),
    (TakesAnyCursor, "test_a_forgotten_cursor_is_told"),
    (TakesWhatNobodyAskedFor, "test_nobody_is_supplied_with_what_was_not_asked_for"),
    (ForgetsWithdrawals, "test_a_withdrawal_is_asked_for_once"),
    (Nameless, "test_the_department_is_named"),
]


@pytest.mark.parametrize(("fault", "test"), FAULTS)
def test_each_broken_promise_is_found(
    tmp_path: Path, fault: type[SimulatedDepartments], test: str
) -> None:
    whole = Kit()
    (tmp_path / "whole").mkdir()
    getattr(whole, test)(tmp_path / "whole")
    broken = Kit()
    broken.kind = fault
    with pytest.raises((AssertionError, Failed, KeyError, DepartmentContractError)):
        getattr(broken, test)(tmp_path)
