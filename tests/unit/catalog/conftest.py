"""A small catalog as text, and a marker that says where a finding must stand.

``▸`` in a text is taken out before it is read; its place is where the finding is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from oneservice.catalog import Catalog, Finding, lint, read_document

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "▸"

BASE = """\
format: oneservice-catalog/1
region: "000000"
effective_from: 2026-01-01
departments:
  - id: office
    name: {zh: 办公室, en: Office}
items:
  - id: permit
    title: {zh: 许可, en: Permit}
    department: office
    statutory: {days: 20}
    promised: {days: 8}
    legal_basis:
      - law: {zh: 法, en: Law}
    result:
      type: permit
      title: {zh: 许可证, en: Permit}
      yields: [m_permit]
  - id: check
    title: {zh: 检查, en: Check}
    department: office
    promised: {days: 5}
    legal_basis:
      - law: {zh: 法, en: Law}
things:
  - id: shop
    title: {zh: 开店, en: Open a shop}
    goal: {zh: 我要开店, en: I want to open a shop}
    lead_department: office
    situations:
      - id: area
        question: {zh: 面积, en: Area}
        type: decimal
      - id: kind
        question: {zh: 种类, en: Kind}
        type: enum
        choices:
          - {value: small, title: {zh: 小, en: Small}}
          - {value: large, title: {zh: 大, en: Large}}
      - id: open_late
        question: {zh: 营业到深夜, en: Open late}
        type: bool
        visible_when: area >= 20
        default: false
      - id: helpers
        question: {zh: 几个帮手, en: How many helpers}
        type: int
        default: 0
    contradictions:
      - when: kind == "small" && area > 500
        text: {zh: 小店没有这么大, en: A small shop is not that large}
    steps:
      - id: permit
        item: permit
        is_statutory: true
      - id: check
        item: check
        when: open_late || area >= 300
        requires: [permit]
        for_each: {count: helpers, group: people}
    fields:
      - id: name
        title: {zh: 名称, en: Name}
        type: text
        steps: [permit, check]
      - id: area
        title: {zh: 面积, en: Area}
        type: decimal
        answer: area
        steps: [permit]
      - id: helper_name
        title: {zh: 姓名, en: Name}
        type: text
        group: people
        steps: [check]
    materials:
      - id: m_plan
        title: {zh: 图, en: Plan}
        source: applicant
        steps: [permit]
      - id: m_permit
        title: {zh: 许可证, en: Permit}
        source: step
        yielded_by: permit
        steps: [check]
"""


def place_of_mark(text: str) -> tuple[str, str]:
    """Return the text without its marker, and ``line:column`` of where it stood."""
    before, found, after = text.partition(MARK)
    assert found, "the text has no marker"
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return before + after, f"{line}:{column}"


def catalog_of(**files: str) -> Catalog:
    """Return a catalog of YAML texts; each must be readable."""
    documents = []
    for name, text in files.items():
        document, findings = read_document(text.encode(), file=f"{name}.yaml")
        assert document is not None, findings
        documents.append(document)
    return Catalog(documents=tuple(documents))


def findings_of(**files: str) -> tuple[Finding, ...]:
    return lint(catalog_of(**files))


@pytest.fixture
def base() -> str:
    return BASE


@pytest.fixture
def make_catalog() -> Callable[..., Catalog]:
    return catalog_of


@pytest.fixture
def linted() -> Callable[..., tuple[Finding, ...]]:
    return findings_of


@pytest.fixture
def unmark() -> Callable[[str], tuple[str, str]]:
    return place_of_mark
