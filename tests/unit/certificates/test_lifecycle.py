"""Every state against every operation, and what no history may bring about."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.certificates import (
    TRANSITIONS,
    Act,
    CertificateRecord,
    CertificateState,
    LifeState,
    Operation,
    next_version,
    operate,
    published_state,
)
from oneservice.errors import IdentifierError, IllegalInputError

FIRST = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3"
SECOND = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.002.1"
AWAY = "1.2.156.3005.2.11990000MB9900013U001.11980201MB9800020M.JY29802010000007.001."
DAY = datetime(2026, 10, 14, tzinfo=UTC)
END = DAY + timedelta(days=365)
LATE = END + timedelta(seconds=1)
LEGAL = {
    ("valid", "renew"): "04",
    ("valid", "change"): "04",
    ("valid", "hold"): "02",
    ("valid", "expire"): "05",
    ("valid", "cancel"): "04",
    ("valid", "revoke"): "03",
    ("valid", "withdraw"): "07",
    ("valid", "transfer_out"): "06",
    ("valid", "other"): "99",
    ("held", "release"): "01",
    ("held", "expire"): "05",
    ("held", "cancel"): "04",
    ("held", "revoke"): "03",
    ("held", "withdraw"): "07",
    ("held", "other"): "99",
    ("other", "release"): "01",
    ("other", "expire"): "05",
    ("other", "cancel"): "04",
    ("other", "revoke"): "03",
    ("other", "withdraw"): "07",
    ("revoked", "cancel"): "04",
    ("withdrawn", "cancel"): "04",
    ("expired", "cancel"): "04",
    ("expired", "revoke"): "03",
    ("transferred", "undo_transfer"): "01",
}
"""Written out by hand, apart from the table of the code: all that is not here is refused."""


def record(state: LifeState = LifeState.VALID, **more: Any) -> CertificateRecord:
    return CertificateRecord(id=FIRST, state=state, valid_until=END, **more)


def act(operation: Operation, **more: Any) -> Act:
    at = LATE if operation is Operation.EXPIRE else DAY
    names = operation in (Operation.NEW, Operation.RENEW, Operation.CHANGE, Operation.TRANSFER_IN)
    return Act(**{"operation": operation, "at": at, "id": SECOND if names else None, **more})


@pytest.mark.parametrize(
    ("state", "operation"), list(itertools.product(LifeState, Operation)), ids=str
)
def test_every_pair_is_in_the_table_or_refused(state: LifeState, operation: Operation) -> None:
    due = LEGAL.get((state.name.lower(), operation.value))
    if due is None:
        with pytest.raises(IllegalInputError) as caught:
            operate(record(state), act(operation))
        assert caught.value.status == state.value
        return
    after = operate(record(state), act(operation))
    assert after[0].state == due
    assert after[0].id == FIRST


def test_the_codes_are_those_of_the_registers() -> None:
    assert sorted(LifeState) == ["01", "02", "03", "04", "05", "06", "07", "99"]
    assert set(TRANSITIONS) == {None, *LifeState}


@pytest.mark.parametrize("operation", Operation, ids=str)
def test_only_new_and_transfer_in_begin(operation: Operation) -> None:
    if operation is Operation.NEW:
        (begun,) = operate(None, act(operation, valid_until=END))
        assert begun == CertificateRecord(id=SECOND, state=LifeState.VALID, valid_until=END)
        return
    with pytest.raises(IllegalInputError):
        operate(None, act(operation))


@pytest.mark.parametrize("operation", [Operation.RENEW, Operation.CHANGE])
def test_a_change_goes_on_as_the_next_version(operation: Operation) -> None:
    assert next_version(FIRST) == SECOND
    old, new = operate(record(), act(operation, valid_until=LATE))
    assert (old.state, old.successor) == (LifeState.CANCELLED, SECOND)
    assert (new.state, new.predecessor, new.valid_until) == (LifeState.VALID, FIRST, LATE)


@pytest.mark.parametrize("identifier", [FIRST, next_version(SECOND), "urn:other:2"])
def test_no_version_is_left_out_and_no_serial_changed(identifier: str) -> None:
    with pytest.raises(IdentifierError):
        operate(record(), act(Operation.CHANGE, id=identifier))


def test_identifiers_of_another_kind_only_have_to_differ() -> None:
    foreign = CertificateRecord(id="urn:x:1", state=LifeState.VALID)
    _, new = operate(foreign, act(Operation.RENEW, id="urn:x:2"))
    assert new.predecessor == "urn:x:1"
    with pytest.raises(IdentifierError):
        operate(foreign, act(Operation.RENEW, id="urn:x:1"))


@pytest.mark.parametrize(
    "operation", [Operation.NEW, Operation.RENEW, Operation.CHANGE, Operation.TRANSFER_IN]
)
def test_what_begins_has_a_name(operation: Operation) -> None:
    given = None if operation in (Operation.NEW, Operation.TRANSFER_IN) else record()
    with pytest.raises(IllegalInputError, match="identifier"):
        operate(given, act(operation, id=None))


def test_the_calendar_binds() -> None:
    with pytest.raises(IllegalInputError, match="not passed"):
        operate(record(), Act(operation=Operation.EXPIRE, at=END))
    for state, operation in (
        (LifeState.VALID, Operation.RENEW),
        (LifeState.VALID, Operation.CHANGE),
        (LifeState.HELD, Operation.RELEASE),
        (LifeState.OTHER, Operation.RELEASE),
        (LifeState.TRANSFERRED, Operation.UNDO_TRANSFER),
    ):
        with pytest.raises(IllegalInputError, match="apply for a new one"):
            operate(record(state), act(operation, at=LATE))
    endless = CertificateRecord(id=FIRST, state=LifeState.VALID)
    with pytest.raises(IllegalInputError, match="not passed"):
        operate(endless, Act(operation=Operation.EXPIRE, at=LATE))


def test_a_transfer_names_both_sides() -> None:
    (gone,) = operate(record(), act(Operation.TRANSFER_OUT))
    assert gone.state is LifeState.TRANSFERRED
    moved = act(Operation.TRANSFER_IN, id="urn:b:1", counterpart=gone, valid_until=END)
    left, arrived = operate(None, moved)
    assert (left.successor, arrived.predecessor) == ("urn:b:1", FIRST)
    assert [one.state for one in (left, arrived)] == [LifeState.TRANSFERRED, LifeState.VALID]


@pytest.mark.parametrize(
    ("counterpart", "identifier"),
    [
        (None, "urn:b:1"),
        (record(), "urn:b:1"),
        (record(LifeState.CANCELLED), "urn:b:1"),
        (record(LifeState.TRANSFERRED, successor="urn:c:1"), "urn:b:1"),
        (record(LifeState.TRANSFERRED), FIRST),
    ],
    ids=["nobody", "still valid", "cancelled", "went elsewhere", "same name"],
)
def test_nothing_comes_in_that_did_not_go_out(
    counterpart: CertificateRecord | None, identifier: str
) -> None:
    with pytest.raises(IllegalInputError):
        operate(None, act(Operation.TRANSFER_IN, id=identifier, counterpart=counterpart))


def test_what_counts_elsewhere_is_not_taken_back() -> None:
    gone = record(LifeState.TRANSFERRED, successor="urn:b:1")
    elsewhere = CertificateRecord(id="urn:b:1", state=LifeState.VALID, predecessor=FIRST)
    wrong = CertificateRecord(id="urn:b:2", state=LifeState.CANCELLED)
    for shown in (None, elsewhere, wrong):
        with pytest.raises(IllegalInputError, match="must end first"):
            operate(gone, act(Operation.UNDO_TRANSFER, counterpart=shown))
    (ended,) = operate(elsewhere, Act(operation=Operation.CANCEL, at=DAY))
    (back,) = operate(gone, act(Operation.UNDO_TRANSFER, counterpart=ended))
    assert (back.state, back.successor) == (LifeState.VALID, None)


def test_what_lists_say_of_each_state() -> None:
    said = {state.value: published_state(state) for state in LifeState}
    good, held, gone = (
        CertificateState.GOOD,
        CertificateState.SUSPENDED,
        CertificateState.REVOKED,
    )
    assert said == {
        "01": good,
        "05": good,
        "02": held,
        "99": held,
        "03": gone,
        "04": gone,
        "06": gone,
        "07": gone,
    }
