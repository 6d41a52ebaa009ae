"""Other people's programs, one office of ours, and what it issues.

The programs of npm run in one process for each test process, which is asked one question at a
time. Where node, npm or its registry is missing, the tests that need them are skipped, and say so.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import json
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from oneservice.certificates import (
    Certificate,
    Claims,
    Cryptosuite,
    Curve,
    Entitlement,
    ListedKey,
    ListIssuer,
    Publication,
    SdJwt,
    SigningKey,
    StatusEntry,
    TrustedIssuer,
    TrustStore,
    VerifyingKey,
    controller_document,
    decode_base58,
    issue,
    issue_sd_jwt,
    write_status_lists,
)
from oneservice.clocks import SystemClock

Document = dict[str, Any]
HERE = Path(__file__).parent
PATIENCE_S = 60
OFFICE = "https://certificates.example/990101/market-regulation"
LIST = "https://certificates.example/990101/status/1"
SUITES = {
    "P-256": (Cryptosuite.ECDSA_JCS_2019, Curve.P256),
    "P-384": (Cryptosuite.ECDSA_JCS_2019, Curve.P384),
    "Ed25519": (Cryptosuite.EDDSA_JCS_2022, Curve.ED25519),
}


class Strangers:
    """The process in which other people's libraries run."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", "strangers.mjs"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, name: str, /, **question: Any) -> dict[str, Any]:
        """Return the answer; ``accepted`` is false where a library refused."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"ask": name, **question}) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE_S)
        assert ready, f"no answer to {name} within {PATIENCE_S} seconds"
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def accepts(self, name: str, /, **question: Any) -> bool:
        """Say whether a library accepts; a question that it could not even read is a mistake."""
        answer = self.ask(name, **question)
        assert isinstance(answer.get("accepted"), bool), answer
        return bool(answer["accepted"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE_S)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def strangers() -> Iterator[Strangers]:
    """Other people's libraries for JavaScript, in the versions of ``package.json``."""
    command = [sys.executable, str(HERE / "install.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(done.stderr.strip())
    found = Strangers(Path(done.stdout.strip()))
    yield found
    found.close()


def by_did_webvh(document: Document, key: VerifyingKey) -> bool:
    from did_webvh.core.proof import di_jcs_verify  # noqa: PLC0415 - where it is installed

    try:
        di_jcs_verify(document, document["proof"], {"publicKeyMultibase": key.multibase})
    except (ValueError, KeyError):
        return False
    return True


def by_apsig(document: Document, key: VerifyingKey) -> bool:
    """Ed25519 is all that it knows."""
    from apsig.proof.verify import ProofVerifier  # noqa: PLC0415 - where it is installed

    try:
        return ProofVerifier(key.multibase).verify_proof(copy.deepcopy(document)) is not None
    except (ValueError, KeyError, TypeError):
        return False


def by_openssl(document: Document, key: VerifyingKey) -> bool:
    """Canonical enough for certificates without fractions and with names below U+E000."""
    make = hashlib.sha384 if key.curve is Curve.P384 else hashlib.sha256

    def hashed(value: Document) -> bytes:
        words = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return make(words.encode()).digest()

    document = copy.deepcopy(document)
    options = document.pop("proof")
    signature = decode_base58(options.pop("proofValue"))
    pem = key._key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    command = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
    command += ["-in", "data", "-sigfile", "signature"]
    if key.curve is not Curve.ED25519:
        half = len(signature) // 2
        r, s = (int.from_bytes(one, "big") for one in (signature[:half], signature[half:]))
        signature = encode_dss_signature(r, s)
        option = "-sha384" if key.curve is Curve.P384 else "-sha256"
        command = ["dgst", option, "-verify", "key.pem", "-signature", "signature", "data"]
    files = {"data": hashed(options) + hashed(document), "key.pem": pem, "signature": signature}
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture(scope="session")
def proof_verifiers() -> dict[str, Callable[[Document, VerifyingKey], bool]]:
    """Programs that check a Data Integrity proof, by name; only those that are installed."""
    found: dict[str, Callable[[Document, VerifyingKey], bool]] = {}
    if importlib.util.find_spec("did_webvh"):
        found["did-webvh"] = by_did_webvh
    if importlib.util.find_spec("apsig"):
        found["apsig"] = by_apsig
    if shutil.which("openssl"):
        found["openssl"] = by_openssl
    return found


@dataclass(frozen=True)
class Office:
    """An issuer of ours with one key; its moments are those of today, for those who ask a clock."""

    curve: str = "P-256"
    now: datetime = field(default_factory=lambda: SystemClock().now().replace(microsecond=0))
    key: SigningKey = field(init=False)
    holder: SigningKey = field(
        default_factory=lambda: SigningKey.generate(Cryptosuite.ECDSA_JCS_2019)
    )

    def __post_init__(self) -> None:
        suite, curve = SUITES[self.curve]
        object.__setattr__(self, "key", SigningKey.generate(suite, curve=curve))

    @property
    def id(self) -> str:
        return OFFICE

    @property
    def key_id(self) -> str:
        return f"{OFFICE}#{self.key.public_multibase}"

    @property
    def signed_at(self) -> datetime:
        return self.now - timedelta(days=2)

    @property
    def claims(self) -> Claims:
        today = self.now.date()
        return Claims(
            id="1.2.156.3005.2.11990000MB9900013U001.11990101MB9900021A.JY29901010000018.001.3",
            type="food_permit",
            title={"zh": "食品经营许可证", "en": "Food permit"},
            issuer_id=OFFICE,
            issuer_name={"zh": "示例一区市场监督管理局", "en": "Market regulation"},
            issuer_region="990101",
            holder_name="李记面馆",
            holder_code="92990101MA99000523",
            number="JY29901010000018",
            valid_from=today - timedelta(days=1),
            valid_until=date(today.year + 5, 1, 1),
            conditions=("No raw fish.", "仅限热食"),
            result={"area_m2": "82.5", "seats": 40, "premises": {"floor": 2}},
        )

    def issue(self, **changes: Any) -> Certificate:
        return issue(
            replace(self.claims, **changes),
            key=self.key,
            verification_method=self.key_id,
            created=self.signed_at,
        )

    def sd_jwt(self, **changes: Any) -> SdJwt:
        return issue_sd_jwt(
            replace(self.claims, **changes),
            key=self.key,
            key_id=self.key_id,
            issued_at=self.signed_at,
            salts=(f"interop-salt-of-ours-{number:04}" for number in range(1000)),
            holder_key=self.holder.public_key,
        )

    def listed(self, multibase: str) -> ListedKey:
        return ListedKey.for_certificates(
            OFFICE, multibase, valid_from=datetime(2026, 1, 1, tzinfo=UTC)
        )

    def trusting(self, *multibases: str) -> TrustStore:
        """A list on which the office has these keys; its own alone where none is named."""
        since = datetime(2026, 1, 1, tzinfo=UTC)
        issuer = TrustedIssuer(
            id=OFFICE,
            name={"zh": "示例一区市场监督管理局", "en": "Market regulation"},
            region="990101",
            keys=tuple(self.listed(one) for one in multibases or (self.key.public_multibase,)),
            entitlements=tuple(
                Entitlement(type=one, region="990101", valid_from=since)
                for one in ("food_permit", "FoodPermit", "urn:theirs:food_permit")
            ),
        )
        return TrustStore(
            territory="990100",
            version=1,
            issued_at=since,
            expires_at=self.now + timedelta(days=400),
            issuers=(issuer,),
        )

    @property
    def controller(self) -> dict[str, Any]:
        return controller_document(self.trusting().issuers[0])

    def lists(self, entry: StatusEntry, value: int) -> dict[Publication, bytes]:
        """One edition of the register in which ``entry`` has this state."""
        values = bytearray(131_072 // 4)
        values[entry.index >> 2] |= value << (2 * (entry.index & 3))
        return write_status_lists(
            bytes(values),
            uri=entry.uri,
            issuer=ListIssuer(id=OFFICE, key=self.key, key_id=self.key_id),
            issued_at=self.now - timedelta(hours=1),
            expires_at=self.now + timedelta(days=1),
            ttl_s=3600,
        )

    def documents(self, *lists: bytes) -> dict[str, Any]:
        """What a stranger would find on the web: the controller, and lists by their URLs."""
        read = [json.loads(one) for one in lists]
        return {OFFICE: self.controller, **{one["id"]: one for one in read}}


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def an_office() -> type[Office]:
    """A maker of offices: ``an_office("P-384")``."""
    return Office


@pytest.fixture(params=["P-256", "P-384"])
def lister(request: pytest.FixtureRequest) -> Office:
    """An office whose key may sign status lists and other JWTs."""
    return Office(curve=request.param)


@pytest.fixture(params=list(SUITES))
def each_office(request: pytest.FixtureRequest) -> Office:
    """An office with a key of each curve in turn."""
    return Office(curve=request.param)


@pytest.fixture
def place() -> StatusEntry:
    return StatusEntry(uri=LIST, index=94_567)
