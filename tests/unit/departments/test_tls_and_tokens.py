"""Who is connected, over real TLS: mutual TLS and OAuth 2.0 (P-76, P-83)."""

from __future__ import annotations

import base64
import hashlib
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import trustme

from oneservice.canonical import canonical
from oneservice.clocks import VirtualClock
from oneservice.departments import (
    AccessTokens,
    AdapterApp,
    AnyOf,
    Caller,
    Callers,
    ClientCredentials,
    DepartmentEndpoint,
    EcdsaEventKey,
    Ed25519EventKey,
    HttpDepartments,
    MutualTls,
    Outcome,
    Received,
    ServerTls,
    Submission,
    SubmissionBody,
    VerifyingKey,
    compose_submission,
    parse_capabilities,
    running,
    tls_context,
)
from oneservice.departments.client_tokens import ASSERTION_TYPE
from oneservice.departments.jwt import sign_jwt, verify_jwt
from oneservice.errors import (
    DepartmentContractError,
    DepartmentError,
    DepartmentUnavailableError,
    EndpointInvalidError,
    ProtocolProblemError,
)

HERE = "fire-rescue"
START = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
EVENTS = Ed25519EventKey.generate("dept-1")
ISSUER_KEY, CLIENT_KEY = EcdsaEventKey.generate("as-1"), Ed25519EventKey.generate("client-1")
ISSUER, AUDIENCE = "https://as.example", "https://dept.example"


def public(key: Any) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


@dataclass
class Papers:
    """A certificate authority and the files that it made, in PEM."""

    folder: Path
    authority: trustme.CA = field(default_factory=trustme.CA)

    def anchors(self) -> Path:
        path = self.folder / "ca.pem"
        self.authority.cert_pem.write_to_path(path)
        return path

    def issue(self, name: str, **options: Any) -> tuple[Path, Path]:
        made = self.authority.issue_cert(name, **options)
        slug = name.replace("/", "_").replace(":", "_")
        certificate, key = self.folder / f"{slug}.pem", self.folder / f"{slug}.key"
        certificate.write_bytes(b"".join(one.bytes() for one in made.cert_chain_pems))
        made.private_key_pem.write_to_path(key)
        return certificate, key

    def server(self, name: str = "127.0.0.1", **options: Any) -> ServerTls:
        certificate, key = self.issue(name, **options)
        return ServerTls(certificate=certificate, key=key)


@asynccontextmanager
async def department(
    tmp_path: Path, authenticate: Any, tls: ServerTls | None
) -> AsyncIterator[str]:
    app = AdapterApp(
        HERE, store=tmp_path / "register.db", event_key=EVENTS, authenticate=authenticate
    )

    @app.step("plain")
    def plain(_submission: Submission) -> Outcome:
        return Received()

    async with running(app, tls=tls) as url:
        yield url


def engine(url: str, clock: VirtualClock | None = None, **options: Any) -> HttpDepartments:
    endpoint = DepartmentEndpoint(base_url=url, keys=(public(EVENTS),), **options)
    return HttpDepartments({HERE: endpoint}, clock=clock or VirtualClock(START))


def application() -> bytes:
    return compose_submission(
        SubmissionBody(case_id="c", step_id="plain", attempt=1, applicant={"kind": "person"})
    )


async def asked(url: str, **options: Any) -> DepartmentError | None:
    async with engine(url, **options) as client:
        try:
            await client.submit(HERE, "c1.plain.1", application())
        except DepartmentError as error:
            return error
    return None


# --- mutual TLS ---


def two_callers(papers: Papers) -> tuple[Callers, dict[str, ssl.SSLContext]]:
    anchors = papers.anchors()
    contexts = {}
    for name in ("portal.example", "other.example", "unknown.example"):
        certificate, key = papers.issue(name)
        contexts[name] = tls_context(anchors=anchors, certificate=certificate, key=key)
    contexts["none"] = tls_context(anchors=anchors)
    der = ssl.PEM_cert_to_DER_cert((papers.folder / "other.example.pem").read_text())
    return (
        Callers(
            Caller(id="portal", certificates=("portal.example",)),
            Caller(id="other", certificates=(f"sha256:{hashlib.sha256(der).hexdigest()}",)),
        ),
        contexts,
    )


