"""Whole things over HTTP: the engine's own client, and each office a server on loopback."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oneservice import Applicant, CaseStatus, Engine
from oneservice.case import ConsentGiven
from oneservice.catalog import (
    AnswersFile,
    StepKind,
    bundled_catalog_dir,
    load_answers,
    load_catalog,
)
from oneservice.certificates import (
    BUNDLE_TYPE,
    Cryptosuite,
    Entitlement,
    ListedKey,
    Publication,
    PublishedStatus,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    verify,
)
from oneservice.clocks import VirtualClock
from oneservice.departments import DepartmentEndpoint, HttpDepartments, event_keys_of, running
from oneservice.engine import KeySigner
from oneservice.errors import StatusUnknownError
from oneservice.ports import SealHolder
from oneservice_adapters import Office, opened_office

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MONDAY = datetime(2026, 9, 28, 1, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
COUNTRY = "000000"
CATALOG = load_catalog([bundled_catalog_dir()])


def lead() -> tuple[KeySigner, TrustedIssuer]:
    """Return who hands the results out: it holds the engine's seal and has no office."""
    key = SigningKey.generate(Cryptosuite.EDDSA_JCS_2022)
    name = {"zh": "政务服务中心", "en": "Government Service Centre"}
    holder = SealHolder(
        id="https://lead.example/issuer", name=name, region=COUNTRY, is_sandbox=True
    )
    listed = ListedKey.for_certificates(holder.id, key.public_multibase, valid_from=SINCE)
    issuer = TrustedIssuer(
        id=holder.id,
        name=name,
        region=COUNTRY,
        department="government-service-centre",
        keys=(listed,),
        entitlements=(Entitlement(type=BUNDLE_TYPE, region=COUNTRY, valid_from=SINCE),),
    )
    return KeySigner(holder, key), issuer


@contextlib.asynccontextmanager
async def engine_of(
    folder: Path, departments: Collection[str], region: str
) -> AsyncIterator[tuple[Engine, TrustStore, dict[str, Office]]]:
    """Open every office in a server of its own, and the engine over them."""
    clock, (seal, issuer) = VirtualClock(MONDAY), lead()
    async with contextlib.AsyncExitStack() as stack:
        offices = {
            name: stack.enter_context(
                opened_office(folder / name, name, clock=clock, region=COUNTRY)
            )
            for name in sorted(departments)
        }
        trust = TrustStore(
            territory=COUNTRY,
            version=1,
            issued_at=SINCE,
            expires_at=SINCE.replace(year=2036),
            issuers=(
                issuer,
                *(one.card.trusted_issuer(since=SINCE) for one in offices.values()),
            ),
        ).signed(
            key=SigningKey.generate(Cryptosuite.EDDSA_JCS_2022),
            signer_id="https://trust.example/list",
            created=SINCE,
        )
        endpoints = {
            name: DepartmentEndpoint(
                base_url=await stack.enter_async_context(running(one.app)),
                keys=event_keys_of(trust, name),
                per_minute=100_000,
            )
            for name, one in offices.items()
        }
        ports = await stack.enter_async_context(HttpDepartments(endpoints, clock=clock))
        engine = await stack.enter_async_context(
            Engine.embedded(
                folder / "cases.db",
                region=region,
                departments=ports,
                signer=seal,
                catalog=CATALOG,
                trust=trust,
                clock=clock,
                feed_every=timedelta(hours=4),
            )
        )
        yield engine, trust, offices


async def concluded(
    folder: Path, given: AnswersFile, **changed: Any
) -> tuple[Any, list[Any], TrustStore, datetime]:
    """Return the case, its certificates, the trust list, and when it was over."""
    effective = CATALOG.thing(given.thing, region=given.region, on=MONDAY.date())
    departments = {
        effective.items[one.item].department
        for one in effective.thing.steps
        if one.kind is not StepKind.BUNDLE
    }
    async with engine_of(folder, departments, given.region) as (engine, trust, offices):
        plan = engine.plan(given.thing, region=given.region, answers={**given.answers, **changed})
        case = await engine.submit(
            plan,
            Applicant(**given.applicant.model_dump()),
            fields=given.fields,
            materials={name: given.material_bytes(name) for name in given.materials},
            consents={
                name: ConsentGiven.to(one.text.encode(), by=one.by, at=one.at, until=one.until)
                for name, one in given.consents.items()
            },
        )
        case = await engine.settled(case.id)
        lists = [
            (await one.app.certificates.edition(engine.now())).documents[Publication.TOKEN]
            for one in offices.values()
            if one.app.certificates is not None
        ]
        status = PublishedStatus.of(lists, trust=trust)
        for one in await engine.certificates(case.id):
            verify(one, trust=trust, at=engine.now(), status=status)
        return case, list(await engine.certificates(case.id)), trust, engine.now()


@pytest.mark.parametrize(
    ("thing", "papers"),
    [
        ("newborn", {"birth_medical_certificate", "household_entry", "social_security_card"}),
        ("deregistration", {"tax_clearance", "deregistration_notice"}),
        ("transport_company", {"road_transport_permit", "vehicle_permit", "driver_qualification"}),
        ("data_change", {"business_licence", "seal_record"}),
        ("credit_repair", {"credit_repair_decision"}),
        ("retirement", {"pension_decision", "medical_insurance_record"}),
        ("after_death", {"household_cancellation", "death_allowance"}),
        ("utilities", {"power_contract", "water_contract"}),
    ],
)
async def test_a_whole_thing_over_http(tmp_path: Path, thing: str, papers: set[str]) -> None:
    given = load_answers(EXAMPLES / f"{thing}.yaml")
    case, certificates, trust, at = await concluded(tmp_path, given)
    assert case.corrections == ()
    assert case.status is CaseStatus.CONCLUDED, case.status
    assert {str(one.status) for one in case.sub_cases.values()} == {"granted"}
    assert papers <= {one.type for one in certificates}
    for one in certificates:
        with pytest.raises(StatusUnknownError):  # it names a register, and none is at hand
            verify(one, trust=trust, at=at, status=None)
