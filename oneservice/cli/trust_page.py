"""What ``oneservice trust`` tells about drafts and editions, in words or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.canonical import write_instant
from oneservice.certificates import DIRECTORY_TYPE, KeyUse, SignedEdition, TrustDraft, TrustStore
from oneservice.cli.options import language_of
from oneservice.cli.pages import Page, counted, print_json
from oneservice.cli.refusals import FINDING, FINE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import ListedKey, TrustChange, TrustedIssuer

__all__ = [
    "edition_facts",
    "list_facts",
    "show_changes",
    "show_list",
    "show_signatures",
    "tell_draft",
    "tell_edition",
]


def tell_draft(path: Path, draft: TrustDraft, *, as_json: bool) -> None:
    """Say what a draft is by now."""
    if as_json:
        print_json({"file": str(path), "draft": draft.as_json()})
        return
    keys = sum(len(one.keys) for one in draft.issuers)
    rights = sum(len(one.entitlements) for one in draft.issuers)
    parts = (
        counted(len(draft.issuers), "issuer"),
        counted(keys, "key"),
        counted(rights, "entitlement"),
        counted(len(draft.recognition), "rule") + " of recognition",
    )
    page = Page()
    page.line(f"{path}: the draft of the list of {draft.territory}")
    page.point(f"{draft.threshold} of {counted(len(draft.signers), 'signer')} must sign")
    page.point(", ".join(parts))


def tell_edition(path: Path, edition: SignedEdition, *, as_json: bool) -> None:
    """Say who signed an edition and who is missing; ends the command, with 1 where one is."""
    facts = edition_facts(edition)
    if as_json:
        print_json({"file": str(path), **facts})
    else:
        page = Page()
        what = "directory" if edition.typ == DIRECTORY_TYPE else "list"
        page.line(f"{path}: edition {facts['version']} of the {what} of {facts['territory']}")
        show_signatures(page, edition)
    raise click.exceptions.Exit(FINDING if edition.lacking else FINE)


def show_signatures(page: Page, edition: SignedEdition) -> None:
    """Write the signatures of an edition, and what is missing."""
    page.point(f"edition {edition.digest}")
    page.point(f"root {edition.root.version}: {edition.root.digest}")
    for one in edition.signatures:
        name = edition.root.name_of(one.key) or one.key
        page.point(f"signed by {name}, by its own word at {write_instant(one.signed_at)}", mark="+")
    for lack in edition.lacking:
        page.point(f"missing: {lack}", mark="!")
    if not edition.lacking:
        page.point("complete: it can be published", mark="=")


def edition_facts(edition: SignedEdition) -> dict[str, Any]:
    """Return who signed and who is missing, for machines."""
    content = edition.content
    return {
        "territory": content.get("territory"),
        "version": content.get("version"),
        "digest": edition.digest,
        "root": {"version": edition.root.version, "digest": edition.root.digest},
        "signed_by": [
            {
                "name": edition.root.name_of(one.key),
                "key": one.key,
                "signed_at": write_instant(one.signed_at),
            }
            for one in edition.signatures
        ],
        "missing": list(edition.lacking),
        "is_complete": not edition.lacking,
    }


def show_changes(title: str, changes: tuple[TrustChange, ...], language: str) -> None:
    """Write what changed between two editions, and the question that belongs to each change."""
    page, spoken = Page(), language_of(language)
    page.title(title)
    if not changes:
        words = {"zh": "内容没有变化", "en": "nothing changed but number and dates"}
        page.point(words[spoken])
    for one in changes:
        page.point(one.words[spoken], mark="!" if one.is_breach else "-")
        if one.question is not None:
            page.line(f"? {one.question[spoken]}", indent=4)


def list_facts(store: TrustStore, at: datetime) -> dict[str, Any]:
    """Return what a list says as of ``at``, for machines."""
    return {
        **store.evidence,
        "at": write_instant(at),
        "is_expired": at > store.expires_at,
        "issuers": [_issuer_facts(one, at) for one in store.issuers],
        "logs": [one.as_json() for one in store.logs if one.is_within(at)],
        "witnesses": [one.as_json() for one in store.witnesses if one.is_within(at)],
        "timestamp_authorities": [
            one.as_json() for one in store.timestamp_authorities if one.is_within(at)
        ],
        "seals": [one.as_json() for one in store.seals if one.is_within(at)],
        "recognition": [one.as_json() for one in store.recognition if one.covers(at)],
        "peers": [one.as_json() for one in store.peers if one.is_within(at)],
    }


def _issuer_facts(issuer: TrustedIssuer, at: datetime) -> dict[str, Any]:
    return {
        "id": issuer.id,
        "name": dict(issuer.name),
        "region": issuer.region,
        "keys": [key.as_json() | {"state": _state(key, at)} for key in issuer.keys],
        "entitlements": [one.as_json() for one in issuer.entitlements if one.is_within(at)],
    }


def _state(key: ListedKey, at: datetime) -> str:
    if key.compromised_at is not None and at >= key.compromised_at:
        return "stolen"
    if at < key.valid_from:
        return "not yet"
    return "in use" if key.is_within(at) else "retired"


def show_list(page: Page, store: TrustStore, at: datetime, language: str) -> None:
    """Write what a list says as of ``at``."""
    page.title(f"The list of {store.territory}, edition {store.version}, as of {_short(at)}")
    page.point(f"issued {_short(store.issued_at)}, expires {_short(store.expires_at)}")
    if at > store.expires_at:
        page.point("EXPIRED at that moment: a later edition may know more", mark="!")
    page.point(str(store.evidence["list_signature"]))
    for issuer in store.issuers:
        page.head(f"{issuer.name.get(language) or next(iter(issuer.name.values()))}")
        page.line(f"{issuer.id}, {issuer.region}", indent=2)
        for key in issuer.keys:
            use = "certificates" if key.use is KeyUse.CERTIFICATE else f"events ({key.id})"
            page.point(f"key for {use}, {_state(key, at)}: {key.multibase}")
        rights = [one for one in issuer.entitlements if one.is_within(at)]
        for right in rights:
            page.point(f"may issue {right.type} for {right.region}", mark="+")
        if not rights:
            page.point("may issue nothing at that moment", mark="!")
    _others(page, store, at)


def _others(page: Page, store: TrustStore, at: datetime) -> None:
    sections: tuple[tuple[str, Iterable[str]], ...] = (
        ("Logs", (one.origin for one in store.logs if one.is_within(at))),
        ("Witnesses", (f"{one.name}, {one.role}" for one in store.witnesses if one.is_within(at))),
        (
            "Timestamp authorities",
            (one.name for one in store.timestamp_authorities if one.is_within(at)),
        ),
        ("Seals", (one.id for one in store.seals if one.is_within(at))),
        (
            "Recognised here",
            (
                f"{one.type} from {one.issuer_region} in {one.accepted_in}, "
                f"{one.minimum_level.value} at least: {' / '.join(one.legal_basis.values())}"
                for one in store.recognition
                if one.covers(at)
            ),
        ),
        ("Other regions", (f"{one.territory}: {one.url}" for one in store.peers)),
    )
    for title, lines in sections:
        texts = list(lines)
        if texts:
            page.head(title)
        for text in texts:
            page.point(text)


def _short(moment: datetime) -> str:
    return write_instant(moment.replace(microsecond=0))
