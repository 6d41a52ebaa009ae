"""What a face shows, before anybody draws it: rows of labels and values in two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from oneservice.canonical import Digest, canonical
from oneservice.certificates import Certificate, Claims
from oneservice.errors import MalformedCertificateError
from oneservice.faces.kinds import TEMPLATES
from oneservice.faces.template import FaceTemplate, FactRow, LocalWords

__all__ = ["Face", "Language", "Row", "face_of", "said"]

Language: TypeAlias = Literal["zh", "en", "both"]
"""Of a face: Chinese, English, or Chinese with English beneath."""

_YES: LocalWords = {"zh": "是", "en": "yes"}
_NO: LocalWords = {"zh": "否", "en": "no"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A label and its value. ``values``: one text for both languages, or one for each."""

    label: LocalWords
    values: Mapping[str, str]
    is_code: bool = False

    def of(self, language: str) -> str:
        """Return the value in ``language``, else the one that there is."""
        return self.values.get(language) or next(iter(self.values.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """Everything that is printed of one certificate.

    ``rows`` are for people; ``marks`` help to find and check it: identifier, digest, key.
    """

    title: LocalWords
    issuer: LocalWords
    region: str
    rows: tuple[Row, ...]
    conditions: tuple[str, ...]
    marks: tuple[Row, ...]
    is_sandbox: bool
    digest: Digest
    notice: LocalWords | None = None


def said(words: LocalWords, language: Language) -> Iterator[str]:
    """Yield ``words`` in each language asked for; what is the same, or lacking, only once."""
    wanted = ("zh", "en") if language == "both" else (language,)
    found = [words[one] for one in wanted if words.get(one)] or list(words.values())[:1]
    yield from dict.fromkeys(found)


def face_of(
    certificate: Certificate,
    *,
    templates: Sequence[FaceTemplate] = (),
    labels: Sequence[FactRow] = (),
) -> Face:
    """Return the face of ``certificate``; nothing of it is verified here.

    Args:
        certificate: one of ours; others' say nothing that we could word.
        templates: an authority's own, before those of :data:`TEMPLATES`.
        labels: how members are worded that the template does not name, such as
            :func:`oneservice.faces.catalog_labels` gives.

    Raises:
        MalformedCertificateError: it is somebody else's kind of credential.
    """
    if not certificate.is_ours:
        msg = "the credential is not of our kind, so its facts have no place on a face"
        raise MalformedCertificateError(msg)
    claims = certificate.claims
    template = _template(claims.type, templates)
    return Face(
        title=claims.title,
        issuer=claims.issuer_name,
        region=claims.issuer_region,
        rows=tuple(_rows(claims, template, labels)),
        conditions=claims.conditions,
        marks=tuple(_marks(certificate)),
        is_sandbox=claims.is_sandbox,
        digest=certificate.digest,
        notice=template.notice,
    )


def _template(kind: str, own: Sequence[FaceTemplate]) -> FaceTemplate:
    known = {one.type: one for one in (*TEMPLATES, *own)}
    return known.get(kind) or known[""]


def _rows(claims: Claims, template: FaceTemplate, labels: Sequence[FactRow]) -> Iterator[Row]:
    yield Row(label=template.holder, values={"": claims.holder_name})
    if claims.holder_code:
        yield Row(label=template.code, values={"": claims.holder_code}, is_code=True)
    if claims.number:
        yield Row(label=template.number, values={"": claims.number}, is_code=True)
    yield from _facts(claims.result, template, {row.member: row for row in labels})
    yield Row(label={"zh": "有效期", "en": "Valid"}, values=_period(claims))


def _facts(
    result: Mapping[str, Any], template: FaceTemplate, labels: Mapping[str, FactRow]
) -> Iterator[Row]:
    named = {row.member: row for row in template.rows}
    order = [name for name in named if name in result]
    order += sorted(name for name in result if name not in named)
    for name in order:
        if name in template.hidden or result[name] in (None, "", [], {}):
            continue
        row = named.get(name) or labels.get(name)
        row = row or FactRow(member=name, label={"zh": name, "en": name})
        yield Row(label=row.label, values=_value(result[name], row))


def _value(value: object, row: FactRow) -> Mapping[str, str]:
    parts = value if isinstance(value, list) else [value]
    worded = [_worded(part, row) for part in parts]
    return {
        "zh": "、".join(one["zh"] for one in worded) + row.unit["zh"],
        "en": ", ".join(one["en"] for one in worded) + (row.unit["en"] and f" {row.unit['en']}"),
    }


def _worded(part: object, row: FactRow) -> LocalWords:
    match part:
        case bool():
            return row.words.get(str(part).lower()) or (_YES if part else _NO)
        case str() | int():
            return row.words.get(str(part)) or {"zh": str(part), "en": str(part)}
        case _:
            text = canonical(part).decode()
            return {"zh": text, "en": text}


def _period(claims: Claims) -> Mapping[str, str]:
    start, end = claims.valid_from, claims.valid_until
    if end is None:
        return {"zh": f"{_zh(start)}起长期有效", "en": f"from {_en(start)}, without end"}
    return {"zh": f"{_zh(start)}至{_zh(end)}", "en": f"{_en(start)} to {_en(end)}"}


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _en(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _marks(certificate: Certificate) -> Iterator[Row]:
    claims = certificate.claims
    yield Row(
        label={"zh": "电子证照标识", "en": "Certificate identifier"},
        values={"": claims.id},
        is_code=True,
    )
    yield Row(
        label={"zh": "证照摘要", "en": "Digest"}, values={"": certificate.digest}, is_code=True
    )
    if claims.evidence is not None:
        yield Row(
            label={"zh": "办件编号", "en": "Case"},
            values={"": claims.evidence.case_id},
            is_code=True,
        )
    proof = certificate.content.get("proof")
    if isinstance(proof, Mapping):
        for label, member in (
            ({"zh": "签章密钥", "en": "Seal's key"}, "verificationMethod"),
            ({"zh": "签章算法", "en": "Algorithm"}, "cryptosuite"),
        ):
            yield Row(label=label, values={"": str(proof.get(member, "—"))}, is_code=True)
