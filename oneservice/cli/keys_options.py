"""What the commands about keys share: where a key is, and where its password comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from oneservice.canonical import parse_object
from oneservice.cli.options import FILE
from oneservice.cli.reading import read_file
from oneservice.errors import FileUnusableError, MalformedJsonError
from oneservice.seals import Secret, TokenKey, TokenPlace, open_key_file, read_secret

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.seals import SealKey

__all__ = [
    "KeyChoice",
    "book_option",
    "key_options",
    "password_options",
    "read_document",
    "secret_of",
]

_F = TypeVar("_F", bound=Callable[..., Any])
_MAX_DOCUMENT_BYTES: Final = 1_048_576


def password_options(function: _F) -> _F:
    """Add where a password or PIN comes from, as ``password_file`` and ``password_fd``."""
    for option in (
        click.option(
            "--password-fd",
            type=click.IntRange(min=0),
            metavar="N",
            help="Open file descriptor to read the password or PIN from.",
        ),
        click.option(
            "--password-file",
            type=FILE,
            metavar="FILE",
            help="File with the password or PIN, yours alone (chmod 600).  [default: asked for]",
        ),
    ):
        function = option(function)
    return function


def secret_of(file: Path | None, descriptor: int | None, *, is_new: bool = False) -> Secret:
    """Return the password that was named; it is asked for where none was.

    Raises:
        click.UsageError: two sources, or none and nobody to ask.
        KeyUnusableError: there is no password where it should be.
    """
    if file is not None and descriptor is not None:
        msg = "name one source of the password: --password-file or --password-fd"
        raise click.UsageError(msg)
    if file is not None:
        return read_secret(f"file:{file}")
    if descriptor is not None:
        return read_secret(f"fd:{descriptor}")
    if not sys.stdin.isatty():
        msg = "there is nobody to ask for the password; use --password-file or --password-fd"
        raise click.UsageError(msg)
    text = click.prompt("Password", hide_input=True, confirmation_prompt=is_new, err=True)
    return Secret(text.encode("utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChoice:
    """Where a key is, as the command line says it."""

    file: Path | None
    module: Path | None
    token: str | None
    label: str | None
    password_file: Path | None
    password_fd: int | None

    def open(self) -> SealKey:
        """Return the key.

        Raises:
            click.UsageError: no key was named, or two.
            KeyUnusableError: it cannot be opened.
        """
        place = (self.module, self.token, self.label)
        if (self.file is None) == (place == (None, None, None)):
            msg = "name the key: --key FILE, or --module, --token and --label of a device"
            raise click.UsageError(msg)
        if self.file is not None:
            return open_key_file(self.file, secret_of(self.password_file, self.password_fd))
        if self.module is None or self.token is None or self.label is None:
            msg = "a key in a device needs all of --module, --token and --label"
            raise click.UsageError(msg)
        where = TokenPlace(module=self.module, token=self.token, label=self.label)
        return TokenKey(where, secret_of(self.password_file, self.password_fd))


def key_options(function: _F) -> _F:
    """Add where the key is, as the members of :class:`KeyChoice`."""
    function = password_options(function)
    for option in (
        click.option("--label", metavar="TEXT", help="Label of the key in the device."),
        click.option("--token", metavar="TEXT", help="Label of the device."),
        click.option(
            "--module", type=FILE, metavar="FILE", help="PKCS #11 module of a device's maker."
        ),
        click.option("--key", "file", type=FILE, metavar="FILE", help="Key in an encrypted file."),
    ):
        function = option(function)
    return function


def book_option(function: _F) -> _F:
    """Add ``--book`` as ``book_file``."""
    return click.option(
        "--book",
        "book_file",
        type=FILE,
        required=True,
        metavar="FILE",
        help="The book of the seal.",
    )(function)


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        FileUnusableError: it cannot be read, or is none.
    """
    try:
        return parse_object(read_file(path, max_bytes=_MAX_DOCUMENT_BYTES))
    except MalformedJsonError as error:
        msg = f"{path}: {error}"
        raise FileUnusableError(msg) from error
