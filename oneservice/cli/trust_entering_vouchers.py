"""``trust add-log``, ``add-witness`` and ``add-clock``: who else vouches for a region's papers.

What they vouch for is the list's own territory. A witness that watches several regions is entered
by each of them, in the role that it has there.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from oneservice.certificates import ListedAuthority, ListedLog, ListedWitness
from oneservice.cli.options import FILE, json_option
from oneservice.cli.reading import read_file
from oneservice.cli.trust_changing import (
    after_option,
    draft_argument,
    from_option,
    keep,
    until_option,
)
from oneservice.cli.trust_files import read_draft
from oneservice.errors import FileUnusableError, LogMalformedError
from oneservice.transparency import NoteKey, SignatureType

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Any

__all__ = ["add_clock", "add_log", "add_witness"]

_MAX_CERTIFICATE_BYTES: Final = 65_536


class _Verifier(click.ParamType[NoteKey]):
    """A verifier key of C2SP signed-note, of a log or of a witness."""

    def __init__(self, *, of_witness: bool) -> None:
        self.name = "vkey"
        self._of_witness = of_witness

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> NoteKey:
        if isinstance(value, NoteKey):
            return value
        try:
            key = NoteKey.parse(value)
        except LogMalformedError as error:
            return self.fail(f"{error}; a verifier key (NAME+HASH+KEY) is due", param, ctx)
        if key.type.is_cosignature != self._of_witness or (
            not self._of_witness and key.type is not SignatureType.ED25519
        ):
            whose = "witness, which cosigns" if self._of_witness else "log, which signs"
            return self.fail(f"this is no key of a {whose} heads", param, ctx)
        return key


_LOG_KEY: Final = _Verifier(of_witness=False)
_WITNESS_KEY: Final = _Verifier(of_witness=True)


@click.command("add-log", short_help="Enter a transparency log.")
@draft_argument
@click.option(
    "--vkey", "key", type=_LOG_KEY, required=True, metavar="VKEY", help="NAME+HASH+KEY of the log."
)
@from_option
@until_option
@after_option
@json_option
def add_log(
    *,
    draft_file: Path,
    key: NoteKey,
    valid_from: datetime,
    valid_until: datetime | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Enter a transparency log whose proofs count for what this territory issues.

    'oneservice log key' prints the key. Another key of the same log is entered beside the first.
    """
    listed = ListedLog(
        origin=key.name, vkey=key.vkey, valid_from=valid_from, valid_until=valid_until
    )
    draft = read_draft(draft_file)
    keep(draft_file, replace(draft, logs=(*draft.logs, listed)), after=after, as_json=as_json)


@click.command("add-witness", short_help="Enter a witness.")
@draft_argument
@click.option(
    "--vkey",
    "key",
    type=_WITNESS_KEY,
    required=True,
    metavar="VKEY",
    help="NAME+HASH+KEY of the witness.",
)
@click.option(
    "--role", required=True, metavar="WORD", help="audit-office, region, university: for policies."
)
@click.option("--region", metavar="REGION", help="For whom it watches, if for a region.")
@from_option
@until_option
@after_option
@json_option
def add_witness(
    *,
    draft_file: Path,
    key: NoteKey,
    role: str,
    region: str | None,
    valid_from: datetime,
    valid_until: datetime | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Enter a witness whose cosignatures count for what this territory issues.

    Whether it is independent of the log no program can tell: let it be another house.
    """
    listed = ListedWitness(
        name=key.name,
        vkey=key.vkey,
        role=role,
        region=region,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    draft = read_draft(draft_file)
    changed = replace(draft, witnesses=(*draft.witnesses, listed))
    keep(draft_file, changed, after=after, as_json=as_json)


@click.command("add-clock", short_help="Enter a timestamp authority.")
@draft_argument
@click.option("--name", required=True, metavar="WORD", help="By which policies ask for it.")
@click.option(
    "--certificate",
    type=FILE,
    required=True,
    metavar="FILE",
    help="Its X.509 certificate, or that of the authority above it; PEM or DER.",
)
@from_option
@until_option
@after_option
@json_option
def add_clock(
    *,
    draft_file: Path,
    name: str,
    certificate: Path,
    valid_from: datetime,
    valid_until: datetime | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Enter a timestamp authority (RFC 3161) whose word about time counts for this territory.

    Compare the certificate by another channel than the one it came by.
    """
    listed = ListedAuthority(
        name=name,
        certificate=base64.b64encode(_der(certificate)).decode("ascii"),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    draft = read_draft(draft_file)
    changed = replace(draft, timestamp_authorities=(*draft.timestamp_authorities, listed))
    keep(draft_file, changed, after=after, as_json=as_json)


def _der(path: Path) -> bytes:
    data = read_file(path, max_bytes=_MAX_CERTIFICATE_BYTES)
    is_pem = b"-----BEGIN CERTIFICATE-----" in data
    if data.count(b"-----BEGIN CERTIFICATE-----") > 1:
        msg = f"{path}: several certificates"
        raise FileUnusableError(msg, remedy="give the one that is to count, alone")
    try:
        read = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        return read(data).public_bytes(Encoding.DER)
    except ValueError as error:
        msg = f"{path}: no X.509 certificate"
        raise FileUnusableError(msg, remedy="give it as PEM or DER") from error
