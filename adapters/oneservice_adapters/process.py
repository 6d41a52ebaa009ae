"""An office in a process of its own: start it, know where it listens, end it.

The child holds the other end of a pipe that only its parent holds: when the parent dies, however it
dies, the pipe closes and the child goes home. No process outlives its demonstration.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from oneservice.errors import EnvironmentalError, JournalLockedError, OneServiceError

__all__ = ["OfficeProcess", "start_process"]

LOG_NAME: Final = "office.log"
START_S: Final = 30.0
"""Real seconds that a start may take: a cold machine imports for some of them."""
STOP_S: Final = 10.0
_LONGEST_LINE: Final = 4096
_LOCKED: Final = f"error[{JournalLockedError.code}]"
"""How an office begins its last words when another process is in its folder."""


class OfficeProcess:
    """A running office. As a context manager it ends the process with the block."""

    def __init__(self, department: str, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.department = department
        self.folder = folder
        self._process = process
        self._url: str | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    @property
    def url(self) -> str:
        """The base URL; waits until the office listens.

        Raises:
            JournalLockedError: another process serves the office in this folder.
            EnvironmentalError: it ended for another reason, or took longer than ``START_S``; the
                text quotes what it said.
        """
        if self._url is None:
            began = time.monotonic()
            line = self._first_line()
            try:
                self._url = str(json.loads(line)["url"])
            except (ValueError, KeyError, TypeError):
                raise self._did_not_start(time.monotonic() - began) from None
        return self._url

    def terminate(self) -> int:
        """Let the office finish what it is doing and go home; return its exit code, 0 as a rule."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            return self.kill()
        self._close()
        return code

    def kill(self) -> int:
        """End the process at once, as a power cut would; return its exit code."""
        self._process.kill()
        code = self._process.wait()
        self._close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_running:
            self.terminate()
        self._close()

    def _first_line(self) -> bytes:
        """Return what the child wrote first; empty when it ended, or when time is up."""
        pipe = self._process.stdout
        if pipe is None:
            return b""
        found = b""
        while not found.endswith(b"\n") and len(found) < _LONGEST_LINE:
            ready, _, _ = select.select([pipe], [], [], START_S)
            piece = os.read(pipe.fileno(), _LONGEST_LINE) if ready else b""
            if not piece:
                return b""
            found += piece
        return found

    def _did_not_start(self, waited_s: float) -> OneServiceError:
        """Return why there is no URL; the process has ended by then."""
        if waited_s < START_S:
            # Its pipe has closed: it is about to end, though not yet to be seen as ended.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        said = self._last_words(waited_s)
        self.kill()
        kind = JournalLockedError if said.startswith(_LOCKED) else EnvironmentalError
        return kind(f"the office of {self.department} did not start: {said}")

    def _last_words(self, waited_s: float) -> str:
        if self.is_running:
            return f"it said nothing for {waited_s:.0f} s; see {self.folder / LOG_NAME}"
        with contextlib.suppress(OSError):
            lines = (self.folder / LOG_NAME).read_text("utf-8", "replace").splitlines()
            if lines:
                return lines[-1]
        return f"it ended with exit code {self._process.returncode}"

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def start_process(
    department: str,
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    region: str = "990101",
    clock: Path | None = None,
    stories: Mapping[str, str] | None = None,
    seed: int = 0,
    faults: str = "none",
    callers: Path | None = None,
    has_test_step: bool = False,
    logs_requests: bool = False,
) -> OfficeProcess:
    """Start an office and return at once; :attr:`OfficeProcess.url` waits until it listens.

    So several offices start side by side: start them all, then ask each for its URL.

    Args:
        department: one of ``DEPARTMENTS``.
        folder: the office's folder; what it has to say it writes into ``office.log`` there.
        host: address to listen on.
        port: 0 picks a free one.
        region: that the office serves.
        clock: file of a :class:`~oneservice.clocks.FileClock`; the machine's clock without it.
        stories: step id to one of the words of :class:`~oneservice_adapters.Story`.
        seed: moves the office's hours.
        faults: how its answers misbehave, as :func:`~oneservice_adapters.parse_faults` reads it.
        callers: registry as :func:`~oneservice.departments.parse_callers` reads it; without it,
            only this machine may call.
        has_test_step: serve the step of the conformance kit, too; never where decisions count.
        logs_requests: write a line per request into ``office.log``.

    Raises:
        EnvironmentalError: the folder cannot be written.
    """
    folder = Path(folder)
    command = [
        *(sys.executable, "-m", "oneservice_adapters", department, "--until-stdin-closes"),
        *("--dir", str(folder), "--host", host, "--port", str(port)),
        *("--region", region, "--seed", str(seed), "--faults", faults),
        *(("--clock", str(clock)) if clock is not None else ()),
        *(("--callers", str(callers)) if callers is not None else ()),
        *(("--test-step",) if has_test_step else ()),
        *(("--log-requests",) if logs_requests else ()),
    ]
    for step_id, word in (stories or {}).items():
        command += ["--story", f"{step_id}={word}"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOG_NAME).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal is for the parent to handle
            )
    except OSError as error:
        msg = f"the office's folder {folder} cannot be written ({error.strerror})"
        raise EnvironmentalError(msg) from error
    return OfficeProcess(department, folder, process)
