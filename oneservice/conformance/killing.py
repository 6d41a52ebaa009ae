"""Killing the adapter by its operator's own hook, and waiting until it answers again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from oneservice.conformance.breaking import broken
from oneservice.errors import EnvironmentalError

if TYPE_CHECKING:
    from oneservice.conformance.trial import Trial

__all__ = ["killed"]

_HOOK_S: Final = 60.0
_POLL_S: Final = 0.1


async def killed(trial: Trial) -> None:
    """Run the hook, which kills the adapter as a power cut would and starts it again.

    Raises:
        EnvironmentalError: the hook failed.
        BrokenError: the adapter does not come back.
    """
    target = trial.bench.target
    child = await asyncio.create_subprocess_shell(
        target.hook or "false",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_HOOK_S):
            code = await child.wait()
    except TimeoutError:
        child.kill()
        msg = f"the hook did not end within {_HOOK_S:g} s: let it start the adapter and return"
        raise EnvironmentalError(msg) from None
    if code != 0:
        msg = f"the hook ended with exit code {code}: it must kill the adapter and start it again"
        raise EnvironmentalError(msg)
    loop = asyncio.get_running_loop()
    until = loop.time() + target.patience.restart_s
    while True:
        sent = trial.sent("GET", "/capabilities")
        found = await trial.bench.line.call(sent, deadline_s=_POLL_S * 20)
        if found.status == 200:  # noqa: PLR2004 - it is back
            return
        if loop.time() >= until:
            broken(f"the adapter did not answer {target.patience.restart_s:g} s after the hook")
        await asyncio.sleep(_POLL_S)
