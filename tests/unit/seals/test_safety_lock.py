"""The lock: decided and written down before the key signs; every no has its reason."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice.certificates import (
    Approver,
    Certificate,
    Cryptosuite,
    RecordKind,
    SealReceipt,
    SigningKey,
    VerifyingKey,
    approve,
    check_proof,
    check_receipt,
    examine_book,
    read_book,
    sealed_part,
)
from oneservice.errors import (
    JournalConflictError,
    KeyUnusableError,
    LogStoreError,
    MalformedCertificateError,
    SealRefusedError,
)
from oneservice.seals import LockedSigner, SafetyLock, SealBook
from oneservice.testing import SignerKit
from oneservice.tlog import EntryLog, LogKeeper, TileLog
from oneservice.transparency import Entry, EntryKind, LogProof, NoteSigner
from oneservice.workdays import announced_calendar

Office = Any
Opens = Callable[..., Office]
OPENING = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)  # a Monday, 09:00 at the office
SEAL = "https://county.example/seals/permits"
CLERK = "village-clerk:990101-03"


def sealed(
    office: Office, number: int = 1, *, requester: str = "county:registrar", **more: Any
) -> Any:
    asked = office.document(number)
    return asyncio.run(
        office.lock.seal(asked, office.lock.request(asked, requester=requester, **more))
    )


def refused(office: Office, number: int = 1, **more: Any) -> str:
    with pytest.raises(SealRefusedError) as caught:
        sealed(office, number, **more)
    return caught.value.reason


def kinds(office: Office) -> list[str]:
    return [one.kind.value for one in read_book(office.book.dump())]


def checked(office: Office, found: Any) -> Any:
    return check_receipt(
        SealReceipt.parse(found.receipt.dump()),
        seals=office.listed(),
        document_digest=sealed_part(found.document),
        key_id=found.document["proof"]["verificationMethod"],
        certificate_type="food_permit",
        region="990101",
        calendar=announced_calendar(),
    )


def test_a_use_is_written_down_and_has_a_receipt(office: Opens) -> None:
    at = office()
    found = sealed(at)
    certificate = Certificate.of(found.document)
    check_proof(certificate.document, VerifyingKey.from_multibase(at.key.public_multibase))
    assert kinds(at) == ["policy", "grant", "seal"]
    assert found.receipt.at == OPENING
    assert certificate.document["proof"]["created"] == "2026-09-28T01:00:00Z"
    shown = checked(at, found)
    assert shown.requester == "county:registrar"
    assert shown.mandate is None
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert (report.sealed, report.unused, report.findings) == (1, (), ())


def test_the_book_tells_nothing_of_the_document(office: Opens) -> None:
    at = office()
    found = sealed(at)
    text = at.book.dump().decode()
    for secret in ("示例", "92990101MA99000523", "urn:example:permit", sealed_part(found.document)):
        assert secret not in text.split("\n", 1)[1]


def test_the_same_request_is_the_same_use(office: Opens) -> None:
    at = office(daily_count=1)
    first = sealed(at)
    at.clock.advance(timedelta(hours=2))
    assert sealed(at) == first
    assert kinds(at) == ["policy", "grant", "seal"]
    assert refused(at, 2) == "daily_count_used"
    at.clock.advance(timedelta(days=1))
    sealed(at, 2)


def test_a_village_clerk_seals_under_a_mandate(office: Opens) -> None:
    at = office()
    assert refused(at, requester=CLERK) == "mandate_missing"
    assert refused(at, requester=CLERK, mandate_id="m:1") == "mandate_unknown"
    at.book.mandate(at.mandate(), at=OPENING)
    found = sealed(at, requester=CLERK, mandate_id="m:1")
    shown = checked(at, found)
    assert shown.mandate == at.mandate()
    assert shown.as_json()["mandate_granted_by"] == "county:registrar"
    at.book.revoke("m:1", at=OPENING)
    assert refused(at, 2, requester=CLERK, mandate_id="m:1") == "mandate_revoked"
    assert sealed(at, requester=CLERK, mandate_id="m:1") == found  # what was made was made
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert report.refused == {"mandate_missing": 1, "mandate_revoked": 1, "mandate_unknown": 1}
    assert not report.findings


class _Interfering:
    """A key with somebody who acts while it signs."""

    def __init__(self, inner: SigningKey, act: Callable[[], None]) -> None:
        self._inner, self._act = inner, act
        self.suite, self.curve = inner.suite, inner.curve
        self.public_multibase = inner.public_multibase

    def sign(self, data: bytes) -> bytes:
        signature = self._inner.sign(data)
        self._act()
        return signature


def test_a_revocation_between_approval_and_release_wins(office: Opens) -> None:
    inner = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    at = office(key=_Interfering(inner, lambda: at.book.revoke("m:1", at=OPENING)))
    at.book.mandate(at.mandate(), at=OPENING)
    assert refused(at, requester=CLERK, mandate_id="m:1") == "mandate_revoked"
    assert kinds(at) == ["policy", "mandate", "grant", "revocation", "void"]
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert (report.sealed, len(report.unused), report.findings) == (0, 1, ())


def test_new_rules_end_what_was_granted_under_the_old(office: Opens) -> None:
    """A receipt never shows rules that ended before the seal went on."""
    inner = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    acts = iter([lambda: at.book.enact(narrower, at=OPENING), lambda: None])
    at = office(key=_Interfering(inner, lambda: next(acts)()))  # noqa: PLW0108 - the next each time
    narrower = at.rules(daily_count=7)
    assert refused(at) == "policy_not_in_force"
    again = sealed(at)
    assert again.receipt.policy == narrower
    assert kinds(at) == ["policy", "grant", "policy", "void", "grant", "seal"]


class _Failing(_Interfering):
    def sign(self, data: bytes) -> bytes:
        self._act()
        return self._inner.sign(data)


def test_a_key_that_fails_leaves_a_grant_that_goes_on(office: Opens) -> None:
    inner = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    problems = iter([KeyUnusableError("the token is gone"), None])

    def act() -> None:
        problem = next(problems)
        if problem:
            raise problem

    at = office(key=_Failing(inner, act), daily_count=1)
    with pytest.raises(KeyUnusableError):
        sealed(at)
    report = examine_book(read_book(at.book.dump()), calendar=announced_calendar())
    assert report.unused == (2,)
    at.clock.advance(timedelta(hours=9))  # after hours, and the count is used: it was granted
    assert sealed(at).receipt.at == OPENING
    assert kinds(at) == ["policy", "grant", "seal"]


def test_hours_days_types_and_regions(office: Opens) -> None:
    at = office()
    other = at.document(kind="liquor_permit")
    with pytest.raises(SealRefusedError) as caught:
        asyncio.run(at.lock.seal(other, at.lock.request(other, requester="county:registrar")))
    assert caught.value.reason == "type_not_covered"
    away = at.document(region="990201")
    with pytest.raises(SealRefusedError) as caught:
        asyncio.run(at.lock.seal(away, at.lock.request(away, requester="county:registrar")))
    assert caught.value.reason == "region_not_covered"
    at.clock.advance(timedelta(hours=8, minutes=29))
    sealed(at, 1)
    at.clock.advance(timedelta(minutes=1))
    assert refused(at, 2) == "outside_hours"
    at.clock.set(OPENING + timedelta(days=3))  # 1 October
    assert refused(at, 3) == "not_a_working_day"
    at.clock.set(OPENING + timedelta(days=3650))
    assert refused(at, 4) == "calendar_unknown"


def test_time_never_goes_back(office: Opens) -> None:
    at = office()
    at.clock.advance(timedelta(hours=9))
    assert refused(at) == "outside_hours"
    behind = SafetyLock(
        issuer=at.issuer,
        key=at.key,
        book=at.book,
        clock=type(at.clock)(OPENING),  # somebody set the machine's clock back
        calendar=announced_calendar(),
    )
    asked = at.document()
    with pytest.raises(SealRefusedError, match="time of day"):
        asyncio.run(behind.seal(asked, behind.request(asked, requester="county:registrar")))


def test_approvals(office: Opens) -> None:
    chief = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    at = office(
        approvals_needed=2,
        approvers=(
            Approver(role="county:chief", key=chief.public_multibase),
            Approver(role="county:registrar"),
            Approver(role="county:deputy"),
        ),
        approval_lasts_s=3600,
    )

    def word(role: str, key: SigningKey | None = None, number: int = 1, hours: int = 0) -> Any:
        return approve(
            seal_id=SEAL,
            document_digest=sealed_part(at.document(number)),
            role=role,
            at=OPENING + timedelta(hours=hours),
            key=key,
        )

    good = word("county:chief", chief)
    stranger = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    cases = (
        ((), "approvals_missing"),
        ((good,), "approvals_missing"),
        ((good, good), "approvals_missing"),
        ((good, word("county:registrar")), "own_approval"),
        ((good, word("county:janitor")), "approver_unknown"),
        ((good, word("county:deputy", number=2)), "approval_of_another_document"),
        ((good, word("county:deputy", hours=-2)), "approval_not_in_time"),
        ((good, word("county:deputy", hours=2)), "approval_not_in_time"),
        ((word("county:chief"), word("county:deputy")), "approval_forged"),
        ((word("county:chief", stranger), word("county:deputy")), "approval_forged"),
    )
    for approvals, reason in cases:
        assert refused(at, approvals=approvals) == reason
    at.book.deposit(good)
    found = sealed(at, approvals=(word("county:deputy"), word("county:janitor")))
    shown = checked(at, found)
    assert set(shown.approvers) == {"county:chief", "county:deputy"}
    assert shown.signed_by == ("county:chief",)


def test_what_is_no_certificate_of_ours_is_not_sealed(office: Opens) -> None:
    at = office()
    for wrong in (
        {},
        {"issuer": "x"},
        {**at.document(), "proof": {}},
        {**at.document(), "issuer": {**at.document()["issuer"], "id": "https://other.example/"}},
    ):
        with pytest.raises(MalformedCertificateError):
            at.lock.request(wrong, requester="county:registrar")
    asked = at.lock.request(at.document(1), requester="county:registrar")
    with pytest.raises(MalformedCertificateError):
        asyncio.run(at.lock.seal(at.document(2), asked))
    assert kinds(at) == ["policy"]


def test_raw_bytes_for_other_forms(office: Opens) -> None:
    at = office()
    from dataclasses import replace  # noqa: PLC0415

    from oneservice.canonical import digest_bytes  # noqa: PLC0415

    data = b"eyJhbGciOiJFUzI1NiJ9.e30"
    asked = replace(
        at.lock.request(at.document(), requester="county:registrar"),
        document_digest=digest_bytes(data),
    )
    signature, receipt = asyncio.run(at.lock.sign_bytes(data, asked))
    assert VerifyingKey.from_multibase(at.key.public_multibase).verifies(signature, data)
    assert receipt.document_digest == digest_bytes(data)
    with pytest.raises(MalformedCertificateError):
        asyncio.run(at.lock.sign_bytes(b"other", asked))


class _Log:
    """A real log that can be told to be away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        pem = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022).to_pem(None)
        self.signer = NoteSigner.from_pem(pem, name="990101.example/log")
        TileLog.create(folder, self.signer).close()
        self.kinds: list[str] = []
        self.is_away = False

    async def enter(self, entries: Any) -> Any:
        if self.is_away:
            msg = "the log cannot be written"
            raise LogStoreError(msg)
        self.kinds += [str(one.kind) for one in entries]
        tiles = TileLog(self.folder, self.signer)
        async with LogKeeper(tiles) as keeper, EntryLog(keeper) as log:
            return await log.enter(entries)


