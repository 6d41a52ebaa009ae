"""``oneservice verify``: is this certificate, bundle or journal what it says it is? Offline.

Nothing in this command, nor below it, opens a socket: what is needed comes as files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import Policy, TrustStore, Verdict, decode_multikey
from oneservice.cli.inspection import Inquirer, Opened, opened
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
  oneservice verify bundle.json journal.jsonl --trust trust-list.json --json
  curl -s https://… | oneservice verify - --trust trust-list.json

A journal by itself is never valid: anybody can write one. Give the bundle that
names its head as well. --at is the moment for certificates; records have none.

--json writes one JSON object on one line for each file: {"file", "kind", "verdict",
"reason", "message", "checks": [{"name", "result", "evidence"}]}; bundles add
"components", a report on each certificate in them with "has_ended".

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
    "--all-current",
    is_flag=True,
    help="A bundle is valid only if each certificate in it is in force at MOMENT, too.",
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
    all_current: bool,
    offline: bool,
    language: str,
    as_json: bool,
) -> None:
    """Check certificates, bundles of a case, and journals, told apart by their content.

    FILE may be - for the standard input. A bundle is the record of its day: a certificate that
    ended since is named, and makes it no less true.

    Every check is named with its result and its evidence; then come the verdict and the true
    reason. "Cannot be told now" is never "invalid".
    """
    del offline  # there is no other way
    trust = _trust(trust_file, trust_root)
    moment = at or SystemClock().now()
    asked = Inquirer(trust=trust, at=moment, policy=_POLICIES[policy](), all_current=all_current)
    read = {file: _opened(file) for file in files}
    seals = asked.seals_among(one for one in read.values() if isinstance(one, Opened))
    asked = replace(asked, seals=seals)
    page = None if as_json else Page()
    verdicts: list[Verdict] = []
    for file in files:
        found = read[file]
        if not isinstance(found, Opened):
            _tell_unreadable(file, found, as_json=as_json)
            verdicts.append(Verdict.INDETERMINATE)
            continue
        inspection = asked.inspect(found)
        verdicts.append(inspection.report.verdict)
        if page is None:
            report = inspection.report.as_json()
            print_json(_report(file, inspection.kind, report), indent=None)
        else:
            show_inspection(page, inspection, at=moment, language=language_of(language))
    if page is not None and len(files) > 1:
        show_sum(page, verdicts, language=language_of(language))
    raise click.exceptions.Exit(_exit_code(verdicts))


def _opened(file: Path) -> Opened | OneServiceError:
    """Return the file, or why it cannot be judged; the others are still looked at."""
    try:
        return opened(file)
    except OneServiceError as error:
        return error


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
    """Report a file that could not be opened."""
    told = refusal_of(error)
    if not as_json:
        click.echo(told.as_text(), err=True)
        return
    verdict = Verdict.INDETERMINATE.value
    facts = {"verdict": verdict, "reason": told.code, "message": told.message, "checks": []}
    print_json(_report(file, None, facts), indent=None)


def _report(file: Path, kind: str | None, report: dict[str, Any]) -> dict[str, Any]:
    return {"file": str(file), "kind": kind, **report}
