"""``oneservice verify`` reads what people hold in their hands: a sheet, or a scanned code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from click.testing import Result

from oneservice.certificates import Certificate
from oneservice.faces import MAX_CODE, code_text, face_of, face_pdf

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Papers

Run = Callable[..., Result]
AT = ("--at", "2027-03-01")


def test_a_sheet_of_pdf(run: Run, papers: Papers) -> None:
    pytest.importorskip("pyhanko", reason="the extra 'faces' is not installed")
    pytest.importorskip("reportlab", reason="the extra 'faces' is not installed")
    certificate = Certificate.parse(papers.certificate.read_bytes())
    sheet = papers.folder / "permit.pdf"
    sheet.write_bytes(face_pdf(certificate, face_of(certificate)))
    page = run("verify", sheet, "--trust", papers.trust, *AT)
    assert page.exit_code == 0
    assert "the look of a sheet is judged by nobody" in " ".join(page.stdout.split())
    zh = run("verify", sheet, "--trust", papers.trust, *AT, "--language", "zh")
    assert "版面未经核验" in "".join(zh.stdout.split())
    found = json.loads(run("verify", sheet, "--trust", papers.trust, *AT, "--json").stdout)
    assert (found["kind"], found["verdict"]) == ("certificate", "valid")
    batch = run("verify", sheet, "--trust", papers.trust, *AT, "--json", "--jobs", "2")
    assert json.loads(batch.stdout) == found


def test_a_sheet_without_a_certificate_or_damaged(run: Run, papers: Papers) -> None:
    pytest.importorskip("pyhanko", reason="the extra 'faces' is not installed")
    sheet = papers.folder / "permit.pdf"
    sheet.write_bytes(b"%PDF-1.7\nnothing of ours\n%%EOF\n")
    for more in ((), ("--jobs", "1")):
        result = run("verify", sheet, "--trust", papers.trust, *AT, "--json", *more)
        found = json.loads(result.stdout)
        assert (found["verdict"], found["reason"]) == ("invalid", "malformed")
        assert result.exit_code == 1


def test_a_scanned_code(run: Run, papers: Papers) -> None:
    certificate = Certificate.parse(papers.certificate.read_bytes())
    text = code_text(certificate)
    assert text.startswith("ONESVC1:C")
    result = run("verify", "-", "--trust", papers.trust, *AT, "--json", stdin=text.encode() + b"\n")
    assert json.loads(result.stdout)["verdict"] == "valid"
    page = run("verify", "-", "--trust", papers.trust, *AT, stdin=text.encode())
    assert "VALID as of" in page.stdout


def test_a_pointer_says_what_to_ask_for(run: Run, papers: Papers) -> None:
    long = papers.issued(conditions=tuple(f"condition {n}: {n**9}" for n in range(200)))
    text = code_text(long)
    assert text.startswith("ONESVC1:P")
    assert len(text) < MAX_CODE
    result = run("verify", "-", "--trust", papers.trust, *AT, "--json", stdin=text.encode())
    found = json.loads(result.stdout)
    assert (found["verdict"], found["reason"]) == ("indeterminate", "indeterminate")
    assert found["message"].endswith(f"ask for the certificate with the digest {long.digest}")
    assert result.exit_code == 2


@pytest.mark.parametrize("text", [b"ONESVC1:", b"ONESVC1:Cx", b"ONESVC1:C\xff", b"ONESVC1:Q123"])
def test_a_damaged_code(run: Run, papers: Papers, text: bytes) -> None:
    result = run("verify", "-", "--trust", papers.trust, *AT, "--json", stdin=text)
    found = json.loads(result.stdout)
    assert (found["verdict"], found["reason"]) == ("invalid", "malformed")
