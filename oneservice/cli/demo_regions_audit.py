"""The auditor of the cross-region story: files only, no network, no word of any region believed.

``python -m oneservice.cli.demo_regions_audit FOLDER MOMENT [REGION]`` reads what travelled
(certificates with the proofs of both logs, status lists, trust lists) and prints what each is worth
at that moment.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.certificates import (
    MOVED_FROM,
    Logged,
    Policy,
    PublishedStatus,
    RecognisedIn,
    StatusKnown,
    TrustBook,
    TrustStore,
    Witnessed,
    combine,
    examine,
)
from oneservice.cli.demo_regions_world import ENOUGH_WITNESSES
from oneservice.identifiers import RegionCode
from oneservice.runtimes import letter_parts

__all__ = ["PAPERS", "audited", "main"]

PAPERS: Final = "travelled"
"""Folder of what travelled, in the folder of the story."""


def audited(folder: Path, at: datetime, *, accepted_in: str | None = None) -> list[dict[str, Any]]:
    """Return what each certificate that travelled is worth at ``at``, with every check.

    Args:
        folder: of the story.
        at: aware instant asked about.
        accepted_in: region in which it is to count; ``None``: that of its issuer.
    """
    trust = _trust(folder)
    lists = [one.read_bytes() for one in sorted((folder / PAPERS).glob("status-*"))]
    status = PublishedStatus.of(lists, trust=trust)
    policy = Policy.standard().also(Logged(), Witnessed(at_least=ENOUGH_WITNESSES), StatusKnown())
    if accepted_in is not None:
        policy = policy.also(RecognisedIn(region=RegionCode(accepted_in)))
    found = []
    for path in sorted((folder / PAPERS).glob("*.letter")):
        paper, enclosures = letter_parts(path.read_bytes())
        report = examine(
            paper, trust=trust, at=at, status=status, policy=policy, enclosures=enclosures
        )
        claims = paper.claims
        found.append(
            {
                "certificate": claims.id,
                "issuer": claims.issuer_id,
                "from": claims.result.get(MOVED_FROM, {}).get("certificate"),
                "verdict": str(report.verdict),
                "reason": report.reason,
                "checks": {one.name: str(one.result) for one in report.checks},
            }
        )
    return found


def _trust(folder: Path) -> TrustBook:
    texts: list[str] = json.loads((folder / "trust-lists.json").read_text(encoding="utf-8"))
    return combine(TrustStore.parse(one.encode("utf-8")) for one in texts)


def main(arguments: list[str]) -> None:
    """Print the findings as one line of JSON."""
    folder, at = Path(arguments[0]), datetime.fromisoformat(arguments[1])
    told = audited(folder, at, accepted_in=arguments[2] if arguments[2:] else None)
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
