"""A compiled catalog says what its files say, or nothing; and nobody else's is believed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.catalog.load.compiled import Source, compile_documents, open_compiled
from oneservice.errors import CatalogError, FileUnusableError, UnknownThingError

if TYPE_CHECKING:
    from oneservice.catalog import Catalog

DAY = date(2026, 9, 28)
ROOT = Path(__file__).resolve().parents[3]
STALL = ROOT / "docs" / "book-stall"
FOLDERS = {"stall": STALL, "bundled": bundled_catalog_dir()}


def sources_of(folder: Path) -> list[Source]:
    return [
        Source(str(file), file.relative_to(folder).as_posix(), file.read_bytes())
        for file in sorted(folder.rglob("*.yaml"))
    ]


def definitions(catalog: Catalog) -> dict[tuple[str, str], object]:
    found = {}
    for region in ("000000", "990100", "990101"):
        for effective in catalog.things(region, DAY):
            found[region, effective.thing.id] = (
                effective.digest,
                effective.layers,
                effective.thing,
                dict(effective.items),
                dict(effective.departments),
                effective.source_of(f"{effective.thing.id}.steps"),
            )
    return found


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_it_says_what_the_files_say(folder: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "catalog.compiled"
    cold = load_catalog(folder, compiled=compiled)
    warm = load_catalog(folder, compiled=compiled)
    assert cold.documents[0].make_document() is cold.documents[0].make_document()
    assert definitions(warm) == definitions(cold)
    assert [each.document for each in warm.documents] == [each.document for each in cold.documents]


def test_it_is_used_and_kept_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = tmp_path / "catalog.compiled"
    load_catalog(STALL, compiled=compiled)
    assert compiled.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [compiled.name]
    monkeypatch.setattr("oneservice.catalog.load.files.lint", lambda _: pytest.fail("linted again"))
    assert load_catalog(STALL, compiled=compiled)


def copied(folder: Path) -> Path:
    folder.mkdir()
    for file in STALL.glob("*.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    compiled, folder = tmp_path / "c", copied(tmp_path / "stall")
    before = load_catalog(folder, compiled=compiled)
    overlay = folder / "990100.yaml"
    overlay.write_text(overlay.read_text("utf-8").replace("{days: 4}", "{days: 3}"), "utf-8")
    for _ in range(2):  # read anew, then from the compiled file, which was written anew
        after = load_catalog(folder, compiled=compiled)
        item = after.thing("book_stall", region="990100", on=DAY).items["pitch"]
        assert item.promised.days == 3
    assert before.thing("book_stall", region="990100", on=DAY).items["pitch"].promised.days == 4


def test_a_new_and_a_missing_file_count_at_once(tmp_path: Path) -> None:
    compiled, folder = tmp_path / "c", copied(tmp_path / "stall")
    load_catalog(folder, compiled=compiled)
    (folder / "990100.yaml").rename(tmp_path / "away.yaml")
    base = load_catalog(folder, compiled=compiled)
    assert len(base.documents) == 1
    (folder / "national.yaml").rename(folder / "nation.yaml")
    assert load_catalog(folder, compiled=compiled).documents[0].name == "nation.yaml"


def test_a_mistake_is_told_as_without_it(tmp_path: Path) -> None:
    compiled, folder = tmp_path / "c", copied(tmp_path / "stall")
    load_catalog(folder, compiled=compiled)
    base = folder / "national.yaml"
    base.write_text(base.read_text("utf-8").replace("requires: [pitch]", "requires: [pich]"))
    messages = []
    for _ in range(2):
        with pytest.raises(CatalogError) as caught:
            load_catalog(folder, compiled=compiled)
        messages.append(str(caught.value))
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder)
    assert {*messages} == {str(caught.value)}


def test_errors_name_places_of_the_yaml_files(tmp_path: Path) -> None:
    load_catalog(STALL, compiled=tmp_path / "c")
    catalog = load_catalog(STALL, compiled=tmp_path / "c")
    shop = catalog.thing("book_stall", region="990101", on=DAY)
    path = "book_stall.steps.book_record.when"
    assert shop.source_of(path) == (
        load_catalog(STALL).thing("book_stall", region="990101", on=DAY).source_of(path)
    )
    with pytest.raises(UnknownThingError, match="did you mean 'book_stall'"):
        catalog.thing("book_stal", region="990101", on=DAY)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    compiled = tmp_path / "c"
    sources = sources_of(STALL)
    load_catalog(STALL, compiled=compiled)
    forged = [
        Source(each.file, each.name, each.data.replace(b"{days: 4}", b"{days: 1}"))
        for each in sources
    ]
    compiled.write_bytes(_with_digests_of(compile_documents(forged), forged, sources))
    os.chmod(compiled, mode)  # noqa: PTH101
    pitch = load_catalog(STALL, compiled=compiled).thing("book_stall", region="990100", on=DAY)
    assert pitch.items["pitch"].promised.days == 4
    assert compiled.stat().st_mode & 0o777 == 0o600


def _with_digests_of(data: bytes, forged: list[Source], real: list[Source]) -> bytes:
    import hashlib  # noqa: PLC0415 - what a forger needs

    head, _, rest = data.partition(b"\n")
    for old, new in zip(forged, real, strict=True):
        rest = rest.replace(old.digest().encode(), new.digest().encode())
    return head[:22] + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUnusableError, match="name another file for the compiled catalog"):
        load_catalog(STALL, compiled=tmp_path / "missing" / "c")


STALL_SOURCES = sources_of(STALL)
COMPILED = compile_documents(STALL_SOURCES)


def test_compiling_is_repeatable() -> None:
    assert compile_documents(STALL_SOURCES) == COMPILED
    assert open_compiled(COMPILED, STALL_SOURCES) is not None


@given(at=st.integers(0, len(COMPILED) - 1), flip=st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_any_changed_byte_makes_it_count_for_nothing(at: int, flip: int) -> None:
    broken = bytearray(COMPILED)
    broken[at] ^= flip
    assert open_compiled(bytes(broken), STALL_SOURCES) is None


@given(end=st.integers(0, len(COMPILED) - 1))
@settings(max_examples=40, deadline=None)
def test_a_torn_file_counts_for_nothing(end: int) -> None:
    assert open_compiled(COMPILED[:end], STALL_SOURCES) is None


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_noise_counts_for_nothing(data: bytes) -> None:
    assert open_compiled(data, STALL_SOURCES) is None
    assert open_compiled(COMPILED[:86] + data, STALL_SOURCES) is None


@pytest.mark.parametrize("version", ["9.9.9", "unknown"])
def test_another_version_counts_for_nothing(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oneservice.catalog.load.compiled.__version__", version)
    assert open_compiled(COMPILED, STALL_SOURCES) is None


def test_decimals_stay_exact(tmp_path: Path) -> None:
    text = (STALL / "national.yaml").read_text("utf-8").replace("minimum: 1\n", "minimum: 0.50\n")
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    cold = load_catalog(tmp_path / "a.yaml", compiled=tmp_path / "c")
    warm = load_catalog(tmp_path / "a.yaml", compiled=tmp_path / "c")
    bounds = [
        catalog.thing("book_stall", region="990101", on=DAY).thing.situations[0].minimum
        for catalog in (cold, warm)
    ]
    assert [str(bound) for bound in bounds] == ["0.50", "0.50"]
