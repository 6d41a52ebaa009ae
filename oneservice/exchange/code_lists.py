"""Code lists of the national exchange: what a code means, and how it is written in words.

Files in the wild carry either the code or its name; both are read, the code is written. A code
that a list does not have stays as it is: provinces extend the lists (GB/T 39046-2020, annex A,
"可根据情况进行扩展").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = [
    "APPLY_TYPES",
    "HANDLE_AREAS",
    "LEVELS",
    "LIMIT_UNITS",
    "MATERIAL_FORMATS",
    "MATERIAL_NEEDS",
    "MATERIAL_SOURCES",
    "MATERIAL_TYPES",
    "PROJECT_TYPES",
    "RESULT_TYPES",
    "SATISFACTION",
    "SERVER_TYPES",
    "SPECIAL_TYPES",
    "TASK_STATES",
    "TASK_TYPES",
    "CodeList",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A named list of codes. ``source`` says where it is published, or that it is ours to guess."""

    name: str
    names: Mapping[str, str]
    source: str

    def code(self, written: str) -> str:
        """Return the code for ``written``, which is a code or a name; else ``written`` itself."""
        if written in self.names:
            return written
        return next((code for code, name in self.names.items() if name == written), written)


_STANDARD: Final = "GB/T 39046-2020, annex "
_CUSTOM: Final = "common practice of service platforms, not re-checked; local lists differ"

TASK_TYPES: Final = CodeList(
    name="事项类型",
    source=_STANDARD + "A.1",
    names={
        "00": "行政权力事项",
        "01": "行政许可",
        "02": "行政处罚",
        "03": "行政强制",
        "04": "行政征收",
        "05": "行政给付",
        "06": "行政检查",
        "07": "行政确认",
        "08": "行政奖励",
        "09": "行政裁决",
        "10": "其他类别事项",
        "20": "公共服务事项",
    },
)
LEVELS: Final = CodeList(
    name="行使层级",
    source=_STANDARD + "A.2",
    names={
        "1": "国家级",
        "2": "省级",
        "3": "市级",
        "4": "县级",
        "5": "镇（乡、街道）级",
        "6": "村（社区）级",
        "7": "分级管理",
    },
)
SERVER_TYPES: Final = CodeList(
    name="服务对象",
    source=_STANDARD + "A.4",
    names={
        "1": "自然人",
        "2": "企业法人",
        "3": "事业法人",
        "4": "社会组织法人",
        "5": "行政机关",
        "6": "其他组织",
    },
)
APPLY_TYPES: Final = CodeList(
    name="办理形式",
    source=_STANDARD + "A.5",
    names={
        "1": "窗口办理",
        "2": "电脑端网上办理",
        "3": "移动端网上申请",
        "4": "快递申请",
        "9": "其他",
    },
)
PROJECT_TYPES: Final = CodeList(
    name="办件类型",
    source=_STANDARD + "A.6",
    names={"1": "即办件", "2": "承诺件", "9": "其他"},
)
SPECIAL_TYPES: Final = CodeList(
    name="特别程序种类",
    source=_STANDARD + "A.7",
    names={"1": "延长审批", "2": "除延长审批之外的情况"},
)
SATISFACTION: Final = CodeList(
    name="满意度",
    source=_STANDARD + "A.8",
    names={"1": "非常满意", "2": "满意", "3": "基本满意", "4": "不满意", "5": "非常不满意"},
)
"""Counts downwards: a rating of five stars is code 1."""
LIMIT_UNITS: Final = CodeList(
    name="时限单位",
    source="codes of a public parallel-approval engine",
    names={"WD": "工作日", "ND": "自然日", "WH": "工作小时", "NH": "自然小时"},
)
TASK_STATES: Final = CodeList(
    name="事项状态", source=_CUSTOM, names={"1": "在用", "2": "暂停", "3": "取消"}
)
HANDLE_AREAS: Final = CodeList(
    name="通办范围",
    source=_CUSTOM,
    names={"1": "全国", "2": "跨省", "3": "跨市", "4": "跨县"},
)
RESULT_TYPES: Final = CodeList(
    name="审批结果类型", source=_CUSTOM, names={"10": "证照", "20": "批文", "99": "其他"}
)
MATERIAL_NEEDS: Final = CodeList(
    name="材料必要性", source=_CUSTOM, names={"1": "必要", "2": "非必要", "3": "容缺后补"}
)
MATERIAL_TYPES: Final = CodeList(
    name="材料类型", source=_CUSTOM, names={"1": "原件", "2": "复印件", "3": "原件和复印件"}
)
MATERIAL_FORMATS: Final = CodeList(
    name="材料形式", source=_CUSTOM, names={"1": "纸质", "2": "电子", "3": "纸质和电子"}
)
MATERIAL_SOURCES: Final = CodeList(
    name="来源渠道",
    source=_CUSTOM,
    names={"10": "申请人自备", "20": "政府部门核发", "99": "其他"},
)
