"""Files and folders -> a catalog. With ``load/text.py`` the only part of this room that does IO."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from oneservice.catalog.collection import Catalog
from oneservice.catalog.documents import CatalogDocument
from oneservice.catalog.findings import Finding, Severity, error_of, in_order
from oneservice.catalog.lint import lint
from oneservice.catalog.load.compiled import Source, compile_documents, open_compiled
from oneservice.catalog.load.keeping import keep, kept
from oneservice.catalog.load.shape import shape
from oneservice.catalog.load.sourcing import sourced
from oneservice.catalog.load.text import MAX_BYTES, read_text
from oneservice.catalog.places import SourcedDocument
from oneservice.errors import CatalogError, FileUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MAX_FILES",
    "bundled_catalog_dir",
    "load_catalog",
    "read_bytes",
    "read_catalog",
    "read_document",
]

MAX_FILES = 20_000
"""Files of one catalog: every county of a large country with several things each."""
_ENDINGS = frozenset({".yaml", ".yml"})


def bundled_catalog_dir() -> Path:
    """Return the folder of the catalogs that come with this library.

    Raises:
        FileUnusableError: neither the installed data nor a source checkout has one.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "catalogs", package.parent / "catalogs"):
        if folder.is_dir():
            return folder
    msg = f"no catalogs beside {package.name}; reinstall it, or name a folder of your own"
    raise FileUnusableError(msg)


def load_catalog(
    paths: str | Path | Iterable[str | Path], *, compiled: Path | None = None
) -> Catalog:
    """Return the catalog of these files and folders, fit for use.

    Args:
        paths: files, and folders with all files below them.
        compiled: a file of this program's own that keeps the catalog ready. Where it was made of
            exactly these files, it is opened instead; otherwise it is written anew. It is private
            to this user, and not believed where others may write to it.

    Raises:
        CatalogError: something in it must be mended; the class and ``source`` of the first
            finding, and up to 20 findings of all files in the message.
        FileUnusableError: a path does not exist or cannot be read, or ``compiled`` cannot be
            written.
    """
    sources = _sources(paths)
    if compiled is not None:
        data = kept(compiled)
        documents = open_compiled(data, sources) if data else None
        if documents is not None:
            return Catalog(documents=documents)
    catalog = _fit_for_use(sources)
    if compiled is not None:
        keep(compiled, compile_documents(sources))
    return catalog


def _fit_for_use(sources: Iterable[Source]) -> Catalog:
    catalog, findings = _read(sources)
    if catalog is not None:
        findings = lint(catalog)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors or catalog is None:
        raise error_of(errors)
    return catalog


def read_catalog(
    paths: str | Path | Iterable[str | Path],
) -> tuple[Catalog | None, tuple[Finding, ...]]:
    """Return the catalog, or None and every place of every file that cannot be read.

    Meaning is not checked here: :func:`oneservice.catalog.lint` does that.

    Raises:
        FileUnusableError: a path does not exist or cannot be read.
        CatalogError: no file at all, or more than :data:`MAX_FILES`.
    """
    return _read(_sources(paths))


def _sources(paths: str | Path | Iterable[str | Path]) -> list[Source]:
    """Return every file once, with its bytes, in a stable order."""
    found: list[Source] = []
    given = [paths] if isinstance(paths, (str, Path)) else paths
    for file, name in _files([Path(one) for one in given]):
        if len(found) == MAX_FILES:
            msg = f"more than {MAX_FILES} files; load fewer folders at a time"
            raise CatalogError(msg)
        found.append(Source(str(file), name, read_bytes(file)))
    if not found:
        msg = "no .yaml file in the given paths; name a catalog file or its folder"
        raise CatalogError(msg)
    return found


def _read(sources: Iterable[Source]) -> tuple[Catalog | None, tuple[Finding, ...]]:
    documents: list[SourcedDocument] = []
    findings: list[Finding] = []
    for source in sources:
        document, found = read_document(source.data, file=source.file, name=source.name)
        findings += found
        if document is not None:
            documents.append(document)
    return (None if findings else Catalog(documents=tuple(documents))), in_order(findings)


def read_document(
    data: bytes, *, file: str, name: str | None = None
) -> tuple[SourcedDocument | None, list[Finding]]:
    """Return the document that ``data`` states, or what is wrong with it; raises nothing.

    Args:
        data: the bytes of a YAML file.
        file: how findings call it.
        name: how layers of a definition call it; by default the same.
    """
    value, place, findings = read_text(data, file)
    if findings:
        return None, findings
    document, findings = shape(value, place, file, CatalogDocument)
    if document is None:
        return None, findings
    return sourced(document, data, file=file, name=name or file), []


def read_bytes(file: Path) -> bytes:
    """Return the bytes of a regular file, one more than allowed at most.

    Raises:
        FileUnusableError: it does not exist, is no regular file, or cannot be read.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            msg = f"{file}: not a regular file; name a .yaml file or a folder"
            raise FileUnusableError(msg)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "cannot be read"
        msg = f"{file}: {reason}; check the path and its permissions"
        raise FileUnusableError(msg) from error


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file once, with its name below the given folder, in a stable order."""
    seen: set[Path] = set()
    for path in paths:
        is_folder = path.is_dir()
        found = sorted(path.rglob("*")) if is_folder else [path]
        for file in found:
            if is_folder and (file.suffix not in _ENDINGS or not file.is_file()):
                continue
            if file.absolute() not in seen:
                seen.add(file.absolute())
                yield file, file.relative_to(path).as_posix() if is_folder else file.name
