"""Both sides of the protocol on one wire: our client files at our adapter."""

from __future__ import annotations

from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.clocks import SystemClock
from oneservice.departments import (
    Accepted,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    VerifyingKey,
)
from oneservice.errors import DepartmentContractError

HERE = "market-regulation"


def departments(desk: Any, key: Any) -> HttpDepartments:
    trusted = VerifyingKey(keyid="dept-1", alg=key.alg, public_key=key.public_key)
    endpoint = DepartmentEndpoint(base_url=desk.url, keys=(trusted,))
    return HttpDepartments({HERE: endpoint}, clock=SystemClock())


async def test_a_case_goes_through(desk: Any) -> None:
    async with departments(desk, desk.key) as engine:
        assert await engine.read(HERE, "c1.l.1", after=0) is None
        page = await engine.submit(HERE, "c1.l.1", desk.body("needs_layout"))
        assert page.state == "correction_requested"
        await engine.put_document(HERE, b"layout", "application/pdf")
        item = desk.item("m_layout", digest_bytes(b"layout"))
        answer = desk.supplement(correction_id="r2", materials=(item,))
        assert (await engine.supplement(HERE, "c1.l.1", "s1", answer)).state == "received"
        snapshot = await engine.changes(HERE, cursor=None)
        assert [one.head_seq for one in snapshot.changes] == [3]
        await desk.app.record("c1.l.1", Accepted())
        news = await engine.changes(HERE, cursor=snapshot.cursor)
        assert [event.type for event in news.changes[0].events] == ["accepted"]
        page = await engine.withdraw(HERE, "c1.l.1", "w1", desk.withdrawal())
        assert page.state == "withdrawn"
        rest = await engine.read(HERE, "c1.l.1", after=4)
        assert rest is not None
        assert [event.seq for event in rest.events] == [5, 6]


@pytest.mark.parametrize(
    ("step", "code"), [("nowhere", "unknown-step"), ("", "invalid-submission")]
)
async def test_refusals_carry_their_code(desk: Any, step: str, code: str) -> None:
    async with departments(desk, desk.key) as engine:
        with pytest.raises(DepartmentContractError) as caught:
            await engine.submit(HERE, "c1.a.1", desk.body(step))
        assert caught.value.problem == code


async def test_a_key_that_only_the_department_names_is_not_trusted(desk: Any) -> None:
    async with departments(desk, Ed25519EventKey.generate("dept-1")) as engine:
        with pytest.raises(DepartmentContractError) as caught:
            await engine.submit(HERE, "c1.a.1", desk.body())
        assert caught.value.problem == "bad-event-signature"
