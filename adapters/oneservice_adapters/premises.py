"""The folder of an office: its keys, its card, its registers, and the lock on the door.

Files appear whole or not at all, secrets are readable by their owner only, and the card comes
last: a folder with a card has everything.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from oneservice.certificates import Cryptosuite, SigningKey
from oneservice.errors import AdapterError, FileUnusableError, JournalLockedError
from oneservice.identifiers import parse_region
from oneservice_adapters.card import CARD_NAME, OfficeCard, read_office_card
from oneservice_adapters.numbers import office_code
from oneservice_adapters.offices import profile_of
from oneservice_adapters.procedure import Profile, Story

__all__ = [
    "EVENT_KEY_NAME",
    "LIST_KEY_NAME",
    "SEAL_KEY_NAME",
    "occupied",
    "prepare_office",
    "read_secret",
]

EVENT_KEY_NAME: Final = "event-key.pem"
SEAL_KEY_NAME: Final = "seal-key.pem"
LIST_KEY_NAME: Final = "list-key.pem"
_LOCK_NAME: Final = "office.lock"
_SECRET: Final = 0o600
_PUBLIC: Final = 0o644
_MAX_KEY_BYTES: Final = 16_384


def prepare_office(folder: Path, department: str, region: str = "990101") -> OfficeCard:
    """Return the card of the office in ``folder``; keys and card are made where there are none.

    No server is started. Repeating it changes nothing, also while the office is being served.

    Raises:
        AdapterError: no such department, or the folder belongs to another office.
        IdentifierError: ``region`` is no region code.
        FileUnusableError: the folder cannot be written, or something in it cannot be read.
        JournalLockedError: another process is setting the office up.
    """
    folder, profile = Path(folder), profile_of(department)
    parse_region(region)
    if not (folder / CARD_NAME).exists():
        with occupied(folder):
            _set_up(folder, profile, region)
    card = read_office_card(folder)
    if not card.list_multibase:  # a folder of an older release: its keys and stories stay
        with occupied(folder):
            _set_up(folder, profile, card.region, stories=card.stories)
        card = read_office_card(folder)
    if (card.department, card.region) != (department, region):
        msg = (
            f"{folder} is the office of {card.department} in {card.region}, not of {department} "
            f"in {region}: name another folder"
        )
        raise AdapterError(msg)
    return card


def read_secret(folder: Path, name: str) -> bytes:
    """Return the bytes of a private key's PEM.

    Raises:
        FileUnusableError: it cannot be read.
    """
    path = Path(folder) / name
    try:
        with path.open("rb") as file:
            return file.read(_MAX_KEY_BYTES)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): restore it from a backup"
        raise FileUnusableError(msg) from error


@contextlib.contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Keep other processes out of the office while the block runs; the folder is made if need be.

    Raises:
        JournalLockedError: another process is in it.
        FileUnusableError: the folder cannot be made or written.
    """
    path = Path(folder) / _LOCK_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        door = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PUBLIC)
    except OSError as error:
        raise _unwritable(Path(folder), error) from error
    try:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = (
                f"another process serves the office in {folder}: stop that one, or name another "
                "folder"
            )
            raise JournalLockedError(msg) from error
        yield
    finally:
        os.close(door)


def _set_up(
    folder: Path, profile: Profile, region: str, stories: Mapping[str, Story] | None = None
) -> None:
    """Make what is missing; the card last."""
    suite = (
        Cryptosuite.EDDSA_JCS_2022 if profile.event_alg == "ed25519" else Cryptosuite.ECDSA_JCS_2019
    )
    event = _key(folder / EVENT_KEY_NAME, suite)
    seal = _key(folder / SEAL_KEY_NAME, profile.seal_suite)
    lists = _key(folder / LIST_KEY_NAME, Cryptosuite.ECDSA_JCS_2019)
    issuer_id = f"https://{profile.department}.{region}.example/issuer"
    card = OfficeCard(
        department=profile.department,
        region=region,
        name=profile.name,
        code=office_code(region[:6], profile.code_no),
        issuer_id=issuer_id,
        event_keyid=f"{profile.department}-{region}-events-1",
        event_alg=profile.event_alg,
        event_multibase=event.public_multibase,
        seal_method=f"{issuer_id}#{seal.public_multibase}",
        seal_suite=str(seal.suite),
        seal_multibase=seal.public_multibase,
        certificate_types=tuple(
            one.paper.type
            for one in profile.procedures
            if one.paper is not None and one.paper.is_certificate
        ),
        stories=stories or {},
        list_method=f"{issuer_id}#{lists.public_multibase}",
        list_multibase=lists.public_multibase,
    )
    text = json.dumps(card.as_json(), ensure_ascii=False, indent=2) + "\n"
    _put(folder / CARD_NAME, text.encode(), _PUBLIC)


def _key(path: Path, suite: Cryptosuite) -> SigningKey:
    """Return the key in ``path``, made if there is none: a crash may have come before the card."""
    if path.exists():
        return SigningKey.from_pem(read_secret(path.parent, path.name))
    key = SigningKey.generate(suite)
    _put(path, key.to_pem(None), _SECRET)
    return key


def _put(path: Path, data: bytes, mode: int) -> None:
    """Write a file in one step; the caller holds the lock, so the name beside it is free."""
    fresh = path.with_name(f"{path.name}.tmp")
    try:
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _unwritable(path.parent, error) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(folder: Path, error: OSError) -> FileUnusableError:
    return FileUnusableError(
        f"the office's folder {folder} cannot be written ({error.strerror}): "
        "mend its rights or free space, or name another folder"
    )
