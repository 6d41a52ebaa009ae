"""``oneservice verify``: is this certificate, bundle or journal what it says it is? Offline.

Nothing in this command, nor below it, opens a socket: what is needed comes as files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import Policy, TrustStore, Verdict, decode_multikey
from oneservice.cli.inspection import inspect
from oneservice.cli.options import FILE, MOMENT, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file
from oneservice.cli.refusals import FINDING, FINE, WRONG_USE, refusal_of
from oneservice.cli.verify_page import show_inspection, show_sum
from oneservice.clocks import SystemClock
from oneservice.errors import MalformedCertificateError, OneServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["command"]

_POLICIES: Final[dict[str, Callable[[], Policy]]] = {
    "standard": Policy.standard,
    "dangerously-believe-any-issuer": Policy.dangerously_believe_any_issuer,
}
_EXITS: Final = {
    Verdict.VALID: FINE,
    Verdict.INVALID: FINDING,
    Verdict.INDETERMINATE: WRONG_USE,
}

_EPILOG = """\
\b
Examples:
  oneservice verify food_permit.json --trust trust-list.json
  oneservice verify certificates/*.json bundle.json journal.jsonl \\
      --trust trust-list.json --at 2027-03-01
  oneservice verify bundle.json --trust trust-list.json --json

--json writes one JSON object on one line for each file: {"file", "kind", "verdict",
"reason", "message", "checks": [{"name", "result", "evidence"}]}; bundles add
"components", a report on each certificate in them.

Exit codes: 0 all valid, 1 one is invalid, 2 one cannot be judged now, or wrong
use.
"""


@click.command("verify", epilog=_EPILOG, short_help="Check certificates, bundles, journals.")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--trust",
    "trust_file",
    type=FILE,
    metavar="FILE",
    help="Trust list that you chose: who may issue what. Without it nobody vouches for an issuer.",
)
@click.option(
    "--trust-root",
    metavar="MULTIBASE",
    help="Public key that must have signed the trust list (z…), where you have it from elsewhere.",
)
@click.option(
    "--at",
    type=MOMENT,
    metavar="MOMENT",
    help="Judge as of 2027-03-01 (end of that day, +08:00) or 2027-03-01T09:00:00Z.  "
    "[default: now]",
)
@click.option(
    "--policy",
    type=click.Choice(list(_POLICIES)),
    default="standard",
    show_default=True,
    help="What must pass. The other one is for a look into test data.",
)
@click.option(
    "--offline", is_flag=True, help="Open no socket. Always so; the option says it aloud."
)
@language_option
@json_option
def command(
    *,
    files: tuple[Path, ...],
    trust_file: Path | None,
    trust_root: str | None,
    at: datetime | None,
    policy: str,
    offline: bool,
    language: str,
    as_json: bool,
) -> None:
    """Check certificates, bundles of a case, and journals, told apart by their content.

    Every check is named with its result and its evidence; then come the verdict and the true
    reason. "Cannot be told now" is never "invalid".
    """
    del offline  # there is no other way
    trust = _trust(trust_file, trust_root)
    moment = at or SystemClock().now()
    rules = _POLICIES[policy]()
    page = None if as_json else Page()
    verdicts: list[Verdict] = []
    for file in files:
        try:
            inspection = inspect(file, trust=trust, at=moment, policy=rules)
        except OneServiceError as error:
            _tell_unreadable(file, error, as_json=as_json)
            verdicts.append(Verdict.INDETERMINATE)
            continue
        verdicts.append(inspection.report.verdict)
        if page is None:
            report = inspection.report.as_json()
            print_json(_report(file, inspection.kind, report), indent=None)
        else:
            show_inspection(page, inspection, at=moment, language=language_of(language))
    if page is not None and len(files) > 1:
        show_sum(page, verdicts, language=language_of(language))
    raise click.exceptions.Exit(_exit_code(verdicts))


def _trust(file: Path | None, root: str | None) -> TrustStore | None:
    """Return the list in ``file``, signed by ``root`` where one is named; ``None``: nobody."""
    if root is not None:
        try:
            decode_multikey(root)
        except MalformedCertificateError as error:
            raise click.BadParameter(str(error), param_hint="'--trust-root'") from None
    if file is not None:
        return TrustStore.parse(read_file(file, max_bytes=MAX_TRUST_BYTES), root=root)
    if root is not None:
        msg = "--trust-root says who must have signed the trust list; name the list with --trust"
        raise click.UsageError(msg)
    return None


def _exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return the gravest: a forgery among files that cannot be judged is still a forgery."""
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        if verdict in verdicts:
            return _EXITS[verdict]
    return _EXITS[Verdict.VALID]


def _tell_unreadable(file: Path, error: OneServiceError, *, as_json: bool) -> None:
    """Report a file that could not be opened; the others are still looked at."""
    told = refusal_of(error)
    if not as_json:
        click.echo(told.as_text(), err=True)
        return
    verdict = Verdict.INDETERMINATE.value
    facts = {"verdict": verdict, "reason": told.code, "message": told.message, "checks": []}
    print_json(_report(file, None, facts), indent=None)


def _report(file: Path, kind: str | None, report: dict[str, Any]) -> dict[str, Any]:
    return {"file": str(file), "kind": kind, **report}
