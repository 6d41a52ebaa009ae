"""Who acts: roles, opaque ids, and what a journal says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.case import APPLICANT, ENGINE, Actor, Role
from oneservice.errors import IdentifierError

WRITTEN = [
    (APPLICANT, "applicant"),
    (ENGINE, "engine"),
    (Actor.operator("op-7"), "operator:op-7"),
    (Actor.clerk("w.12"), "window_clerk:w.12"),
    (Actor.officer("7"), "officer:7"),
    (Actor.party("other_parent"), "party:other_parent"),
    (Actor.agent("ag-3", mandate="m1"), "agent:ag-3/m1"),
]


@pytest.mark.parametrize(("actor", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_an_actor_is_one_text_and_comes_back_from_it(actor: Actor, text: str) -> None:
    assert str(actor) == actor.as_json() == text
    assert Actor.parse(text) == Actor.from_json(text) == actor


@pytest.mark.parametrize(
    "staff_id",
    [
        "",
        "Wang Wei",
        "王伟",
        "wang",
        "wang-wei",
        "13800000000",
        "138-0000-0000",
        "8613800000000",
        "0990-1234567",
        "990101198501011013",
        "990101-19850101-1013",
        "99010119850101101x",
        "op-990101198501011013",
        "op 7",
        "op/7",
        "op:7",
        "7" * 49,
        "-7",
        "7\n",
    ],
)
def test_what_may_be_a_person_is_no_id_and_is_not_repeated(staff_id: str) -> None:
    with pytest.raises(IdentifierError) as raised:
        Actor.operator(staff_id)
    if len(staff_id) > 3:
        assert staff_id not in str(raised.value)


@pytest.mark.parametrize(
    ("role", "members"),
    [
        (Role.APPLICANT, {"id": "a-1"}),
        (Role.ENGINE, {"id": "e-1"}),
        (Role.AGENT, {"id": "ag-1"}),
        (Role.AGENT, {"id": "ag-1", "mandate": "m/1"}),
        (Role.OPERATOR, {"id": "op-1", "mandate": "m1"}),
        (Role.PARTY, {"id": "另一方"}),
    ],
)
def test_a_role_has_the_members_that_it_needs(role: Role, members: dict[str, str]) -> None:
    with pytest.raises(IdentifierError):
        Actor(role=role, **members)


@pytest.mark.parametrize("text", ["", "boss:op-7", "operator", "op-7", "unstated:op-7", "agent:a1"])
def test_what_is_no_actor_cannot_be_parsed(text: str) -> None:
    with pytest.raises(IdentifierError):
        Actor.parse(text)


@given(st.text(max_size=30))
def test_whatever_a_history_says_is_read_and_written_back(text: str) -> None:
    assert Actor.from_json(text).as_json() == text


def test_an_id_of_the_first_histories_has_no_role() -> None:
    old = Actor.from_json("operator-7")
    assert (old.role, old.id, old.as_json()) == (Role.UNSTATED, "operator-7", "operator-7")
