"""A production engine whose seal is behind a lock: rules hold for it as for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from oneservice import Applicant, CaseStatus, Engine
from oneservice.catalog import load_catalog
from oneservice.certificates import (
    Cryptosuite,
    SealHours,
    SealPolicy,
    SigningKey,
    examine_book,
    read_book,
    sealed_part,
)
from oneservice.clocks import VirtualClock
from oneservice.sandbox import SandboxSeals, SimulatedDepartments
from oneservice.seals import LockedSigner, SafetyLock, SealBook
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
BOOK_STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall" / "national.yaml"
SEAL = "https://lead.example/seals/results"


async def test_results_are_sealed_within_the_hours_of_the_seal(tmp_path: Path) -> None:
    """The case is done at night; its seal is used in the morning, once, and has a receipt."""
    catalog, clock = load_catalog(BOOK_STALL.parent), VirtualClock(START)
    things = {one.thing.id: one for one in catalog.things("990101", START.date())}
    seals = SandboxSeals(things, region="990101")
    departments = SimulatedDepartments(clock=clock, seals=seals, path=str(tmp_path / "offices"))
    key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    issuer = seals.signer().issuer
    policy = SealPolicy(
        seal_id=SEAL,
        name={"en": "Results"},
        key_id=f"{issuer.id}#{key.public_multibase}",
        types=("case_bundle",),
        regions=("990101",),
        requesters=("engine:990101",),
        hours=SealHours(opens=time(3, 0), closes=time(4, 0)),
        valid_from=START - timedelta(days=1),
    )
    with SealBook(tmp_path / "seal.db", seal_id=SEAL) as book:
        book.enact(policy, at=START)
        lock = SafetyLock(
            issuer=issuer, key=key, book=book, clock=clock, calendar=announced_calendar()
        )
        signer = LockedSigner(
            lock=lock, requester="engine:990101", waits=True, look_again=timedelta(minutes=20)
        )
        async with Engine.embedded(
            tmp_path / "cases.db",
            region="990101",
            departments=departments,
            signer=signer,
            catalog=catalog,
            trust=seals.trust(),
            clock=clock,
            feed_every=timedelta(hours=6),
        ) as engine:
            case = await engine.submit(
                engine.plan(
                    "book_stall", answers={"area": "8", "new_books": True, "evening": False}
                ),
                Applicant(name="Old Pages", code="92990101MA99000523"),
                fields={"name": "Old Pages", "phone": "13800000000"},
                materials={"m_sketch": b"a sketch"},
            )
            case = await engine.settled(case.id)
            assert case.status is CaseStatus.CONCLUDED
            bundle = await engine.bundle(case.id)
            document = bundle.certificate.document
            receipt = await signer.receipt(document)
            assert receipt.document_digest == sealed_part(document)
            assert policy.local(receipt.at).hour == 3
            report = examine_book(read_book(book.dump()), calendar=announced_calendar())
            assert (report.sealed, report.unused, report.findings) == (1, (), ())
            assert report.refused == {}  # waiting is no asking
            assert b"Old Pages" not in (tmp_path / "seal.db").read_bytes()
    departments.close()
