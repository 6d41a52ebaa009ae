"""Pages: everything that is stated is shown, in words, and no text becomes markup."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.certificates import Bundle, Certificate
from oneservice.cli import program
from oneservice.errors import FileUnusableError, MalformedCertificateError
from oneservice.faces import (
    FaceTemplate,
    bundle_pages,
    catalog_labels,
    code_text,
    face_of,
    face_page,
    named_certificates,
)


class Attributes(HTMLParser):
    """Collects the attributes of all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {name for name, _ in attrs}


def page(certificate: Certificate, **asked: object) -> str:
    return face_page(certificate, face_of(certificate), **asked)  # type: ignore[arg-type]


def test_coded_facts_are_shown_in_words(permit: Callable[..., Certificate]) -> None:
    shown = page(permit())
    for words in (
        "餐饮服务经营者",
        "热食类食品制售",
        "82.5 平方米",
        "2026年10月14日至2031年10月13日",
    ):
        assert words in shown
    assert "main_format" not in shown
    assert "SAMPLE" not in shown, "what has effect in law is no sample"
    assert "无法律效力" in page(permit(is_sandbox=True))


def test_a_fact_that_no_template_names_is_shown_all_the_same(
    permit: Callable[..., Certificate],
) -> None:
    certificate = permit(type="street_permit", result={"dig_days": 3, "odd": {"a": [1]}})
    plain = page(certificate)
    assert ">dig_days<" in plain
    assert "{&quot;a&quot;:[1]}" in plain
    catalog = load_catalog(bundled_catalog_dir())
    labels = catalog_labels(catalog.things("990101", date(2026, 10, 14)))
    worded = face_page(certificate, face_of(certificate, labels=labels))
    assert ">dig_days<" not in worded


def test_one_language_or_both(permit: Callable[..., Certificate]) -> None:
    certificate = permit()
    assert "Premises" not in page(certificate, language="zh")
    english = page(certificate, language="en")
    assert "餐饮" not in english
    assert '<html lang="en">' in english
    assert {"catering", "Valid", "李记面馆"} <= set(re.findall(r">([^<>]+)<", english))


def test_no_text_becomes_markup_or_reaches_out(permit: Callable[..., Certificate]) -> None:
    evil = '<script src="https://evil.example/x.js"></script><img onerror=alert(1)>'
    certificate = permit(
        holder_name=evil,
        number=evil,
        conditions=(evil,),
        result={"domicile": evil, "a<b>c": evil},
        title={"zh": evil, "en": evil},
    )
    shown = page(certificate)
    assert "<script" not in shown
    assert "<img" not in shown
    read = Attributes()
    read.feed(shown)
    assert not read.found & {"src", "href", "onerror", "onload"}
    assert "default-src &#x27;none&#x27;" in shown


def test_the_page_is_the_golden_one(golden: Path) -> None:
    """Delete the file and run this again to write it; then look at it."""
    certificate = Certificate.parse((golden / "certificates/certificate-ecdsa.json").read_bytes())
    file = golden / "faces" / "food_permit.html"
    shown = page(certificate)
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
        pytest.fail(f"{file.name} was written; look at it, then commit it")
    assert shown == file.read_text(encoding="utf-8")


def test_a_word_in_quotes_stays_on_one_line(permit: Callable[..., Certificate]) -> None:
    title = {"zh": "开办餐饮店“一件事”：一并出件", "en": "Opening a restaurant"}
    shown = page(permit(title=title))
    assert '开办餐饮店<span class="nb">“一件事”</span>：一并出件</h1>' in shown
    assert ".nb{white-space:nowrap}" in shown


