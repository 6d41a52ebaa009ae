"""What may happen to a submission: every type in every state, against a table typed from the text.

The table below is written from protocol section 6 by hand, and shares nothing with the code.
"""

from __future__ import annotations

import base64
import dataclasses
import itertools
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from oneservice.canonical import Digest, digest
from oneservice.case import (
    ENDED,
    OPEN,
    REQUIRED_DATA,
    TRANSITIONS,
    DepartmentEvent,
    EventSignature,
    EventType,
    Submission,
    SubmissionState,
    advance,
    event_digest,
    fold,
    signing_input,
)
from oneservice.errors import IllegalInputError

ID = "c42.food_permit.1"
SHA = "sha256:" + "6" * 64
TEXT = [{"zh": "缺", "en": "missing"}]

# What each type must say, in a form that fits the histories below.
DATA: dict[str, dict[str, Any]] = {
    "received": {"receipt_no": "SJ-1", "request_digest": SHA},
    "accepted": {"acceptance_no": "SL-1", "promised_working_days": 8, "how": "explicit"},
    "not_accepted": {"reasons": TEXT, "remedies": TEXT},
    "correction_requested": {
        "correction_id": "k1",
        "items": [{"material": "m_layout"}],
        "is_complete_list": True,
        "due_on": "2026-12-01",
    },
    "correction_received": {"correction_id": "k1", "supplement_id": "s1", "request_digest": SHA},
    "suspended": {
        "kind": "inspection",
        "by_law": "45",
        "notice_no": "TB-1",
        "expected_until": "2026-12-01",
    },
    "resumed": {"result": "passed"},
    "extended": {"working_days": 10, "reason": "r", "approved_by": "a", "notice_no": "n"},
    "progress": {"label": {"en": "on site"}, "is_public": True},
    "granted": {"outcome": {"number": "JY1"}},
    "granted_pending_material": {"pending": [{"material": "m_health", "until": "2026-12-01"}]},
    "material_received": {"supplement_id": "s2", "outcome": {"number": "JY1"}},
    "refused": {"reasons": TEXT, "remedies": TEXT},
    "withdrawal_requested": {"withdrawal_id": "w1", "request_digest": SHA},
    "withdrawal_refused": {"withdrawal_id": "w1", "reasons": TEXT},
    "withdrawn": {"withdrawal_id": "w1"},
    "lapsed": {"reason": "late", "correction_id": "k1", "materials": ["m_health"]},
    "result_replaced": {"outcome": {"number": "JY2"}},
    "result_revoked": {"reason": "r", "by_law": "69", "effective_at": "2026-12-01T00:00:00Z"},
}

# One history for each state; a correction stands before or after acceptance.
HISTORIES: dict[str, tuple[str, ...]] = {
    "none": (),
    "received": ("received",),
    "accepted": ("received", "accepted"),
    "correction (before)": ("received", "correction_requested"),
    "correction (after)": ("received", "accepted", "correction_requested"),
    "suspended": ("received", "accepted", "suspended"),
    "granted_pending_material": ("received", "accepted", "granted_pending_material"),
    "granted": ("received", "accepted", "granted"),
    "refused": ("received", "accepted", "refused"),
    "not_accepted": ("received", "not_accepted"),
    "withdrawn": ("received", "withdrawn"),
    "lapsed": ("received", "correction_requested", "lapsed"),
}
BEFORE, AFTER = "correction (before)", "correction (after)"
FOUR_OPEN = ("received", "accepted", BEFORE, AFTER, "suspended")

