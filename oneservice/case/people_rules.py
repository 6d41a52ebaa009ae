"""Who may do what: one table of roles, and the scope of mandates. Every input of people goes by it.

What departments, the clock and the engine itself tell a case has no actor and is not judged here;
nor is what happens at a counter, which has a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from oneservice.case.actors import Actor, Role
from oneservice.case.inputs import (
    AskFreshBundle,
    AskWithdrawal,
    ExtendJoint,
    FileAgain,
    OpenCase,
    SupplementGiven,
)
from oneservice.case.operating_inputs import (
    AdoptOutcome,
    CloseCase,
    JoinBulk,
    Migrate,
    Reassign,
    Resume,
    RetryNow,
)
from oneservice.case.people import OWN_CONSENT, Mandate, People
from oneservice.case.people_inputs import (
    EndMandate,
    GiveConsent,
    GiveMandate,
    RefuseConsent,
    WithdrawConsent,
)
from oneservice.case.state import Case
from oneservice.errors import NotAllowedError

__all__ = [
    "MANDATED",
    "MAX_WHY",
    "MUST_SAY_WHY",
    "RULES",
    "Action",
    "Rule",
    "refuse_actor",
    "refuse_order",
]


class Action(StrEnum):
    """What somebody does; a mandate names actions by these words."""

    OPEN = "open"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    FILE_AGAIN = "file_again"
    FRESH_BUNDLE = "fresh_bundle"
    EXTEND_JOINT = "extend_joint"
    GIVE_MANDATE = "give_mandate"
    END_MANDATE = "end_mandate"
    GIVE_CONSENT = "give_consent"
    WITHDRAW_CONSENT = "withdraw_consent"
    REFUSE_CONSENT = "refuse_consent"
    RESUME = "resume"
    RETRY = "retry"
    ADOPT = "adopt"
    REASSIGN = "reassign"
    MIGRATE = "migrate"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which roles may do an action."""

    action: Action
    roles: frozenset[Role]


def _rule(action: Action, *roles: Role) -> Rule:
    return Rule(action=action, roles=frozenset(roles))


_HANDS_IN: Final = (Role.APPLICANT, Role.AGENT, Role.WINDOW_CLERK)
RULES: Final[Mapping[type, Rule]] = MappingProxyType(
    {
        OpenCase: _rule(Action.OPEN, *_HANDS_IN),
        SupplementGiven: _rule(Action.SUPPLEMENT, *_HANDS_IN),
        AskWithdrawal: _rule(Action.WITHDRAW, *_HANDS_IN, Role.OPERATOR),
        FileAgain: _rule(Action.FILE_AGAIN, *_HANDS_IN, Role.OPERATOR),
        AskFreshBundle: _rule(Action.FRESH_BUNDLE, *_HANDS_IN, Role.OPERATOR),
        ExtendJoint: _rule(Action.EXTEND_JOINT, Role.OPERATOR),
        GiveMandate: _rule(Action.GIVE_MANDATE, Role.APPLICANT, Role.WINDOW_CLERK),
        EndMandate: _rule(Action.END_MANDATE, *_HANDS_IN, Role.OPERATOR),
        GiveConsent: _rule(
            Action.GIVE_CONSENT, Role.APPLICANT, Role.AGENT, Role.PARTY, Role.WINDOW_CLERK
        ),
        WithdrawConsent: _rule(
            Action.WITHDRAW_CONSENT,
            Role.APPLICANT,
            Role.PARTY,
            Role.WINDOW_CLERK,
            Role.OPERATOR,
        ),
        RefuseConsent: _rule(Action.REFUSE_CONSENT, Role.APPLICANT, Role.PARTY, Role.WINDOW_CLERK),
        Resume: _rule(Action.RESUME, Role.OPERATOR),
        RetryNow: _rule(Action.RETRY, Role.OPERATOR),
        AdoptOutcome: _rule(Action.ADOPT, Role.OPERATOR),
        Reassign: _rule(Action.REASSIGN, Role.OPERATOR, Role.OFFICER),
        Migrate: _rule(Action.MIGRATE, Role.OPERATOR),
        CloseCase: _rule(Action.CLOSE, Role.OPERATOR),
    }
)
"""The table. Nobody acts as the engine, and nobody in a role that was not stated."""

MANDATED: Final = frozenset(
    {
        Action.OPEN,
        Action.SUPPLEMENT,
        Action.WITHDRAW,
        Action.FILE_AGAIN,
        Action.FRESH_BUNDLE,
    }
)
"""What a mandate may cover; to let further people act is the applicant's alone (转委托 needs him).

References: Civil Code art. 169.
"""
MUST_SAY_WHY: Final = frozenset({Role.OFFICER, Role.OPERATOR})
"""Who acts in office gives a reason, for the record."""
MAX_WHY: Final = 500
_LONG_NUMBER: Final = re.compile(r"(?:[0-9][ -]?){10,}[0-9Xx]")


