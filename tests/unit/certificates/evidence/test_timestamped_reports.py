"""A real timestamp authority (``openssl ts``) dates certificates in reports."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from oneservice.certificates import (
    CheckResult,
    Enclosures,
    ListedAuthority,
    Policy,
    Report,
    TimestampedBy,
    TimestampRequest,
    TrustStore,
    open_answer,
)
from oneservice.clocks import SystemClock

if TYPE_CHECKING:
    from tests.unit.certificates.evidence.conftest import Country

pytest.importorskip("asn1crypto", reason="the extra timestamps is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

SETTINGS = """
[req]
distinguished_name = dn
[dn]
[stamps]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:30
ess_cert_id_alg = sha256
"""


class Clock:
    """A timestamp authority by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(SETTINGS.format(folder=folder))
        self._run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=Clock", "-days", "3000", "-keyout", "tsa.key", "-out", "tsa.crt",
            "-config", "tsa.cnf", "-extensions", "stamps",
        )  # fmt: skip

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=True)

    def stamp(self, data: bytes) -> bytes:
        asked = TimestampRequest(digest=hashlib.sha256(data).digest(), nonce=7)
        (self.folder / "request").write_bytes(asked.encode())
        self._run(
            "ts", "-reply", "-queryfile", "request", "-config", "tsa.cnf", "-section", "tsa",
            "-out", "answer",
        )  # fmt: skip
        return open_answer((self.folder / "answer").read_bytes(), request=asked)

    @property
    def listed(self) -> ListedAuthority:
        found = x509.load_pem_x509_certificate((self.folder / "tsa.crt").read_bytes())
        text = base64.b64encode(found.public_bytes(Encoding.DER)).decode()
        since = datetime(2020, 1, 1, tzinfo=UTC)
        return ListedAuthority(name="clock", certificate=text, valid_from=since)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(tmp_path_factory.mktemp("clock"))


@pytest.fixture
def asked(country: Country, clock: Clock) -> Callable[..., Report]:
    """Ask for a timestamp by ``clock`` today, under a list that may or may not name it."""
    # openssl stamps by the machine's own clock, so the certificate is of today.
    now = SystemClock().now()

    def ask(
        token: bytes, data: bytes, *, is_listed: bool = True, policy: Policy | None = None
    ) -> Report:
        trust: TrustStore = country.trust
        if is_listed:
            trust = replace(trust, timestamp_authorities=(clock.listed,))
        at = now + timedelta(days=1)
        due = policy or Policy.standard().also(TimestampedBy(authorities=("clock",)))
        enclosed = Enclosures.of({"timestamps": [base64.b64encode(token).decode()]})
        return country.report(data, trust=trust, at=at, policy=due, enclosures=enclosed)

    return ask


def signed_today(country: Country, days: int = 0) -> bytes:
    now = SystemClock().now() + timedelta(days=days)
    day = now.date() - timedelta(days=2)
    changed = country.certificate(
        status=None, created=now - timedelta(hours=1), valid_from=day, valid_until=None
    )
    return changed.dump()


def check_of(report: Report) -> object:
    return next(one for one in report.checks if one.name == "time")


def test_a_listed_clock_dates_it(
    country: Country, clock: Clock, asked: Callable[..., Report]
) -> None:
    data = signed_today(country)
    report = asked(clock.stamp(data), data)
    assert report.reason is None, report.message
    check = next(one for one in report.checks if one.name == "time")
    assert check.result is CheckResult.PASS
    assert check.evidence["clock"] == "timestamp of clock"


def test_a_theft_after_the_timestamp_harms_nothing(
    country: Country, clock: Clock, asked: Callable[..., Report]
) -> None:
    data = signed_today(country)
    token = clock.stamp(data)
    country.key_days = {"compromised_at": SystemClock().now() + timedelta(minutes=5)}
    assert asked(token, data).reason is None
    # The clock may be half a minute off: a theft within that is not certainly later.
    country.key_days = {"compromised_at": SystemClock().now() + timedelta(seconds=10)}
    assert asked(token, data).reason == "indeterminate"


def test_a_timestamp_of_other_bytes_is_false(
    country: Country, clock: Clock, asked: Callable[..., Report]
) -> None:
    data = signed_today(country)
    report = asked(clock.stamp(b"other bytes"), data, policy=Policy.standard())
    assert report.reason == "forged"


def test_a_clock_that_nobody_lists_proves_nothing(
    country: Country, clock: Clock, asked: Callable[..., Report]
) -> None:
    data = signed_today(country)
    token = clock.stamp(data)
    assert asked(token, data, is_listed=False).reason == "indeterminate"
    assert asked(token, data, is_listed=False, policy=Policy.standard()).reason is None


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a flipped certificate
def test_any_flipped_bit_of_a_timestamp_shows(
    country: Country, clock: Clock, asked: Callable[..., Report]
) -> None:
    """Not one is let pass where a timestamp is asked for; one in forty is tried here."""
    data = signed_today(country)
    token = clock.stamp(data)
    for bit in range(0, 8 * len(token), 37):
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        report = asked(bytes(flipped), data)
        if report.reason is None:
            # The label of an encoding that nobody signs and nothing depends on.
            assert check_of(report) == check_of(asked(token, data)), bit
