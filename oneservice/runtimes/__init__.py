"""Runtimes: what carries cases out. Here, the embedded one: one process, one SQLite file.

Rules that live only here: what is durable before what is visible, and how a command becomes a call
and its answer an input. What should happen is decided in :mod:`oneservice.case`.
"""

from oneservice.runtimes.driver import Driver
from oneservice.runtimes.feeds import Feeds
from oneservice.runtimes.forgotten import Forgotten, ForgottenFiling, SignedDigest
from oneservice.runtimes.forgotten_file import NotedFiling, forgotten_in
from oneservice.runtimes.hot import HotCase
from oneservice.runtimes.local_keys import LocalKeyKeeper
from oneservice.runtimes.mail import EraseOrder, Mail
from oneservice.runtimes.memory import Fold
from oneservice.runtimes.moving_book import MoveRecord, MovingBook
from oneservice.runtimes.moving_in import ArrivalDesk
from oneservice.runtimes.moving_office import MovingOffice, letter_parts
from oneservice.runtimes.moving_out import DepartureDesk
from oneservice.runtimes.notifying import News, Notifier
from oneservice.runtimes.notifying_subscribers import Sent, Subscriber
from oneservice.runtimes.sqlite_store import SqliteStore
from oneservice.runtimes.status_file import Edition
from oneservice.runtimes.status_files import write_edition
from oneservice.runtimes.status_register import StatusRegister
from oneservice.runtimes.status_rows import Done
from oneservice.runtimes.status_succession import TakenBack, revocations_taken_back

__all__ = [
    "ArrivalDesk",
    "DepartureDesk",
    "Done",
    "Driver",
    "Edition",
    "EraseOrder",
    "Feeds",
    "Fold",
    "Forgotten",
    "ForgottenFiling",
    "HotCase",
    "LocalKeyKeeper",
    "Mail",
    "MoveRecord",
    "MovingBook",
    "MovingOffice",
    "News",
    "NotedFiling",
    "Notifier",
    "Sent",
    "SignedDigest",
    "SqliteStore",
    "StatusRegister",
    "Subscriber",
    "TakenBack",
    "forgotten_in",
    "letter_parts",
    "revocations_taken_back",
    "write_edition",
]
