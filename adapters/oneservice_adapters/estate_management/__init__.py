"""The company that manages an estate: the covers inside its walls (物业服务)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.ordinary import bilingual
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

PROFILE = Profile(
    department="estate-management",
    name=bilingual("示例物业服务公司", "Sample Estate Management"),
    code_no=37,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(cover_repair("物业管理条例"),),
)
