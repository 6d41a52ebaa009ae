"""``oneservice verify`` for very many files: on all cores, answered in a stream, told in brief."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from oneservice.certificates import Verdict
from oneservice.cli.options import FILE, language_of
from oneservice.cli.pages import Page, counted
from oneservice.cli.verify_beside import knowing_moves
from oneservice.cli.verify_faces import read_face_or_paper
from oneservice.cli.verify_page import show_sum
from oneservice.cli.verify_skipping import Beside, beside_papers
from oneservice.cli.verify_whys import why_of
from oneservice.cli.verify_words import VERDICTS, Words
from oneservice.cli.wrapping import printable
from oneservice.errors import FileUnusableError
from oneservice.relying import Paper, Reliance, papers_below, papers_on_lines, verify_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from oneservice.relying import Judged

__all__ = ["INTERRUPTED", "batch_options", "is_batch", "judge_batch"]

INTERRUPTED: Final = 130
"""What a shell calls a process that Ctrl-C ended: 128 and 2."""
_STDIN: Final = "-"
_EVERY_S: Final = 0.5
_BACK: Final = "\r\x1b[K"


def batch_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make a batch of many files; they arrive as keyword arguments."""
    options = (
        click.option(
            "--jobs",
            type=click.IntRange(0, 256),
            metavar="N",
            help="Judge on so many cores; 0: on all. Each option from here to --brief, and a "
            "folder among the files, gives lines instead of pages, as soon as they are known.",
        ),
        click.option(
            "--files-from",
            type=FILE,
            metavar="FILE",
            help="Judge the files whose names stand on the lines of FILE, too; - is the standard "
            "input.",
        ),
        click.option(
            "--lines",
            is_flag=True,
            help="Each line of each FILE is a certificate, a bundle or an evidence file of its "
            "own.",
        ),
        click.option(
            "--beside",
            type=FILE,
            multiple=True,
            metavar="FILE",
            help="What tells of moves: the word of an office, a letter between offices, or the "
            "newer paper; or a folder of such. What moved is then told as moved, not as taken "
            "back. FILEs count, too, and the first 10,000 files of a folder; lines do not.",
        ),
        click.option("--unordered", is_flag=True, help="Answers come as they are ready."),
        click.option(
            "--brief", is_flag=True, help="Leave the checks out: verdict, reason and message."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def is_batch(files: Sequence[Path], asked: dict[str, Any]) -> bool:
    """Say whether many files are asked about, so that no page is written for each."""
    return any(one not in {None, False, ()} for one in asked.values()) or any(
        str(one) != _STDIN and one.is_dir() for one in files
    )


def judge_batch(
    files: Sequence[Path],
    *,
    reliance: Reliance,
    at: datetime,
    jobs: int | None,
    files_from: Path | None,
    lines: bool,
    beside: Sequence[Path],
    unordered: bool,
    brief: bool,
    language: str,
    as_json: bool,
) -> Counter[Verdict]:
    """Judge all files, tell of each at once, and return how many came out how.

    Raises:
        click.exceptions.Exit: somebody pressed Ctrl-C; what was told until then holds.
        FileUnusableError: a list of names, or a file of lines, cannot be read.
        WorkersLostError: the system ended a worker.
    """
    folders = [one for one in files if str(one) != _STDIN and one.is_dir()]
    told = _Telling(folders, language=language, as_json=as_json)
    answers = verify_many(
        _papers(files, files_from, are_lines=lines),
        reliance=knowing_moves(
            reliance,
            beside=beside,
            files=() if lines else files,
            at=at,
            language=language_of(language),
        ),
        at=at,
        jobs=_cores() if jobs == 0 else jobs or 1,
        is_ordered=not unordered,
        with_checks=not brief,
        read=read_face_or_paper,
    )
    try:
        with contextlib.closing(answers):
            for one in answers:
                told.answer(one)
    except KeyboardInterrupt:
        told.stopped()
        raise click.exceptions.Exit(INTERRUPTED) from None
    told.end()
    return told.counts


def _cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _papers(files: Sequence[Path], files_from: Path | None, *, are_lines: bool) -> Iterator[Paper]:
    for place in chain(files, () if files_from is None else _names(files_from)):
        if str(place) == _STDIN:
            stream = sys.stdin.buffer
            if are_lines:
                yield from papers_on_lines(stream, name=_STDIN)
            else:
                yield Paper(_STDIN, stream.read())
        elif are_lines:
            with _opened(place) as stream:
                yield from papers_on_lines(stream, name=str(place))
        else:
            yield from papers_below(place)


def _names(file: Path) -> Iterator[Path]:
    """Yield the names on the lines of ``file``, as they come."""
    if str(file) == _STDIN:
        yield from _named(sys.stdin.buffer)
    else:
        with _opened(file) as stream:
            yield from _named(stream)


def _named(stream: Iterable[bytes]) -> Iterator[Path]:
    for line in stream:
        name = line.rstrip(b"\r\n")
        if name:
            yield Path(os.fsdecode(name))


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except (OSError, ValueError) as error:
        msg = f"{file}: {getattr(error, 'strerror', None) or 'cannot be read'}"
        raise FileUnusableError(msg) from error


class _Telling:
    """What stands on both outputs: answers on the one; on the other, where a person looks, how far.

    For people, papers that are valid are counted, and all others named on a line of their own.
    What lies in ``folders`` and is no paper at all is passed over, and counted apart.
    """

    def __init__(self, folders: Sequence[Path], *, language: str, as_json: bool) -> None:
        self.counts: Counter[Verdict] = Counter()
        self._folders = folders
        self._skipped: Counter[Beside] = Counter()
        self._language = language_of(language)
        self._as_json = as_json
        self._is_watched = sys.stderr.isatty()
        self._began = self._next = time.monotonic()

    def answer(self, one: Judged) -> None:
        """Tell of one paper."""
        beside = beside_papers(one, self._folders)
        if beside is not None:
            self._skipped[beside] += 1
            return
        self.counts[one.verdict] += 1
        if self._as_json:
            self._clear()
            sys.stdout.write(one.line.decode("utf-8") + "\n")
        elif one.verdict is not Verdict.VALID:
            self._clear()
            why = why_of({"message": one.message, "reason": one.reason}, self._language)
            word = VERDICTS[one.verdict.value].of(self._language)
            click.echo(printable(f"{word}  {one.name}: {one.reason}: {why}"))
        if self._is_watched and time.monotonic() >= self._next:
            self._show()

    def end(self) -> None:
        """Write the sum, for people."""
        self._clear()
        sys.stdout.flush()
        if self._skipped:
            click.echo(self._passed_over(), err=True)
        if not self._as_json:
            show_sum(Page(), self.counts, language=self._language)

    def _passed_over(self) -> str:
        lists, total = self._skipped[Beside.TRUST_LIST], self._skipped.total()
        among = Words(
            f"，其中 {lists} 个是信任名单，用于核验别的文件（--trust）",
            f" ({counted(lists, 'trust list')} among them: others are judged by those, --trust)",
        )
        words = Words(
            f"另有 {total} 个文件从内容看并非证照、案卷或记录，未予核验",
            f"{counted(total, 'more file')} in folders skipped: no papers by their content",
        )
        return words.of(self._language) + (among.of(self._language) if lists else "")

    def stopped(self) -> None:
        """Say where it was stopped."""
        self._clear()
        sys.stdout.flush()
        words = Words("已中止；此前核验 {} 个", "stopped; {} were judged until then")
        click.echo(words.of(self._language).format(self.counts.total()), err=True)

    def _show(self) -> None:
        now = time.monotonic()
        self._next = now + _EVERY_S
        done = self.counts.total()
        bad = done - self.counts[Verdict.VALID]
        speed = done / max(now - self._began, 0.001)
        words = Words(
            "已核验 {:,}，每秒 {:,.0f}；非有效 {:,}", "{:,} judged, {:,.0f}/s; {:,} not valid"
        )
        text = words.of(self._language).format(done, speed, bad)
        click.echo(f"{_BACK}{text}", nl=False, err=True)

    def _clear(self) -> None:
        if self._is_watched:
            click.echo(_BACK, nl=False, err=True)
