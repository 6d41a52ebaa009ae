"""Who is who in the story: regions and auditors, their names, and the keys that each keeps.

A region reads the files in its own folder and nobody else's. Names are URLs that do not change from
run to run; where they lead is a matter of the network (:mod:`roads`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.cli.demo_regions.places import PLACES
from oneservice.cli.reading import write_file
from oneservice.departments import Ed25519EventKey
from oneservice.ports import SealHolder
from oneservice.transparency import NoteSigner, SignatureType

__all__ = [
    "AUDITORS",
    "BIRTH",
    "FOUNDERS",
    "HOME",
    "JOINING",
    "NORTH",
    "REGIONS",
    "Member",
    "counter_url",
    "departments_of",
    "fresh_seal",
    "kept_key",
    "member",
    "site_url",
    "territory_of",
    "witness_of",
]

BIRTH: Final = "970301"
HOME: Final = "980201"
NORTH: Final = "990101"
JOINING: Final = "960101"
"""Takes part only since a later edition of the directory."""
FOUNDERS: Final = (BIRTH, HOME, NORTH)
REGIONS: Final = (*FOUNDERS, JOINING)
AUDITORS: Final = ("audit-office", "university")
_DEPARTMENTS: Final = {BIRTH: ("health",), HOME: ("public-security", "market-regulation", "health")}


def territory_of(region: str) -> str:
    """Return for which territory a region's list and entry in the directory speak."""
    return f"{region[:4]}00"


def site_url(name: str) -> str:
    """Return the name of what a region, or an auditor, shows to everybody."""
    return f"https://{name}.example"


def departments_of(region: str) -> tuple[str, ...]:
    """Return the departments whose offices work in a region's story."""
    return _DEPARTMENTS.get(region, ())


def counter_url(region: str) -> str:
    """Return the name of the counter at which other regions file."""
    return f"https://counter.{region}.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One region as it knows itself.

    Args:
        region: its code.
        folder: where all that is its own lies.
        seal: seals certificates, bundles and notices.
        village: the seal that village clerks use under a mandate.
        log: signs the heads of its log.
        witness: cosigns other regions' logs.
        key: signs events for other regions.
        asking: signs requests to them.
    """

    region: str
    folder: Path
    seal: SigningKey
    village: SigningKey
    log: NoteSigner
    witness: NoteSigner
    key: Ed25519EventKey
    asking: Ed25519EventKey

    @property
    def holder(self) -> SealHolder:
        """The office that hands out results, as trust lists name it."""
        english, chinese = PLACES[self.region]
        return SealHolder(
            id=f"{site_url(self.region)}/issuer",
            name={"zh": f"{chinese}政务服务中心", "en": f"Service centre of {english}"},
            region=self.region,
            is_sandbox=True,
        )

    @property
    def key_id(self) -> str:
        """URL of the seal's public half."""
        return f"{self.holder.id}#{self.seal.public_multibase}"

    @property
    def office(self) -> str:
        """As which department other regions reach its engine."""
        return f"region-{territory_of(self.region)}"

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments whose offices work in this region's story."""
        return departments_of(self.region)


def member(base: Path, region: str) -> Member:
    """Return a region, its keys made once and found again."""
    folder = base / region
    folder.mkdir(parents=True, exist_ok=True)
    return Member(
        region=region,
        folder=folder,
        seal=SigningKey.from_pem(kept_key(folder / "seal.pem", fresh_seal)),
        village=SigningKey.from_pem(kept_key(folder / "village-seal.pem", fresh_seal)),
        log=_signer(folder / "log.pem", f"{region}.example/log", SignatureType.ED25519),
        witness=witness_of(base, region),
        key=_wire_key(folder, f"events-{region}"),
        asking=_wire_key(folder, f"requests-{region}"),
    )


def witness_of(base: Path, name: str) -> NoteSigner:
    """Return the cosigning key of a region or of an auditor; its name says where it is reached."""
    path = base / name / "witness.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    return _signer(path, f"{name}.example/witness", SignatureType.COSIGNATURE_V1)


def fresh_seal() -> bytes:
    """Return a new seal key as a file for its owner alone."""
    return SigningKey.generate(Cryptosuite.ECDSA_JCS_2019).to_pem(None)


def kept_key(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what lies in a file for its owner alone, made at the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, make(), mode=0o600)
    return path.read_bytes()


def _wire_key(folder: Path, keyid: str) -> Ed25519EventKey:
    path = folder / f"{keyid}.pem"
    pem = kept_key(path, lambda: Ed25519EventKey.generate(keyid).to_pem())
    return Ed25519EventKey.from_pem(pem, keyid=keyid)


def _signer(path: Path, name: str, kind: SignatureType) -> NoteSigner:
    pem = kept_key(path, lambda: NoteSigner.generate(name, type=kind).to_pem(None))
    return NoteSigner.from_pem(pem, name=name, type=kind)
