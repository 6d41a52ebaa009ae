"""What a relier keeps of the lists he relied on, so that nobody can show him an older world.

Theory of operation, after TUF: a signature does not get old. Whoever holds last year's edition, in
which a stolen key is still good, can hand it out with all its signatures. Only the relier himself
can know that he saw a later one. So he keeps, for each territory, the number and the digest of the
highest edition and the digest of its root, and nothing else; the memory is a few hundred bytes and
may lie anywhere, as long as those who hand out lists cannot write it.

Every edition names the digests of all earlier ones, so one look tells whether a later edition
comes from the one in memory or from a history that somebody made up.

References:
    The Update Framework 1.0.30, sections 1.5.2 (attacks) and 5 (what a client checks and keeps).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from oneservice.canonical import Digest, canonical, parse_object
from oneservice.certificates.directory import RegionDirectory
from oneservice.certificates.trust import TrustStore
from oneservice.certificates.trust_coding import (
    Members,
    each,
    maybe_text,
    read_entry,
    region,
    text,
    whole,
    write_entry,
)
from oneservice.certificates.trust_editions import SignedEdition
from oneservice.errors import OneServiceError, TrustHistoryError, TrustListError

__all__ = ["MEMORY_FORMAT", "SeenEdition", "TrustMemory", "is_led_from"]

MEMORY_FORMAT: Final = "oneservice-trust-memory/1"
_E = TypeVar("_E", TrustStore, RegionDirectory)
_MAX_BYTES: Final = 1_048_576
"""Some thousands of territories; there are fewer counties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEdition:
    """The highest edition of a territory's list, or of its directory, that was relied on.

    Args:
        territory: of the list.
        version: of the edition.
        digest: of the edition.
        root: digest of its root; ``None``: a list of format 1.
        signer: of a list of format 1, its only signer's Multikey.
        kind: ``directory`` of a directory of regions; ``None``: a trust list.
    """

    territory: str
    version: int
    digest: Digest
    root: Digest | None = None
    signer: str | None = None
    kind: str | None = None

    @classmethod
    def of(cls, store: TrustStore | RegionDirectory) -> SeenEdition:
        """Return what to keep of ``store``."""
        return cls(
            territory=store.territory,
            version=store.version,
            digest=store.digest,
            root=store.roots[-1].digest if store.roots else None,
            signer=None if store.roots else _only_signer(store),
            kind=_kind(store),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the entry of a memory; that of a list stays as it was before directories."""
        entry = write_entry(self, _SEEN)
        return entry if self.kind is None else {**entry, "kind": self.kind}


_SEEN: Final[Members] = {
    "territory": region,
    "version": whole,
    "digest": text,
    "root": maybe_text,
    "signer": maybe_text,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustMemory:
    """The highest edition of each territory's list; start with an empty one."""

    seen: tuple[SeenEdition, ...] = ()

    def of(self, territory: str, *, kind: str | None = None) -> SeenEdition | None:
        """Return what is remembered of that territory's list, or of its ``directory``."""
        named = (one for one in self.seen if (one.territory, one.kind) == (territory, kind))
        return next(named, None)

    def admit(self, store: _E) -> tuple[_E, TrustMemory]:
        """Return ``store``, a list or a directory, as one that may be relied on, and the memory.

        A list that follows what is remembered is as good as pinned: its signers are those who
        were relied on before, or were led to from them. Of a territory that is seen for the first
        time the caller's choice is the anchor, as ever. An expired list is admitted: what it does
        not know makes an answer "cannot tell" where it matters, and only there.

        Raises:
            TrustHistoryError: it is older than what was relied on, another edition of the same
                number, or comes from another history or other signers.
            TrustListError: it was never signed.
        """
        before = self.of(store.territory, kind=_kind(store))
        if before is not None:
            _refuse_break(before, store)
            store = replace(store, is_pinned=True)
        return store, self._with(SeenEdition.of(store))

    def _with(self, fresh: SeenEdition) -> TrustMemory:
        others = (one for one in self.seen if _place(one) != _place(fresh))
        return TrustMemory(seen=tuple(sorted((*others, fresh), key=_place)))

    def dump(self) -> bytes:
        """Return the memory as a file."""
        seen = [one.as_json() for one in self.seen]
        return canonical({"format": MEMORY_FORMAT, "seen": seen}) + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> TrustMemory:
        """Return the memory in ``data``.

        Raises:
            TrustListError: it is none. An empty file is none, too: forgetting is never silent.
        """
        try:
            document = parse_object(data.rstrip(b"\n"), max_bytes=_MAX_BYTES)
            if document.get("format") != MEMORY_FORMAT:
                msg = f"the format is not {MEMORY_FORMAT}"
                raise TrustListError(msg)
            memory = cls(seen=each(document, "seen", _read))
            if len({_place(one) for one in memory.seen}) != len(memory.seen):
                msg = "a territory stands in it twice"
                raise TrustListError(msg)
        except OneServiceError as error:
            msg = f"the memory of trust lists is unusable: {error}; restore it from a copy"
            raise TrustListError(msg) from error
        return memory


def _read(entry: Mapping[str, Any]) -> SeenEdition:
    return read_entry(SeenEdition, {**_SEEN, "kind": maybe_text}, entry)


def _place(seen: SeenEdition) -> tuple[str, str]:
    return seen.territory, seen.kind or ""


def _kind(store: TrustStore | RegionDirectory) -> str | None:
    return "directory" if isinstance(store, RegionDirectory) else None


def _only_signer(store: TrustStore | RegionDirectory) -> str | None:
    if store.document is None or isinstance(store, RegionDirectory):
        return None
    signer: str = store.document["signer"]["public_key_multibase"]
    return signer


def _refuse_break(before: SeenEdition, store: TrustStore | RegionDirectory) -> None:
    what = f"the {before.kind or 'list'} of {store.territory}"
    seen = f"edition {before.version}"
    if store.version < before.version:
        msg = (
            f"{what} is edition {store.version}, but {seen} was relied on before: somebody hands "
            "out an old one. Get the current edition from its publisher"
        )
        raise TrustHistoryError(msg)
    if store.version == before.version:
        if store.digest != before.digest:
            msg = (
                f"{what}: there are two different ones with the number {before.version}, and its "
                "signers signed both. Keep both files; ask the publisher and the audit office"
            )
            raise TrustHistoryError(msg)
        return
    if store.roots and not _is_named(before, store):
        msg = (
            f"{what}, edition {store.version}, does not come from {seen} as it was relied on: its "
            "history is another one. Keep both files and ask the publisher"
        )
        raise TrustHistoryError(msg)
    if not is_led_from(before, store):
        msg = (
            f"{what}, edition {store.version}, has signers to whom nothing leads from those of "
            f"{seen}: a rotation was left out or made up. Ask the publisher for its roots"
        )
        raise TrustHistoryError(msg)


def _is_named(before: SeenEdition, store: TrustStore | RegionDirectory) -> bool:
    """Say whether ``store`` names ``before`` among its past; format 1 has none to name."""
    return any((one.version, one.digest) == (before.version, before.digest) for one in store.past)


def is_led_from(before: SeenEdition, store: TrustStore | RegionDirectory) -> bool:
    """Say whether the signers that were relied on lead to those of ``store``.

    From format 1 its only signer leads, where he signed the first root: beside others, if more
    than one must sign since.
    """
    if before.root is not None:
        return any(root.digest == before.root for root in store.roots)
    if not store.roots or store.document is None or isinstance(store, RegionDirectory):
        return before.signer == _only_signer(store)
    return before.signer in SignedEdition.of(store.document).roots[0].signed_by
