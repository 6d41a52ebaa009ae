"""An office's seal has rules: the receipt of each use travels in the bundle of the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from oneservice import Applicant, CaseStatus, Engine
from oneservice.canonical import canonical
from oneservice.catalog import load_catalog
from oneservice.certificates import (
    BUNDLE_TYPE,
    Bundle,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListedSeal,
    ListIssuer,
    Policy,
    SealPolicy,
    SealReceipt,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    examine_bundle,
)
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    RECEIPT_TYPE,
    Accepted,
    AdapterApp,
    CertificateDesk,
    DepartmentEndpoint,
    Ed25519EventKey,
    Granted,
    HttpDepartments,
    OutcomeDocument,
    Submission,
    VerifyingKey,
    running,
)
from oneservice.engine import KeySigner
from oneservice.ports import SealHolder
from oneservice.runtimes import StatusRegister
from oneservice.seals import LockedSigner, SafetyLock, SealBook
from oneservice.workdays import announced_calendar

START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
REGION = "990101"
BOOK_STALL = Path(__file__).resolve().parents[3] / "docs" / "book-stall" / "national.yaml"
OFFICE = "https://pitches.990101.example/issuer"
CENTRE = "https://centre.990101.example/issuer"
SEAL = "https://pitches.990101.example/seals/permits"
SINCE = START - timedelta(days=30)


@dataclass
class Office:
    """City management: its key, its seal book, its adapter."""

    folder: Path
    clock: VirtualClock
    stack: AsyncExitStack

    def __post_init__(self) -> None:
        self.key = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
        self.key_id = f"{OFFICE}#{self.key.public_multibase}"
        self.event_key = Ed25519EventKey.generate("pitches-1")
        self.policy = SealPolicy(
            seal_id=SEAL,
            name={"en": "Permits"},
            key_id=self.key_id,
            types=("pitch_permit",),
            regions=(REGION,),
            requesters=("pitches:desk",),
            valid_from=SINCE,
        )

    def adapter(self, *, beside: tuple[OutcomeDocument, ...] = (), seal: bool = True) -> AdapterApp:
        app = AdapterApp(
            "city-management",
            region=REGION,
            store=self.folder / "office.db",
            event_key=self.event_key,
            clock=self.clock,
            certificates=CertificateDesk(
                register=partial(
                    StatusRegister.open,
                    self.folder / "status.db",
                    uri="https://pitches.990101.example/status/1",
                    entries=131_072,
                ),
                issuer=ListIssuer(id=OFFICE, key=self.key, key_id=self.key_id),
                seal=self._locked() if seal else None,
            ),
        )

        @app.step("pitch", promised_working_days=3)
        def pitch(submission: Submission) -> tuple[Accepted, Granted]:
            granted = Granted(number="P1", certificate=claims(submission), documents=beside)
            return Accepted(), granted

        return app

    def neighbour(self) -> AdapterApp:
        """Return the other office, which is handed what the first one granted."""
        app = AdapterApp(
            "culture",
            region=REGION,
            store=self.folder / "culture.db",
            event_key=self.event_key,
            clock=self.clock,
        )

        @app.step("book_record")
        def book_record(submission: Submission) -> tuple[Accepted, Granted]:
            return Accepted(), Granted(number=f"B-{submission.id}")

        return app

    def _locked(self) -> LockedSigner:
        book = self.stack.enter_context(SealBook(self.folder / "seal.db", seal_id=SEAL))
        book.enact(self.policy, at=START)
        lock = SafetyLock(
            issuer=SealHolder(id=OFFICE, name={"en": "Pitches"}, region=REGION),
            key=self.key,
            book=book,
            clock=self.clock,
            calendar=announced_calendar(),
        )
        return LockedSigner(lock=lock, requester="pitches:desk")

    @property
    def listed(self) -> TrustedIssuer:
        return TrustedIssuer(
            id=OFFICE,
            name={"en": "Pitches"},
            region=REGION,
            keys=(ListedKey.for_certificates(OFFICE, self.key.public_multibase, valid_from=SINCE),),
            entitlements=(Entitlement(type="pitch_permit", region=REGION, valid_from=SINCE),),
        )


def claims(submission: Submission) -> Claims:
    return Claims(
        id=f"https://pitches.990101.example/permits/{submission.id}",
        type="pitch_permit",
        title={"en": "Pitch permit", "zh": "摊位许可证"},
        issuer_id=OFFICE,
        issuer_name={"en": "Pitches", "zh": "城管"},
        issuer_region=REGION,
        holder_name="Old Pages",
        valid_from=date(2026, 9, 28),
    )


@asynccontextmanager
async def bundled(folder: Path, **office: Any) -> AsyncIterator[tuple[Bundle, Office, TrustStore]]:
    """Yield the bundle of a stall whose pitch was granted by that office, over HTTP."""
    clock = VirtualClock(START)
    centre = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    async with AsyncExitStack() as stack:
        own = Office(folder, clock, stack)
        trust = TrustStore(
            territory=REGION,
            version=1,
            issued_at=SINCE,
            expires_at=START + timedelta(days=4_000),
            issuers=(
                own.listed,
                TrustedIssuer(
                    id=CENTRE,
                    name={"en": "Centre"},
                    region=REGION,
                    keys=(
                        ListedKey.for_certificates(
                            CENTRE, centre.public_multibase, valid_from=SINCE
                        ),
                    ),
                    entitlements=(Entitlement(type=BUNDLE_TYPE, region=REGION, valid_from=SINCE),),
                ),
            ),
            seals=(
                ListedSeal(
                    id=SEAL,
                    key_id=own.key_id,
                    policy_digest=own.policy.digest,
                    valid_from=SINCE,
                ),
            ),
        ).signed(key=centre, signer_id="https://trust.example", created=SINCE)
        adapters = {"city-management": own.adapter(**office), "culture": own.neighbour()}
        listed = VerifyingKey(
            keyid=own.event_key.keyid, alg=own.event_key.alg, public_key=own.event_key.public_key
        )
        ways = {
            name: DepartmentEndpoint(
                base_url=await stack.enter_async_context(running(app)),
                keys=(listed,),
                per_minute=100_000,
            )
            for name, app in adapters.items()
        }
        engine = await stack.enter_async_context(
            Engine.embedded(
                folder / "cases.db",
                region=REGION,
                departments=await stack.enter_async_context(HttpDepartments(ways, clock=clock)),
                signer=KeySigner(SealHolder(id=CENTRE, name={"en": "C"}, region=REGION), centre),
                catalog=load_catalog(BOOK_STALL.parent),
                trust=trust,
                clock=clock,
                feed_every=timedelta(hours=6),
            )
        )
        case = await engine.submit(
            engine.plan("book_stall", answers={"area": "4", "new_books": True, "evening": False}),
            Applicant(name="Old Pages", code="92990101MA99000523"),
            fields={"name": "Old Pages", "phone": "13800000000"},
            materials={"m_sketch": b"a sketch"},
        )
        case = await engine.settled(case.id)
        assert case.status is CaseStatus.CONCLUDED
        yield await engine.bundle(case.id), own, trust


async def test_the_receipt_comes_beside_its_certificate(tmp_path: Path) -> None:
    async with bundled(tmp_path) as (bundle, office, trust):
        (permit,) = bundle.certificates
        stated = bundle.enclosed(permit).seal_receipt
        assert stated is not None
        receipt = SealReceipt.of(stated)
        assert (receipt.seal_id, receipt.policy) == (SEAL, office.policy)
        assert bundle.enclosed(bundle.certificate).seal_receipt is None
        report = examine_bundle(
            bundle.dump(), trust=trust, at=START + timedelta(days=1), policy=Policy.standard()
        )
        (part,) = [one for one in report.components if one.sub_case_id == "pitch"]
        (check,) = [one for one in part.report.checks if one.name == "seal"]
        assert "does not show that a log holds the use" in check.evidence["why"]


async def test_an_office_without_a_lock_gives_none(tmp_path: Path) -> None:
    async with bundled(tmp_path, seal=False) as (bundle, _, _):
        assert bundle.enclosures == {}


async def test_what_is_no_receipt_of_it_is_left_out(tmp_path: Path) -> None:
    """Enclosed, it would make the true certificate look forged."""
    junk = OutcomeDocument(data=canonical({"format": "x"}), media_type=RECEIPT_TYPE, name="r.json")
    async with bundled(tmp_path, seal=False, beside=(junk,)) as (bundle, _, _):
        assert bundle.enclosures == {}


async def test_a_receipt_of_another_paper_is_left_out(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    async with bundled(first) as (bundle, _, _):
        stated = bundle.enclosed(bundle.certificates[0]).seal_receipt
    data = canonical(stated)
    other = OutcomeDocument(data=data, media_type=RECEIPT_TYPE, name="r.json")
    async with bundled(second, seal=False, beside=(other,)) as (bundle, _, _):
        assert bundle.enclosures == {}
