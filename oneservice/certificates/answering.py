"""From a policy and an inquiry to findings: which checks are made, and which of them decide.

Theory of operation: the order of the checks is fixed and printed. A check is made if the policy
asks for it, or if something was enclosed that it looks at. Where each single requirement must hold,
each finding decides by itself. Where one of several ways may do, the findings are weighed, and only
the one that decides keeps its error; the others still say in their evidence what they lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from oneservice.certificates.checks import ABSENT, CHECKS, CheckFunction
from oneservice.certificates.deciding import ENCLOSED, Outcome, weigh
from oneservice.certificates.inquiry import Inquiry, Subject
from oneservice.certificates.policy import Policy
from oneservice.certificates.report import (
    CheckName,
    CheckResult,
    Finding,
    Verdict,
    not_checked,
    passed,
)
from oneservice.certificates.requirements import Leaf, Passes
from oneservice.errors import StatusUnknownError

__all__ = ["answers", "parsed", "refusal_of"]

_LATER: Final = tuple(CheckName)[2:]
_STEPS: Final = tuple(
    (name, CHECKS[name], ABSENT.get(name) or not_checked(name, "the policy does not ask for it"))
    for name in _LATER
)
"""Each check in its order, and what is said where it is not made. A table, and no look-up by name:
the names of an enumeration are slow to hash, and this is the inner loop of a city's verifications.
"""
_GRAVITY: Final = {CheckResult.FAIL: 0, CheckResult.NOT_CHECKED: 1, CheckResult.PASS: 2}


def refusal_of(policy: Policy, at: datetime) -> list[Finding] | None:
    """Return why nothing is judged at all; ``None``: it can be."""
    if policy.refuses_all:
        msg = "the policy asks for too little, so nothing can pass; use Policy.standard()"
    elif at.tzinfo is None:
        msg = "'at' has no zone: which moment is asked about nobody can tell"
    else:
        return None
    return [not_checked(name, msg, error=StatusUnknownError(msg)) for name in CheckName]


def parsed(subject: Subject) -> Finding:
    """Return the finding on a certificate that could be read."""
    facts: dict[str, Any] = {"id": subject.id, "type": subject.type}
    if subject.is_sandbox:
        facts["is_sandbox"] = True
    return passed(CheckName.PARSE, **facts)


def answers(inquiry: Inquiry, policy: Policy, made: Sequence[Finding]) -> list[Finding]:
    """Return the findings of the checks after ``made``, and let only what decides bind.

    Args:
        inquiry: what is looked at.
        policy: what is asked for.
        made: the findings on ``parse`` and ``proof``.
    """
    if policy.is_flat and not inquiry.has_enclosures:
        return [
            _answer(inquiry, check, leaves) if leaves else unasked
            for (_, check, unasked), leaves in zip(_STEPS, policy.in_order, strict=True)
        ]
    told: dict[Leaf, Finding] = {}
    found: list[Finding] = []
    for (name, check, unasked), leaves in zip(_STEPS, policy.in_order, strict=True):
        if leaves:
            given = {leaf: _binding(check(inquiry, leaf)) for leaf in leaves}
            told |= given
            found.append(_gravest(given.values()))
        elif name in ENCLOSED and inquiry.has_enclosed(name):
            found.append(_harmless(check(inquiry, Passes(check=name))))
        else:
            found.append(unasked)
    if policy.is_flat:
        return found
    return _weighed(policy, told, [*made, *found])[len(made) :]


def _answer(inquiry: Inquiry, check: CheckFunction, leaves: tuple[Leaf, ...]) -> Finding:
    """Return the finding that counts of one check, each of whose requirements must hold."""
    if len(leaves) == 1:
        return _binding(check(inquiry, leaves[0]))
    return _gravest([_binding(check(inquiry, leaf)) for leaf in leaves])


def _weighed(policy: Policy, told: dict[Leaf, Finding], findings: list[Finding]) -> list[Finding]:
    """Return ``findings`` with the errors of those that do not decide taken away."""
    by_name = {one.check.name: one for one in findings}
    outcome = weigh(policy.requires, lambda leaf: told.get(leaf) or by_name[leaf.check])
    return [_deciding(one, place, outcome, policy, told) for place, one in enumerate(findings)]


def _deciding(
    finding: Finding, place: int, outcome: Outcome, policy: Policy, told: dict[Leaf, Finding]
) -> Finding:
    name, is_false = CheckName(finding.check.name), finding.check.result is CheckResult.FAIL
    leaves = [told[leaf] for leaf in policy.leaves(name) if leaf in told]
    if outcome.error is None:
        finding = min(leaves, key=_kindness) if leaves else finding
    elif place == outcome.place:
        due = CheckResult.FAIL if outcome.verdict is Verdict.INVALID else CheckResult.NOT_CHECKED
        shown = next((one for one in leaves if one.check.result is due), finding)
        return shown._replace(error=outcome.error)
    return finding if is_false and name in ENCLOSED else finding._replace(error=None)


def _gravest(findings: Iterable[Finding]) -> Finding:
    """Return the finding of those on one check that stands most in the way."""
    return min(findings, key=lambda one: (_GRAVITY[one.check.result], one.error is None))


def _kindness(finding: Finding) -> int:
    return -_GRAVITY[finding.check.result]


def _harmless(finding: Finding) -> Finding:
    """Return ``finding`` as one that nobody asked for: only what is false still decides."""
    return finding if finding.check.result is CheckResult.FAIL else finding._replace(error=None)


def _binding(finding: Finding) -> Finding:
    """Return ``finding`` as an answer to what was asked: no result is then no quiet pass.

    Only a certificate that names no status list needs none.
    """
    check = finding.check
    if check.result is not CheckResult.NOT_CHECKED or finding.error is not None:
        return finding
    if check.name == CheckName.STATUS:
        return finding
    why = str(check.evidence["why"])
    return not_checked(check.name, why, error=StatusUnknownError(why))
