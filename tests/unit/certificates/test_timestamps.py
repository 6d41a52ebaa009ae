"""Timestamps by a real authority (``openssl ts``): each no has its own reason."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from oneservice.certificates import (
    ListedAuthority,
    TimestampRequest,
    open_answer,
    read_timestamp,
)
from oneservice.clocks import SystemClock
from oneservice.departments.web import GuardedWeb
from oneservice.errors import (
    ForgedCertificateError,
    IssuerNotEntitledError,
    MalformedCertificateError,
    StatusUnknownError,
    UnknownIssuerError,
    VerificationError,
)
from oneservice.seals import stamp

pytest.importorskip("asn1crypto", reason="the extra timestamps is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

DATA = b"a certificate"
POLICY = "1.3.6.1.4.1.99999.1"
SETTINGS = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[also_mail]
extendedKeyUsage = critical, timeStamping, emailProtection
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/{signer}.crt
signer_key = {folder}/{signer}.key
certs = {folder}/{signer}.chain
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
other_policies = 1.3.6.1.4.1.99999.2
digests = sha1, sha256, sha384, sha512
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""
EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)


class Authority:
    """A root, and stampers under it; the files are as OpenSSL wants them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        self._settings("root")
        self.run(
            "req", "-x509", "-newkey", *EC, "-nodes", "-subj", "/CN=Root", "-days", "3650",
            "-keyout", "root.key", "-out", "root.crt", "-config", "tsa.cnf", "-extensions", "ca",
        )  # fmt: skip
        self.stamper("tsa")

    def run(self, *words: str, check: bool = True) -> Any:
        return subprocess.run(
            ["openssl", *words], cwd=self.folder, capture_output=True, check=check
        )

    def stamper(
        self, name: str, *, kind: tuple[str, ...] = EC, extensions: str = "stamps", days: int = 3000
    ) -> None:
        self.run(
            "req", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}", "-config", "tsa.cnf",
            "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        self.run(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "root.crt", "-CAkey", "root.key",
            "-CAcreateserial", "-days", str(days), "-extfile", "tsa.cnf",
            "-extensions", extensions, "-out", f"{name}.crt",
        )  # fmt: skip
        chain = (self.folder / f"{name}.crt").read_bytes() + (self.folder / "root.crt").read_bytes()
        (self.folder / f"{name}.chain").write_bytes(chain)

    def _settings(self, signer: str, ess: str = "sha256") -> None:
        text = SETTINGS.format(folder=self.folder, signer=signer, ess=ess)
        (self.folder / "tsa.cnf").write_text(text)

    def answer(self, request: bytes, *, signer: str = "tsa", ess: str = "sha256") -> bytes:
        self._settings(signer, ess)
        (self.folder / "request").write_bytes(request)
        self.run(
            "ts", "-reply", "-queryfile", "request", "-config", "tsa.cnf", "-section", "tsa",
            "-out", "answer",
        )  # fmt: skip
        return (self.folder / "answer").read_bytes()

    def stamp(self, data: bytes = DATA, algorithm: str = "sha256", **how: str) -> bytes:
        asked = TimestampRequest(digest=hashlib.new(algorithm, data).digest(), nonce=4711)
        return open_answer(self.answer(asked.encode(), **how), request=asked)

    def listed(self, name: str = "tsa", **days: Any) -> ListedAuthority:
        found = x509.load_pem_x509_certificate((self.folder / f"{name}.crt").read_bytes())
        days.setdefault("valid_from", datetime(2020, 1, 1, tzinfo=UTC))
        text = base64.b64encode(found.public_bytes(Encoding.DER)).decode()
        return ListedAuthority(name=name, certificate=text, **days)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "a")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("by", ["tsa", "root"])
def test_a_stamp_shows_when(algorithm: str, by: str, authority: Authority) -> None:
    """By the listed certificate itself, or by one that a listed root issued."""
    token = authority.stamp(algorithm=algorithm)
    before = datetime.fromtimestamp((authority.folder / "answer").stat().st_mtime, UTC)
    found = read_timestamp(token, authorities=[authority.listed(by)], data=DATA, nonce=4711)
    assert abs(found.at - before) < timedelta(seconds=60)
    assert (found.authority, found.policy, found.algorithm) == (by, POLICY, algorithm)
    assert found.accuracy == timedelta(seconds=1.5)
    digest = hashlib.new(algorithm, DATA).digest()
    assert found == read_timestamp(token, authorities=[authority.listed(by)], digest=digest)


