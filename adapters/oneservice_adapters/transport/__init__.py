"""Transport: the haulier's permit and, below it, each vehicle and each driver (交通运输)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.covers import cover_repair
from oneservice_adapters.credit_repair import credit_repair
from oneservice_adapters.ordinary import bilingual
from oneservice_adapters.procedure import Profile
from oneservice_adapters.transport.fleet import FLEET
from oneservice_adapters.transport.haulage import HAULAGE

__all__ = ["PROFILE"]

PROFILE = Profile(
    department="transport",
    name=bilingual("示例市交通运输局", "Transport Bureau of Sample City"),
    code_no=20,
    seal_suite=Cryptosuite.ECDSA_JCS_2019,
    event_alg="ed25519",
    procedures=(
        *(*HAULAGE, *FLEET),
        credit_repair("repair_transport", "156", "XJ"),
        cover_repair("公路安全保护条例"),
    ),
)
