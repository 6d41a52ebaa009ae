"""``python tests/fuzz/harness.py [NAME]... [--runs N] [--seconds S] [--seed N] [--keep FOLDER]``.

Runs readers of the protocol and of certificates under libFuzzer, by atheris: inputs grow toward
code that was not seen yet. One process is made for each, after all was imported once. A reader
fails by an exception that is not its own, by a value that does not come back as it was, by a run of
seconds, or by memory: a run may hold a hundred times its input and a megabyte, and nothing of it
afterwards.

Prints a line of JSON for each, and exits with 1 if any failed. ``--list`` names them.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import atheris

ROOMS = ["oneservice.departments", "oneservice.canonical", "oneservice.certificates"]
with atheris.instrument_imports(include=ROOMS):
    from certificate_parsers import CERTIFICATE_PARSERS
    from parsers import PARSERS as PROTOCOL_PARSERS
    from parsers import Parser

PARSERS = {**PROTOCOL_PARSERS, **CERTIFICATE_PARSERS}
LONGEST = 4_096
PER_BYTE = 100
MARGIN = 1_048_576
SLOWEST_S = 20
RSS_MIB = 1_024
CHECK_EVERY = 500


class Judged:
    """One reader, and what its runs leave behind."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.runs = 0
        self.settled = 0

    def __call__(self, data: bytes) -> None:
        self.runs += 1
        if not self.parser.is_metered or self.runs % CHECK_EVERY:
            self._read(data)
            return
        gc.collect()
        tracemalloc.start()
        try:
            self._read(data)
            held, peak = tracemalloc.get_traced_memory()
            gc.collect()
            left = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        if peak > PER_BYTE * len(data) + MARGIN or left > MARGIN:
            msg = f"{len(data)} bytes took {peak} bytes, held {held} and left {left}"
            raise MemoryError(msg)

    def _read(self, data: bytes) -> None:
        try:
            self.parser.read(data)
        except self.parser.errors:
            return


def fuzz(name: str, given: argparse.Namespace) -> None:
    """Run one reader in this process; libFuzzer ends it."""
    parser = PARSERS[name]
    corpus = Path(given.keep) / name
    corpus.mkdir(parents=True, exist_ok=True)
    for place, good in enumerate(parser.good):
        parser.read(good)  # what is right is read
        (corpus / f"good-{place}").write_bytes(good)
    budget = [f"-max_total_time={given.seconds}"] if given.seconds else [f"-runs={given.runs}"]
    options = [
        *budget,
        f"-seed={given.seed}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOWEST_S}",
        f"-rss_limit_mb={RSS_MIB}",
        f"-artifact_prefix={corpus.parent}/{name}-",
        "-verbosity=0",
        "-print_final_stats=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], Judged(parser))
    atheris.Fuzz()


def main() -> int:
    """Fuzz what was named, one process each."""
    line = argparse.ArgumentParser(description=__doc__)
    line.add_argument("names", nargs="*")
    line.add_argument("--list", action="store_true")
    line.add_argument("--runs", type=int, default=20_000)
    line.add_argument("--seconds", type=int, default=0, help="instead of --runs")
    line.add_argument("--seed", type=int, default=7)
    line.add_argument("--keep", help="folder for inputs that reached new code")
    given = line.parse_args()
    if given.list:
        print(*PARSERS, sep="\n")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        given.keep = given.keep or folder
        failed = [name for name in given.names or PARSERS if not holds(name, given)]
    return int(bool(failed))


def holds(name: str, given: argparse.Namespace) -> bool:
    """Fuzz one reader in a process of its own, and tell how it ended."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        fuzz(name, given)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"name": name, "code": code}), flush=True)
    return code == 0


if __name__ == "__main__":
    code: Any = main()
    sys.exit(code)
