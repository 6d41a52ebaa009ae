"""``oneservice regions``: the directory by which regions introduce themselves to each other."""

from __future__ import annotations

from typing import Final

import click

from oneservice.cli.groups import LazyParts, Part

__all__ = ["COMMANDS", "command"]

_EPILOG = """\
\b
Examples:
  oneservice regions init --publisher https://regions.example \\
      --signer 990000=z6Mk… --signer 980000=z6Mk… --signer audit=z6Mk… \\
      --threshold 2 --out draft.yaml
  oneservice regions enter draft.yaml --region 980000 --name zh=乙省 \\
      --from 2026-03-01 --service https://980000.example/adapter \\
      --key region-980000-1=z6Mk… --evidence health_certificate
  oneservice regions sign draft.yaml --key bureau.pem --out regions.json
  oneservice regions cosign regions.json --key audit.pem
  oneservice regions check regions.json --trust-list list.json
  oneservice regions callers regions.json --own 990000 > callers.json

A directory introduces, it does not decide: whose certificates count stays a
matter of each region's own trust list. It is signed, numbered and never
rewritten, as trust lists are. A region joins, and leaves, as data.

Exit codes: 0 fine, 1 a finding, 2 wrong use. All commands know --json.
"""

COMMANDS: Final = {
    "init": Part("regions_drafting", "init", "Begin the draft of a directory."),
    "import": Part(
        "regions_drafting", "import_directory", "Make a draft of a published directory."
    ),
    "enter": Part("regions_drafting", "enter", "Enter a region that joins."),
    "rotate": Part("regions_drafting", "rotate", "Change who signs the directory."),
    "sign": Part("regions_signing", "sign", "Make an edition of a draft, and sign it."),
    "cosign": Part("regions_signing", "cosign", "Add a signature, or those of other copies."),
    "check": Part("regions_judging", "check", "May this edition be acted on, and follow that?"),
    "show": Part("regions_judging", "show", "Show which regions take part, as of a moment."),
    "diff": Part("regions_judging", "diff", "Tell what changed, and what to ask about it."),
    "callers": Part("regions_judging", "callers", "Write who may call an adapter, for serving."),
}
"""In the order in which a directory is made. Listing them imports none."""


@click.group(
    "regions",
    cls=LazyParts,
    parts=COMMANDS,
    epilog=_EPILOG,
    short_help="Make and read the directory of regions.",
)
def command() -> None:
    """Make, sign, show and compare directories of regions: where they are, how they speak.

    Nothing here asks a server or believes one: files in, files out.
    """
