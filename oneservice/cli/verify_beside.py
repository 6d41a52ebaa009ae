"""What lies beside papers and tells that some of them moved: words of offices, newer papers.

``--beside`` names such things, and so does every FILE; what lies in a folder that is judged counts,
too. It has to be known before the first answer goes out, so folders are looked through beforehand:
read, not judged, and no further than a bound, for a folder may hold millions. What somebody named
and cannot be used is told; what merely lay in a folder is passed over.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oneservice.certificates import MOVED_FROM, TRANSFER_NOTICE, Evidence
from oneservice.cli.verify_faces import read_face_or_paper
from oneservice.cli.verify_whys import why_of
from oneservice.cli.verify_words import Words
from oneservice.cli.wrapping import printable
from oneservice.errors import FileUnusableError, OneServiceError, VerificationError
from oneservice.relying import Paper, document_in, kind_to_judge, named_in, papers_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from oneservice.plan import Language
    from oneservice.relying import Reliance

__all__ = ["MAX_LOOKED_THROUGH", "knowing_moves"]

MAX_LOOKED_THROUGH: Final = 10_000
"""Files of a folder that are read for words of moves: a second or two, before the first answer."""
_MAX_BYTES: Final = 4_194_304
"""No word of a move is larger; bundles and databases are not read twice."""
_MARKS: Final = (MOVED_FROM.encode(), TRANSFER_NOTICE.encode())
"""One of these is in whatever tells of a move, as our offices write it: most need no parsing."""
_STDIN: Final = "-"
_NOTHING: Final = Words(
    "既不是机关关于转移的通知，也不是接续旧证的新证",
    "neither the word of an office about a move nor a certificate that continues another",
)
_NONE_IN_IT: Final = Words(
    "其中没有可采信的、关于已完成转移的文件",
    "no file in it tells of a move that took place, and is believed",
)
_ONLY_SAID: Final = Words("其中没有已经完成的转移", "it tells of no move that took place")
_UNUSED: Final = Words("--beside {}：未采用：{}", "--beside {}: not used: {}")
_NO_FURTHER: Final = Words(
    "{}：仅在前 {:,} 个文件中查找转移通知；其余请用 --beside 指明",
    "{}: only the first {:,} files were looked through for words of moves; name others with "
    "--beside",
)


def knowing_moves(
    reliance: Reliance,
    *,
    beside: Sequence[Path],
    files: Sequence[Path],
    at: datetime,
    language: Language,
) -> Reliance:
    """Return ``reliance`` with what is told of moves, as far as it is believed.

    Args:
        reliance: by whose lights it is believed.
        beside: files and folders that somebody named to tell of moves.
        files: files and folders to judge; they may tell of each other.
        at: aware instant for which the papers are judged.
        language: of what is said on the standard error about what cannot be used.

    Raises:
        FileUnusableError: something beside cannot be read.
    """
    for place in beside:
        known = reliance.knowing(_beside(place), at=at)
        if known.moves == reliance.moves:
            _tell_unused(place, reliance, at, language)
        reliance = known
    return reliance.knowing(_among(files, language), at=at)


def _beside(place: Path) -> Iterator[bytes]:
    for paper in papers_below(place):
        yield from _told_in(paper)


def _among(files: Sequence[Path], language: Language) -> Iterator[bytes]:
    """Yield what may tell of moves among what is judged; the unreadable is told in its turn."""
    for place in files:
        if str(place) == _STDIN:
            continue
        for number, paper in enumerate(papers_below(place)):
            if number == MAX_LOOKED_THROUGH:
                _say(_NO_FURTHER.of(language).format(place, number))
                break
            with contextlib.suppress(FileUnusableError, OSError):
                if Path(paper.name).stat().st_size <= _MAX_BYTES:
                    yield from _told_in(paper)


def _told_in(paper: Paper) -> Iterator[bytes]:
    """Yield a paper that may tell of a move, by a first look at its bytes."""
    with contextlib.suppress(VerificationError):  # a face that holds nothing
        data = _unwrapped(paper)
        if any(one in data for one in _MARKS):
            yield data


def _unwrapped(paper: Paper) -> bytes:
    """Return the certificate or evidence file in a face, or in a letter between offices."""
    data = read_face_or_paper(paper)
    if not data.startswith(_LETTER):
        return data
    from oneservice.runtimes import letter_parts  # noqa: PLC0415 - few bring letters

    return Evidence.of(*letter_parts(data)).dump()


_LETTER: Final = b'{"enclosures":'
"""How the canonical bytes of a letter begin, and no certificate or evidence file."""


def _tell_unused(place: Path, reliance: Reliance, at: datetime, language: Language) -> None:
    """Say that something tells of no move, or of none that was not known without it, and why."""
    try:
        if place.is_dir():
            why = _NONE_IN_IT.of(language)
        else:
            data = _unwrapped(Paper(str(place)))
            if reliance.departure(data, at=at) is not None:
                return  # another paper told the same
            why = _why_not(reliance, data, at, language)
    except VerificationError as error:
        why = why_of({"message": str(error), "reason": error.code}, language)
    _say(_UNUSED.of(language).format(place, why))


def _why_not(reliance: Reliance, data: bytes, at: datetime, language: Language) -> str:
    try:
        kind = kind_to_judge(data)
        if named_in(document_in(data, kind)) is None:
            return _NOTHING.of(language)
        report = reliance.examine(data, at=at).report
    except OneServiceError as error:
        return why_of({"message": str(error), "reason": error.code}, language)
    if report.reason is None:
        return _ONLY_SAID.of(language)
    why = why_of({"message": report.message, "reason": report.reason}, language)
    return Words(f"本身不可采信：{why}", f"it is not believed itself: {why}").of(language)


def _say(text: str) -> None:
    click.echo(printable(text), err=True)
