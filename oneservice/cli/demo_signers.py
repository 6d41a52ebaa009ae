"""The three who sign the demonstration's trust lists, two of them for each edition."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from oneservice.certificates import (
    Cryptosuite,
    ListSigner,
    SignedRoot,
    SigningKey,
    TrustRoot,
    TrustStore,
)
from oneservice.cli.demo_folder import DemoFolder
from oneservice.cli.reading import read_file

__all__ = ["signed_by_two"]

_NAMES: Final = ("data-bureau", "audit-office", "university")
_THRESHOLD: Final = 2
_MAX_PEM_BYTES: Final = 65_536


def signed_by_two(folder: DemoFolder, unsigned: TrustStore, *, since: datetime) -> TrustStore:
    """Return the list, signed by two of its three signers, whose keys are made once.

    Args:
        folder: of the demonstration; in life each key is in another house.
        unsigned: an edition of the list.
        since: when the root was made that names the three.
    """
    keys = {name: _key(folder, name) for name in _NAMES}
    root = TrustRoot(
        territory=unsigned.territory,
        version=1,
        publisher=f"https://trust.{unsigned.territory}.example/list",
        threshold=_THRESHOLD,
        signers=tuple(
            ListSigner(name=name, public_key_multibase=key.public_multibase)
            for name, key in keys.items()
        ),
        issued_at=since,
    )
    edition = unsigned.edition((SignedRoot(root=root),))
    for key in list(keys.values())[:_THRESHOLD]:
        edition = edition.by(key, at=unsigned.issued_at)
    return TrustStore.of(edition)


def _key(folder: DemoFolder, name: str) -> SigningKey:
    path = f"list-signers/{name}.pem"
    if not (folder.path / path).exists():
        made = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
        folder.write(path, made.to_pem(None), mode=0o600)
    return SigningKey.from_pem(read_file(folder.path / path, max_bytes=_MAX_PEM_BYTES))
