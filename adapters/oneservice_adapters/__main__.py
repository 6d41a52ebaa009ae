"""``python -m oneservice_adapters DEPARTMENT --dir DIR``: one office as a server of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from oneservice.clocks import FileClock, SystemClock
from oneservice.departments import Callers, parse_callers, serve
from oneservice.errors import FileUnusableError, OneServiceError
from oneservice_adapters.card import read_stories
from oneservice_adapters.misbehaving import Misbehaving, parse_faults
from oneservice_adapters.office import TellsTime, opened_office
from oneservice_adapters.offices import DEPARTMENTS
from oneservice_adapters.procedure import Story

WRONG_USE = 2
_LARGEST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one office until a signal (or the end of standard input) stops it.

    Prints one line of JSON when it listens. Exit code 0: standard input ended; 2: it could not
    start, and standard error says why in one line. A signal ends it as signals do, after the
    requests under way were answered.
    """
    given = _parser().parse_args(arguments)
    try:
        asyncio.run(_serve(given))
    except (OneServiceError, ValueError) as error:
        code = f"[{error.code}]" if isinstance(error, OneServiceError) else ""
        sys.stderr.write(f"error{code}: {error}\n")
        return WRONG_USE
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(given: argparse.Namespace) -> None:
    clock: TellsTime = SystemClock() if given.clock is None else FileClock(given.clock)

    def tell(url: str) -> None:
        sys.stdout.write(json.dumps({"department": given.department, "url": url}) + "\n")
        sys.stdout.flush()

    if given.log_requests:
        _log_requests()
    faults = parse_faults(given.faults)
    with opened_office(
        given.dir,
        given.department,
        clock=clock,
        region=given.region,
        stories=_stories(given.story),
        seed=given.seed,
        callers=_callers(given.callers),
    ) as office:
        if given.test_step:
            from oneservice.conformance import add_test_step  # noqa: PLC0415 - the kit is large

            add_test_step(office.app)
        app = (
            Misbehaving(office.app, faults, seed=given.seed) if faults.hits_requests else office.app
        )
        await serve(
            app,
            given.host,
            given.port,
            until_stdin_closes=given.until_stdin_closes,
            on_listening=tell,
        )


def _stories(words: Sequence[str]) -> dict[str, Story]:
    pairs = [word.partition("=") for word in words]
    if not all(step and equals for step, equals, _ in pairs):
        msg = "a story is written STEP=WORD, for example food_permit=refused"
        raise ValueError(msg)
    return read_stories({step: word for step, _, word in pairs})


def _callers(path: Path | None) -> Callers | None:
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): name the registry of callers"
        raise FileUnusableError(msg) from error
    return parse_callers(data)


def _log_requests() -> None:
    """Write a line per request to standard error: ids, status, trace; nothing of persons."""
    said = logging.StreamHandler(sys.stderr)
    said.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("oneservice.departments.access")
    log.addHandler(said)
    log.setLevel(logging.INFO)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_PORT:
        msg = f"a port is a number from 0 to {_LARGEST_PORT}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m oneservice_adapters",
        description="Serve the reference office of one department.",
        epilog="Everything that it signs is marked as a sandbox's and has no legal effect.",
    )
    parser.add_argument(
        "department",
        choices=DEPARTMENTS,
        metavar="DEPARTMENT",
        help=f"one of {', '.join(DEPARTMENTS)}",
    )
    parser.add_argument(
        "--dir",
        type=Path,
        required=True,
        help="folder of the office: registers, keys, office.json; made if need be",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=0, help="0 picks a free one")
    parser.add_argument("--region", default="990101", help="region that the office serves")
    parser.add_argument(
        "--clock",
        type=Path,
        metavar="FILE",
        help="live on the virtual clock in FILE instead of the machine's",
    )
    parser.add_argument(
        "--story",
        action="append",
        default=[],
        metavar="STEP=WORD",
        help=f"how a step is to end: {', '.join(Story)}; may be repeated",
    )
    parser.add_argument("--seed", type=int, default=0, help="moves the office's hours")
    parser.add_argument(
        "--faults",
        default="none",
        metavar="LIST",
        help="misbehave: delay, unavailable, lost, duplicate, each with =PER_CENT if need be",
    )
    parser.add_argument(
        "--callers",
        type=Path,
        metavar="FILE",
        help="registry of callers (JSON); with keys in it, every request must be signed",
    )
    parser.add_argument(
        "--test-step",
        action="store_true",
        help="serve the step 'conform' of the conformance kit, too: for trials only",
    )
    parser.add_argument(
        "--log-requests",
        action="store_true",
        help="write a line per request to standard error: ids, status and trace",
    )
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="stop when standard input ends, so that no parent is outlived",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
