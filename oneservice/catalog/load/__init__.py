"""The room's door to the disk: YAML in, documents with places out. Nothing else here does IO."""

from oneservice.catalog.load.answers_file import AnswersFile, load_answers
from oneservice.catalog.load.files import (
    bundled_catalog_dir,
    load_catalog,
    read_catalog,
    read_document,
)
from oneservice.catalog.load.text import read_text

__all__ = [
    "AnswersFile",
    "bundled_catalog_dir",
    "load_answers",
    "load_catalog",
    "read_catalog",
    "read_document",
    "read_text",
]
