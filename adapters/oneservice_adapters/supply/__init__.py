"""Companies at the kerb: a plan, their builders, the connection (供电、供水、供气、通信、供热).

They are no offices, but a one-thing hands each a part of the case as it does to an office; and each
closes the holes under its own covers.
"""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.ordinary import bilingual
from oneservice_adapters.procedure import Procedure, Profile
from oneservice_adapters.supply.connections import connection

__all__ = ["SUPPLIERS"]

_SMALL_KW = 160
_WHO = ("m_licence", "m_id")
_HOME = (*_WHO, "m_owner_consent")


def _supplier(
    department: str, zh: str, en: str, code_no: int, procedures: tuple[Procedure, ...]
) -> Profile:
    return Profile(
        department=department,
        name=bilingual(zh, en),
        code_no=code_no,
        seal_suite=Cryptosuite.ECDSA_JCS_2019,
        event_alg="ed25519",
        procedures=procedures,
    )


_POWER = connection(
    "power",
    by_law=("供电监管办法 第十一条", "供电营业规则", "供电监管办法 第十一条"),
    days=(10, 5, 3),
    plan=bilingual("供电方案答复单", "Plan of power supply"),
    built=bilingual("外线工程竣工资料（电）", "Record of the finished line, power"),
    contract=bilingual("供用电合同与通电单", "Contract of supply and record of connection"),
    letters="GD",
    type_no="171",
    also=(*_HOME, "m_load_list", "m_agent"),
    small=("power_kw", _SMALL_KW, (3, 5, 2)),
)
_WATER = connection(
    "water",
    by_law=("优化营商环境条例 第二十八条", "城市供水条例", "城市供水条例"),
    days=(3, 6, 2),
    plan=bilingual("供水方案答复单", "Plan of water supply"),
    built=bilingual("外线工程竣工资料（水）", "Record of the finished pipe, water"),
    contract=bilingual("供用水合同与通水单", "Contract of supply and record of connection"),
    letters="GS",
    type_no="172",
    also=(*_HOME, "m_pipe_layout", "m_agent"),
)
_GAS = connection(
    "gas",
    by_law=("优化营商环境条例 第二十八条", "城镇燃气管理条例", "城镇燃气管理条例"),
    days=(5, 8, 3),
    plan=bilingual("供气方案答复单", "Plan of gas supply"),
    built=bilingual("外线工程竣工资料（气）", "Record of the finished pipe, gas"),
    contract=bilingual("供用气合同与通气单", "Contract of supply and record of connection"),
    letters="GQ",
    type_no="173",
    also=(*_HOME, "m_pipe_layout", "m_agent"),
    is_checked_inside=True,
)
_NETWORK = connection(
    "network",
    by_law=("中华人民共和国电信条例",) * 3,
    days=(2, 2, 1),
    plan=bilingual("宽带接入方案答复单", "Plan of network access"),
    built=bilingual("光缆布放竣工资料", "Record of the finished fibre"),
    contract=bilingual("入网协议与开通单", "Contract and record of access"),
    letters="GX",
    type_no="174",
    main=("m_application",),
    also=(*_WHO, "m_agent"),
)
_HEAT = connection(
    "heat",
    by_law=(
        "示例市供热管理条例 第十六条",
        "示例市供热管理条例 第十六条",
        "示例市供热管理条例 第十七条",
    ),
    days=(3, 7, 2),
    plan=bilingual("供热方案答复单", "Plan of heating"),
    built=bilingual("支线管网竣工资料（热）", "Record of the finished pipe, heating"),
    contract=bilingual("供用热合同", "Contract of heating"),
    letters="GR",
    type_no="175",
)

SUPPLIERS = (
    _supplier(
        "power", "示例供电公司", "Sample Power", 31, (*_POWER, cover_repair("电力设施保护条例"))
    ),
    _supplier("water", "示例水务公司", "Sample Water", 32, (*_WATER, cover_repair("城市供水条例"))),
    _supplier(
        *("gas", "示例燃气公司", "Sample Gas", 33),
        (*_GAS, cover_repair("城镇燃气管理条例", is_same_day=True)),
    ),
    _supplier(
        *("telecom", "示例通信公司", "Sample Telecom", 34),
        (*_NETWORK, cover_repair("中华人民共和国电信条例")),
    ),
    _supplier(
        "heat", "示例供热公司", "Sample Heating", 35, (*_HEAT, cover_repair("示例市供热管理条例"))
    ),
)
