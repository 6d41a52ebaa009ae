"""Lint of a whole province against reading its files: ``python -m benchmarks.lint``.

Two catalogs of 200 one-things and 2,000 items or more, each with overlays of three cities: a dull
one (:mod:`benchmarks.province`) and the bundled restaurant two hundred times, whose questions hang
together as real ones do.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Pair
from benchmarks.province import write_province
from oneservice.catalog import Severity, bundled_catalog_dir, lint, read_catalog

__all__ = ["main", "measure", "write_restaurants"]

_THINGS = 200
_CITIES = ("990100", "990200", "990300")


def measure() -> Iterator[Pair]:
    """Yield one pair per catalog: milliseconds of CPU for all of it, lint against reading."""
    makers: dict[str, Callable[[Path], None]] = {
        "dull": write_province,
        "restaurants": write_restaurants,
    }
    for name, write in makers.items():
        with TemporaryDirectory() as folder:
            root = Path(folder) / "province"
            write(root)
            yield _measured(name, root)


def write_restaurants(folder: Path) -> None:
    """Write the bundled restaurant :data:`_THINGS` times below ``folder``, with overlays."""
    bundled = bundled_catalog_dir()
    base = (bundled / "national" / "restaurant.yaml").read_text(encoding="utf-8")
    overlay = (bundled / "990100" / "restaurant.yaml").read_text(encoding="utf-8")
    head, _, changes = overlay.partition("overlays:\n")
    for region in ("national", *_CITIES):
        (folder / region).mkdir(parents=True)
    offices = (bundled / "national" / "departments.yaml").read_text(encoding="utf-8")
    (folder / "national" / "departments.yaml").write_text(offices, encoding="utf-8")
    items = _items(base)
    for number in range(_THINGS):
        text = _renamed(base, items, number)
        (folder / "national" / f"restaurant-{number}.yaml").write_text(text, encoding="utf-8")
        for region in _CITIES:
            text = head.partition("departments:\n")[0].replace("990100", region)
            text += "overlays:\n" + _renamed(changes, items, number)
            (folder / region / f"restaurant-{number}.yaml").write_text(text, encoding="utf-8")


def _items(base: str) -> set[str]:
    section = base.partition("\nitems:\n")[2].partition("\nthings:\n")[0]
    return set(re.findall(r"^  - id: ([a-z_]+)$", section, re.MULTILINE))


def _renamed(text: str, items: set[str], number: int) -> str:
    """Return ``text`` with its items and its one-thing under names of their own."""
    text = re.sub(r"(  - id: |thing: )restaurant\n", rf"\g<1>restaurant_{number}\n", text)
    names = "|".join(sorted(items, key=len, reverse=True))
    named = re.compile(
        rf"^(  - id: |        item: |    change_items:\n      - id: )({names})$", re.MULTILINE
    )
    return named.sub(rf"\g<1>\g<2>_{number}", text)


def _measured(name: str, root: Path) -> Pair:
    start = time.process_time()
    catalog, findings = read_catalog(root)
    read = time.process_time()
    if catalog is None:
        msg = f"the generated catalog cannot be read: {findings[0]}"
        raise RuntimeError(msg)
    findings = lint(catalog)
    end = time.process_time()
    documents = catalog.documents
    count = {
        section: sum(len(each.names[section]) for each in documents)
        for section in ("things", "items", "overlays")
    }
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        msg = f"the generated catalog has errors: {errors[0]}"
        raise RuntimeError(msg)
    return Pair(
        name=f"lint {name}: {count['things']} one-things, {count['overlays']} overlays",
        ours_us=(end - read) * 1e6,
        floor_us=(read - start) * 1e6,
        floor="reading the same files",
        facts={
            **count,
            "files": len(documents),
            "read_s": round(read - start, 2),
            "lint_s": round(end - read, 2),
            "ms_per_definition": round(
                (end - read) * 1e3 / (count["things"] + count["overlays"]), 2
            ),
            "findings": len(findings),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        },
    )


def main() -> int:
    """Print one JSON object for each catalog."""
    for pair in measure():
        print(json.dumps({"name": pair.name, **pair.facts}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
