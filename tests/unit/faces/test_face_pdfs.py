"""PDF: people read it, programs find the certificate in it, readers of PDF check its seal."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oneservice.certificates import Certificate
from oneservice.cli.program import program
from oneservice.errors import FileUnusableError, KeyUnusableError, MalformedCertificateError
from oneservice.faces import (
    PdfSeal,
    certificate_in_pdf,
    code_text,
    face_of,
    face_page,
    face_pdf,
    sealed_pdf,
)

needs_poppler = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils")


def pdf(certificate: Certificate) -> bytes:
    return face_pdf(certificate, face_of(certificate))


def seal(password: bytes | None = None) -> PdfSeal:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sample office")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return PdfSeal(
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()
            if password is None
            else serialization.BestAvailableEncryption(password),
        ),
        certificates=certificate.public_bytes(serialization.Encoding.PEM),
        password=password,
    )


def run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_the_certificate_comes_out_of_its_pdf_byte_for_byte(
    permit: Callable[..., Certificate],
) -> None:
    certificate = permit()
    assert certificate_in_pdf(pdf(certificate)) == certificate.dump()
    assert certificate_in_pdf(sealed_pdf(pdf(certificate), seal())) == certificate.dump()


@pytest.mark.parametrize("cut", [0, 9, 400, -600])
def test_a_damaged_pdf_is_malformed_and_nothing_else(
    permit: Callable[..., Certificate], cut: int
) -> None:
    whole = pdf(permit())
    try:
        found = certificate_in_pdf(whole[:cut])
    except MalformedCertificateError:
        return
    assert found == permit().dump()


@needs_poppler
def carrying(*files: bytes, other: bytes | None = None) -> bytes:
    """A PDF that somebody else made, with files named as ours is."""
    generic = pytest.importorskip("pyhanko.pdf_utils.generic")
    writer = pytest.importorskip("pyhanko.pdf_utils.writer").PdfFileWriter()

    def stream(data: bytes) -> Any:
        made = generic.StreamObject(stream_data=data)
        made.compress()
        return writer.add_object(made)

    names = generic.ArrayObject()
    for data in files:
        entry = generic.DictionaryObject({generic.pdf_name("/F"): stream(data)})
        if other is not None:
            entry[generic.pdf_name("/UF")] = stream(other)
        spec = generic.DictionaryObject({generic.pdf_name("/EF"): entry})
        names += [generic.pdf_string("certificate.json"), writer.add_object(spec)]
    tree = generic.DictionaryObject({generic.pdf_name("/Names"): names})
    writer.root["/Names"] = generic.DictionaryObject({generic.pdf_name("/EmbeddedFiles"): tree})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_sheet_with_two_certificates_has_none() -> None:
    """Two readers may each find another one: in two entries, or under the two names of one."""
    assert certificate_in_pdf(carrying(b"{}")) == b"{}"
    assert certificate_in_pdf(carrying(b"{}", other=b"{}")) == b"{}"
    for data in (carrying(b"{}", b"[]"), carrying(b"{}", b"{}"), carrying(b"{}", other=b"[]")):
        with pytest.raises(MalformedCertificateError, match="holds 2 files"):
            certificate_in_pdf(data)


def test_a_small_sheet_does_not_unpack_to_a_large_file() -> None:
    packed = carrying(b"\0" * 40_000_000)
    assert len(packed) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(MalformedCertificateError, match="DecodeLimit"):
            certificate_in_pdf(packed)
        assert tracemalloc.get_traced_memory()[1] < 80_000_000
    finally:
        tracemalloc.stop()


def test_chinese_can_be_read_and_searched(
    tmp_path: Path, permit: Callable[..., Certificate]
) -> None:
    file = tmp_path / "face.pdf"
    file.write_bytes(pdf(permit(is_sandbox=True, conditions=("不得经营生食",))))
    words = run("pdftotext", str(file), "-")
    for due in ("食品经营许可证", "李记面馆", "餐饮服务经营者", "不得经营生食", "无法律效力"):
        assert due in words
    assert re.search(r"^Pages:\s+1$", run("pdfinfo", str(file)), re.MULTILINE)


@needs_poppler
def test_latin_among_chinese_is_read_as_it_was_written(
    tmp_path: Path, permit: Callable[..., Certificate]
) -> None:
    file = tmp_path / "permit.pdf"
    name = "A&B <b>面馆</b> Co. & Li's #27 “R&amp;D”店"
    file.write_bytes(pdf(permit(holder_name=name)))
    words = run("pdftotext", "-layout", str(file), "-")
    assert name in words
    assert "发证机关 Issued by" in words


@needs_poppler
def test_a_long_scope_goes_on_overleaf(tmp_path: Path, permit: Callable[..., Certificate]) -> None:
    file = tmp_path / "face.pdf"
    conditions = tuple(f"第{number}条 " + "保持清洁" * 40 for number in range(1, 30))
    file.write_bytes(pdf(permit(conditions=conditions)))
    assert "第29条" in run("pdftotext", str(file), "-")
    assert int(re.search(r"^Pages:\s+(\d+)$", run("pdfinfo", str(file)), re.MULTILINE)[1]) > 1  # type: ignore[index]


@needs_poppler
def test_a_reader_of_pdf_checks_the_seal(
    tmp_path: Path, permit: Callable[..., Certificate]
) -> None:
    sealed = sealed_pdf(pdf(permit()), seal(b"secret"), reason="示例局")
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed)
    said = run("pdfsig", str(file))
    assert "Signature is Valid" in said
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    at = sealed.index(b"/Title")
    file.write_bytes(sealed[:at] + b"/Titel" + sealed[at + 6 :])
    assert "Signature is Valid" not in run("pdfsig", str(file))


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="needs zbarimg and poppler-utils")
def test_the_printed_code_can_be_scanned(
    tmp_path: Path, permit: Callable[..., Certificate]
) -> None:
    file = tmp_path / "face.pdf"
    file.write_bytes(pdf(permit()))
    run("pdftoppm", "-r", "150", "-png", "-singlefile", str(file), f"{tmp_path}/face")
    assert run("zbarimg", "-q", "--raw", f"{tmp_path}/face.png").rstrip("\n") == code_text(permit())


def test_a_seal_of_two_halves_is_refused(permit: Callable[..., Certificate]) -> None:
    one, other = seal(), seal(b"secret")
    mixed = PdfSeal(key=one.key, certificates=other.certificates)
    with pytest.raises(KeyUnusableError, match="another key"):
        sealed_pdf(pdf(permit()), mixed)
    locked = PdfSeal(key=other.key, certificates=other.certificates, password=b"wrong")
    with pytest.raises(KeyUnusableError, match="cannot be opened") as caught:
        sealed_pdf(pdf(permit()), locked)
    assert "wrong" not in str(caught.value)
    assert "PRIVATE" not in repr(other)
    with pytest.raises(FileUnusableError, match="no PDF"):
        sealed_pdf(b"%PDF-nothing", one)


def test_a_font_that_cannot_be_embedded_is_refused(
    tmp_path: Path, permit: Callable[..., Certificate]
) -> None:
    font = tmp_path / "font.ttf"
    font.write_bytes(b"no font")
    with pytest.raises(FileUnusableError, match=r"font\.ttf"):
        face_pdf(permit(), face_of(permit()), font=font)


def test_without_the_extra_its_name_is_told(
    monkeypatch: pytest.MonkeyPatch, permit: Callable[..., Certificate]
) -> None:
    certificate = permit()
    face = face_of(certificate)
    for module in ("reportlab", "reportlab.platypus", "segno"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(FileUnusableError, match="extra 'faces'"):
        face_pdf(certificate, face)
    with pytest.raises(FileUnusableError, match="extra 'faces'"):
        face_page(certificate, face)


def test_the_command_draws_a_bundle_into_a_folder(tmp_path: Path, golden: Path) -> None:
    bundle = golden / "certificates" / "bundle.json"
    done = CliRunner().invoke(program, ["face", str(bundle), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    drawn = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert drawn == ["case.html", "fire_check.html", "food_permit.html"]
    wrong = CliRunner().invoke(program, ["face", str(bundle), "--out", str(tmp_path / "a.pdf")])
    assert wrong.exit_code == 2
    plan = CliRunner().invoke(
        program, ["face", str(golden / "certificates/trust-list.json"), "--out", "x.pdf"]
    )
    assert plan.exit_code == 2
    assert "neither a certificate, nor evidence of one, nor a bundle" in plan.output
