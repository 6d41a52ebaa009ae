"""Claims that a function grants are entered, sealed and moved; the lists say so to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.certificates import (
    Certificate,
    Claims,
    Cryptosuite,
    Entitlement,
    ListedKey,
    ListIssuer,
    Operation,
    Publication,
    PublishedStatus,
    SdJwt,
    SigningKey,
    TrustedIssuer,
    TrustStore,
    add_proof,
    examine,
)
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    WALLET_TYPE,
    Accepted,
    AdapterApp,
    CertificateDesk,
    Granted,
    ResultReplaced,
    ResultRevoked,
    Submission,
    SubmissionBody,
    compose_submission,
)
from oneservice.runtimes import StatusRegister, write_edition

START = datetime(2026, 9, 28, 1, tzinfo=UTC)
OFFICE = "https://permits.990101.example/issuer"
URI = "https://permits.990101.example/status/1"
KEY = SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
KEY_ID = f"{OFFICE}#{KEY.public_multibase}"
HEADERS = {"OneService-Version": "1.0", "Content-Type": "application/json"}
TRUST = TrustStore(
    territory="990101",
    version=1,
    issued_at=START,
    expires_at=START + timedelta(days=4000),
    issuers=(
        TrustedIssuer(
            id=OFFICE,
            name={"en": "Permits"},
            region="990101",
            keys=(ListedKey.for_certificates(OFFICE, KEY.public_multibase, valid_from=START),),
            entitlements=(Entitlement(type="permit", region="990101", valid_from=START),),
        ),
    ),
)


def claims(serial: int = 1) -> Claims:
    return Claims(
        id=f"https://permits.990101.example/permits/{serial}",
        type="permit",
        title={"en": "Permit"},
        issuer_id=OFFICE,
        issuer_name={"en": "Permits"},
        issuer_region="990101",
        holder_name="Sample Bakery",
        valid_from=date(2026, 9, 28),
    )


def app_in(folder: Path, clock: VirtualClock, **desk: Any) -> AdapterApp:
    app = AdapterApp(
        "permits",
        region="990101",
        store=folder / "register.db",
        clock=clock,
        certificates=CertificateDesk(
            register=partial(StatusRegister.open, folder / "status.db", uri=URI, entries=131_072),
            issuer=ListIssuer(id=OFFICE, key=KEY, key_id=KEY_ID),
            on_edition=partial(write_edition, folder=folder / "lists"),
            **desk,
        ),
    )

    @app.step("permit", promised_working_days=3)
    def permit(submission: Submission) -> tuple[Accepted, Granted]:
        del submission
        return Accepted(), Granted(number="P1", certificate=claims())

    return app


def http(app: AdapterApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    return httpx.AsyncClient(transport=transport, base_url="http://office.test", headers=HEADERS)


async def filed(app: AdapterApp) -> dict[str, Any]:
    body = SubmissionBody(
        case_id="c1",
        step_id="permit",
        attempt=1,
        region="990101",
        applicant={"kind": "organisation", "name": "Sample Bakery"},
    )
    async with http(app) as client:
        path = "/oneservice/v1/submissions/c1.permit.1"
        answer = await client.put(path, content=compose_submission(body))
        assert answer.status_code in {200, 201}, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def the_list(app: AdapterApp, query: str = "", **headers: str) -> httpx.Response:
    async with http(app) as client:
        return await client.get(f"/status/1{query}", headers={"OneService-Version": "", **headers})


def reason(document: Mapping[str, Any], token: bytes, at: datetime) -> str | None:
    status = PublishedStatus.of([token], trust=TRUST)
    return examine(Certificate.of(document), trust=TRUST, at=at, status=status).reason


async def test_what_is_granted_stands_in_the_register_and_verifies(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with app_in(tmp_path, clock, fills_wallets=True) as app:
        granted = (await filed(app))["events"][-1]["data"]["outcome"]
        answer = await the_list(app)
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        assert granted["certificate"]["credentialStatus"]
        assert reason(granted["certificate"], answer.content, clock.now()) is None
        (paper,) = granted["documents"]
        assert paper["media_type"] == WALLET_TYPE
        async with http(app) as client:
            form = await client.get(f"/oneservice/v1/documents/{paper['digest'].replace(':', '-')}")
        assert SdJwt.parse(form.content).claims["holder_name"] == "Sample Bakery"
        again = (await filed(app))["events"][-1]["data"]["outcome"]
        assert again == granted


async def test_a_revoked_result_is_revoked_in_the_lists_before_it_is_told(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with app_in(tmp_path, clock) as app:
        granted = (await filed(app))["events"][-1]["data"]["outcome"]
        first = await the_list(app)
        clock.set(START + timedelta(days=1))
        await app.record("c1.permit.1", ResultRevoked(reason="false papers", by_law="art. 69"))
        second = await the_list(app)
        at = clock.now() + timedelta(minutes=1)
        assert reason(granted["certificate"], second.content, at) == "revoked"
        assert reason(granted["certificate"], first.content, START) is None
        then = await the_list(app, f"?time={int(START.timestamp()) + 60}")
        assert then.content == first.content
        assert (await the_list(app, "?time=1")).status_code == 404
    assert (tmp_path / "lists" / "current" / "token.jwt").read_bytes() == second.content
    assert (tmp_path / "lists" / "1" / "token.jwt").read_bytes() == first.content


async def test_whoever_asks_may_keep_a_list_and_read_it_in_a_browser(tmp_path: Path) -> None:
    """Token Status List, section 8.1 (CORS) and "Status List Update Interval and Caching"."""
    async with app_in(tmp_path, VirtualClock(START)) as app:
        await filed(app)
        answer = await the_list(app)
        again = await the_list(app, **{"If-None-Match": answer.headers["etag"]})
        assert (answer.status_code, again.status_code) == (200, 304)
        for one in (answer, again, await the_list(app, "?time=1")):
            assert one.headers["access-control-allow-origin"] == "*"
        for one in (answer, again):
            kept = one.headers.get_list("cache-control")
            assert len(kept) == 1
            assert kept[0].startswith("public, max-age=")


async def test_a_replaced_result_ends_the_version_before(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with app_in(tmp_path, clock) as app:
        granted = (await filed(app))["events"][-1]["data"]["outcome"]
        clock.set(START + timedelta(hours=2))
        mended = replace(claims(2), conditions=("No raw fish.",))
        changed = ResultReplaced(granted=Granted(number="P1", certificate=mended))
        seen = await app.record("c1.permit.1", changed)
        later = seen.history[-1].data["outcome"]["certificate"]
        token, at = (await the_list(app)).content, clock.now() + timedelta(minutes=1)
        assert reason(granted["certificate"], token, at) == "revoked"
        assert reason(later, token, at) is None


async def test_an_office_holds_and_releases_outside_of_any_submission(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with app_in(tmp_path, clock) as app:
        granted = (await filed(app))["events"][-1]["data"]["outcome"]["certificate"]
        desk = app.certificates
        assert desk is not None
        answers = []
        for hours, operation in ((1, Operation.HOLD), (2, Operation.RELEASE)):
            clock.set(START + timedelta(hours=hours))
            await desk.move(claims().id, operation, at=clock.now(), ground="art. 61")
            token = (await the_list(app)).content
            answers.append(reason(granted, token, clock.now() + timedelta(minutes=1)))
        assert answers == ["suspended", None]


async def test_killed_between_register_and_event_the_same_bytes_are_granted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(START)
    signed: list[dict[str, Any]] = []

    class Recording:
        async def sign(self, document: Mapping[str, Any], *, created: datetime) -> dict[str, Any]:
            signed.append(add_proof(document, key=KEY, verification_method=KEY_ID, created=created))
            return signed[-1]

    async with app_in(tmp_path, clock, seal=Recording()) as app:

        async def dies(entry: object) -> None:
            del entry
            raise KeyboardInterrupt

        monkeypatch.setattr(type(app._scribe.register), "commit", lambda _, entry: dies(entry))
        with pytest.raises(KeyboardInterrupt):
            await filed(app)
        monkeypatch.undo()
    async with app_in(tmp_path, clock, seal=Recording()) as app:
        granted = (await filed(app))["events"][-1]["data"]["outcome"]["certificate"]
    assert signed[0] == signed[1] == granted


async def test_claims_without_a_desk_are_a_fault_of_the_adapter(tmp_path: Path) -> None:
    app = AdapterApp("permits", store=tmp_path / "register.db", clock=VirtualClock(START))
    app.step("permit")(lambda _: (Accepted(), Granted(certificate=claims())))
    async with app, http(app) as client:
        body = SubmissionBody(
            case_id="c1", step_id="permit", attempt=1, applicant={"kind": "person", "name": "x"}
        )
        answer = await client.put(
            "/oneservice/v1/submissions/c1.permit.1", content=compose_submission(body)
        )
        assert answer.status_code == 500


async def test_the_three_lists_are_served_and_nothing_is_written_there(tmp_path: Path) -> None:
    async with app_in(tmp_path, VirtualClock(START)) as app, http(app) as client:
        kinds = {
            one: (await client.get(f"/status/1{path}")).headers["content-type"]
            for one, path in (
                (Publication.TOKEN, ""),
                (Publication.REVOCATION, "/revocation"),
                (Publication.SUSPENSION, "/suspension"),
            )
        }
        assert set(kinds.values()) == {"application/statuslist+jwt", "application/vc"}
        assert (await client.put("/status/1", content=b"x")).status_code == 405
        assert (await client.get("/status/2")).status_code == 404
        first = await client.get("/status/1")
        match = {"If-None-Match": first.headers["etag"]}
        assert (await client.get("/status/1", headers=match)).status_code == 304
