"""Civil affairs: who is kin to whom, and whether a promise about it was true (民政)."""

from __future__ import annotations

from oneservice.certificates import Cryptosuite
from oneservice_adapters.ordinary import bilingual, looked_up, ordinary, receipt
from oneservice_adapters.procedure import Profile

__all__ = ["PROFILE"]

_KINSHIP = looked_up(
    "kinship_check",
    "国务院关于在线政务服务的若干规定",
    bilingual("登记信息不能证明所述亲属关系。", "The registers do not show this kinship."),
    main=("m_household",),
    also=("m_marriage",),
)

_FOLLOW_UP = ordinary(
    "kinship_followup",
    "国务院办公厅关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见",
    bilingual("核查发现承诺内容不实。", "What was promised was found untrue."),
    days=20,
    paper=receipt("kinship_followup", "亲属关系承诺核查结果", "Result of the check", "QS"),
)

PROFILE = Profile(
    department="civil-affairs",
    name=bilingual("示例市民政局", "Civil Affairs Bureau of Sample City"),
    code_no=18,
    seal_suite=Cryptosuite.EDDSA_JCS_2022,
    event_alg="ed25519",
    procedures=(_KINSHIP, _FOLLOW_UP),
)
