"""``oneservice audit``: the history of a case told again under its plan, step by step. Offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import Bundle, Policy, Verdict
from oneservice.cli.audit_page import show_audit
from oneservice.cli.options import FILE, MOMENT, json_option, language_of, language_option
from oneservice.cli.pages import Page, print_json
from oneservice.cli.reading import read_file
from oneservice.cli.refusals import FINDING, FINE, WRONG_USE
from oneservice.cli.verify_relying import POLICY, check_root, registers, relied_on
from oneservice.clocks import SystemClock
from oneservice.errors import MalformedCertificateError
from oneservice.plan import Plan, parse_plan
from oneservice.relying import audit
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice audit bundle.json --trust trust-list.json
  oneservice audit bundle.json --trust trust-list.json --at 2027-03-01 \\
      --language zh
  oneservice audit bundle.json --trust trust-list.json --plan earlier.json

'verify' asks whether everything in the bundle is what was sealed. 'audit' asks
more: every record of the journal is told to the rules again, under the plan to
which the case was pinned, and must follow from the records before it; and the
certificates must be those to which this history leads.

Exit codes: 0 all is as the rules lead to, 1 it is not, 2 it cannot be told from
this file, or wrong use.
"""
_EXITS: Final = {
    Verdict.VALID: FINE,
    Verdict.INVALID: FINDING,
    Verdict.INDETERMINATE: WRONG_USE,
}
_MAX_BYTES: Final = 268_435_456
_PLAN_BYTES: Final = 16_777_216


@click.command("audit", epilog=_EPILOG, short_help="Replay the history of a case; offline.")
@click.argument("bundle", type=FILE, metavar="BUNDLE")
@click.option(
    "--trust",
    "trust_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Trust list that you chose; may be repeated for other regions.",
)
@click.option("--trust-root", metavar="KEY|DIGEST", help="Who must have signed the lists.")
@click.option(
    "--status",
    "status_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Published status list, as it was fetched; may be repeated.",
)
@click.option(
    "--at", type=MOMENT, metavar="MOMENT", help="Judge certificates as of then.  [default: now]"
)
@click.option(
    "--policy",
    type=POLICY,
    metavar="NAME|FILE",
    default="standard",
    show_default=True,
    help="What each certificate must pass, as for 'verify'.",
)
@click.option(
    "--plan",
    "plan_files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="An earlier plan of a case that was moved to a new definition; may be repeated.",
)
@language_option
@json_option
def command(
    *,
    bundle: Path,
    trust_files: tuple[Path, ...],
    trust_root: str | None,
    status_files: tuple[Path, ...],
    at: datetime | None,
    policy: Policy,
    plan_files: tuple[Path, ...],
    language: str,
    as_json: bool,
) -> None:
    """Tell the journal in BUNDLE to the rules again; say who decided what in which limit."""
    check_root(trust_root)
    moment = at or SystemClock().now()
    trust = relied_on(trust_files, root=trust_root, memory=None)
    read, plans = _bundle(bundle), tuple(_plan(one) for one in plan_files)
    found = audit(
        read,
        trust=trust,
        at=moment,
        calendar=announced_calendar(),
        status=registers(status_files, trust=trust, at=moment),
        policy=policy,
        plans=plans,
    )
    if as_json:
        print_json(found.as_json())
    else:
        known = (*plans, *([parse_plan(read.plan)] if found.decisions else ()))
        show_audit(Page(), found, at=moment, plans=known, language=language_of(language))
    raise click.exceptions.Exit(_EXITS[found.verdict])


def _bundle(file: Path) -> Bundle:
    try:
        return Bundle.parse(read_file(file, max_bytes=_MAX_BYTES))
    except MalformedCertificateError as error:
        msg = f"{file}: {error}; what is audited is the bundle of a case"
        raise MalformedCertificateError(msg) from error


def _plan(file: Path) -> Plan:
    from oneservice.canonical import parse_object  # noqa: PLC0415 - few audits need it

    return parse_plan(parse_object(read_file(file, max_bytes=_PLAN_BYTES), max_bytes=_PLAN_BYTES))
