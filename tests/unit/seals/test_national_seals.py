"""SM2 by Tongsuo and by OpenSSL, each checked by the other; electronic seals, made and broken."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from oneservice.canonical import digest_bytes
from oneservice.certificates import check_detached, decode_sm2_key, sign_detached, signed_words
from oneservice.certificates.national import PlainSm2
from oneservice.certificates.national_eseal import check_eseal
from oneservice.certificates.national_eseal_making import SealPicture, make_eseal, sign_eseal
from oneservice.errors import (
    ExpiredCertificateError,
    ForgedCertificateError,
    IssuerNotEntitledError,
    KeyUnusableError,
    MalformedCertificateError,
    NotYetValidError,
    UnknownIssuerError,
    VerificationError,
)
from oneservice.seals import Secret, TongsuoKey, TongsuoSm2

pytest.importorskip("tongsuopy", reason="the extra sm2 is not installed")
pytest.importorskip("asn1crypto", reason="the extra sm2 is not installed")

DOCUMENT = {"id": "urn:example:1", "name": "示例"}
IDENTITY = b"1234567812345678"
AT = datetime(2026, 9, 28, 1, tzinfo=UTC)
DATA = "一份文件".encode()


def openssl(folder: Path, *words: str) -> bytes:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True).stdout


class Signer:
    """A key and a certificate, made by OpenSSL."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        openssl(folder, "genpkey", "-algorithm", "SM2", "-out", f"{name}.pem")
        openssl(
            folder, "req", "-x509", "-new", "-key", f"{name}.pem", "-sm3", "-subj", f"/CN={name}",
            "-sigopt", "distid:1234567812345678", "-days", "30", "-out", f"{name}.crt",
        )  # fmt: skip
        self.der = openssl(folder, "x509", "-in", f"{name}.crt", "-outform", "DER")
        self.key = TongsuoKey((folder / f"{name}.pem").read_bytes())


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Signer, Signer]:
    folder = tmp_path_factory.mktemp("sm2")
    try:
        return Signer(folder, "maker"), Signer(folder, "holder"), Signer(folder, "other")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this OpenSSL has no SM2")


@pytest.mark.parametrize("backend", [PlainSm2(), TongsuoSm2()], ids=["plain", "tongsuo"])
def test_what_tongsuo_signs(backend: Any, signers: Any) -> None:
    key = signers[0].key
    beside = sign_detached(DOCUMENT, key=key)
    assert check_detached(beside, DOCUMENT, keys={key.public_multibase}, backend=backend)
    with pytest.raises(ForgedCertificateError):
        check_detached(
            beside, {**DOCUMENT, "name": "x"}, keys={key.public_multibase}, backend=backend
        )


def test_both_backends_agree_about_any_flipped_bit(signers: Any) -> None:
    key, words = signers[0].key, signed_words(DOCUMENT)
    public, signature = decode_sm2_key(key.public_multibase), key.sign(words)
    for place in range(0, 64, 5):
        flipped = bytearray(signature)
        flipped[place] ^= 1 << place % 8
        for backend in (PlainSm2(), TongsuoSm2()):
            assert not backend.verifies(public, bytes(flipped), words, identity=IDENTITY)
    for backend in (PlainSm2(), TongsuoSm2()):
        assert not backend.verifies(public, bytes(64), words, identity=IDENTITY)
        assert backend.verifies(public, signature, words, identity=IDENTITY)
    with pytest.raises(KeyUnusableError):
        TongsuoSm2().verifies(public, signature, words, identity=b"ALICE123@YAHOO.COM")


def test_openssl_accepts_ours_and_we_accept_its(signers: Any) -> None:
    signer, words = signers[0], signed_words(DOCUMENT)
    folder = signer.folder
    (folder / "words").write_bytes(words)
    r, s = (int.from_bytes(part, "big") for part in _halves(signer.key.sign(words)))
    (folder / "ours").write_bytes(encode_dss_signature(r, s))
    how = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", "words")
    openssl(folder, "pkey", "-in", "maker.pem", "-pubout", "-out", "maker.pub")
    openssl(folder, "pkeyutl", "-verify", "-pubin", "-inkey", "maker.pub", "-sigfile", "ours", *how)
    openssl(folder, "pkeyutl", "-sign", "-inkey", "maker.pem", "-out", "theirs", *how)
    r, s = decode_dss_signature((folder / "theirs").read_bytes())
    theirs = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    public = decode_sm2_key(signer.key.public_multibase)
    for backend in (PlainSm2(), TongsuoSm2()):
        assert backend.verifies(public, theirs, words, identity=IDENTITY)


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    return raw[:32], raw[32:]


def test_what_is_no_sm2_key(signers: Any) -> None:
    folder = signers[0].folder
    openssl(folder, "genpkey", "-algorithm", "ED25519", "-out", "ed.pem")
    for pem in (b"", b"no pem", (folder / "ed.pem").read_bytes()):
        with pytest.raises(KeyUnusableError):
            TongsuoKey(pem)
    openssl(
        folder, "pkcs8", "-topk8", "-in", "maker.pem", "-passout", "pass:right", "-out", "locked"
    )
    locked = (folder / "locked").read_bytes()
    found = TongsuoKey(locked, Secret(b"right"))
    assert found.public_multibase == signers[0].key.public_multibase
    for wrong in (Secret(b"wrong"), None):
        with pytest.raises(KeyUnusableError) as caught:
            TongsuoKey(locked, wrong)
        assert "wrong" not in str(caught.value)


