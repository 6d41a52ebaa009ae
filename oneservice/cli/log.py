"""``oneservice log``: keep a transparency log, witness others, check and watch them.

Each command lives in a module of its own and is imported when it is called.
"""

from __future__ import annotations

from typing import Final

import click

from oneservice.cli.groups import LazyParts, Part

__all__ = ["command"]


_PARTS: Final = {
    "key": Part("log_keeping", "key", "Make a key for a log or a witness."),
    "init": Part("log_keeping", "init", "Make an empty log in a folder."),
    "append": Part("log_keeping", "append", "Log files: a salted commitment to each."),
    "checkpoint": Part("log_keeping", "checkpoint", "Sign, have cosigned, publish the head."),
    "prove": Part("log_proving", "prove", "Write the proof of an entry."),
    "check": Part("log_proving", "check", "Check a proof, a head, or evidence; offline."),
    "monitor": Part("log_watching", "monitor", "Watch a log: does it only grow, for everybody?"),
    "witness": Part("log_serving", "witness", "Run a witness that cosigns what only grows."),
    "serve": Part("log_serving", "serve", "Serve the public files of a log."),
}

_EPILOG = """\
\b
Examples:
  oneservice log key 990101.example/log --out log.pem
  oneservice log init log --key log.pem --name 990101.example/log
  oneservice log append log food_permit.json --key log.pem
  oneservice log checkpoint log --key log.pem --policy policy.txt
  oneservice log prove log --receipt food_permit.json.receipt \\
      --out permit.tlog-proof
  oneservice log check permit.tlog-proof --receipt food_permit.json.receipt \\
      --of food_permit.json --policy policy.txt
  oneservice log monitor https://990101.example/log --policy policy.txt \\
      --state seen.json

Every command takes --json.

Exit codes: 0 fine, 1 a finding, 2 wrong use, or it cannot be told now.
"""


@click.group(
    "log", cls=LazyParts, parts=_PARTS, epilog=_EPILOG, short_help="Keep, witness and watch logs."
)
def command() -> None:
    """Transparency logs: what was issued cannot be denied, and what was not cannot be slipped in.

    A log is a folder of static files: a signed head and tiles of hashes (C2SP tlog-tiles). Entries
    hold nothing personal. Witnesses cosign that it only grows; monitors compare what it shows.
    """
