"""A face as PDF for printing and keeping, with the certificate inside it.

Chinese is set in the font that the operator names, of which the signs used are embedded; without
one, in the standard CID font of Chinese readers, which every common viewer replaces by its own. For
archives name a font: a page that embeds its signs looks the same in thirty years.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from oneservice.certificates import Certificate
from oneservice.errors import FileUnusableError
from oneservice.faces.code import code_text, is_whole
from oneservice.faces.content import Face, Language, Row, said
from oneservice.faces.pdf_attachment import attached
from oneservice.faces.picture import code_modules, missing_extra
from oneservice.faces.words import (
    CHECK_CODE,
    CHECK_POINTER,
    CONDITIONS,
    ISSUER,
    NO_EFFECT,
    NO_PROOF,
    SCAN,
)

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

__all__ = ["face_pdf"]

_CID_FONT: Final = "STSong-Light"
_LATIN_FONT: Final = "Helvetica"
_MM: Final = 72 / 25.4
_CODE_MM: Final = 45
_QUIET_MODULES: Final = 4
_LATIN: Final = re.compile(r"(?<![&#\w])[A-Za-z0-9][A-Za-z0-9 .,:/'()-]*(?<! )", re.ASCII)
"""Letters and digits of a text whose marks are escaped; those are no words to look at."""
_GOLD, _INK, _SOFT, _RED, _LINE = "#b08d3c", "#1a2433", "#51607a", "#8a1f1f", "#c9d1de"


def face_pdf(
    certificate: Certificate,
    face: Face,
    *,
    language: Language = "both",
    font: Path | None = None,
    address: str | None = None,
) -> bytes:
    """Return the face as PDF (A4), the certificate's own bytes attached.

    Args:
        certificate: attached as ``certificate.json``, and carried by the code where it fits.
        face: of that certificate.
        language: as for :func:`oneservice.faces.face_page`.
        font: a TrueType font (``.ttf``, ``.ttc``) with Chinese signs, to embed.
        address: as for :func:`oneservice.faces.face_page`.

    Raises:
        FileUnusableError: the extra ``faces`` is not installed, or the font cannot be used.
    """
    try:
        import reportlab.platypus as flow  # noqa: PLC0415 - an extra, imported where it is used
    except ModuleNotFoundError:
        raise missing_extra("a PDF") from None
    sheet = _Sheet(_font(font), language)
    code = code_text(certificate, address=address)
    says = CHECK_CODE if is_whole(code) else CHECK_POINTER
    out = io.BytesIO()
    document = flow.SimpleDocTemplate(
        out,
        invariant=1,
        title=" ".join(said(face.title, language)),
        author=" ".join(said(face.issuer, language)),
        subject=face.digest,
        lang="en" if language == "en" else "zh-CN",
        leftMargin=20 * _MM,
        rightMargin=20 * _MM,
        topMargin=26 * _MM,
        bottomMargin=20 * _MM,
    )
    parts = [
        *sheet.header(face),
        sheet.rows(face.rows),
        *sheet.conditions(face),
        *sheet.notice(face),
        flow.Spacer(1, 8 * _MM),
        flow.KeepTogether(
            [
                sheet.foot(face, code_modules(code)),
                flow.Spacer(1, 2 * _MM),
                *sheet.small(says),
                *sheet.small(NO_PROOF),
            ]
        ),
    ]

    def adorn(canvas: Any, _document: Any) -> None:
        sheet.adorn(canvas, face)

    document.build(parts, onFirstPage=adorn, onLaterPages=adorn)
    return attached(out.getvalue(), certificate)


def _font(file: Path | None) -> str:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - see face_pdf
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415 - see face_pdf
    from reportlab.pdfbase.ttfonts import TTFError, TTFont  # noqa: PLC0415 - see face_pdf

    if file is None:
        pdfmetrics.registerFont(UnicodeCIDFont(_CID_FONT))
        return _CID_FONT
    name = f"face-{file.name}"
    try:
        pdfmetrics.registerFont(TTFont(name, str(file)))
    except (TTFError, OSError) as error:
        msg = f"{file}: no TrueType font that can be embedded ({type(error).__name__}); fonts with "
        msg += "PostScript outlines (most .otf) cannot; take a .ttf such as those of WenQuanYi"
        raise FileUnusableError(msg) from error
    return name


class _Sheet:
    """Sets the parts of a face in one font and language."""

    def __init__(self, font: str, language: Language) -> None:
        from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - see face_pdf

        self._font = font
        # The standard Chinese font has narrow Latin letters; Helvetica needs no embedding either.
        self._latin = _LATIN_FONT if font == _CID_FONT else font
        self._language = language
        self._style = ParagraphStyle

    def header(self, face: Face) -> list[Flowable]:
        """Return the title, large in the first language and small in the second."""
        first, *more = list(said(face.title, self._language)) or ["—"]
        big = self._text(first, 22, leading=30, alignment=1)
        return [
            big,
            *(self._text(one, 12, _SOFT, alignment=1, leading=16) for one in more),
            self._gap(8),
        ]

    def rows(self, rows: Sequence[Row]) -> Flowable:
        """Return labels and values with a line under each."""
        from reportlab.platypus import Table  # noqa: PLC0415 - see face_pdf

        cells = [
            [self._pair(row.label, 10, _SOFT), self._pair(row.values, 12, _INK)] for row in rows
        ]
        return Table(
            cells,
            colWidths=[52 * _MM, 114 * _MM],
            style=[
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ],
        )

    def conditions(self, face: Face) -> list[Flowable]:
        """Return the numbered conditions, if there are any."""
        if not face.conditions:
            return []
        head = self._text(" ".join(said(CONDITIONS, self._language)), 10, _SOFT, leading=16)
        numbered = (f"{number}. {one}" for number, one in enumerate(face.conditions, 1))
        return [self._gap(4), head, *(self._text(one, 11, leading=16) for one in numbered)]

    def notice(self, face: Face) -> list[Flowable]:
        """Return what the law wants printed."""
        if face.notice is None:
            return []
        lines = said(face.notice, self._language)
        return [self._gap(4), *(self._text(one, 10, _SOFT, leading=14) for one in lines)]

    def foot(self, face: Face, modules: tuple[tuple[bool, ...], ...]) -> Flowable:
        """Return issuer and marks beside the code."""
        from reportlab.platypus import Table  # noqa: PLC0415 - see face_pdf

        issued = self._text(" ".join(said(ISSUER, self._language)), 9, _SOFT)
        first, *more = list(said(face.issuer, self._language)) or ["—"]
        left: list[Flowable] = [issued, self._text(first, 13, leading=18)]
        left += [self._text(one, 9, _SOFT) for one in more]
        left.append(self._gap(3))
        for row in face.marks:
            label = " ".join(said(row.label, self._language))
            left.append(self._text(label, 6, _SOFT, leading=8.5))
            left.append(self._text(row.of("zh"), 7, leading=9))
        scan = self._text(" ".join(said(SCAN, self._language)), 9, _SOFT, alignment=1)
        return Table(
            [[left, [_picture(modules), scan]]],
            colWidths=[116 * _MM, 50 * _MM],
            style=[("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LEFTPADDING", (0, 0), (-1, -1), 0)],
        )

    def small(self, words: Any) -> list[Flowable]:
        """Return the fine print."""
        return [self._text(one, 7.5, _SOFT, leading=11) for one in said(words, self._language)]

    def adorn(self, canvas: Any, face: Face) -> None:
        """Draw the frame, the number of the page and, on samples, the band that says so."""
        width, height = canvas._pagesize  # noqa: SLF001 - reportlab tells the size nowhere else
        canvas.saveState()
        canvas.setStrokeColor(_GOLD)
        for inset, stroke in ((12, 1.6), (13.5, 0.6)):
            canvas.setLineWidth(stroke)
            canvas.rect(inset * _MM, inset * _MM, width - 2 * inset * _MM, height - 2 * inset * _MM)
        if face.is_sandbox:
            canvas.setFillColor(_RED)
            canvas.rect(0, height - 9 * _MM, width, 9 * _MM, stroke=0, fill=1)
            canvas.setFillColor("#ffffff")
            lines = list(said(NO_EFFECT, self._language))
            for number, line in enumerate(lines, 1):
                canvas.setFont(self._font_of(line), 10)
                canvas.drawCentredString(width * number / (len(lines) + 1), height - 6 * _MM, line)
        canvas.restoreState()

    def _pair(self, words: Any, size: float, colour: str) -> list[Flowable]:
        first, *more = list(said(words, self._language)) or ["—"]
        return [
            self._text(first, size, colour, leading=size * 1.4),
            *(self._text(one, 8.5, _SOFT, leading=11.5) for one in more),
        ]

    def _text(self, words: str, size: float, colour: str = _INK, **style: Any) -> Flowable:
        from reportlab.platypus import Paragraph  # noqa: PLC0415 - see face_pdf

        made = self._style(
            "face",
            fontName=self._font_of(words),
            fontSize=size,
            textColor=colour,
            wordWrap="CJK",
            **{"leading": size * 1.35, **style},
        )
        return Paragraph(self._marked(words), made)

    def _marked(self, words: str) -> str:
        """Return ``words`` as markup, Latin among Chinese in the font of Latin."""
        if words.isascii() or self._latin == self._font:
            return escape(words)
        return _LATIN.sub(
            lambda found: f'<font name="{self._latin}">{found[0]}</font>', escape(words)
        )

    def _font_of(self, words: str) -> str:
        return self._latin if words.isascii() else self._font

    @staticmethod
    def _gap(millimetres: float) -> Flowable:
        from reportlab.platypus import Spacer  # noqa: PLC0415 - see face_pdf

        return Spacer(1, millimetres * _MM)


def _picture(modules: tuple[tuple[bool, ...], ...]) -> Flowable:
    """Return the code as a drawing: one bar for each run of dark modules."""
    from reportlab.graphics.shapes import Drawing, Rect  # noqa: PLC0415 - see face_pdf
    from reportlab.lib.colors import black  # noqa: PLC0415 - see face_pdf

    side = _CODE_MM * _MM
    step = side / (len(modules) + 2 * _QUIET_MODULES)
    drawing = Drawing(side, side)
    for line, row in enumerate(modules):
        y = side - (line + 1 + _QUIET_MODULES) * step
        for start, length in _runs(row):
            x = (start + _QUIET_MODULES) * step
            drawing.add(Rect(x, y, length * step, step, fillColor=black, strokeColor=None))
    return drawing


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((at, 1))
    return runs
