"""A face as one self-contained page: no script, nothing to fetch, readable on paper and phone."""

from __future__ import annotations

from collections.abc import Mapping

from oneservice.certificates import Certificate
from oneservice.exchange import Html, joined, tag, unbroken
from oneservice.faces.code import code_text, is_whole
from oneservice.faces.content import Face, Language, Row, said
from oneservice.faces.picture import code_svg
from oneservice.faces.style import STYLE
from oneservice.faces.template import LocalWords
from oneservice.faces.words import (
    CHECK_CODE,
    CHECK_POINTER,
    CONDITIONS,
    ISSUER,
    NO_EFFECT,
    NO_PROOF,
    SCAN,
)

__all__ = ["face_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def face_page(
    certificate: Certificate, face: Face, *, language: Language = "both", address: str | None = None
) -> str:
    """Return the face as a whole HTML document; the same input gives the same text.

    Args:
        certificate: what the code carries or points to.
        face: of that certificate, from :func:`oneservice.faces.face_of`.
        language: of labels; what the issuer wrote in one language only is shown in that.
        address: where a bundle can be asked for, for codes that only point.

    Raises:
        FileUnusableError: the extra ``faces`` is not installed.
    """
    code = code_text(certificate, address=address)
    says = CHECK_CODE if is_whole(code) else CHECK_POINTER
    sheet = tag(
        "article",
        *_sample(face, language),
        tag(
            "div",
            _header(face, language),
            tag("dl", *(_row(one, language) for one in face.rows), class_="rows"),
            *_conditions(face, language),
            *_notice(face, language),
            _foot(face, code_svg(code), language),
            tag("div", _lines(says, language), _lines(NO_PROOF, language), class_="how"),
            class_="frame",
        ),
        class_="sheet",
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", " ".join(said(face.title, language))),
        tag("style", Html(STYLE)),
    )
    lang = "en" if language == "en" else "zh-CN"
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', sheet), lang=lang)}\n"


def _stacked(words: LocalWords, language: Language) -> Html:
    first, *more = list(said(words, language)) or ["—"]
    return joined([first, *(tag("small", one, lang="en") for one in more)])


def _sample(face: Face, language: Language) -> list[Html]:
    if not face.is_sandbox:
        return []
    return [tag("p", " · ".join(said(NO_EFFECT, language)), class_="sample")]


def _header(face: Face, language: Language) -> Html:
    first, *more = list(said(face.title, language))
    lang = "zh-CN" if face.title.get("zh") == first else "en"
    return tag(
        "header", tag("h1", unbroken(first), lang=lang), *(tag("p", one, lang="en") for one in more)
    )


def _row(row: Row, language: Language) -> Html:
    return tag("div", tag("dt", _stacked(row.label, language)), _value(row, language))


def _value(row: Row, language: Language) -> Html:
    return tag("dd", _stacked(row.values, language), **({"class_": "code"} if row.is_code else {}))


def _conditions(face: Face, language: Language) -> list[Html]:
    if not face.conditions:
        return []
    head = tag("h2", " ".join(said(CONDITIONS, language)))
    return [head, tag("ol", *(tag("li", one) for one in face.conditions))]


def _notice(face: Face, language: Language) -> list[Html]:
    if face.notice is None:
        return []
    return [tag("div", _lines(face.notice, language), class_="notice")]


def _foot(face: Face, picture: str, language: Language) -> Html:
    marks = tag("dl", *(_mark(one, language) for one in face.marks), class_="marks")
    first, *more = list(said(face.issuer, language)) or ["—"]
    issuer = tag(
        "div",
        tag("small", " ".join(said(ISSUER, language))),
        first,
        *(tag("small", one, lang="en") for one in more),
        class_="issuer",
    )
    scan = tag("div", Html(picture), " ".join(said(SCAN, language)), class_="scan")
    return tag("div", tag("div", issuer, marks), scan, class_="foot")


def _mark(row: Row, language: Language) -> Html:
    return tag("div", tag("dt", " ".join(said(row.label, language))), _value(row, language))


def _lines(words: Mapping[str, str], language: Language) -> Html:
    return joined(tag("p", one) for one in said(words, language))
