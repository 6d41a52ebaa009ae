"""``oneservice keys``: make and show seal keys, use them under their rules, read their books.

Each command lives in a module of its own and is imported when it is called.
"""

from __future__ import annotations

from typing import Final

import click

from oneservice.cli.groups import LazyParts, Part

__all__ = ["command"]


_PARTS: Final = {
    "new": Part("keys_files", "new", "Make a key in an encrypted file."),
    "encrypt": Part("keys_files", "encrypt", "Encrypt a key that lies in the clear."),
    "show": Part("keys_files", "show", "Show the public half, in four forms."),
    "token": Part("keys_files", "token", "Try a key in a device (PKCS #11)."),
    "enact": Part("keys_rules", "enact", "Put the rules of a seal in force."),
    "mandate": Part("keys_rules", "mandate", "Enter a mandate to use a seal."),
    "revoke": Part("keys_rules", "revoke", "Revoke a mandate, at once."),
    "approve": Part("keys_sealing", "approve", "Agree to a seal on one document."),
    "seal": Part("keys_sealing", "seal", "Seal a document under the rules."),
    "book": Part("keys_book", "book", "Read and judge the book of a seal."),
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


@click.group("keys", cls=LazyParts, parts=_PARTS, epilog=_EPILOG, short_help="Keep and use seals.")
def command() -> None:
    """Keys of seals, in encrypted files or devices, and the lock before them.

    A seal is a key with rules: which types, where, when, how often, who must agree. Every use and
    every refused use is written into the seal's book before the key signs.
    """