def test_no_log_no_seal(office: Opens, tmp_path: Path) -> None:
    log = _Log(tmp_path / "log")
    at = office(log=log, daily_count=1)
    log.is_away = True
    with pytest.raises(LogStoreError):
        sealed(at)
    assert kinds(at) == ["policy", "grant"]
    log.is_away = False
    receipt = SealReceipt.parse(sealed(at).receipt.dump())
    assert receipt.log_proof is not None
    assert receipt.log_salt is not None
    entry = Entry(
        kind=EntryKind.SEAL_USE, digest=receipt.record.digest, salt=receipt.log_salt
    ).encode()
    shown = LogProof.parse(receipt.log_proof.encode()).check(entry, log=log.signer.key)
    assert (shown.index, shown.size) == (0, 1)
    assert "stands in a log" not in str(checked(at, sealed(at)).not_judged)
    log.is_away = True
    assert refused(at, 2) == "daily_count_used"  # the refusal is the answer all the same
    assert [one.kind for one in at.book.unlogged()] == [RecordKind.REFUSAL]
    log.is_away = False
    assert refused(at, 3) == "daily_count_used"
    assert log.kinds == ["seal-use", "seal-refusal"]
    assert asyncio.run(at.lock.log_rest()) == 1
    assert asyncio.run(at.lock.log_rest()) == 0
    assert log.kinds == ["seal-use", "seal-refusal", "seal-refusal"]
    assert at.book.unlogged() == ()


