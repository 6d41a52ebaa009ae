"""Many papers on many cores: read, judged and answered in a stream, whatever is in any of them.

Theory of operation. Reading JSON, building canonical bytes and the checks hold the interpreter's
lock; only the signature itself, a third of the time, runs outside of it. Threads therefore gain
little on two cores, and processes nearly all (``python -m benchmarks relying`` shows both). Papers
go out in parcels, so that what one costs on its way is shared by many; at most a few parcels are
under way for each process, so that memory does not grow with the batch. Reports come back as JSON:
to write it takes a fifth of the time that Python objects would take on their way.

Workers are started afresh, never forked: whoever calls may have threads. They do not hear Ctrl-C,
which is for the one who started them, and they end when he is gone, however that happened.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context, parent_process
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from oneservice.certificates import DocumentKind, Report, Verdict
from oneservice.errors import MalformedCertificateError, OneServiceError, WorkersLostError
from oneservice.relying.papers import Paper, Reader, read_paper
from oneservice.relying.reliance import Reliance

__all__ = ["Judged", "verify_many"]

_PARCEL: Final = 64
"""Papers that go out together: some milliseconds of work, so that none waits long for others."""
_PARCEL_BYTES: Final = 1_048_576
"""A parcel is closed with the paper that fills it: bundles may have megabytes each."""
_UNDER_WAY: Final = 3
"""Parcels for each process: one in work, one waiting for it, one on its way back."""


class Judged(NamedTuple):
    """What came of one paper.

    ``kind`` is ``None``, and the verdict ``indeterminate``, where its bytes were not to be had.
    ``line`` is the whole answer as one JSON object without a line break: ``file``, ``kind``, and
    the members of the report; without its ``checks`` where nobody asked for them.
    """

    name: str
    kind: DocumentKind | None
    verdict: Verdict
    reason: str | None
    message: str
    line: bytes

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON."""
        found: dict[str, Any] = orjson.loads(self.line)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is asked about every paper; goes to each worker once."""

    reliance: Reliance
    at: datetime
    read: Reader
    with_checks: bool

    def judge(self, paper: Paper) -> Judged:
        """Return the answer on ``paper``; nothing that is in it can raise."""
        try:
            kind, report = self.reliance.examine(self.read(paper), at=self.at)
        except OneServiceError as error:
            return _unread(paper, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - a defect of ours must not end a whole batch
            # Its own words might quote the paper.
            text = f"a defect of this program: {type(error).__name__}; please report it"
            return _unread(paper, "internal", text)
        facts = report.as_json() if self.with_checks else _brief(report)
        line = _line(paper, kind.value, facts)
        return Judged(paper.name, kind, report.verdict, report.reason, report.message, line)


_Answers: TypeAlias = list[Judged]


def verify_many(
    papers: Iterable[Paper],
    *,
    reliance: Reliance,
    at: datetime,
    jobs: int = 1,
    is_ordered: bool = True,
    with_checks: bool = True,
    read: Reader = read_paper,
) -> Generator[Judged, None, None]:
    """Yield the answer on each of ``papers``, as soon as it is known.

    A paper that cannot be read, or is nothing of what can be judged, gets an answer like any other.
    Close the iterator, or run it to its end: then the workers are gone, too.

    Args:
        papers: taken as they are needed, a few hundred ahead; may be endless.
        reliance: by whose lights.
        at: aware instant for which the answers are to hold.
        jobs: processes; 1: none but this one, and each answer comes before the next paper is taken.
        is_ordered: answers come in the order of the papers; else as they are ready.
        with_checks: whether :attr:`Judged.line` names every check with its evidence.
        read: gives a paper's bytes. With several jobs it is a function of a module, for each
            worker imports it.

    Raises:
        WorkersLostError: a worker could not start, or was ended (for want of memory, say).
    """
    asked = _Asked(reliance=reliance, at=at, read=read, with_checks=with_checks)
    if jobs <= 1:
        yield from map(asked.judge, papers)
        return
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(asked,)
    )
    try:
        parcels = _parcels(papers)
        most = jobs * _UNDER_WAY
        answers = _in_order(pool, parcels, most) if is_ordered else _as_ready(pool, parcels, most)
        for found in answers:
            yield from found
    except BrokenProcessPool as error:
        msg = (
            "the workers ended before their work did: for want of memory (use fewer jobs), or "
            "because the script that started them has no `if __name__ == '__main__':`"
        )
        raise WorkersLostError(msg) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, parcels: Iterator[list[Paper]], most: int
) -> Iterator[_Answers]:
    waiting: deque[Future[_Answers]] = deque()
    for parcel in parcels:
        waiting.append(_sent(pool, parcel))
        while len(waiting) >= most or (waiting and waiting[0].done()):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _as_ready(
    pool: ProcessPoolExecutor, parcels: Iterator[list[Paper]], most: int
) -> Iterator[_Answers]:
    waiting: set[Future[_Answers]] = set()
    for parcel in parcels:
        waiting.add(_sent(pool, parcel))
        if len(waiting) >= most:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (one.result() for one in done)


def _sent(pool: ProcessPoolExecutor, parcel: list[Paper]) -> Future[_Answers]:
    with _deaf_children():
        return pool.submit(_judge_all, parcel)


def _parcels(papers: Iterable[Paper]) -> Iterator[list[Paper]]:
    rest = iter(papers)
    while parcel := list(islice(rest, 1)):
        size = len(parcel[0].data or b"")
        while size < _PARCEL_BYTES and len(parcel) < _PARCEL and (more := list(islice(rest, 1))):
            parcel += more
            size += len(more[0].data or b"")
        yield parcel


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Let what is started in this block not hear Ctrl-C: a mask is handed down, from the start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- in a worker ---------------------------------------------------------------------------------


class _Worker:
    """What this process was told at its beginning."""

    asked: _Asked


def _begin(asked: _Asked) -> None:
    _Worker.asked = asked
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _judge_all(parcel: list[Paper]) -> _Answers:
    return [_Worker.asked.judge(one) for one in parcel]


def _unread(paper: Paper, reason: str, message: str) -> Judged:
    is_malformed = reason == MalformedCertificateError.code
    verdict = Verdict.INVALID if is_malformed else Verdict.INDETERMINATE
    facts = {"verdict": verdict.value, "reason": reason, "message": message}
    return Judged(paper.name, None, verdict, reason, message, _line(paper, None, facts))


def _brief(report: Report) -> dict[str, Any]:
    return {
        "verdict": report.verdict.value,
        "reason": report.reason,
        "message": report.message,
        "policy": report.policy,
    }


def _line(paper: Paper, kind: str | None, facts: dict[str, Any]) -> bytes:
    name = os.fsencode(paper.name).decode("utf-8", "backslashreplace")
    return orjson.dumps({"file": name, "kind": kind, **facts}, default=_plain)


def _plain(value: object) -> object:
    """Return what orjson does not know as what it knows: read-only views, and text of ours."""
    return dict(value) if isinstance(value, MappingProxyType) else str(value)
