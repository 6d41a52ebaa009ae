"""Editions of status lists: logged where they are published, kept and compared where they are read.

A list is published also while its log or its witnesses are away: that something does not count any
more must not wait for them. What is not logged yet is logged with the next edition.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from oneservice.canonical import Digest, digest_bytes, write_instant
from oneservice.certificates import Publication, StatusList, Trust, TrustBook
from oneservice.cli.reading import write_file
from oneservice.errors import LogKeyUnknownError
from oneservice.runtimes import Edition, StatusRegister, TakenBack, revocations_taken_back
from oneservice.tlog import EntryLog
from oneservice.transparency import Entry, EntryKind, LogProof, NoteKey, entry_of_list

__all__ = [
    "ENOUGH_WITNESSES",
    "LoggedEditions",
    "SeenEditions",
    "logged_kind",
    "told_entry",
    "told_of",
]

ENOUGH_WITNESSES: Final = 3
"""Of four: any two sets of three share an honest one, if one of the four lies."""
_SECOND: Final = timedelta(seconds=1)


class LoggedEditions:
    """What proves that a region's log holds the editions of its own register.

    Args:
        folder: of the proofs, a file for each edition.
        log: of the region.
    """

    def __init__(self, folder: Path, log: EntryLog) -> None:
        self._folder, self._log = folder, log

    async def catch_up(self, register: StatusRegister) -> None:
        """Log every edition that is not logged yet.

        Raises:
            EnvironmentalError: the log or its witnesses are not to be had; the next call tries.
        """
        waiting: list[Edition] = []
        edition = register.edition()
        while edition is not None and not self._path(edition).exists():
            waiting.append(edition)
            edition = register.edition(at=edition.issued_at - _SECOND)
        entries = [
            entry_of_list(digest_bytes(data)) for one in waiting for data in one.documents.values()
        ]
        proofs = await self._log.enter(entries) if entries else ()
        told = [told_entry(entry, proof) for entry, proof in zip(entries, proofs, strict=True)]
        for one in reversed(waiting):  # the oldest first: what is missing is always the newest
            own = {digest_bytes(data) for data in one.documents.values()}
            _written(self._path(one), [each for each in told if each["digest"] in own])

    def proofs(self, edition: Edition) -> list[dict[str, str]]:
        """Return kind, digest, salt and proof for each list; none while it is not logged."""
        path = self._path(edition)
        if not path.exists():
            return []
        found: list[dict[str, str]] = json.loads(path.read_bytes())
        return found

    def _path(self, edition: Edition) -> Path:
        token = digest_bytes(edition.documents[Publication.TOKEN])
        return self._folder / f"{edition.number}-{token.removeprefix('sha256:')[:16]}.json"


class SeenEditions:
    """What other regions published, as it was seen here; nothing of it is thrown away.

    Args:
        folder: never to be restored from an older backup.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, proofs: Sequence[Mapping[str, str]]) -> None:
        """Keep an edition, with the proof of its log where one came along."""
        digest = digest_bytes(data)
        own = [one for one in proofs if one["digest"] == digest]
        _written(self._path(digest), {"list": data.decode("ascii"), "proofs": own})

    def contradictions(self, trust: Trust) -> Iterator[tuple[TakenBack, dict[str, Any]]]:
        """Yield what contradicts itself, and the two documents that show it to anybody."""
        kept = [json.loads(one.read_bytes()) for one in sorted(self._folder.glob("*.json"))]
        lists = [StatusList.parse(one["list"].encode("ascii")) for one in kept]
        by_digest = {one.digest: told for one, told in zip(lists, kept, strict=True)}
        for one in revocations_taken_back(lists, trust=trust):
            both = (by_digest[one.earlier.digest], by_digest[one.later.digest])
            yield (
                one,
                {
                    "lists": [each["list"] for each in both],
                    "proofs": [proof for each in both for proof in each["proofs"]],
                },
            )

    def _path(self, digest: Digest) -> Path:
        return self._folder / f"{digest.removeprefix('sha256:')}.json"


def told_of(found: TakenBack) -> dict[str, Any]:
    """Return what an order answers about a contradiction."""
    return {
        "issuer": found.issuer_id,
        "earlier": write_instant(found.earlier.issued_at),
        "later": write_instant(found.later.issued_at),
        "entries": len(found.entries),
    }


def logged_kind(told: Mapping[str, str], trust: TrustBook) -> EntryKind | None:
    """Return which kind of thing a log provably holds; ``None``: nothing proves it.

    Enough of the witnesses that the list of the log's own region names must have seen it.

    Raises:
        LogProofError: the proof is false.
    """
    kind = EntryKind(told["kind"])
    entry = Entry(kind=kind, digest=Digest(told["digest"]), salt=told["salt"])
    proof = LogProof.parse(told["proof"].encode("utf-8"))
    for listed in trust.lists:
        witnesses = [NoteKey.parse(one.vkey) for one in listed.witnesses]
        for log in listed.logs:
            with contextlib.suppress(LogKeyUnknownError):
                key = NoteKey.parse(log.vkey)
                found = proof.check(entry.encode(), log=key, witnesses=witnesses)
                return kind if len(found.cosigned) >= ENOUGH_WITNESSES else None
    return None


def told_entry(entry: Entry, proof: str) -> dict[str, str]:
    """Return what :func:`logged_kind` reads: a record of the log, and what proves it."""
    return {
        "kind": entry.kind.value,
        "digest": entry.digest,
        "salt": entry.salt,
        "proof": proof,
    }


def _written(path: Path, content: object) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(exist_ok=True)
    write_file(path, json.dumps(content).encode("ascii"))
