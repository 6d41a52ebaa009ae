"""Files of ``oneservice trust``: drafts that people write, lists on their way round their signers.

A draft may name days where a list has instants: ``valid_from: 2026-03-01`` begins with that day,
and ``valid_until: 2026-12-31`` ends with it, both in the offices' zone.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import yaml

from oneservice.canonical import parse_object, write_instant
from oneservice.catalog import read_text
from oneservice.certificates import EDITION_TYPE, SignedEdition, TrustDraft, TrustStore
from oneservice.cli.options import OFFICE_ZONE
from oneservice.cli.reading import MAX_TRUST_BYTES, read_file, write_file
from oneservice.errors import FileUnusableError, MalformedJsonError, TrustListError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = [
    "Draft",
    "end_of",
    "is_draft",
    "read_draft",
    "read_draft_of",
    "read_edition",
    "read_list",
    "start_of",
    "write_draft",
    "write_fresh",
]

_DRAFTS: Final = ("oneservice-trust-draft/", "oneservice-region-directory-draft/")
_YAML: Final = frozenset({".yaml", ".yml"})
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_STARTS: Final = frozenset({"valid_from", "compromised_at"})
_ENDS: Final = frozenset({"valid_until"})
_CODES: Final = frozenset({"territory", "region", "issuer_region", "accepted_in"})
_PLACE: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_HEAD: Final = "# Draft of a trust list. 'oneservice trust sign' makes a signed edition of it.\n"
_D = TypeVar("_D")


class Draft(Protocol):
    """What people write before it is signed: of a trust list, of a directory of regions."""

    def as_json(self) -> dict[str, Any]:
        """Return it for people."""
        ...


def start_of(text: str) -> datetime:
    """Return the first instant of a day, or the instant that ``text`` is.

    Raises:
        ValueError: it is neither.
    """
    if _DAY.fullmatch(text):
        return datetime.combine(date.fromisoformat(text), time(), OFFICE_ZONE).astimezone(UTC)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "an instant has a zone"
        raise ValueError(msg)
    return moment.astimezone(UTC)


def end_of(text: str) -> datetime:
    """Return the first instant after a day, or the instant that ``text`` is.

    Raises:
        ValueError: it is neither.
    """
    return start_of(text) + timedelta(days=1) if _DAY.fullmatch(text) else start_of(text)


def is_draft(path: Path) -> bool:
    """Say whether the file is a draft rather than a signed edition; believes nothing else of it."""
    if path.suffix.lower() in _YAML:
        return True
    try:
        document = parse_object(
            read_file(path, max_bytes=MAX_TRUST_BYTES), max_bytes=MAX_TRUST_BYTES
        )
    except MalformedJsonError:
        return False
    return str(document.get("format")).startswith(_DRAFTS)


def read_draft(path: Path) -> TrustDraft:
    """Return the draft at ``path``, YAML or JSON.

    Raises:
        TrustListError: it is none; the text names file, line and remedy.
        FileUnusableError: it cannot be read.
    """
    return read_draft_of(path, TrustDraft.of)


def read_draft_of(path: Path, read: Callable[[Mapping[str, Any]], _D]) -> _D:
    """Return what ``read`` makes of the draft at ``path``, YAML or JSON.

    Raises:
        TrustListError: it is none; the text names file, line and remedy.
        FileUnusableError: it cannot be read.
    """
    data = read_file(path, max_bytes=MAX_TRUST_BYTES)
    if path.suffix.lower() not in _YAML:
        try:
            return read(_plain(parse_object(data, max_bytes=MAX_TRUST_BYTES)))
        except (MalformedJsonError, TrustListError) as error:
            msg = f"{path}: {error}; mend the draft there"
            raise TrustListError(msg) from error
    document, places, findings = read_text(data, str(path))
    if findings:
        raise TrustListError("\n".join(str(one) for one in findings[:5]))
    if not isinstance(document, dict):
        msg = f"{path}:1:1: a draft is a mapping; 'init' makes one"
        raise TrustListError(msg)
    try:
        return read(_plain(document))
    except TrustListError as error:
        place = places.find(_path(error.place or ""))
        msg = f"{path}:{place.line}:{place.column}: {error}; mend the draft there"
        raise TrustListError(msg) from error


def _path(place: str) -> tuple[str | int, ...]:
    return tuple(name or int(index) for name, index in _PLACE.findall(place))


def _plain(value: Any, name: str = "") -> Any:
    """Return a draft as lists are: days become instants, codes text."""
    if isinstance(value, dict):
        return {key: _plain(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, name) for one in value]
    if name in _CODES and type(value) is int:
        return f"{value:06}"
    if isinstance(value, str) and name in _STARTS | _ENDS:
        try:
            return write_instant(end_of(value) if name in _ENDS else start_of(value))
        except ValueError:
            return value  # refused where its place is known
    return value


def write_draft(path: Path, draft: Draft, *, head: str = _HEAD) -> None:
    """Write the draft, as YAML under ``head`` where the file is named so; else as JSON."""
    if path.suffix.lower() in _YAML:
        text = yaml.safe_dump(draft.as_json(), sort_keys=False, allow_unicode=True, width=100)
        write_file(path, f"{head}{text}".encode())
    else:
        text = json.dumps(draft.as_json(), ensure_ascii=False, indent=2)
        write_file(path, f"{text}\n".encode())


def write_fresh(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file that must not be there yet.

    Raises:
        FileUnusableError: it is there, and nobody said ``force``; or it cannot be written.
    """
    refuse_existing(path, force=force)
    write_file(path, data)


def refuse_existing(path: Path, *, force: bool) -> None:
    """Refuse a file that is there already.

    Raises:
        FileUnusableError: it is, and nobody said ``force``.
    """
    if path.exists() and not force:
        msg = f"{path}: is there already"
        raise FileUnusableError(msg, remedy="name another file, or say --force to replace it")


def read_edition(path: Path, *, typ: str = EDITION_TYPE) -> SignedEdition:
    """Return an edition, completely signed or not; ``typ`` is the kind of document that is due.

    Raises:
        TrustListError: it is none, or a signature in it does not hold; the file is named.
        FileUnusableError: it cannot be read.
    """
    try:
        return SignedEdition.parse(read_file(path, max_bytes=MAX_TRUST_BYTES), typ=typ)
    except TrustListError as error:
        msg = f"{path}: {error}"
        raise TrustListError(msg) from error


def read_list(path: Path, *, root: str | None = None) -> TrustStore:
    """Return a complete list of either format.

    Raises:
        TrustListError: it is none; the file is named.
        FileUnusableError: it cannot be read.
    """
    try:
        return TrustStore.parse(read_file(path, max_bytes=MAX_TRUST_BYTES), root=root)
    except TrustListError as error:
        msg = f"{path}: {error}"
        raise TrustListError(msg) from error
