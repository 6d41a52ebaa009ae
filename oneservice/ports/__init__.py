"""What the edges must supply: small Protocols, and the plain data that passes through them.

Whoever implements one of these is judged by the kits in ``oneservice.testing``.
"""

from oneservice.ports.anchor import Anchor
from oneservice.ports.departments import (
    Change,
    ChangesPage,
    Checks,
    Departments,
    Opinion,
    Papers,
    StatusPage,
)
from oneservice.ports.keys import KeyedStore, KeyKeeper, Pseudonyms, WrappedKey
from oneservice.ports.remembered import ValueStore
from oneservice.ports.signer import SealHolder, Signer
from oneservice.ports.store import Erasure, Store, StoredCase, Write
from oneservice.ports.subscriptions import Fact, Subscription, Subscriptions
from oneservice.ports.vouching import (
    EvidenceLog,
    Receipt,
    SealReceipts,
    StatusLists,
    Timestamping,
)
from oneservice.ports.web import Web, WebAnswer, WebRequest
from oneservice.ports.world import Clock, Ids, OwnIds

__all__ = [
    "Anchor",
    "Change",
    "ChangesPage",
    "Checks",
    "Clock",
    "Departments",
    "Erasure",
    "EvidenceLog",
    "Fact",
    "Ids",
    "KeyKeeper",
    "KeyedStore",
    "Opinion",
    "OwnIds",
    "Papers",
    "Pseudonyms",
    "Receipt",
    "SealHolder",
    "SealReceipts",
    "Signer",
    "StatusLists",
    "StatusPage",
    "Store",
    "StoredCase",
    "Subscription",
    "Subscriptions",
    "Timestamping",
    "ValueStore",
    "Web",
    "WebAnswer",
    "WebRequest",
    "WrappedKey",
    "Write",
]
