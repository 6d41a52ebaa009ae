"""Pace per caller, versions, traces, capabilities: both sides over real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.clocks import VirtualClock
from oneservice.departments import (
    AdapterApp,
    Capabilities,
    DepartmentEndpoint,
    Ed25519EventKey,
    HttpDepartments,
    KeyInfo,
    Outcome,
    Received,
    Retirement,
    ServiceLimits,
    Submission,
    SubmissionBody,
    VerifyingKey,
    capabilities_json,
    compose_submission,
    current_traceparent,
    parse_capabilities,
    parse_problem,
    running,
)
from oneservice.departments.client_answers import Call
from oneservice.departments.client_deprecation import deprecation_in
from oneservice.departments.client_turns import Turns
from oneservice.departments.pace import Pace
from oneservice.departments.tracing import TRACEPARENT, next_traceparent, trace_id
from oneservice.errors import (
    AdapterError,
    DepartmentContractError,
    DepartmentUnavailableError,
    DepartmentUnknownOutcomeError,
    PushBackError,
)

HERE = "fire-rescue"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY = Ed25519EventKey.generate("dept-1")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def application() -> bytes:
    return compose_submission(
        SubmissionBody(
            case_id="c", step_id="plain", attempt=1, applicant={"kind": "person", "name": "Wang"}
        )
    )


@asynccontextmanager
async def department(
    tmp_path: Path, **options: Any
) -> AsyncIterator[tuple[str, list[str | None], asyncio.Event]]:
    traces: list[str | None] = []
    release = asyncio.Event()
    release.set()
    app = AdapterApp(
        HERE,
        store=tmp_path / "register.db",
        event_key=KEY,
        clock=VirtualClock(START),
        authenticate=lambda scope: dict(scope["headers"]).get(b"x-caller", b"one").decode(),
        **options,
    )

    @app.step("plain")
    async def plain(_submission: Submission) -> Outcome:
        traces.append(current_traceparent())
        await release.wait()
        return Received()

    @app.step("threaded")
    def threaded(_submission: Submission) -> Outcome:
        traces.append(current_traceparent())
        return Received()

    async with running(app) as url:
        yield url, traces, release


def caller(**headers: str) -> httpx.AsyncClient:
    fixed = {"OneService-Version": "1.0", "Content-Type": "application/json"}
    return httpx.AsyncClient(headers=fixed | headers, timeout=120)


def engine(url: str, clock: VirtualClock | None = None, **options: Any) -> HttpDepartments:
    key = VerifyingKey(keyid=KEY.keyid, alg=KEY.alg, public_key=KEY.public_key)
    way = DepartmentEndpoint(base_url=url, keys=(key,), **options)
    return HttpDepartments({HERE: way}, clock=clock or VirtualClock(START))


# --- pace ---


async def test_p66_each_caller_has_a_measure_of_its_own(tmp_path: Path) -> None:
    limits = ServiceLimits(per_minute=3)
    async with (
        department(tmp_path, limits=limits) as (url, _, _),
        caller() as http,
        caller(**{"x-caller": "two"}) as other,
    ):
        left = [(await http.get(f"{url}/changes")).headers["RateLimit"] for _ in range(3)]
        assert left == ['"minute";r=2;t=0', '"minute";r=1;t=0', '"minute";r=0;t=20']
        refused = await http.get(f"{url}/changes")
        code = parse_problem(refused.content).code
        assert (refused.status_code, code) == (429, "too-many-requests")
        assert refused.headers["Retry-After"] == "20"
        assert refused.headers["RateLimit-Policy"] == '"minute";q=3;w=60'
        assert (await other.get(f"{url}/changes")).status_code == 200


async def test_more_at_a_time_than_agreed_upon(tmp_path: Path) -> None:
    limits = ServiceLimits(in_flight=2)
    async with department(tmp_path, limits=limits) as (url, traces, release), caller() as http:
        release.clear()
        puts = [
            asyncio.create_task(http.put(f"{url}/submissions/c{n}", content=application()))
            for n in range(2)
        ]
        while len(traces) < 2:  # noqa: ASYNC110 - two requests are on their way
            await asyncio.sleep(0.01)
        refused = await http.get(f"{url}/changes")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        release.set()
        assert [one.status_code for one in await asyncio.gather(*puts)] == [201, 201]
        assert (await http.get(f"{url}/changes")).status_code == 200


async def test_p71_the_client_leaves_a_department_alone_as_long_as_it_says(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with (
        department(tmp_path, limits=ServiceLimits(per_minute=1)) as (url, _, _),
        caller() as http,
        engine(url, clock) as client,
    ):
        assert (await http.get(f"{url}/changes")).status_code == 200
        with pytest.raises(DepartmentUnavailableError) as caught:
            await client.changes(HERE, cursor=None)
        assert 55 <= caught.value.retry_after_s <= 60
        with pytest.raises(DepartmentUnavailableError, match="not sent"):
            await client.changes(HERE, cursor=None)


async def test_the_client_waits_where_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    present = [100.0]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        present[0] += seconds

    async def probe() -> None:
        pytest.fail("no probe is due")

    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: present[0])
    monkeypatch.setattr("oneservice.departments.client_turns.asyncio.sleep", sleep)
    turns = Turns(8, 600, VirtualClock(START))
    call = Call(department=HERE, method="GET", what="changes")
    for header in ('"minute";r=5;t=30', "r=0;t=9", '"minute";r=0;t=12', '"d";r=0;t=999999'):
        turns.heard({"ratelimit": header})
        async with turns.turn(call, probe):
            pass
    assert slept == [12.0, 60.0]


@given(st.lists(st.floats(0, 3), min_size=1, max_size=200))
def test_who_keeps_to_the_rate_is_never_refused(pauses: list[float]) -> None:
    present = [0.0]
    pace = Pace(1, 60, lambda: present[0])
    starts: list[float] = []
    for pause in pauses:
        present[0] += pause
        recent = [at for at in starts if at > present[0] - 60]
        if len(recent) < 60:
            starts.append(present[0])
            with pace.admitted("a"):
                pass


def test_a_measure_is_given_back_and_forgotten() -> None:
    present = [0.0]
    pace = Pace(1, 60, lambda: present[0])
    with pytest.raises(PushBackError), pace.admitted("a"), pace.admitted("a"):
        pytest.fail("one at a time")
    with pace.admitted("a"):  # given back, though the block was left by an error
        pass
    for number in range(10_050):
        with pace.admitted(f"c{number}"):
            pass
    assert pace.headers("a") == ()


# --- traces and the log ---


async def test_p85_the_trace_stands_in_the_log_and_is_passed_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "oneservice.departments.access")
    async with department(tmp_path) as (url, traces, _), caller(traceparent=PARENT) as http:
        place = f"{url}/submissions/c1.plain.1?name=Wang"
        await http.put(place, content=application())
        await http.put(
            f"{url}/submissions/c2", content=application().replace(b"plain", b"threaded")
        )
        await http.get(f"{url}/Wang")
        await http.get(f"{url}/submissions/Wang%20Li")
        await http.get(f"{url}/changes", headers={"traceparent": "Wang"})
    ours = (one for one in caplog.records if one.name == "oneservice.departments.access")
    lines = [one.getMessage() for one in ours]
    assert lines[0].startswith(f"PUT /submissions/c1.plain.1 201 caller=one traceparent={PARENT} ")
    assert traces == [PARENT, PARENT]
    assert "traceparent=- " in lines[-1]
    assert len(lines) == 5
    assert "Wang" not in "".join(lines)  # P-82


async def test_the_client_starts_a_trace_or_goes_on_with_one(tmp_path: Path) -> None:
    async with department(tmp_path) as (url, traces, _), engine(url) as client:
        await client.submit(HERE, "c1", application())
        token = TRACEPARENT.set(PARENT)
        try:
            await client.submit(HERE, "c2", application())
        finally:
            TRACEPARENT.reset(token)
    assert [trace_id(one or "") is not None for one in traces] == [True, True]
    assert trace_id(traces[1] or "") == TRACE
    assert traces[1] != PARENT
    assert (traces[1] or "").endswith("-01")


@pytest.mark.parametrize(
    "text", ["", "00-x", PARENT[:-1], PARENT.upper(), f"00-{'0' * 32}-00f067aa0ba902b7-01"]
)
def test_what_is_no_trace_is_none(text: str) -> None:
    assert trace_id(text) is None


def test_a_new_trace_is_valid_and_new() -> None:
    assert trace_id(next_traceparent()) != trace_id(next_traceparent())


# --- versions ---


async def test_p86_the_end_of_a_major_is_told_on_both_sides(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    retirement = Retirement(
        deprecated_at=datetime(2027, 1, 1, tzinfo=UTC),
        sunset_at=datetime(2027, 12, 31, tzinfo=UTC),
        successor="https://dept.example/oneservice/v2",
    )
    async with (
        department(tmp_path, retirement=retirement) as (url, _, _),
        caller() as http,
        engine(url) as client,
    ):
        for answer in (await http.get(f"{url}/changes"), await http.get(f"{url}/nothing")):
            assert answer.headers["Deprecation"] == "@1798761600"
            assert answer.headers["Sunset"] == "Fri, 31 Dec 2027 00:00:00 GMT"
            assert answer.headers["Link"] == (
                '<https://dept.example/oneservice/v2>; rel="successor-version"'
            )
        assert client.deprecations() == {}
        for _ in range(2):
            await client.changes(HERE, cursor=None)
        found = client.deprecations()[HERE]
        assert (found.deprecated_at, found.sunset_at, found.successor) == (
            retirement.deprecated_at,
            retirement.sunset_at,
            retirement.successor,
        )
        assert len([one for one in caplog.records if "deprecated" in one.getMessage()]) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"sunset_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"deprecated_at": datetime(2027, 1, 1)},  # noqa: DTZ001 - that is what is wrong
        {"successor": "http://dept.example/"},
    ],
)
def test_a_retirement_that_is_none(changed: dict[str, Any]) -> None:
    fine = {
        "deprecated_at": datetime(2027, 1, 1, tzinfo=UTC),
        "sunset_at": datetime(2028, 1, 1, tzinfo=UTC),
        "successor": "https://dept.example/",
    }
    with pytest.raises(AdapterError):
        Retirement(**(fine | changed))


def test_nonsense_about_an_end_says_nothing() -> None:
    assert deprecation_in({}) is None
    assert deprecation_in({"deprecation": "true"}) is None
    found = deprecation_in({"deprecation": "@1", "sunset": "soon", "link": "<x>; rel=next"})
    assert found is not None
    assert (found.sunset_at, found.successor) == (None, None)


# --- capabilities ---


class Office:
    """A department that says of itself what a test wants."""

    def __init__(self) -> None:
        self.said = Capabilities(
            department=HERE,
            name={"en": "Fire"},
            region=None,
            zone="Asia/Shanghai",
            steps=(),
            features=("checks",),
            limits=ServiceLimits(),
            keys=(),
            valid_until="2026-09-28T03:30:00Z",
        )
        self.status = 200
        self.asked: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(headers.get("if-none-match"))
        body = capabilities_json(self.said)
        etag = f'"{hash(body)}"'
        status = 304 if headers.get("if-none-match") == etag else self.status
        answer = [(b"etag", etag.encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": b"" if status == 304 else body})


async def test_capabilities_are_kept_revalidated_and_never_outlive_their_validity() -> None:
    clock, office = VirtualClock(START), Office()
    async with running(office, lifespan="off") as url, engine(url, clock) as client:
        first = await client.capabilities(HERE)
        assert await client.capabilities(HERE) is first
        assert office.asked == [None]
        clock.advance(timedelta(hours=1))
        assert await client.capabilities(HERE) is first  # 304
        assert office.asked[1] is not None
        office.status = 500
        clock.advance(timedelta(hours=1))
        office.said = parse_capabilities(capabilities_json(first).replace(b"Fire", b"Fair"))
        assert await client.capabilities(HERE) is first  # still valid, and nothing better
        clock.advance(timedelta(minutes=31))
        with pytest.raises((DepartmentUnavailableError, DepartmentUnknownOutcomeError)):
            await client.capabilities(HERE)  # its validity has ended
        office.status = 200
        office.said = parse_capabilities(
            capabilities_json(office.said).replace(b"T03:30:00Z", b"T09:30:00Z")
        )
        assert (await client.capabilities(HERE)).name == {"en": "Fair"}


async def test_capabilities_of_another_department_are_refused() -> None:
    office = Office()
    office.said = parse_capabilities(
        capabilities_json(office.said).replace(HERE.encode(), b"tobacco-bureau")
    )
    async with running(office, lifespan="off") as url, engine(url) as client:
        with pytest.raises(DepartmentContractError) as caught:
            await client.capabilities(HERE)
        assert caught.value.problem == "wrong-department"


async def test_several_keys_are_listed_with_their_ends(tmp_path: Path) -> None:
    last = KeyInfo(
        keyid="dept-0", alg="ed25519", public_key=b"0" * 32, not_after="2026-12-31T00:00:00Z"
    )
    async with department(tmp_path, other_keys=(last,)) as (url, _, _), engine(url) as client:
        keys = (await client.capabilities(HERE)).keys
        assert [(one.keyid, one.not_after) for one in keys] == [
            ("dept-1", None),
            ("dept-0", "2026-12-31T00:00:00Z"),
        ]
