"""Receipts and books in the hands of an auditor: whatever is changed, it shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oneservice.canonical import canonical
from oneservice.certificates import (
    Approver,
    Cryptosuite,
    Mandate,
    RecordKind,
    SealHours,
    SealPolicy,
    SealReceipt,
    SealRecord,
    SealRefusal,
    SigningKey,
    approve,
    check_receipt,
    dump_book,
    examine_book,
    read_book,
    sealed_part,
    verify_book,
    words_of,
)
from oneservice.errors import (
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    StatusUnknownError,
    UnknownIssuerError,
    VerificationError,
)
from oneservice.workdays import announced_calendar

OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
CLERK = "village-clerk:990101-03"


@pytest.fixture
def story(office: Callable[..., Any]) -> Any:
    """A clerk seals under a mandate with one signed approval; one refusal; a revocation."""
    chief = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    at = office(
        approvals_needed=1,
        approvers=(Approver(role="county:chief", key=chief.public_multibase),),
        daily_count=9,
    )
    at.book.mandate(at.mandate(), at=OPENING)
    asked = at.document()
    word = approve(
        seal_id=at.policy.seal_id,
        document_digest=sealed_part(asked),
        role="county:chief",
        at=OPENING,
        key=chief,
    )
    request = at.lock.request(asked, requester=CLERK, mandate_id="m:1", approvals=(word,))
    at.found = asyncio.run(at.lock.seal(asked, request))
    at.book.revoke("m:1", at=OPENING)
    return at


def judge(at: Any, receipt: SealReceipt, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "seals": at.listed(),
        "document_digest": sealed_part(at.found.document),
        "key_id": at.lock.key_id,
        "certificate_type": "food_permit",
        "region": "990101",
        "calendar": announced_calendar(),
    }
    return check_receipt(receipt, **given | changes)


def test_a_receipt_says_what_it_shows_and_what_not(story: Any) -> None:
    found = judge(story, story.found.receipt)
    assert found.as_json()["mandate"] == "m:1"
    assert found.signed_by == ("county:chief",)
    assert len(found.not_judged) == 3


def test_each_no_has_its_own_reason(story: Any) -> None:
    receipt, day = story.found.receipt, timedelta(days=1)
    (listed,) = story.listed()
    other = sealed_part({})
    cases: tuple[tuple[type[VerificationError], dict[str, Any]], ...] = (
        (ForgedCertificateError, {"document_digest": sealed_part(story.document(2))}),
        (ForgedCertificateError, {"key_id": "https://county.example/issuer#other"}),
        (ForgedCertificateError, {"certificate_type": "signboard_approval"}),
        (ForgedCertificateError, {"region": "990102"}),
        (UnknownIssuerError, {"seals": ()}),
        (UnknownIssuerError, {"seals": (replace(listed, policy_digest=other),)}),
        (UnknownIssuerError, {"seals": (replace(listed, valid_until=OPENING),)}),
        (UnknownIssuerError, {"seals": (replace(listed, valid_from=OPENING + day),)}),
        (StatusUnknownError, {"calendar": None}),
    )
    for error, changes in cases:
        with pytest.raises(VerificationError) as caught:
            judge(story, receipt, **changes)
        assert type(caught.value) is error, changes


def test_a_misuse_with_a_true_record_is_no_right(story: Any) -> None:
    """An office that lies to its own lock: the record is whole, and the rules are against it."""
    receipt = story.found.receipt
    for words in ({"requester": "village-clerk:other"}, {"type": "signboard_approval"}):
        record = replace(receipt.record, data={**receipt.record.data, **words})
        kind = words.get("type", "food_permit")
        with pytest.raises(IssuerNotEntitledError):
            judge(story, replace(receipt, record=record), certificate_type=kind)
    late = replace(receipt.record, at=OPENING + timedelta(hours=10))
    with pytest.raises(IssuerNotEntitledError, match="time of day"):
        judge(story, replace(receipt, record=late))
    without = replace(
        receipt,
        approvals=(),
        record=replace(receipt.record, data={**receipt.record.data, "approvals": []}),
    )
    with pytest.raises(IssuerNotEntitledError, match="agreed"):
        judge(story, without)


def _changes(value: Any) -> Iterator[Any]:
    """Every value with one thing in it changed, dropped or added."""
    if isinstance(value, dict):
        for name in value:
            yield {other: one for other, one in value.items() if other != name}
            for changed in _changes(value[name]):
                yield {**value, name: changed}
        yield {**value, "more": 1}
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield value[:place] + value[place + 1 :]
            for changed in _changes(one):
                yield [*value[:place], changed, *value[place + 1 :]]
    elif isinstance(value, str):
        yield value + "x"
        yield value[:-1]
        yield 7
    elif value is None:
        yield "x"
    else:
        yield not value
        yield str(value)


def test_whatever_is_changed_in_a_receipt_it_shows(story: Any) -> None:
    whole = json.loads(story.found.receipt.dump())
    count = 0
    for changed in _changes(whole):
        if changed == whole:
            continue
        count += 1
        with pytest.raises(VerificationError):
            judge(story, SealReceipt.parse(canonical(changed)))
    assert count > 150


def test_a_book_cannot_be_cut_mixed_or_changed(story: Any) -> None:
    records = read_book(story.book.dump())
    assert [one.kind.value for one in records] == [
        "policy", "mandate", "grant", "seal", "revocation",
    ]  # fmt: skip
    assert verify_book(records) == story.book.head
    assert dump_book(records) == story.book.dump()
    for place in range(1, len(records)):
        with pytest.raises(ForgedCertificateError):
            verify_book(records[place:])
        if place + 1 < len(records):
            with pytest.raises(ForgedCertificateError):
                verify_book(records[:place] + records[place + 1 :])
    with pytest.raises(MalformedCertificateError):
        verify_book(())
    lines = story.book.dump().splitlines()
    for place, line in enumerate(lines):
        for changed in _changes(json.loads(line)):
            data = b"".join(
                one + b"\n" for one in (*lines[:place], canonical(changed), *lines[place + 1 :])
            )
            with pytest.raises(VerificationError):
                verify_book(read_book(data))


@pytest.mark.parametrize("data", [b"", b"{}", b"{}\n", b"[]\n", b'{"v": 1}\n', b"\xff\n"])
def test_what_is_no_book(data: bytes) -> None:
    with pytest.raises(MalformedCertificateError):
        read_book(data)


def test_an_auditor_finds_what_a_lying_lock_would_write(story: Any) -> None:
    records = read_book(story.book.dump())
    grant = dict(next(one for one in records if one.kind is RecordKind.GRANT).data)

    def findings(kind: RecordKind, data: dict[str, Any], hours: int = 1) -> list[str]:
        last: SealRecord = records[-1]
        more = last.followed_by(kind, data, at=OPENING + timedelta(hours=hours))
        report = examine_book((*records, more), calendar=announced_calendar())
        return [one.reason for one in report.findings]

    office = {"requester": "county:registrar", "mandate_id": None, "mandate_digest": None}
    assert findings(RecordKind.GRANT, grant) == ["mandate_revoked"]
    assert findings(RecordKind.GRANT, grant | office) == []
    assert findings(RecordKind.GRANT, grant | office, hours=12) == ["outside_hours"]
    assert findings(RecordKind.GRANT, grant | office | {"approvals": []}) == ["approvals_missing"]
    assert findings(RecordKind.GRANT, grant | office | {"day": "2026-09-27"}) == ["another_day"]
    assert findings(RecordKind.GRANT, grant | office | {"type": "x"}) == ["type_not_covered"]
    assert findings(RecordKind.GRANT, grant | {"policy_digest": "x"}) == ["another_policy"]
    assert findings(RecordKind.SEAL, {"use": 3, "result": "x"}) == ["no_such_use"]
    assert findings(RecordKind.VOID, {"use": 99, "reason": "x"}) == ["no_such_use"]
    assert findings(RecordKind.REVOCATION, {"mandate_id": "m:9"}) == ["mandate_unknown"]


def test_rules_that_nobody_could_keep_are_refused(office: Callable[..., Any]) -> None:
    at = office()
    good = at.policy.as_json()
    assert SealPolicy.of(good) == at.policy
    least = ("format", "seal_id", "name", "key_id", "types", "regions", "valid_from")
    assert SealPolicy.of({name: good[name] for name in least}).approvals_needed == 0
    for changes in (
        {"format": "x"},
        {"types": []},
        {"regions": ["99"]},
        {"regions": []},
        {"name": {}},
        {"seal_id": "no url"},
        {"approvals_needed": 3},
        {"approvals_needed": -1},
        {"daily_count": 0},
        {"approval_lasts_s": 0},
        {"zone": "Asia/Shanghai"},
        {"hours": {"opens": "18:00", "closes": "08:00"}},
        {"hours": {"opens": "8:00", "closes": "18:00"}},
        {"requesters": ["Zhang San"]},
        {"requesters": ["clerk:990101199003070014"]},
        {"approvers": [{"role": "a"}, {"role": "a"}]},
        {"approvers": [{"role": "a", "key": "z123"}]},
        {"aprovers": []},
        {"requester_may_approve": 1},
    ):
        with pytest.raises(MalformedCertificateError):
            SealPolicy.of(good | changes)
    with pytest.raises(MalformedCertificateError):
        SealHours.of([])
    for wrong in ({"valid_until": "2020-01-01T00:00:00Z"}, {"holder": "Zhang San"}, {"types": []}):
        with pytest.raises(MalformedCertificateError):
            Mandate.of(at.mandate().as_json() | wrong)


def test_every_refusal_has_words() -> None:
    for reason in SealRefusal:
        words = words_of(reason)
        assert set(words.why) == set(words.remedy) == {"zh", "en"}
        assert all((*words.why.values(), *words.remedy.values()))
