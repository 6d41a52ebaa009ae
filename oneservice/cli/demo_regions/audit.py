"""The auditor of the story: files only, no network, no word of any region believed.

``python -m oneservice.cli.demo_regions.audit FOLDER MOMENT [REGION]`` reads what was handed over
(letters with the proofs of logs, status lists, the lists of the regions, the train's papers, the
book of a seal) and prints what it is worth at that moment. The audit has copies of its own.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import Digest, digest_bytes
from oneservice.certificates import (
    MOVED_FROM,
    Bundle,
    Logged,
    Policy,
    PublishedStatus,
    RecognisedIn,
    SealedUnder,
    StatusKnown,
    StatusList,
    TrustBook,
    TrustStore,
    Wanted,
    Witnessed,
    combine,
    examine,
    examine_book,
    examine_bundle,
    read_book,
    recognise_many,
)
from oneservice.cli.demo_regions.editions import ENOUGH_WITNESSES, logged_kind, told_of
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.cli.demo_regions.orders_papers import shown_in
from oneservice.identifiers import RegionCode
from oneservice.runtimes import letter_parts, revocations_taken_back
from oneservice.transparency import EntryKind
from oneservice.workdays import announced_calendar

__all__ = ["BOOK", "PAPERS", "TRAIN", "main"]

PAPERS: Final = "travelled"
"""Folder of what was handed over, in the folder of the story."""
TRAIN: Final = "train.jsonl"
BOOK: Final = "village-book.jsonl"


class _Audit:
    """What lies on the auditor's desk, at one moment."""

    def __init__(self, folder: Path, at: datetime, accepted_in: str | None) -> None:
        self.desk, self.at, self.accepted_in = folder / PAPERS, at, accepted_in
        lists = (one.read_bytes() for one in sorted(self.desk.glob("list-*.json")))
        self.trust: TrustBook = combine(TrustStore.parse(one) for one in lists)
        self.status = PublishedStatus.of(
            [one.read_bytes() for one in sorted(self.desk.glob("status-*"))], trust=self.trust
        )

    def letters(self) -> list[dict[str, Any]]:
        """Return what each paper is worth, with every check."""
        policy = Policy.standard().also(Logged(), Witnessed(at_least=ENOUGH_WITNESSES))
        if self.accepted_in is not None:
            policy = policy.also(RecognisedIn(region=RegionCode(self.accepted_in)))
        return [self._letter(one, policy) for one in sorted(self.desk.glob("*.letter"))]

    def _letter(self, path: Path, policy: Policy) -> dict[str, Any]:
        paper, enclosures = letter_parts(path.read_bytes())
        claims = paper.claims
        asked = SealedUnder() if claims.type == RESIDENCE else StatusKnown()
        if claims.type in {HEALTH, RESIDENCE}:
            policy = policy.also(asked)
        report = examine(
            paper,
            trust=self.trust,
            at=self.at,
            status=self.status,
            policy=policy,
            enclosures=enclosures,
        )
        return {
            "certificate": claims.id,
            "type": claims.type,
            "issuer": claims.issuer_id,
            "from": claims.result.get(MOVED_FROM, {}).get("certificate"),
            "verdict": str(report.verdict),
            "reason": report.reason,
            "checks": {one.name: str(one.result) for one in report.checks},
        }

    def bundles(self) -> dict[str, dict[str, str]]:
        """Return what the bundle of each case is worth, by the file's name.

        The log of the region that handed it out speaks for it, and for what its own offices
        issued; what another region decided is believed by that region's seals and registers.
        """
        found = {}
        for path in sorted(self.desk.glob("*.bundle.json")):
            bundle = Bundle.parse(path.read_bytes())
            report = examine_bundle(bundle, trust=self.trust, at=self.at)
            checks = {one.name: str(one.result) for one in report.checks}
            found[path.name.partition(".")[0]] = {
                "worth": report.reason or str(report.verdict),
                "logged": checks["logged"],
                "witnessed": checks["witnessed"],
            }
        return found

    def train(self) -> Mapping[str, int] | None:
        """Return how many of the train's papers count where they arrived, and why others do not."""
        path = self.desk / TRAIN
        if not path.exists() or self.accepted_in is None:
            return None
        wanted = Wanted(
            region=self.accepted_in,
            trust=self.trust,
            at=self.at,
            types=frozenset({HEALTH}),
            status=self.status,
        )
        return Counter(one.code for one in recognise_many(shown_in(path), wanted=wanted))

    def book(self) -> dict[str, Any] | None:
        """Return what was done with the village's seal, and what of it stands in the log."""
        path = self.desk / BOOK
        if not path.exists():
            return None
        records = read_book(path.read_bytes())
        report = examine_book(records, calendar=announced_calendar())
        digests = {one.digest for one in records}
        logged = Counter(
            kind
            for told in path.with_suffix(".log").read_text(encoding="utf-8").splitlines()
            for kind in [self._logged(json.loads(told), digests)]
        )
        return {
            "sealed": report.sealed,
            "refused": dict(report.refused),
            "findings": [one.reason for one in report.findings],
            "logged": dict(logged),
        }

    def lists(self) -> dict[str, Any]:
        """Return how many status lists a log provably holds, and which contradict older ones."""
        documents = [one.read_bytes() for one in sorted(self.desk.glob("status-*"))]
        at_hand = {digest_bytes(one) for one in documents}
        proofs = (json.loads(one.read_bytes()) for one in sorted(self.desk.glob("logged-*.json")))
        logged = {
            one["digest"]
            for told in proofs
            for one in told
            if self._logged(one, at_hand) == EntryKind.STATUS_LIST
        }
        found = revocations_taken_back(map(StatusList.parse, documents), trust=self.trust)
        return {"logged": len(logged), "contradictions": [told_of(one) for one in found]}

    def _logged(self, told: dict[str, str], digests: set[Digest]) -> str:
        """Return which kind of record a log provably holds; raises what proves that it does not."""
        kind = logged_kind(told, self.trust)
        return "unproven" if kind is None or told["digest"] not in digests else kind.value


def main(arguments: list[str]) -> None:
    """Print the findings as one line of JSON."""
    accepted_in = arguments[2] if arguments[2:] else None
    audit = _Audit(Path(arguments[0]), datetime.fromisoformat(arguments[1]), accepted_in)
    told = {
        "letters": audit.letters(),
        "bundles": audit.bundles(),
        "train": audit.train(),
        "book": audit.book(),
        "lists": audit.lists(),
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