# Protocol section 6, column by column: type, states in which it is allowed, next state.
PROTOCOL: dict[str, dict[str, str]] = {
    "received": {"none": "received"},
    "accepted": {"received": "accepted", BEFORE: "accepted"},
    "not_accepted": {"received": "not_accepted", BEFORE: "not_accepted"},
    "correction_requested": {
        "received": "correction_requested",
        "accepted": "correction_requested",
    },
    "correction_received": {BEFORE: "received", AFTER: "accepted"},
    "suspended": {"accepted": "suspended"},
    "resumed": {"suspended": "accepted"},
    "extended": {"accepted": "accepted"},
    "progress": {
        "received": "received",
        "accepted": "accepted",
        BEFORE: "correction_requested",
        AFTER: "correction_requested",
        "suspended": "suspended",
    },
    "granted": {"accepted": "granted"},
    "granted_pending_material": {"accepted": "granted_pending_material"},
    "material_received": {"granted_pending_material": "granted"},
    "refused": {"accepted": "refused", AFTER: "refused"},
    "withdrawal_requested": {
        "received": "received",
        "accepted": "accepted",
        BEFORE: "correction_requested",
        AFTER: "correction_requested",
        "suspended": "suspended",
    },
    "withdrawal_refused": {},  # any open, one pending: see its own test
    "withdrawn": dict.fromkeys(FOUR_OPEN, "withdrawn"),
    "lapsed": {BEFORE: "lapsed", AFTER: "lapsed", "granted_pending_material": "lapsed"},
    "result_replaced": {"granted": "granted"},
    "result_revoked": {"granted": "granted"},
}


def event(after: Submission, kind: str, /, **data: Any) -> DepartmentEvent:
    made = DepartmentEvent(
        submission_id=after.submission_id,
        seq=after.seq + 1,
        type=kind,
        at="2026-11-21T01:00:00Z",
        recorded_at="2026-11-21T01:00:00Z",
        department="market-regulation",
        data=DATA.get(kind, {}) | data,
        prev=after.head,
        digest=Digest(SHA),
    )
    return dataclasses.replace(made, digest=event_digest(made))


def history(*kinds: str) -> Submission:
    submission = Submission(submission_id=ID)
    for kind in kinds:
        submission = advance(submission, event(submission, kind))
    return submission


# --- the table --------------------------------------------------------------------------------


def test_the_texts_of_table_and_code_name_the_same_things() -> None:
    assert set(PROTOCOL) == set(DATA) == {kind.value for kind in EventType}
    assert set(TRANSITIONS) == set(REQUIRED_DATA) == set(EventType)
    reached = {history(*kinds).state for kinds in HISTORIES.values()}
    assert reached == {None, *SubmissionState}


@pytest.mark.parametrize(("kind", "name"), list(itertools.product(PROTOCOL, HISTORIES)), ids=str)
def test_every_type_in_every_state(kind: str, name: str) -> None:
    before = history(*HISTORIES[name])
    given = event(before, kind)
    expected = PROTOCOL[kind].get(name)
    if expected is None:
        with pytest.raises(IllegalInputError) as caught:
            advance(before, given)
        assert caught.value.status == (before.state or "none")
        assert ID in str(caught.value)
    else:
        after = advance(before, given)
        assert after.state == expected
        assert (after.seq, after.head) == (before.seq + 1, given.digest)


@pytest.mark.parametrize("name", FOUR_OPEN)
def test_a_withdrawal_is_refused_only_while_it_is_pending(name: str) -> None:
    before = history(*HISTORIES[name])
    asked = advance(before, event(before, "withdrawal_requested"))
    assert asked.withdrawal_id == "w1"
    with pytest.raises(IllegalInputError, match="no such withdrawal"):
        advance(asked, event(asked, "withdrawal_refused", withdrawal_id="w2"))
    refused = advance(asked, event(asked, "withdrawal_refused"))
    assert (refused.state, refused.withdrawal_id) == (before.state, None)
    with pytest.raises(IllegalInputError):
        advance(refused, event(refused, "withdrawal_refused"))


