"""Retiring: rights brought together, hard work recognised, the pension worked out (养老保险)."""

from __future__ import annotations

from oneservice.departments import CorrectionItem
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary, person, receipt
from oneservice_adapters.procedure import Paper, Special, printed

__all__ = ["PENSIONS"]

_LAW = "中华人民共和国社会保险法 第十六条"
_EARLY = "国务院关于工人退休、退职的暂行办法"
_PUBLICATION = Special(
    ground="publication",
    by_law="示例省特殊工种提前退休审核办法",
    result=bilingual("公示期满无异议", "nobody objected while it was published"),
    starts_on=3,
    lasts=5,
)
_FILE_REVIEW = Special(
    ground="file_review",
    by_law="社会保险经办条例",
    result=bilingual("职工档案审核完毕", "the personal file has been read"),
    starts_on=2,
    lasts=3,
)

_TRANSFER = ordinary(
    "pension_transfer",
    "城镇企业职工基本养老保险关系转移接续暂行办法",
    bilingual("转出地没有该参保记录。", "The other place has no such record."),
    days=15,
    main=("m_application",),
    paper=receipt(
        *("pension_transfer", "养老保险关系转移接续信息表", "Record of the moved rights", "YZ"),
    ),
)

_HARD_WORK = ordinary(
    "hard_work_review",
    _EARLY,
    bilingual("特殊工种岗位年限不足。", "The years at such a post do not suffice."),
    days=15,
    main=("m_application", "m_id", "m_file", "m_hard_work_proof"),
    special=_PUBLICATION,
    paper=receipt(
        *("hard_work_review", "特殊工种提前退休审核意见", "Decision on early retirement", "YT"),
    ),
)

_REVIEW = ordinary(
    "pension_review",
    _LAW,
    bilingual("累计缴费年限不足。", "The years of contributions do not suffice."),
    days=10,
    main=("m_application", "m_id", "m_file"),
    also=(
        *("m_consent", "m_early_notice", "m_late_agreement", "m_hard_work_decision"),
        *("m_moved_rights", "m_account_card"),
    ),
    special=_FILE_REVIEW,
    tolerates=("m_account_card",),
    tolerance_working_days=5,
    recheck=(
        CorrectionItem(
            material="m_file",
            problem="incomplete",
            note=bilingual(
                "档案中缺少首次参加工作的记载，请补充。",
                "The file does not show the first employment; hand that page in.",
            ),
            by_law=_LAW,
        ),
    ),
    paper=Paper(
        type="pension_decision",
        title=bilingual("基本养老金核定表", "Decision on the pension"),
        type_no="114",
        number=lettered("YL"),
        holder=person("name", "id_no"),
        face=printed("retires_on", "pension_years"),
    ),
)

_SUPPLEMENT = ordinary(
    "only_child_supplement",
    "示例省人口与计划生育条例",
    bilingual("不符合加发条件。", "The supplement is not due."),
    days=3,
    main=("m_application", "m_pension_decision"),
    also=("m_only_child",),
    paper=receipt(
        *("only_child_supplement", "独生子女父母加发核定单", "Decision on the supplement", "YJ"),
    ),
)

PENSIONS = (_TRANSFER, _HARD_WORK, _REVIEW, _SUPPLEMENT)