def test_openssl_accepts_what_we_keep(authority: Authority) -> None:
    token = authority.stamp()
    (authority.folder / "token").write_bytes(token)
    (authority.folder / "data").write_bytes(DATA)
    authority.run(
        "ts", "-verify", "-in", "token", "-token_in", "-data", "data", "-CAfile", "root.crt"
    )
    (authority.folder / "data").write_bytes(b"other")
    assert authority.run(
        "ts", "-verify", "-in", "token", "-token_in", "-data", "data", "-CAfile", "root.crt",
        check=False,
    ).returncode  # fmt: skip


def test_openssl_reads_our_requests(authority: Authority) -> None:
    digest = hashlib.sha384(DATA).digest()
    asked = TimestampRequest(digest=digest, nonce=2**63 + 5, policy="1.3.6.1.4.1.99999.2")
    (authority.folder / "ours").write_bytes(asked.encode())
    text = authority.run("ts", "-query", "-in", "ours", "-text").stdout.decode()
    assert "Hash Algorithm: sha384" in text
    assert "Policy OID: 1.3.6.1.4.1.99999.2" in text
    token = open_answer(authority.answer(asked.encode()), request=asked)
    by = [authority.listed()]
    assert read_timestamp(token, authorities=by, digest=digest).policy == "1.3.6.1.4.1.99999.2"
    with pytest.raises(IssuerNotEntitledError):
        read_timestamp(token, authorities=by, digest=digest, policies={POLICY})


@pytest.mark.parametrize("ess", ["sha1", "sha256", "sha384"])
def test_kinds_of_keys_and_of_pointers(ess: str, authority: Authority) -> None:
    if not (authority.folder / "rsa.crt").exists():
        authority.stamper("rsa", kind=RSA)
    token = authority.stamp(signer="rsa", ess=ess)
    assert read_timestamp(token, authorities=[authority.listed("root")], data=DATA)


def test_a_chain_of_three(authority: Authority) -> None:
    """Root, a certificate authority under it, the stamper: the way up must hold at that time."""
    authority.stamper("middle", extensions="ca")
    authority.run(
        "req", "-newkey", *EC, "-nodes", "-subj", "/CN=deep", "-config", "tsa.cnf",
        "-keyout", "deep.key", "-out", "deep.csr",
    )  # fmt: skip
    authority.run(
        "x509", "-req", "-in", "deep.csr", "-CA", "middle.crt", "-CAkey", "middle.key",
        "-CAcreateserial", "-days", "300", "-extfile", "tsa.cnf", "-extensions", "stamps",
        "-out", "deep.crt",
    )  # fmt: skip
    chain = [(authority.folder / f"{one}.crt").read_bytes() for one in ("deep", "middle")]
    (authority.folder / "deep.chain").write_bytes(b"".join(chain))
    token = authority.stamp(signer="deep")
    for by in ("root", "middle", "deep"):
        assert read_timestamp(token, authorities=[authority.listed(by)], data=DATA).authority == by
    (authority.folder / "deep.chain").write_bytes(chain[0])
    alone = authority.stamp(signer="deep")  # the way up is not enclosed
    assert read_timestamp(alone, authorities=[authority.listed("middle")], data=DATA)
    with pytest.raises(UnknownIssuerError):
        read_timestamp(alone, authorities=[authority.listed("root")], data=DATA)
    with pytest.raises(UnknownIssuerError):
        read_timestamp(token, authorities=[authority.listed("tsa")], data=DATA)


