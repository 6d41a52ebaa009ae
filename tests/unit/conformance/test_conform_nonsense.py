"""Whatever comes back, the kit ends with a report; and who cannot be tried at all is told so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from oneservice.cli.conform import command
from oneservice.conformance import Patience, Target, Verdict, add_test_step, as_html, conform
from oneservice.departments import AdapterApp, running
from oneservice.errors import EnvironmentalError

HASTY = Patience(
    answer_s=2.0, news_s=0.1, slow_s=0.5, wait_s=1, grace_s=0.5, ring_s=0.3, silence_s=0.1
)
CAPABILITIES = {
    "protocol": ["1.0"],
    "department": {"id": "odd"},
    "steps": [{"step_id": "conform"}],
    "features": ["wait", "documents", "callbacks"],
    "keys": [{"keyid": 7}, {"keyid": "k", "alg": "ed25519", "public_key": "?"}],
    "limits": {"in_flight": 4},
}


def answering(status: int, body: bytes, capabilities: bytes | None = None) -> Any:
    """Return an app that answers everything with ``body``, but for its capabilities."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        is_asked = scope["path"].endswith("/capabilities") and capabilities is not None
        code, data = (200, capabilities) if is_asked else (status, body)
        headers = [(b"content-type", b"application/json"), (b"etag", b'"x"')]
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return app


NONSENSE = {
    "a list": (200, b"[]"),
    "no json": (201, b"<html>"),
    "null": (200, b"null"),
    "odd events": (201, b'{"events":[{"type":7,"data":[],"seq":"x"},3],"head":[]}'),
    "odd head": (200, b'{"events":[{}],"head":{"seq":99999,"digest":7},"state":[]}'),
    "odd feed": (200, b'{"changes":[3,{"submission_id":[]}],"more":true,"cursor":"c"}'),
    "odd problem": (409, b'{"type":"urn:oneservice:problem:not-open","head":3,"errors":{}}'),
    "no answer": (500, b""),
    "odd signatures": (200, b'{"events":[{"type":"received","signatures":[5],"digest":{}}]}'),
}


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_ends_in_a_report(name: str) -> None:
    app = answering(*NONSENSE[name], json.dumps(CAPABILITIES).encode())
    async with running(app) as url:
        report = await conform(Target(url=url, patience=HASTY))
    assert report.of(Verdict.FAIL)
    assert not {"P-07", "P-20"} & {one.statement.number for one in report.of(Verdict.PASS)}
    assert b"does not conform" in as_html(report)


@pytest.mark.parametrize(
    ("capabilities", "why"),
    [
        (b"[]", "base address"),
        (b'{"steps":[]}', "no step"),
        (b'{"steps":[{"step_id":"real"}]}', "is not listed"),
    ],
)
async def test_what_cannot_be_tried_is_said(capabilities: bytes, why: str) -> None:
    async with running(answering(404, b"", capabilities)) as url:
        with pytest.raises(EnvironmentalError, match=why):
            await conform(Target(url=url, step_id="other", patience=HASTY))


async def test_nobody_there_is_said() -> None:
    with pytest.raises(EnvironmentalError, match="no connection"):
        await conform(Target(url="http://127.0.0.1:9/oneservice/v1", patience=HASTY))
    with pytest.raises(EnvironmentalError, match="no D statement"):
        await conform(Target(url="http://127.0.0.1:9/oneservice/v1"), only=["P-04"])


async def test_the_command_tells_findings_by_its_exit_code(
    tmp_path: Any, in_thread: Callable[..., Any]
) -> None:
    app = AdapterApp("sample-office", store=tmp_path / "register.db")
    add_test_step(app)
    page, xml = tmp_path / "report.html", tmp_path / "report.xml"
    async with running(app) as url:
        few = (url, "--only", "P-07", "--only", "P-29")
        good = await in_thread(CliRunner().invoke, command, few)
        told = await in_thread(
            CliRunner().invoke, command, (*few, "--json", "--html", str(page), "--junit", str(xml))
        )
    assert (good.exit_code, told.exit_code) == (0, 0)
    assert "2 hold, 0 broken" in good.output
    assert json.loads(told.output)["counts"]["pass"] == 2
    assert page.read_bytes().startswith(b"<!doctype html>")
    assert xml.read_bytes().startswith(b"<?xml")
    async with running(answering(200, b"[]", json.dumps(CAPABILITIES).encode())) as url:
        bad = await in_thread(CliRunner().invoke, command, (url, "--only", "P-07"))
    assert bad.exit_code == 1
    assert "Likely cure" in bad.output


async def test_a_target_of_another_scheme_is_refused() -> None:
    with pytest.raises(EnvironmentalError, match="http"):
        await conform(replace(Target(url="ftp://127.0.0.1/x"), step_id="a"))
