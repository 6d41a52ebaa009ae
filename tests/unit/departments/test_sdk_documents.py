"""Documents by digest: statements P-49 to P-53."""

from __future__ import annotations

from typing import Any

import pytest

from oneservice.canonical import digest_bytes
from oneservice.departments import parse_problem


def path(data: bytes) -> str:
    return f"/documents/{digest_bytes(data).replace(':', '-')}"


async def put(desk: Any, place: str, data: bytes, **headers: str) -> Any:
    return await desk.http.put(
        desk.url + place, content=data, headers={"Content-Type": "application/pdf", **headers}
    )


async def test_p49_a_match_is_stored_once(desk: Any) -> None:
    assert (await put(desk, path(b"abc"), b"abc")).status_code == 201
    assert (await put(desk, path(b"abc"), b"abc")).status_code == 200
    answer = await desk.get(path(b"abc"))
    assert (answer.status_code, answer.content) == (200, b"abc")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = await desk.http.head(desk.url + path(b"abc"))
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "3", b"")


async def test_p50_a_mismatch_is_not_kept(desk: Any) -> None:
    answer = await put(desk, path(b"abc"), b"abd")
    assert (answer.status_code, parse_problem(answer.content).code) == (422, "digest-mismatch")
    assert (await desk.http.head(desk.url + path(b"abc"))).status_code == 404
    assert (await desk.http.head(desk.url + path(b"abd"))).status_code == 404


async def test_p51_other_callers_documents_are_not_there(desk: Any) -> None:
    await put(desk, path(b"abc"), b"abc")
    answer = await desk.get(path(b"abc"), **{"X-Caller": "other"})
    assert (answer.status_code, parse_problem(answer.content).code) == (404, "unknown-document")
    assert (await put(desk, path(b"abc"), b"abc", **{"X-Caller": "other"})).status_code == 201


RANGES = [
    ("bytes=0-9", 206, b"0123456789", "bytes 0-9/100"),
    ("bytes=95-", 206, b"56789", "bytes 95-99/100"),
    ("bytes=-3", 206, b"789", "bytes 97-99/100"),
    ("bytes=90-500", 206, b"0123456789", "bytes 90-99/100"),
    ("bytes=-500", 206, b"0123456789" * 10, "bytes 0-99/100"),
    ("bytes=100-", 416, None, "bytes */100"),
    ("bytes=-0", 416, None, "bytes */100"),
    ("bytes=5-4", 200, b"0123456789" * 10, None),
    ("bytes=0-1,3-4", 200, b"0123456789" * 10, None),
    ("lines=0-1", 200, b"0123456789" * 10, None),
    ("bytes=-", 200, b"0123456789" * 10, None),
]


@pytest.mark.parametrize(("wanted", "status", "body", "told"), RANGES)
async def test_p53_ranges_of_outcomes(
    desk: Any, wanted: str, status: int, body: bytes | None, told: str | None
) -> None:
    page = await desk.file("c1.spot.1", "spot")
    digest = page.events[-1].data["outcome"]["documents"][0]["digest"]
    place = f"/documents/{digest.replace(':', '-')}"
    answer = await desk.get(place, Range=wanted)
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, told)
    if body is not None:
        assert answer.content == body


@pytest.mark.parametrize("name", ["sha256-abc", "sha512-" + "0" * 64, "sha256-" + "A" * 64, "x"])
async def test_other_names_are_no_documents(desk: Any, name: str) -> None:
    for answer in (
        await desk.get(f"/documents/{name}"),
        await put(desk, f"/documents/{name}", b""),
    ):
        assert (answer.status_code, parse_problem(answer.content).code) == (400, "malformed")


async def test_a_media_type_that_cannot_be_read_is_refused(desk: Any) -> None:
    answer = await put(desk, path(b"abc"), b"abc", **{"Content-Type": "pdf"})
    assert (answer.status_code, parse_problem(answer.content).code) == (415, "media-type")
