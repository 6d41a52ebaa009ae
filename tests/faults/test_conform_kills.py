"""Adapters as processes that the kit's hook kills: what P-11 and P-12 find, and in whom."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oneservice.conformance import Patience, Report, Target, Verdict, conform
from oneservice.errors import EnvironmentalError

ROOT = Path(__file__).resolve().parents[2]
KILLING = ("P-07", "P-11", "P-12")

ADAPTER = textwrap.dedent("""
    import asyncio, contextlib, pathlib, sys
    from oneservice.conformance import add_test_step
    from oneservice.departments import AdapterApp, serve

    folder, port, character = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if character == "forgetful":  # what it answered 201 was never on the disk
        for one in folder.glob("register.db*"):
            one.unlink()
    app = AdapterApp("sample-office", store=folder / "register.db")
    add_test_step(app)

    class Locking:
        def __init__(self, app):
            self.app, self.open, self.base_url = app, app.open, None

        async def __call__(self, scope, receive, send):
            is_put = scope["type"] == "http" and scope["method"] == "PUT"
            if not is_put:
                return await self.app(scope, receive, send)
            lock = folder / ("lock-" + scope["path"].replace("/", "_"))
            if lock.exists():
                head = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1"),
                        (b"content-length", b"62"), (b"oneservice-version", b"1.0")]
                await send({"type": "http.response.start", "status": 409, "headers": head})
                body = b'{"type":"urn:oneservice:problem:in-progress","status":409    }'
                return await send({"type": "http.response.body", "body": body})
            lock.touch()
            await self.app(scope, receive, send)
            lock.unlink()

    async def main():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(120):  # whoever started it may be gone
                await serve(Locking(app) if character == "locking" else app, port=port)

    asyncio.run(main())
""")


@pytest.fixture
def office(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Callable[[str], Target]]:
    """Return what makes a target with a hook; whatever the hook started is ended."""
    (tmp_path / "adapter.py").write_text(ADAPTER)
    pid = tmp_path / "pid"
    port = free_port()

    def made(character: str) -> Target:
        start = shlex.join([sys.executable, f"{tmp_path}/adapter.py", str(tmp_path), str(port)])
        path = shlex.quote(f"{ROOT}:{ROOT / 'adapters'}")
        hook = tmp_path / "hook.sh"
        hook.write_text(
            f"test ! -f {pid} || kill -9 $(cat {pid})\n"
            f"PYTHONPATH={path} {start} {character} >>{tmp_path}/log 2>&1 </dev/null &\n"
            f"echo $! >{pid}\n"
        )
        return Target(
            url=f"http://127.0.0.1:{port}/oneservice/v1",
            hook=f"sh {hook}",
            patience=Patience(news_s=1.0, restart_s=30.0),
        )

    yield made
    if pid.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid.read_text()), signal.SIGKILL)


async def run(target: Target) -> Report:
    child = await asyncio.create_subprocess_shell(target.hook or "false")
    assert await child.wait() == 0
    for _ in range(1200):
        with contextlib.suppress(EnvironmentalError):
            return await conform(target, only=KILLING)
        await asyncio.sleep(0.1)
    raise AssertionError("the adapter never answered")


@pytest.mark.parametrize(
    ("character", "broken"),
    [("durable", []), ("forgetful", ["P-11"]), ("locking", ["P-12"])],
)
async def test_who_forgets_what_it_answered_is_found(
    character: str, broken: list[str], office: Callable[[str], Target]
) -> None:
    report = await run(office(character))
    assert [one.statement.number for one in report.of(Verdict.FAIL)] == broken
    assert not report.of(Verdict.NOT_APPLICABLE)


async def test_a_hook_that_fails_is_no_finding(office: Callable[[str], Target]) -> None:
    target = office("durable")
    report = await run(target)
    assert report.is_conforming
    unhooked = await conform(replace(target, hook="exit 3"), only=["P-11"])
    (result,) = unhooked.results
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert "exit code 3" in result.why
