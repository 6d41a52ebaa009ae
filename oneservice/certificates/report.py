"""What a verification finds: named checks in a fixed order, a verdict, and the true reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from oneservice.certificates.moments import written
from oneservice.errors import StatusUnknownError, TrustListError, VerificationError

__all__ = ["Check", "CheckName", "CheckResult", "Finding", "Report", "Verdict", "conclude"]


class CheckName(StrEnum):
    """The checks of one certificate, in the order in which they are made and printed."""

    PARSE = "parse"
    PROOF = "proof"
    KEY_LISTED = "key_listed"
    KEY_VALID = "key_valid"
    ISSUER_ENTITLED = "issuer_entitled"
    RECOGNISED = "recognised"
    DATES = "dates"
    STATUS = "status"
    LOGGED = "logged"
    WITNESSED = "witnessed"
    TIME = "time"
    SEAL = "seal"
    HOLDER = "holder"


class CheckResult(StrEnum):
    """``not_checked`` is never a quiet pass: its evidence says why."""

    PASS = "pass"  # noqa: S105 - a result, no secret
    FAIL = "fail"
    NOT_CHECKED = "not_checked"


class Verdict(StrEnum):
    """``indeterminate``: it cannot be told now; that is never "invalid"."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class Check(NamedTuple):
    """One check: its name, its result, what it rests on, and the instant that it looked at.

    Checks of a certificate are named by :class:`CheckName`; bundles and journals add their own. A
    tuple, because a report has thirteen of them and a city asks for millions of reports: it is made
    in a quarter of the time.
    """

    name: str
    result: CheckResult
    evidence: Mapping[str, Any]
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the check as JSON; ``at`` stands in the evidence."""
        evidence = dict(self.evidence)
        if self.at is not None:
            evidence["at"] = written(self.at)
        return {"name": str(self.name), "result": str(self.result), "evidence": evidence}


class Finding(NamedTuple):
    """A check, and the error that it means for the verdict; ``None``: it stands in no way."""

    check: Check
    error: VerificationError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer, every check named. ``reason`` is ``None`` only where the verdict is valid.

    ``reason`` is the ``code`` of ``error``, which :func:`verify` raises; ``message`` is its text.
    ``policy`` is the name of what was asked for; ``None`` where no policy plays a part.
    ``missing`` is all that is missing for an answer, in the order of the checks, so that it can be
    gathered in one go; empty where nothing is, or where the answer is "no" whatever is brought.
    """

    verdict: Verdict
    reason: str | None
    message: str
    checks: tuple[Check, ...]
    policy: str | None = None
    error: VerificationError | None = field(default=None, repr=False, compare=False)
    missing: tuple[str, ...] = ()

    def with_finding(self, finding: Finding) -> Report:
        """Return this report with one more check; a failure outweighs what is only unknown."""
        checks = (*self.checks, finding.check)
        if verdict_of(self.error) is verdict_of(finding.error) is Verdict.INDETERMINATE:
            missing = tuple(dict.fromkeys((*self.missing, str(finding.error))))
            return replace(self, checks=checks, missing=missing)
        weighs = verdict_of(self.error) is not Verdict.INVALID and finding.error is not None
        is_graver = self.error is None or verdict_of(finding.error) is Verdict.INVALID
        if not (weighs and is_graver):
            return replace(self, checks=checks)
        return replace(
            self,
            verdict=verdict_of(finding.error),
            reason=None if finding.error is None else finding.error.code,
            message=str(finding.error),
            checks=checks,
            error=finding.error,
            missing=missing_among((finding,)),
        )

    def as_json(self) -> dict[str, Any]:
        """Return verdict, reason, message and the list of checks, as ``verify --json`` prints."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "message": self.message,
            **({} if self.policy is None else {"policy": self.policy}),
            "checks": [check.as_json() for check in self.checks],
        }


def decisive(findings: Iterable[Finding]) -> VerificationError | None:
    """Return the error that decides: the first failure; else the first thing that is unknown.

    A certain "no" outweighs "cannot tell": an expired certificate is expired, even where the
    trust list is too old to say whether its key was stolen since.
    """
    unknown = None
    for check, error in findings:
        if error is None:
            continue
        if check.result is CheckResult.FAIL:
            return error
        unknown = unknown or error
    return unknown


def missing_among(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what is missing for an answer, each once; nothing where the answer is "no"."""
    errors = [error for _, error in findings if error is not None]
    if any(verdict_of(error) is Verdict.INVALID for error in errors):
        return ()
    return tuple(dict.fromkeys(map(str, errors)))


def conclude(findings: list[Finding], *, policy: str | None = None) -> Report:
    """Return the report that ``findings`` amount to under the policy of that name."""
    error = decisive(findings)
    return Report(
        verdict=verdict_of(error),
        reason=None if error is None else error.code,
        message="valid" if error is None else str(error),
        checks=tuple([one.check for one in findings]),
        policy=policy,
        error=error,
        missing=() if error is None else missing_among(findings),
    )


def verdict_of(error: VerificationError | None) -> Verdict:
    """Return what ``error`` means: "cannot tell" errors are their own branch of the tree."""
    if error is None:
        return Verdict.VALID
    unknown = isinstance(error, (StatusUnknownError, TrustListError))
    return Verdict.INDETERMINATE if unknown else Verdict.INVALID


def unmade(*, after: CheckName) -> list[Finding]:
    """Return the checks of a certificate that ``after`` left nothing to judge for."""
    names = tuple(CheckName)
    return [
        not_checked(name, f"{after} did not pass, so there is nothing to judge")
        for name in names[names.index(after) + 1 :]
    ]


def passed(name: str, /, *, at: datetime | None = None, **evidence: Any) -> Finding:
    """Return a finding that stands in no way."""
    return Finding(Check(name, CheckResult.PASS, evidence, at))


def failed(
    name: str, error: VerificationError, /, *, at: datetime | None = None, **evidence: Any
) -> Finding:
    """Return a finding that decides against the document."""
    facts = {"why": str(error), "reason": error.code, **evidence}
    return Finding(Check(name, CheckResult.FAIL, facts, at), error)


def not_checked(
    name: str,
    why: str,
    /,
    *,
    error: VerificationError | None = None,
    at: datetime | None = None,
    **evidence: Any,
) -> Finding:
    """Return a finding without a result; ``error`` where the policy cannot do without one."""
    facts = {"why": why, **({"reason": error.code} if error else {}), **evidence}
    return Finding(Check(name, CheckResult.NOT_CHECKED, facts, at), error)