def test_a_withdrawal_that_was_asked_for_is_named() -> None:
    asked = history("received", "withdrawal_requested")
    for data in ({"withdrawal_id": "w2"}, {"withdrawal_id": None}):
        with pytest.raises(IllegalInputError, match="withdrawal"):
            advance(asked, event(asked, "withdrawn", **data))
    assert advance(asked, event(asked, "withdrawn")).state == "withdrawn"
    received = history("received")
    unasked = event(received, "withdrawn", withdrawal_id=None)
    assert advance(received, unasked).state == "withdrawn"


def test_open_and_ended_states() -> None:
    assert {state.value for state in OPEN} == {
        "received",
        "accepted",
        "correction_requested",
        "suspended",
    }
    assert {state.value for state in ENDED} == {
        "granted",
        "refused",
        "not_accepted",
        "withdrawn",
        "lapsed",
    }
    for kinds in HISTORIES.values():
        submission = history(*kinds)
        assert submission.is_open == (submission.state in OPEN)
        assert submission.has_ended == (submission.state in ENDED)


# --- what is open in it -----------------------------------------------------------------------


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_an_answer_must_be_to_the_open_correction(name: str) -> None:
    before = history(*HISTORIES[name])
    assert before.correction_id == "k1"
    with pytest.raises(IllegalInputError, match="another correction"):
        advance(before, event(before, "correction_received", correction_id="k0"))
    answered = advance(before, event(before, "correction_received"))
    assert answered.correction_id is None
    again = advance(answered, event(answered, "correction_requested", correction_id="k2"))
    assert again.correction_id == "k2"


def test_a_lapse_says_what_did_not_come() -> None:
    asked = history(*HISTORIES[BEFORE])
    with pytest.raises(IllegalInputError, match="correction_id or materials"):
        advance(asked, event(asked, "lapsed", correction_id=None, materials=None))
    with pytest.raises(IllegalInputError, match="correction_id or materials"):
        advance(asked, event(asked, "lapsed", correction_id=None, materials=[]))
    with pytest.raises(IllegalInputError, match="another correction"):
        advance(asked, event(asked, "lapsed", correction_id="k0"))
    promised = history(*HISTORIES["granted_pending_material"])
    assert advance(promised, event(promised, "lapsed", correction_id=None)).state == "lapsed"


def test_a_limit_is_extended_once() -> None:
    extended = history("received", "accepted", "extended")
    assert extended.was_extended
    with pytest.raises(IllegalInputError, match="once only"):
        advance(extended, event(extended, "extended"))
    resumed = history("received", "accepted", "extended", "suspended", "resumed")
    with pytest.raises(IllegalInputError, match="once only"):
        advance(resumed, event(resumed, "extended"))


def test_suspensions_and_corrections_may_come_again() -> None:
    kinds = ("received", "correction_requested", "correction_received", "accepted")
    kinds += ("suspended", "resumed", "suspended", "resumed")
    kinds += ("correction_requested", "correction_received", "granted", "result_replaced")
    submission = history(*kinds, "result_revoked")
    assert (submission.state, submission.seq) == ("granted", len(kinds) + 1)


def test_what_was_promised_is_remembered_until_it_comes() -> None:
    promised = history("received", "accepted", "granted_pending_material")
    assert promised.pending_materials == ("m_health",)
    assert not promised.is_open
    assert not promised.has_ended
    assert advance(promised, event(promised, "material_received")).pending_materials == ()


@pytest.mark.parametrize(
    "kinds",
    [
        ("received", "correction_requested", "accepted", "granted"),
        ("received", "correction_requested", "not_accepted"),
        ("received", "accepted", "correction_requested", "refused"),
        ("received", "correction_requested", "lapsed"),
        ("received", "withdrawal_requested", "withdrawn"),
        ("received", "correction_requested", "withdrawal_requested", "withdrawn"),
        ("received", "accepted", "withdrawal_requested", "granted"),
        ("received", "accepted", "granted_pending_material", "lapsed"),
    ],
)
def test_nothing_stays_open_in_what_has_ended(kinds: tuple[str, ...]) -> None:
    ended = history(*kinds)
    assert ended.has_ended
    assert (ended.correction_id, ended.withdrawal_id, ended.pending_materials) == (None, None, ())
    assert ended.request_digest == SHA


