"""A province's catalog: loading, the compiled file, definitions, search, questions; and memory.

``python -m benchmarks.catalogs`` prints per-item figures of 2,000 items × 45 departments × 200
one-things with 600 overlays; the catalog is generated, see :mod:`benchmarks.province`. Memory is
that of a process of its own for each way of loading.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

from benchmarks.measuring import Pair, compared
from benchmarks.province import write_province
from oneservice.catalog import (
    Catalog,
    index_goals,
    load_catalog,
    next_question,
    read_catalog,
)

__all__ = ["measure"]

_DAY = date(2026, 9, 28)
_REGION = "990100"
_QUERIES = ("我要开店17", "open a shop number 5", "建房许可", "school 117")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def measure() -> Iterator[Pair]:
    """Yield loading against the YAML parser alone, and the rest against reading the files."""
    with tempfile.TemporaryDirectory() as name:
        folder, compiled = Path(name) / "catalog", Path(name) / "compiled"
        write_province(folder)
        files = sorted(folder.rglob("*.yaml"))
        catalog = load_catalog(folder, compiled=compiled)
        items = sum(len(each.names["items"]) for each in catalog.documents)

        def parsed() -> object:
            return [sum(1 for _ in yaml.parse(each.read_bytes(), Loader=_Loader)) for each in files]

        def bytes_read() -> object:
            return [each.read_bytes() for each in files]

        yield compared(
            f"read {items} items in {len(files)} files",
            lambda: read_catalog(folder),
            parsed,
            floor_name="the C YAML parser's events alone",
            calls=1,
            rounds=3,
        )
        yield compared(
            "open the compiled file",
            lambda: load_catalog(folder, compiled=compiled),
            bytes_read,
            floor_name="reading the bytes of the files",
            calls=1,
            rounds=5,
        )
        yield from _of_catalog(catalog)


def _of_catalog(catalog: Catalog) -> Iterator[Pair]:
    things = catalog.things(_REGION, _DAY)

    def fresh() -> object:
        return Catalog(documents=catalog.documents).thing("thing_7", region=_REGION, on=_DAY)

    yield compared(
        "first definition of a region",
        fresh,
        lambda: catalog.thing("thing_7", region=_REGION, on=_DAY),
        floor_name="the same, kept",
        calls=5,
        rounds=5,
    )
    index = index_goals(catalog, region=_REGION, on=_DAY)
    titles = [f"{each.thing.title.zh} {each.thing.title.en}" for each in things]
    yield compared(
        f"search one-things and items by goal ({len(_QUERIES)} queries)",
        lambda: [index.search(query) for query in _QUERIES],
        lambda: [[title for title in titles if query in title] for query in _QUERIES],
        floor_name="looking for the exact text in the titles of one-things",
        calls=20,
        rounds=5,
    )
    answers = {"q0": 3, "q1": True}
    yield compared(
        "next question of twelve",
        lambda: next_question(things[0], answers),
        lambda: [each.id for each in things[0].thing.situations],
        floor_name="reading the ids of the questions",
        calls=200,
        rounds=5,
    )


def main(arguments: list[str]) -> int:
    """Print the figures, or, as ``child WAY FOLDER COMPILED``, load and print time and memory."""
    if arguments[:1] == ["child"]:
        _child(*arguments[1:])
        return 0
    for pair in measure():
        print(f"{pair.name}: {pair.ours_us / 1000:,.2f} ms, {pair.ratio:,.1f} × {pair.floor}")
    with tempfile.TemporaryDirectory() as name:
        folder, compiled = Path(name) / "catalog", Path(name) / "compiled"
        write_province(folder)
        items = 2000
        load_catalog(folder, compiled=compiled)
        for way in ("nothing", "cold", "compiled"):
            command = [sys.executable, "-m", "benchmarks.catalogs", "child", way]
            done = subprocess.run(  # noqa: S603 - ourselves
                [*command, str(folder), str(compiled)], capture_output=True, text=True, check=True
            )
            wall_s, peak_kib = map(float, done.stdout.split())
            print(
                f"{way}: {wall_s * 1e6 / items:,.1f} µs per item, "
                f"{wall_s * 1000:,.0f} ms, peak {peak_kib / 1024:,.0f} MiB"
            )
    return 0


def _child(way: str, folder: str, compiled: str) -> None:
    started = time.perf_counter()
    if way == "cold":
        read_catalog(Path(folder))
    elif way == "compiled":
        load_catalog(Path(folder), compiled=Path(compiled))
    wall_s = time.perf_counter() - started
    # Not getrusage: its peak is handed on from the parent through fork and exec.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(wall_s, status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
