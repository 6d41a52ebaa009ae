"""A counter to file at: an office in this process, spoken to over ASGI, on a virtual clock."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.clocks import VirtualClock
from oneservice.departments import (
    MaterialItem,
    SubmissionBody,
    SupplementBody,
    WithdrawalBody,
    compose_submission,
    compose_supplement,
    compose_withdrawal,
)
from oneservice_adapters import Office, Story, opened_office
from oneservice_adapters.hours import ZONE

HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
SHOP = {
    "name": "示例面馆",
    "credit_code": "92990101MA99000523",
    "legal_rep_name": "张三",
    "legal_rep_id_no": "990101199001010019",
    "subject_type": "sole_trader",
    "main_format": "catering",
    "area": "80",
    "address": "示例路1号",
}


@dataclass(slots=True, kw_only=True)
class Counter:
    """An office and its clock, with the words that an engine would use."""

    office: Office
    clock: VirtualClock
    http: httpx.AsyncClient
    case: str = "c1"
    ids: dict[str, str] = field(default_factory=dict)

    async def file(
        self,
        step_id: str,
        *,
        without: Iterable[str] = (),
        fields: dict[str, Any] | None = None,
        attempt: int = 1,
        **members: Any,
    ) -> dict[str, Any]:
        """File an application that is complete but for ``without``; return its status."""
        procedure = self.office.profile.procedure(step_id)
        body = SubmissionBody(
            case_id=self.case,
            step_id=step_id,
            attempt=attempt,
            fields={**SHOP, **(fields or {})},
            materials=tuple(
                MaterialItem(material=one, source="generated")
                for one in procedure.knows
                if one not in without
            ),
            **{
                "applicant": {"kind": "organisation", "name": "面馆", "code": SHOP["credit_code"]},
                "region": "990101",
                **members,
            },
        )
        self.ids[step_id] = f"{self.case}.{step_id}.{attempt}"
        answer = await self.http.put(
            f"/submissions/{self.ids[step_id]}", content=compose_submission(body)
        )
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def supplement(
        self, step_id: str, materials: Iterable[str] = (), fields: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Answer the open correction."""
        asked = (await self.status(step_id))["events"][-1]["data"]["correction_id"]
        body = SupplementBody(
            correction_id=asked,
            fields=fields or {},
            materials=tuple(MaterialItem(material=one, source="generated") for one in materials),
        )
        answer = await self.http.put(
            f"/submissions/{self.ids[step_id]}/supplements/s-{asked}",
            content=compose_supplement(body),
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def withdraw(self, step_id: str) -> httpx.Response:
        """Ask to withdraw."""
        return await self.http.put(
            f"/submissions/{self.ids[step_id]}/withdrawals/w1",
            content=compose_withdrawal(WithdrawalBody()),
        )

    async def status(self, step_id: str, *, days: int = 0) -> dict[str, Any]:
        """Return the status after ``days`` more."""
        self.clock.advance(timedelta(days=days))
        answer = await self.http.get(f"/submissions/{self.ids[step_id]}")
        assert answer.status_code == 200, answer.text
        return answer.json()


Opens = Callable[..., AbstractAsyncContextManager[Counter]]


@pytest.fixture
def open_counter(tmp_path: Path) -> Opens:
    """Open a department's counter on Monday, 28 September 2026, 10:00."""

    @contextlib.asynccontextmanager
    async def opens(
        department: str,
        *,
        stories: dict[str, str] | None = None,
        seed: int = 0,
        start: datetime = datetime(2026, 9, 28, 10, tzinfo=ZONE),
        name: str = "office",
        **options: Any,
    ) -> AsyncIterator[Counter]:
        clock = VirtualClock(start)
        told = {step: Story(word) for step, word in (stories or {}).items()}
        folder = tmp_path / name
        with opened_office(
            folder, department, clock=clock, stories=told, seed=seed, **options
        ) as office:
            transport = httpx.ASGITransport(app=office.app)
            async with (
                office.app,
                httpx.AsyncClient(
                    transport=transport, base_url="http://office/oneservice/v1", headers=HEADERS
                ) as http,
            ):
                yield Counter(office=office, clock=clock, http=http)

    return opens
