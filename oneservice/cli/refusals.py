"""The one place that turns an error of this library into words, JSON and an exit code."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from oneservice.errors import (
    AnswersConflictError,
    AnswersInvalidError,
    CalendarUnknownError,
    CatalogError,
    FileUnusableError,
    FolderTakenError,
    FormIncompleteError,
    IdentifierError,
    KeyTokenError,
    KeyUnusableError,
    LogKeyUnknownError,
    LogMalformedError,
    LogProofError,
    OneServiceError,
    RuleEvaluationError,
    SealRefusedError,
    TooFewWitnessesError,
    TrustHistoryError,
    TrustListError,
    UnknownThingError,
    WebUnavailableError,
)
from oneservice.workdays import announced_calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BROKEN_PIPE",
    "FINDING",
    "FINE",
    "WRONG_USE",
    "Told",
    "refusal_of",
    "refusal_of_defect",
    "refusal_of_usage",
    "tell",
]

FINE: Final = 0
FINDING: Final = 1
WRONG_USE: Final = 2
_DEFECT: Final = 70
"""``EX_SOFTWARE`` of sysexits.h: an answer was neither found nor refused."""
BROKEN_PIPE: Final = 141
"""What a shell calls a process that SIGPIPE ended: 128 and 13."""

_FOUND: Final = (
    AnswersInvalidError,
    AnswersConflictError,
    FormIncompleteError,
    RuleEvaluationError,
)
"""What was handed in has a finding, as has a catalog file whose place is named; everything else
could not even be started, and is wrong use."""

_REMEDIES: Final[tuple[tuple[type[OneServiceError], str], ...]] = (
    (UnknownThingError, "name a published one-thing, another --region or --on, or --catalog DIR"),
    (CatalogError, "mend the file at the place named, or name another"),
    (
        AnswersInvalidError,
        "mend the answers file, or give single answers with --set QUESTION=VALUE",
    ),
    (AnswersConflictError, "change one of the answers named; --set QUESTION=VALUE tries it out"),
    (CalendarUnknownError, "choose an earlier day with --on"),
    (FolderTakenError, "give another --dir; without one a fresh folder is made"),
    (
        KeyTokenError,
        "check module, token, label and PIN; 'oneservice keys token' tries them",
    ),
    (
        KeyUnusableError,
        "check that it is a private key of a kind that signs here, and its password",
    ),
    (
        TooFewWitnessesError,
        "see that the witnesses named are running and can be reached, then do it again",
    ),
    (
        LogProofError,
        "rely on nothing that it is to prove; keep it, fetch it anew, and ask who runs the log",
    ),
    (LogMalformedError, "fetch the file anew; if it stays so, ask whoever runs the log"),
    (LogKeyUnknownError, "name the log's own key with --log, or a policy that has it"),
    (WebUnavailableError, "see that the address is right and its server running, then try again"),
    (IdentifierError, "check the code; a region has 6, 9 or 12 digits, such as 990101"),
    (
        TrustHistoryError,
        "keep both files, and ask the publisher which is right; who drafts a list mends the draft",
    ),
    (
        TrustListError,
        (
            "mend or replace what is named; 'oneservice trust check FILE' tells more of a list, "
            "'oneservice regions check FILE' of a directory"
        ),
    ),
)
"""What to do on *this* command line; the messages themselves say it for everybody."""
_ACCESS: Final = "check the path, its kind and its permissions"
"""The system refused the file."""
_ANOTHER_FILE: Final = "name a file of the kind that is due here; --help of the command tells which"
"""The file could be read, and is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An error as it is told: ``lines`` for people, ``facts`` for machines."""

    code: str
    message: str
    lines: tuple[str, ...]
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = WRONG_USE

    def as_json(self) -> dict[str, Any]:
        """Return ``{"error": {"code", "message", "remedy", …}}``; the facts are members, too."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "remedy": self.remedy}
        return {"error": {**error, **self.facts}}

    def as_text(self) -> str:
        """Return ``error[code]: message``, then further lines and the remedy."""
        first, *others = self.lines
        text = [f"error[{self.code}]: {first}", *(f"  {line}" for line in others)]
        return "\n".join([*text, f"  remedy: {self.remedy}"] if self.remedy else text)


def tell(told: Told, *, as_json: bool) -> None:
    """Write JSON to the standard output, where machines read; words to the standard error."""
    if as_json:
        click.echo(json.dumps(told.as_json(), ensure_ascii=False, default=str))
    else:
        click.echo(told.as_text(), err=True)


def refusal_of(error: OneServiceError) -> Told:
    """Return how ``error`` is told. Messages hold identifiers and places, never personal data."""
    message = str(error)
    lines = tuple(message.splitlines()) or (error.code,)
    if isinstance(error, AnswersInvalidError):
        problems = (f"{name}: {problem}" for name, problem in error.problems.items())
        lines = ("these answers do not fit the questions", *problems)
    remedy = _remedy(error)
    if isinstance(error, SealRefusedError):  # its message ends with it, for those who see no more
        lines = (message.removesuffix(f"; {remedy}"),)
    if isinstance(error, CalendarUnknownError):
        last = max(announced_calendar().years)
        lines = (f"working days are announced up to {last}-12-31; nobody guesses later ones",)
    return Told(
        code=error.code,
        message=message,
        lines=lines,
        remedy=remedy,
        facts={
            name: value
            for name, value in vars(error).items()
            if value is not None and name != "remedy"
        },
        exit_code=_exit_code(error),
    )


def _remedy(error: OneServiceError) -> str:
    """Return what to do: what the error says itself, or what its class tells here."""
    own = getattr(error, "remedy", None)
    if own:
        return str(own)
    if "pip install" in str(error):
        return "install what is named, or do without what needs it"
    listed = next((text for kind, text in _REMEDIES if isinstance(error, kind)), None)
    if listed is None and isinstance(error, FileUnusableError):
        is_of_system = isinstance(error.__cause__, OSError)
        return _ACCESS if is_of_system else _ANOTHER_FILE
    return listed or ""


def refusal_of_usage(error: click.UsageError) -> Told:
    """Return how a command line that click refused is told to a machine."""
    message = error.format_message()
    remedy = "see --help of the command"
    return Told(code="usage", message=message, lines=(message,), remedy=remedy)


def refusal_of_defect(error: Exception) -> Told:
    """Return how a defect of ours is told: by its kind and place, never by its text.

    The text of a foreign exception may quote a person's data.
    """
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = ""
    if last is not None:
        where = f" in {last.tb_frame.f_globals.get('__name__')}:{last.tb_lineno}"
    message = f"a defect of this program: {type(error).__name__}{where}; please report it"
    remedy = "ONESERVICE_DEBUG=1 in the environment shows the whole traceback for the report"
    return Told(
        code="internal", message=message, lines=(message,), remedy=remedy, exit_code=_DEFECT
    )


def _exit_code(error: OneServiceError) -> int:
    has_place = isinstance(error, CatalogError) and error.source is not None
    return FINDING if has_place or isinstance(error, _FOUND) else WRONG_USE
