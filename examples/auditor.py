"""An auditor's answer: a bundle, a trust list, a moment; no engine, no network, no account.

    python examples/auditor.py BUNDLE TRUST-LIST [MOMENT]

Exit code 0: valid, 1: invalid, 2: it cannot be told now. `MOMENT` is an instant with its offset
(2027-03-01T09:00:00+08:00), the present by default. Take the trust list from somebody whom you
trust; the one inside the bundle is looked at for damage and decides nothing.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from oneservice.certificates import TrustStore, Verdict, VerificationError, examine_bundle
from oneservice.clocks import SystemClock

EXIT = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}


def audit(bundle: Path, trust_list: Path, at: datetime) -> int:
    """Print every check with its result, then the verdict and its reason."""
    trust = TrustStore.parse(trust_list.read_bytes())
    report = examine_bundle(bundle.read_bytes(), trust=trust, at=at)
    lines = [
        f"{check.result:<12} {check.name:<24} {check.evidence.get('why', '')}".rstrip()
        for check in report.checks
    ]
    lines += [f"{one.report.verdict:<12} {one.certificate_id}" for one in report.components]
    show(*lines, f"\n{report.verdict}: {report.message}")
    return EXIT[report.verdict]


def show(*lines: str) -> None:
    """Print ``lines``; a reader who has seen enough (`| head`) changes nothing of the verdict."""
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor is it told at exit


def main(arguments: list[str]) -> int:
    """Read the command line."""
    try:
        bundle, trust_list, *moment = arguments
        at = datetime.fromisoformat(moment[0]) if moment else SystemClock().now()
        if at.tzinfo is None:
            raise ValueError("MOMENT lacks its offset from UTC, such as +08:00")  # noqa: TRY301
        return audit(Path(bundle), Path(trust_list), at)
    except (ValueError, OSError, VerificationError) as error:
        print(f"{error}\nusage: auditor.py BUNDLE TRUST-LIST [MOMENT]", file=sys.stderr)
        return EXIT[Verdict.INDETERMINATE]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
