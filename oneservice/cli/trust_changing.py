"""What the commands share that enter something into a draft: options, finding, keeping."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from oneservice.certificates import TrustDraft, require_within
from oneservice.cli.options import FILE
from oneservice.cli.trust_files import read_draft, read_list, write_draft
from oneservice.cli.trust_options import END, START
from oneservice.cli.trust_page import tell_draft
from oneservice.clocks import SystemClock
from oneservice.errors import TrustListError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from oneservice.certificates import ListedKey, TrustedIssuer

__all__ = [
    "after_option",
    "draft_argument",
    "from_option",
    "issuer_option",
    "keep",
    "of_issuer",
    "of_key",
    "until_option",
]

after_option = click.option(
    "--after",
    type=FILE,
    metavar="LIST",
    help="Last published edition: refuse now what could not follow it, rather than at 'sign'.",
)
draft_argument = click.argument("draft_file", type=FILE, metavar="DRAFT")
issuer_option = click.option("--issuer", required=True, metavar="URL", help="The office's id.")
from_option = click.option(
    "--from",
    "valid_from",
    type=START,
    required=True,
    metavar="MOMENT",
    help="2026-03-01 (beginning of that day, +08:00) or 2026-03-01T09:00:00Z.",
)
until_option = click.option(
    "--until",
    "valid_until",
    type=END,
    metavar="MOMENT",
    help="Last day (its end, +08:00), or the instant from which it no longer counts.",
)


def of_issuer(
    draft: TrustDraft, issuer_id: str, change: Callable[[TrustedIssuer], TrustedIssuer]
) -> TrustDraft:
    """Return the draft with one issuer changed.

    Raises:
        click.BadParameter: it names no such issuer.
    """
    if not any(one.id == issuer_id for one in draft.issuers):
        msg = f"the draft names no issuer {issuer_id}; 'add-issuer' enters it"
        raise click.BadParameter(msg, param_hint="'--issuer'")
    issuers = tuple(change(one) if one.id == issuer_id else one for one in draft.issuers)
    return replace(draft, issuers=issuers)


def of_key(draft: TrustDraft, name: str, change: Callable[[ListedKey], ListedKey]) -> TrustDraft:
    """Return the draft with one key changed, wherever it stands.

    Raises:
        click.BadParameter: it names no such key.
    """
    found = [
        (issuer.id, key.id)
        for issuer in draft.issuers
        for key in issuer.keys
        if name in {key.id, key.multibase}
    ]
    if not found:
        msg = f"the draft names no key {name}; 'oneservice trust show' lists them"
        raise click.BadParameter(msg, param_hint="'--key'")
    issuers = tuple(
        replace(
            issuer,
            keys=tuple(change(key) if (issuer.id, key.id) in found else key for key in issuer.keys),
        )
        for issuer in draft.issuers
    )
    return replace(draft, issuers=issuers)


def keep(path: Path, draft: TrustDraft, *, after: Path | None, as_json: bool) -> None:
    """Write the draft, if a list could be made of it that may follow the edition ``after``.

    What the draft said beyond its territory already may have been published, and stays.
    """
    last, before = None if after is None else read_list(after), read_draft(path)
    try:
        draft.try_out()
        require_within(draft, before=before)
        if last is not None:
            issued_at = max(SystemClock().now(), last.issued_at)
            expires_at = issued_at + timedelta(days=1)  # any would do
            draft.edition(after=last, issued_at=issued_at, expires_at=expires_at)
    except TrustListError as error:
        msg = f"{error}; the draft stays as it was"
        raise click.UsageError(msg) from None
    write_draft(path, draft)
    tell_draft(path, draft, before=before, as_json=as_json)
