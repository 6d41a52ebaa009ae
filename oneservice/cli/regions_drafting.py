"""``regions init``, ``import``, ``enter`` and ``rotate``: a directory before it is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import (
    Curve,
    DirectoryDraft,
    EndpointKind,
    EventAlgorithm,
    ListedRegion,
    ListSigner,
    OfferKind,
    RegionEndpoint,
    RegionKey,
    RegionKeyUse,
    RegionOffer,
    TrustPeer,
    decode_multikey,
)
from oneservice.cli.edition_making import rotated
from oneservice.cli.edition_options import publisher_options, rotation_options
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import Page, counted, print_json
from oneservice.cli.regions_files import read_directory
from oneservice.cli.trust_draft_changes import signer_changes
from oneservice.cli.trust_files import read_draft_of, refuse_existing, write_draft
from oneservice.cli.trust_options import MULTIKEY, SIGNER, START, by_language, force_option
from oneservice.cli.type_titles import warn_of_twin
from oneservice.identifiers import NATIONAL, parse_region

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

__all__ = ["enter", "import_directory", "init", "rotate"]

_HEAD: Final = (
    "# Draft of a directory of regions. 'oneservice regions sign' makes a signed edition of it.\n"
)
_ALGORITHMS: Final = {
    Curve.ED25519: EventAlgorithm.ED25519,
    Curve.P256: EventAlgorithm.ECDSA_P256,
}


@click.command("init", short_help="Begin the draft of a directory.")
@click.option(
    "--territory", default=NATIONAL, show_default=True, metavar="REGION", help="What it covers."
)
@publisher_options(who="Region or office", publishes="Where it is published.")
def init(
    *,
    territory: str,
    publisher: str,
    signers: tuple[ListSigner, ...],
    threshold: int,
    out: Path,
    force: bool,
    as_json: bool,
) -> None:
    """Begin the draft of a directory: what it covers, and who signs it.

    Regions are peers: let several of them sign, and more than one be needed.
    """
    refuse_existing(out, force=force)
    draft = DirectoryDraft(
        territory=parse_region(territory),
        publisher=publisher,
        threshold=threshold,
        signers=signers,
    )
    _keep(out, draft, as_json=as_json)


@click.command("import", short_help="Make a draft of a published directory.")
@click.argument("directory", type=FILE, metavar="DIRECTORY")
@click.option("--out", type=FILE, required=True, metavar="FILE", help="Draft, .yaml or .json.")
@force_option
@json_option
def import_directory(*, directory: Path, out: Path, force: bool, as_json: bool) -> None:
    """Make a draft of a published directory, where the old draft is lost or with others."""
    refuse_existing(out, force=force)
    _keep(out, DirectoryDraft.from_directory(read_directory(directory)), as_json=as_json)


@click.command("rotate", short_help="Change who signs the directory.")
@rotation_options
def rotate(
    *,
    draft_file: Path,
    added: tuple[ListSigner, ...],
    dropped: tuple[str, ...],
    threshold: int | None,
    as_json: bool,
) -> None:
    """Change which regions and offices sign the directory, from the next edition on.

    That edition must be signed by enough of the signers before it and by enough of the new ones.
    To replace the key of a signer, drop and add the same name.
    """
    before = read_draft_of(draft_file, DirectoryDraft.of)
    draft = rotated(before, added=added, dropped=dropped, threshold=threshold)
    _keep(draft_file, draft, changed=tuple(signer_changes(before, draft)), as_json=as_json)


@click.command("enter", short_help="Enter a region that joins.")
@click.argument("draft_file", type=FILE, metavar="DRAFT")
@click.option("--region", required=True, metavar="CODE", help="The region.")
@click.option(
    "--name", "names", multiple=True, required=True, metavar="zh=WORDS", help="zh=… and en=…."
)
@click.option("--from", "begins", type=START, required=True, metavar="MOMENT", help="Since when.")
@click.option("--service", metavar="URL", help="Base URL of its adapter protocol.")
@click.option("--log", "log_url", metavar="URL", help="Its transparency log.")
@click.option(
    "--key",
    "keys",
    type=SIGNER,
    multiple=True,
    metavar="ID=MULTIKEY",
    help="Key by which it signs requests, under its id on the wire; may be repeated.",
)
@click.option(
    "--event-key",
    "event_keys",
    type=SIGNER,
    multiple=True,
    metavar="ID=MULTIKEY",
    help="Key by which it signs what it reports; may be repeated.",
)
@click.option("--list", "list_url", metavar="URL", help="Where its trust list is.")
@click.option(
    "--list-signer",
    "list_keys",
    type=MULTIKEY,
    multiple=True,
    metavar="MULTIKEY",
    help="Who signs that list; may be repeated.",
)
@click.option(
    "--list-threshold", type=int, default=1, show_default=True, help="How many must sign it."
)
@click.option("--one-thing", "things", multiple=True, metavar="NAME", help="It can be asked for.")
@click.option("--item", "items", multiple=True, metavar="CODE", help="It can be asked for.")
@click.option("--evidence", multiple=True, metavar="TYPE", help="Certificates that it looks up.")
@json_option
def enter(
    *,
    draft_file: Path,
    region: str,
    names: tuple[str, ...],
    begins: datetime,
    service: str | None,
    log_url: str | None,
    keys: tuple[ListSigner, ...],
    event_keys: tuple[ListSigner, ...],
    list_url: str | None,
    list_keys: tuple[str, ...],
    list_threshold: int,
    things: tuple[str, ...],
    items: tuple[str, ...],
    evidence: tuple[str, ...],
    as_json: bool,
) -> None:
    """Enter a region that joins: its addresses, keys, list and offers.

    Compare its keys by another channel than the one they came by. What changes later is edited in
    the draft: an end is 'valid_until', a theft 'compromised_at'; nothing is removed.
    """
    draft = read_draft_of(draft_file, DirectoryDraft.of)
    urls = {EndpointKind.SERVICE: service, EndpointKind.LOG: log_url}
    offers = {OfferKind.ONE_THING: things, OfferKind.ITEM: items, OfferKind.EVIDENCE: evidence}
    entered = ListedRegion(
        region=parse_region(region),
        name=by_language(names, "--name"),
        valid_from=begins,
        endpoints=tuple(RegionEndpoint(kind=kind, url=url) for kind, url in urls.items() if url),
        keys=(
            *_keys(keys, RegionKeyUse.REQUEST, begins),
            *_keys(event_keys, RegionKeyUse.EVENT, begins),
        ),
        trust_lists=_lists(region, list_url, list_keys, list_threshold, begins),
        offers=tuple(
            RegionOffer(kind=kind, name=name, valid_from=begins)
            for kind, offered in offers.items()
            for name in offered
        ),
    )
    _keep(draft_file, replace(draft, regions=(*draft.regions, entered)), as_json=as_json)
    offered = [one for region in draft.regions for one in region.offers]
    known = {one.name for one in offered if one.kind is OfferKind.EVIDENCE}
    for name in evidence:
        warn_of_twin(name, known=known)


def _keys(
    given: tuple[ListSigner, ...], use: RegionKeyUse, begins: datetime
) -> Iterator[RegionKey]:
    for one in given:
        algorithm = _ALGORITHMS.get(decode_multikey(one.public_key_multibase)[0])
        if algorithm is None:
            msg = f"{one.name}: messages are signed with Ed25519 or P-256"
            raise click.BadParameter(msg, param_hint="--key")
        yield RegionKey(
            id=one.name,
            use=use,
            algorithm=algorithm,
            multibase=one.public_key_multibase,
            valid_from=begins,
        )


def _lists(
    region: str, url: str | None, keys: tuple[str, ...], threshold: int, begins: datetime
) -> tuple[TrustPeer, ...]:
    if url is None and not keys:
        return ()
    if url is None or not keys:
        msg = "a trust list has an address and signers: give --list and --list-signer"
        raise click.UsageError(msg)
    peer = TrustPeer(
        territory=parse_region(region), url=url, threshold=threshold, keys=keys, valid_from=begins
    )
    return (peer,)


def _keep(
    path: Path, draft: DirectoryDraft, *, changed: tuple[str, ...] = (), as_json: bool
) -> None:
    draft.try_out()
    write_draft(path, draft, head=_HEAD)
    if as_json:
        print_json({"file": str(path), "draft": draft.as_json(), "changed": list(changed)})
        return
    page = Page()
    page.line(f"{path}: the draft of the directory of {draft.territory}")
    for line in changed:
        page.point(line, mark="+")
    page.point(f"{draft.threshold} of {counted(len(draft.signers), 'signer')} must sign")
    for one in draft.regions:
        page.point(f"{one.region} {' / '.join(one.name.values())}")
