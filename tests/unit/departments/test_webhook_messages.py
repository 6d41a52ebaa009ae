"""Notifications as bytes: what a receiver takes for true, and what never passes for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.departments import (
    CALLBACK_TAG,
    REQUEST_TAG,
    CaseNews,
    EcdsaEventKey,
    Ed25519EventKey,
    EventKey,
    MessageSigner,
    Notification,
    VerifyingKey,
    notification_json,
    parse_notification,
    verify_notification,
)
from oneservice.departments.webhook_messages import MAX_NEWS
from oneservice.departments.wire import content_digest
from oneservice.errors import ProtocolProblemError

URL = "https://records.example/hooks/oneservice"
NOW = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY = Ed25519EventKey.generate("records-1")
ids = st.from_regex(r"[A-Za-z0-9._-]{1,32}", fullmatch=True)
instants = st.datetimes(min_value=datetime(2026, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis adds the zone
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
news = st.builds(
    CaseNews,
    position=st.integers(1, 2**53 - 1),
    case_id=ids,
    seq=st.integers(1, 2**53 - 1),
    at=instants,
    kind=ids,
    status=st.none() | ids,
)


def public(key: EventKey) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


def some(count: int = 2) -> Notification:
    return Notification(
        subscription="records",
        changes=tuple(
            CaseNews(position=7 + n, case_id=f"c{n}", seq=1, at=NOW, kind="case_opened")
            for n in range(count)
        ),
    )


def signed(body: bytes, *, key: EventKey = KEY, url: str = URL, tag: str = CALLBACK_TAG) -> Any:
    headers = {"OneService-Version": "1.0", "Content-Digest": content_digest(body)}
    signer = MessageSigner(key=key, tag=tag)
    return headers | dict(signer.headers(method="POST", url=url, headers=headers, created_at=NOW))


def problem(headers: dict[str, str], body: bytes, **changed: Any) -> str:
    given = {"url": URL, "now": NOW} | changed
    keys = given.pop("keys", [public(KEY)])
    with pytest.raises(ProtocolProblemError) as caught:
        verify_notification(headers, body, keys, **given)
    return caught.value.problem


@given(st.lists(news, max_size=20, unique_by=lambda one: one.position))
def test_what_is_written_is_read(found: list[CaseNews]) -> None:
    found.sort(key=lambda one: one.position)
    told = Notification(subscription="s-1", changes=tuple(found))
    assert parse_notification(notification_json(told)) == told


@pytest.mark.parametrize("kind", [Ed25519EventKey, EcdsaEventKey])
def test_a_notification_is_taken_under_either_key_of_a_rotation(kind: Any) -> None:
    fresh = kind.generate("records-2")
    body = notification_json(some())
    for key in (KEY, fresh):
        keys = [public(KEY), public(fresh)]
        assert verify_notification(signed(body, key=key), body, keys, url=URL, now=NOW) == some()
    upper = {name.upper(): value for name, value in signed(body).items()}
    assert verify_notification(upper, body, [public(KEY)], url=URL, now=NOW) == some()


@given(st.data())
def test_no_flipped_bit_passes(data: st.DataObject) -> None:
    body = notification_json(some())
    headers = signed(body)
    place = data.draw(st.sampled_from(["body", *headers]))
    if place == "body":
        at = data.draw(st.integers(0, len(body) * 8 - 1))
        flipped = bytearray(body)
        flipped[at // 8] ^= 1 << at % 8
        assert problem(headers, bytes(flipped)) == "digest-mismatch"
        return
    value = headers[place]
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.sampled_from("AZaz09+/=:;\"' ").filter(lambda one: one != value[at]))
    changed = headers | {place: value[:at] + other + value[at + 1 :]}
    # The name of the label, and blanks between parameters, are outside of what is signed.
    try:
        told = verify_notification(changed, body, [public(KEY)], url=URL, now=NOW)
    except ProtocolProblemError:
        return
    assert told == some()


def test_what_is_no_notification_for_us_is_refused() -> None:
    body = notification_json(some())
    good = signed(body)
    assert problem({}, body) == "signature-missing"
    assert problem(good, body, url="https://other.example/hooks/oneservice") == "signature-invalid"
    assert problem(good, body, url=URL + "/more") == "signature-invalid"
    assert problem(good, body, now=NOW + timedelta(seconds=361)) == "clock-skew"
    assert problem(good, body, now=NOW - timedelta(seconds=61)) == "clock-skew"
    assert problem(good, body, keys=[]) == "unknown-key"
    assert problem(good, body, keys=[public(Ed25519EventKey.generate(KEY.keyid))]) == (
        "signature-invalid"
    )
    assert problem(signed(body, tag=REQUEST_TAG), body) == "signature-invalid"


BAD: list[Any] = [
    {},
    {"changes": []},
    {"subscription": "s"},
    {"subscription": "s", "changes": {}},
    {"subscription": "s", "changes": [{"position": 0}]},
    {"subscription": "s", "changes": [1]},
]


@pytest.mark.parametrize("document", BAD)
def test_a_signed_body_of_another_shape_is_malformed(document: Any) -> None:
    body = json.dumps(document).encode()
    assert problem(signed(body), body) == "malformed"


def test_entries_stand_in_order_and_are_bounded() -> None:
    one, two = json.loads(notification_json(some()))["changes"]
    for changes in ([two, one], [one, one], [one] * (MAX_NEWS + 1)):
        body = json.dumps({"subscription": "records", "changes": changes}).encode()
        assert problem(signed(body), body) == "malformed"
    most = notification_json(some(MAX_NEWS + 1))
    assert len(parse_notification(most).changes) == MAX_NEWS
    assert problem({}, b"x" * 2**20) == "signature-missing"
    huge = b" " * 300_000
    assert problem(signed(huge), huge) == "too-large"


def test_unknown_members_are_ignored_and_what_came_twice_is_left_out() -> None:
    document = json.loads(notification_json(some(3))) | {"later": 1}
    document["changes"][0]["x"] = {"y": 1}
    told = parse_notification(json.dumps(document).encode())
    assert told == some(3)
    assert [one.position for one in told.after(7)] == [8, 9]
    assert told.after(9) == ()
