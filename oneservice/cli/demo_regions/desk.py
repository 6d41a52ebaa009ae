"""What is handed to the auditor, and how another process is asked what it is worth."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import canonical, write_instant
from oneservice.certificates import Bundle, Evidence, StatusList, TrustStore
from oneservice.cli.demo_pages import drawn_pages
from oneservice.cli.demo_regions.audit import BOOK, PAPERS
from oneservice.cli.demo_regions.country import Country
from oneservice.cli.demo_regions.keys import REGIONS, territory_of
from oneservice.cli.demo_regions.kinds import definitions
from oneservice.cli.demo_regions.lists import LIST_NAME
from oneservice.cli.demo_regions.log_papers import (
    LOG_PAPERS,
    put_down_policies,
    put_down_proofs,
)
from oneservice.errors import EnvironmentalError
from oneservice.runtimes import letter_parts

__all__ = ["Desk"]

TRAIN_PAPERS: Final = "train-papers.jsonl"
_AUDIT: Final = "oneservice.cli.demo_regions.audit"
_POLICY: Final = """\
format: oneservice-policy/1
name: travelled
require:
  - standard
  - logged
  - witnessed: {at_least: 3}
"""


class Desk:
    """The auditor's desk: copies, in a folder of its own.

    Args:
        land: whose papers they are.
    """

    def __init__(self, land: Country) -> None:
        self._land = land
        self.folder = land.base / PAPERS
        self.folder.mkdir(exist_ok=True)

    def keep(self, name: str, told: dict[str, Any]) -> None:
        """Put down what a region handed over: a letter, status lists, a bundle, a book."""
        if told.get("letter"):
            (self.folder / f"{name}.letter").write_text(told["letter"], encoding="utf-8")
            paper, beside = letter_parts(told["letter"].encode("utf-8"))
            evidence = Evidence.of(paper, beside)
            put_down_proofs(self.folder, name, paper, beside)
            (self.folder / f"{name}.evidence.json").write_bytes(evidence.dump())
        for number, one in enumerate(told.get("lists", ())):
            (self.folder / f"status-{name}-{number}").write_text(one, encoding="utf-8")
        if told.get("proofs"):
            path = self.folder / f"logged-{name}.json"
            path.write_text(json.dumps(told["proofs"]), encoding="utf-8")
        if "bundle" in told:
            (self.folder / f"{name}.bundle.json").write_text(told["bundle"], encoding="utf-8")
        if "book" in told:
            path = self.folder / BOOK
            path.write_text(told["book"], encoding="utf-8")
            path.with_suffix(".log").write_text(told["logged"], encoding="utf-8")

    def drawn(self, name: str) -> Path | None:
        """Draw the certificates of a case that was kept; ``None``: the extra ``faces`` is missing.

        Returns the folder of the pages, beside the desk: they are for people, not for the audit.
        """
        bundle = Bundle.parse((self.folder / f"{name}.bundle.json").read_bytes())

        def write(page: str, content: bytes) -> Path:
            path = self._land.base / page
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            return path

        found = drawn_pages(bundle, catalog=definitions(), write=write)
        return found[0].parent if found else None

    def copy_lists(self) -> None:
        """Put down the trust lists that the regions publish now."""
        for one in REGIONS:
            path = self._land.base / one / LIST_NAME
            if path.exists():
                shutil.copy(path, self.folder / f"list-{territory_of(one)}.json")
        (self.folder / "policy.yaml").write_text(_POLICY, encoding="utf-8")
        lists = (one.read_bytes() for one in sorted(self.folder.glob("list-*.json")))
        put_down_policies(self.folder, map(TrustStore.parse, lists))

    async def judged(self, region: str | None = None) -> dict[str, Any]:
        """Ask another process, which has the files and nothing else; letters by certificate.

        Raises:
            EnvironmentalError: that process failed.
        """
        self.copy_lists()
        words = (str(self._land.base), self._land.now.isoformat(), *((region,) if region else ()))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _AUDIT, *words), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        if process.returncode:
            msg = f"the auditor's process ended with exit code {process.returncode}"
            raise EnvironmentalError(msg)
        told: dict[str, Any] = json.loads(out)
        return {**told, "letters": {one["certificate"]: one for one in told["letters"]}}

    def command(self, *files: str, status: str, at: str) -> list[str]:
        """Return the words by which anybody verifies what travelled, in this folder, offline."""
        lists = [f"--trust={one.name}" for one in sorted(self.folder.glob("list-*.json"))]
        register = [
            f"--status={one.name}" for one in sorted(self.folder.glob(f"status-{status}-*"))
        ]
        rest = (*lists, *register[:1], "--policy=policy.yaml", f"--at={at}")
        return ["oneservice", "verify", *files, *rest]

    def keep_train(self, shown: Path) -> None:
        """Put down what the people of a train show as ``verify`` reads it: an evidence file a line.

        Whose each must be is left out: that is a question to the person, not to the paper.
        """
        letters = (canonical(json.loads(one)["letter"]) for one in shown.open(encoding="utf-8"))
        lines = (Evidence.of(*letter_parts(one)).dump() + b"\n" for one in letters)
        (self.folder / TRAIN_PAPERS).write_bytes(b"".join(lines))

    def train_command(self, *, accepted_in: str) -> list[str]:
        """Return the words by which anybody judges the train's papers, as of when it arrived."""
        lists = [f"--trust={one.name}" for one in sorted(self.folder.glob("list-*.json"))]
        registers = sorted(self.folder.glob("status-train-*"))
        arrived = max(StatusList.parse(one.read_bytes()).issued_at for one in registers)
        return [
            *("oneservice", "verify", TRAIN_PAPERS, "--lines"),
            *lists,
            *(f"--status={one.name}" for one in registers),
            f"--recognise-in={accepted_in}",
            f"--at={write_instant(arrived).replace('.000', '')}",
        ]

    def log_command(self, name: str, *, territory: str) -> list[str]:
        """Return the words by which anybody checks that a log holds a paper, in this folder."""
        place = f"{LOG_PAPERS}/{name}"
        options = (f"--receipt={place}.receipt", f"--of={place}.json")
        policy = f"--policy={LOG_PAPERS}/policy-{territory}.txt"
        return ["oneservice", "log", "check", f"{place}.tlog-proof", *options, policy]
