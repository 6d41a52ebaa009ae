"""Urban greening: lawns that are dug up, trees that move, covers in parks (城市绿化)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.numbers import lettered
from oneservice_adapters.ordinary import bilingual, ordinary
from oneservice_adapters.procedure import Paper, Profile, Special, printed

__all__ = ["PROFILE"]

_RULES = "城市绿化条例"

_USE = ordinary(
    "green_use",
    _RULES,
    bilingual("拟移植树木为古树名木。", "The tree is protected; it may not be moved."),
    days=5,
    main=("m_application", "m_green_plan"),
    also=(
        *("m_licence", "m_power_plan", "m_water_plan", "m_gas_plan", "m_network_plan"),
        "m_agent",
    ),
    special=Special(
        ground="on_site_check",
        by_law="中华人民共和国行政许可法 第四十五条",
        result=bilingual("现场查看完毕", "land and trees have been looked at"),
        starts_on=1,
        lasts=1,
    ),
    paper=Paper(
        type="green_use_permit",
        title=bilingual("临时占用绿地许可", "Permit to use green land"),
        type_no="176",
        number=lettered("LH"),
        face=printed("address", "green_area", "tree_count"),
        conditions=("施工结束后恢复绿地",),
    ),
)

PROFILE = Profile(
    department="greening",
    name=bilingual("示例市园林绿化局", "Urban Greening Bureau of Sample City"),
    code_no=36,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_USE, cover_repair(_RULES)),
)
