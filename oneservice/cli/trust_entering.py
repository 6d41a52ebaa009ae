"""``trust add-issuer``, ``entitle`` and ``recognise``: offices, their rights, and rules.

Nothing is ever taken out: what no longer counts gets an end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from oneservice.certificates import (
    Entitlement,
    ListedKey,
    RecognitionLevel,
    RecognitionRule,
    TrustedIssuer,
)
from oneservice.cli.options import json_option
from oneservice.cli.trust_changing import (
    after_option,
    draft_argument,
    from_option,
    issuer_option,
    keep,
    of_issuer,
    until_option,
)
from oneservice.cli.trust_files import read_draft
from oneservice.cli.trust_options import MULTIKEY, START, by_language
from oneservice.cli.type_titles import warn_of_twin
from oneservice.identifiers import parse_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import TrustDraft

__all__ = ["add_issuer", "entitle", "recognise"]


@click.command("add-issuer", short_help="Enter an office.")
@draft_argument
@click.option("--id", "issuer_id", required=True, metavar="URL", help="As certificates name it.")
@click.option(
    "--name", "names", multiple=True, required=True, metavar="LANG=WORDS", help="zh=… and en=…."
)
@click.option("--region", required=True, metavar="REGION", help="Where the office sits.")
@click.option("--department", metavar="ID", help="Its id in catalogs and on the wire.")
@click.option("--key", type=MULTIKEY, metavar="MULTIKEY", help="Key for certificates (z…).")
@click.option("--from", "valid_from", type=START, metavar="MOMENT", help="First use of the key.")
@after_option
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
    after: Path | None,
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
    keep(draft_file, replace(draft, issuers=(*draft.issuers, issuer)), after=after, as_json=as_json)


@click.command("entitle", short_help="Let an office issue a type, or end it.")
@draft_argument
@issuer_option
@click.option("--type", "type_", required=True, metavar="TYPE", help="Type of certificate.")
@click.option("--region", required=True, metavar="REGION", help="For which it may issue it.")
@click.option(
    "--from",
    "valid_from",
    type=START,
    metavar="MOMENT",
    help="First day of a new right; left out, the --until is that of the right it has.",
)
@until_option
@after_option
@json_option
def entitle(
    *,
    draft_file: Path,
    issuer: str,
    type_: str,
    region: str,
    valid_from: datetime | None,
    valid_until: datetime | None,
    after: Path | None,
    as_json: bool,
) -> None:
    """Let an office issue a type of certificate for a region, or set the end of such a right."""
    draft = read_draft(draft_file)
    region = parse_region(region)
    if valid_from is not None:
        right = Entitlement(
            type=type_, region=region, valid_from=valid_from, valid_until=valid_until
        )
        changed = of_issuer(
            draft, issuer, lambda one: replace(one, entitlements=(*one.entitlements, right))
        )
    else:
        changed = of_issuer(
            draft, issuer, lambda one: _ended(one, type_, region, valid_until=valid_until)
        )
    keep(draft_file, changed, after=after, as_json=as_json)
    warn_of_twin(type_, known=_types(draft))


def _types(draft: TrustDraft) -> Iterator[str]:
    yield from (right.type for one in draft.issuers for right in one.entitlements)
    yield from (rule.type for rule in draft.recognition)


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
@draft_argument
@click.option("--type", "type_", required=True, metavar="TYPE", help="Type of certificate.")
@click.option("--issued-in", required=True, metavar="REGION", help="Where it was issued.")
@click.option("--accepted-in", required=True, metavar="REGION", help="Where it is to count.")
@from_option
@until_option
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
@after_option
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
    after: Path | None,
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
    changed = replace(draft, recognition=(*draft.recognition, rule))
    keep(draft_file, changed, after=after, as_json=as_json)
    warn_of_twin(type_, known=_types(draft))
