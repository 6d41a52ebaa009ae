"""What one region knows of the others, and how it came to know it.

Theory of operation. A region starts with its own keys, its own list and one digest from a paper:
that of the directory's root. The directory says who takes part, where, and by which keys on the
wire; the own list says whose lists to believe. Each document is read over the wires, held against
what was relied on before, and kept: an older edition, a fork or strangers' signatures are refused
and reported, and the last good edition stays. Who cannot be reached is no news.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from oneservice.certificates import (
    EndpointKind,
    ListedRegion,
    RegionDirectory,
    TrustAnchor,
    TrustBook,
    TrustMemory,
    TrustPeer,
    TrustStore,
    combine,
    disagreements,
)
from oneservice.cli.demo_regions.directory import ANCHOR_NAME, DIRECTORY_NAME
from oneservice.cli.demo_regions.keys import AUDITORS, site_url, territory_of
from oneservice.cli.demo_regions.lists import LIST_NAME
from oneservice.cli.reading import write_file
from oneservice.errors import FileUnusableError, TrustListError, WebUnavailableError
from oneservice.ports import Web, WebAnswer, WebRequest
from oneservice.transparency import NoteKey

__all__ = ["HOSTS_NAME", "Acquaintance", "NamedWeb"]

HOSTS_NAME: Final = "hosts.json"
_MEMORY_NAME: Final = "trust-memory.json"
_MOST_BYTES: Final = 16_777_216
_FOUND: Final = 200


class NamedWeb:
    """The web, with this region's own notion of where names lead: its resolver, so to speak."""

    def __init__(self, web: Web, path: Path) -> None:
        self._web, self._path = web, path

    def address(self, url: str) -> str:
        """Return where ``url`` is reached from here.

        Raises:
            WebUnavailableError: its name leads nowhere.
        """
        hosts: Mapping[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        for name, home in hosts.items():
            if url == name or url.startswith(f"{name}/"):
                return home + url.removeprefix(name)
        msg = f"{url.partition('://')[2].partition('/')[0]}: no such name"
        raise WebUnavailableError(msg)

    async def exchange(self, request: WebRequest) -> WebAnswer:
        """Exchange as :class:`oneservice.ports.Web` says, by name."""
        return await self._web.exchange(replace(request, url=self.address(request.url)))

    async def get(self, url: str) -> bytes | None:
        """Return what stands at ``url``; ``None``: it cannot be had now."""
        try:
            answer = await self.exchange(WebRequest(url=url, max_bytes=_MOST_BYTES))
        except WebUnavailableError:
            return None
        return answer.body if answer.status == _FOUND else None


@dataclass(slots=True)
class Acquaintance:
    """The directory and the lists that one member relies on now.

    Args:
        folder: of the member; what was relied on is kept in it.
        region: whose own list decides; ``None``: an auditor, who has none.
        web: by names.
    """

    folder: Path
    region: str | None
    web: NamedWeb
    refused: list[dict[str, str]] = field(default_factory=list)
    """What was refused at the last look, and why."""
    unreachable: list[str] = field(default_factory=list)
    _memory: TrustMemory = field(default_factory=TrustMemory)
    _directory: RegionDirectory | None = None
    _lists: dict[str, TrustStore] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take up what was relied on before."""
        path = self.folder / _MEMORY_NAME
        if path.exists():
            self._memory = TrustMemory.parse(path.read_bytes())
        kept = self.folder / "known" / DIRECTORY_NAME
        if kept.exists():
            self._directory = RegionDirectory.parse(kept.read_bytes(), root=self._root())
        for one in sorted((self.folder / "known").glob("list-*.json")):
            known = TrustStore.parse(one.read_bytes())
            self._lists[known.territory] = known

    @property
    def directory(self) -> RegionDirectory:
        """The edition that is relied on.

        Raises:
            FileUnusableError: none could be had yet.
        """
        if self._directory is None:
            msg = f"{self.folder.name} has no directory of regions yet, and nobody hands one out"
            raise FileUnusableError(msg)
        return self._directory

    @property
    def trust(self) -> TrustBook:
        """All lists that are relied on, each speaking for its own territory."""
        return combine(self._lists.values())

    @property
    def lists(self) -> Mapping[str, TrustStore]:
        """The same, by territory."""
        return self._lists

    @property
    def own(self) -> TrustStore:
        """The region's own list."""
        return self._lists[territory_of(str(self.region))]

    def others(self, at: datetime) -> tuple[ListedRegion, ...]:
        """Return the other regions that take part."""
        self.directory.refuse_expired(max(at, self.directory.issued_at))
        own = None if self.region is None else territory_of(self.region)
        return tuple(
            one for one in self.directory.regions if one.region != own and one.is_within(at)
        )

    async def look(self, now: datetime) -> bool:
        """Look at everything once; say whether what is relied on changed."""
        before = self._editions()
        self.refused, self.unreachable = [], []
        if self.region is not None:
            self._look_at_own()
        await self._look_at_directory()
        if self._directory is not None:
            for one in self.others(now):
                await self._look_at(one, now)
        return self._editions() != before

    def report(self) -> dict[str, Any]:
        """Return which editions are relied on, and what was refused at the last look."""
        return {
            "directory": None if self._directory is None else self._directory.version,
            "lists": {name: one.version for name, one in sorted(self._lists.items())},
            "refused": self.refused,
            "unreachable": self.unreachable,
        }

    def _look_at_own(self) -> None:
        """Read the own list; an older edition of it is refused like anybody's."""
        try:
            self._admit_list((self.folder / LIST_NAME).read_bytes(), None)
        except TrustListError as error:
            if territory_of(str(self.region)) not in self._lists:
                raise
            self._refuse(LIST_NAME, error)

    async def _look_at_directory(self) -> None:
        for name in AUDITORS:
            url = f"{site_url(name)}/directory"
            data = await self.web.get(url)
            if data is None:
                self.unreachable.append(url)
                continue
            try:
                found = RegionDirectory.parse(data, root=self._root())
                admitted, self._memory = self._memory.admit(found)
            except TrustListError as error:
                self._refuse(url, error)
                continue
            self._directory = admitted
            self._keep(DIRECTORY_NAME, data)

    async def _look_at(self, region: ListedRegion, now: datetime) -> None:
        """Read the list of another region, if the own list knows by whom it must be signed."""
        peer = self._peer(region, now)
        if peer is None:
            return
        data = await self.web.get(peer.url)
        if data is None:
            self.unreachable.append(peer.url)
            return
        try:
            self._admit_list(data, peer)
        except TrustListError as error:
            self._refuse(peer.url, error)

    def _peer(self, region: ListedRegion, now: datetime) -> TrustPeer | None:
        if self.region is None:
            return region.trust_list_at(now)
        for one in disagreements(self.directory, self.own, at=now):
            if one.region == region.region and one.is_error:
                self.refused.append(
                    {"what": region.region, "code": one.code, "why": one.words["en"]}
                )
                return None
        named = (one for one in self.own.peers if one.territory == region.region)
        return next((one for one in named if one.is_within(now)), None)

    def _admit_list(self, data: bytes, peer: TrustPeer | None) -> None:
        anchor = None
        if peer is not None and self._memory.of(peer.territory) is None:
            anchor = TrustAnchor(threshold=peer.threshold, keys=frozenset(peer.keys))
        found = TrustStore.parse(data, root=anchor)
        if peer is not None and found.territory != peer.territory:
            msg = f"the list is that of {found.territory}, not of {peer.territory}"
            raise TrustListError(msg)
        admitted, self._memory = self._memory.admit(found)
        self._lists[admitted.territory] = admitted
        self._keep(f"list-{admitted.territory}.json", data)

    def _keep(self, name: str, data: bytes) -> None:
        """Keep an edition, and then the memory of it: after a crash the edition is read again."""
        for path, content in (
            (self.folder / "known" / name, data),
            (self.folder / _MEMORY_NAME, self._memory.dump()),
        ):
            path.parent.mkdir(exist_ok=True)
            write_file(path, content)

    def _refuse(self, what: str, error: TrustListError) -> None:
        self.refused.append({"what": what, "code": error.code, "why": str(error)})

    def _root(self) -> str:
        return (self.folder / ANCHOR_NAME).read_text(encoding="ascii").strip()

    def _editions(self) -> tuple[Any, ...]:
        lists = sorted((one.territory, one.version) for one in self._lists.values())
        return (None if self._directory is None else self._directory.version, *lists)

    # --- what follows from it ----------------------------------------------------------------

    def counter(self, region: ListedRegion) -> str | None:
        """Return the name of a region's counter."""
        return region.url(EndpointKind.SERVICE)

    def log_keys(self) -> Mapping[str, NoteKey]:
        """Return the keys of all regions' logs, by the territory that names them."""
        return {
            territory: NoteKey.parse(one.vkey)
            for territory, known in sorted(self._lists.items())
            for one in known.logs
        }
