"""What ``oneservice trust`` tells about drafts and editions, in words or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from oneservice.canonical import write_instant
from oneservice.certificates import DIRECTORY_TYPE, KeyUse, SignedEdition, TrustDraft, TrustStore
from oneservice.cli.options import language_of
from oneservice.cli.pages import Page, counted, print_json
from oneservice.cli.refusals import FINDING, FINE
from oneservice.cli.trust_draft_changes import draft_changes
from oneservice.cli.trust_words import say
from oneservice.cli.type_titles import titled_type

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from oneservice.certificates import (
        ListedKey,
        RecognitionRule,
        RegionDirectory,
        TrustChange,
        TrustedIssuer,
    )
    from oneservice.plan import Language

__all__ = [
    "edition_facts",
    "list_facts",
    "show_list",
    "show_signatures",
    "tell_changes",
    "tell_draft",
    "tell_edition",
]


def tell_draft(
    path: Path, draft: TrustDraft, *, before: TrustDraft | None = None, as_json: bool
) -> None:
    """Say what a draft is by now, and what was changed in the one ``before``."""
    changed = () if before is None else draft_changes(before, draft)
    if as_json:
        print_json({"file": str(path), "draft": draft.as_json(), "changed": list(changed)})
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
    for line in changed:
        page.point(line, mark="+")
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


def show_signatures(page: Page, edition: SignedEdition, language: Language = "en") -> None:
    """Write the signatures of an edition, and what is missing."""
    root = edition.root
    page.point(say("edition", language, digest=edition.digest))
    page.point(say("root", language, version=root.version, digest=root.digest))
    for one in edition.signatures:
        name, at = root.name_of(one.key) or one.key, write_instant(one.signed_at)
        page.point(say("signed", language, name=name, at=at), mark="+")
    for name, at in _leaving(edition):
        page.point(say("leaving", language, name=name, version=root.version, at=at), mark="+")
    for lack in edition.lacking:
        page.point(say("missing", language, lack=lack), mark="!")
    if not edition.lacking:
        page.point(say("complete", language), mark="=")


def _leaving(edition: SignedEdition) -> list[tuple[str, str]]:
    """Return who signed the last root only, and when: signers of the root before it."""
    if len(edition.roots) < 2:  # noqa: PLR2004 - the first root has none before it
        return []
    old, last = edition.roots[-2].root, edition.roots[-1]
    own = last.root.anchor.keys
    return [
        (old.name_of(one.key) or one.key, write_instant(one.signed_at))
        for one in last.signatures
        if one.key not in own
    ]


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
        "root_signed_by_leaving": [
            {"name": name, "signed_at": at} for name, at in _leaving(edition)
        ],
        "missing": list(edition.lacking),
        "is_complete": not edition.lacking,
    }


def tell_changes(
    old: TrustStore | RegionDirectory,
    new: TrustStore | RegionDirectory,
    changes: tuple[TrustChange, ...],
    *,
    language: str,
    as_json: bool,
) -> None:
    """Tell what changed between two editions; ends the command, with 1 where it must not have."""
    if as_json:
        facts = {"territory": new.territory, "old": old.version, "new": new.version}
        print_json({**facts, "changes": [one.as_json() for one in changes]})
    else:
        title = f"{new.territory}: {old.version} -> {new.version}"
        _show_changes(title, changes, language_of(language))
    raise click.exceptions.Exit(FINDING if any(one.is_breach for one in changes) else FINE)


def _show_changes(title: str, changes: tuple[TrustChange, ...], language: Language) -> None:
    """Write each change, and the question that belongs to it."""
    page = Page()
    page.title(title)
    if not changes:
        words = {"zh": "内容没有变化", "en": "nothing changed but number and dates"}
        page.point(words[language])
    for one in changes:
        page.point(one.words[language], mark="!" if one.is_breach else "-")
        if one.question is not None:
            page.line(f"? {one.question[language]}", indent=4)


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


def show_list(page: Page, store: TrustStore, at: datetime, language: Language) -> None:
    """Write what a list says as of ``at``."""
    facts = {"territory": store.territory, "version": store.version, "at": _short(at)}
    page.title(say("list", language, **facts))
    dates = {"issued": _short(store.issued_at), "expires": _short(store.expires_at)}
    page.point(say("dates", language, **dates))
    if at > store.expires_at:
        page.point(say("expired", language), mark="!")
    if store.document is None:
        page.point(say("unsigned", language), mark="!")
    else:
        page.point(say("by_root" if store.is_pinned else "by_file", language))
    for issuer in store.issuers:
        _show_issuer(page, issuer, at, language)
    _others(page, store, at, language)


def _show_issuer(page: Page, issuer: TrustedIssuer, at: datetime, language: Language) -> None:
    page.head(f"{issuer.name.get(language) or next(iter(issuer.name.values()))}")
    page.line(f"{issuer.id}, {issuer.region}", indent=2)
    for key in issuer.keys:
        use = "certificates" if key.use is KeyUse.CERTIFICATE else "events"
        words = {"use": say(use, language, id=key.id), "state": say(_state(key, at), language)}
        page.point(say("key", language, **words, key=key.multibase))
    rights = [one for one in issuer.entitlements if one.is_within(at)]
    for type_, region in dict.fromkeys((one.type, one.region) for one in rights):
        page.point(
            say("right", language, type=titled_type(type_, language), region=region), mark="+"
        )
    if not rights:
        page.point(say("no_right", language), mark="!")


def _others(page: Page, store: TrustStore, at: datetime, language: Language) -> None:
    sections: tuple[tuple[str, Iterable[str]], ...] = (
        ("logs", (one.vkey for one in store.logs if one.is_within(at))),
        ("witnesses", (f"{one.role}: {one.vkey}" for one in store.witnesses if one.is_within(at))),
        (
            "authorities",
            (one.name for one in store.timestamp_authorities if one.is_within(at)),
        ),
        ("seals", (one.id for one in store.seals if one.is_within(at))),
        ("recognised", (_rule(one, language) for one in store.recognition if one.covers(at))),
        ("peers", (f"{one.territory}: {one.url}" for one in store.peers)),
    )
    for title, lines in sections:
        texts = list(lines)
        if texts:
            page.head(say(title, language))
        for text in texts:
            page.point(text)


def _rule(rule: RecognitionRule, language: Language) -> str:
    return say(
        "rule",
        language,
        type=titled_type(rule.type, language),
        issued_in=rule.issuer_region,
        accepted_in=rule.accepted_in,
        level=say(rule.minimum_level.value, language),
        basis=" / ".join(rule.legal_basis.values()),
    )


def _short(moment: datetime) -> str:
    return write_instant(moment.replace(microsecond=0))
