"""``oneservice demo --story cross-region``: three governments, papers that travel, an auditor.

Each region is a process with its own database, keys, clock, log and memory. What it knows of the
others it learns over the wires: from the signed directory of regions, and from lists whose signers
its own list names. The tests of the same regions (``tests/faults``) let go wrong what can.
"""

from oneservice.cli.demo_regions.words import CROSS_REGION

__all__ = ["CROSS_REGION"]
