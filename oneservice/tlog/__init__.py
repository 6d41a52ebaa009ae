"""Logs at work: a log on disk, witnesses that cosign, monitors that compare. The edge.

What lives only here, and why: everything about transparency logs that touches disk, network or
clock. The arithmetic and the texts are in ``oneservice.transparency``, where they stay pure. HTTP
comes in as :class:`oneservice.ports.Web`; the applications are plain ASGI.
"""

from oneservice.tlog.alarms import Alarm, open_alarm
from oneservice.tlog.anchors import FileAnchor
from oneservice.tlog.asgi import LogSite, WitnessSite
from oneservice.tlog.crosswise import crosswise_policy
from oneservice.tlog.entering import EntryLog
from oneservice.tlog.folder import Identity, LogFolder
from oneservice.tlog.keeper import LogKeeper
from oneservice.tlog.list_proofs import editions_below, prove_lists
from oneservice.tlog.monitor import observe
from oneservice.tlog.monitor_state import MonitorState
from oneservice.tlog.monitor_terms import Concern, Monitoring, Observation, Watched
from oneservice.tlog.neighbours import NeighbourLog, NeighbourWatch
from oneservice.tlog.receipts import LogReceipt, fresh_salt
from oneservice.tlog.tile_log import TileLog
from oneservice.tlog.views import (
    FolderView,
    LogView,
    SiteView,
    consistency_from,
    entries_from,
    inclusion_from,
    prefix_from,
    range_from,
)
from oneservice.tlog.witness import Witness, origin_hash
from oneservice.tlog.witness_wire import AddCheckpoint, WitnessAnswer
from oneservice.tlog.witnessing import Cosigned, collect_cosignatures

__all__ = [
    "AddCheckpoint",
    "Alarm",
    "Concern",
    "Cosigned",
    "EntryLog",
    "FileAnchor",
    "FolderView",
    "Identity",
    "LogFolder",
    "LogKeeper",
    "LogReceipt",
    "LogSite",
    "LogView",
    "MonitorState",
    "Monitoring",
    "NeighbourLog",
    "NeighbourWatch",
    "Observation",
    "SiteView",
    "TileLog",
    "Watched",
    "Witness",
    "WitnessAnswer",
    "WitnessSite",
    "collect_cosignatures",
    "consistency_from",
    "crosswise_policy",
    "editions_below",
    "entries_from",
    "fresh_salt",
    "inclusion_from",
    "observe",
    "open_alarm",
    "origin_hash",
    "prefix_from",
    "prove_lists",
    "range_from",
]
