"""A testing station: no office, but the report on a used vehicle comes from it (机动车检测)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.ordinary import bilingual, ordinary, receipt
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

_TEST = ordinary(
    "vehicle_test",
    "道路运输车辆技术管理规定",
    bilingual("制动性能检测不合格。", "The brakes failed the test."),
    days=2,
    paper=receipt(
        *("vehicle_test_report", "道路运输车辆检测报告", "Test report of the vehicle", "JC"),
    ),
)

PROFILE = Profile(
    department="vehicle-testing",
    name=bilingual("示例机动车检测有限公司", "Sample Vehicle Testing Ltd"),
    code_no=21,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_TEST,),
)
