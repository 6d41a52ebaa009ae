"""Mutation testing of a room: mutmut writes the mutants, this runs the tests on each.

``python -m benchmarks.mutation case --folder COPY --out RESULTS.jsonl --minutes 30`` judges as many
mutants as the time allows, in an order drawn by ``--seed``, so that any beginning is a fair sample;
without ``--minutes`` it judges all. ``--skip`` takes the results of a run before: after tests were
added, its dead stay dead, as long as the room itself is the same.

Why not mutmut's own runner: it starts a pytest session for every mutant and hands it thousands of
names, and what ran before the fork has filled the caches. This one collects once, empties
the caches, and forks for each mutant; a child runs only the tests that enter the mutated function,
quick ones first, and before them the one that killed its last neighbour.

Everything happens in a copy: ``COPY`` is written, the work tree is only read.
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline

ROOT: Final = Path(__file__).resolve().parents[1]
TESTS: Final = {
    "workdays": ("tests/unit/workdays", "tests/properties/test_workdays_laws.py"),
    "case": (
        "tests/unit/case",
        "tests/machines/test_case_machine.py",
        "tests/properties/test_case_laws.py",
        "tests/properties/test_counter_laws.py",
        "tests/golden/counter",
        "tests/golden/journals",
        "tests/golden/law",
    ),
}
"""The fast tests of each room; those of engines and processes are left out."""
DEAD: Final = ("killed", "timeout", "crash")
_FOLDERS: Final = ("adapters", "benchmarks", "catalogs", "docs", "examples", "oneservice", "tests")
_GENERATE: Final = """
import mutmut.__main__ as m
m.makedirs("mutants", exist_ok=True); m.copy_src_dir(); m.copy_also_copy_files()
m.setup_source_paths(); m.create_mutants(1)
"""


class Judge:
    """A pytest plugin whose loop over tests is a loop over mutants."""

    def __init__(self, given: argparse.Namespace, dead: frozenset[str]) -> None:
        self.given, self.dead, self.active = given, dead, ""
        trampoline.get_mutant_under_test = lambda: self.active

    def pytest_configure(self) -> None:
        from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - pytest comes first

        settings.register_profile(
            "mutation",
            derandomize=True,
            deadline=None,
            max_examples=30,
            database=None,
            phases=(Phase.explicit, Phase.generate),  # what kills need not be small
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        entered, seconds = measured(self, list(items.values()))
        last: dict[str, str] = {}
        until = time.monotonic() + 60 * (self.given.minutes or 10**6)
        with self.given.out.open("a") as book:
            for name in self.mutants():
                if time.monotonic() > until:
                    break
                function = name.rpartition("__mutmut_")[0]
                tests = sorted(
                    entered.get(function, ()),
                    key=lambda test: (test != last.get(function), seconds[test]),
                )
                status, killer = self.judged(name, [items[test] for test in tests], seconds)
                last[function] = killer or last.get(function, "")
                print(json.dumps({"mutant": name, "status": status, "by": killer}), file=book)
                book.flush()
        return True

    def mutants(self) -> list[str]:
        folder = Path("oneservice", self.given.room)
        found = [
            name
            for meta in sorted(folder.rglob("*.py.meta"))
            for name in json.loads(meta.read_text())["exit_code_by_key"]
        ]
        random.Random(self.given.seed).shuffle(found)  # noqa: S311 - a sample
        return [name for name in found if name not in self.dead]

    def judged(self, name: str, tests: list[Any], seconds: dict[str, float]) -> tuple[str, str]:
        """Return what became of a mutant, and the test that killed it."""
        if not tests:
            return "no tests", ""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(min(30, 5 + int(3 * sum(seconds[test.nodeid] for test in tests))))
            self.active = name
            silence()
            for test, after in zip(tests, [*tests[1:], None], strict=True):
                if not passes(test, after):
                    os.write(writer, test.nodeid.encode()[:4000])
                    os._exit(1)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            killer = told.read().decode(errors="replace")
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            return ("timeout" if os.WTERMSIG(status) == signal.SIGALRM else "crash"), killer
        return ("killed" if os.WEXITSTATUS(status) else "survived"), killer


def silence() -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)


def passes(item: Any, after: Any = None) -> bool:
    return not any(one.failed for one in runtestprotocol(item, log=False, nextitem=after))


def caches() -> Iterator[Any]:
    kind = type(functools.lru_cache(lambda: None))
    for one in gc.get_objects():
        if type(one) is kind and str(getattr(one, "__module__", "")).startswith("oneservice"):
            yield one


def measured(judge: Judge, items: list[Any]) -> tuple[dict[str, set[str]], dict[str, float]]:
    """Run all tests once on the code as it is: which functions each enters, and how long it takes.

    What functions remember is forgotten before each test: a warm cache hides who enters what.
    """
    warm = list(caches())
    for one in warm:
        one.cache_clear()
    gc.freeze()
    note = Path(f"measured-{os.getpid()}.pickle")
    pid = os.fork()
    if pid == 0:
        silence()
        entered: dict[str, set[str]] = defaultdict(set)
        seconds: dict[str, float] = {}
        hit: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, **_: hit.add(name)
        judge.active = "stats"
        for item in items:
            hit.clear()
            for one in warm:
                one.cache_clear()
            started = time.perf_counter()
            if passes(item):
                seconds[item.nodeid] = time.perf_counter() - started
                for name in hit:
                    entered[name].add(item.nodeid)
        note.write_bytes(pickle.dumps((dict(entered), seconds)))
        os._exit(0)
    os.waitpid(pid, 0)
    entered, seconds = pickle.loads(note.read_bytes())  # noqa: S301 - written above
    note.unlink()
    failing = [item.nodeid for item in items if item.nodeid not in seconds]
    print(f"{len(items)} tests enter {len(entered)} functions; left out, as they fail: {failing}")
    return entered, seconds


def write_mutants(folder: Path, room: str) -> None:
    """Copy the project to ``folder`` and have mutmut write the mutants of ``room`` there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.iterdir():
        if file.suffix in {".py", ".md", ".toml", ".txt"}:
            shutil.copy(file, folder)
    copied = json.dumps(sorted(one.name for one in folder.iterdir()))
    with (folder / "pyproject.toml").open("a") as settings:
        settings.write('\n[tool.mutmut]\nsource_paths = ["oneservice"]\n')
        settings.write(f'only_mutate = ["oneservice/{room}/*"]\nalso_copy = {copied}\n')
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _GENERATE], cwd=folder, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)


