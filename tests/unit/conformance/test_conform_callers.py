"""The command as an integrator gives it: TLS with its own anchors, keys in files, two callers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trustme
from click.testing import CliRunner

from oneservice.cli.conform import command
from oneservice.conformance import add_test_step
from oneservice.departments import (
    AdapterApp,
    Caller,
    Callers,
    EcdsaEventKey,
    Ed25519EventKey,
    MutualTls,
    ServerTls,
    VerifyingKey,
    running,
)

TRIED = ("P-01", "P-07", "P-51", "P-58", "P-64", "P-67", "P-76", "P-77", "P-78", "P-81", "P-84")


def public(key: Any) -> VerifyingKey:
    return VerifyingKey(keyid=key.keyid, alg=key.alg, public_key=key.public_key)


class Office:
    """An adapter over TLS, and the files of its callers."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        served, client = authority.issue_cert("127.0.0.1"), authority.issue_cert("portal.example")
        files = {"ca": authority.cert_pem, "server": served.cert_chain_pems[0]}
        files |= {
            "server-key": served.private_key_pem,
            "client": client.private_key_and_cert_chain_pem,
        }
        for name, pem in files.items():
            pem.write_to_path(folder / f"{name}.pem")
        self.folder = folder
        self.keys = EcdsaEventKey.generate("portal"), Ed25519EventKey.generate("other-2026")
        for key in self.keys:
            (folder / f"{key.keyid}.pem").write_bytes(key.to_pem())
        self.tls = ServerTls(
            certificate=folder / "server.pem",
            key=folder / "server-key.pem",
            client_anchors=folder / "ca.pem",
            requires_client=False,
        )

    def app(self, *callers: Caller, is_mutual: bool = False) -> AdapterApp:
        known = Callers(*callers)
        app = AdapterApp(
            "sample-office",
            store=self.folder / "register.db",
            callers=known,
            authenticate=MutualTls(known) if is_mutual else None,
        )
        add_test_step(app)
        return app

    def arguments(self, url: str, *more: str) -> list[str]:
        only = [part for number in TRIED for part in ("--only", number)]
        return [url, *only, "--json", "--anchors", str(self.folder / "ca.pem"), *more]


def verdicts(result: Any) -> dict[str, str]:
    return {one["number"]: one["verdict"] for one in json.loads(result.output)["statements"]}


async def test_signing_callers_over_tls(tmp_path: Path, in_thread: Callable[..., Any]) -> None:
    office = Office(tmp_path)
    one, two = (Caller(id=key.keyid, keys=(public(key),)) for key in office.keys)
    keys = ("--key", f"{tmp_path}/portal.pem", "--key", f"other-2026={tmp_path}/other-2026.pem")
    async with running(office.app(one, two), tls=office.tls) as url:
        assert url.startswith("https://")
        result = await in_thread(CliRunner().invoke, command, office.arguments(url, *keys))
    assert verdicts(result) == dict.fromkeys(TRIED, "pass")
    assert result.exit_code == 0


async def test_a_caller_by_its_certificate(tmp_path: Path, in_thread: Callable[..., Any]) -> None:
    office = Office(tmp_path)
    app = office.app(Caller(id="portal", certificates=("portal.example",)), is_mutual=True)
    certificate = ("--certificate", str(tmp_path / "client.pem"))
    async with running(app, tls=office.tls) as url:
        known = await in_thread(CliRunner().invoke, command, office.arguments(url, *certificate))
        stranger = await in_thread(CliRunner().invoke, command, office.arguments(url))
    told = verdicts(known)
    assert [name for name, verdict in told.items() if verdict == "pass"] == [
        "P-01",
        "P-07",
        "P-64",
        "P-67",
    ]
    assert "fail" not in told.values()
    assert stranger.exception is not None
    assert "unauthenticated" in str(stranger.exception)
