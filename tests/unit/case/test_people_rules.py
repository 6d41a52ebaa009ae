"""Who may do what, cell by cell; and what a mandate lets an agent do."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from oneservice.canonical import Digest
from oneservice.case import (
    APPLICANT,
    COUNTER_ROLES,
    ENGINE,
    MANDATED,
    RULES,
    Actor,
    AskWithdrawal,
    EndMandate,
    FileAgain,
    GiveConsent,
    GiveMandate,
    Input,
    JoinBulk,
    OpenCase,
    RefuseConsent,
    Resume,
    Role,
    SupplementGiven,
    WithdrawConsent,
)
from oneservice.case.people_rules import refuse_actor, refuse_order
from oneservice.errors import IllegalInputError, NotAllowedError

SHA = Digest("sha256:" + "6" * 64)
WHY = "settled with the office, paper no. 12"
WHO = {
    Role.APPLICANT: APPLICANT,
    Role.AGENT: Actor.agent("ag-3", mandate="m1"),
    Role.PARTY: Actor.party("other_parent"),
    Role.WINDOW_CLERK: Actor.clerk("w-12"),
    Role.OFFICER: Actor.officer("of-4"),
    Role.OPERATOR: Actor.operator("op-7"),
    Role.ENGINE: ENGINE,
    Role.UNSTATED: Actor.from_json("operator-7"),
}
# One letter per role, in the order of WHO; "-": may not.
TABLE = {
    "OpenCase": "AG-W----",
    "SupplementGiven": "AG-W----",
    "AskWithdrawal": "AG-W-O--",
    "FileAgain": "AG-W-O--",
    "AskFreshBundle": "AG-W-O--",
    "ExtendJoint": "-----O--",
    "GiveMandate": "A--W----",
    "EndMandate": "AG-W-O--",
    "GiveConsent": "AgPW----",
    "WithdrawConsent": "g-PW-O--",
    "RefuseConsent": "A-PW----",
    "Resume": "-----O--",
    "RetryNow": "-----O--",
    "AdoptOutcome": "-----O--",
    "Reassign": "----FO--",
    "Migrate": "-----O--",
    "CloseCase": "-----O--",
}
"""``g``: the role may, but only as other rules leave it: with the form, or the own one."""
CELLS = [
    (name, role, letter)
    for name, letters in TABLE.items()
    for role, letter in zip(WHO, letters, strict=True)
]


def given_by(kind: type, by: Actor, **more: Any) -> Any:
    """Return an input of ``kind``: who and why are judged, so the rest may be anything."""
    blank = object.__new__(kind)
    members = {one.name: None for one in dataclasses.fields(kind)}
    members |= {"by": by, "why": WHY, "reason": WHY, "at": datetime(2026, 9, 29).astimezone()}
    members |= {"sub_case_id": "permit", "sub_case_ids": (), "mandate_id": "m1"}
    members |= {"consent_id": "other_parent", "terms": _Terms()} | more
    for one in dataclasses.fields(kind):
        object.__setattr__(blank, one.name, members[one.name])
    return blank


@dataclasses.dataclass
class _Terms:
    consent_id: str = "other_parent"


def mandate(**more: Any) -> GiveMandate:
    members: dict[str, Any] = {
        "at": datetime(2026, 9, 28).astimezone(),
        "mandate_id": "m1",
        "agent": "ag-3",
        "proof": SHA,
    }
    return GiveMandate(**(members | more))


KINDS = {kind.__name__: kind for kind in RULES}


def test_the_table_of_the_test_is_that_of_the_house() -> None:
    assert set(TABLE) == set(KINDS)
    for name, letters in TABLE.items():
        may = {role for role, letter in zip(WHO, letters, strict=True) if letter != "-"}
        assert RULES[KINDS[name]].roles == may, name


_COUNTER = {"counter_inputs", "ratings_inputs"}


def test_every_input_of_people_is_judged_here_or_at_the_counter() -> None:
    kinds = {one for one in typing.get_args(Input) if hasattr(one, "by")}
    at_counter = {one for one in kinds if one.__module__.split(".")[-1] in _COUNTER}
    assert kinds - at_counter == set(RULES)
    assert COUNTER_ROLES
    assert JoinBulk not in RULES, "the order inside it is judged"


@pytest.mark.parametrize(
    ("name", "role", "letter"), CELLS, ids=[f"{name}-{role}" for name, role, _ in CELLS]
)
def test_each_role_may_do_its_own_and_nothing_else(
    begin: Callable[..., Any], name: str, role: Role, letter: str
) -> None:
    life = begin()
    life.give(mandate())
    kind = KINDS[name]
    more: dict[str, Any] = {"mandate": mandate()} if kind is OpenCase else {}
    if kind is RefuseConsent:
        own = WHO[role].id if role is Role.PARTY else "applicant.region-1"
        more = {"consent_id": own}
    given = given_by(kind, WHO[role], **more)
    case = None if kind is OpenCase else life.case
    if letter in {"-", "g"}:
        with pytest.raises(NotAllowedError) as raised:
            refuse_actor(case, given)
        assert raised.value.code == "not_allowed"
    else:
        refuse_actor(case, given)


def test_the_applicant_takes_back_the_own_consent_and_nobody_elses(begin: Any) -> None:
    case = begin().case
    own = {"consent_id": "applicant.region-1"}
    refuse_actor(case, given_by(WithdrawConsent, APPLICANT, **own))
    for kind, by, more in (
        (WithdrawConsent, APPLICANT, {}),
        (WithdrawConsent, Actor.party("other_parent"), own),
        (RefuseConsent, APPLICANT, {}),
        (RefuseConsent, Actor.party("other_parent"), own),
        (RefuseConsent, Actor.party("landlord"), {}),
    ):
        with pytest.raises(NotAllowedError):
            refuse_actor(case, given_by(kind, by, **more))


@pytest.mark.parametrize(
    "why", ["", "   ", "x" * 501, "call 13800000000", "990101198501011013", "\ud800"]
)
def test_who_acts_in_office_says_why_and_names_nobody(begin: Any, why: str) -> None:
    case = begin().case
    for kind in (Resume, AskWithdrawal):
        with pytest.raises(NotAllowedError) as raised:
            refuse_actor(case, given_by(kind, Actor.operator("op-7"), why=why))
        assert "13800000000" not in str(raised.value)
    if not why.strip():
        refuse_actor(case, given_by(AskWithdrawal, APPLICANT, why=why))


AGENT = Actor.agent("ag-3", mandate="m1")


def ask(at: datetime, by: Actor = AGENT) -> AskWithdrawal:
    return AskWithdrawal(at=at, sub_case_ids=("permit",), by=by)


def test_an_agent_acts_under_the_mandate(begin: Any, hour: Any) -> None:
    life = begin()
    with pytest.raises(NotAllowedError, match="no mandate of that id"):
        life.give(ask(hour("09-29")))
    life.give(dataclasses.replace(mandate(), at=hour("09-28")))
    life.give(ask(hour("09-29")))
    assert life.case.withdrawal_by == AGENT


@pytest.mark.parametrize(
    ("limits", "by_and_said"),
    [
        ({"sub_case_ids": ("other",)}, (AGENT, "for other only")),
        ({"actions": ("supplement",)}, (AGENT, "for supplement only")),
        ({"until": date(2026, 9, 28)}, (AGENT, "has ended")),
        ({}, (Actor.agent("ag-4", mandate="m1"), "another agent's")),
        ({}, (Actor.agent("ag-3", mandate="m2"), "no mandate of that id")),
    ],
)
def test_outside_the_mandate_an_agent_is_refused_with_the_reason(
    begin: Any, step: Any, hour: Any, limits: Any, by_and_said: tuple[Actor, str]
) -> None:
    by, said = by_and_said
    life = begin(step("permit"), step("other"))
    life.give(dataclasses.replace(mandate(), at=hour("09-28"), **limits))
    with pytest.raises(NotAllowedError, match=said):
        life.give(ask(hour("09-29"), by))
    assert life.kinds()[-1] == "mandate_given", "nothing was recorded"


def test_the_whole_case_is_more_than_a_part_of_it(begin: Any, step: Any, hour: Any) -> None:
    life = begin(step("permit"), step("other"))
    life.give(dataclasses.replace(mandate(), at=hour("09-28"), sub_case_ids=("permit",)))
    with pytest.raises(NotAllowedError, match="for permit only"):
        life.give(AskWithdrawal(at=hour("09-29"), by=AGENT))


def test_a_mandate_ends_when_taken_back_laid_down_or_over(begin: Any, hour: Any) -> None:
    life = begin()
    for number, end in enumerate(("revoked", "renounced", "expired"), 1):
        name = f"m{number}"
        until = date(2026, 9, 30) if end == "expired" else None
        life.give(dataclasses.replace(mandate(), at=hour("09-28"), mandate_id=name, until=until))
        by = {"revoked": APPLICANT, "renounced": Actor.agent("ag-3", mandate=name)}.get(end)
        if by is None:
            assert life.wait("09-30", 23) == ()
            life.wait("10-01")
        else:
            life.give(EndMandate(at=hour("09-29"), mandate_id=name, by=by))
        ended = life.case.people.mandate(name)
        assert (ended.end, ended.ended_at is not None) == (end, True)
        with pytest.raises(NotAllowedError, match="has ended"):
            life.give(ask(hour("10-08"), Actor.agent("ag-3", mandate=name)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"agent": "13800000000"},
        {"agent": "Wang Wei"},
        {"mandate_id": "王"},
        {"actions": ("adopt",)},
        {"actions": ("give_mandate",)},
        {"sub_case_ids": ("nothing",)},
        {"until": date(2026, 9, 27)},
    ],
)
def test_a_mandate_that_is_none_is_refused(begin: Any, hour: Any, wrong: Any) -> None:
    life = begin()
    with pytest.raises(IllegalInputError):
        life.give(dataclasses.replace(mandate(), at=hour("09-28"), **wrong))


CLERK, OPERATOR = Actor.clerk("w-12"), Actor.operator("op-7")
MANDATE = {"sub_case_ids": ("sign", "permit"), "actions": ("withdraw", "supplement")}


@pytest.mark.parametrize(
    ("kind", "by", "more", "told"),
    [
        (Resume, CLERK, {}, "resume: not in the role window_clerk; it is for operator"),
        (
            GiveMandate,
            OPERATOR,
            {},
            "give_mandate: not in the role operator; it is for applicant, window_clerk",
        ),
        (Resume, OPERATOR, {"why": " "}, "operator acts: say why; the reason is recorded"),
        (
            AskWithdrawal,
            APPLICANT,
            {"why": "x" * 501},
            "why: at most 500 characters; keep the paper, and name its number",
        ),
        (
            AskWithdrawal,
            APPLICANT,
            {"why": "tel. 138 0000 0000"},
            "why: a number that long may be a person's; the journal names nobody",
        ),
        (
            AskWithdrawal,
            Actor.agent("ag-3", mandate="m9"),
            {},
            "withdraw: the case holds no mandate of that id; have the applicant give one",
        ),
        (
            AskWithdrawal,
            Actor.agent("ag-4", mandate="m1"),
            {},
            "withdraw: the mandate m1 is another agent's",
        ),
        (
            EndMandate,
            AGENT,
            {"mandate_id": "m2"},
            "an agent lays down the own mandate only",
        ),
        (
            GiveConsent,
            AGENT,
            {},
            "an agent hands consents in with the form; later the party or a window gives them",
        ),
        (FileAgain, AGENT, {}, "file_again: the mandate m1 is for withdraw, supplement only"),
        (AskWithdrawal, AGENT, {}, "withdraw: the mandate m1 is for sign, permit only"),
        (
            AskWithdrawal,
            AGENT,
            {"sub_case_ids": ("permit", "other")},
            "withdraw: the mandate m1 is for sign, permit only",
        ),
        (
            SupplementGiven,
            AGENT,
            {"sub_case_id": "other"},
            "supplement: the mandate m1 is for sign, permit only",
        ),
        (
            WithdrawConsent,
            Actor.party("neighbour"),
            {},
            "a party gives and takes back the own consent only",
        ),
        (
            GiveConsent,
            Actor.party("neighbour"),
            {},
            "a party gives and takes back the own consent only",
        ),
    ],
)
def test_who_may_not_is_told_why_and_what_would_help(
    begin: Any, step: Any, *, kind: type, by: Actor, more: Any, told: str
) -> None:
    life = begin(step("permit"), step("sign"), step("other"))
    life.give(mandate(**MANDATE))
    with pytest.raises(NotAllowedError) as raised:
        refuse_actor(life.case, given_by(kind, by, **more))
    assert str(raised.value) == told
    assert raised.value.status == str(life.case.status)


def test_what_a_mandate_covers_an_agent_may_do(begin: Any, step: Any) -> None:
    life = begin(step("permit"), step("sign"), step("other"))
    life.give(mandate(**MANDATE))
    refuse_actor(life.case, given_by(SupplementGiven, AGENT, sub_case_id="permit"))
    refuse_actor(life.case, given_by(AskWithdrawal, AGENT, sub_case_ids=("sign", "permit")))
    refuse_actor(life.case, given_by(EndMandate, AGENT, mandate_id="m1"))
    refuse_actor(life.case, given_by(AskWithdrawal, APPLICANT, why="x" * 500))
    refuse_actor(life.case, given_by(AskWithdrawal, APPLICANT, why="paper 123456789"))


def test_a_case_is_opened_under_the_mandate_that_comes_with_it() -> None:
    until = date(2026, 9, 28)
    for handed, told in (
        (
            None,
            "open: no mandate comes with it; an agent hands in with `authority=`, without `by=`",
        ),
        (mandate(mandate_id="m2"), "open: the case holds no mandate of that id; have the applic"),
        (mandate(agent="ag-4"), "open: the mandate m1 is another agent's"),
        (mandate(until=until), "open: the mandate m1 has ended; have the applicant give another"),
        (mandate(actions=("withdraw",)), "open: the mandate m1 is for withdraw only"),
    ):
        with pytest.raises(NotAllowedError) as raised:
            refuse_actor(None, given_by(OpenCase, AGENT, mandate=handed))
        assert str(raised.value).startswith(told)
        assert raised.value.status == "none"
    refuse_actor(None, given_by(OpenCase, AGENT, mandate=mandate(sub_case_ids=("permit",))))
    refuse_actor(None, given_by(OpenCase, AGENT, mandate=mandate(actions=("open",))))


def test_an_order_beside_the_case_is_an_operators_with_a_reason() -> None:
    refuse_order(OPERATOR, WHY)
    for by, why, told in (
        (CLERK, WHY, "not in the role window_clerk; for operators"),
        (OPERATOR, "", "operator acts: say why; the reason is recorded"),
    ):
        with pytest.raises(NotAllowedError) as raised:
            refuse_order(by, why)
        assert (str(raised.value), raised.value.status) == (told, "none")


def test_a_mandate_is_for_what_may_be_left_to_others() -> None:
    assert {str(one) for one in MANDATED} == {
        "open",
        "supplement",
        "withdraw",
        "file_again",
        "fresh_bundle",
    }
    assert {FileAgain, SupplementGiven, AskWithdrawal} <= set(RULES)
    assert {GiveConsent, WithdrawConsent} <= set(RULES)
