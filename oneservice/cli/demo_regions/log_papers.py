"""Proofs of the logs as files of their own, for whoever has other programs than ours.

Beside each paper that a log holds: the proof (C2SP tlog-proof), the leaf that it is about, and the
receipt that opens the leaf; and for each log who must have cosigned it (C2SP tlog-policy).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from oneservice.certificates import Certificate, Enclosures, TrustStore
from oneservice.tlog import LogReceipt, crosswise_policy
from oneservice.transparency import (
    Entry,
    EntryKind,
    KnownLog,
    KnownWitness,
    LogProof,
    NoteKey,
    WitnessPolicy,
)

__all__ = ["LOG_PAPERS", "put_down_policies", "put_down_proofs", "watchers_of"]

LOG_PAPERS: Final = "log"
"""Folder of these files, in that of what was handed over."""


def watchers_of(listed: TrustStore) -> WitnessPolicy:
    """Return who must cosign the logs of a territory, as its own list has it: one may lie."""
    regions: list[KnownWitness] = []
    others: list[KnownWitness] = []
    for one in listed.witnesses:
        known = KnownWitness(
            name=one.name.replace("/", "."),
            key=NoteKey.parse(one.vkey),
            url=f"https://{one.name}",
        )
        (regions if one.region else others).append(known)
    logs = [KnownLog(key=NoteKey.parse(one.vkey)) for one in listed.logs]
    return crosswise_policy(logs, regions=regions, offices=others)


def put_down_policies(folder: Path, lists: Iterable[TrustStore]) -> None:
    """Write who must have cosigned each territory's log: a file for each."""
    place = _made(folder)
    for listed in lists:
        if listed.logs:
            path = place / f"policy-{listed.territory}.txt"
            path.write_bytes(watchers_of(listed).dump())


def put_down_proofs(folder: Path, name: str, paper: Certificate, beside: Enclosures) -> None:
    """Write what the logs prove of a paper: paper, proof, leaf and receipt under one name."""
    place = _made(folder)
    for one in beside.log_proofs[:1]:
        entry = Entry(kind=EntryKind.CERTIFICATE, digest=paper.digest, salt=one.salt)
        proof = LogProof.parse(one.text.encode("utf-8"))
        origin = proof.checkpoint.partition(b"\n")[0].decode("utf-8")
        receipt = LogReceipt(origin=origin, index=proof.index, entry=entry)
        parts = {
            "json": paper.dump(),
            "tlog-proof": proof.dump(),
            "entry": entry.encode(),
            "receipt": receipt.dump(),
        }
        for ending, data in parts.items():
            (place / f"{name}.{ending}").write_bytes(data)


def _made(folder: Path) -> Path:
    place = folder / LOG_PAPERS
    place.mkdir(exist_ok=True)
    return place
