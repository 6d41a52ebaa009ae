"""Codes: what is drawn comes back, what is damaged is refused, and nothing else is ever raised."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneservice.certificates import Certificate
from oneservice.errors import MalformedCertificateError
from oneservice.faces import MAX_CODE, code_text, read_code
from oneservice.faces.code import _decode, _encode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
        (b"", ""),
    ],
)
def test_base45_is_that_of_rfc_9285(data: bytes, text: str) -> None:
    assert _encode(data) == text
    assert _decode(text) == data


@given(st.binary(max_size=400))
def test_any_bytes_come_back(data: bytes) -> None:
    assert _decode(_encode(data)) == data


@pytest.mark.parametrize("text", ["GGW", "::", "A", "AAAA", "aa0", "BB8\n", "BB8é"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    with pytest.raises(MalformedCertificateError, match="damaged"):
        _decode(text)


def test_the_code_carries_the_certificate_itself(permit: Callable[..., Certificate]) -> None:
    certificate = permit()
    found = read_code(code_text(certificate))
    assert found.certificate is not None
    assert found.certificate.dump() == certificate.dump()
    assert (found.certificate_id, found.digest) == (certificate.id, certificate.digest)


def test_what_is_too_long_is_pointed_to(permit: Callable[..., Certificate]) -> None:
    noise = "".join(chr(0x4E00 + 7919 * n % 20_000) for n in range(2_000))
    certificate = permit(result={"scope": noise})
    text = code_text(certificate, address="https://bundles.990101.example/")
    assert text.startswith("ONESVC1:P")
    assert len(text) <= MAX_CODE
    found = read_code(text)
    assert found.certificate is None
    assert (found.digest, found.address) == (certificate.digest, "https://bundles.990101.example/")


def test_a_packed_bomb_is_refused_before_it_bursts() -> None:
    pack = zlib.compressobj(9, wbits=-15)
    bomb = pack.compress(b" " * 50_000_000) + pack.flush()
    with pytest.raises(MalformedCertificateError):
        read_code(f"ONESVC1:C{_encode(bomb)}")


@given(st.text(max_size=80), st.sampled_from(["", "ONESVC1:C", "ONESVC1:P", "ONESVC2:C"]))
def test_whatever_is_scanned_only_one_error_comes(text: str, head: str) -> None:
    with pytest.raises(MalformedCertificateError):
        read_code(head + text)


@given(st.integers(min_value=0), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
def test_a_sign_that_was_misread_is_noticed(at: int, sign: str) -> None:
    text = code_text(_certificate())
    at = len("ONESVC1:C") + at % (len(text) - len("ONESVC1:C"))
    changed = text[:at] + sign + text[at + 1 :]
    try:
        found = read_code(changed)
    except MalformedCertificateError:
        return
    # What still parses is a certificate of which the proof decides; it is never taken for this one.
    assert (changed == text) == (found.digest == _certificate().digest)


def _certificate() -> Certificate:
    golden = Path(__file__).resolve().parents[2] / "golden" / "certificates"
    return Certificate.parse((golden / "certificate-ecdsa.json").read_bytes())
