"""Certificates of an engine get timestamps by real authorities (``openssl ts``), or go without."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from oneservice import Applicant, CaseStatus, Engine
from oneservice.catalog import load_answers
from oneservice.certificates import ListedAuthority, Verdict, examine_bundle, read_policy
from oneservice.departments import GuardedWeb
from oneservice.engine import Vouchers
from oneservice.engine.opening import Government, simulated
from oneservice.errors import EndpointInvalidError, StatusUnknownError
from oneservice.seals import StampingDesk

pytest.importorskip("asn1crypto", reason="the extra timestamps is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

FORM = Path(__file__).resolve().parents[3] / "examples" / "tea-kiosk.yaml"
SETTINGS = """
[req]
distinguished_name = dn
[dn]
[stamps]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority: its key, its certificate, and ``openssl ts`` at work."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._one_at_a_time = threading.Lock()
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder))
        self._run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={folder.name}", "-days", "3000", "-keyout", "tsa.key",
            "-out", "tsa.crt", "-config", "tsa.cnf", "-extensions", "stamps",
        )  # fmt: skip

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def answer(self, request: bytes) -> bytes:
        with self._one_at_a_time:
            (self.folder / "request").write_bytes(request)
            self._run(
                "ts", "-reply", "-queryfile", "request", "-config", "tsa.cnf", "-section", "tsa",
                "-out", "answer",
            )  # fmt: skip
            return (self.folder / "answer").read_bytes()

    @property
    def listed(self) -> ListedAuthority:
        found = x509.load_pem_x509_certificate((self.folder / "tsa.crt").read_bytes())
        text = base64.b64encode(found.public_bytes(Encoding.DER)).decode()
        since = datetime(2020, 1, 1, tzinfo=UTC)
        return ListedAuthority(name=self.folder.name, certificate=text, valid_from=since)


class Site:
    """The authority's address on loopback; it may be ``down``, or ``hang``."""

    def __init__(self, authority: Authority) -> None:
        self.state = "up"
        self.asked = 0
        self.let_go = threading.Event()
        site = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                site.asked += 1
                asked = self.rfile.read(int(self.headers["content-length"]))
                if site.state == "hang":
                    site.let_go.wait(30)
                    return
                self.send_response(503 if site.state == "down" else 200)
                body = b"" if site.state == "down" else authority.answer(asked)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsa"


@contextmanager
def site_of(authority: Authority) -> Iterator[Site]:
    site = Site(authority)
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.let_go.set()
        site.server.shutdown()
        site.server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "clock")


@pytest.fixture
def site(authority: Authority) -> Iterator[Site]:
    with site_of(authority) as opened:
        yield opened


@pytest.fixture
async def web() -> AsyncIterator[GuardedWeb]:
    async with GuardedWeb(is_internal=True) as opened:
        yield opened


@asynccontextmanager
async def carried_out(folder: Path, clock: Any) -> AsyncIterator[tuple[Engine, str, Government]]:
    """Yield an engine with that ``clock``, and a case whose results it has handed out."""
    with simulated(
        folder / "cases.db", region="990101", start=None, catalog=None, behaviours=None
    ) as government:
        async with Engine.embedded(
            folder / "cases.db",
            region="990101",
            departments=government.departments,
            signer=government.signer,
            catalog=government.catalog,
            trust=government.trust,
            clock=government.clock,
            feed_every=timedelta(hours=2),
            vouchers=Vouchers(clock=clock),
        ) as engine:
            form = load_answers(FORM)
            case = await engine.submit(
                engine.plan(form.thing, answers=form.answers),
                Applicant(name=form.applicant.name, code=form.applicant.code),
                fields=form.fields,
                materials={name: form.material_bytes(name) for name in form.materials},
            )
            case = await engine.settled(case.id)
            assert case.status is CaseStatus.CONCLUDED
            yield engine, case.id, government


