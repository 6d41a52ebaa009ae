"""The durable register: what was done, stays done; what lists say, is what was done."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from oneservice.certificates import (
    Act,
    CertificateState,
    Claims,
    Cryptosuite,
    Entitlement,
    LifeState,
    ListedKey,
    ListIssuer,
    Operation,
    Publication,
    PublishedStatus,
    SigningKey,
    StatusList,
    TrustedIssuer,
    TrustStore,
    examine_presentation,
    issue,
    issue_sd_jwt,
)
from oneservice.errors import (
    FileUnusableError,
    IdentifierError,
    IllegalInputError,
    JournalConflictError,
    JournalCorruptError,
    JournalFullError,
    JournalLockedError,
    JournalVersionError,
    MalformedCertificateError,
)
from oneservice.runtimes import StatusRegister, write_edition

URI = "https://certificates.example/990101/status/1"
OFFICE = "https://certificates.example/990101/market-regulation"
FIRST = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3"
SECOND = "1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.002.1"
START = datetime(2026, 10, 14, 3, tzinfo=UTC)
ENTRIES = 131_072
DAY = timedelta(days=1)
KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
ISSUER = ListIssuer(id=OFFICE, key=KEY, key_id=f"{OFFICE}#{KEY.public_multibase}")
TRUST = TrustStore(
    territory="990101",
    version=1,
    issued_at=START - DAY,
    expires_at=START + 4000 * DAY,
    issuers=(
        TrustedIssuer(
            id=OFFICE,
            name={"zh": "局"},
            region="990101",
            keys=(
                ListedKey.for_certificates(OFFICE, KEY.public_multibase, valid_from=START - DAY),
            ),
            entitlements=(
                Entitlement(type="food_permit", region="990101", valid_from=START - DAY),
            ),
        ),
    ),
)


@pytest_asyncio.fixture
async def register(tmp_path: Path) -> AsyncIterator[StatusRegister]:
    async with await StatusRegister.open(
        tmp_path / "status.db", uri=URI, entries=ENTRIES
    ) as opened:
        yield opened


def act(operation: Operation, days: float = 0, **more: Any) -> Act:
    return Act(operation=operation, at=START + days * DAY, **more)


async def begin(register: StatusRegister, identifier: str = FIRST) -> None:
    await register.perform(None, act(Operation.NEW, id=identifier), ground="art. 38")


async def publish(register: StatusRegister, days: float) -> Any:
    return await register.publish(ISSUER, at=START + days * DAY, lifetime=2 * DAY, ttl_s=3600)


def claims(register: StatusRegister, identifier: str = FIRST) -> Claims:
    return Claims(
        id=identifier,
        type="food_permit",
        title={"zh": "证"},
        issuer_id=OFFICE,
        issuer_name={"zh": "局"},
        issuer_region="990101",
        holder_name="Li's Noodles",
        valid_from=START.date(),
        status=register.entry(identifier),
    )


def certificate(register: StatusRegister) -> Any:
    return issue(claims(register), key=KEY, verification_method=ISSUER.key_id, created=START)


async def test_what_was_done_is_read_in_the_lists_of_its_day(register: StatusRegister) -> None:
    await begin(register)
    documents = []
    due = [CertificateState.GOOD, CertificateState.SUSPENDED, CertificateState.GOOD]
    for number, operation in enumerate((None, Operation.HOLD, Operation.RELEASE, Operation.REVOKE)):
        if operation is not None:
            await register.perform(FIRST, act(operation, number), ground="art. 69")
        documents += (await publish(register, number + 0.5)).documents.values()
    paper = certificate(register)
    published = PublishedStatus.of(documents, trust=TRUST)
    for number, state in enumerate([*due, CertificateState.REVOKED]):
        at = START + (number + 0.75) * DAY
        by_list, by_register = (one.status_of(paper, at=at) for one in (published, register))
        assert by_list is not None
        assert by_register is not None
        assert by_list.state == by_register.state == state
    assert by_register is not None
    assert by_register.reason is LifeState.REVOKED
    assert by_register.evidence["code"] == "03"
    assert register.status_of(paper, at=START - DAY) is None


async def test_a_place_is_asked_about_where_the_name_is_kept_back(
    register: StatusRegister,
) -> None:
    await begin(register)
    await register.perform(FIRST, act(Operation.WITHDRAW, 1), ground="art. 81")
    place = register.entry(FIRST)
    asked = {"issuer_id": OFFICE, "at": START + 2 * DAY}
    told = register.state_at(place.references[:1], **asked)
    assert not isinstance(told, str)
    assert (told.state, told.reason) == (CertificateState.REVOKED, LifeState.WITHDRAWN)
    shown = issue_sd_jwt(
        claims(register),
        key=KEY,
        key_id=ISSUER.key_id,
        issued_at=START,
        salts=iter(lambda: secrets.token_urlsafe(16), None),
    ).disclosing(("holder_name",))
    for days, reason in ((0.5, None), (2, "revoked")):
        report = examine_presentation(shown, trust=TRUST, at=START + days * DAY, status=register)
        assert report.reason == reason
    nobody = type(place)(uri=URI, index=(place.index + 1) % ENTRIES).references
    elsewhere = type(place)(uri=URI + "0", index=place.index).references
    for references in (nobody, elsewhere, ()):
        assert "no certificate" in str(register.state_at(references, **asked))
    early = {**asked, "at": START - DAY}
    assert "no certificate" in str(register.state_at(place.references, **early))


async def test_a_change_takes_another_place_and_ends_the_first(register: StatusRegister) -> None:
    await begin(register)
    begun = await register.perform(FIRST, act(Operation.CHANGE, 1, id=SECOND), ground="art. 49")
    assert begun.id == SECOND
    before, after = register.entry(FIRST), register.entry(SECOND)
    assert before.index != after.index
    edition = await publish(register, 2)
    token = StatusList.parse(edition.documents[Publication.TOKEN])
    assert (token.value(before.index), token.value(after.index)) == (1, 0)
    old = register.record(FIRST)
    assert old is not None
    assert (old.state, old.successor) == (LifeState.CANCELLED, SECOND)


async def test_a_transfer_between_two_registers(tmp_path: Path, register: StatusRegister) -> None:
    await begin(register)
    gone = await register.perform(FIRST, act(Operation.TRANSFER_OUT, 1), ground="order 7")
    async with await StatusRegister.open(
        tmp_path / "b.db", uri="https://b.example/status/1", entries=ENTRIES
    ) as other:
        moved = act(Operation.TRANSFER_IN, 2, id="urn:b:1", counterpart=gone)
        arrived = await other.perform(None, moved, ground="order 7")
        assert arrived.predecessor == FIRST
        assert other.record(FIRST) is None
        named = act(Operation.TRANSFER_OUT, 1, id="urn:b:1")
        with pytest.raises(IllegalInputError):
            await register.perform(FIRST, named, ground="order 7")


async def test_both_sides_in_one_register_change_at_once(register: StatusRegister) -> None:
    await begin(register)
    gone = await register.perform(FIRST, act(Operation.TRANSFER_OUT, 1), ground="order 7")
    moved = act(Operation.TRANSFER_IN, 2, id="urn:b:1", counterpart=gone)
    await register.perform(None, moved, ground="order 7")
    left = register.record(FIRST)
    assert left is not None
    assert left.successor == "urn:b:1"
    again = act(Operation.TRANSFER_IN, 3, id="urn:b:2", counterpart=gone)
    with pytest.raises(IllegalInputError, match="read it again"):
        await register.perform(None, again, ground="a stale record")


async def test_refusals_change_nothing(register: StatusRegister) -> None:
    await begin(register)
    for identifier, refused, error in (
        (None, act(Operation.NEW, id=FIRST), JournalConflictError),
        ("urn:nobody", act(Operation.HOLD), IllegalInputError),
        (FIRST, act(Operation.RELEASE), IllegalInputError),
        (FIRST, act(Operation.HOLD, -1), IllegalInputError),
        (FIRST, act(Operation.CHANGE, id="urn:x"), IdentifierError),
    ):
        with pytest.raises(error):
            await register.perform(identifier, refused, ground="-")
    assert register.free == ENTRIES - 1
    record = register.record(FIRST)
    assert record is not None
    assert record.state is LifeState.VALID
    with pytest.raises(IllegalInputError):
        register.entry("urn:nobody")


async def test_editions_only_go_forward(register: StatusRegister) -> None:
    first = await publish(register, 1)
    assert (first.number, register.edition()) == (1, first)
    for days in (1, 0.5):
        with pytest.raises(IllegalInputError, match="mind the clock"):
            await publish(register, days)
    second = await publish(register, 3)
    assert register.edition() == second
    assert register.edition(at=START + 2 * DAY) == first
    assert register.edition(at=START) is None


async def test_places_are_chance_and_never_given_twice(register: StatusRegister) -> None:
    names = [f"urn:c:{number}" for number in range(200)]
    await asyncio.gather(*(begin(register, name) for name in names))
    places = [register.entry(name).index for name in names]
    assert len(set(places)) == 200
    assert places != sorted(places)
    assert max(places) - min(places) > ENTRIES // 2
    assert register.free == ENTRIES - 200


async def test_a_reader_cannot_count_what_was_taken_back(register: StatusRegister) -> None:
    await begin(register)
    await register.plant_decoys(500, CertificateState.REVOKED)
    await register.plant_decoys(100, CertificateState.SUSPENDED)
    assert register.free == ENTRIES - 601
    token = StatusList.parse((await publish(register, 1)).documents[Publication.TOKEN])
    told = [token.value(index) for index in range(ENTRIES)]
    assert (told.count(1), told.count(2)) == (500, 100)
    with pytest.raises(JournalFullError):
        await register.plant_decoys(ENTRIES, CertificateState.REVOKED)


async def test_a_full_register_says_so(register: StatusRegister) -> None:
    await register.plant_decoys(ENTRIES, CertificateState.GOOD)
    with pytest.raises(JournalFullError, match="open another register"):
        await begin(register)


async def test_the_file_is_found_as_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "status.db"
    async with await StatusRegister.open(path, uri=URI, entries=ENTRIES) as first:
        await begin(first)
        await first.perform(FIRST, act(Operation.HOLD, 1), ground="art. 69")
        await first.plant_decoys(3, CertificateState.REVOKED)
        place, edition = first.entry(FIRST), await publish(first, 2)
        with pytest.raises(JournalLockedError):
            await StatusRegister.open(path, uri=URI, entries=ENTRIES)
    async with await StatusRegister.open(path, uri=URI, entries=ENTRIES) as second:
        assert (second.entry(FIRST), second.edition()) == (place, edition)
        assert second.free == ENTRIES - 4
        again = await publish(second, 3)
        lists = [StatusList.parse(one.documents[Publication.TOKEN]) for one in (edition, again)]
        assert {lists[0].value(n) == lists[1].value(n) for n in range(ENTRIES)} == {True}


async def test_files_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "status.db"
    await (await StatusRegister.open(path, uri=URI, entries=ENTRIES)).close()
    with pytest.raises(JournalCorruptError, match="open it as that"):
        await StatusRegister.open(path, uri=URI + "0", entries=ENTRIES)
    with pytest.raises(JournalCorruptError, match="open it as that"):
        await StatusRegister.open(path, uri=URI, entries=ENTRIES * 2)
    sqlite3.connect(path).execute("PRAGMA user_version = 9").connection.close()
    with pytest.raises(JournalVersionError):
        await StatusRegister.open(path, uri=URI, entries=ENTRIES)
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(JournalVersionError):
        await StatusRegister.open(other, uri=URI, entries=ENTRIES)
    (tmp_path / "text.db").write_text("no database at all, whatever its name may say\n" * 9)
    with pytest.raises(JournalCorruptError):
        await StatusRegister.open(tmp_path / "text.db", uri=URI, entries=ENTRIES)
    for uri, entries in (("list", ENTRIES), (URI, 8), (URI, ENTRIES + 1)):
        with pytest.raises(MalformedCertificateError):
            await StatusRegister.open(tmp_path / "new.db", uri=uri, entries=entries)
    assert not (tmp_path / "new.db").exists()


async def test_editions_as_files(tmp_path: Path, register: StatusRegister) -> None:
    folder = tmp_path / "www" / "status"
    first, second = await publish(register, 1), await publish(register, 2)
    for edition, current in ((first, first), (second, second), (first, second), (second, second)):
        own = write_edition(edition, folder)
        assert own == folder / str(edition.number)
        token = (folder / "current" / "token.jwt").read_bytes()
        assert token == current.documents[Publication.TOKEN]
    names = ["revocation.json", "suspension.json", "token.jwt"]
    for number in ("1", "2", "current"):
        assert sorted(one.name for one in (folder / number).iterdir()) == names
    assert sorted(one.name for one in folder.iterdir()) == ["1", "2", "current"]
    stranger = replace(second, documents={Publication.TOKEN: b"x"})
    with pytest.raises(FileUnusableError, match="folder of its own"):
        write_edition(stranger, folder)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileUnusableError, match="cannot be written"):
        write_edition(first, tmp_path / "file" / "status")


async def test_what_a_crash_left_is_written_anew(tmp_path: Path, register: StatusRegister) -> None:
    edition = await publish(register, 1)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "token.jwt.new").write_bytes(b"half a list")
    (tmp_path / "current.new").symlink_to("7")
    write_edition(edition, tmp_path)
    assert sorted(one.name for one in (tmp_path / "current").iterdir()) == [
        "revocation.json",
        "suspension.json",
        "token.jwt",
    ]
    assert not (tmp_path / "current.new").is_symlink()
