"""What identifies an entry of a directory when two editions are compared, and what may move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from oneservice.certificates.directory import RegionDirectory
from oneservice.certificates.trust_compared import Compared, Named, compared

__all__ = ["COMPARED_REGIONS"]


def _regions(directory: RegionDirectory) -> Iterator[Compared]:
    for one in directory.regions:
        label = one.name.get("en") or next(iter(one.name.values()))
        addresses = ", ".join(sorted(f"{end.kind}={end.url}" for end in one.endpoints))
        loose = {"name": label, "endpoints": addresses}
        yield Compared(name=one.region, fixed={}, entry=one, loose=loose)


def _entries(member: str, identity: tuple[str, ...], loose: frozenset[str] = frozenset()) -> Named:
    def named(directory: RegionDirectory) -> Iterator[Compared]:
        for one in directory.regions:
            for entry in getattr(one, member):
                yield compared(entry, identity, prefix=one.region, loose=loose)

    return named


COMPARED_REGIONS: Final[Mapping[str, Named]] = {
    "region": _regions,
    "region_key": _entries("keys", ("id",)),
    "trust_list": _entries("trust_lists", ("keys", "valid_from"), frozenset({"url"})),
    "offer": _entries("offers", ("kind", "name", "valid_from")),
    "recognition": _entries("recognises", ("type", "issuer_region", "accepted_in", "valid_from")),
}
"""What identifies an entry of each kind, as for trust lists."""