def _seal(signers: Any, **changes: Any) -> bytes:
    maker, holder, _ = signers
    given: dict[str, Any] = {
        "seal_id": "990101-permits",
        "name": "示例县行政审批专用章",
        "vendor": "oneservice",
        "picture": SealPicture(kind="PNG", data=b"\x89PNG", width_mm=40, height_mm=40),
        "holders": (holder.der,),
        "days": (AT, AT + timedelta(days=365)),
        "created": AT,
        "maker": maker.der,
        "key": maker.key,
    }
    return make_eseal(**given | changes)


def _signature(signers: Any, seal: bytes | None = None, **changes: Any) -> bytes:
    holder = signers[1]
    given: dict[str, Any] = {
        "about": "/permit.ofd",
        "at": AT + timedelta(days=1),
        "holder": holder.der,
        "key": holder.key,
    }
    return sign_eseal(seal or _seal(signers), DATA, **given | changes)


@pytest.mark.parametrize("backend", [None, TongsuoSm2()], ids=["plain", "tongsuo"])
def test_an_electronic_seal(backend: Any, signers: Any) -> None:
    makers = {digest_bytes(signers[0].der)}
    found = check_eseal(_signature(signers), data=DATA, makers=makers, backend=backend)
    assert found.name == "示例县行政审批专用章"
    assert found.at == AT + timedelta(days=1)
    assert found.signer == digest_bytes(signers[1].der)
    assert found.as_json()["seal_id"] == "990101-permits"


def test_each_no_of_a_seal_has_its_own_reason(signers: Any) -> None:
    maker, _, other = signers
    makers, whole = {digest_bytes(maker.der)}, _signature(signers)
    foreign = _seal(signers, maker=other.der, key=other.key)
    stolen = _seal(signers, key=other.key)  # names the maker, is signed by another
    cases: tuple[tuple[type[VerificationError], bytes, bytes], ...] = (
        (ForgedCertificateError, whole, b"other"),
        (ForgedCertificateError, _signature(signers, key=other.key), DATA),
        (ForgedCertificateError, _signature(signers, stolen), DATA),
        (UnknownIssuerError, _signature(signers, foreign), DATA),
        (IssuerNotEntitledError, _signature(signers, holder=other.der, key=other.key), DATA),
        (NotYetValidError, _signature(signers, at=AT - timedelta(seconds=1)), DATA),
        (ExpiredCertificateError, _signature(signers, at=AT + timedelta(days=366)), DATA),
        (MalformedCertificateError, b"", DATA),
        (MalformedCertificateError, b"\x30\x00", DATA),
        (MalformedCertificateError, whole[:-1], DATA),
        (MalformedCertificateError, whole + b"\0", DATA),
    )
    for error, signature, data in cases:
        with pytest.raises(VerificationError) as caught:
            check_eseal(signature, data=data, makers=makers, backend=TongsuoSm2())
        assert type(caught.value) is error


def test_no_flipped_bit_of_a_seal_is_believed(signers: Any) -> None:
    whole, makers = _signature(signers), {digest_bytes(signers[0].der)}
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(VerificationError):
            check_eseal(bytes(flipped), data=DATA, makers=makers, backend=TongsuoSm2())


@pytest.mark.parametrize("size", [124, 252, 378, 379, 380, 381, 636])
def test_holders_of_any_length_stay_in_the_seal(signers: Any, size: int) -> None:
    """A list whose length ends in 0x80 (as with 380 bytes) once came out empty."""
    forms = pytest.importorskip("oneservice.certificates.national_eseal_forms")
    holder = bytes(size)
    assert holder in _seal(signers, holders=(holder,))
    about = forms.SealForm.load(_seal(signers, holders=(holder,)))["info"]["property"]
    assert forms.Certs.load(about["cert_list"].dump()).native == [holder]


def test_a_signature_has_one_spelling(signers: Any) -> None:
    """A BIT STRING may call its last bits unused; where they are zero, the value is the same."""
    makers, even = {digest_bytes(signers[0].der)}, None
    while even is None:  # signatures are random: a few tries until one ends in zeros
        whole = _signature(signers)
        even = whole if whole[-1] % 2 == 0 else None
    length = next(n for n in (70, 71, 72) if even[-n - 3 : -n + 1] == bytes((3, n + 1, 0, 0x30)))
    again = bytearray(even)
    again[-length - 1] = 1
    with pytest.raises(MalformedCertificateError, match="whole bytes"):
        check_eseal(bytes(again), data=DATA, makers=makers, backend=TongsuoSm2())


def test_without_the_extra_the_message_names_it() -> None:
    code = (
        "import sys; sys.modules['tongsuopy'] = sys.modules['tongsuopy.crypto'] = None\n"
        "from oneservice.seals import *\n"
        "from oneservice.errors import KeyUnusableError\n"
        "try: TongsuoKey(b'')\n"
        "except KeyUnusableError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[sm2]" in done.stdout
