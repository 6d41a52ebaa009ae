"""``python -m benchmarks``: all measurements in one run, as a table or, with ``--json``, as JSON.

Plans and certificates are timed in this process, ours and the floor in turn. Durable cases run in a
process of their own: they are measured by the wall clock, and share nothing with what ran before.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from benchmarks import (
    catalogs,
    certificates,
    departments,
    evidence,
    federation,
    lint,
    log,
    plans,
    recognising,
    relying,
    sd_jwts,
    seals,
    simulation,
    status,
    strangers,
    ticks,
)
from benchmarks.measuring import Pair

_HEADS: Final = ("", "ours", "per second", "floor", "ratio", "the floor is")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; exit code 0, or that of the durable cases where they failed."""
    given = _parser().parse_args(arguments)
    rooms: dict[str, Callable[[], Iterator[Pair]]] = {
        "plans": plans.measure,
        "certificates": certificates.measure,
        "sd_jwts": sd_jwts.measure,
        "recognising": recognising.measure,
        "status": status.measure,
        "relying": relying.measure,
        "strangers": strangers.measure,
        "catalogs": catalogs.measure,
        "lint": lint.measure,
        "departments": departments.measure,
        "evidence": evidence.measure,
        "federation": federation.measure,
        "cases": lambda: _durable_cases(given.cases, given.repeat),
        "simulation": simulation.measure,
        "ticks": lambda: ticks.measure(given.waiting),
        "log": lambda: log.measure(given.leaves),
        "seals": seals.measure,
    }
    chosen = given.rooms or list(rooms)
    unknown = sorted(set(chosen) - set(rooms))
    if unknown:
        sys.stderr.write(f"no such room: {', '.join(unknown)}; choose of {', '.join(rooms)}\n")
        return 2
    try:
        pairs = [pair for room in chosen for pair in rooms[room]()]
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{error.stderr}\nthe durable cases ended with {error.returncode}\n")
        return 1
    machine = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
    }
    if given.json:
        measured = [pair.as_json() for pair in pairs]
        print(json.dumps({"machine": machine, "measurements": measured}, ensure_ascii=False))
    else:
        print(", ".join(f"{name} {value}" for name, value in machine.items()), end="\n\n")
        print(*_table(pairs), sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "rooms", nargs="*", help="which rooms, of those that an unknown one is told; all"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--cases", type=int, default=1000, help="how many durable cases at once")
    parser.add_argument("--repeat", type=int, default=3, help="runs of them, of which the best")
    parser.add_argument(
        "--waiting", type=int, default=ticks.CASES, help="how many open cases a tick passes over"
    )
    parser.add_argument(
        "--leaves", type=int, default=log.LEAVES, help="how many entries the measured log has"
    )
    return parser


def _durable_cases(cases: int, repeat: int) -> Iterator[Pair]:
    """Yield durable cases against raw group commits, as ``benchmarks.cases`` measures them."""
    command = (sys.executable, "-m", "benchmarks.cases", "--cases", cases, "--repeat", repeat)
    done = subprocess.run(  # noqa: S603 - our own module
        list(map(str, command)), capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    yield Pair(
        name=found["name"],
        ours_us=1e6 / found["per_second"],
        floor_us=1e6 / found["raw_sqlite_per_second"],
        floor="the same rows in raw SQLite",
        clock="wall",
        facts=found,
    )


def _table(pairs: Sequence[Pair]) -> Iterator[str]:
    rows = [_HEADS]
    rows += [
        (
            pair.name,
            _time(pair.ours_us),
            f"{1e6 / pair.ours_us:,.0f}",
            _time(pair.floor_us),
            f"{pair.ratio:.2f}",
            f"{pair.floor} ({pair.clock})",
        )
        for pair in pairs
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *figures, last in rows:
        cells = (cell.rjust(width) for cell, width in zip(figures, widths[1:-1], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells, last))


def _time(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.1f} µs"
    return f"{microseconds / 1000:.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
