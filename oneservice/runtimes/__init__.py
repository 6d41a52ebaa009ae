"""Runtimes: what carries cases out. Here, the embedded one: one process, one SQLite file.

Rules that live only here: what is durable before what is visible, and how a command becomes a call
and its answer an input. What should happen is decided in :mod:`oneservice.case`.
"""

from oneservice.runtimes.driver import Driver
from oneservice.runtimes.feeds import Feeds
from oneservice.runtimes.hot import HotCase
from oneservice.runtimes.local_keys import LocalKeyKeeper
from oneservice.runtimes.mail import EraseOrder, Mail
from oneservice.runtimes.memory import Fold
from oneservice.runtimes.notifying import News, Notifier
from oneservice.runtimes.notifying_subscribers import Sent, Subscriber
from oneservice.runtimes.sqlite_store import SqliteStore
from oneservice.runtimes.status_file import Edition
from oneservice.runtimes.status_files import write_edition
from oneservice.runtimes.status_register import StatusRegister

__all__ = [
    "Driver",
    "Edition",
    "EraseOrder",
    "Feeds",
    "Fold",
    "HotCase",
    "LocalKeyKeeper",
    "Mail",
    "News",
    "Notifier",
    "Sent",
    "SqliteStore",
    "StatusRegister",
    "Subscriber",
    "write_edition",
]
