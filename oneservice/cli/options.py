"""Options that several commands share, and the kinds of their values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from oneservice.plan import Language

__all__ = [
    "DAY",
    "FILE",
    "MOMENT",
    "OFFICE_ZONE",
    "json_option",
    "language_of",
    "language_option",
    "situation_options",
]

_F = TypeVar("_F", bound="Callable[..., Any]")

OFFICE_ZONE: Final = timezone(timedelta(hours=8))
"""China Standard Time: the offices' days begin and end in it, wherever the reader sits."""
FILE: Final = click.Path(path_type=Path)
"""A path that is not looked at by click: our own errors name the remedy."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(\.\d{1,6})?\d*([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        if not _DAY.fullmatch(value):
            return self.fail("a day is written as 2026-09-28", param, ctx)
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.fail("there is no such day in the calendar", param, ctx)


class _Moment(click.ParamType[datetime]):
    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if _DAY.fullmatch(value):
                # The last second: whatever was issued in the course of that day exists then, and
                # what is good on that day as its last one still is.
                day = date.fromisoformat(value)
                return datetime.combine(day, time(23, 59, 59), OFFICE_ZONE).astimezone(UTC)
            if match := _MOMENT.fullmatch(value):
                text = f"{match[1]}{match[2] or ''}{match[3]}".upper()
                return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            return self.fail("there is no such day or time of day", param, ctx)
        words = "write 2027-03-01, or with time and zone 2027-03-01T09:00:00+08:00"
        return self.fail(words, param, ctx)


DAY: Final = _Day()
MOMENT: Final = _Moment()


def json_option(function: _F) -> _F:
    """Add ``--json`` as ``as_json``."""
    words = "Write JSON for machines instead of words."
    return click.option("--json", "as_json", is_flag=True, help=words)(function)


def language_option(function: _F) -> _F:
    """Add ``--language`` as ``language``: one of :data:`oneservice.plan.Language`."""
    return click.option(
        "--language",
        type=click.Choice(["en", "zh"]),
        default="en",
        show_default=True,
        envvar="ONESERVICE_LANGUAGE",
        show_envvar=True,
        help="Language of titles and words.",
    )(function)


_ASKED: Final = (
    click.argument("one_thing", metavar="ONE_THING"),
    click.option(
        "--region",
        metavar="CODE",
        help="Region of the business, such as 990101.  [default: that of the answers file]",
    ),
    click.option(
        "--origin",
        metavar="CODE",
        help="Region where the applicant is, if it is another: how each step is handed in "
        "from there.",
    ),
    click.option(
        "--answers",
        "answers_file",
        type=FILE,
        metavar="FILE",
        help="YAML: a whole application, or just 'question: answer' lines.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="QUESTION=VALUE",
        help="Give or override one answer, such as area=80 or, of several choices, "
        "changes=name,address; may be repeated.",
    ),
)
"""A one-thing, and the answers to its questions."""
_WHEN_AND_BY_WHAT: Final = (
    click.option("--on", type=DAY, metavar="DATE", help="Day of acceptance.  [default: today]"),
    click.option(
        "--catalog",
        "catalog_paths",
        type=FILE,
        multiple=True,
        metavar="PATH",
        help="Catalog file or folder; may be repeated.  [default: the bundled catalogs]",
    ),
    click.option(
        "--day-off",
        "days_off",
        multiple=True,
        metavar="REGION=DATE",
        help="A day on which the offices of a region rest, beside the announced ones; what "
        "that region decides is counted so. May be repeated.",
    ),
)
"""The day, the law and the days off by which it is planned."""
_HELD: Final = (
    click.option(
        "--held",
        multiple=True,
        metavar="[ENTRY=]FILE",
        help="A certificate that the applicant has already or, as staff.1=FILE, the first of "
        "the staff has: it may spare a paper or a whole step. May be repeated.",
    ),
    click.option(
        "--trust",
        "trust_files",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="Trust list by which --held is judged: of the region, and of who issued it.",
    ),
    click.option(
        "--status",
        "status_files",
        type=FILE,
        multiple=True,
        metavar="FILE",
        help="Published status list that --held is looked up in.",
    ),
    click.option(
        "--at",
        type=MOMENT,
        metavar="MOMENT",
        help="Moment for which --held is looked at, such as 2026-09-28T10:00:00+08:00.  "
        "[default: now; of a past --on its end, or when the status lists of that day ended]",
    ),
)
"""What the applicant has already, and by what it is judged."""


def situation_options(function: _F) -> _F:
    """Add all that a plan follows from: see the tables above."""
    for option in reversed((*_ASKED, *_WHEN_AND_BY_WHAT, *_HELD)):
        function = option(function)
    return function


def language_of(text: str) -> Language:
    """Return the language that ``--language`` names."""
    return "zh" if text == "zh" else "en"
