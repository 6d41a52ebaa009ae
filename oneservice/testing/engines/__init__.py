"""The engine's half of the protocol: every statement marked E, tried between faulty departments.

What lives only here: departments over real HTTP that keep the protocol by hand until a statement
has them break it, and the statements themselves, one small function each. ``judge_engine`` tries
any engine that can be driven as :class:`EngineUnderTest`; :class:`OurEngine` is ours.
"""

from oneservice.testing.engines.judging import (
    engine_statements,
    judge_engine,
    judge_engine_statement,
)
from oneservice.testing.engines.kit import EngineKit, result_text
from oneservice.testing.engines.ours import OurEngine, OurRun
from oneservice.testing.engines.subject import (
    CaseShown,
    EngineRun,
    EngineUnderTest,
    Office,
    StepShown,
)

__all__ = [
    "CaseShown",
    "EngineKit",
    "EngineRun",
    "EngineUnderTest",
    "Office",
    "OurEngine",
    "OurRun",
    "StepShown",
    "engine_statements",
    "judge_engine",
    "judge_engine_statement",
    "result_text",
]
