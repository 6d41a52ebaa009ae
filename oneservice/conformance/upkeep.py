"""P-85 and P-86: traces in the log, and how the end of a major version is told."""

from __future__ import annotations

import asyncio
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from oneservice.conformance.breaking import NotApplicableError, broken, require
from oneservice.conformance.statements import Need, statement

if TYPE_CHECKING:
    from oneservice.conformance.exchanges import Exchange
    from oneservice.conformance.trial import Trial

_FIELDS: Final = ("deprecation", "sunset", "link")
_DEPRECATION: Final = re.compile(r"@-?\d{1,15}", re.ASCII)
_SUCCESSOR: Final = re.compile(r'<https?://[^>]+>\s*;[^,]*rel="?successor-version"?')
_POLL_S: Final = 0.1


@statement(
    "P-85",
    "traceparent appears in the department's log of the request",
    clause="1",
    cure="Write the request's traceparent into its line of the log.",
    needs=(Need.LOG,),
)
async def traces(trial: Trial) -> None:
    """Send a trace and look for it."""
    log = trial.bench.target.log
    if log is None:
        raise NotApplicableError(Need.LOG.value)
    trace = trial.bench.traceparent()
    found = await trial.call("GET", "/capabilities", headers={"traceparent": trace})
    found.expect(200)
    wanted = trace.split("-")[1].encode()
    loop = asyncio.get_running_loop()
    until = loop.time() + trial.bench.target.patience.news_s
    while not (log.is_file() and wanted in log.read_bytes()):
        in_time = loop.time() < until
        require(in_time, f"the trace {wanted.decode()} is not in {log.name}", found)
        await asyncio.sleep(_POLL_S)


@statement(
    "P-86",
    "a deprecated major sends Deprecation, Sunset and a successor link",
    clause="15",
    cure="Send all three with every answer, errors too: @seconds, an HTTP date, <…>; rel.",
)
async def deprecation(trial: Trial) -> None:
    """Look at good answers and at bad ones."""
    found = [
        await trial.get("/capabilities"),
        await trial.get("/nowhere"),
        await trial.get("/changes?limit=1"),
    ]
    told = [one for one in found if one.header("deprecation") or one.header("sunset")]
    if not told:
        raise NotApplicableError("this major version is not deprecated")
    for one in found:
        missing = [name for name in _FIELDS if not one.header(name)]
        require(not missing, f"{one.told} has no {', '.join(missing)}", one)
        _judge(one)


def _judge(found: Exchange) -> None:
    since = found.header("deprecation") or ""
    is_since = _DEPRECATION.fullmatch(since) is not None
    require(is_since, f"Deprecation of {found.told} must be written @seconds", found)
    try:
        parsedate_to_datetime(found.header("sunset") or "")
    except ValueError:
        broken(f"Sunset of {found.told} is no HTTP date", found)
    is_link = _SUCCESSOR.search(found.header("link") or "") is not None
    require(is_link, f'Link of {found.told} must have rel="successor-version"', found)
