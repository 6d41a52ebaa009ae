"""Companies that change or go: notices, the register, what it tells others (市场监督管理)."""

from __future__ import annotations

from oneservice.departments import CorrectionItem, Submission
from oneservice_adapters.credit_repair import REPAIR_LAW, credit_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, noted, ordinary, receipt
from oneservice_adapters.procedure import Course, Paper, Procedure, printed

__all__ = ["COMPANIES"]

_REGISTRATION = "中华人民共和国市场主体登记管理条例"
_COMPANY_LAW = "中华人民共和国公司法"


def _notice(
    step_id: str, by_law: str, natural_days: int, *main: str, also: tuple[str, ...] = ()
) -> Procedure:
    """Return a notice of so many natural days; the promise, in working days, covers all of it."""
    days = natural_days * 5 // 7 + 1
    return ordinary(
        step_id,
        by_law,
        bilingual("公告期内有人提出异议。", "Somebody objected while the notice ran."),
        days=days,
        main=main,
        also=also,
        course=lambda _: Course(promised_working_days=days, notice_days=natural_days),
        paper=_NOTICES[step_id],
    )


_NOTICES = {
    paper.type: paper
    for paper in (
        receipt(
            "creditor_notice", "债权人公告期满记录", "Record that the notice has run out", "GZ"
        ),
        receipt("simple_notice", "简易注销公告期满无异议记录", "Record that nobody objected", "GJ"),
        receipt("objection_query", "部门无异议记录", "Record that no office objected", "GY"),
    )
}

_DEREGISTER = ordinary(
    "deregister",
    f"{_REGISTRATION} 第三十一条",
    bilingual("股权被司法冻结，不得注销。", "A court has frozen shares; the company cannot go."),
    days=1,
    main=("m_application", "m_id"),
    also=(
        *("m_all_owners", "m_resolution", "m_liquidation_report", "m_licence"),
        *("m_licence_paper", "m_licence_lost", "m_tax_clearance", "m_agent"),
    ),
    recheck=(
        CorrectionItem(
            material="m_id",
            problem="differs",
            note=bilingual(
                "签字人与登记的法定代表人不一致。",
                "Whoever signed is not the registered representative.",
            ),
            by_law=f"{_REGISTRATION} 第十九条",
        ),
    ),
    paper=Paper(
        type="deregistration_notice",
        title=bilingual(
            "准予注销登记通知书", "Notice that the company is removed from the register"
        ),
        type_no="004",
        number=lettered("ZX"),
        face=printed("reason", "track"),
    ),
)


def _same_code(region: str, submission: Submission, serial: int) -> str:
    """Return the number of a changed licence: a business keeps its credit code for life."""
    code = submission.fields.get("credit_code") or submission.applicant.get("code")
    return str(code) if code else lettered("BG")(region, submission, serial)


_CHANGE = ordinary(
    "registry_change",
    f"{_REGISTRATION} 第二十四条",
    bilingual("变更后的名称与已登记名称相同。", "The new name is registered already."),
    days=1,
    main=("m_application", "m_licence", "m_resolution", "m_articles"),
    also=(
        *("m_id", "m_appointment", "m_premises", "m_transfer_deed", "m_share_tax"),
        *("m_reduction_notice", "m_agent"),
    ),
    paper=Paper(
        type="business_licence",
        title=bilingual("营业执照（变更）", "Business licence with the new data"),
        type_no="005",
        number=_same_code,
        face=printed(
            "changes",
            domicile="new_address",
            business_scope="new_scope",
            legal_representative="new_legal_rep_name",
        ),
    ),
)

_PERMITS = ordinary(
    "permit_cancel",
    "中华人民共和国行政许可法 第七十条",
    bilingual("许可证编号与登记不符。", "There is no such permit on record."),
    days=1,
    main=("m_dereg_notice",),
    paper=receipt(
        *("permit_cancel", "许可证件注销决定", "Decision that the permits are cancelled", "XZ"),
    ),
)

COMPANIES = (
    _notice("creditor_notice", f"{_COMPANY_LAW} 第二百三十五条", 45, also=("m_resolution",)),
    _notice(
        *("simple_notice", f"{_COMPANY_LAW} 第二百四十条", 20, "m_application"),
        also=("m_all_owners", "m_licence"),
    ),
    _notice(
        *("objection_query", f"{_REGISTRATION} 第三十三条", 10, "m_application"),
        also=("m_licence",),
    ),
    *(_DEREGISTER, _CHANGE, _PERMITS),
    credit_repair("repair_market", "006", "XM"),
    noted(
        *("share_enterprise_register", f"{REPAIR_LAW} 第三条", "m_repair_decision"),
        days=3,
        paper=receipt(
            *("share_enterprise_register", "公示系统更新回执"),
            *("Receipt of the enterprise register", "XG"),
        ),
    ),
)
