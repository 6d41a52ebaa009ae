"""``oneservice keys approve | seal``: one document under its seal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from oneservice.canonical import canonical
from oneservice.certificates import approve as approve_words
from oneservice.certificates import sealed_part
from oneservice.cli.keys_options import KeyChoice, book_option, key_options, read_document
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, write_file
from oneservice.cli.refusals import FINDING, refusal_of, tell
from oneservice.clocks import SystemClock
from oneservice.errors import FileUnusableError, SealRefusedError
from oneservice.ports import SealHolder
from oneservice.seals import SafetyLock, SealBook
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from pathlib import Path

    from oneservice.seals import Sealed

__all__ = ["approve", "seal"]

_APPROVE_EPILOG = """\
\b
Examples:
  oneservice keys approve permit.json --book seal.db --role county:chief \\
      --key chief.pem --password-file password
  oneservice keys approve permit.json --book seal.db --role county:deputy
"""
_SEAL_EPILOG = """\
\b
Examples:
  oneservice keys seal permit.json --book seal.db --key seal.pem \\
      --requester county:registrar --out sealed.json --receipt receipt.json
  oneservice keys seal permit.json --book seal.db --key seal.pem \\
      --requester village-clerk:990101-03 --mandate mandate:990101-03 \\
      --out sealed.json

The same document asked for again by the same role gives the same bytes, and is
not counted again. A refusal is written into the book; exit code 1.
"""
_KEY_NAMES = ("file", "module", "token", "label", "password_file", "password_fd")


@click.command("approve", epilog=_APPROVE_EPILOG)
@click.argument("document", type=FILE, metavar="FILE")
@click.option("--role", required=True, metavar="ROLE", help="Who agrees: a role id, no name.")
@book_option
@key_options
@json_option
def approve(*, document: Path, role: str, book_file: Path, as_json: bool, **place: Any) -> None:
    """Agree to a seal on the certificate in FILE, and leave the approval in the seal's book.

    With a key the approval is signed; whether it must be, the seal's rules say.
    """
    words = sealed_part(read_document(document))
    has_key = any(place[name] is not None for name in _KEY_NAMES[:4])
    with SealBook.existing(book_file) as book:
        found = approve_words(
            seal_id=book.seal_id,
            document_digest=words,
            role=role,
            at=SystemClock().now(),
            key=KeyChoice(**place).open() if has_key else None,
        )
        book.deposit(found)
    if as_json:
        print_json(found.as_json())
    else:
        click.echo(f"{role} agrees to {words}{'' if has_key else ', unsigned'}")


@click.command("seal", epilog=_SEAL_EPILOG)
@click.argument("document", type=FILE, metavar="FILE")
@click.option("--requester", required=True, metavar="ROLE", help="Who asks: a role id, no name.")
@click.option("--mandate", "mandate_id", metavar="ID", help="By which mandate.")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="The sealed certificate.")
@click.option("--receipt", type=FILE, metavar="FILE", help="The receipt of the seal.")
@book_option
@key_options
@json_option
def seal(
    *,
    document: Path,
    requester: str,
    mandate_id: str | None,
    out: Path,
    receipt: Path | None,
    book_file: Path,
    as_json: bool,
    **place: Any,
) -> None:
    """Seal the certificate in FILE (without a proof), if the seal's rules allow it."""
    for target in (out, receipt):
        keep_inputs(target, (document, book_file, place["file"]))
    try:
        found = _sealed(read_document(document), requester, mandate_id, book_file, place)
    except SealRefusedError as error:
        tell(refusal_of(error), as_json=as_json)
        raise SystemExit(FINDING) from None
    write_file(out, canonical(found.document))
    if receipt is not None:
        write_file(receipt, found.receipt.dump())
    summary = {
        "seal_id": found.receipt.seal_id,
        "use": found.receipt.record.seq,
        "granted_at": found.document["proof"]["created"],
        "document_digest": found.receipt.document_digest,
    }
    if as_json:
        print_json(summary)
    else:
        click.echo(f"sealed: use {summary['use']} of {summary['seal_id']}")


def _sealed(
    words: dict[str, Any],
    requester: str,
    mandate_id: str | None,
    book_file: Path,
    place: dict[str, Any],
) -> Sealed:
    with SealBook.existing(book_file) as book:
        lock = SafetyLock(
            issuer=_issuer(words),
            key=KeyChoice(**place).open(),
            book=book,
            clock=SystemClock(),
            calendar=announced_calendar(),
        )
        request = lock.request(words, requester=requester, mandate_id=mandate_id)
        return asyncio.run(lock.seal(words, request))


def _issuer(words: dict[str, Any]) -> SealHolder:
    """Return who issues, by the certificate's own words; the rules name the key that fits."""
    issuer = words.get("issuer")
    if not isinstance(issuer, dict) or not isinstance(issuer.get("id"), str):
        msg = "the document names no issuer; it is no certificate that waits for its seal"
        raise FileUnusableError(msg)
    return SealHolder(id=issuer["id"], name={}, region=str(issuer.get("region")))
