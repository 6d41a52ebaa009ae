"""All certificates of a bundle as pages: what a case handed out, to look at side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from oneservice.catalog import Catalog
from oneservice.certificates import Bundle, Certificate
from oneservice.faces.content import Language, face_of
from oneservice.faces.labels import catalog_labels
from oneservice.faces.page import face_page
from oneservice.faces.template import FaceTemplate, FactRow

__all__ = ["bundle_pages", "labels_for", "named_certificates"]

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", re.ASCII)
_WHOLE: Final = "case"
"""The bundle's own certificate, which sums the case up."""


def named_certificates(bundle: Bundle) -> tuple[tuple[str, Certificate], ...]:
    """Return the certificates with a name each, fit for files: that of its step, ``case`` last.

    A bundle may come from anybody: a name that is no plain name becomes a number.
    """
    places = {one.digest: one for one in bundle.certificates}
    named = {
        str(part.get("sub_case_id")): places[part["digest"]]
        for part in bundle.certificate.claims.result.get("components", [])
        if part.get("digest") in places
    }
    found = [
        (name if _PLAIN.fullmatch(name) else str(number), one)
        for number, (name, one) in enumerate(named.items(), 1)
    ]
    return (*found, (_WHOLE, bundle.certificate))


def labels_for(certificate: Certificate, catalog: Catalog) -> tuple[FactRow, ...]:
    """Return the catalog's own words for facts, as of the day of the certificate."""
    if not certificate.is_ours:
        return ()
    claims = certificate.claims
    return catalog_labels(catalog.things(claims.issuer_region, claims.valid_from))


def bundle_pages(
    bundle: Bundle,
    *,
    catalog: Catalog,
    language: Language = "both",
    templates: Sequence[FaceTemplate] = (),
    address: str | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield a name and an HTML page for each certificate; the same input gives the same pages.

    Args:
        bundle: read, not judged: a face says nothing of what a certificate is worth.
        catalog: has the words for facts.
        language: of labels.
        templates: faces of certificate types of your own.
        address: where a bundle can be asked for, for codes that only point.

    Raises:
        FileUnusableError: the extra ``faces`` is not installed.
    """
    for name, certificate in named_certificates(bundle):
        face = face_of(certificate, templates=templates, labels=labels_for(certificate, catalog))
        yield name, face_page(certificate, face, language=language, address=address)
