"""An auditor's answer: a bundle, a trust list, a moment; no engine, no network, no account.

    python examples/auditor.py BUNDLE TRUST-LIST [MOMENT]

Exit code 0: valid, 1: invalid, 2: it cannot be told now. `MOMENT` is an instant with its offset
(2027-03-01T09:00:00+08:00), the present by default. Take the trust list from somebody whom you
trust; the one inside the bundle is looked at for damage and decides nothing.
"""

from __future__ import annotations

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
    for check in report.checks:
        why = check.evidence.get("why", "")
        print(f"{check.result:<12} {check.name:<24} {why}".rstrip())
    for component in report.components:
        print(f"{component.report.verdict:<12} {component.certificate_id}")
    print(f"\n{report.verdict}: {report.message}")
    return EXIT[report.verdict]


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