def test_each_no_has_its_own_reason(authority: Authority, tmp_path: Path) -> None:
    token, by = authority.stamp(), [authority.listed()]
    at = read_timestamp(token, authorities=by, data=DATA).at
    other = Authority(tmp_path / "b")
    day, listed = timedelta(days=1), authority.listed
    cases: tuple[tuple[type[VerificationError], dict[str, Any]], ...] = (
        (ForgedCertificateError, {"data": b"other bytes"}),
        (ForgedCertificateError, {"data": DATA, "nonce": 4712}),
        (UnknownIssuerError, {"data": DATA, "authorities": []}),
        (UnknownIssuerError, {"data": DATA, "authorities": [other.listed()]}),
        (UnknownIssuerError, {"data": DATA, "authorities": [other.listed("root")]}),
        (
            UnknownIssuerError,
            {"data": DATA, "authorities": [authority.listed(valid_from=at + day)]},
        ),
        (UnknownIssuerError, {"data": DATA, "authorities": [authority.listed(valid_until=at)]}),
        (UnknownIssuerError, {"data": DATA, "authorities": [authority.listed(compromised_at=at)]}),
        (
            StatusUnknownError,
            {"data": DATA, "authorities": [listed(compromised_at=at + day)]},
        ),
        (StatusUnknownError, {"digest": hashlib.sha384(DATA).digest()}),
        (IssuerNotEntitledError, {"data": DATA, "policies": {"1.2.3"}}),
    )
    for error, given in cases:
        with pytest.raises(VerificationError) as caught:
            read_timestamp(token, **{"authorities": by, **given})
        assert type(caught.value) is error, given


def test_a_certificate_for_mail_too_stamps_nothing(authority: Authority) -> None:
    """RFC 3161, section 2.3: one purpose alone."""
    authority.stamper("mail", extensions="also_mail")
    token = _stamped_by(authority, "mail")
    with pytest.raises(UnknownIssuerError, match="timestamps alone"):
        read_timestamp(token, authorities=[authority.listed("mail")], data=DATA)


def test_a_certificate_that_had_ended_stamps_nothing(authority: Authority) -> None:
    """The time that counts is the one that the token states, not today."""
    authority.stamper("short", days=1)
    good = _stamped_by(authority, "short")
    late = _stamped_by(authority, "short", at=SystemClock().now() + timedelta(days=2))
    by = [authority.listed("short")]
    assert read_timestamp(good, authorities=by, data=DATA)
    with pytest.raises(UnknownIssuerError, match="not valid at the time"):
        read_timestamp(late, authorities=by, data=DATA)
    with pytest.raises(UnknownIssuerError):
        read_timestamp(late, authorities=[authority.listed("root")], data=DATA)


def _stamped_by(authority: Authority, name: str, at: datetime | None = None) -> bytes:
    """A token made by hand: OpenSSL does not stamp with such certificates."""
    from asn1crypto import cms, core, tsp  # noqa: PLC0415
    from asn1crypto import x509 as certificates  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
    )

    der = x509.load_pem_x509_certificate(
        (authority.folder / f"{name}.crt").read_bytes()
    ).public_bytes(Encoding.DER)
    signer = certificates.Certificate.load(der)
    imprint = {
        "hash_algorithm": {"algorithm": "sha256"},
        "hashed_message": hashlib.sha256(DATA).digest(),
    }
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": 7,
            "gen_time": at or SystemClock().now(),
        }
    ).dump()
    pointer = {"certs": [{"cert_hash": hashlib.sha256(der).digest()}]}
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(info).digest()]},
            {"type": "signing_certificate_v2", "values": [pointer]},
        ]
    )
    key = load_pem_private_key((authority.folder / f"{name}.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    sid = {"issuer": signer.issuer, "serial_number": signer.serial_number}
    words = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": sid},
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(info),
        },
        "certificates": [signer],
        "signer_infos": [words],
    }
    token: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return token


@pytest.mark.parametrize("by", ["tsa", "root"])
def test_any_flipped_bit_is_refused_or_changes_nothing(by: str, authority: Authority) -> None:
    """What can be changed is not signed and not used: certificates that came along."""
    token, listed = authority.stamp(), [authority.listed(by)]
    found = read_timestamp(token, authorities=listed, data=DATA)
    for place in range(len(token)):
        flipped = bytearray(token)
        flipped[place] ^= 1 << place % 8
        try:
            assert read_timestamp(bytes(flipped), authorities=listed, data=DATA) == found
        except VerificationError:
            continue


