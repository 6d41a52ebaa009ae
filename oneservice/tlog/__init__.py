"""Logs at work: a log on disk, witnesses that cosign, monitors that compare. The edge.

What lives only here, and why: everything about transparency logs that touches disk, network or
clock. The arithmetic and the texts are in ``oneservice.transparency``, where they stay pure.
"""

from oneservice.tlog.folder import Identity, LogFolder
from oneservice.tlog.tile_log import TileLog

__all__ = ["Identity", "LogFolder", "TileLog"]
