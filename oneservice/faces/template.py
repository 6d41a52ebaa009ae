"""How the facts of one certificate type are worded on its face: data, never code.

A template names the members of the certificate's ``result`` that people want to see, in their
order, with labels in both languages, and the words of coded values. What it does not name is shown
all the same, under the member's own name: a face that leaves a fact out would state something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oneservice.canonical import parse_object
from oneservice.errors import FileUnusableError, OneServiceError

__all__ = ["FaceTemplate", "FactRow", "LocalWords"]

LocalWords = Mapping[str, str]
"""Words by language: ``{"zh": "经营场所", "en": "Premises"}``."""

_MAX_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One member of ``result``: what it is called, the words of its values, its unit."""

    member: str
    label: LocalWords
    words: Mapping[str, LocalWords] = field(default_factory=dict)
    unit: LocalWords = field(default_factory=lambda: {"zh": "", "en": ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTemplate:
    """The face of one certificate type.

    Args:
        type: certificate type, such as ``food_permit``; empty: for every type without its own.
        rows: further facts, in their order.
        holder: what the holder is called on it, such as "Name of the business".
        code: what the holder's code is called; a credit code or a masked citizen number.
        number: what the number is called.
        hidden: members of ``result`` that are for machines only (digests, ids).
        notice: what the law wants printed at the foot.
    """

    type: str
    rows: tuple[FactRow, ...] = ()
    holder: LocalWords = field(default_factory=lambda: {"zh": "持证主体", "en": "Holder"})
    code: LocalWords = field(
        default_factory=lambda: {"zh": "统一社会信用代码 / 证件号码", "en": "Code"}
    )
    number: LocalWords = field(default_factory=lambda: {"zh": "证书编号", "en": "Number"})
    hidden: frozenset[str] = frozenset()
    notice: LocalWords | None = None

    @classmethod
    def parse(cls, data: bytes) -> FaceTemplate:
        """Return the template that an authority wrote as JSON; docs/faces.md shows one.

        Raises:
            FileUnusableError: no strict JSON, an unknown member, or words without zh or en; the
                message names the member.
        """
        try:
            document = parse_object(data, max_bytes=_MAX_BYTES)
        except OneServiceError as error:
            msg = f"the template is no strict JSON: {error}"
            raise FileUnusableError(msg) from error
        _known(document, {"type", "rows", "holder", "code", "number", "hidden", "notice"}, "it")
        plain = cls(type=_text(document, "type"))
        words = {
            name: _words(document[name], name)
            for name in ("holder", "code", "number", "notice")
            if name in document
        }
        return cls(
            type=plain.type,
            rows=tuple(
                _row(one, f"rows[{number}]")
                for number, one in enumerate(_list(document, "rows", "it"))
            ),
            hidden=frozenset(str(one) for one in _list(document, "hidden", "it")),
            holder=words.get("holder", plain.holder),
            code=words.get("code", plain.code),
            number=words.get("number", plain.number),
            notice=words.get("notice"),
        )


def _row(value: object, where: str) -> FactRow:
    row = _object(value, where)
    _known(row, {"member", "label", "words", "unit"}, where)
    coded = _object(row.get("words", {}), f"{where}.words")
    unit = row.get("unit")
    plain = {"zh": "", "en": ""}
    return FactRow(
        member=_text(row, "member", where),
        label=_words(row.get("label"), f"{where}.label"),
        words={name: _words(one, f"{where}.words.{name}") for name, one in coded.items()},
        unit=plain if unit is None else _words(unit, f"{where}.unit"),
    )


def _known(document: Mapping[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(document) - names)
    if unknown:
        msg = f"{where} has the member {unknown[0][:60]!r}; these are known: {sorted(names)}"
        raise FileUnusableError(msg)


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        msg = f"{where} is no object"
        raise FileUnusableError(msg)
    return value


def _list(document: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = document.get(name, [])
    if not isinstance(value, list):
        msg = f"{where}: {name} is no list"
        raise FileUnusableError(msg)
    return value


def _text(document: Mapping[str, Any], name: str, where: str = "it") -> str:
    value = document.get(name)
    if not isinstance(value, str):
        msg = f"{where}: {name} is no text"
        raise FileUnusableError(msg)
    return value


def _words(value: object, where: str) -> LocalWords:
    words = _object(value, where)
    if set(words) != {"zh", "en"} or not all(isinstance(one, str) for one in words.values()):
        msg = f"{where} needs a text in zh and one in en, and nothing else"
        raise FileUnusableError(msg)
    return dict(words)
