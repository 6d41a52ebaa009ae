"""``oneservice trust``: lists of who may issue what, made by people, signed by several."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "command"]

_EPILOG = """\
\b
Examples:
  oneservice trust init --territory 990000 --publisher https://trust.example \\
      --signer data-bureau=z6Mk… --signer audit-office=z6Mk… --threshold 2 \\
      --out draft.yaml
  oneservice trust add-issuer draft.yaml --id https://health.example \\
      --name zh=卫生健康委员会 --region 990000 --key z6Mk… --from 2026-01-01
  oneservice trust entitle draft.yaml --issuer https://health.example \\
      --type health-certificate --region 990000 --from 2026-01-01
  oneservice trust sign draft.yaml --key bureau.pem --out list.json
  oneservice trust cosign list.json --key audit.pem
  oneservice trust show list.json --json

A draft is the living source of a list. 'sign' makes an edition of it, the first
or the one --after another; each signer adds a signature where he sits, and
'cosign' puts them together. 'diff' and 'check' tell an auditor what changed.

Exit codes: 0 fine, 1 a finding, 2 wrong use. All commands know --json.
"""


class _Entry(NamedTuple):
    module: str
    attribute: str
    summary: str


COMMANDS: Final[Mapping[str, _Entry]] = {
    "init": _Entry("trust_drafting", "init", "Begin the draft of a list."),
    "import": _Entry("trust_drafting", "import_list", "Make a draft of a published list."),
    "add-issuer": _Entry("trust_entering", "add_issuer", "Enter an office."),
    "add-key": _Entry("trust_entering_keys", "add_key", "Enter a key of an office."),
    "retire-key": _Entry("trust_entering_keys", "retire_key", "End the use of a key."),
    "report-stolen": _Entry(
        "trust_entering_keys", "report_stolen", "Report a key as stolen."
    ),
    "entitle": _Entry("trust_entering", "entitle", "Let an office issue a type, or end it."),
    "recognise": _Entry("trust_entering", "recognise", "Accept what another region issues."),
    "rotate": _Entry("trust_drafting", "rotate", "Change who signs the list."),
    "sign": _Entry("trust_signing", "sign", "Make an edition of a draft, and sign it."),
    "cosign": _Entry("trust_signing", "cosign", "Add a signature, or those of other copies."),
    "check": _Entry("trust_judging", "check", "May this edition be relied on, and follow that?"),
    "show": _Entry("trust_judging", "show", "Show what a list says, as of a moment."),
    "diff": _Entry("trust_judging", "diff", "Tell what changed, and what to ask about it."),
}
"""In the order in which a list is made. Listing them imports none."""


class _Group(click.Group):
    """Imports a command when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"oneservice.cli.{entry.module}")
        found: click.Command = getattr(module, entry.attribute)
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group("trust", cls=_Group, epilog=_EPILOG, short_help="Make and compare trust lists.")
def command() -> None:
    """Make, sign, show and compare trust lists: who may issue what, and since when.

    Nothing here asks a server or believes one: files in, files out.
    """
