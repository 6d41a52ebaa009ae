"""Rows of the national exchange as typed records: one member per field, spelled as there.

Spelling oddities are kept on purpose (``applyer_name``, ``result_cetr_no``): these names are the
contract. A member is ``None`` where the cell is empty. ``extra`` keeps the columns that this
library does not know, so that a row leaves as it came.

References:
    Domain page, section 2; GB/T 39046-2020, tables 4 to 9.
"""

# ruff: noqa: RUF009 - column() returns a dataclass field, made anew at each call
from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, TypeAlias, get_args

from oneservice.canonical import JsonValue
from oneservice.exchange import code_lists as lists
from oneservice.exchange.columns import Cell, Column, ColumnKind, column

__all__ = [
    "CaseRecord",
    "ItemRecord",
    "MaterialRecord",
    "ProcessRow",
    "Record",
    "ResultRow",
    "SpecialRow",
    "cells_of",
    "columns_of",
]

_NUMBER: Final = ColumnKind.NUMBER
_FLAG: Final = ColumnKind.FLAG
_DAY: Final = ColumnKind.DAY
_MOMENT: Final = ColumnKind.MOMENT
Extra: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """An item (事项): one entry of an implementation list (实施清单)."""

    catalog_code: str | None = column("基本编码")
    local_catalog_code: str | None = column("地方基本编码")
    task_code: str | None = column("实施编码")
    task_handle_item: str | None = column("业务办理项编码")
    task_name: str | None = column("事项名称")
    task_version: int | None = column("事项版本", _NUMBER)
    task_state: str | None = column("事项状态", codes=lists.TASK_STATES)
    task_type: str | None = column("事项类型", codes=lists.TASK_TYPES)
    use_level: str | None = column("行使层级", codes=lists.LEVELS)
    dept_name: str | None = column("实施主体")
    dept_code: str | None = column("实施主体编码")
    other_dept: str | None = column("联办机构")
    server_type: str | None = column("服务对象", codes=lists.SERVER_TYPES)
    project_type: str | None = column("办件类型", codes=lists.PROJECT_TYPES)
    by_law: str | None = column("设定依据")
    accept_condition: str | None = column("受理条件")
    handle_flow: str | None = column("办理流程")
    anticipate_day: int | None = column("法定办结时限", _NUMBER)
    anticipate_type: str | None = column("法定办结时限单位", codes=lists.LIMIT_UNITS)
    promise_day: int | None = column("承诺办结时限", _NUMBER)
    promise_type: str | None = column("承诺办结时限单位", codes=lists.LIMIT_UNITS)
    promise_explain: str | None = column("承诺办结时限说明")
    special_procedure: str | None = column("特别程序")
    limit_scene_num: int | None = column("到办事现场次数", _NUMBER)
    is_online: bool | None = column("是否网办", _FLAG)
    online_handle_depth: str | None = column("网上办理深度")
    handle_area: str | None = column("通办范围", codes=lists.HANDLE_AREAS)
    is_express: bool | None = column("是否支持物流快递", _FLAG)
    is_service_terminals: bool | None = column("是否支持终端办理", _FLAG)
    is_schedule: bool | None = column("是否支持预约办理", _FLAG)
    is_pay_online: bool | None = column("是否支持网上支付", _FLAG)
    is_fee: bool | None = column("是否收费", _FLAG)
    fee_name: str | None = column("收费项目名称")
    fee_stand: str | None = column("收费标准")
    fee_basis: str | None = column("收费依据")
    is_desc: bool | None = column("是否允许减免", _FLAG)
    result_name: str | None = column("审批结果名称")
    result_type: str | None = column("审批结果类型", codes=lists.RESULT_TYPES)
    plan_effective_date: date | None = column("计划生效日期", _DAY)
    plan_cancel_date: date | None = column("计划取消日期", _DAY)
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRecord:
    """A material (材料) of one item; ``task_code`` and ``task_name`` say of which."""

    task_code: str | None = column("实施编码")
    task_name: str | None = column("事项名称")
    material_name: str | None = column("材料名称")
    is_need: str | None = column("材料必要性", codes=lists.MATERIAL_NEEDS)
    material_type: str | None = column("材料类型", codes=lists.MATERIAL_TYPES)
    material_format: str | None = column("材料形式", codes=lists.MATERIAL_FORMATS)
    source_type: str | None = column("来源渠道", codes=lists.MATERIAL_SOURCES)
    page_num: int | None = column("纸质材料份数", _NUMBER)
    accept_stand: str | None = column("受理标准")
    fill_explain: str | None = column("填报须知")
    form_guid: str | None = column("空白表格")
    example_guid: str | None = column("示例样表")
    by_law: str | None = column("材料依据")
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case (办件): one item applied for. Personal columns are empty unless asked for."""

    project_no: str | None = column("办件编号")
    task_code: str | None = column("实施编码")
    task_name: str | None = column("事项名称")
    apply_date: datetime | None = column("申请时间", _MOMENT)
    apply_type: str | None = column("申报来源", codes=lists.APPLY_TYPES)
    accept_date: datetime | None = column("受理时间", _MOMENT)
    accept_doc_no: str | None = column("受理文书编号")
    promise_date: date | None = column("承诺办结时间", _DAY)
    applyer_name: str | None = column("申请者名称", is_personal=True)
    applyer_page_type: str | None = column("申请者证件类型", is_personal=True)
    applyer_page_code: str | None = column("申请者证件号码", is_personal=True)
    applyer_type: str | None = column("申请者类型", codes=lists.SERVER_TYPES)
    contact_name: str | None = column("联系人姓名", is_personal=True)
    contact_mobile: str | None = column("联系人手机号码", is_personal=True)
    org_code: str | None = column("受理单位统一社会信用代码")
    org_name: str | None = column("受理单位名称")
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """One stage (环节) of a case."""

    project_no: str | None = column("办件编号")
    process_name: str | None = column("环节名称")
    event_name: str | None = column("业务动作")
    event_start_time: datetime | None = column("环节开始时间", _MOMENT)
    event_end_time: datetime | None = column("环节结束时间", _MOMENT)
    handle_user_name: str | None = column("环节处理人", is_personal=True)
    handle_explain: str | None = column("环节处理意见")
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialRow:
    """A special procedure (特别程序): the clock stood still, or the limit was extended."""

    project_no: str | None = column("办件编号")
    special_type: str | None = column("特别程序种类", codes=lists.SPECIAL_TYPES)
    special_name: str | None = column("特别程序名称")
    special_reason: str | None = column("启动理由或依据")
    special_time: datetime | None = column("特别程序开始时间", _MOMENT)
    end_time: datetime | None = column("特别程序结束时间", _MOMENT)
    result: str | None = column("特别程序结果")
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """How a case ended (办结), with the certificate and the applicant's rating of the handling."""

    project_no: str | None = column("办件编号")
    result_type: str | None = column("办件结果")
    result_date: datetime | None = column("办结时间", _MOMENT)
    result_explain: str | None = column("办件结果描述")
    result_cetr_name: str | None = column("结果证照名称")
    result_cetr_no: str | None = column("结果证照编号")
    is_delivery_results: bool | None = column("是否快递寄送结果", _FLAG)
    satisfaction: str | None = column("满意度", codes=lists.SATISFACTION)
    extra: Extra = field(default_factory=dict)


Record: TypeAlias = ItemRecord | MaterialRecord | CaseRecord | ProcessRow | SpecialRow | ResultRow
"""Any row of the exchange."""


def columns_of(kind: type[object]) -> tuple[Column, ...]:
    """Return the columns of a kind of row, in the order in which they are written."""
    return _COLUMNS[kind]


def cells_of(record: Record) -> dict[str, Cell]:
    """Return the cells of ``record`` by column, without ``extra``."""
    return {one.name: getattr(record, one.name) for one in columns_of(type(record))}


def _columns(kind: type[Record]) -> tuple[Column, ...]:
    return tuple(
        Column(name=one.name, **one.metadata)
        for one in dataclasses.fields(kind)
        if one.name != "extra"
    )


_COLUMNS: Final[Mapping[type[object], tuple[Column, ...]]] = {
    kind: _columns(kind) for kind in get_args(Record)
}
"""Made once: a province's catalogue has a hundred thousand rows."""