def test_another_key_than_the_rules_name_is_refused(office: Opens) -> None:
    at = office()
    with pytest.raises(KeyUnusableError):
        SafetyLock(
            issuer=at.issuer,
            key=SigningKey.generate(Cryptosuite.ECDSA_JCS_2019),
            book=at.book,
            clock=at.clock,
        )
    fresh = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    at.book.enact(type(at)(fresh, at.book, at.clock, at.lock, at.policy).rules(), at=OPENING)
    with pytest.raises(KeyUnusableError):
        sealed(at)


def test_a_book_belongs_to_one_seal(office: Opens) -> None:
    at = office()
    with pytest.raises(JournalConflictError):
        SealBook(at.book.path, seal_id="https://county.example/seals/other")
    with pytest.raises(JournalConflictError):
        at.book.mandate(at.mandate(seal_id="https://county.example/seals/other"), at=OPENING)
    at.book.mandate(at.mandate(), at=OPENING)
    at.book.mandate(at.mandate(), at=OPENING)
    with pytest.raises(JournalConflictError):
        at.book.mandate(at.mandate(regions=("990102",)), at=OPENING)
    with pytest.raises(JournalConflictError):
        at.book.revoke("m:2", at=OPENING)
    at.book.revoke("m:1", at=OPENING)
    at.book.revoke("m:1", at=OPENING)
    assert kinds(at) == ["policy", "mandate", "revocation"]


