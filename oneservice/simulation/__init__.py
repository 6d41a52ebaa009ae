"""A whole province on a virtual clock under seeded faults: the proof that no case is ever lost.

Rules that live only here: what can go wrong at every boundary and how often, how people behave
while it does, how offices work, and what must be true of every case at every moment. The engine,
the driver, the journal's bytes and the pace with departments are the real ones; the disk, the
network, the offices, the people and time are simulated. One seed gives one run, byte for byte.
"""

from oneservice.simulation.audit import Violation
from oneservice.simulation.chart import to_chart
from oneservice.simulation.faults import BETWEEN_REGIONS, FaultKind, kinds_named
from oneservice.simulation.listing import invariants
from oneservice.simulation.offices import Offices
from oneservice.simulation.offices_chance import Always, Spread, Table, Triangular
from oneservice.simulation.offices_folders import OfficesBackup
from oneservice.simulation.offices_parameters import OfficeParameters, Parameters
from oneservice.simulation.offices_steps import Inspection, Paper, Procedure, Rates, StepParameters
from oneservice.simulation.regions_offer import MOST_REGIONS
from oneservice.simulation.replaying import replay_text, replayed
from oneservice.simulation.running import (
    Province,
    ProvinceReport,
    WorldReport,
    districts,
    run_world,
    simulate,
)
from oneservice.simulation.settings import Manner, Settings
from oneservice.simulation.shrinking import shrink
from oneservice.simulation.whatif import Comparison, Outlook, what_if
from oneservice.simulation.whatif_figures import (
    Difference,
    Estimate,
    Figures,
    OfficeLoad,
    StepFigures,
)
from oneservice.simulation.whatif_population import Population, Profile, population_of
from oneservice.simulation.whatif_words import (
    as_it_is,
    busiest,
    effect_words,
    estimate_words,
    moved_steps,
    office_name,
    say,
    setting_words,
)

__all__ = [
    "BETWEEN_REGIONS",
    "MOST_REGIONS",
    "Always",
    "Comparison",
    "Difference",
    "Estimate",
    "FaultKind",
    "Figures",
    "Inspection",
    "Manner",
    "OfficeLoad",
    "OfficeParameters",
    "Offices",
    "OfficesBackup",
    "Outlook",
    "Paper",
    "Parameters",
    "Population",
    "Procedure",
    "Profile",
    "Province",
    "ProvinceReport",
    "Rates",
    "Settings",
    "Spread",
    "StepFigures",
    "StepParameters",
    "Table",
    "Triangular",
    "Violation",
    "WorldReport",
    "as_it_is",
    "busiest",
    "districts",
    "effect_words",
    "estimate_words",
    "invariants",
    "kinds_named",
    "moved_steps",
    "office_name",
    "population_of",
    "replay_text",
    "replayed",
    "run_world",
    "say",
    "setting_words",
    "shrink",
    "simulate",
    "to_chart",
    "what_if",
]
