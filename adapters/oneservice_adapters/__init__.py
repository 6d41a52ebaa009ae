"""Reference departments: small offices that use the public SDK only, for all published things.

Each folder is one department, or a few that work alike; what all offices have in common (files and
diary, the agenda, the examination of papers, the seal) stands beside them. An office
runs in this process (:func:`opened_office`) or as a real server (:func:`start_process`, or
``python -m oneservice_adapters DEPARTMENT --dir DIR``). It lives on the clock that it is given,
sleeps never, and does the same for the same submission ids and seed, however often it is killed.
Everything that it signs is marked as a sandbox's.
"""

from oneservice_adapters.card import OfficeCard, read_office_card
from oneservice_adapters.chance import draw
from oneservice_adapters.misbehaving import Faults, parse_faults
from oneservice_adapters.office import Office, opened_office
from oneservice_adapters.offices import DEPARTMENTS, materials_of, steps_of
from oneservice_adapters.premises import prepare_office
from oneservice_adapters.procedure import Story
from oneservice_adapters.process import OfficeProcess, start_process

__all__ = [
    "DEPARTMENTS",
    "Faults",
    "Office",
    "OfficeCard",
    "OfficeProcess",
    "Story",
    "draw",
    "materials_of",
    "opened_office",
    "parse_faults",
    "prepare_office",
    "read_office_card",
    "start_process",
    "steps_of",
]
