"""``oneservice relying serve``: the endpoint as a server, by lists that may change meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from oneservice.certificates import Policy
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.relying_sources import Sources
from oneservice.cli.verify_relying import POLICY, asked_for, check_root
from oneservice.errors import OneServiceError
from oneservice.relying import (
    CallLimits,
    CallRecords,
    VerifierApp,
    loopback_only,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from oneservice.relying import Authenticate

__all__ = ["serve"]

_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_EPILOG = """\
\b
Examples:
  oneservice relying serve --trust trust-list.json --status status.jwt \\
      --policy counter.yaml --calls calls.db --port 8500
  oneservice relying serve --trust list.json --calls calls.db --host :: \\
      --caller-header x-caller --policy-for archive-office=archive

POST /verify takes a certificate, an SD-JWT, an evidence file or a bundle, and
answers with the report; GET /health says by which lists is judged, GET
/openapi.json describes all. Only callers on this machine are let in, unless
--caller-header or --anybody says otherwise. Put TLS before it. Needs the extra
'server'.

Lists are read again when their files change; one that cannot be used, or that
contradicts --trust-memory, is told in /health, and the one before it stays.

Exit codes: 0 stopped, 2 wrong use, or it cannot listen or write.
"""


@click.command("serve", epilog=_EPILOG)
@click.option(
    "--trust",
    "trust_files",
    type=FILE,
    multiple=True,
    required=True,
    metavar="FILE",
    help="Trust list that you chose; may be repeated for other regions.",
)
@click.option("--trust-root", metavar="KEY|DIGEST", help="Who must have signed the lists.")
@click.option(
    "--trust-memory",
    type=FILE,
    metavar="FILE",
    help="Remember editions in this file, and refuse older ones, forks and strangers.",
)
@click.option(
    "--status",
    "status_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Published status list, as it was fetched; may be repeated.",
)
@click.option(
    "--policy",
    type=POLICY,
    metavar="NAME|FILE",
    default="standard",
    show_default=True,
    help="What must pass; as for 'verify'. No caller can change it.",
)
@click.option(
    "--policy-for",
    "policies",
    multiple=True,
    metavar="CALLER=NAME|FILE",
    help="Another policy for one caller; may be repeated.",
)
@click.option("--recognise-in", metavar="REGION", help="Ask whether it counts in REGION, too.")
@click.option(
    "--audience",
    metavar="TEXT",
    help="Your own name: an SD-JWT must have been made for it, and for the nonce of the call.",
)
@click.option(
    "--calls",
    "records_file",
    type=FILE,
    required=True,
    metavar="FILE",
    help="SQLite file for the records of calls; without a record nothing is answered.",
)
@click.option(
    "--caller-header",
    metavar="NAME",
    help="Who calls stands in this header, which your proxy sets, and takes from strangers.",
)
@click.option("--anybody", is_flag=True, help="Let everybody in who reaches the port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="0 picks a free one, which is printed.",
)
@click.option(
    "--max-bytes",
    type=click.IntRange(1024, 268_435_456),
    default=CallLimits().body_bytes,
    show_default=True,
    help="Of one paper.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 10_000),
    default=CallLimits().at_once,
    show_default=True,
    help="Calls under way; more are turned away.",
)
@click.option(
    "--look-every",
    "look_every_s",
    type=click.FloatRange(0.05, 3600),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look whether a list has changed.",
)
@click.option("--until-stdin-closes", is_flag=True, help="Stop with whoever started it.")
@json_option
def serve(
    *,
    trust_files: tuple[Path, ...],
    trust_root: str | None,
    trust_memory: Path | None,
    status_files: tuple[Path, ...],
    policy: Policy,
    policies: tuple[str, ...],
    recognise_in: str | None,
    audience: str | None,
    records_file: Path,
    caller_header: str | None,
    anybody: bool,
    max_bytes: int,
    at_once: int,
    look_every_s: float,
    as_json: bool,
    **place: Any,
) -> None:
    """Serve POST /verify for programs that rely on certificates."""
    check_root(trust_root)
    policy = asked_for(policy, recognise_in=recognise_in, audience=None, nonce=None)
    sources = Sources(
        trust_files=trust_files,
        root=trust_root,
        memory=trust_memory,
        status_files=status_files,
        policy=policy,
    )
    others = _policies(policies, recognise_in=recognise_in)
    records = CallRecords(records_file)
    try:
        app = VerifierApp(
            sources.read(),
            records=records,
            policies=others,
            authenticate=_authenticate(caller_header, anybody=anybody),
            audience=audience,
            limits=CallLimits(body_bytes=max_bytes, at_once=at_once),
        )
        # uvicorn finishes what it is answering, and then raises the signal once more: a stop that
        # was asked for is not a failure.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(app, sources, look_every_s, as_json=as_json, **place))
    finally:
        records.close()


async def _run(
    app: VerifierApp,
    sources: Sources,
    look_every_s: float,
    *,
    as_json: bool,
    host: str,
    port: int,
    until_stdin_closes: bool,
) -> None:
    from oneservice.departments import serve as run  # noqa: PLC0415 - with the library of servers

    def listening(address: str) -> None:
        parts = urlsplit(address)
        url = f"{parts.scheme}://{parts.netloc}"
        if as_json:
            print_json({"url": url, "policy": app.reliance.policy.name}, indent=None)
        else:
            click.echo(f"listening at {url}/verify, policy {app.reliance.policy.name}")
        sys.stdout.flush()

    looking = asyncio.create_task(_look(app, sources, look_every_s))
    try:
        await run(app, host, port, until_stdin_closes=until_stdin_closes, on_listening=listening)
    finally:
        looking.cancel()


async def _look(app: VerifierApp, sources: Sources, every_s: float) -> None:
    """Read the files again whenever one changed; keep what was before where that fails."""
    seen = sources.marks()
    while True:
        await asyncio.sleep(every_s)
        now = await asyncio.to_thread(sources.marks)
        if now == seen:
            continue
        seen = now
        try:
            app.reliance = await asyncio.to_thread(sources.read)
            app.trouble = ""
        except OneServiceError as error:
            app.trouble = str(error)
            click.echo(f"not taken over: {error}", err=True)


def _authenticate(header: str | None, *, anybody: bool) -> Authenticate:
    """Return who is let in.

    Raises:
        click.UsageError: both are asked for.
    """
    if header is not None and anybody:
        msg = "--caller-header lets in whom your proxy knows, --anybody everybody; choose one"
        raise click.UsageError(msg)
    if header is None:
        return (lambda _scope: "anybody") if anybody else loopback_only
    name = header.lower().encode("latin-1", "replace")

    def by_header(scope: Mapping[str, Any]) -> str | None:
        found = [value for key, value in scope["headers"] if key == name]
        # A second one might be a stranger's own. What is no identifier may be a person's name.
        caller = found[0].decode("latin-1") if len(found) == 1 else ""
        return caller if _ID.fullmatch(caller) else None

    return by_header


def _policies(given: Sequence[str], *, recognise_in: str | None) -> dict[str, Policy]:
    """Return the policies of single callers.

    Raises:
        click.BadParameter: no ``CALLER=POLICY``, or there is no such policy.
    """
    found = {}
    for one in given:
        caller, equals, name = one.partition("=")
        if not equals or not _ID.fullmatch(caller) or caller in found:
            msg = f"{one!r}: write CALLER=NAME, each caller once"
            raise click.BadParameter(msg, param_hint="'--policy-for'")
        policy = POLICY.convert(name, None, None)
        found[caller] = asked_for(policy, recognise_in=recognise_in, audience=None, nonce=None)
    return found
