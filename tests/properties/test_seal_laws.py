"""Seals, for all inputs: readers refuse with their own errors, and a book means one thing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.canonical import canonical, digest_bytes
from oneservice.certificates import (
    Approval,
    Approver,
    DetachedSignature,
    Granted,
    Mandate,
    RecordKind,
    Refused,
    SealHours,
    SealPolicy,
    SealReceipt,
    SealRecord,
    SealRequest,
    check_eseal,
    decide_use,
    dump_book,
    examine_book,
    read_book,
    read_timestamp,
    verify_book,
)
from oneservice.certificates.national import decode_sm2_key
from oneservice.errors import VerificationError
from oneservice.workdays import announced_calendar

_SEAL = "https://county.example/seals/permits"
_AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
_TEXTS = st.sampled_from(
    ["", "x", _SEAL, "990101", "food_permit", "county:registrar", "sha256:" + "0" * 64,
     "2026-09-28T01:00:00Z", "grant", "policy", "SM2-SM3", "m:1", "2026-09-28"]
)  # fmt: skip
_SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | _TEXTS | st.text(max_size=5)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def _policy(**changes: Any) -> SealPolicy:
    given: dict[str, Any] = {
        "seal_id": _SEAL,
        "name": {"en": "Permits"},
        "key_id": "https://county.example/issuer#k",
        "types": ("food_permit",),
        "regions": ("990101",),
        "requesters": ("county:registrar",),
        "approvers": (Approver(role="county:chief"),),
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return SealPolicy(**given | changes)


def _mandate() -> Mandate:
    return Mandate(
        id="m:1",
        seal_id=_SEAL,
        holder="village-clerk:1",
        granted_by="county:registrar",
        types=("food_permit",),
        regions=("990101",),
        valid_from=_AT,
        valid_until=_AT + timedelta(days=9),
    )


_WHOLE: tuple[tuple[Callable[[Any], Any], dict[str, Any]], ...] = (
    (SealPolicy.of, _policy().as_json()),
    (Mandate.of, _mandate().as_json()),
    (
        Approval.of,
        Approval(
            seal_id=_SEAL, document_digest=digest_bytes(b""), role="county:chief", at=_AT
        ).as_json(),
    ),
    (DetachedSignature.of, {"alg": "SM2-SM3", "key": "z", "value": "z"}),
    (
        SealRecord.of,
        SealRecord(
            book=_SEAL, seq=1, at=_AT, prev=None, kind=RecordKind.POLICY, data={"policy": {}}
        ).as_json(),
    ),
    (
        SealReceipt.of,
        {
            "format": "oneservice-seal-receipt/1",
            "document_digest": digest_bytes(b""),
            "salt": "s",
            "policy": _policy().as_json(),
            "approvals": [],
            "record": SealRecord(
                book=_SEAL, seq=1, at=_AT, prev=None, kind=RecordKind.GRANT, data={}
            ).as_json(),
        },
    ),
)


@pytest.mark.parametrize(
    ("read", "whole"), _WHOLE, ids=lambda one: getattr(one, "__qualname__", "")
)
@given(data=st.data())
def test_readers_refuse_with_their_own_errors(
    read: Callable[[Any], Any], whole: dict[str, Any], data: st.DataObject
) -> None:
    assert read(whole).as_json() == whole
    changed = dict(whole)
    for name in data.draw(st.lists(st.sampled_from(sorted(whole)), min_size=1, max_size=2)):
        changed[name] = data.draw(_JSON)
    for entry in (changed, data.draw(_JSON)):
        try:
            found = read(entry)
        except VerificationError:
            continue
        canonical(found.as_json())


@given(data=st.binary(max_size=60))
def test_bytes_of_all_kinds_are_refused_with_their_own_errors(data: bytes) -> None:
    readers: tuple[Callable[[], object], ...] = (
        lambda: read_book(data),
        lambda: SealReceipt.parse(data),
        lambda: read_timestamp(data, authorities=[], data=b""),
        lambda: check_eseal(data, data=b"", makers=()),
        lambda: decode_sm2_key(data.decode("latin-1")),
    )
    for read in readers:
        with pytest.raises(VerificationError):
            read()


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(RecordKind),
            st.dictionaries(
                st.sampled_from(
                    [
                        "use",
                        "policy",
                        "mandate",
                        "mandate_id",
                        "document",
                        "type",
                        "region",
                        "requester",
                        "day",
                        "policy_digest",
                        "approvals",
                        "reason",
                    ]
                ),
                _JSON,
                max_size=12,
            ),
        ),
        max_size=5,
    )
)
def test_whatever_stands_in_a_book_an_auditor_gets_an_answer(steps: list[Any]) -> None:
    """A report, or one of our errors; and reading back what was written changes nothing."""
    first = {"policy": _policy().as_json()}
    records = [SealRecord(book=_SEAL, seq=1, at=_AT, prev=None, kind=RecordKind.POLICY, data=first)]
    for kind, data in steps:
        records.append(records[-1].followed_by(kind, data, at=_AT))
    assert read_book(dump_book(records)) == tuple(records)
    assert verify_book(records).seq == len(records)
    try:
        examine_book(records)
    except VerificationError:
        return


class _Uses:
    def __init__(self, count: int) -> None:
        self.count = count

    def used_on(self, _day: Any) -> int:
        return self.count


@given(
    minutes=st.integers(0, 60 * 24 * 21),
    opens=st.integers(0, 22),
    hours=st.integers(1, 23),
    used=st.integers(0, 4),
    count=st.none() | st.integers(1, 4),
    zone=st.sampled_from(["+08:00", "+00:00", "-05:30", "+14:00"]),
    by_mandate=st.booleans(),
)
def test_a_grant_keeps_every_rule_by_itself(
    *,
    minutes: int,
    opens: int,
    hours: int,
    used: int,
    count: int | None,
    zone: str,
    by_mandate: bool,
) -> None:
    """Each rule looked at alone, by other means: a grant breaks none, a refusal names one."""
    at = _AT - timedelta(days=7) + timedelta(minutes=minutes)
    open_for = SealHours.of(
        {"opens": f"{opens:02}:00", "closes": f"{min(opens + hours, 23):02}:59"}
    )
    policy = _policy(hours=open_for, daily_count=count, zone=zone)
    request = SealRequest(
        seal_id=_SEAL,
        document_digest=digest_bytes(b""),
        type="food_permit",
        region="990101",
        requester="village-clerk:1" if by_mandate else "county:registrar",
        mandate_id="m:1" if by_mandate else None,
    )
    found = decide_use(
        policy, {"m:1": _mandate()}, _Uses(used), request, at=at, calendar=announced_calendar()
    )
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[4:]))
    wall = at + offset
    rules = {
        "not_a_working_day": announced_calendar().is_working_day(wall.date()),
        "outside_hours": open_for.opens <= wall.time() < open_for.closes,
        "daily_count_used": count is None or used < count,
        "mandate_not_yet": not by_mandate or at >= _AT,
        "mandate_ended": not by_mandate or at < _AT + timedelta(days=9),
    }
    if isinstance(found, Granted):
        assert all(rules.values())
        assert found.day == wall.date()
    else:
        assert isinstance(found, Refused)
        assert not rules[found.reason.value]
