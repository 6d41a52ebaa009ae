"""``trust add-issuer``, ``add-key``, ``retire-key`` …: what is entered into a draft.

Nothing is ever taken out: what no longer counts gets an end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from oneservice.certificates import (
    Curve,
    Entitlement,
    EventAlgorithm,
    KeyUse,
    ListedKey,
    RecognitionLevel,
    RecognitionRule,
    TrustDraft,
    TrustedIssuer,
    VerifyingKey,
)
from oneservice.cli.options import FILE, json_option
from oneservice.cli.trust_files import read_draft, write_draft
from oneservice.cli.trust_options import END, MULTIKEY, START, by_language
from oneservice.cli.trust_page import tell_draft
from oneservice.errors import TrustListError
from oneservice.identifiers import parse_region

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

__all__ = ["add_issuer", "add_key", "entitle", "recognise", "report_stolen", "retire_key"]

_draft_argument = click.argument("draft_file", type=FILE, metavar="DRAFT")
_issuer_option = click.option("--issuer", required=True, metavar="URL", help="The office's id.")
_from_option = click.option(
    "--from",
    "valid_from",
    type=START,
    required=True,
    metavar="MOMENT",
    help="2026-03-01 (beginning of that day, +08:00) or 2026-03-01T09:00:00Z.",
)
_until_option = click.option(
    "--until",
    "valid_until",
    type=END,
    metavar="MOMENT",
    help="Last day (its end, +08:00), or the instant from which it no longer counts.",
)
_key_option = click.option(
    "--key", required=True, metavar="KEY", help="The key: its id, or the Multikey itself."
)


@click.command("add-issuer", short_help="Enter an office.")
@_draft_argument
@click.option("--id", "issuer_id", required=True, metavar="URL", help="As certificates name it.")
@click.option(
    "--name", "names", multiple=True, required=True, metavar="LANG=WORDS", help="zh=… and en=…."
)
@click.option("--region", required=True, metavar="REGION", help="Where the office sits.")
@click.option("--department", metavar="ID", help="Its id in catalogs and on the wire.")
@click.option("--key", type=MULTIKEY, metavar="MULTIKEY", help="Key for certificates (z…).")
@click.option("--from", "valid_from", type=START, metavar="MOMENT", help="First use of the key.")
@json_option
def add_issuer(
    *,
    draft_file: Path,
    issuer_id: str,
    names: tuple[str, ...],
    region: str,
    department: str | None,
    key: str | None,
    valid_from: datetime | None,
    as_json: bool,
) -> None:
    """Enter an office that issues certificates.

    It may issue nothing until 'entitle' says what.
    """
    draft = read_draft(draft_file)
    if any(one.id == issuer_id for one in draft.issuers):
        msg = f"{issuer_id} stands in the draft already; 'add-key' and 'entitle' add to it"
        raise click.UsageError(msg)
    if (key is None) != (valid_from is None):
        msg = "--key and --from belong together: no key without its first day"
        raise click.UsageError(msg)
    keys: tuple[ListedKey, ...] = ()
    if key is not None and valid_from is not None:
        keys = (ListedKey.for_certificates(issuer_id, key, valid_from=valid_from),)
    issuer = TrustedIssuer(
        id=issuer_id,
        name=by_language(names, "'--name'"),
        region=parse_region(region),
        department=department,
        keys=keys,
    )
    _keep(draft_file, replace(draft, issuers=(*draft.issuers, issuer)), as_json=as_json)


@click.command("add-key", short_help="Enter a key of an office.")
@_draft_argument
@_issuer_option
@click.option("--key", type=MULTIKEY, required=True, metavar="MULTIKEY", help="Public key (z…).")
@click.option(
    "--use",
    type=click.Choice([one.value for one in KeyUse]),
    default=KeyUse.CERTIFICATE.value,
    show_default=True,
    help="What it signs: certificates, or events of submissions.",
)
@click.option("--id", "key_id", metavar="ID", help="Of an event key: its id on the wire.")
@_from_option
@_until_option
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
    changed = _of_issuer(draft, issuer, lambda one: replace(one, keys=(*one.keys, listed)))
    _keep(draft_file, changed, as_json=as_json)


def _event_suite(multibase: str) -> EventAlgorithm:
    curve = VerifyingKey.from_multibase(multibase).curve
    if curve is Curve.P384:
        msg = "events are signed with Ed25519 or P-256"
        raise click.BadParameter(msg, param_hint="'--key'")
    return EventAlgorithm.ED25519 if curve is Curve.ED25519 else EventAlgorithm.ECDSA_P256


@click.command("retire-key", short_help="End the use of a key.")
@_draft_argument
@_key_option
@click.option(
    "--at",
    type=END,
    required=True,
    metavar="MOMENT",
    help="Last day of use (its end, +08:00), or the instant itself. Not before the last edition.",
)
@json_option
def retire_key(*, draft_file: Path, key: str, at: datetime, as_json: bool) -> None:
    """End the use of a key; what it signed in its time stays good.

    For a key that may be in other hands use 'report-stolen'.
    """
    draft = _of_key(read_draft(draft_file), key, lambda one: replace(one, valid_until=at))
    _keep(draft_file, draft, as_json=as_json)


@click.command("report-stolen", short_help="Say since when a key is stolen.")
@_draft_argument
@_key_option
@click.option(
    "--since",
    type=START,
    required=True,
    metavar="MOMENT",
    help="Earliest moment at which somebody else may have had it; it may be long ago.",
)
@json_option
def report_stolen(*, draft_file: Path, key: str, since: datetime, as_json: bool) -> None:
    """Say since when somebody else may have had a key.

    What a log or a timestamp proves to be older stays good, and nothing else. Such a report is
    never taken back, and only ever moved to an earlier moment. Publish the edition at once.
    """
    draft = _of_key(read_draft(draft_file), key, lambda one: replace(one, compromised_at=since))
    _keep(draft_file, draft, as_json=as_json)


@click.command("entitle", short_help="Let an office issue a type, or end it.")
@_draft_argument
@_issuer_option
@click.option("--type", "type_", required=True, metavar="TYPE", help="Type of certificate.")
@click.option("--region", required=True, metavar="REGION", help="For which it may issue it.")
@click.option(
    "--from",
    "valid_from",
    type=START,
    metavar="MOMENT",
    help="First day of a new right; left out, the --until is that of the right it has.",
)
@_until_option
@json_option
def entitle(
    *,
    draft_file: Path,
    issuer: str,
    type_: str,
    region: str,
    valid_from: datetime | None,
    valid_until: datetime | None,
    as_json: bool,
) -> None:
    """Let an office issue a type of certificate for a region, or set the end of such a right."""
    draft = read_draft(draft_file)
    region = parse_region(region)
    if valid_from is not None:
        right = Entitlement(
            type=type_, region=region, valid_from=valid_from, valid_until=valid_until
        )
        changed = _of_issuer(
            draft, issuer, lambda one: replace(one, entitlements=(*one.entitlements, right))
        )
    else:
        changed = _of_issuer(
            draft, issuer, lambda one: _ended(one, type_, region, valid_until=valid_until)
        )
    _keep(draft_file, changed, as_json=as_json)


def _ended(
    issuer: TrustedIssuer, type_: str, region: str, *, valid_until: datetime | None
) -> TrustedIssuer:
    open_ones = [
        one
        for one in issuer.entitlements
        if (one.type, one.region) == (type_, region) and one.valid_until is None
    ]
    if len(open_ones) != 1 or valid_until is None:
        msg = (
            f"{issuer.id} has {len(open_ones)} open rights to {type_} for {region}; give --from "
            "for a new one, or --until to end the only one"
        )
        raise click.UsageError(msg)
    ended = replace(open_ones[0], valid_until=valid_until)
    rights = tuple(ended if one is open_ones[0] else one for one in issuer.entitlements)
    return replace(issuer, entitlements=rights)


@click.command("recognise", short_help="Accept what another region issues.")
@_draft_argument
@click.option("--type", "type_", required=True, metavar="TYPE", help="Type of certificate.")
@click.option("--issued-in", required=True, metavar="REGION", help="Where it was issued.")
@click.option("--accepted-in", required=True, metavar="REGION", help="Where it is to count.")
@_from_option
@_until_option
@click.option(
    "--level",
    type=click.Choice([one.value for one in RecognitionLevel]),
    default=RecognitionLevel.SEALED.value,
    show_default=True,
    help="The weakest document that counts: sealed, or only collected in a register.",
)
@click.option(
    "--basis",
    multiple=True,
    required=True,
    metavar="LANG=WORDS",
    help="Agreement or notice by name and number: zh=…, en=….",
)
@json_option
def recognise(
    *,
    draft_file: Path,
    type_: str,
    issued_in: str,
    accepted_in: str,
    valid_from: datetime,
    valid_until: datetime | None,
    level: str,
    basis: tuple[str, ...],
    as_json: bool,
) -> None:
    """Let certificates of another region count here."""
    draft = read_draft(draft_file)
    rule = RecognitionRule(
        issuer_region=parse_region(issued_in),
        type=type_,
        accepted_in=parse_region(accepted_in),
        valid_from=valid_from,
        valid_until=valid_until,
        minimum_level=RecognitionLevel(level),
        legal_basis=by_language(basis, "'--basis'"),
    )
    _keep(draft_file, replace(draft, recognition=(*draft.recognition, rule)), as_json=as_json)


def _of_issuer(
    draft: TrustDraft, issuer_id: str, change: Callable[[TrustedIssuer], TrustedIssuer]
) -> TrustDraft:
    if not any(one.id == issuer_id for one in draft.issuers):
        msg = f"the draft names no issuer {issuer_id}; 'add-issuer' enters it"
        raise click.BadParameter(msg, param_hint="'--issuer'")
    issuers = tuple(change(one) if one.id == issuer_id else one for one in draft.issuers)
    return replace(draft, issuers=issuers)


def _of_key(draft: TrustDraft, name: str, change: Callable[[ListedKey], ListedKey]) -> TrustDraft:
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


def _keep(path: Path, draft: TrustDraft, *, as_json: bool) -> None:
    """Write the draft, if a list could be made of it."""
    try:
        draft.try_out()
    except TrustListError as error:
        msg = f"{error}; the draft stays as it was"
        raise click.UsageError(msg) from None
    write_draft(path, draft)
    tell_draft(path, draft, as_json=as_json)
