"""Certificates to look at: a page for the screen, a sheet for the wall, a code for a telephone.

A face repeats what a certificate states and never what it is worth: whether it counts is for
:mod:`oneservice.certificates` to say, with a trust list, for a moment. So every face says how it is
checked, and carries the certificate itself: in its code where it fits, and inside the PDF always.

The PDF and the code need the extra ``faces``: ``pip install -e '.[faces]'``.
"""

from oneservice.faces.code import MAX_CODE, FaceCode, code_text, read_code
from oneservice.faces.content import Face, Language, Row, face_of
from oneservice.faces.kinds import TEMPLATES
from oneservice.faces.labels import catalog_labels
from oneservice.faces.of_bundles import bundle_pages, labels_for, named_certificates
from oneservice.faces.page import face_page
from oneservice.faces.pdf import face_pdf
from oneservice.faces.pdf_attachment import ATTACHMENT_NAME, certificate_in_pdf
from oneservice.faces.pdf_seal import PdfSeal, sealed_pdf
from oneservice.faces.template import FaceTemplate, FactRow

__all__ = [
    "ATTACHMENT_NAME",
    "MAX_CODE",
    "TEMPLATES",
    "Face",
    "FaceCode",
    "FaceTemplate",
    "FactRow",
    "Language",
    "PdfSeal",
    "Row",
    "bundle_pages",
    "catalog_labels",
    "certificate_in_pdf",
    "code_text",
    "face_of",
    "face_page",
    "face_pdf",
    "labels_for",
    "named_certificates",
    "read_code",
    "sealed_pdf",
]
