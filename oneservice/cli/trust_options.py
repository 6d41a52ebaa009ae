"""Options and kinds of values that the commands of ``oneservice trust`` share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from oneservice.certificates import ListSigner, SigningKey, decode_multikey
from oneservice.cli.options import FILE, MOMENT
from oneservice.cli.reading import read_file
from oneservice.cli.trust_files import end_of, start_of
from oneservice.errors import KeyUnusableError, MalformedCertificateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "END",
    "MULTIKEY",
    "SIGNER",
    "START",
    "at_option",
    "by_language",
    "force_option",
    "key_options",
    "open_keys",
    "root_option",
]

_F = TypeVar("_F", bound="Callable[..., Any]")
_MAX_PEM_BYTES: Final = 65_536
_MAX_PASSWORD_BYTES: Final = 1024


class _Bound(click.ParamType["datetime"]):
    """A day or an instant; of a day its beginning, or its end."""

    def __init__(self, name: str, read: Callable[[str], datetime]) -> None:
        self.name = name
        self._read = read

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if not isinstance(value, str):
            moment: datetime = value
            return moment
        try:
            return self._read(value)
        except (ValueError, OverflowError):
            words = "write 2027-03-01, or with time and zone 2027-03-01T09:00:00+08:00"
            return self.fail(words, param, ctx)


class _Multikey(click.ParamType[str]):
    name = "multikey"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            decode_multikey(value)
        except MalformedCertificateError as error:
            return self.fail(f"{error}; a public key as a Multikey (z…) is due", param, ctx)
        return str(value)


class _Signer(click.ParamType[ListSigner]):
    name = "signer"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ListSigner:
        if isinstance(value, ListSigner):
            return value
        name, _, key = value.partition("=")
        if not name or not key:
            return self.fail("write NAME=MULTIKEY, such as audit-office=z6Mk…", param, ctx)
        return ListSigner(name=name, public_key_multibase=MULTIKEY.convert(key, param, ctx))


START: Final = _Bound("start", start_of)
END: Final = _Bound("end", end_of)
MULTIKEY: Final = _Multikey()
SIGNER: Final = _Signer()


def by_language(texts: Sequence[str], hint: str) -> dict[str, str]:
    """Return texts by language from ``zh=…`` and ``en=…``.

    Raises:
        click.BadParameter: one has no language.
    """
    found: dict[str, str] = {}
    for one in texts:
        language, _, words = one.partition("=")
        if language not in {"zh", "en"} or not words:
            msg = "write zh=WORDS or en=WORDS"
            raise click.BadParameter(msg, param_hint=hint)
        found[language] = words
    return found


def root_option(function: _F) -> _F:
    """Add ``--root``."""
    words = "Digest of a root (sha256:…) or a signer's key (z…) that must lead to the list."
    return click.option("--root", metavar="DIGEST", help=words)(function)


def at_option(function: _F) -> _F:
    """Add ``--at``."""
    words = "2027-03-01 (end of that day, +08:00) or 2027-03-01T09:00:00Z.  [default: now]"
    return click.option("--at", type=MOMENT, metavar="MOMENT", help=words)(function)


def force_option(function: _F) -> _F:
    """Add ``--force``."""
    words = "Replace a file that is there already."
    return click.option("--force", is_flag=True, help=words)(function)


def key_options(function: _F) -> _F:
    """Add what names private keys and where their passwords come from; never on the line."""
    options = (
        click.option(
            "--key",
            "keys",
            type=FILE,
            multiple=True,
            metavar="FILE",
            help="Private key of a signer, PEM; may be repeated.",
        ),
        click.option(
            "--password-file",
            type=FILE,
            metavar="FILE",
            help="First line: password of the keys.  [default: asked for where one is needed]",
        ),
        click.option(
            "--password-fd",
            type=int,
            metavar="N",
            help="Open file descriptor to read the password from.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def open_keys(
    files: Sequence[Path], *, password_file: Path | None, password_fd: int | None
) -> tuple[SigningKey, ...]:
    """Return the keys; a password is asked for only where a key needs one.

    Raises:
        KeyUnusableError: a key cannot be opened.
        FileUnusableError: a file cannot be read.
    """
    given = _password(password_file, password_fd)
    return tuple(_opened(file, given) for file in files)


def _opened(file: Path, given: bytes | None) -> SigningKey:
    data = read_file(file, max_bytes=_MAX_PEM_BYTES)
    password = given if b"ENCRYPTED" in data else None
    if b"ENCRYPTED" in data and password is None:
        asked: str = click.prompt(f"Password of {file}", hide_input=True, err=True)
        password = asked.encode()
    try:
        return SigningKey.from_pem(data, password)
    except KeyUnusableError as error:
        msg = f"{file}: {error}"
        raise KeyUnusableError(msg) from error


def _password(file: Path | None, descriptor: int | None) -> bytes | None:
    if file is not None and descriptor is not None:
        msg = "give the password by --password-file or by --password-fd, not by both"
        raise click.UsageError(msg)
    if file is not None:
        return _first_line(read_file(file, max_bytes=_MAX_PASSWORD_BYTES))
    if descriptor is None:
        return None
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return _first_line(stream.read(_MAX_PASSWORD_BYTES))
    except OSError as error:
        msg = f"descriptor {descriptor}: {error.strerror}; open it for reading"
        raise click.BadParameter(msg, param_hint="'--password-fd'") from None


def _first_line(data: bytes) -> bytes:
    return data.partition(b"\n")[0].rstrip(b"\r")
