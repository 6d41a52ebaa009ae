"""A compiled catalog: one file from which a large catalog is ready in a fraction of the time.

Theory of operation. The file is a line with a digest, then a JSON index, then one JSON text for
each part (an item, a one-thing, an overlay). The index names every catalog file with the digest of
its bytes, whom it speaks for, and where its parts lie. Opening it reads the catalog files' bytes,
compares digests, and decodes nothing but the index; a part is decoded, and held against its model
as ever, when somebody asks for it. So what comes out is what the YAML files say, or nothing:

- any other file, byte, format or version, and the compiled file counts for nothing;
- it is JSON: reading it can run no code. It could still state other rules than the files do, so
  one that others may write to is not believed;
- decimals are text here, and are put back as exact decimals at the places that the part names;
- a part that its model refuses is read from its YAML file again, which says what is wrong.

Only catalogs without errors are compiled, and the version of this library is part of the format,
so an opened one need not be linted again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from pydantic import BaseModel, ValidationError

from oneservice.catalog.documents import CatalogDocument, Overlay
from oneservice.catalog.findings import error_of
from oneservice.catalog.load.shape import shape
from oneservice.catalog.load.sourcing import SECTIONS, names_of, places_of
from oneservice.catalog.load.text import read_text
from oneservice.catalog.models import Department, Item, OneThing
from oneservice.catalog.places import SourcedDocument
from oneservice.version import __version__

if TYPE_CHECKING:
    from oneservice.catalog.places import Path

__all__ = ["MAX_COMPILED_BYTES", "Source", "compile_documents", "open_compiled"]

MAX_COMPILED_BYTES: Final = 256 * 1024 * 1024
"""A compiled file is about as large as its catalog files together."""
_MAGIC: Final = b"oneservice-compiled/1 "
_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "departments": Department,
    "items": Item,
    "things": OneThing,
    "overlays": Overlay,
}
_UNREADABLE: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError)
"""What index entries of another shape run into; orjson's own error is a ValueError."""


class Source:
    """One catalog file: as it was opened, its name below the root, and its bytes."""

    __slots__ = ("data", "file", "name")

    def __init__(self, file: str, name: str, data: bytes) -> None:
        self.file = file
        self.name = name
        self.data = data

    def digest(self) -> str:
        """Return the SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def compile_documents(sources: Sequence[Source]) -> bytes:
    """Return the compiled form of these files, which must be readable.

    Raises:
        CatalogError: a file is not as it must be.
    """
    body = bytearray()
    files = []
    for source in sources:
        raw, document = _read(source)
        parts = {
            section: [_put(body, each) for each in raw.get(section, ())] for section in SECTIONS
        }
        until = document.effective_until
        files.append(
            {
                "name": source.name,
                "digest": source.digest(),
                "region": document.region,
                "from": document.effective_from.isoformat(),
                "until": until.isoformat() if until else None,
                "names": names_of(document),
                "parts": parts,
            }
        )
    index = orjson.dumps({"version": __version__, "files": files})
    rest = len(index).to_bytes(8, "big") + index + body
    return _MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def open_compiled(data: bytes, sources: Sequence[Source]) -> tuple[SourcedDocument, ...] | None:
    """Return the documents of a compiled file, or None where it is not of exactly these files."""
    head, _, rest = data[:200].partition(b"\n")
    if not head.startswith(_MAGIC) or len(rest) < 1:
        return None
    rest = data[len(head) + 1 :]
    if head != _MAGIC + hashlib.sha256(rest).hexdigest().encode():
        return None
    try:
        start = 8 + int.from_bytes(rest[:8], "big")
        index = orjson.loads(rest[8:start])
        if index["version"] != __version__ or len(index["files"]) != len(sources):
            return None
        body = memoryview(rest)[start:]
        found = [
            _opened(entry, source, body)
            for entry, source in zip(index["files"], sources, strict=True)
        ]
    except _UNREADABLE:
        return None
    documents = tuple(each for each in found if each is not None)
    return documents if len(documents) == len(sources) else None


# --- one file -------------------------------------------------------------------------------------


def _opened(entry: Any, source: Source, body: memoryview) -> SourcedDocument | None:
    if (entry["name"], entry["digest"]) != (source.name, source.digest()):
        return None
    until = entry["until"]
    return SourcedDocument(
        file=source.file,
        name=source.name,
        region=entry["region"],
        effective_from=date.fromisoformat(entry["from"]),
        effective_until=date.fromisoformat(until) if until else None,
        names={section: tuple(entry["names"][section]) for section in SECTIONS},
        make_part=_Parts(entry["parts"], source, body).part,
        make_document=lambda: _read(source)[1],
        locate=partial(places_of, source.data, source.file),
    )


class _Parts:
    """The parts of one file, each decoded at most once."""

    __slots__ = ("_body", "_made", "_source", "_spans")

    def __init__(
        self, spans: Mapping[str, Sequence[Sequence[int]]], source: Source, body: memoryview
    ) -> None:
        self._spans = spans
        self._source = source
        self._body = body
        self._made: dict[tuple[str, int], Any] = {}

    def part(self, section: str, index: int) -> Any:
        made = self._made.get((section, index))
        if made is None:
            start, end = self._spans[section][index]
            try:
                value = _decoded(orjson.loads(self._body[start:end]))
                made = _MODELS[section].model_validate(value)
            except (ValidationError, *_UNREADABLE):
                made = getattr(_read(self._source)[1], section)[index]
            self._made[section, index] = made
        return made


def _read(source: Source) -> tuple[dict[str, Any], CatalogDocument]:
    value, place, findings = read_text(source.data, source.file)
    document = None
    if not findings:
        document, findings = shape(value, place, source.file, CatalogDocument)
    if document is None:
        raise error_of(findings)
    return value, document


def _put(body: bytearray, value: Any) -> tuple[int, int]:
    """Append ``value`` and return where it lies."""
    start = len(body)
    decimals = [(path, str(number)) for path, number in _decimals(value, ())]
    body += orjson.dumps([value, decimals], default=str)
    return start, len(body)


def _decoded(part: Any) -> Any:
    value, decimals = part
    for path, text in decimals:
        *way, last = path
        inner = value
        for step in way:
            inner = inner[step]
        inner[last] = Decimal(text)
    return value


def _decimals(value: Any, path: Path) -> Iterator[tuple[Path, Decimal]]:
    if isinstance(value, Decimal):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _decimals(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _decimals(inner, (*path, index))