def test_many_at_once_never_exceed_the_count(office: Opens) -> None:
    at = office(daily_count=5)
    granted: list[int] = []
    lost: list[str] = []

    def one(number: int) -> None:
        try:
            sealed(at, number)
            granted.append(number)
        except SealRefusedError as error:
            lost.append(error.reason)

    threads = [threading.Thread(target=one, args=(number % 8,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(granted)) == 5
    assert set(lost) == {"daily_count_used"}
    assert kinds(at).count("grant") == kinds(at).count("seal") == 5


def test_the_engines_signer_waits_for_what_time_and_people_cure(office: Opens) -> None:
    at = office(approvals_needed=1)
    signer = LockedSigner(
        lock=at.lock, requester="county:registrar", waits=True, look_again=timedelta(minutes=10)
    )
    at.clock.set(OPENING - timedelta(hours=0))
    asked = at.document()

    async def story() -> dict[str, Any]:
        waiting = asyncio.create_task(signer.sign(asked, created=OPENING))
        while at.clock.now() < OPENING + timedelta(hours=20):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.001)
        now = at.clock.now()
        at.book.deposit(
            approve(
                seal_id=SEAL,
                document_digest=sealed_part(asked),
                role="county:chief",
                at=now,
                key=None,
            )
        )
        return await asyncio.wait_for(waiting, 20)

    signed = asyncio.run(story())
    receipt = asyncio.run(signer.receipt(signed))
    assert receipt.at >= OPENING + timedelta(hours=20)
    assert receipt.policy.local(receipt.at).hour in range(8, 18)
    assert kinds(at) == ["policy", "grant", "seal"]


class TestLockedSigner(SignerKit):
    """The port's own kit."""

    @pytest.fixture(autouse=True)
    def _office(self, office: Opens) -> None:
        self.office = office

    def signer(self) -> Any:
        at = self.office(types=("case_bundle",), hours=None)
        return LockedSigner(lock=at.lock, requester="county:registrar")
