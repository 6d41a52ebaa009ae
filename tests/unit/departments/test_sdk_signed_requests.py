"""Callers that sign, at a real server: P-76 to P-81, rotation, name spaces, authorisation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from oneservice.canonical import canonical, digest_bytes
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    DepartmentEndpoint,
    EcdsaEventKey,
    Ed25519EventKey,
    HttpDepartments,
    MessageSigner,
    MutualTls,
    Outcome,
    Received,
    Submission,
    VerifyingKey,
    compose_submission,
    parse_problem,
    running,
)
from oneservice.departments.filing import SubmissionBody
from oneservice.departments.wire import content_digest
from oneservice.errors import AdapterError, DepartmentContractError

HERE = "fire-rescue"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
PORTAL, OTHER = Ed25519EventKey.generate("portal-1"), EcdsaEventKey.generate("other-1")
EVENTS = Ed25519EventKey.generate("dept-1")


def public(key: Any, **dates: datetime) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key, **dates)


def registry() -> Callers:
    return Callers(
        Caller(id="portal", keys=(public(PORTAL),)), Caller(id="other", keys=(public(OTHER),))
    )


def application(**members: Any) -> bytes:
    given = {"case_id": "c1", "step_id": "plain", "attempt": 1, "applicant": {"kind": "person"}}
    return compose_submission(SubmissionBody(**(given | members)))


@asynccontextmanager
async def department(
    tmp_path: Path, callers: Callers, **options: Any
) -> AsyncIterator[tuple[str, VirtualClock]]:
    clock = VirtualClock(START)
    app = AdapterApp(
        HERE,
        store=tmp_path / "register.db",
        event_key=EVENTS,
        clock=clock,
        callers=callers,
        **options,
    )

    @app.step("plain", promised_working_days=5)
    def plain(submission: Submission) -> Outcome:
        assert submission.caller in {"portal", "other"}
        return Received()

    async with running(app) as url:
        yield url, clock


def engine(url: str, clock: VirtualClock, key: Any) -> HttpDepartments:
    signer = None if key is None else MessageSigner(key=key)
    endpoint = DepartmentEndpoint(base_url=url, keys=(public(EVENTS),), signer=signer)
    return HttpDepartments({HERE: endpoint}, clock=clock)


async def refusal(url: str, clock: VirtualClock, key: Any) -> str:
    async with engine(url, clock, key) as client:
        try:
            await client.changes(HERE, cursor=None)
        except DepartmentContractError as error:
            return error.problem
        return "let in"


async def test_a_signed_case_goes_through_and_stays_with_its_caller(tmp_path: Path) -> None:
    async with department(tmp_path, registry()) as (url, clock):
        async with engine(url, clock, PORTAL) as portal, engine(url, clock, OTHER) as other:
            await portal.put_document(HERE, b"plan", "application/pdf")
            page = await portal.submit(HERE, "c1.plain.1", application())
            assert page.state == "received"
            # P-81, P-51, P-58: to another caller nothing of it exists.
            assert await other.read(HERE, "c1.plain.1", after=0) is None
            assert (await other.changes(HERE, cursor=None)).changes == ()
            promise = {"material": "m", "until": "2026-10-12", "document": digest_bytes(b"plan")}
            body = application(step_id="plain").replace(
                b'"promises":[]', b'"promises":[' + canonical(promise) + b"]"
            )
            with pytest.raises(DepartmentContractError) as caught:
                await other.submit(HERE, "c9.plain.1", body)
            assert caught.value.problem == "missing-document"
            # And the same id is free for it.
            assert (await other.submit(HERE, "c1.plain.1", application())).head_seq == 1
            mine = await portal.changes(HERE, cursor=None)
            assert [one.head_digest for one in mine.changes] == [page.head_digest]
        # P-76: strangers.
        assert await refusal(url, clock, None) == "signature-missing"
        assert await refusal(url, clock, Ed25519EventKey.generate("stranger")) == "unknown-key"
        assert await refusal(url, clock, Ed25519EventKey.generate("portal-1")) == (
            "signature-invalid"
        )
        assert await refusal(url, VirtualClock(START + timedelta(seconds=120)), PORTAL) == (
            "clock-skew"
        )


async def test_that_requests_must_be_signed_is_announced(tmp_path: Path) -> None:
    """Section 3: also to who signs already, and again once nobody has keys here."""
    callers = registry()
    async with (
        department(tmp_path, callers, authenticate=_everybody) as (url, clock),
        engine(url, clock, PORTAL) as portal,
    ):
        assert (await portal.capabilities(HERE)).authentication == ("signature",)
    unsigned = Callers(Caller(id="portal"))
    for registered, told in ((callers, ("mtls", "signature")), (unsigned, ("mtls",))):
        given = {"callers": registered, "base_url": "https://dept.example/oneservice/v1"}
        app = AdapterApp(HERE, store=":memory:", authenticate=MutualTls(registered), **given)
        assert app.capabilities().authentication == told


def _everybody(_scope: Any) -> str:
    return "portal"


async def test_p79_keys_change_while_the_department_serves(tmp_path: Path) -> None:
    callers, new = registry(), EcdsaEventKey.generate("portal-2")
    async with department(tmp_path, callers) as (url, clock):
        assert await refusal(url, clock, new) == "unknown-key"
        until = START + timedelta(days=1)
        callers.put(Caller(id="portal", keys=(public(PORTAL, not_after=until), public(new))))
        assert [await refusal(url, clock, key) for key in (PORTAL, new)] == ["let in"] * 2
        clock.advance(timedelta(days=2))
        assert await refusal(url, clock, PORTAL) == "unknown-key"
        assert await refusal(url, clock, new) == "let in"
        callers.remove("portal")
        assert await refusal(url, clock, new) == "unknown-key"


def _raw(url: str, *, method: str = "PUT", body: bytes = b"", **query: str) -> dict[str, Any]:
    """Return a correctly signed request as its parts."""
    path = "/submissions/c1.plain.1" if method == "PUT" else "/changes"
    headers = {"OneService-Version": "1.0", "Content-Digest": content_digest(body)}
    whole = f"{url}{path}" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
    made = MessageSigner(key=PORTAL).headers(
        method=method, url=whole, headers=headers, created_at=START
    )
    if body:
        headers["Content-Type"] = "application/json"
    return {"method": method, "url": whole, "headers": headers | dict(made), "content": body}


Change = Callable[[dict[str, Any]], dict[str, Any]]


def header(name: str, value: str | None) -> Change:
    def change(request: dict[str, Any]) -> dict[str, Any]:
        headers = {k: v for k, v in request["headers"].items() if k != name}
        return request | {"headers": headers if value is None else headers | {name: value}}

    return change


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (lambda request: request, (200, None)),
        (header("Host", "evil.example"), (200, None)),  # Host says nothing, signed or not
        (lambda request: request | {"url": request["url"] + "?wait=1"}, (401, "signature-invalid")),
        (
            lambda request: request | {"url": request["url"].replace("c1.plain", "c%31.plain")},
            (401, "signature-invalid"),
        ),
        (lambda request: request | {"content": b"{}"}, (400, "digest-mismatch")),
        (header("Content-Digest", None), (401, "signature-invalid")),
        (header("Content-Digest", content_digest(b"{}")), (401, "signature-invalid")),
        (header("Signature", None), (401, "signature-missing")),
        (header("Signature-Input", None), (401, "signature-missing")),
        (header("Signature", "oneservice=:AAAA:"), (401, "signature-invalid")),
        (header("OneService-Version", "1.1"), (400, "unsupported-version")),
    ],
)
async def test_p77_p80_on_the_wire(
    tmp_path: Path, change: Change, answer: tuple[int, str | None]
) -> None:
    async with department(tmp_path, registry()) as (url, _), httpx.AsyncClient() as http:
        request = _raw(url, body=application())
        first = await http.request(**request)
        assert first.status_code == 201, first.text
        again = await http.request(**change(request))  # P-80: a captured one changes nothing
        code = None if again.status_code == 200 else parse_problem(again.content).code
        assert (again.status_code, code) == answer
        state = await http.request(**_raw(url, method="GET"))
        assert [one["head"]["seq"] for one in state.json()["changes"]] == [1]


async def test_a_second_content_digest_is_not_chosen_from(tmp_path: Path) -> None:
    async with department(tmp_path, registry()) as (url, _), httpx.AsyncClient() as http:
        request = _raw(url, body=application())
        headers = [*request["headers"].items(), ("Content-Digest", content_digest(b"{}"))]
        answer = await http.request(**(request | {"headers": headers}))
        assert parse_problem(answer.content).code == "signature-invalid"
        reading = _raw(url, method="GET")
        reading["content"] = b"{}"  # content that no digest covers is never read
        assert (await http.request(**reading)).status_code == 200


async def test_the_configured_address_counts_behind_a_proxy(tmp_path: Path) -> None:
    public_url = "https://dept.example/fire/oneservice/v1"
    async with (
        department(tmp_path, registry(), base_url=public_url) as (url, _),
        httpx.AsyncClient() as http,
    ):
        request = _raw(public_url, method="GET", wait="0")
        behind = request["url"].replace(public_url, url)
        assert (await http.request(**(request | {"url": behind}))).status_code == 200
        direct = _raw(url, method="GET")
        assert parse_problem((await http.request(**direct)).content).code == "signature-invalid"


async def test_a_caller_files_what_it_may(tmp_path: Path) -> None:
    callers = Callers(
        Caller(id="portal", keys=(public(PORTAL),), steps=frozenset({"plain"}), regions=("3301",)),
        Caller(id="other", keys=(public(OTHER),), steps=frozenset({"x"})),
    )
    async with (
        department(tmp_path, callers) as (url, clock),
        engine(url, clock, PORTAL) as portal,
        engine(url, clock, OTHER) as other,
    ):
        for client, region in ((other, "330106"), (portal, "310000"), (portal, None)):
            with pytest.raises(DepartmentContractError) as caught:
                await client.submit(HERE, "c1.plain.1", application(region=region))
            assert caught.value.problem == "not-allowed"
        page = await portal.submit(HERE, "c1.plain.1", application(region="330106"))
        assert page.state == "received"


async def test_two_credentials_must_name_one_caller(tmp_path: Path) -> None:
    names = iter(["portal", "other", None])
    async with department(tmp_path, registry(), authenticate=lambda _: next(names)) as (url, clock):
        assert await refusal(url, clock, PORTAL) == "let in"
        assert await refusal(url, clock, PORTAL) == "unauthenticated"
        assert await refusal(url, clock, PORTAL) == "unauthenticated"


async def test_without_keys_the_registry_still_knows_who_may_come(tmp_path: Path) -> None:
    names = iter(["portal", "stranger"])
    callers = Callers(Caller(id="portal"))
    async with department(tmp_path, callers, authenticate=lambda _: next(names)) as (url, clock):
        assert await refusal(url, clock, None) == "let in"
        assert await refusal(url, clock, None) == "unauthenticated"


async def test_an_adapter_that_cannot_know_its_address_says_so(tmp_path: Path) -> None:
    app = AdapterApp(HERE, store=tmp_path / "r.db", callers=registry())
    with pytest.raises(AdapterError, match="base_url"):
        await app.open()
    app = AdapterApp(HERE, store=tmp_path / "r.db", callers=Callers(Caller(id="portal")))
    with pytest.raises(AdapterError, match="authenticate"):
        await app.open()


@pytest.mark.parametrize(
    "caller",
    [
        lambda: Caller(id="a b"),
        lambda: Caller(id="a", callbacks={"x y": "https://a.example/"}),
        lambda: Caller(id="a", callbacks={"x": "http://a.example/"}),
        lambda: Caller(id="a", callbacks={"x": "https://u:p@a.example/"}),
        lambda: Caller(id="a", callbacks={"x": "https://a.example/?q"}),
        lambda: Caller(id="a", callbacks={"x": "https://a.example:x/"}),
        lambda: Callers(Caller(id="a"), Caller(id="a")),
        lambda: Callers(Caller(id="a", clients=("c",)), Caller(id="b", clients=("c",))),
        lambda: Callers(
            Caller(id="a", keys=(public(PORTAL),)), Caller(id="b", keys=(public(PORTAL),))
        ),
    ],
)
def test_a_registry_that_is_wrong_is_refused(caller: Callable[[], object]) -> None:
    with pytest.raises(AdapterError):
        caller()


def test_a_replacement_that_is_refused_changes_nothing() -> None:
    callers = registry()
    with pytest.raises(AdapterError):
        callers.put(replace(Caller(id="third"), keys=(public(PORTAL),)))
    assert [one.id for one in callers] == ["portal", "other"]
    found = callers.of_key("portal-1")
    assert found is not None
    assert found.id == "portal"
