"""Whatever the bytes of a catalog file: findings with a place, never a foreign exception."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from oneservice.catalog import Catalog, bundled_catalog_dir, lint, read_document
from oneservice.catalog.load import text as text_module
from oneservice.catalog.load.text import read_text

GOOD = (bundled_catalog_dir() / "990100" / "restaurant.yaml").read_bytes()
NATIONAL = (bundled_catalog_dir() / "national" / "restaurant.yaml").read_bytes()

PIECES = ["a: ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", ": ", "? ", "&x ", "*x", "!t ", "'"]
PIECES += [
    '"',
    "|\n",
    ">-\n",
    "#",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\\u",
    "\t",
    "~",
    "true",
    "1.5",
]
pieces = st.sampled_from(PIECES)
yaml_like = st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=40).map("".join)


def _place_is_inside(source: str, data: bytes) -> bool:
    _, line, column = source.rsplit(":", 2)
    return 1 <= int(line) <= data.count(b"\n") + data.count(b"\r") + 2 and int(column) >= 1


@given(st.one_of(st.binary(max_size=200), yaml_like.map(lambda t: t.encode("utf-8", "ignore"))))
def test_whatever_the_bytes_reading_gives_data_or_findings(data: bytes) -> None:
    document, findings = read_document(data, file="f.yaml")
    assert (document is None) == bool(findings)
    for finding in findings:
        assert _place_is_inside(finding.source, data)
        assert finding.text
        assert finding.remedy


@given(
    at=st.integers(0, len(NATIONAL) - 1),
    cut=st.integers(0, 30),
    paste=st.one_of(
        st.binary(max_size=8), st.sampled_from([b"x", b"!", b": ", b"\n", b"  ", b"1"])
    ),
)
def test_a_damaged_catalog_is_read_linted_or_refused(at: int, cut: int, paste: bytes) -> None:
    damaged = NATIONAL[:at] + paste + NATIONAL[at + cut :]
    document, findings = read_document(damaged, file="f.yaml")
    overlay, _ = read_document(GOOD, file="g.yaml")
    assert overlay is not None
    if document is not None:
        findings = list(lint(Catalog(documents=(document, overlay))))
    for finding in findings:
        assert not finding.source.startswith("?")
        assert finding.remedy


scalars = st.one_of(st.booleans(), st.integers(-(10**17), 10**17), st.text(max_size=12))
plain = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.text(max_size=6), below, max_size=3)
    ),
    max_leaves=10,
)


@given(plain)
def test_what_another_writer_wrote_is_read_back(value: Any) -> None:
    written = yaml.safe_dump({"top": value}, allow_unicode=True).encode()
    read, _, findings = read_text(written, "f.yaml")
    if not findings:  # aliases and unprintable escapes are refused, and nothing else changes
        assert read == {"top": value}


@given(yaml_like)
def test_the_pure_parser_is_as_strict(text: str) -> None:
    """Where libyaml is missing PyYAML's own parser serves; it may refuse more, never crash."""
    data = text.encode("utf-8", "ignore")
    kept = text_module._Loader
    text_module._Loader = yaml.SafeLoader
    try:
        read, _, findings = read_text(data, "f.yaml")
    finally:
        text_module._Loader = kept
    fast, _, fast_findings = read_text(data, "f.yaml")
    if not findings and not fast_findings:
        assert read == fast
