"""Offices that misbehave on purpose: what a caller sees, and what the register holds after it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.clocks import SystemClock
from oneservice.departments import SubmissionBody, compose_submission, running
from oneservice.errors import AdapterError
from oneservice_adapters import Faults, opened_office, parse_faults
from oneservice_adapters.misbehaving import Misbehaving

HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
BODY = compose_submission(
    SubmissionBody(
        case_id="c1",
        step_id="only_child_check",
        attempt=1,
        applicant={"kind": "organisation", "name": "面馆", "code": "92990101MA99000523"},
    )
)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("none", Faults()),
        ("", Faults()),
        ("lost", Faults(lost=5)),
        ("lost=100, delay=1", Faults(lost=100, delay=1)),
        ("crash=30,rewind", Faults(crash=30, rewind=300)),
        ("all", Faults(delay=20, unavailable=10, lost=5, duplicate=10, crash=60, rewind=300)),
    ],
)
def test_what_a_list_of_faults_says(text: str, faults: Faults) -> None:
    assert parse_faults(text) == faults


@pytest.mark.parametrize(
    "text", ["lose", "lost=0", "lost=101", "lost=x", "lost=-1", ",", "crash=86401", "lost=1.5"]
)
def test_what_is_no_list_of_faults(text: str) -> None:
    with pytest.raises(AdapterError, match=r"there is no fault|a figure is"):
        parse_faults(text)


@given(
    st.builds(
        Faults,
        **dict.fromkeys(("delay", "unavailable", "lost", "duplicate"), st.integers(0, 100)),
        crash=st.integers(0, 86_400),
        rewind=st.integers(0, 86_400),
    )
)
def test_faults_are_written_as_they_are_read(faults: Faults) -> None:
    assert parse_faults(str(faults)) == faults


async def _met(folder: Path, faults: Faults) -> tuple[httpx.Response | None, int]:
    """File once at a real server; return the answer, if one came whole, and how many files."""
    with opened_office(folder, "health", clock=SystemClock(), region="000000") as office:
        app = Misbehaving(office.app, faults, seed=1)
        async with running(app) as url, httpx.AsyncClient(headers=HEADERS, timeout=60) as http:
            try:
                answer = await http.put(f"{url}/submissions/c1.only_child_check.1", content=BODY)
            except httpx.TransportError:
                answer = None
        return answer, office.files.count()


async def test_a_busy_office_looks_at_nothing(tmp_path: Path) -> None:
    answer, files = await _met(tmp_path, Faults(unavailable=100))
    assert answer is not None
    assert (answer.status_code, answer.headers["retry-after"], files) == (503, "1", 0)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith(":unavailable")


async def test_a_lost_answer_was_carried_out(tmp_path: Path) -> None:
    answer, files = await _met(tmp_path, Faults(lost=100))
    assert answer is None
    assert files == 1


async def test_a_doubled_request_is_filed_once(tmp_path: Path) -> None:
    answer, files = await _met(tmp_path, Faults(duplicate=100))
    assert answer is not None
    assert (answer.status_code, answer.json()["state"], files) == (200, "granted", 1)


async def test_a_late_answer_comes(tmp_path: Path) -> None:
    began = asyncio.get_running_loop().time()
    answer, files = await _met(tmp_path, Faults(delay=100))
    assert answer is not None
    assert (answer.status_code, files) == (201, 1)
    assert 0.2 <= asyncio.get_running_loop().time() - began < 60


async def test_an_office_that_is_told_nothing_behaves(tmp_path: Path) -> None:
    answer, files = await _met(tmp_path, Faults())
    assert answer is not None
    assert (answer.status_code, files) == (201, 1)
