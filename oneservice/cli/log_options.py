"""Options that the commands of ``oneservice log`` share, and reading what they name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from oneservice.cli.options import FILE
from oneservice.cli.reading import read_file
from oneservice.transparency import (
    KnownLog,
    NoteKey,
    NoteSigner,
    SignatureType,
    WitnessPolicy,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "FOLDER",
    "key_options",
    "log_key_of",
    "policy_option",
    "read_policy",
    "read_signer",
    "stated_policy",
]

_F = TypeVar("_F", bound="Callable[..., Any]")

FOLDER: Final = FILE
_MAX_KEY_BYTES: Final = 65_536
_MAX_POLICY_BYTES: Final = 1_048_576
_PASSWORD_VARIABLE: Final = "ONESERVICE_KEY_PASSWORD"  # noqa: S105 - the name of a variable


def key_options(function: _F) -> _F:
    """Add ``--key`` and ``--password-file``."""
    options = (
        click.option(
            "--key",
            "key_file",
            type=FILE,
            required=True,
            metavar="FILE",
            help="Private key (PEM), as 'oneservice log key' writes it.",
        ),
        click.option(
            "--password-file",
            type=FILE,
            metavar="FILE",
            help=f"First line opens the key.  [default: ${_PASSWORD_VARIABLE}, else none]",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def policy_option(*, is_required: bool = False) -> Callable[[_F], _F]:
    """Add ``--policy``: who signs, who witnesses, how many are enough."""
    return click.option(
        "--policy",
        "policy_file",
        type=FILE,
        required=is_required,
        metavar="FILE",
        help="Logs, witnesses and their quorum (C2SP tlog-policy), as you chose them.",
    )


def password_of(file: Path | None) -> bytes | None:
    """Return the password that a file or the environment has, ``None`` where there is none."""
    if file is not None:
        return read_file(file, max_bytes=_MAX_KEY_BYTES).split(b"\n")[0].rstrip(b"\r") or None
    return os.environ.get(_PASSWORD_VARIABLE, "").encode() or None


def read_signer(
    file: Path,
    password_file: Path | None,
    *,
    name: str,
    type: SignatureType = SignatureType.ED25519,  # noqa: A002 - as the key calls it
) -> NoteSigner:
    """Return the private key in ``file``.

    Raises:
        KeyUnusableError: another password, or no such key.
        FileUnusableError: the file cannot be read.
    """
    data = read_file(file, max_bytes=_MAX_KEY_BYTES)
    return NoteSigner.from_pem(data, name=name, password=password_of(password_file), type=type)


def read_policy(file: Path) -> WitnessPolicy:
    """Return the policy in ``file``.

    Raises:
        LogMalformedError: it is none.
        FileUnusableError: the file cannot be read.
    """
    return WitnessPolicy.parse(read_file(file, max_bytes=_MAX_POLICY_BYTES))


def stated_policy(file: Path | None, vkey: str | None) -> WitnessPolicy:
    """Return the policy that ``--policy`` or ``--log`` states.

    Raises:
        click.UsageError: neither, or both, were given.
    """
    if (file is None) == (vkey is None):
        msg = "say whose log it is: --policy FILE, or --log VKEY where no witness is asked for"
        raise click.UsageError(msg)
    if file is not None:
        return read_policy(file)
    return WitnessPolicy(logs=(KnownLog(key=NoteKey.parse(vkey or "")),))


def log_key_of(policy: WitnessPolicy, origin: str | None) -> KnownLog:
    """Return the log of that origin, or the only one.

    Raises:
        click.UsageError: the policy does not name it, or names several.
    """
    found = [one for one in policy.logs if origin in (None, one.key.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.key.name for one in policy.logs) or "none"
    msg = f"the policy names these logs: {names}; say which one is meant, or add it"
    raise click.UsageError(msg)
