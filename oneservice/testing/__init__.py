"""Kits for other people's tests, and for ours: what we hold ourselves to, to be held to by others.

Rules that live only here: what a store, a department or a seal must do to be one (``StoreKit`` and
its neighbours), how a case is compared with a naive model (``CaseMachine``), that whatever dies, a
restart ends in the same case (``crash_sweep``), what an engine owes the protocol among departments
that misbehave (``EngineKit``), and what valid things look like when they are drawn
(``strategies``). This room alone imports pytest and hypothesis: install the extra ``testing``.

Nothing here is loaded by pytest by itself; a test imports what it uses.
"""

try:
    import hypothesis  # noqa: F401 - whether it is there is told before anything needs it
    import pytest
except ModuleNotFoundError as error:
    _msg = f"{error.name} is missing: oneservice.testing needs the extra 'testing'; install "
    _msg += "oneservice-gov[testing]"
    raise ModuleNotFoundError(_msg, name=error.name) from error

# Before the modules are imported: their assertions then show what they compare, as a test's do.
pytest.register_assert_rewrite(
    "oneservice.testing.crashes", "oneservice.testing.kits", "oneservice.testing.machine"
)

from oneservice.testing.crashes import Fault, SandboxWorld, World, crash_sweep  # noqa: E402
from oneservice.testing.engines import (  # noqa: E402
    CaseShown,
    EngineKit,
    EngineRun,
    EngineUnderTest,
    Office,
    OurEngine,
    StepShown,
    engine_statements,
    judge_engine,
)
from oneservice.testing.kits import (  # noqa: E402
    ClockKit,
    DepartmentsKit,
    IdsKit,
    KeyKeeperKit,
    SampleSubmission,
    SignerKit,
    StoreKit,
)
from oneservice.testing.machine import CaseMachine  # noqa: E402

__all__ = [
    "CaseMachine",
    "CaseShown",
    "ClockKit",
    "DepartmentsKit",
    "EngineKit",
    "EngineRun",
    "EngineUnderTest",
    "Fault",
    "IdsKit",
    "KeyKeeperKit",
    "Office",
    "OurEngine",
    "SampleSubmission",
    "SandboxWorld",
    "SignerKit",
    "StepShown",
    "StoreKit",
    "World",
    "crash_sweep",
    "engine_statements",
    "judge_engine",
]
