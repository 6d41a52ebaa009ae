"""Filing over real sockets: protocol sections 3 and 4, statements P-01 to P-16."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from oneservice.canonical import Digest, digest_bytes
from oneservice.departments import (
    Accepted,
    AdapterApp,
    Outcome,
    Promise,
    Submission,
    parse_capabilities,
    parse_problem,
    running,
)

ABSENT = Digest("sha256:" + "0" * 64)


async def test_p01_capabilities_have_an_etag_and_revalidate(desk: Any) -> None:
    answer = await desk.get("/capabilities")
    assert answer.status_code == 200
    found = parse_capabilities(answer.content)
    assert found.department == "market-regulation"
    assert found.name == {"zh": "市场监督管理局"}
    assert [key.public_key for key in found.keys] == [desk.key.public_key]
    again = await desk.get("/capabilities", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await desk.get("/capabilities", **{"If-None-Match": '"sha256:other"'})
    assert other.status_code == 200


async def test_p02_every_listed_step_can_be_filed(desk: Any) -> None:
    found = parse_capabilities((await desk.get("/capabilities")).content)
    for step in found.steps:
        page = await desk.file(f"c1.{step.step_id}.1", step.step_id)
        assert page.events[0].type == "received"


@pytest.mark.parametrize("version", [None, "", "1", "2.0", "1.0, 2.0"])
async def test_p06_other_versions_are_told_which_are_spoken(desk: Any, version: str | None) -> None:
    async with httpx.AsyncClient() as http:
        headers = {} if version is None else {"OneService-Version": version}
        answer = await http.get(f"{desk.url}/capabilities", headers=headers)
    problem = parse_problem(answer.content)
    assert (answer.status_code, problem.code) == (400, "unsupported-version")
    assert problem.members["supported"] == ["1.0"]


async def test_p07_first_put_is_received_with_the_digest_of_the_bytes(desk: Any) -> None:
    data = desk.body()
    answer = await desk.put("/submissions/c1.plain.1", data)
    page = desk.proven(answer)
    assert answer.status_code == 201
    assert [event.type for event in page.events] == ["received"]
    assert page.events[0].data["request_digest"] == digest_bytes(data)
    assert page.state == "received"
    assert answer.headers["OneService-Version"] == "1.0"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["ETag"] == f'"{page.head_digest}"'


async def test_p08_the_same_put_again_is_known(desk: Any) -> None:
    data = desk.body()
    first = await desk.put("/submissions/c1.plain.1", data)
    again = await desk.put("/submissions/c1.plain.1", data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert desk.filed == ["c1.plain.1"]


async def test_p09_ten_at_once_file_once(desk: Any) -> None:
    data = desk.body()
    answers = await asyncio.gather(*(desk.put("/submissions/c1.plain.1", data) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert desk.filed == ["c1.plain.1"]
    assert len((await desk.read("c1.plain.1")).events) == 1


async def test_p10_other_bytes_under_the_id_change_nothing(desk: Any) -> None:
    await desk.file("c1.plain.1")
    before = (await desk.get("/submissions/c1.plain.1")).content
    answer = await desk.put("/submissions/c1.plain.1", desk.body() + b"\n")
    assert (answer.status_code, parse_problem(answer.content).code) == (409, "submission-conflict")
    assert (await desk.get("/submissions/c1.plain.1")).content == before


async def test_p13_missing_material_is_a_correction_not_an_error(desk: Any) -> None:
    page = await desk.file("c1.l.1", "needs_layout")
    assert page.state == "correction_requested"
    request = page.events[1].data
    assert request["items"] == [
        {
            "material": "m_layout",
            "problem": "missing",
            "text": {"en": "The floor plan is missing."},
        }
    ]
    assert request["is_complete_list"] is True  # P-29


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"attempt": 0}, "/attempt"),
        ({"attempt": "1"}, "/attempt"),
        ({"attempt": True}, "/attempt"),
        ({"case_id": None}, "/case_id"),
        ({"case_id": "c 1"}, "/case_id"),
        ({"applicant": []}, "/applicant"),
        ({"applicant": {"name": "x"}}, "/applicant/kind"),
        ({"materials": [{"documents": []}]}, "/materials/0/material"),
        ({"materials": [7]}, "/materials/0"),
        ({"materials": [{"material": "m", "documents": [{}]}]}, "/materials/0/documents/0/digest"),
        ({"promises": [{"material": "m", "until": "2026-02-30"}]}, "/promises/0/until"),
        ({"window_received_at": "yesterday"}, "/window_received_at"),
        ({"definition": "sha256:zz"}, "/definition"),
    ],
)
async def test_p14_wrong_shape_is_422_with_pointers_and_leaves_no_trace(
    desk: Any, change: dict[str, Any], pointer: str
) -> None:
    data = json.dumps(json.loads(desk.body()) | change).encode()
    answer = await desk.put("/submissions/c1.plain.1", data)
    problem = parse_problem(answer.content)
    assert (answer.status_code, problem.code) == (422, "invalid-submission")
    assert pointer in [one["pointer"] for one in problem.members["errors"]]
    assert (await desk.get("/submissions/c1.plain.1")).status_code == 404
    assert desk.filed == []
    assert (await desk.put("/submissions/c1.plain.1", desk.body())).status_code == 201


class Sign(BaseModel):
    kind: Literal["sign"]


class Stall(BaseModel):
    kind: Literal["stall"]


class Form(BaseModel):
    area: Decimal
    seats: int = 0
    extra: Annotated[Sign | Stall, Field(discriminator="kind")] | None = None
    owners: dict[str, int] = {}

    @field_validator("area")
    @classmethod
    def not_tiny(cls, area: Decimal) -> Decimal:
        if area < 5:
            msg = f"secret value {area}"
            raise ValueError(msg)
        if area > 5000:
            raise PydanticCustomError("much_too_large", "secret value {area}", {"area": area})
        return area


async def test_p03_p14_a_model_is_schema_and_check(tmp_path: Path, desk: Any) -> None:
    app = AdapterApp("health", store=tmp_path / "h.db")
    seen: list[Any] = []

    @app.step("modelled", fields=Form)
    def modelled(submission: Submission) -> Outcome:
        seen.append(submission.form)
        return Accepted()

    @app.step("checked", fields=lambda fields: [] if fields else [("/area", "is missing")])
    def checked(_submission: Submission) -> Outcome:
        return Accepted()

    async with running(app) as url:
        desk.url = url
        found = parse_capabilities((await desk.get("/capabilities")).content)
        schema = {step.step_id: step.fields_schema for step in found.steps}["modelled"]
        assert schema is not None
        assert "area" in schema["properties"]
        body = desk.body("modelled", fields={"area": "82.5"})
        assert (await desk.put("/submissions/a.1", body)).status_code == 201
        assert seen == [Form(area=Decimal("82.5"))]
        for fields, pointer in (
            ({}, "/fields/area"),
            ({"area": "4"}, "/fields/area"),
            ({"area": "5001"}, "/fields/area"),
            ({"area": "9", "extra": {"kind": "secret"}}, "/fields/extra"),
            ({"area": "9", "owners": {"a/b~c": "x"}}, "/fields/owners/a~1b~0c"),
        ):
            answer = await desk.put("/submissions/a.2", desk.body("modelled", fields=fields))
            problem = parse_problem(answer.content)
            assert answer.status_code == 422
            assert [one["pointer"] for one in problem.members["errors"]] == [pointer]
            assert "secret" not in answer.text
        answer = await desk.put("/submissions/a.3", desk.body("checked"))
        assert parse_problem(answer.content).members["errors"] == [
            {"pointer": "/fields/area", "problem": "is missing"}
        ]


@pytest.mark.parametrize("name", ["a%20b", "a%2Fb", "%E4%B8%80", "a" * 97, "a*b", "%00"])
async def test_p15_ids_outside_the_alphabet(desk: Any, name: str) -> None:
    answer = await desk.put(f"/submissions/{name}", desk.body())
    assert answer.status_code in {400, 404}
    assert parse_problem(answer.content).kind is not None


async def test_p16_unknown_members_and_nulls_are_ignored(desk: Any) -> None:
    document = json.loads(desk.body()) | {"novelty": {"a": [1]}, "continues": None}
    answer = await desk.put("/submissions/c1.plain.1", json.dumps(document).encode())
    assert answer.status_code == 201


async def test_unknown_steps_are_told(desk: Any) -> None:
    answer = await desk.put("/submissions/c1.x.1", desk.body("nowhere"))
    assert (answer.status_code, parse_problem(answer.content).code) == (404, "unknown-step")


async def test_p52_all_missing_documents_are_named(desk: Any) -> None:
    there = await desk.upload(b"there")
    other = Digest("sha256:" + "1" * 64)
    data = desk.body(
        materials=(desk.item("m", there, ABSENT),),
        promises=(Promise(material="p", until="2026-12-01", document=other),),
    )
    answer = await desk.put("/submissions/c1.plain.1", data)
    problem = parse_problem(answer.content)
    assert (answer.status_code, problem.code) == (422, "missing-document")
    assert problem.members["digests"] == [ABSENT, other]


async def test_a_decision_on_the_spot_is_there_at_once(desk: Any) -> None:
    page = await desk.file("c1.spot.1", "spot")
    assert [event.type for event in page.events] == ["received", "accepted", "granted"]
    assert page.state == "granted"
    assert page.events[1].data["acceptance_no"] == "JY-1"


async def test_p81_other_callers_submissions_are_not_there(desk: Any) -> None:
    await desk.file("c1.plain.1")
    answer = await desk.get("/submissions/c1.plain.1", **{"X-Caller": "other"})
    assert (answer.status_code, parse_problem(answer.content).code) == (404, "unknown-submission")
    mine = await desk.put("/submissions/c1.plain.1", desk.body(), **{"X-Caller": "other"})
    assert mine.status_code == 201


async def test_a_digest_that_does_not_fit_is_refused(desk: Any) -> None:
    wrong = {"Content-Digest": "sha-256=:" + "A" * 43 + "=:"}
    answer = await desk.put("/submissions/c1.plain.1", desk.body(), **wrong)
    assert (answer.status_code, parse_problem(answer.content).code) == (400, "digest-mismatch")
