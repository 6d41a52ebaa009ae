"""``oneservice relying``: the endpoint for whoever relies on certificates, and its records.

Each command lives in a module of its own and is imported when it is called.
"""

from __future__ import annotations

from typing import Final

import click

from oneservice.cli.groups import LazyParts, Part

__all__ = ["command"]

_PARTS: Final = {
    "serve": Part("relying_serving", "serve", "Answer programs that POST papers."),
    "calls": Part("relying_calls", "calls", "Check and read the records of calls."),
}

_EPILOG = """\
\b
Examples:
  oneservice relying serve --trust trust-list.json --calls calls.db \\
      --port 8500
  curl --data-binary @permit.json http://127.0.0.1:8500/verify
  oneservice relying calls calls.db
  oneservice relying calls calls.db --json --after 17:sha256:…

Every command takes --json.

Exit codes: 0 fine, 1 a finding, 2 wrong use, or it cannot listen or write.
"""


@click.group(
    "relying",
    cls=LazyParts,
    parts=_PARTS,
    epilog=_EPILOG,
    short_help="Answer relying parties over HTTP.",
)
def command() -> None:
    """Judge what other programs send, by your own policy, and keep a record of each call."""