# --- data -------------------------------------------------------------------------------------


REQUIRED = [(kind, name) for kind, names in REQUIRED_DATA.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), REQUIRED, ids=str)
def test_required_data(kind: EventType, name: str) -> None:
    allowed = PROTOCOL[kind] or {"received": "received"}
    before = history(*HISTORIES[next(iter(allowed))])
    for missing in ({name: None}, {}):
        given = event(before, kind, **missing)
        if not missing:
            rest = {key: value for key, value in given.data.items() if key != name}
            given = dataclasses.replace(given, data=rest)
        with pytest.raises(IllegalInputError, match=name):
            advance(before, given)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("received", {"request_digest": 7}),
        ("correction_requested", {"correction_id": 7}),
        ("correction_requested", {"correction_id": ["k1"]}),
        ("withdrawal_requested", {"withdrawal_id": {"a": 1}}),
        ("granted_pending_material", {"pending": 7}),
        ("granted_pending_material", {"pending": "m_health"}),
        ("granted_pending_material", {"pending": ["m_health"]}),
        ("granted_pending_material", {"pending": [{"material": 7}]}),
        ("granted_pending_material", {"pending": [{}]}),
        ("lapsed", {"correction_id": None, "materials": 7}),
        ("accepted", {"promised_working_days": "8"}),
        ("accepted", {"promised_working_days": True}),
        ("accepted", {"promised_working_days": -1}),
        ("extended", {"working_days": 3_651}),
        ("extended", {"working_days": 10**15}),
        ("granted", {"outcome": "JY1"}),
        ("correction_requested", {"items": ["m_layout"]}),
        ("correction_requested", {"is_complete_list": 1}),
        ("refused", {"reasons": "none"}),
    ],
)
def test_data_of_another_shape_is_a_refusal_and_never_a_crash(kind: str, data: dict) -> None:
    name = next(iter(PROTOCOL[kind]))
    before = history(*HISTORIES[name])
    with pytest.raises(IllegalInputError):
        advance(before, event(before, kind, **data))


@pytest.mark.parametrize("name", HISTORIES)
def test_local_types_may_appear_anywhere_and_change_nothing(name: str) -> None:
    before = history(*HISTORIES[name])
    after = advance(before, event(before, "x_anything"))
    unchanged = dataclasses.replace(after, seq=before.seq, head=before.head)
    assert unchanged == before
    assert after.seq == before.seq + 1


@pytest.mark.parametrize("kind", ["", "failed", "RECEIVED", "X_local", "granted ", "x"])
def test_any_other_type_is_refused(kind: str) -> None:
    before = history("received")
    with pytest.raises(IllegalInputError, match="unknown event type"):
        advance(before, event(before, kind))


# --- the chain --------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [-1, 0, 1, 2, 4, 10**9])
def test_a_gap_or_a_repetition_is_refused(seq: int) -> None:
    before = history("received", "accepted")
    with pytest.raises(IllegalInputError, match="does not follow 2"):
        advance(before, dataclasses.replace(event(before, "granted"), seq=seq))


def test_another_chain_is_refused() -> None:
    before = history("received", "accepted")
    for prev in (None, Digest("sha256:" + "0" * 64)):
        with pytest.raises(IllegalInputError, match="another history"):
            advance(before, dataclasses.replace(event(before, "granted"), prev=prev))
    first = Submission(submission_id=ID)
    with pytest.raises(IllegalInputError, match="another history"):
        advance(first, dataclasses.replace(event(first, "received"), prev=Digest(SHA)))


def test_an_event_of_another_submission_is_refused() -> None:
    before = history("received")
    other = dataclasses.replace(event(before, "accepted"), submission_id="c43.food_permit.1")
    with pytest.raises(IllegalInputError, match=r"belongs to c43\.food_permit\.1"):
        advance(before, other)


