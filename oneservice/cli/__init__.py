"""The command line: words for people, ``--json`` for machines.

Rules that live only here: exit codes (0 fine, 1 a finding, 2 wrong use; for ``verify`` 0 valid,
1 invalid, 2 cannot tell), how an error of this library is told, and how a page looks on a terminal.
Nothing is decided here that another room could decide. Commands are imported when they are
called, so that ``oneservice --help`` needs nothing but click.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper

from oneservice.cli.program import program

__all__ = ["main", "program"]


def main() -> None:
    """Run the command line on the arguments of this process, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that is no UTF-8, or a terminal that has no Chinese, must not end in a
            # traceback; and "\\udcff" is what JSON wants for it anyway.
            stream.reconfigure(errors="backslashreplace")
    program(prog_name="oneservice")
