"""``oneservice face``: certificates as pages to look at, and as PDF to print and keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from oneservice.catalog import bundled_catalog_dir, load_catalog
from oneservice.certificates import Bundle, Certificate, DocumentKind, Evidence, document_kind
from oneservice.cli.options import FILE, json_option
from oneservice.cli.pages import print_json
from oneservice.cli.reading import keep_inputs, read_file, write_file
from oneservice.errors import FileUnusableError, OneServiceError
from oneservice.faces import (
    FaceTemplate,
    FactRow,
    Language,
    PdfSeal,
    face_of,
    face_page,
    face_pdf,
    labels_for,
    named_certificates,
    sealed_pdf,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command"]

_EPILOG = """\
\b
Examples:
  oneservice face certificates/food_permit.json --out permit.html
  oneservice face bundle.json --out faces/ --format pdf \\
      --font wqy-zenhei.ttc
  oneservice face certificates/food_permit.json --out permit.pdf \\
      --seal-key key.pem --seal-certificate office.pem \\
      --seal-password-file secret.txt

A face is a likeness: it verifies nothing, and says so. Its code holds the
certificate itself; so does every PDF. 'oneservice verify' reads both, the code as
the text that was scanned, but no HTML.

--json gives one object per file: {"certificate_id", "digest", "file"}.

Exit codes: 0 fine, 1 the certificate or a file must be mended, 2 wrong use.
"""
_MAX_BYTES: Final = 268_435_456
_MAX_SMALL: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How faces are drawn, in one run."""

    language: Language
    templates: tuple[FaceTemplate, ...]
    font: Path | None
    address: str | None
    seal: PdfSeal | None = field(repr=False)

    def draw(self, certificate: Certificate, out: Path, labels: Sequence[FactRow]) -> bytes:
        """Return the face in the format that the name of ``out`` asks for."""
        face = face_of(certificate, templates=self.templates, labels=labels)
        if out.suffix == ".html":
            page = face_page(certificate, face, language=self.language, address=self.address)
            return page.encode("utf-8")
        pdf = face_pdf(
            certificate, face, language=self.language, font=self.font, address=self.address
        )
        return pdf if self.seal is None else sealed_pdf(pdf, self.seal, reason=face.issuer["zh"])


@click.command("face", epilog=_EPILOG, short_help="Draw certificates, to look at and print.")
@click.argument("file", type=FILE, metavar="FILE")
@click.option(
    "--out",
    type=FILE,
    required=True,
    metavar="PATH",
    help="FILE.html or FILE.pdf; for a bundle a folder.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "pdf"]),
    default="html",
    show_default=True,
    help="Of the files in a folder.",
)
@click.option(
    "--language",
    type=click.Choice(["zh", "en", "both"]),
    default="both",
    show_default=True,
    help="Of the labels.",
)
@click.option("--template", "templates", type=FILE, multiple=True, metavar="FILE", help="JSON: the "
              "face of a certificate type of your own; may be repeated.")  # fmt: skip
@click.option("--font", type=FILE, metavar="FILE", help="TrueType font to embed into PDF.")
@click.option(
    "--address", metavar="URL", help="Where a bundle can be asked for; in codes too small to hold "
    "the certificate."
)  # fmt: skip
@click.option("--seal-key", type=FILE, metavar="FILE", help="PEM key that seals PDF (PAdES).")
@click.option("--seal-certificate", type=FILE, metavar="FILE", help="Its X.509 certificates (PEM).")
@click.option("--seal-password-file", type=FILE, metavar="FILE", help="Opens the key.")
@json_option
def command(
    *,
    file: Path,
    out: Path,
    form: str,
    language: Language,
    templates: tuple[Path, ...],
    font: Path | None,
    address: str | None,
    seal_key: Path | None,
    seal_certificate: Path | None,
    seal_password_file: Path | None,
    as_json: bool,
) -> None:
    """Draw the certificate in FILE, or every certificate of the bundle in FILE.

    Evidence files are drawn by the certificate in them.
    """
    keep_inputs(out, (file, font, *templates, seal_key, seal_certificate, seal_password_file))
    manner = _Manner(
        language=language,
        templates=tuple(_template(one) for one in templates),
        font=font,
        address=address,
        seal=_seal(seal_key, seal_certificate, seal_password_file),
    )
    places = _places(file, out, form)
    catalog = load_catalog(bundled_catalog_dir())
    for certificate, path in places:
        write_file(path, manner.draw(certificate, path, labels_for(certificate, catalog)))
        if as_json:
            facts = {"certificate_id": certificate.id, "digest": certificate.digest}
            print_json({**facts, "file": str(path)}, indent=None)
        else:
            title = certificate.claims.title
            click.echo(f"{path}: {title.get('zh') or certificate.type}")


def _places(file: Path, out: Path, form: str) -> list[tuple[Certificate, Path]]:
    """Return what is drawn, and into which file."""
    data = read_file(file, max_bytes=_MAX_BYTES)
    match document_kind(data):
        case DocumentKind.BUNDLE:
            return _of_bundle(Bundle.parse(data), out, form)
        case DocumentKind.CERTIFICATE:
            return [(Certificate.parse(data), _one_file(out))]
        case DocumentKind.EVIDENCE:
            return [(_w3c(Evidence.parse(data), file), _one_file(out))]
        case _:
            msg = f"{file}: neither a certificate, nor evidence of one, nor a bundle"
            raise FileUnusableError(msg, remedy="'oneservice verify' tells what it is")


def _w3c(evidence: Evidence, file: Path) -> Certificate:
    if isinstance(evidence.certificate, Certificate):
        return evidence.certificate
    msg = f"{file}: the evidence of an SD-JWT, which has no face"
    raise FileUnusableError(
        msg, remedy="draw the certificate in its other form, the W3C credential"
    )


def _one_file(out: Path) -> Path:
    if out.suffix not in {".html", ".pdf"}:
        msg = f"{out}: the name must end in .html or .pdf, which tells the format"
        raise click.BadParameter(msg, param_hint="'--out'")
    return out


def _of_bundle(bundle: Bundle, out: Path, form: str) -> list[tuple[Certificate, Path]]:
    """Name each file by the sub-case; the bundle's own certificate sums the case up."""
    if out.suffix in {".html", ".pdf"}:
        msg = f"{out}: a bundle holds several certificates; name a folder"
        raise click.BadParameter(msg, param_hint="'--out'")
    out.mkdir(parents=True, exist_ok=True)
    return [(one, out / f"{name}.{form}") for name, one in named_certificates(bundle)]


def _template(file: Path) -> FaceTemplate:
    try:
        return FaceTemplate.parse(read_file(file, max_bytes=_MAX_SMALL))
    except OneServiceError as error:
        msg = f"{file}: {error}"
        raise FileUnusableError(msg) from error


def _seal(key: Path | None, certificate: Path | None, password: Path | None) -> PdfSeal | None:
    if (key is None) != (certificate is None):
        msg = "--seal-key and --seal-certificate belong together"
        raise click.UsageError(msg)
    if key is None or certificate is None:
        return None
    secret = None
    if password is not None:
        secret = read_file(password, max_bytes=_MAX_SMALL).rstrip(b"\r\n")
    return PdfSeal(
        key=read_file(key, max_bytes=_MAX_SMALL),
        certificates=read_file(certificate, max_bytes=_MAX_SMALL),
        password=secret,
    )
