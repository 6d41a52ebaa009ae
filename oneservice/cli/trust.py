"""``oneservice trust``: lists of who may issue what, made by people, signed by several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from oneservice.cli.groups import LazyParts, Part

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
      --type health_certificate --region 990000 --from 2026-01-01
  oneservice trust sign draft.yaml --key bureau.pem --out list.json
  oneservice trust cosign list.json --key audit.pem
  oneservice trust show list.json --json

A draft is the living source of a list. 'sign' makes an edition of it, the first
or the one --after another; each signer adds a signature where he sits, and
'cosign' puts them together. 'diff' and 'check' tell an auditor what changed.

Exit codes: 0 fine, 1 a finding, 2 wrong use. All commands know --json.
"""


COMMANDS: Final[Mapping[str, Part]] = {
    "init": Part("trust_drafting", "init", "Begin the draft of a list."),
    "import": Part("trust_drafting", "import_list", "Make a draft of a published list."),
    "add-issuer": Part("trust_entering", "add_issuer", "Enter an office."),
    "add-key": Part("trust_entering_keys", "add_key", "Enter a key of an office."),
    "retire-key": Part("trust_entering_keys", "retire_key", "End the use of a key."),
    "report-stolen": Part("trust_entering_keys", "report_stolen", "Report a key as stolen."),
    "entitle": Part("trust_entering", "entitle", "Let an office issue a type, or end it."),
    "recognise": Part("trust_entering", "recognise", "Accept what another region issues."),
    "add-log": Part("trust_entering_vouchers", "add_log", "Enter a transparency log."),
    "add-witness": Part("trust_entering_vouchers", "add_witness", "Enter a witness."),
    "add-clock": Part("trust_entering_vouchers", "add_clock", "Enter a timestamp authority."),
    "rotate": Part("trust_drafting", "rotate", "Change who signs the list."),
    "sign": Part("trust_signing", "sign", "Make an edition of a draft, and sign it."),
    "cosign": Part("trust_signing", "cosign", "Add a signature, or those of other copies."),
    "check": Part("trust_judging", "check", "May this edition be relied on, and follow that?"),
    "show": Part("trust_judging", "show", "Show what a list says, as of a moment."),
    "diff": Part("trust_judging", "diff", "Tell what changed, and what to ask about it."),
}
"""In the order in which a list is made. Listing them imports none."""


@click.group(
    "trust",
    cls=LazyParts,
    parts=COMMANDS,
    epilog=_EPILOG,
    short_help="Make and compare trust lists.",
)
def command() -> None:
    """Make, sign, show and compare trust lists: who may issue what, and since when.

    Nothing here asks a server or believes one: files in, files out.
    """
