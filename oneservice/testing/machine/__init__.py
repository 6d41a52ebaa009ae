"""All histories of a case, compared with a model on paper that shares nothing with the core.

from oneservice.testing import CaseMachine

class OurMachine(CaseMachine):
steps = step_specs(OUR_PLAN)
calendar = OUR_CALENDAR

TestOurCatalog = OurMachine.TestCase
"""

from oneservice.testing.machine.case_machine import CaseMachine
from oneservice.testing.machine.comparing import disagreements
from oneservice.testing.machine.live import LiveCase
from oneservice.testing.machine.paper_case import PaperCase
from oneservice.testing.machine.sample import SAMPLE_STEPS

__all__ = ["SAMPLE_STEPS", "CaseMachine", "LiveCase", "PaperCase", "disagreements"]
