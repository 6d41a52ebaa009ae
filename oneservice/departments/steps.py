"""What an integrator declares: steps, their forms, the functions that decide."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from oneservice.departments.application import Submission, Supplement, Withdrawal
from oneservice.departments.checks import Finding
from oneservice.departments.outcomes import (
    MaterialReceived,
    Outcome,
    WithdrawalRefused,
    Withdrawn,
)
from oneservice.departments.pointers import pointer_part
from oneservice.errors import AdapterError, ProtocolProblemError

if TYPE_CHECKING:
    from oneservice.departments.capabilities import StepInfo

__all__ = [
    "BeforeRead",
    "Decide",
    "Decision",
    "FieldsCheck",
    "OnCheck",
    "OnSupplement",
    "OnWithdrawal",
    "Outcomes",
    "Step",
    "call",
    "is_model",
    "outcomes_of",
]

Outcomes: TypeAlias = Outcome | tuple[Outcome, ...]
"""One outcome, or several in their order: ``(Accepted(), Granted(...))`` decides on the spot."""
Decide: TypeAlias = Callable[[Submission], Outcomes | Awaitable[Outcomes]]
OnSupplement: TypeAlias = Callable[
    [Submission, Supplement], Outcomes | Awaitable[Outcomes | None] | None
]
OnWithdrawal: TypeAlias = Callable[
    [Submission, Withdrawal], Outcomes | Awaitable[Outcomes | None] | None
]
OnCheck: TypeAlias = Callable[[Submission], Iterable[Finding] | Awaitable[Iterable[Finding]]]
FieldsCheck: TypeAlias = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]
"""Returns findings: JSON pointer below ``/fields`` (``/area``) and the rule, never the value."""


_TELLING_RULES_ONLY: Final = frozenset(get_args(ErrorType)) - {
    "assertion_error",
    "get_attribute_error",
    "iteration_error",
    "json_invalid",
    "union_tag_invalid",
    "url_parsing",
    "uuid_parsing",
    "value_error",
}
"""Findings whose text is pydantic's own and quotes nothing of what was filled in.

Left out are texts with a part of the value, and those that an author's validators write: these may
say anything, under these types or under one of their own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a back office has decided: outcomes for one submission, in effect from ``at`` on."""

    submission_id: str
    outcomes: Outcomes
    at: datetime | None = None
    caller: str | None = None


BeforeRead: TypeAlias = Callable[
    [datetime], Iterable[Decision] | Awaitable[Iterable[Decision] | None] | None
]


@dataclass(slots=True, kw_only=True)
class Step:
    """One step that is served, and what happens to it."""

    info: StepInfo
    decide: Decide
    fields: type[BaseModel] | FieldsCheck | None = None
    on_supplement: OnSupplement | None = None
    on_withdrawal: OnWithdrawal | None = None
    on_check: OnCheck | None = None

    def check_fields(self, fields: Mapping[str, Any]) -> Any:
        """Return the validated form, or the fields as they are.

        Raises:
            ProtocolProblemError: ``invalid-submission``, with a pointer for each finding.
        """
        if self.fields is None:
            return None
        if is_model(self.fields):
            try:
                return self.fields.model_validate(dict(fields))
            except ValidationError as error:
                raise _invalid(tuple(_finding(one) for one in error.errors())) from None
        check = cast("FieldsCheck", self.fields)
        findings = tuple((f"/fields{place}", rule) for place, rule in check(fields))
        if findings:
            raise _invalid(findings)
        return None

    def default_supplement(self, submission: Submission, supplement: Supplement) -> Outcomes | None:
        """Take what was asked for; grant when all that was promised has come."""
        if supplement.correction_id is not None:
            return None
        if set(submission.pending_materials) - set(submission.materials):
            return None  # a part of it: kept, and the rest is still awaited
        return MaterialReceived(supplement_id=supplement.id)

    def default_withdrawal(self, submission: Submission, withdrawal: Withdrawal) -> Outcomes:
        """Let it go before a decision, unless the step says ``never``."""
        del submission, withdrawal
        if self.info.withdraw == "never":
            text = {"zh": "该事项不可撤回", "en": "this step cannot be withdrawn"}
            return WithdrawalRefused(reasons=(text,))
        return Withdrawn()


def is_model(fields: object) -> TypeGuard[type[BaseModel]]:
    """Say whether ``fields`` is a pydantic model rather than a function."""
    return isinstance(fields, type) and issubclass(fields, BaseModel)


async def call(function: Callable[..., Any], *args: Any) -> Any:
    """Call an integrator's function; a plain one runs in a thread, so that it may block."""
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    result = await asyncio.to_thread(function, *args)
    return await result if inspect.isawaitable(result) else result


def outcomes_of(returned: Any) -> tuple[Outcome, ...]:
    """Return what a function returned as a tuple of outcomes.

    Raises:
        AdapterError: it returned something else.
    """
    found = returned if isinstance(returned, tuple) else (returned,)
    for one in found:
        if not isinstance(one, Outcome):
            msg = (
                f"a step's function returned a {type(one).__name__}; "
                "return Received(), Accepted(), ... or a tuple of them"
            )
            raise AdapterError(msg)
    return found


def _finding(error: Any) -> tuple[str, str]:
    """Turn a finding of pydantic into pointer (RFC 6901) and rule, never the value."""
    pointer = "/fields" + "".join(f"/{pointer_part(str(part))}" for part in error["loc"])
    is_told = error["type"] in _TELLING_RULES_ONLY
    return pointer, str(error["msg"]) if is_told else "does not satisfy the form's rule"


def _invalid(findings: tuple[tuple[str, str], ...]) -> ProtocolProblemError:
    return ProtocolProblemError(
        f"{len(findings)} fields do not fit the step's schema",
        problem="invalid-submission",
        findings=findings,
    )