def refuse_actor(case: Case | None, given: Any) -> None:
    """Refuse an input of somebody who may not give it, or does not say why.

    Args:
        case: with its mandates; ``None`` before the opening.
        given: any input; those without a row in :data:`RULES` pass.

    Raises:
        NotAllowedError: the role may not, the mandate does not cover it, or a reason is missing.
    """
    if isinstance(given, JoinBulk):
        given = given.order
    rule = RULES.get(type(given))
    if rule is None:
        return
    by: Actor = given.by
    why: str = given.reason if isinstance(given, ExtendJoint) else given.why
    problem = _not_allowed(rule, by) or _no_reason(by, why)
    if problem is None and by.role is Role.AGENT:
        problem = _outside_mandate(case.people if case else None, rule.action, given)
    if problem is None and by.role is Role.PARTY:
        problem = _not_of_this_party(by, given)
    if problem is None and isinstance(given, RefuseConsent | WithdrawConsent):
        problem = _not_the_own(by, given)
    if problem is not None:
        status = str(case.status) if case else "none"
        raise NotAllowedError(problem, status=status)


def refuse_order(by: Actor, why: str) -> None:
    """Refuse an order that is no input of a case (to erase it) from anybody but an operator.

    Raises:
        NotAllowedError: another role, or no reason.
    """
    problem = None if by.role is Role.OPERATOR else f"not in the role {by.role}; for operators"
    problem = problem or _no_reason(by, why)
    if problem is not None:
        raise NotAllowedError(problem, status="none")


def _not_allowed(rule: Rule, by: Actor) -> str | None:
    if by.role in rule.roles:
        return None
    who = ", ".join(sorted(rule.roles))
    return f"{rule.action}: not in the role {by.role}; it is for {who}"


def _no_reason(by: Actor, why: str) -> str | None:
    if by.role in MUST_SAY_WHY and not why.strip():
        return f"{by.role} acts: say why; the reason is recorded"
    if len(why) > MAX_WHY:
        return f"why: at most {MAX_WHY} characters; keep the paper, and name its number"
    if any("\ud800" <= one <= "\udfff" for one in why):
        return "why: half a character (a lone surrogate) is no text, and has no bytes to keep"
    if _LONG_NUMBER.search(why):
        return "why: a number that long may be a person's; the journal names nobody"
    return None


def _outside_mandate(people: People | None, action: Action, given: Any) -> str | None:
    """Say why the agent may not do this; ``people`` is ``None`` where the case opens with it."""
    by: Actor = given.by
    mandate = _handed_in(given) if people is None else people.mandate(by.mandate)
    if mandate is None and people is None:
        return (
            f"{action}: no mandate comes with it; an agent hands in with `authority=`, "
            "without `by=`"
        )
    if mandate is None or mandate.id != by.mandate:
        return f"{action}: the case holds no mandate of that id; have the applicant give one"
    if mandate.agent != by.id:
        return f"{action}: the mandate {mandate.id} is another agent's"
    if not mandate.is_alive(given.at):
        return f"{action}: the mandate {mandate.id} has ended; have the applicant give another"
    if action is Action.END_MANDATE:
        return None if given.mandate_id == by.mandate else "an agent lays down the own mandate only"
    if action is Action.GIVE_CONSENT:
        return "an agent hands consents in with the form; later the party or a window gives them"
    if mandate.actions and action not in mandate.actions:
        return f"{action}: the mandate {mandate.id} is for {', '.join(mandate.actions)} only"
    if not mandate.sub_case_ids or action is Action.OPEN:
        return None
    asked = _sub_cases(given)
    if not asked or not set(asked) <= set(mandate.sub_case_ids):
        scope = ", ".join(mandate.sub_case_ids)
        return f"{action}: the mandate {mandate.id} is for {scope} only"
    return None


def _handed_in(given: Any) -> Mandate | None:
    """Return the mandate that comes with an opening."""
    handed = given.mandate if isinstance(given, OpenCase) else None
    if handed is None:
        return None
    return Mandate(
        id=handed.mandate_id,
        agent=handed.agent,
        proof=handed.proof,
        given_at=handed.at,
        sub_case_ids=handed.sub_case_ids,
        actions=handed.actions,
        until=handed.until,
    )


def _sub_cases(given: Any) -> tuple[str, ...]:
    """Return which steps an input is about; empty: the whole case."""
    if hasattr(given, "sub_case_id"):
        return (given.sub_case_id,)
    return tuple(getattr(given, "sub_case_ids", ()))


def _not_the_own(by: Actor, given: RefuseConsent | WithdrawConsent) -> str | None:
    """Say why this is not the applicant's, or not the party's, to take back or to refuse."""
    is_own = given.consent_id.startswith(OWN_CONSENT)
    if is_own and by.role is not Role.PARTY:
        return None
    if by.role is Role.APPLICANT or is_own:
        does = "refuses" if isinstance(given, RefuseConsent) else "takes back"
        return f"the applicant {does} the own consent only; a party's is the party's"
    return None


def _not_of_this_party(by: Actor, given: Any) -> str | None:
    consent_id = given.terms.consent_id if isinstance(given, GiveConsent) else given.consent_id
    return None if consent_id == by.id else "a party gives and takes back the own consent only"
