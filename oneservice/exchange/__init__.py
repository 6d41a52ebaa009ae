"""Catalogs, plans and cases in other people's forms: exchange rows, CPSV-AP, the service guide.

Rules that live only here: which field of the national exchange says what of ours, and how whatever
one side alone knows is kept for the way back; which personal columns are filled, and how they are
masked; what a one-thing is called in the European vocabulary of public services; how the one
notice (一次告知) looks on paper. Text goes in, text comes out: files are other people's business.
"""

from oneservice.exchange.cases import CaseRows, Telling, export_case
from oneservice.exchange.catalogues import ThingRows, export_thing, write_thing_json
from oneservice.exchange.columns import Cell, Column, ColumnKind
from oneservice.exchange.cpsv import cpsv_document, cpsv_text
from oneservice.exchange.guide import service_guide
from oneservice.exchange.guide_invitations import Invitation, invitations, said_at_the_top
from oneservice.exchange.guide_parts import make_up_days
from oneservice.exchange.guide_terms import what_is_counted
from oneservice.exchange.guide_words import GuideWords, answer_words
from oneservice.exchange.html import Html, joined, tag, unbroken
from oneservice.exchange.items import MEMBERS, ImportedItem, export_item, import_item, use_level
from oneservice.exchange.keeping import LUGGAGE, Instead, Kept, Note
from oneservice.exchange.materials import (
    MATERIAL_MEMBERS,
    ImportedMaterial,
    export_material,
    import_material,
)
from oneservice.exchange.records import (
    CaseRecord,
    ItemRecord,
    MaterialRecord,
    ProcessRow,
    Record,
    ResultRow,
    SpecialRow,
    columns_of,
)
from oneservice.exchange.tables import read_csv, read_json, rows_as_json, write_csv, write_json

__all__ = [
    "LUGGAGE",
    "MATERIAL_MEMBERS",
    "MEMBERS",
    "CaseRecord",
    "CaseRows",
    "Cell",
    "Column",
    "ColumnKind",
    "GuideWords",
    "Html",
    "ImportedItem",
    "ImportedMaterial",
    "Instead",
    "Invitation",
    "ItemRecord",
    "Kept",
    "MaterialRecord",
    "Note",
    "ProcessRow",
    "Record",
    "ResultRow",
    "SpecialRow",
    "Telling",
    "ThingRows",
    "answer_words",
    "columns_of",
    "cpsv_document",
    "cpsv_text",
    "export_case",
    "export_item",
    "export_material",
    "export_thing",
    "import_item",
    "import_material",
    "invitations",
    "joined",
    "make_up_days",
    "read_csv",
    "read_json",
    "rows_as_json",
    "said_at_the_top",
    "service_guide",
    "tag",
    "unbroken",
    "use_level",
    "what_is_counted",
    "write_csv",
    "write_json",
    "write_thing_json",
]
