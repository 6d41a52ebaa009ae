"""Everything that an engine in this process logs: what nobody may find a person in."""

from __future__ import annotations

import logging
from typing import Self

__all__ = ["Heard"]


class Heard(logging.Handler):
    """Keeps every line, with whatever stands behind it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self._levels: dict[logging.Logger, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record as it would be written."""
        self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        root = logging.getLogger()
        root.addHandler(self)
        for logger in (logging.getLogger("oneservice"), logging.getLogger("httpx")):
            self._levels[logger] = logger.level
            logger.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        for logger, level in self._levels.items():
            logger.setLevel(level)