@pytest.mark.parametrize("protocol", ["httptools", "h11"])
async def test_p76_a_certificate_names_the_caller(
    tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if protocol == "h11":
        h11_impl = pytest.importorskip("uvicorn.protocols.http.h11_impl")
        monkeypatch.setattr("uvicorn.protocols.http.auto.AutoHTTPProtocol", h11_impl.H11Protocol)
    papers = Papers(tmp_path)
    callers, contexts = two_callers(papers)
    certificate, key = papers.issue("127.0.0.1")
    tls = ServerTls(
        certificate=certificate, key=key, client_anchors=papers.anchors(), requires_client=False
    )
    async with department(tmp_path, MutualTls(callers), tls) as url:
        assert url.startswith("https://127.0.0.1:")
        async with (
            engine(url, ssl_context=contexts["portal.example"]) as portal,
            engine(url, ssl_context=contexts["other.example"]) as other,
        ):
            assert (await portal.submit(HERE, "c1.plain.1", application())).head_seq == 1
            assert await other.read(HERE, "c1.plain.1", after=0) is None
            assert await portal.read(HERE, "c1.plain.1", after=0) is not None
        for name in ("unknown.example", "none"):
            error = await asked(url, ssl_context=contexts[name])
            assert isinstance(error, DepartmentContractError)
            assert error.problem == "unauthenticated"
        foreign = Papers(tmp_path)
        certificate, key = foreign.issue("portal.example")
        forged = tls_context(anchors=papers.anchors(), certificate=certificate, key=key)
        assert await asked(url, ssl_context=forged) is not None
        async with httpx.AsyncClient(verify=contexts["portal.example"]) as http:
            headers = {"OneService-Version": "1.0"}
            found = parse_capabilities(
                (await http.get(f"{url}/capabilities", headers=headers)).content
            )
            assert found.authentication == ("mtls",)


async def test_a_server_may_cut_off_who_has_no_certificate(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    callers, contexts = two_callers(papers)
    certificate, key = papers.issue("127.0.0.1")
    tls = ServerTls(certificate=certificate, key=key, client_anchors=papers.anchors())
    async with department(tmp_path, MutualTls(callers), tls) as url:
        assert await asked(url, ssl_context=contexts["portal.example"]) is None
        error = await asked(url, ssl_context=contexts["none"])
        assert isinstance(error, DepartmentError)
        assert not isinstance(error, DepartmentContractError)  # nothing is known, nothing refused


async def test_p83_a_server_that_is_not_the_department_is_not_called(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    trusted = tls_context(anchors=papers.anchors())
    yesterday = datetime.now(tz=UTC) - timedelta(days=1)  # noqa: TID251 - OpenSSL reads the clock
    wrong = {
        "name": papers.server("dept.example"),
        "expired": papers.server("127.0.0.1", not_after=yesterday),
        "foreign": Papers(tmp_path).server("127.0.0.1"),
    }
    seen: list[str] = []
    for tls in wrong.values():
        async with department(tmp_path, lambda _: seen.append("!") or "portal", tls) as url:
            error = await asked(url, ssl_context=trusted)
            assert isinstance(error, DepartmentUnavailableError)
            assert "certificate does not verify" in str(error)
            assert not seen


def test_files_that_are_no_tls_files_are_told(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    certificate, _ = papers.issue("a.example")
    _, other_key = papers.issue("b.example")
    (tmp_path / "noise").write_bytes(b"noise")
    for options in (
        {"anchors": tmp_path / "none.pem"},
        {"anchors": tmp_path / "noise"},
        {"certificate": certificate, "key": other_key},
        {"certificate": tmp_path / "noise"},
    ):
        with pytest.raises(EndpointInvalidError, match="PEM"):
            tls_context(**options)


# --- OAuth 2.0 ---


@dataclass
class TokenServer:
    """An authorization server as an ASGI app: ``private_key_jwt`` in, a signed token out."""

    lasts_s: int = 600
    mode: str = "fine"
    claims: dict[str, Any] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        body = (await receive())["body"]
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.forms.append(form)
        status, answer = self.answer(form)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"application/json"), (b"retry-after", b"7")],
            }
        )
        await send({"type": "http.response.body", "body": answer})

    def answer(self, form: dict[str, str]) -> tuple[int, bytes]:
        assert form["grant_type"] == "client_credentials"
        assert form["client_assertion_type"] == ASSERTION_TYPE
        try:
            claims = verify_jwt(
                form["client_assertion"],
                keys={CLIENT_KEY.keyid: public(CLIENT_KEY)},
                issuer="portal-client",
                audience=self.url,
                now=self.clock.now(),
            )
            assert claims["sub"] == claims["iss"]
            assert len(claims["jti"]) > 16
        except ProtocolProblemError:
            return 401, b'{"error":"invalid_client"}'
        if self.mode == "busy":
            return 503, b"{}"
        if self.mode != "fine":
            return 200, self.mode.encode()
        token = minted(**self.claims)
        return 200, (
            f'{{"access_token":"{token}","token_type":"Bearer","expires_in":{self.lasts_s}}}'
        ).encode()


def minted(key: Any = ISSUER_KEY, **changed: Any) -> str:
    now = int(START.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "client_id": "portal-client", "sub": "x"}
    claims |= {"iat": now, "exp": now + 600, "jti": "1"} | changed
    return sign_jwt({k: v for k, v in claims.items() if v is not None}, key, kind="at+jwt")


