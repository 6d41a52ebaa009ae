"""A limit on the values of a message: what is small on the wire must stay small in memory."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.canonical import canonical, parse_object
from oneservice.departments import (
    Accepted,
    AdapterApp,
    Outcome,
    Progress,
    Submission,
    parse_changes,
    parse_problem,
    parse_status,
    parse_submission,
)
from oneservice.departments.counting import marks, refuse_many_values
from oneservice.departments.wire import (
    MAX_CHANGES_BYTES,
    MAX_CHANGES_VALUES,
    MAX_EVENT_VALUES,
    MAX_JSON_BYTES,
    MAX_VALUES,
)
from oneservice.errors import AdapterError, ProtocolProblemError

HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
UNITS = (b"[],", b"{},", b"1,", b'"",', b"[[]],", b'{"":1},', b"null,")
MIB = 1_048_576


def filled(unit: bytes, size: int) -> bytes:
    return b'{"x_list":[' + (unit * (size // len(unit)))[: size - 20].rpartition(b",")[0] + b"]}"


def peak_of(parse: Any, data: bytes) -> tuple[int, str]:
    """Return the most bytes that Python held for it, and how it was refused."""
    tracemalloc.start()
    try:
        parse(data)
        refused = ""
    except ProtocolProblemError as error:
        refused = error.problem
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, refused


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("parse", "size"),
    [
        (parse_submission, MAX_JSON_BYTES),
        (parse_status, MAX_JSON_BYTES),
        (parse_problem, MAX_JSON_BYTES),
        (parse_changes, MAX_CHANGES_BYTES),
    ],
)
def test_a_message_of_nothing_but_values_costs_nothing(parse: Any, size: int, unit: bytes) -> None:
    peak, refused = peak_of(parse, filled(unit, size))
    assert refused == "too-large"
    assert peak < MIB / 4  # 73 to 570 MB before there was a limit


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_taken_stays_within_a_few_times_its_bytes(unit: bytes) -> None:
    items = b"[" + (unit * 900)[:-1] + b"]"
    body = b'{"case_id":"c","step_id":"s","attempt":1,"applicant":{"kind":"person"}'
    count = (MAX_VALUES - 100) // (marks(items) + 1)
    whole = body + b"".join(b',"x_%d":%s' % (one, items) for one in range(count)) + b"}"
    peak, refused = peak_of(parse_submission, whole)
    assert refused == ""
    assert peak < 12 * MIB


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('a,[{"\\]}:\n', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text('k,[{"\\', max_size=4), inner)
    ),
    max_leaves=30,
)


def counted(value: Any) -> int:
    """Return how many marks stand outside of texts: a value each, and one for what is empty."""
    inside = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(inside, list):
        return 0
    return max(1, len(inside)) + sum(counted(one) for one in inside)


@given(json_values)
@settings(max_examples=150)
def test_marks_within_texts_do_not_count(value: Any) -> None:
    data, exact = canonical(value), counted(value)
    refuse_many_values(data, exact)
    assert marks(data) >= exact
    if exact:
        with pytest.raises(ProtocolProblemError) as caught:
            refuse_many_values(data, exact - 1)
        assert caught.value.problem == "too-large"
        assert caught.value.members == {"values": exact - 1}


@pytest.mark.parametrize(
    "data",
    [
        b'"' * MIB,
        b'"' + b'\\"' * (MIB // 2) + b"," * 30_000,
        b',"' * (MIB // 2),
        b'"" ' * (MIB // 3) + b"," * 30_000,
        b"\\" * MIB + b"," * 30_000,
        b'["' + b',,,,","' * (MIB // 8) + b'"]',
        b'{"a":"' + b"," * MIB + b'"}',
    ],
)
def test_counting_is_done_in_one_pass(data: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(ProtocolProblemError):
        refuse_many_values(data, MAX_VALUES)
    assert time.process_time() - began < 0.5  # 2 to 14 ms; trying twice would take minutes


async def test_a_department_says_so_and_writes_no_event_that_it_would_not_read(
    tmp_path: Path,
) -> None:
    app = AdapterApp("sample-office", store=tmp_path / "register.db")

    @app.step("plain")
    async def plain(_submission: Submission) -> Outcome:
        return Accepted(promised_working_days=5)

    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    async with app, httpx.AsyncClient(transport=transport, headers=HEADERS) as client:
        url = "http://adapter/oneservice/v1/submissions/c1"
        answer = await client.put(url, content=filled(b"[],", MAX_JSON_BYTES))
        assert (answer.status_code, answer.json()["values"]) == (413, MAX_VALUES)
        assert answer.json()["type"] == "urn:oneservice:problem:too-large"
        body = {"case_id": "c1", "step_id": "plain", "attempt": 1, "applicant": {"kind": "person"}}
        assert (await client.put(url, content=canonical(body))).status_code == 201
        crowd = {"zh": "排队", **{f"x{number}": "y" for number in range(MAX_EVENT_VALUES)}}
        with pytest.raises(AdapterError, match="cannot go on the wire"):
            await app.record("c1", Progress(label=crowd))
        half = {f"x{number}": "y" for number in range(MAX_EVENT_VALUES // 2)}
        for _ in range(5):
            await app.record("c1", Progress(label=half))
        page = await client.get(f"{url}?after=0")
        told = parse_status(page.content)
        assert 1 <= len(told.events) < told.head_seq == 7
        changes = await client.get("http://adapter/oneservice/v1/changes?after=v1.0")
        assert len(parse_changes(changes.content).changes[0].events) == 7
        assert marks(changes.content) < MAX_CHANGES_VALUES
        assert parse_object(changes.content)["more"] is False