def results(file: Path) -> dict[str, str]:
    told = map(json.loads, file.read_text().splitlines())
    return {one["mutant"]: one["status"] for one in told}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("room", choices=TESTS)
    parser.add_argument("--folder", type=Path, required=True, help="where the copy goes")
    parser.add_argument("--out", type=Path, required=True, help="a line for each mutant; added to")
    parser.add_argument("--minutes", type=float, help="stop after so many")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--skip", type=Path, help="results of a run before")
    given = parser.parse_args(arguments)
    given.out = given.out.resolve()
    before = results(given.skip) if given.skip else {}
    write_mutants(given.folder, given.room)
    mutants = (given.folder / "mutants").resolve()
    os.chdir(mutants)
    sys.path[:0] = [str(mutants), str(mutants / "adapters")]
    os.environ["PYTHONPATH"] = f"{mutants}:{mutants / 'adapters'}"
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"  # so tests/conftest.py leaves it alone
    judge = Judge(given, frozenset(name for name, status in before.items() if status in DEAD))
    options = ["-p", "no:cacheprovider", "-n0", "-q", *TESTS[given.room]]
    code = int(pytest.main(options, plugins=[judge]))
    counted = Counter((before | results(given.out)).values())
    dead, total = sum(counted[one] for one in DEAD), counted.total()
    print(f"{dict(counted)}: {100 * dead / max(total, 1):.1f} % of {total} dead")
    return 0 if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else code


if __name__ == "__main__":
    sys.exit(main())
