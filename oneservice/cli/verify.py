"""``oneservice verify``: is this certificate, bundle or journal what it says it is? Offline.

Nothing in this command, nor below it, opens a socket: what is needed comes as files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import Policy, Verdict, policy_document
from oneservice.cli.inspection import Inquirer, Kind, Opened, opened
from oneservice.cli.options import FILE, MOMENT, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.refusals import FINDING, FINE, WRONG_USE, refusal_of
from oneservice.cli.verify_batch import batch_options, is_batch, judge_batch
from oneservice.cli.verify_page import show_inspection, show_sum
from oneservice.cli.verify_policy_page import show_policy
from oneservice.cli.verify_relying import POLICY, asked_for, check_root, registers, relied_on
from oneservice.clocks import SystemClock
from oneservice.errors import MalformedCertificateError, OneServiceError
from oneservice.relying import Reliance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import Trust

__all__ = ["command"]

_EXITS: Final = {
    Verdict.VALID: FINE,
    Verdict.INVALID: FINDING,
    Verdict.INDETERMINATE: WRONG_USE,
}
_ENCLOSING: Final = (Kind.EVIDENCE, Kind.BUNDLE)
"""Files in which a trust list lies."""

_EPILOG = """\
\b
Examples:
  oneservice verify food_permit.json --trust trust-list.json
  oneservice verify certificates/*.json bundle.json journal.jsonl \\
      --trust trust-list.json --at 2027-03-01
  oneservice verify permit.evidence.json --trust-root z… --policy archive
  oneservice verify permit.sd-jwt --trust list.json --status status.jwt \\
      --audience https://market.example --nonce 8fQ2
  oneservice verify permit.json --trust here.json --trust there.json \\
      --recognise-in 440000
  oneservice verify certificates/ --trust trust-list.json --jobs 0
  oneservice verify permits.jsonl --lines --jobs 0 --trust list.json --json
  oneservice verify permit.pdf --trust trust-list.json
  oneservice verify --policy counter.yaml --explain-policy
  curl -s https://… | oneservice verify - --trust trust-list.json

A journal by itself is never valid: anybody can write one. Give the bundle that
names its head as well, not in a batch. --at is the moment for certificates;
records have none.

--json writes one JSON object on one line for each file: {"file", "kind", "verdict",
"reason", "message", "policy", "checks": [{"name", "result", "evidence"}]}; bundles
add "components", a report on each certificate in them with "has_ended".

Exit codes: 0 all valid, 1 one is invalid, 2 one cannot be judged now, or wrong
use.
"""


@click.command(
    "verify", epilog=_EPILOG, short_help="Check certificates, bundles, journals; offline."
)
@click.argument("files", type=FILE, nargs=-1, metavar="FILE...")
@click.option(
    "--trust",
    "trust_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Trust list that you chose: who may issue what. Repeat it for other regions; each speaks "
    "for its own territory only. Without any nobody vouches for an issuer.",
)
@click.option(
    "--trust-root",
    metavar="KEY|DIGEST",
    help="Public key (z…) that must have signed the lists, or digest (sha256:…) of their root, "
    "where you have it from elsewhere. Without --trust, lists that lie in files count by it.",
)
@click.option(
    "--trust-memory",
    type=FILE,
    metavar="FILE",
    help="Remember the editions that you relied on in this file, and refuse older ones, forks and "
    "strangers.",
)
@click.option(
    "--status",
    "status_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Published status list, as it was fetched; may be repeated, also for older editions.",
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
    type=POLICY,
    metavar="NAME|FILE",
    default="standard",
    show_default=True,
    help="What must pass: standard, archive, a file of your own (YAML, JSON), or one of the "
    "policies with an ugly name.",
)
@click.option(
    "--explain-policy", is_flag=True, help="Say in words what must pass, and judge nothing."
)
@click.option(
    "--recognise-in",
    metavar="REGION",
    help="Ask, too, whether it counts in REGION, by the rules of that region's trust list.",
)
@click.option("--audience", metavar="TEXT", help="To whom an SD-JWT must be shown: you.")
@click.option(
    "--nonce", metavar="TEXT", help="The word that you chose for this showing of an SD-JWT."
)
@click.option(
    "--all-current",
    is_flag=True,
    help="A bundle is valid only if each certificate in it is in force at MOMENT, too.",
)
@batch_options
@click.option(
    "--offline", is_flag=True, help="Open no socket. Always so; the option says it aloud."
)
@language_option
@json_option
def command(
    *,
    files: tuple[Path, ...],
    trust_files: tuple[Path, ...],
    trust_root: str | None,
    trust_memory: Path | None,
    status_files: tuple[Path, ...],
    at: datetime | None,
    policy: Policy,
    explain_policy: bool,
    recognise_in: str | None,
    audience: str | None,
    nonce: str | None,
    all_current: bool,
    offline: bool,
    language: str,
    as_json: bool,
    **batch: Any,
) -> None:
    """Check certificates, evidence files, bundles of a case, and journals; their content tells.

    FILE may be - for the standard input. A bundle is the record of its day: a certificate that
    ended since is named, and makes it no less true.

    First come the verdict, the true reason and what to do; then every check is named with its
    result and its evidence. "Cannot be told now" is never "invalid".
    """
    del offline  # there is no other way
    check_root(trust_root)
    policy = asked_for(policy, recognise_in=recognise_in, audience=audience, nonce=nonce)
    if explain_policy:
        _explain(policy, language=language, as_json=as_json)
        return
    if not files and batch["files_from"] is None:
        msg = "name a file to judge, or - for the standard input"
        raise click.UsageError(msg)
    trust = relied_on(trust_files, root=trust_root, memory=trust_memory)
    moment = at or SystemClock().now()
    if is_batch(files, batch):
        reliance = Reliance(
            trust=trust,
            policy=policy,
            status=registers(status_files, trust=trust, at=moment),
            root=trust_root,
            all_current=all_current,
        )
        counts = judge_batch(
            files, reliance=reliance, at=moment, language=language, as_json=as_json, **batch
        )
        raise click.exceptions.Exit(_exit_code(counts))
    read = {file: _opened(file) for file in files}
    _refuse_lone_root(trust_root, trust, read.values())
    asked = Inquirer(
        trust=trust,
        at=moment,
        policy=policy,
        status=registers(status_files, trust=trust, at=moment),
        root=trust_root,
        all_current=all_current,
    )
    readable = [one for one in read.values() if isinstance(one, Opened)]
    asked = replace(asked, seals=asked.seals_among(readable), moved=asked.moves_among(readable))
    told = _Telling(at=moment, language=language, page=None if as_json else Page())
    verdicts = Counter(told.file(file, read[file], asked) for file in files)
    told.sum(verdicts)
    raise click.exceptions.Exit(_exit_code(verdicts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """How files are told of: as pages in a language, or, without a page, as lines of JSON."""

    at: datetime
    language: str
    page: Page | None

    def file(self, file: Path, read: Opened | OneServiceError, asked: Inquirer) -> Verdict:
        """Judge one file, tell of it, and return the verdict."""
        try:
            if isinstance(read, OneServiceError):
                raise read
            inspection = asked.inspect(read)
        except OneServiceError as error:
            return _tell_unreadable(file, error, as_json=self.page is None)
        if self.page is None:
            report = inspection.report.as_json()
            print_json(_report(file, inspection.kind, report), indent=None)
        else:
            show_inspection(self.page, inspection, at=self.at, language=language_of(self.language))
        return inspection.report.verdict

    def sum(self, verdicts: Counter[Verdict]) -> None:
        """Count several verdicts, for people."""
        if self.page is not None and verdicts.total() > 1:
            show_sum(self.page, verdicts, language=language_of(self.language))


def _explain(policy: Policy, *, language: str, as_json: bool) -> None:
    if as_json:
        print_json(policy_document(policy))
    else:
        show_policy(Page(), policy, language=language_of(language))


def _refuse_lone_root(
    root: str | None, trust: Trust | None, read: Iterable[Opened | OneServiceError]
) -> None:
    """Refuse a root for which there is no list: neither given nor in any of the files."""
    kinds = {one.kind for one in read if isinstance(one, Opened)}
    if root is not None and trust is None and kinds and not kinds & set(_ENCLOSING):
        msg = "--trust-root says who must have signed the trust list; name the list with --trust"
        raise click.UsageError(msg)


def _opened(file: Path) -> Opened | OneServiceError:
    """Return the file, or why it cannot be judged; the others are still looked at."""
    try:
        return opened(file)
    except OneServiceError as error:
        return error


def _exit_code(verdicts: Mapping[Verdict, int]) -> int:
    """Return the gravest: a forgery among files that cannot be judged is still a forgery."""
    for verdict in (Verdict.INVALID, Verdict.INDETERMINATE):
        if verdicts.get(verdict):
            return _EXITS[verdict]
    return _EXITS[Verdict.VALID]


def _tell_unreadable(file: Path, error: OneServiceError, *, as_json: bool) -> Verdict:
    """Report a file that could not be opened; a face without a sound certificate is no paper."""
    told = refusal_of(error)
    is_malformed = isinstance(error, MalformedCertificateError)
    verdict = Verdict.INVALID if is_malformed else Verdict.INDETERMINATE
    if as_json:
        facts: dict[str, Any] = {
            "verdict": verdict.value,
            "reason": told.code,
            "message": told.message,
            "checks": [],
        }
        print_json(_report(file, None, facts), indent=None)
    else:
        click.echo(told.as_text(), err=True)
    return verdict


def _report(file: Path, kind: str | None, report: dict[str, Any]) -> dict[str, Any]:
    return {"file": str(file), "kind": kind, **report}
