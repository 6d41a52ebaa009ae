"""The one-thing that our own engine is tried with: two steps that are filed side by side."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from oneservice.catalog import Catalog, load_catalog

__all__ = ["REGION", "STEPS", "THING", "trial_catalog"]

REGION: Final = "990101"
THING: Final = "trial_stall"
STEPS: Final = {"trial_permit": "trial-permits", "trial_record": "trial-records"}

_YAML: Final = """\
format: oneservice-catalog/1
region: "000000"
effective_from: 2026-01-01
departments:
  - {id: trial-permits, name: {zh: 许可窗口, en: Permits}}
  - {id: trial-records, name: {zh: 备案窗口, en: Records}}
items:
  - id: trial_permit
    title: {zh: 试办许可, en: Trial permit}
    department: trial-permits
    statutory: {days: 10}
    promised: {days: 5}
    legal_basis:
      - {law: {zh: 示例条例, en: Sample Regulation}, article: 第一条, is_sample: true}
  - id: trial_record
    title: {zh: 试办备案, en: Trial record}
    department: trial-records
    promised: {days: 2}
    legal_basis:
      - {law: {zh: 示例条例, en: Sample Regulation}, article: 第一条, is_sample: true}
  - id: trial_bundle
    title: {zh: 一并出件, en: Handed out together}
    department: trial-records
    promised: {days: 0}
    legal_basis:
      - {law: {zh: 示例条例, en: Sample Regulation}, article: 第一条, is_sample: true}
things:
  - id: trial_stall
    title: {zh: 试办摊位, en: A stall for trials}
    goal: {zh: 可以开业, en: The stall may open}
    lead_department: trial-records
    situations:
      - {id: evening, question: {zh: 晚上营业吗？, en: "Is it open in the evening?"}, type: bool}
    steps:
      - {id: trial_permit, item: trial_permit, is_statutory: true}
      - {id: trial_record, item: trial_record}
      - {id: bundle, item: trial_bundle, kind: bundle, requires: [trial_permit, trial_record]}
    fields:
      - id: name
        title: {zh: 名称, en: Name}
        type: text
        steps: [trial_permit, trial_record]
        is_personal: true
    materials:
      - id: m_sketch
        title: {zh: 位置图, en: Sketch}
        source: applicant
        steps: [trial_permit]
"""


@cache
def trial_catalog() -> Catalog:
    """Return the catalog of the trial, loaded once."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "national.yaml").write_text(_YAML, encoding="utf-8")
        return load_catalog([Path(folder)])