async def test_bundles_are_dated_by_somebody_else(
    tmp_path: Path, authority: Authority, site: Site, web: GuardedWeb
) -> None:
    desk = StampingDesk([site.url], web=web, authorities=[authority.listed])
    due = read_policy(
        {
            "format": "oneservice-policy/1",
            "name": "dated",
            "require": ["standard", {"timestamped_by": {"authorities": ["clock"]}}],
        }
    )
    async with carried_out(tmp_path, desk) as (engine, case_id, government):
        bundle = await engine.bundle(case_id)
        count = 1 + len(bundle.certificates)
        assert site.asked == count
        own = replace(government.trust, document=None, timestamp_authorities=(authority.listed,))
        report = examine_bundle(bundle.dump(), trust=own, at=engine.now(), policy=due)
        assert report.verdict is Verdict.VALID, report.message
        stranger = examine_bundle(bundle.dump(), trust=engine.trust, at=engine.now(), policy=due)
        assert stranger.verdict is Verdict.INDETERMINATE
        assert (await engine.bundle(case_id)).dump() == bundle.dump()
        assert site.asked == count, "the first stamp is the best: nobody asks for a later one"


async def test_where_the_authority_is_away_the_bundle_goes_without(
    tmp_path: Path,
    authority: Authority,
    site: Site,
    web: GuardedWeb,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = StampingDesk([site.url], web=web, authorities=[authority.listed])
    site.state = "down"
    async with carried_out(tmp_path, desk) as (engine, case_id, _):
        assert (await engine.bundle(case_id)).enclosures == {}
        site.state = "hang"
        monkeypatch.setattr("oneservice.engine.enclosing.PATIENCE_S", 0.2)
        began = time.monotonic()
        assert (await engine.bundle(case_id)).enclosures == {}
        assert time.monotonic() - began < 20, "an authority that hangs for longer is not waited for"
        monkeypatch.setattr("oneservice.engine.enclosing.PATIENCE_S", 60.0)
        site.state = "up"
        site.let_go.set()
        later = await engine.bundle(case_id)
        assert all(one.timestamps for one in later.enclosures.values())
        assert len(later.enclosures) == 1 + len(later.certificates)


async def test_the_next_authority_has_its_turn(
    authority: Authority, site: Site, web: GuardedWeb
) -> None:
    with site_of(authority) as first:
        first.state = "down"
        desk = StampingDesk([first.url, site.url], web=web, authorities=[authority.listed])
        assert await desk.stamp(b"one")
        assert (first.asked, site.asked) == (1, 1)
        assert await desk.stamp(b"two")
        assert (first.asked, site.asked) == (1, 2), "the one that answered last is asked first"
        first.state, site.state = "up", "down"
        assert await desk.stamp(b"three")
        assert first.asked == 2


async def test_a_stranger_at_its_address_is_no_authority(
    tmp_path: Path, authority: Authority, site: Site, web: GuardedWeb
) -> None:
    other = Authority(tmp_path / "other")
    desk = StampingDesk([site.url], web=web, authorities=[other.listed])
    with pytest.raises(
        StatusUnknownError, match=r"no timestamp authority gave .*127\.0\.0\.1: no listed"
    ):
        await desk.stamp(b"one")
    desk.authorities = (authority.listed,)  # a newer trust list names it
    assert await desk.stamp(b"one")


async def test_many_at_once_do_not_storm_it(
    authority: Authority, site: Site, web: GuardedWeb
) -> None:
    desk = StampingDesk([site.url], web=web, authorities=[authority.listed])
    got = await asyncio.gather(*(desk.stamp(bytes([number])) for number in range(9)))
    assert len(set(got)) == 9


@pytest.mark.parametrize("urls", [[], [""], ["ftp://clock.example"], ["clock.example/tsa"]])
async def test_an_address_is_one_of_http(urls: list[str], web: GuardedWeb) -> None:
    with pytest.raises(EndpointInvalidError, match="timestamp authority"):
        StampingDesk(urls, web=web, authorities=[])
