"""Setting an adapter up, serving it, and what its author is told when it is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, Field

from oneservice.departments import (
    Accepted,
    AdapterApp,
    Outcome,
    Submission,
    bind,
    parse_capabilities,
    running,
    serve,
)
from oneservice.errors import (
    AdapterError,
    EnvironmentalError,
    JournalUnavailableError,
    PortInUseError,
)

VERSION = {"OneService-Version": "1.0"}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def accept(_: Submission) -> Outcome:
    return Accepted()


def test_wrong_declarations_are_told_at_once(tmp_path: Path) -> None:
    for department in ("", "a b", "局"):
        with pytest.raises(AdapterError, match="department's id"):
            AdapterApp(department)
    with pytest.raises(AdapterError, match="time zone 'Mars/Olympus'"):
        AdapterApp("health", zone="Mars/Olympus")
    app = AdapterApp("health", store=tmp_path / "r.db")
    app.step("a")(accept)
    for step in ("a", "b c", ""):
        with pytest.raises(AdapterError, match="declared twice, or its id"):
            app.step(step)
    with pytest.raises(AdapterError, match="declare step 'b' before"):
        app.supplement("b")(lambda _submission, _supplement: None)
    for hook in (AdapterApp("health").supplement, AdapterApp("health").withdrawal):
        with pytest.raises(AdapterError, match="declare a step before"):
            hook(lambda _submission, _more: None)  # it would be called for nothing, ever
    with pytest.raises(AdapterError, match="fields_schema of step c"):
        app.step("c", fields_schema={"multipleOf": 0.5})
    assert not list(tmp_path.iterdir())  # nothing is touched before it opens


def test_a_schema_with_whole_floats_is_written_with_integers(tmp_path: Path) -> None:
    class Form(BaseModel):
        area: float = Field(ge=1.0)

    app = AdapterApp("health", store=tmp_path / "r.db")
    app.step("a", fields=Form)(accept)
    schema = app.capabilities().steps[0].fields_schema
    assert schema is not None
    assert type(schema["properties"]["area"]["minimum"]) is int


async def test_the_shortest_adapter_keeps_all_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = []
    for _ in range(2):
        app = AdapterApp("health")
        app.step("health_cert")(accept)
        async with running(app) as url:
            answer = httpx_get(
                await asyncio.to_thread(httpx.get, f"{url}/capabilities", headers=VERSION)
            )
        keys.append(answer.keys[0].public_key)
        assert abs((app.now() - datetime.now(UTC)).total_seconds()) < 60  # noqa: TID251 - the oracle
    assert keys[0] == keys[1]  # the key that was made first is kept
    assert names(tmp_path) == ["health.register.db"]
    assert (tmp_path / "health.register.db").stat().st_mode & 0o077 == 0


def httpx_get(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return parse_capabilities(answer.content)


async def test_it_mounts_below_another_path(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": "/offices/health"}, receive, send)

    async with app, httpx.AsyncClient(transport=httpx.ASGITransport(outer)) as http:
        url = "http://x/offices/health/oneservice/v1/capabilities"
        assert (await http.get(url, headers=VERSION)).status_code == 200


async def test_only_the_base_path_itself_is_the_base(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    async with app, httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        for path in ("/oneservice/v10/capabilities", "/oneservice/v1x/submissions/c1.a.1"):
            assert (await http.get(f"http://x{path}", headers=VERSION)).status_code == 404


async def test_other_kinds_of_asgi_are_told(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    with pytest.raises(AdapterError, match="does not speak websocket"):
        await app({"type": "websocket"}, None, None)  # type: ignore[arg-type]


async def test_a_closed_register_is_told(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    with pytest.raises(JournalUnavailableError, match="is not open"):
        await app._scribe.register.callers_of("c1")


async def test_a_taken_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port} of 127.0.0.1") as caught:
            await serve(app, port=port)
        assert caught.value.port == port
    assert not names(tmp_path)
    with pytest.raises(EnvironmentalError, match="no address of this machine"):
        bind("192.0.2.1", 0)


async def test_an_adapter_that_cannot_start_is_told(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "nowhere" / "r.db")
    with pytest.raises(JournalUnavailableError, match="mend path or rights"):
        await serve(app)

    async def broken(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(AdapterError, match="could not start"):
        async with running(broken):
            pytest.fail("it runs")


async def test_a_served_adapter_can_be_served_again(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    app.step("health_cert")(accept)
    for _ in range(2):
        async with running(app) as url, httpx.AsyncClient(headers=VERSION) as http:
            assert (await http.get(f"{url}/changes")).status_code == 200
            assert not app._scribe.bell.is_stopped
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient(headers=VERSION) as http:
                await http.get(f"{url}/changes")


async def test_cancelling_a_server_stops_it_in_order(tmp_path: Path) -> None:
    app = AdapterApp("health", store=tmp_path / "r.db")
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(app, on_listening=listening.set_result))
    url = await listening
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/oneservice/v1")
    server.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await server
    with pytest.raises(JournalUnavailableError):
        await app._scribe.register.callers_of("c1")
