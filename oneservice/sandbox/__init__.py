"""A whole government in one process: simulated departments, throw-away seals, fault plans.

Nothing in here needs a network, and nothing that it signs proves anything: certificates of a
sandbox say so. The virtual clock is in :mod:`oneservice.clocks`.
"""

from oneservice.sandbox.behaviour import ATTENTIVE, PROMPT, Behaviour, Behaviours
from oneservice.sandbox.departments import SimulatedDepartments
from oneservice.sandbox.faults import FaultPlan, FaultyDepartments, FaultyStore, SimulatedCrash
from oneservice.sandbox.publishing import SandboxLists
from oneservice.sandbox.seals import BUNDLE_TYPE, SandboxSeals, SandboxSigner

__all__ = [
    "ATTENTIVE",
    "BUNDLE_TYPE",
    "PROMPT",
    "Behaviour",
    "Behaviours",
    "FaultPlan",
    "FaultyDepartments",
    "FaultyStore",
    "SandboxLists",
    "SandboxSeals",
    "SandboxSigner",
    "SimulatedCrash",
    "SimulatedDepartments",
]