def test_an_enclosed_certificate_with_a_negative_number_is_passed_over(
    authority: Authority,
) -> None:
    """The flipped bit that makes it one depends on the number, which is drawn anew each run."""
    token, listed = authority.stamp(), [authority.listed("root")]
    found = read_timestamp(token, authorities=listed, data=DATA)
    root = x509.load_pem_x509_certificate((authority.folder / "root.crt").read_bytes())
    number = root.serial_number.to_bytes((root.serial_number.bit_length() + 8) // 8, "big")
    der = root.public_bytes(Encoding.DER)
    negative = der.replace(number, bytes([number[0] | 0x80]) + number[1:], 1)
    assert der in token
    assert negative != der
    assert read_timestamp(token.replace(der, negative), authorities=listed, data=DATA) == found


@pytest.mark.parametrize(
    "data",
    [b"", b"\x30", b"\x30\x80" * 4000, b"0" * 300_000, b"\x30\x03\x02\x01\x05", b"{}"],
)
def test_what_is_no_token(data: bytes) -> None:
    with pytest.raises(MalformedCertificateError):
        read_timestamp(data, authorities=[], data=DATA)
    with pytest.raises(MalformedCertificateError):
        open_answer(data, request=TimestampRequest(digest=bytes(32), nonce=1))


def test_answers_that_are_none(authority: Authority) -> None:
    asked = TimestampRequest(digest=hashlib.sha256(DATA).digest(), nonce=1)
    answer = authority.answer(asked.encode())
    with pytest.raises(ForgedCertificateError):
        open_answer(answer, request=TimestampRequest(digest=asked.digest, nonce=2))
    with pytest.raises(ForgedCertificateError):
        open_answer(answer, request=TimestampRequest(digest=bytes(32), nonce=1))
    unknown = TimestampRequest(digest=asked.digest, nonce=1, policy="1.2.3.4")
    refused = authority.answer(unknown.encode())
    with pytest.raises(StatusUnknownError, match="rejection"):
        open_answer(refused, request=unknown)


def test_another_library_agrees(authority: Authority) -> None:
    """rfc3161-client reads tokens with one certificate; with two, OpenSSL's order displeases it."""
    stranger = pytest.importorskip("rfc3161_client")
    (authority.folder / "tsa.chain").write_bytes((authority.folder / "tsa.crt").read_bytes())
    asked = TimestampRequest(digest=hashlib.sha256(DATA).digest(), nonce=99)
    answer = stranger.decode_timestamp_response(authority.answer(asked.encode()))
    root = x509.load_pem_x509_certificate((authority.folder / "root.crt").read_bytes())
    verifier = stranger.VerifierBuilder().add_root_certificate(root).nonce(99).build()
    assert verifier.verify_message(answer, DATA)
    token = open_answer(answer.as_bytes(), request=asked)
    found = read_timestamp(token, authorities=[authority.listed()], data=DATA)
    assert found.at.replace(microsecond=0) == answer.tst_info.gen_time  # it drops the fraction
    theirs = stranger.TimestampRequestBuilder().data(DATA).build()
    reply = authority.answer(theirs.as_bytes())
    digest = hashlib.sha512(DATA).digest()
    same = TimestampRequest(digest=digest, nonce=theirs.nonce)
    assert read_timestamp(
        open_answer(reply, request=same), authorities=[authority.listed()], digest=digest
    )


def test_without_the_extra_it_cannot_be_told() -> None:
    code = (
        "import sys; sys.modules['asn1crypto'] = None\n"
        "from oneservice.certificates import read_timestamp\n"
        "from oneservice.errors import StatusUnknownError\n"
        "try: read_timestamp(b'0', authorities=[], data=b'')\n"
        "except StatusUnknownError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[timestamps]" in done.stdout


@pytest.mark.parametrize("answer", ["true", "replayed", "error"])
async def test_asking_over_http(answer: str, authority: Authority) -> None:
    """A real server, a real authority behind it; one that replays is found out by the nonce."""
    old = authority.answer(TimestampRequest(digest=hashlib.sha256(DATA).digest(), nonce=5).encode())

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-type"] == "application/timestamp-query"
            body = old if answer == "replayed" else authority.answer(asked)
            self.send_response(503 if answer == "error" else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/tsa"
    try:
        async with GuardedWeb(is_internal=True) as web:
            asking = stamp(DATA, url=url, web=web, authorities=[authority.listed()])
            if answer == "true":
                token, found = await asking
                assert found == read_timestamp(token, authorities=[authority.listed()], data=DATA)
            else:
                error = StatusUnknownError if answer == "error" else ForgedCertificateError
                with pytest.raises(error):
                    await asking
    finally:
        server.shutdown()
        server.server_close()
