"""``oneservice log witness | serve``: the two small servers of a transparency ecosystem."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from oneservice.cli.log_options import FOLDER, key_options, policy_option, read_policy, read_signer
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.clocks import FileClock, SystemClock
from oneservice.tlog import LogFolder, LogSite, Witness, WitnessSite
from oneservice.transparency import SignatureType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["serve", "witness"]

_WITNESS_EPILOG = """\
\b
Examples:
  oneservice log key audit.example/witness --witness --out witness.pem
  oneservice log witness memory --name audit.example/witness \\
      --key witness.pem --policy policy.txt --port 8400

The 'log' lines of the policy are the logs that are witnessed. A log that contradicts
itself leaves evidence in FOLDER/evidence. Needs the extra 'server'. Put TLS before it.

Exit codes: 0 stopped, 2 wrong use, or it cannot listen or write.
"""
_SERVE_EPILOG = """\
\b
Example:
  oneservice log serve log --port 8300

Any web server may serve 'checkpoint' and 'tile/' instead; keep 'private/' from it.

Exit codes: 0 stopped, 2 wrong use, or it cannot listen.
"""


def _place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65_535),
            default=0,
            show_default=True,
            help="0 picks a free one, which is printed.",
        ),
        click.option("--until-stdin-closes", is_flag=True, help="Stop with whoever started it."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("witness", epilog=_WITNESS_EPILOG)
@click.argument("folder", metavar="FOLDER", type=FOLDER)
@click.option("--name", required=True, metavar="NAME", help="Of the witness, as in its key.")
@key_options
@click.option(
    "--ml-dsa-key",
    "ml_dsa_file",
    type=FILE,
    metavar="FILE",
    help="A second key, made with --witness-ml-dsa: both sign.",
)
@policy_option(is_required=True)
@click.option(
    "--clock",
    "clock_file",
    type=FILE,
    metavar="FILE",
    help="Date by the virtual clock in FILE: for demonstrations only.",
)
@_place_options
@json_option
def witness(
    *,
    folder: Path,
    name: str,
    key_file: Path,
    password_file: Path | None,
    ml_dsa_file: Path | None,
    policy_file: Path,
    clock_file: Path | None,
    as_json: bool,
    **place: Any,
) -> None:
    """Run a witness that remembers in FOLDER, and cosigns what only grows (C2SP tlog-witness)."""
    kinds = {
        SignatureType.COSIGNATURE_V1: key_file,
        SignatureType.COSIGNATURE_ML_DSA_44: ml_dsa_file,
    }
    signers = [
        read_signer(file, password_file, name=name, type=kind)
        for kind, file in kinds.items()
        if file is not None
    ]
    logs = [one.key for one in read_policy(policy_file).logs]
    clock = SystemClock() if clock_file is None else FileClock(clock_file)
    with Witness(folder, signers=signers, logs=logs, clock=clock) as opened:
        first, *second = (one.key.vkey for one in signers)
        facts = {"vkey": first, "logs": [one.name for one in logs]}
        facts |= {"ml_dsa_vkey": second[0]} if second else {}
        _run(WitnessSite(opened), facts, as_json=as_json, **place)


@click.command("serve", epilog=_SERVE_EPILOG)
@click.argument("folder", metavar="FOLDER", type=FOLDER)
@_place_options
@json_option
def serve(*, folder: Path, as_json: bool, **place: Any) -> None:
    """Serve the public files of the log in FOLDER (C2SP tlog-tiles), and nothing else in it."""
    log = LogFolder(folder)
    facts = {"vkey": log.identity().key.vkey}
    _run(LogSite(log), facts, as_json=as_json, **place)


def _run(
    site: Any,
    facts: dict[str, Any],
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
            print_json({"url": url, **facts}, indent=None)
        else:
            click.echo(f"listening at {url}")
            for name in ("vkey", "ml_dsa_vkey"):
                if name in facts:
                    click.echo(facts[name])
        sys.stdout.flush()

    # uvicorn finishes what it is answering, and then raises the signal once more: a stop that was
    # asked for is not a failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            run(site, host, port, until_stdin_closes=until_stdin_closes, on_listening=listening)
        )
