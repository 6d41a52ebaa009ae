"""``trust add-key``, ``retire-key`` and ``report-stolen``: the keys of offices in a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from oneservice.certificates import Curve, EventAlgorithm, KeyUse, ListedKey, VerifyingKey
from oneservice.cli.options import json_option
from oneservice.cli.trust_changing import (
    after_option,
    draft_argument,
    from_option,
    issuer_option,
    keep,
    of_issuer,
    of_key,
    until_option,
)
from oneservice.cli.trust_files import read_draft
from oneservice.cli.trust_options import END, MULTIKEY, START

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["add_key", "report_stolen", "retire_key"]

_key_option = click.option(
    "--key", required=True, metavar="KEY", help="The key: its id, or the Multikey itself."
)


@click.command("add-key", short_help="Enter a key of an office.")
@draft_argument
@issuer_option
@click.option("--key", type=MULTIKEY, required=True, metavar="MULTIKEY", help="Public key (z…).")
@click.option(
    "--use",
    type=click.Choice([one.value for one in KeyUse]),
    default=KeyUse.CERTIFICATE.value,
    show_default=True,
    help="What it signs: certificates, or events of submissions.",
)
@click.option("--id", "key_id", metavar="ID", help="Of an event key: its id on the wire.")
@from_option
@until_option
@after_option
@json_option
def add_key(
    *,
    draft_file: Path,
    issuer: str,
    key: str,
    use: str,
    key_id: str | None,
    valid_from: datetime,
    valid_until: datetime | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Enter a key of an office that stands in the draft."""
    draft = read_draft(draft_file)
    if (use == KeyUse.EVENT) != (key_id is not None):
        msg = "an event key has an --id of its own, a certificate key is named by itself"
        raise click.UsageError(msg)
    if key_id is None:
        listed = ListedKey.for_certificates(
            issuer, key, valid_from=valid_from, valid_until=valid_until
        )
    else:
        listed = ListedKey(
            id=key_id,
            use=KeyUse.EVENT,
            suite=_event_suite(key),
            multibase=key,
            valid_from=valid_from,
            valid_until=valid_until,
        )
    changed = of_issuer(draft, issuer, lambda one: replace(one, keys=(*one.keys, listed)))
    keep(draft_file, changed, after=after, as_json=as_json)


def _event_suite(multibase: str) -> EventAlgorithm:
    curve = VerifyingKey.from_multibase(multibase).curve
    if curve is Curve.P384:
        msg = "events are signed with Ed25519 or P-256"
        raise click.BadParameter(msg, param_hint="'--key'")
    return EventAlgorithm.ED25519 if curve is Curve.ED25519 else EventAlgorithm.ECDSA_P256


@click.command("retire-key", short_help="End the use of a key.")
@draft_argument
@_key_option
@click.option(
    "--at",
    type=END,
    required=True,
    metavar="MOMENT",
    help="Last day of use (its end, +08:00), or the instant itself. Not before the last edition.",
)
@after_option
@json_option
def retire_key(
    *, draft_file: Path, key: str, at: datetime, after: Path | None, as_json: bool
) -> None:
    """End the use of a key; what it signed in its time stays good.

    For a key that may be in other hands use 'report-stolen'.
    """
    draft = of_key(read_draft(draft_file), key, lambda one: replace(one, valid_until=at))
    keep(draft_file, draft, after=after, as_json=as_json)


@click.command("report-stolen", short_help="Report a key as stolen.")
@draft_argument
@_key_option
@click.option(
    "--since",
    type=START,
    required=True,
    metavar="MOMENT",
    help="Earliest moment at which somebody else may have had it; it may be long ago.",
)
@after_option
@json_option
def report_stolen(
    *, draft_file: Path, key: str, since: datetime, after: Path | None, as_json: bool
) -> None:
    """Say since when somebody else may have had a key.

    What a log or a timestamp proves to be older stays good, and nothing else. Such a report is
    never taken back, and only ever moved to an earlier moment. Publish the edition at once.
    """
    draft = of_key(read_draft(draft_file), key, lambda one: replace(one, compromised_at=since))
    keep(draft_file, draft, after=after, as_json=as_json)
