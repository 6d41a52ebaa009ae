"""Books and receipts of the first version: whatever comes, they are read and judged as they were.

The files were made by a lock with keys that were thrown away; they are never made anew.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from oneservice.certificates import (
    ListedSeal,
    SealPolicy,
    SealReceipt,
    check_receipt,
    examine_book,
    read_book,
    sealed_part,
)
from oneservice.workdays import announced_calendar

_FOLDER = Path(__file__).parent / "seals"


def test_a_book_of_the_first_version() -> None:
    data = (_FOLDER / "book.jsonl").read_bytes()
    records = read_book(data)
    report = examine_book(records, calendar=announced_calendar())
    assert report.as_json() == {
        "head": {
            "seal_id": "https://990101.example/seals/permits",
            "seq": 10,
            "head": records[-1].digest,
        },
        "policy_digest": SealPolicy.of(records[0].data["policy"]).digest,
        "sealed": 2,
        "unused": [],
        "refused": {"approvals_missing": 1, "daily_count_used": 1, "mandate_revoked": 1},
        "findings": [],
    }


def test_a_receipt_of_the_first_version() -> None:
    data = (_FOLDER / "receipt.json").read_bytes()
    receipt = SealReceipt.parse(data)
    assert receipt.dump() == data
    permit = json.loads((_FOLDER / "permit.json").read_bytes())
    listed = ListedSeal(
        id=receipt.seal_id,
        key_id=receipt.policy.key_id,
        policy_digest=receipt.policy.digest,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )
    found = check_receipt(
        receipt,
        seals=(listed,),
        document_digest=sealed_part(permit),
        key_id=permit["proof"]["verificationMethod"],
        certificate_type="food_permit",
        region="990101",
        calendar=announced_calendar(),
    )
    assert found.signed_by == ("county:chief",)
    assert found.as_json()["mandate"] == "mandate:990101-03"
    assert receipt.record in read_book((_FOLDER / "book.jsonl").read_bytes())
