"""Signed requests (RFC 9421): two libraries for JavaScript sign to a live desk, and read ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from oneservice.clocks import SystemClock
from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    EcdsaEventKey,
    Ed25519EventKey,
    MessageSigner,
    Outcome,
    Received,
    Submission,
    SubmissionBody,
    VerifyingKey,
    compose_submission,
    parse_problem,
    running,
)
from oneservice.departments.message_signatures import COMPONENTS, REQUEST_TAG
from oneservice.departments.wire import BASE_PATH, content_digest

LIBRARIES = ("http-message-signatures", "http-message-sig")
ED25519 = Ed25519EventKey(keyid="ed", private=ed25519.Ed25519PrivateKey.generate())
P256 = EcdsaEventKey(keyid="p", private=ec.generate_private_key(ec.SECP256R1()))
KEYS = pytest.mark.parametrize("key", [ED25519, P256], ids=lambda key: key.alg)
FILED = compose_submission(
    SubmissionBody(
        case_id="c1",
        step_id="plain",
        attempt=1,
        applicant={"kind": "organisation", "name": "Li's Noodles"},
    )
)


def private_pem(key: Any) -> str:
    data = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return str(data, "ascii")


def public_pem(key: Any) -> str:
    data = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return str(data, "ascii")


def parameters(key: Any, **others: Any) -> dict[str, Any]:
    now = int(SystemClock().now().timestamp())
    given = {"created": now, "expires": now + 200, "keyid": key.keyid, "tag": REQUEST_TAG}
    return given | others


@dataclass(frozen=True)
class Desk:
    """A department that wants every request signed, and who calls it."""

    url: str
    http: httpx.AsyncClient
    strangers: Any

    async def ask(
        self, library: str, key: Any, method: str, path: str, body: bytes = b"", **others: Any
    ) -> httpx.Response:
        headers = {"Content-Digest": content_digest(body), "OneService-Version": "1.0"}
        if body:
            headers["Content-Type"] = "application/json"
        signed = self.strangers.ask(
            f"{library}.sign",
            method=method,
            url=self.url + path,
            headers=headers,
            components=list(COMPONENTS),
            parameters=parameters(key, **others),
            alg=key.alg,
            pem=private_pem(key),
        )
        assert "headers" in signed, signed
        return await self.http.request(
            method, self.url + path, content=body, headers=signed["headers"]
        )


def verifying(key: Any) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


@pytest.fixture
async def desk(tmp_path: Path, strangers: Any, free_port: Callable[[], int]) -> AsyncIterator[Desk]:
    port = free_port()
    app = AdapterApp(
        "health",
        store=tmp_path / "register.db",
        callers=Callers(Caller(id="node", keys=(verifying(ED25519), verifying(P256)))),
        base_url=f"http://127.0.0.1:{port}{BASE_PATH}",
    )

    @app.step("plain")
    def plain(_submission: Submission) -> Outcome:
        return Received()

    async with running(app, port=port) as url, httpx.AsyncClient() as http:
        yield Desk(url, http, strangers)


@KEYS
@pytest.mark.parametrize("library", LIBRARIES)
async def test_what_they_sign_is_let_in(desk: Desk, library: str, key: Any) -> None:
    filed = await desk.ask(library, key, "PUT", "/submissions/c1.plain.1", FILED)
    assert filed.status_code == 201, filed.text
    again = await desk.ask(library, key, "PUT", "/submissions/c1.plain.1", FILED, nonce="n")
    assert again.status_code == 200
    for path in ("/capabilities", "/changes?wait=0", "/submissions/c1%2Eplain%2E1?after=0"):
        answer = await desk.ask(library, key, "GET", path)
        assert answer.status_code == 200, answer.text


@KEYS
@pytest.mark.parametrize("library", LIBRARIES)
async def test_what_they_sign_for_something_else_is_not(desk: Desk, library: str, key: Any) -> None:
    now = parameters(key)["created"]
    for others, problem in (
        ({"tag": "oneservice-callback"}, "signature-invalid"),
        ({"keyid": "nobody"}, "unknown-key"),
        ({"created": 1, "expires": 200}, "clock-skew"),
        ({"created": now, "expires": now + 301}, "signature-invalid"),
    ):
        answer = await desk.ask(library, key, "GET", "/capabilities", **others)
        assert answer.status_code == 401
        assert parse_problem(answer.content).code == problem, others


@KEYS
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "url",
    [
        "https://dept.example/oneservice/v1/submissions/c1.plain.1",
        "https://dept.example:8443/oneservice/v1/changes?after=%20b&wait",
        "https://dept.example:443/",
    ],
)
def test_what_we_sign_they_accept_and_nothing_else(
    strangers: Any, library: str, key: Any, url: str
) -> None:
    headers = {"Content-Digest": content_digest(b""), "OneService-Version": "1.0"}
    moment = SystemClock().now()
    headers |= MessageSigner(key=key).headers(
        method="GET", url=url, headers=headers, created_at=moment
    )
    question = {
        "method": "GET",
        "url": url,
        "headers": headers,
        "components": list(COMPONENTS),
        "alg": key.alg,
        "pem": public_pem(key),
        "keyid": key.keyid,
    }
    assert strangers.accepts(f"{library}.verify", **question)
    for bent in (
        {"method": "PUT"},
        {"url": url + "x"},
        {"url": url.replace("dept", "tept")},
        {"headers": headers | {"OneService-Version": "1.1"}},
        {"headers": headers | {"Content-Digest": content_digest(b"x")}},
        {"headers": headers | {"Signature": headers["Signature"].replace("=:", "=:AA", 1)}},
    ):
        assert not strangers.accepts(f"{library}.verify", **(question | bent)), bent