def tokens_of(callers: Callers, clock: VirtualClock) -> AccessTokens:
    return AccessTokens(
        callers,
        issuer=ISSUER,
        audience=AUDIENCE,
        keys={ISSUER_KEY.keyid: public(ISSUER_KEY)},
        now=clock.now,
    )


@asynccontextmanager
async def token_world(
    tmp_path: Path, clock: VirtualClock
) -> AsyncIterator[tuple[str, TokenServer, ClientCredentials]]:
    server = TokenServer(clock=clock)
    callers = Callers(Caller(id="portal", clients=("portal-client",)))
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(running(server, lifespan="off"))
        server.url = address.replace("/oneservice/v1", "/token")
        url = await stack.enter_async_context(department(tmp_path, tokens_of(callers, clock), None))
        credentials = ClientCredentials(
            token_url=server.url, client_id="portal-client", key=CLIENT_KEY, scopes=("file",)
        )
        yield url, server, credentials


async def test_a_token_is_fetched_kept_and_renewed_in_time(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with (
        token_world(tmp_path, clock) as (url, server, credentials),
        engine(url, clock, credentials=credentials) as client,
    ):
        for _ in range(3):
            await client.submit(HERE, "c1.plain.1", application())
        assert [form["scope"] for form in server.forms] == ["file"]
        clock.advance(timedelta(seconds=569))
        await client.read(HERE, "c1.plain.1", after=0)
        assert len(server.forms) == 1
        clock.advance(timedelta(seconds=1))  # thirty seconds before its end
        server.claims = {"exp": int(START.timestamp()) + 1200}
        await client.read(HERE, "c1.plain.1", after=0)
        assert len(server.forms) == 2


async def test_many_at_once_fetch_one_token(tmp_path: Path) -> None:
    import asyncio  # noqa: PLC0415 - only here

    clock = VirtualClock(START)
    async with (
        token_world(tmp_path, clock) as (url, server, credentials),
        engine(url, clock, credentials=credentials) as client,
    ):
        await asyncio.gather(*(client.read(HERE, f"c{n}.plain.1", after=0) for n in range(12)))
        assert len(server.forms) == 1


async def test_a_refused_token_is_replaced_once(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with (
        token_world(tmp_path, clock) as (url, server, credentials),
        engine(url, clock, credentials=credentials) as client,
    ):
        server.claims = {"aud": "https://elsewhere.example"}
        with pytest.raises(DepartmentContractError) as caught:
            await client.submit(HERE, "c1.plain.1", application())
        assert caught.value.problem == "unauthenticated"
        assert len(server.forms) == 2
        server.claims = {}
        await client.submit(HERE, "c1.plain.1", application())
        assert len(server.forms) == 3


@pytest.mark.parametrize(
    ("mode", "kind", "problem"),
    [
        ("busy", DepartmentUnavailableError, None),
        ("[]", DepartmentContractError, "malformed"),
        ("{}", DepartmentContractError, "malformed"),
        ('{"access_token":"a b","token_type":"Bearer"}', DepartmentContractError, "malformed"),
        (
            '{"access_token":"a\\r\\nX: y","token_type":"bearer"}',
            DepartmentContractError,
            "malformed",
        ),
        ('{"access_token":"a","token_type":"mac"}', DepartmentContractError, "malformed"),
        ("x" * 70_000, DepartmentContractError, "oversize"),
    ],
)
async def test_a_token_server_that_fails_sends_nothing_to_the_department(
    tmp_path: Path, mode: str, kind: type[DepartmentError], problem: str | None
) -> None:
    clock = VirtualClock(START)
    async with token_world(tmp_path, clock) as (url, server, credentials):
        server.mode = mode
        error = await asked(url, clock=clock, credentials=credentials)
        assert type(error) is kind
        assert getattr(error, "problem", None) == problem
        server.mode = "fine"
        async with engine(url, clock, credentials=credentials) as client:
            assert await client.read(HERE, "c1.plain.1", after=0) is None


async def test_a_client_that_the_token_server_does_not_know(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    async with token_world(tmp_path, clock) as (url, server, credentials):
        stranger = ClientCredentials(
            token_url=credentials.token_url,
            client_id="portal-client",
            key=Ed25519EventKey.generate("client-1"),
        )
        error = await asked(url, clock=clock, credentials=stranger)
        assert isinstance(error, DepartmentContractError)
        assert error.problem == "unauthenticated"
        nowhere = ClientCredentials(
            token_url="http://127.0.0.1:9/token",  # noqa: S106 - an address
            client_id="x",
            key=CLIENT_KEY,
        )
        gone = await asked(url, clock=clock, credentials=nowhere)
        assert isinstance(gone, DepartmentUnavailableError)
        assert len(server.forms) == 1


def test_an_address_for_secrets_is_checked() -> None:
    for url in ("http://as.example/token", "https://u:p@as.example/", "as.example", ""):
        with pytest.raises(EndpointInvalidError):
            ClientCredentials(token_url=url, client_id="x", key=CLIENT_KEY)


def _scope(token: str | None, *, twice: bool = False, pem: str | None = None) -> dict[str, Any]:
    header = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    chain = [] if pem is None else [pem]
    return {
        "headers": header * (2 if twice else 1),
        "extensions": {"tls": {"client_cert_chain": chain}},
    }


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"as-1"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    "token",
    [
        *("", "a", "a.b", "a.b.c", "....", "é.b.c", "a" * 9000),
        minted()[:-2],
        minted() + "=",
        minted(key=EcdsaEventKey.generate("as-1")),
        minted(key=EcdsaEventKey.generate("as-2")),
        minted(iss="https://evil.example"),
        minted(iss=None),
        minted(aud="https://elsewhere.example"),
        minted(aud=None),
        minted(aud=[]),
        minted(exp=None),
        minted(exp="9999999999"),
        minted(exp=int(START.timestamp()) - 60),
        minted(nbf=int(START.timestamp()) + 61),
        minted(iat=int(START.timestamp()) + 61),
        minted(client_id="stranger"),
        minted(cnf={"x5t#S256": "AAAA"}),
        _unsigned(minted()),
    ],
)
def test_p76_tokens_that_do_not_count(token: str) -> None:
    callers = Callers(Caller(id="portal", clients=("portal-client",)))
    tokens = tokens_of(callers, VirtualClock(START))
    assert tokens(_scope(minted())) == "portal"
    assert tokens(_scope(minted(aud=["x", AUDIENCE]))) == "portal"
    assert tokens(_scope(token)) is None
    assert tokens(_scope(minted(), twice=True)) is None
    assert tokens(_scope(None)) is None


def test_a_key_of_a_token_is_named_by_a_text() -> None:
    """RFC 7515 section 4.1.4: the number 7 is not the key that is called 7."""
    key = Ed25519EventKey.generate("7")
    claims = {"aud": AUDIENCE, "exp": int(START.timestamp()) + 60}
    for kid, is_good in (('"7"', True), ("7", False), ("null", False), ("[7]", False)):
        head = f'{{"alg":"EdDSA","kid":{kid},"typ":"at+jwt"}}'.encode()
        parts = (base64.urlsafe_b64encode(one).rstrip(b"=") for one in (head, canonical(claims)))
        signed = b".".join(parts)
        token = b".".join((signed, base64.urlsafe_b64encode(key.sign(signed)).rstrip(b"=")))
        asked = {"keys": {"7": public(key)}, "issuer": None, "audience": AUDIENCE, "now": START}
        if is_good:
            assert verify_jwt(token.decode(), **asked)["aud"] == AUDIENCE
            continue
        with pytest.raises(ProtocolProblemError, match="not registered"):
            verify_jwt(token.decode(), **asked)


def test_a_token_is_bound_to_the_certificate_where_both_exist(tmp_path: Path) -> None:
    papers = Papers(tmp_path)
    pems = [papers.issue(name)[0].read_text() for name in ("portal.example", "other.example")]
    one, other = (pem[: pem.index("-----END CERTIFICATE-----") + 26] for pem in pems)
    thumb = hashlib.sha256(ssl.PEM_cert_to_DER_cert(one)).digest()
    bound = minted(cnf={"x5t#S256": base64.urlsafe_b64encode(thumb).decode().rstrip("=")})
    callers = Callers(
        Caller(id="portal", clients=("portal-client",), certificates=("portal.example",))
    )
    tokens = tokens_of(callers, VirtualClock(START))
    assert tokens(_scope(bound, pem=one)) == "portal"
    assert tokens(_scope(bound, pem=other)) is None
    assert tokens(_scope(bound)) is None
    assert tokens(_scope(minted(), pem=one)) is None
    either = AnyOf(MutualTls(callers), tokens)
    assert either.schemes == ("mtls", "oauth2")
    assert either(_scope(None, pem=one)) == "portal"
    assert either(_scope(minted())) == "portal"
    assert either(_scope(None)) is None
    assert MutualTls(callers)(_scope(None, pem="no certificate")) is None


async def test_p82_tokens_and_assertions_stand_in_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    clock = VirtualClock(START)
    async with token_world(tmp_path, clock) as (url, server, credentials):
        server.claims = {"iss": "https://evil.example"}
        error = await asked(url, clock=clock, credentials=credentials)
        text = f"{error} {error!r} {caplog.text}"
        assert server.forms[0]["client_assertion"] not in text
        assert minted(iss="https://evil.example").split(".")[1] not in text
