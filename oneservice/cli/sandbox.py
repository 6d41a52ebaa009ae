"""``oneservice sandbox``: reference offices as real servers, to build and to test against."""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

import oneservice_adapters as offices
from oneservice.catalog import StepKind, bundled_catalog_dir, load_catalog
from oneservice.cli.options import DAY, FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.sandbox_page import facts_of, show_faults, show_street, write_trial
from oneservice.cli.sandbox_street import Street, opened_street
from oneservice.clocks import FileClock, SystemClock
from oneservice.errors import FileUnusableError
from oneservice.workdays import legal_day

__all__ = ["command"]

_EPILOG: Final = """\
\b
Examples:
  oneservice sandbox tax bank
  oneservice sandbox --thing newborn --speed 1
  oneservice sandbox --dir street --port-base 9100
  oneservice sandbox fire-rescue --faults lost=20,crash=30

\b
--faults takes none, all, or a list with commas between of
  delay        per cent of requests whose answer is up to three seconds late
  unavailable  per cent that are answered 503
  lost         per cent that are carried out, and the connection is cut
  duplicate    per cent that are carried out twice
  crash        seconds between two kills of an office, on average
  rewind       seconds between two restorations of an old register
each with or without =FIGURE.

Registers and keys stay in --dir: run it again, and the offices go on.

Exit codes: 0 stopped, 2 wrong use, or an office cannot be started.
"""
_TICK_S: Final = 0.2
_NATIONAL: Final = "000000"
_LARGEST_BASE: Final = 65_535 - 100


@click.command("sandbox", epilog=_EPILOG, short_help="Run reference offices as real servers.")
@click.argument("departments", metavar="[DEPARTMENT]...", nargs=-1)
@click.option("--thing", metavar="ONE_THING", help="The offices that a one-thing needs.")
@click.option("--on", type=DAY, metavar="DATE", help="Day of the catalog.  [default: today]")
@click.option(
    "--dir",
    "folder",
    type=FILE,
    help="Where registers and keys are kept.  [default: a fresh folder; its name is printed]",
)
@click.option(
    "--port-base",
    type=click.IntRange(0, _LARGEST_BASE),
    default=0,
    show_default=True,
    help="Port of the first office; the others follow. 0 picks free ones.",
)
@click.option(
    "--region",
    default=_NATIONAL,
    show_default=True,
    metavar="CODE",
    help="Region that the offices serve, with all below it.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 1000),
    default=0.0,
    show_default=True,
    help="Virtual days per second; 0: this machine's own clock.",
)
@click.option("--faults", default="none", show_default=True, metavar="LIST", help="Misbehave.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Moves the offices' hours, and what goes wrong when.",
)
@click.option(
    "--test-step",
    "has_test_step",
    is_flag=True,
    help="Serve the step 'conform' in each office, too: then `oneservice conform` sees all states.",
)
@json_option
def command(
    *,
    departments: tuple[str, ...],
    thing: str | None,
    on: Any,
    folder: Path | None,
    speed: float,
    faults: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Run reference offices as real servers.

    Without a DEPARTMENT or --thing all of them start. Each is a process on loopback with a register
    of its own; addresses, public keys and commands to try are printed when all of them listen.
    """
    names = _named(departments, thing, region=options["region"], on=on)
    wanted = offices.parse_faults(faults)
    where = _folder(folder)
    clock = where / "clock" if speed else None
    ticking = _Ticking(clock, speed)
    with (
        _stopped_by_signals(),
        opened_street(where, names, clock=clock, faults=wanted, opened=_tell, **options) as street,
    ):
        facts = facts_of(where, street.addresses, clock)
        trial, step = write_trial(where, names[0])
        if as_json:
            print_json(facts)
        else:
            show_street(facts, trial=trial, step=step, speed=speed)
            show_faults(wanted)
        sys.stdout.flush()
        _run(street, ticking)
    _say("stopped")


def _named(
    departments: tuple[str, ...], thing: str | None, *, region: str, on: Any
) -> tuple[str, ...]:
    """Return which offices are wanted, each once.

    Raises:
        AdapterError: there is no such department.
        UnknownThingError: there is no such one-thing on that day.
    """
    for name in departments:
        offices.steps_of(name)
    needed = _needed(thing, region, on) if thing else ()
    return tuple(dict.fromkeys((*departments, *needed))) or offices.DEPARTMENTS


def _needed(thing: str, region: str, on: Any) -> tuple[str, ...]:
    day = on or legal_day(SystemClock().now())
    found = load_catalog([bundled_catalog_dir()]).thing(thing, region=region, on=day)
    steps = [one for one in found.thing.steps if one.kind is not StepKind.BUNDLE]
    called = [found.items[one.item].department for one in steps]
    dispatch = found.thing.dispatch
    called += [] if dispatch is None else [one.department for one in dispatch.duties]
    return tuple(sorted(set(called)))


def _folder(folder: Path | None) -> Path:
    try:
        found = folder or Path(tempfile.mkdtemp(prefix="oneservice-sandbox-", dir=Path.cwd()))
        found.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{folder or Path.cwd()}: the folder cannot be made ({error.strerror}); give --dir"
        raise FileUnusableError(msg) from error
    return found


class _Ticking:
    """Lets virtual time pass as real time does, but faster."""

    def __init__(self, path: Path | None, days_per_s: float) -> None:
        start = SystemClock().now()
        self._clock = None if path is None else FileClock(path, start=start)
        self._days_per_s = days_per_s

    def pass_on(self, real_s: float) -> None:
        if self._clock is not None:
            self._clock.advance(timedelta(days=self._days_per_s * real_s))


def _run(street: Street, ticking: _Ticking) -> None:
    """Let time pass, and faults happen, until somebody stops it."""
    began = last = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(_TICK_S)
            now = time.monotonic()
            ticking.pass_on(now - last)
            last = now
            street.tick(now - began, lambda kind, name: _say(f"{kind}: {name}"))


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Stop at SIGTERM as at Ctrl-C: a supervisor's stop leaves no office behind."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(name: str) -> None:
    _say(f"{name} listens")


def _say(text: str) -> None:
    click.echo(text, err=True)
