"""The directory of the story: made by several regions and the audit office, edition by edition.

Adding a region is a paragraph of data that two of them sign; one that leaves gets its last day. The
auditors hand the file out; a region that starts has the digest of its root from a paper.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from oneservice.certificates import (
    Cryptosuite,
    Curve,
    DirectoryDraft,
    EndpointKind,
    EventAlgorithm,
    ListedRegion,
    ListSigner,
    OfferKind,
    RegionDirectory,
    RegionEndpoint,
    RegionKey,
    RegionKeyUse,
    RegionOffer,
    SignedEdition,
    SigningKey,
    encode_multikey,
)
from oneservice.cli.demo_regions.keys import (
    AUDITORS,
    FOUNDERS,
    HOME,
    NORTH,
    REGIONS,
    counter_url,
    kept_key,
    member,
    site_url,
    territory_of,
)
from oneservice.cli.demo_regions.kinds import HEALTH, RESIDENCE
from oneservice.cli.demo_regions.lists import (
    KEYS_SINCE,
    START,
    bureau_keys,
    own_list,
    peer_of,
)
from oneservice.cli.reading import write_file

__all__ = ["ANCHOR_NAME", "DIRECTORY_NAME", "first_directory", "join", "leave", "published"]

DIRECTORY_NAME: Final = "directory.json"
ANCHOR_NAME: Final = "directory-root"
_EVERYWHERE: Final = "000000"
_SIGNED_BY: Final = 2
_LASTS: Final = timedelta(days=365)
_OFFERS: Final = {
    HOME: ((OfferKind.ITEM, "birth_registration"),),
    NORTH: ((OfferKind.EVIDENCE, HEALTH), (OfferKind.EVIDENCE, RESIDENCE)),
}


def published(base: Path) -> Path:
    """Return the file that the auditors hand out."""
    return base / "published" / DIRECTORY_NAME


def first_directory(base: Path) -> None:
    """Publish the first edition, and give everybody the digest of its root, on paper."""
    if published(base).exists():
        return
    signers = {one: bureau_keys(base, one)["data-bureau"] for one in FOUNDERS}
    signers[AUDITORS[0]] = _auditors_key(base)
    draft = DirectoryDraft(
        territory=_EVERYWHERE,
        publisher=f"{site_url(AUDITORS[0])}/directory",
        threshold=_SIGNED_BY,
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in signers.items()
        ),
        regions=tuple(_entry(base, one, since=KEYS_SINCE) for one in FOUNDERS),
    )
    _publish(base, draft, after=None, at=START - timedelta(days=1))
    root = _current(base).roots[-1].digest
    for one in (*REGIONS, *AUDITORS):
        (base / one).mkdir(parents=True, exist_ok=True)
        (base / one / ANCHOR_NAME).write_text(root, encoding="ascii")


def join(base: Path, region: str, *, at: datetime) -> None:
    """Publish an edition in which one region more takes part since ``at``."""
    now = _current(base)
    if now.region(territory_of(region)) is None:
        draft = DirectoryDraft.from_directory(now)
        fresh = _entry(base, region, since=at)
        _publish(base, replace(draft, regions=(*draft.regions, fresh)), after=now, at=at)


def leave(base: Path, region: str, *, at: datetime) -> None:
    """Publish an edition in which a region takes part no more since ``at``."""
    now = _current(base)
    draft = DirectoryDraft.from_directory(now)
    own = territory_of(region)
    regions = tuple(
        replace(one, valid_until=at) if one.region == own else one for one in draft.regions
    )
    _publish(base, replace(draft, regions=regions), after=now, at=at - timedelta(seconds=1))


def _current(base: Path) -> RegionDirectory:
    return RegionDirectory.parse(published(base).read_bytes())


def _publish(
    base: Path, draft: DirectoryDraft, *, after: RegionDirectory | None, at: datetime
) -> None:
    edition: SignedEdition = draft.edition(after=after, issued_at=at, expires_at=at + _LASTS)
    for key in (bureau_keys(base, HOME)["data-bureau"], _auditors_key(base)):
        edition = edition.by(key, at=at)
    path = published(base)
    path.parent.mkdir(exist_ok=True)
    write_file(path, RegionDirectory.of(edition).dump())


def _auditors_key(base: Path) -> SigningKey:
    path = base / "bureaus" / AUDITORS[0] / "directory.pem"
    made = kept_key(path, lambda: SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).to_pem(None))
    return SigningKey.from_pem(made)


def _entry(base: Path, region: str, *, since: datetime) -> ListedRegion:
    own, listed = member(base, region), own_list(base, region)
    site = site_url(region)
    return ListedRegion(
        region=territory_of(region),
        name=own.holder.name,
        valid_from=since,
        endpoints=(
            RegionEndpoint(kind=EndpointKind.SERVICE, url=counter_url(region)),
            RegionEndpoint(kind=EndpointKind.LOG, url=f"{site}/log"),
            RegionEndpoint(kind=EndpointKind.STATUS, url=f"{site}/status/1"),
        ),
        keys=tuple(
            RegionKey(
                id=key.keyid,
                use=use,
                algorithm=EventAlgorithm.ED25519,
                multibase=encode_multikey(Curve.ED25519, key.public_key),
                valid_from=since,
            )
            for use, key in ((RegionKeyUse.REQUEST, own.asking), (RegionKeyUse.EVENT, own.key))
        ),
        trust_lists=(peer_of(base, region, since=since),),
        offers=tuple(
            RegionOffer(kind=kind, name=name, valid_from=since)
            for kind, name in _OFFERS.get(region, ())
        ),
        recognises=listed.recognition,
    )
