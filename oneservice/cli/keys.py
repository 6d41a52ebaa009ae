"""``oneservice keys``: make and show seal keys, use them under their rules, read their books.

Each command lives in a module of its own and is imported when it is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import click

__all__ = ["command"]


class _Part(NamedTuple):
    module: str
    name: str
    summary: str


_PARTS: Final = {
    "new": _Part("keys_files", "new", "Make a key in an encrypted file."),
    "encrypt": _Part("keys_files", "encrypt", "Encrypt a key that lies in the clear."),
    "show": _Part("keys_files", "show", "Show the public half, in four forms."),
    "token": _Part("keys_files", "token", "Try a key in a device (PKCS #11)."),
    "enact": _Part("keys_rules", "enact", "Put the rules of a seal in force."),
    "mandate": _Part("keys_rules", "mandate", "Enter a mandate to use a seal."),
    "revoke": _Part("keys_rules", "revoke", "Revoke a mandate, at once."),
    "approve": _Part("keys_sealing", "approve", "Agree to a seal on one document."),
    "seal": _Part("keys_sealing", "seal", "Seal a document under the rules."),
    "book": _Part("keys_book", "book", "Read and judge the book of a seal."),
}

_EPILOG = """\
\b
Examples:
  oneservice keys new --out seal.pem --password-file password
  oneservice keys show seal.pem --password-file password
  oneservice keys enact policy.json --book seal.db
  oneservice keys seal permit.json --book seal.db --key seal.pem \\
      --requester county:registrar --out sealed.json --receipt receipt.json
  oneservice keys book seal.db --json

Passwords and PINs come from a file that only you can read, from a descriptor, or
are asked for; never from the command line. Every command takes --json.

Exit codes: 0 fine, 1 a finding (a refused seal, a book that breaks its rules),
2 wrong use.
"""


class _LazyKeys(click.Group):
    """Imports a command when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_PARTS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        part = _PARTS.get(cmd_name)
        if part is None:
            return None
        found: click.Command = getattr(import_module(f"oneservice.cli.{part.module}"), part.name)
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, part.summary) for name, part in _PARTS.items()])


@click.group("keys", cls=_LazyKeys, epilog=_EPILOG, short_help="Keep and use seals.")
def command() -> None:
    """Keys of seals, in encrypted files or devices, and the lock before them.

    A seal is a key with rules: which types, where, when, how often, who must agree. Every use and
    every refused use is written into the seal's book before the key signs.
    """
