"""Everything that an engine in this process logs: what nobody may find a person in."""

from __future__ import annotations

import logging
from typing import Final, Self

__all__ = ["Heard"]

_LOGGERS: Final = ("oneservice", "httpx")
_listening: Final[list[Heard]] = []
_levels: Final[dict[str, int]] = {}
"""How much was logged before the first of those who listen now."""


class Heard(logging.Handler):
    """Keeps every line, with whatever stands behind it.

    Several may listen at a time, and the first to begin may be the last to end: when nobody listens
    any more, as much is logged as before.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record as it would be written."""
        self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        if not _listening:
            _levels.update((name, logging.getLogger(name).level) for name in _LOGGERS)
        _listening.append(self)
        logging.getLogger().addHandler(self)
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        _listening.remove(self)
        if not _listening:
            for name, level in _levels.items():
                logging.getLogger(name).setLevel(level)