def test_an_authority_brings_its_own_template(permit: Callable[..., Certificate]) -> None:
    template = FaceTemplate.parse(
        """{"type": "food_permit", "holder": {"zh": "商户", "en": "Shop"}, "hidden": ["area_m2"],
            "rows": [{"member": "main_format", "label": {"zh": "业态", "en": "Format"},
                      "words": {"catering": {"zh": "餐馆", "en": "restaurant"}}}],
            "notice": {"zh": "请勿涂改", "en": "Not to be altered"}}""".encode()
    )
    face = face_of(permit(), templates=(template,))
    shown = {row.label["en"]: row.of("en") for row in face.rows}
    assert shown["Shop"] == "李记面馆"
    assert shown["Format"] == "restaurant"
    assert shown["projects"] == "hot", "what it does not name is shown as it is"
    assert "82.5" not in str(shown)
    assert face.notice == {"zh": "请勿涂改", "en": "Not to be altered"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no strict JSON"),
        ('{"type": "a", "type": "b"}', "no strict JSON"),
        ("{}", "type is no text"),
        ('{"type": "a", "colour": "red"}', "'colour'"),
        ('{"type": "a", "rows": {}}', "rows is no list"),
        ('{"type": "a", "rows": [7]}', r"rows\[0\] is no object"),
        ('{"type": "a", "rows": [{"member": "m", "label": {"zh": "x"}}]}', r"rows\[0\].label"),
        ('{"type": "a", "holder": {"zh": "x", "en": 1}}', "holder"),
    ],
)
def test_a_wrong_template_is_told_where(text: str, said: str) -> None:
    with pytest.raises(FileUnusableError, match=said):
        FaceTemplate.parse(text.encode())


def test_somebody_elses_credential_has_no_face(vectors: Path) -> None:
    found = json.loads((vectors / "w3c-data-integrity/eddsa-jcs-2022.json").read_text("utf-8"))
    signed = next(
        one
        for one in found.values()
        if isinstance(one, dict) and isinstance(one.get("proof"), dict)
    )
    with pytest.raises(MalformedCertificateError, match="not of our kind"):
        face_of(Certificate.of(signed))


CHROMIUM = shutil.which("chromium")
ZBAR = shutil.which("zbarimg")


@pytest.mark.skipif(CHROMIUM is None or ZBAR is None, reason="needs chromium and zbarimg")
@pytest.mark.parametrize("on_paper", [False, True], ids=["screen", "paper"])
def test_a_browser_shows_the_code_so_that_it_can_be_scanned(
    tmp_path: Path, permit: Callable[..., Certificate], *, on_paper: bool
) -> None:
    certificate = permit(is_sandbox=True)
    file = tmp_path / "face.html"
    file.write_text(page(certificate), encoding="utf-8")
    picture = tmp_path / "face.png"
    if on_paper:
        chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path}/p.pdf", file)
        run("pdftoppm", "-r", "150", "-png", "-singlefile", f"{tmp_path}/p.pdf", f"{tmp_path}/face")
        pages = run("pdfinfo", f"{tmp_path}/p.pdf")
        assert re.search(r"^Pages:\s+1$", pages, re.MULTILINE), "one sheet of paper"
    else:
        chromium(
            tmp_path,
            "--window-size=900,1500",
            "--force-device-scale-factor=2",
            f"--screenshot={picture}",
            file,
        )
    assert run("zbarimg", "-q", "--raw", str(picture)).rstrip("\n") == code_text(certificate)


def chromium(home: Path, *arguments: str | Path) -> None:
    *flags, file = arguments
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", "--hide-scrollbars", f"--user-data-dir={home}/chromium"),
    ]
    environment = {**os.environ, "HOME": str(home)}
    subprocess.run(
        [*command, *flags, f"file://{file}"],
        check=True,
        capture_output=True,
        timeout=300,
        env=environment,
    )


def run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_the_pages_of_a_bundle_are_those_that_the_command_draws(
    tmp_path: Path, golden: Path
) -> None:
    file = golden / "certificates" / "bundle.json"
    done = CliRunner().invoke(program, ["face", str(file), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    bundle = Bundle.parse(file.read_bytes())
    pages = dict(bundle_pages(bundle, catalog=load_catalog(bundled_catalog_dir())))
    assert list(pages)[-1] == "case"
    assert len(pages) == 1 + len(bundle.certificates)
    drawn = {one.stem: one.read_text(encoding="utf-8") for one in tmp_path.iterdir()}
    assert drawn == pages


def test_a_name_out_of_a_strangers_bundle_never_leads_elsewhere(golden: Path) -> None:
    bundle = Bundle.parse((golden / "certificates" / "bundle.json").read_bytes())
    document = json.loads(json.dumps(bundle.certificate.document))
    parts = document["credentialSubject"]["result"]["components"]
    parts[0]["sub_case_id"] = "../../etc/passwd"
    named = named_certificates(replace(bundle, certificate=Certificate.of(document)))
    assert named[0][0] == "1"
