"""The face of the library: open an engine, plan, submit, follow, hand out.

    async with Engine.sandbox("cases.db") as engine:
        plan = engine.plan("restaurant", answers={...})
        case = await engine.submit(plan, applicant, fields={...}, materials={...})
        case = await engine.settled(case.id)

``sandbox`` runs everything in one process with simulated departments and worthless keys;
``embedded`` is the same engine with your catalog, departments, seal and clock.
"""

from oneservice.engine.counter import CounterDesk
from oneservice.engine.counter_codes import IssuedCode, RedeemedCode
from oneservice.engine.face import Engine
from oneservice.engine.seals import KeySigner

__all__ = ["CounterDesk", "Engine", "IssuedCode", "KeySigner", "RedeemedCode"]
