"""Registers of homes: who owns one, and who rents one (不动产登记、房屋管理)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.ordinary import bilingual, looked_up
from oneservice_adapters.procedure import Profile

__all__ = ["HOUSING", "REAL_ESTATE"]

_OTHERS = bilingual("登记的权利人与申报不一致。", "The register names somebody else as the owner.")

REAL_ESTATE = Profile(
    department="real-estate-register",
    name=bilingual("示例市不动产登记中心", "Real Estate Register of Sample City"),
    code_no=25,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        looked_up(
            *("property_check", "不动产登记暂行条例", _OTHERS),
            also=("m_property", "m_grandparent"),
        ),
        looked_up(
            *("premises_check", "优化营商环境条例 第三十七条", _OTHERS),
            main=("m_property",),
        ),
    ),
)

HOUSING = Profile(
    department="housing",
    name=bilingual("示例市住房和城乡建设局", "Housing Bureau of Sample City"),
    code_no=26,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(
        looked_up(
            "lease_check",
            "商品房屋租赁管理办法 第十四条",
            bilingual("该房屋没有有效的租赁备案。", "No lease of this home is on record."),
        ),
    ),
)