def test_a_fold_is_its_steps_one_by_one() -> None:
    submission, events = Submission(submission_id=ID), []
    for kind in ("received", "correction_requested", "correction_received", "accepted", "granted"):
        events.append(event(submission, kind))
        submission = advance(submission, events[-1])
    assert fold(ID, tuple(events)) == submission
    assert fold(ID, ()) == Submission(submission_id=ID)
    with pytest.raises(IllegalInputError):
        fold(ID, (events[1], events[0], *events[2:]))


# --- the vector of protocol section 17 --------------------------------------------------------

PUBLIC_KEY = Ed25519PublicKey.from_public_bytes(
    base64.b64decode("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
)
VECTOR = DepartmentEvent(
    submission_id="c42.food_permit.1",
    seq=1,
    type="received",
    at="2026-11-21T01:00:00Z",
    recorded_at="2026-11-21T01:00:00Z",
    department="330106-market-regulation",
    data={
        "receipt_no": "SJ-20261121-0007",
        "request_digest": "sha256:66fdc2a9994e36c0e42fa74235d74233e05e05f5c3158ca9a3164ddd74f25a06",
    },
    prev=None,
    digest=Digest("sha256:bbfe42d2f0d54e3a74f2d471711dabec5188d207004f0249ca384bad81714f44"),
    signatures=(
        EventSignature(
            keyid="dept-2026a",
            alg="ed25519",
            value="Zic9L26HRr+4evqmr7HMwlH8kFgMHVS4kvCBQeuhXDmpnvaeJfZRRyV5Q0zDS24c"
            "/naa7akwgjTYjLYqr/42BQ==",
        ),
    ),
)


def test_the_vector_has_its_digest_and_its_signature() -> None:
    assert event_digest(VECTOR) == VECTOR.digest
    signature = base64.b64decode(VECTOR.signatures[0].value)
    PUBLIC_KEY.verify(signature, signing_input(VECTOR.digest))
    with pytest.raises(InvalidSignature):
        PUBLIC_KEY.verify(signature, VECTOR.digest.encode("ascii"))


def test_the_vector_can_be_made_again() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert key.public_key() == PUBLIC_KEY
    signature = base64.b64encode(key.sign(signing_input(event_digest(VECTOR)))).decode("ascii")
    assert signature == VECTOR.signatures[0].value


@pytest.mark.parametrize(
    "change",
    [
        {"submission_id": "c42.food_permit.2"},
        {"seq": 2},
        {"type": "accepted"},
        {"at": "2026-11-21T01:00:00.000Z"},
        {"recorded_at": "2026-11-21T01:00:01Z"},
        {"department": "330106-fire-rescue"},
        {"data": {}},
        {"data": {**VECTOR.data, "receipt_no": "SJ-20261121-0008"}},
        {"data": {**VECTOR.data, "more": None}},
        {"prev": VECTOR.digest},
        {"extra": {"later": 1}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_changed_member_changes_the_digest(change: dict[str, Any]) -> None:
    assert event_digest(dataclasses.replace(VECTOR, **change)) != VECTOR.digest


def test_every_member_of_an_event_is_covered_but_digest_and_signatures() -> None:
    members = {field.name for field in dataclasses.fields(DepartmentEvent)}
    assert set(VECTOR.body()) == members - {"digest", "signatures", "extra"}
    assert set(VECTOR.as_json()) == members - {"extra"}
    other = dataclasses.replace(VECTOR, digest=Digest(SHA), signatures=())
    assert event_digest(other) == VECTOR.digest == digest(VECTOR.body())


def test_members_of_a_later_version_are_kept_but_never_mask_ours() -> None:
    later = dataclasses.replace(VECTOR, extra={"later": 1, "seq": 99})
    assert later.as_json()["later"] == 1
    assert later.as_json()["seq"] == 1
