"""YAML text -> plain data and the place of every value; a small, unsurprising subset of YAML.

Theory of operation: the parser's *events* are read one by one, so that depth and size are bounded
before anything is built, and every value keeps its mark. What surprises people is refused or read
as text: no aliases, tags, second documents, repeated keys or nulls; ``true`` and ``false`` only
(``NO`` is Norway), whole numbers and decimals as people write them (``0777`` and ``12:30:00`` stay
text), dates stay text until a model asks for one. Repeated keys would silently win otherwise
(yaml/pyyaml#165).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import yaml

from oneservice.catalog.findings import Finding
from oneservice.catalog.load.slips import FULL_WIDTH_COLON, colon_at, meant
from oneservice.catalog.places import Place

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "read_text"]

MAX_BYTES = 2 * 1024 * 1024
"""Bytes of one file: forty times the largest catalog file that a person still edits."""
MAX_DEPTH = 24
"""Levels of nesting; the models need nine."""
MAX_NODES = 200_000
"""Values of one file, about a second's work and 100 MB; many files hold more than one."""

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"-?(0|[1-9]\d*)", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+", re.ASCII)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MOST_DIGITS = 18
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""Characters that YAML forbids, and the line breaks that editors do not count (U+0085, U+2028)."""


class _Stop(Exception):  # noqa: N818 - never leaves this module
    """Reading cannot go on; the finding is noted already."""


def read_text(data: bytes, file: str) -> tuple[Any, Place, list[Finding]]:
    """Return what the file states, where, and what is wrong with it.

    The data is only complete where there is no finding. Nothing is raised, whatever the bytes.
    """
    top = Place(1, 1)
    reader = _Reader(file)
    try:
        text = reader.decoded(data)
        value, top = reader.document(text)
    except _Stop:
        value = None
    return value, top, reader.findings


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._text = ""
        self._nodes = 0
        self.findings: list[Finding] = []

    def decoded(self, data: bytes) -> str:
        if len(data) > MAX_BYTES:
            self._stop(
                1, 1, f"the file has more than {MAX_BYTES} bytes", "split it", "catalog_limit"
            )
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8")
            line, column = _position(before, len(before))
            self._stop(line, column, "a byte that is not UTF-8", "save the file as UTF-8")
        odd = _UNPRINTABLE.search(text)
        if odd is not None:
            line, column = _position(text, odd.start())
            what = f"the character U+{ord(odd.group()):04X}"
            self._stop(line, column, what, "remove it; only printable text is read")
        return text.replace("\r\n", "\n")

    def document(self, text: str) -> tuple[Any, Place]:
        self._text = text
        loader = _Loader(text)
        try:
            self._loader = loader
            loader.get_event()  # the stream begins
            if loader.check_event(yaml.StreamEndEvent):
                self._stop(1, 1, "the file is empty", "write a catalog document")
            loader.get_event()  # the document begins
            result = self._value(0)
            loader.get_event()  # the document ends
            if not loader.check_event(yaml.StreamEndEvent):
                mark = loader.peek_event().start_mark
                self._stop(mark.line + 1, mark.column + 1, "a second document", "use one file each")
        except yaml.MarkedYAMLError as error:
            self._stop(*(meant(text, error) or _as_told(error)))
        except (yaml.YAMLError, ValueError, OverflowError):
            # The pure parser lets a few impossible escapes through to Python's own errors.
            self._stop(1, 1, "not YAML: a character that no text can hold", _YAML_REMEDY)
        finally:
            loader.dispose()
        return result

    # --- one value ------------------------------------------------------------------------------

    def _value(self, depth: int, key: Place | None = None) -> tuple[Any, Place]:
        event = self._loader.get_event()
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        place = Place(line, column)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop(line, column, f"more than {MAX_NODES} values", "split it", "catalog_limit")
        if isinstance(event, yaml.AliasEvent):
            self._note(line, column, "alias", f"the alias '*{event.anchor}'", "write it out here")
            return None, place
        if event.anchor is not None:
            self._note(line, column, "alias", f"the anchor '&{event.anchor}'", "remove it")
        if event.tag is not None:
            remedy = "remove it, or put a rule that begins with '!' in quotes"
            self._note(line, column, "tag", f"the tag '{event.tag}'", remedy)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place, key), place
        if depth >= MAX_DEPTH:
            what = f"nested deeper than {MAX_DEPTH} levels"
            self._stop(line, column, what, "flatten it", "catalog_limit")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place, depth + 1), place
        return self._mapping(place, depth + 1), place

    def _sequence(self, place: Place, depth: int) -> list[Any]:
        values: list[Any] = []
        place.inside = {}
        while not self._loader.check_event(yaml.SequenceEndEvent):
            value, below = self._value(depth)
            place.inside[len(values)] = below
            values.append(value)
        self._loader.get_event()
        return values

    def _mapping(self, place: Place, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        place.inside = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            key, key_place = self._key(depth)
            value, below = self._value(depth, key_place)
            if key is None:
                continue
            below.key = (key_place.line, key_place.column)
            if key in values:
                first = place.inside[key].key or (0, 0)
                what = f"the key '{key[:60]}' stands twice, first in line {first[0]}"
                self._note(*below.key, "duplicate_key", what, "keep one of them")
                continue
            values[key] = value
            place.inside[key] = below
        self._loader.get_event()
        return values

    def _key(self, depth: int) -> tuple[str | None, Place]:
        event = self._loader.peek_event()
        key, place = self._value(depth)
        if isinstance(event, yaml.ScalarEvent):
            if isinstance(key, str):
                return key, place
            # A bare number or truth value: text was meant, but nobody should have to guess.
            what = f"the key {event.value[:60]} is no text"
            self._note(place.line, place.column, "key_not_text", what, "put it in quotes")
        elif not isinstance(event, yaml.AliasEvent):
            what = "a key that is a list or a mapping"
            self._note(place.line, place.column, "key_not_text", what, "use a text")
        return None, place

    def _scalar(self, event: Any, place: Place, key: Place | None) -> Any:
        text: str = event.value
        if event.style not in {None, ""}:
            self._measure(event, place, text)
            if event.style == '"' and _UNPRINTABLE.search(text):
                what = "an escape for a character that is not printable"
                self._note(place.line, place.column, "catalog_syntax", what, "remove it")
            return text
        if text in _NULLS:
            if event.tag is None:  # the tag is told already: a rule that begins with '!'
                self._empty(key or place)
            return None
        if text in {"true", "false"}:
            return text == "true"
        if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
            if len(text) > _MOST_DIGITS:
                what = f"a number of more than {_MOST_DIGITS} digits"
                self._note(place.line, place.column, "wrong_value", what, "put it in quotes")
                return text
            return Decimal(text) if "." in text else int(text)
        self._measure(event, place, text)
        return text

    def _empty(self, at: Place) -> None:
        odd = colon_at(self._text, at.line, at.column)
        if odd is not None:
            self._note(at.line, odd, "catalog_syntax", *FULL_WIDTH_COLON)
            return
        remedy = "write a value, leave the key out, or put text with a comma in quotes"
        self._note(at.line, at.column, "null_value", "an empty value", remedy)

    def _measure(self, event: Any, place: Place, text: str) -> None:
        """Note where the text itself begins, if each of its characters is one of the file's."""
        start, end = event.start_mark, event.end_mark
        if start.line == end.line:
            width = end.column - start.column
            if width - len(text) in {0, 2}:
                place.lead = (width - len(text)) // 2

    # --- what is wrong --------------------------------------------------------------------------

    def _note(self, line: int, column: int, code: str, what: str, remedy: str) -> None:
        source = f"{self._file}:{line}:{column}"
        self.findings.append(Finding(source=source, code=code, text=what, remedy=remedy))

    def _stop(
        self, line: int, column: int, what: str, remedy: str, code: str = "catalog_syntax"
    ) -> Any:
        self._note(line, column, code, what, remedy)
        raise _Stop


_YAML_REMEDY = "mind indentation, and put text with ': ' or ' #' in quotes"


def _place_of(error: yaml.MarkedYAMLError) -> tuple[int, int]:
    """Return where to look: at what was never closed, else at what was not expected."""
    is_open = (error.context or "").startswith(("while parsing a flow", "while scanning a quoted"))
    mark = (error.context_mark if is_open else None) or error.problem_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _as_told(error: yaml.MarkedYAMLError) -> tuple[int, int, str, str]:
    return (*_place_of(error), f"not YAML: {error.problem}", _YAML_REMEDY)


def _position(text: str, index: int) -> tuple[int, int]:
    """Return line and column (from 1) of the character ``index``."""
    line = text.count("\n", 0, index) + 1
    return line, index - text.rfind("\n", 0, index)
