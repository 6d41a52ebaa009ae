"""``oneservice keys new | encrypt | show | token``: keys themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import Cryptosuite, Curve, SigningKey, VerifyingKey
from oneservice.cli.keys_options import KeyChoice, key_options, password_options, secret_of
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import read_file
from oneservice.errors import KeyTokenError
from oneservice.seals import open_key_file, public_forms, write_key_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["encrypt", "new", "show", "token"]

_KINDS: Final = {
    "p-256": (Cryptosuite.ECDSA_JCS_2019, Curve.P256),
    "p-384": (Cryptosuite.ECDSA_JCS_2019, Curve.P384),
    "ed25519": (Cryptosuite.EDDSA_JCS_2022, Curve.ED25519),
}
_MAX_PEM_BYTES: Final = 16_384
_NEW_EPILOG = """\
\b
Examples:
  oneservice keys new --out seal.pem
  oneservice keys new --kind ed25519 --out chief.pem --password-file password

A password has at least 8 bytes.
"""
_ENCRYPT_EPILOG = """\
\b
Example:
  oneservice keys encrypt clear.pem --out seal.pem --password-file password

The file in the clear is left as it is: destroy it yourself.
"""
_SHOW_EPILOG = """\
\b
Examples:
  oneservice keys show seal.pem
  oneservice keys show seal.pem --form pem --password-fd 3 3< password
"""
_DEVICE_EPILOG = """\
\b
Example:
  oneservice keys token --module /usr/lib/softhsm/libsofthsm2.so \\
      --token seals --label permits --password-file pin

A PIN that is refused is not tried again: devices lock after a few attempts. Then
its keeper logs in by hand, for example with 'pkcs11-tool --login --list-objects'.
"""


@click.command("new", epilog=_NEW_EPILOG)
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Where to write the key.")
@click.option(
    "--kind", type=click.Choice(list(_KINDS)), default="p-256", show_default=True, help="Its curve."
)
@password_options
@json_option
def new(
    *, out: Path, kind: str, password_file: Path | None, password_fd: int | None, as_json: bool
) -> None:
    """Make a key in a new file that only you can read, encrypted (PKCS #8, scrypt, AES-256)."""
    suite, curve = _KINDS[kind]
    made = SigningKey.generate(suite, curve=curve)
    write_key_file(out, made, secret_of(password_file, password_fd, is_new=True))
    _tell(made.public_multibase, "all", as_json=as_json)


@click.command("encrypt", epilog=_ENCRYPT_EPILOG)
@click.argument("clear", type=FILE, metavar="FILE")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Where to write the key.")
@password_options
@json_option
def encrypt(
    *, clear: Path, out: Path, password_file: Path | None, password_fd: int | None, as_json: bool
) -> None:
    """Encrypt a key that lies in the clear (PEM), into a new file that only you can read."""
    found = SigningKey.from_pem(read_file(clear, max_bytes=_MAX_PEM_BYTES))
    write_key_file(out, found, secret_of(password_file, password_fd, is_new=True))
    _tell(found.public_multibase, "all", as_json=as_json)


@click.command("show", epilog=_SHOW_EPILOG)
@click.argument("file", type=FILE, metavar="FILE")
@click.option(
    "--form",
    type=click.Choice(["all", "multikey", "jwk", "pem", "spki-digest"]),
    default="all",
    show_default=True,
    help="Which form; one alone is written without words.",
)
@password_options
@json_option
def show(
    *, file: Path, form: str, password_file: Path | None, password_fd: int | None, as_json: bool
) -> None:
    """Show the public half of a key in an encrypted file. The private half never shows."""
    found = open_key_file(file, secret_of(password_file, password_fd))
    _tell(found.public_multibase, form, as_json=as_json)


@click.command("token", epilog=_DEVICE_EPILOG)
@key_options
@json_option
def token(*, as_json: bool, **place: Any) -> None:
    """Try a key in a device: log in once, sign some chance bytes, check the signature."""
    found = KeyChoice(**place).open()
    words = secrets.token_bytes(32)
    public = VerifyingKey.from_multibase(found.public_multibase)
    if not public.verifies(found.sign(words), words):
        msg = "what the device signs is not by the public key that it shows; do not use it"
        raise KeyTokenError(msg)
    if not as_json:
        click.echo("trial        signed by the device, and the signature holds")
    _tell(found.public_multibase, "all", as_json=as_json)


def _tell(multikey: str, form: str, *, as_json: bool) -> None:
    forms = public_forms(multikey)
    if as_json:
        print_json(forms.as_json())
    elif form == "jwk":
        print_json(forms.jwk, indent=None)
    elif form == "all":
        click.echo(f"suite        {forms.suite}")
        click.echo(f"multikey     {forms.multikey}")
        click.echo(f"spki digest  {forms.spki_digest}")
        click.echo(forms.pem, nl=False)
    else:
        texts = {
            "multikey": forms.multikey,
            "pem": forms.pem.rstrip(),
            "spki-digest": forms.spki_digest,
        }
        click.echo(texts[form])
