"""``oneservice demo --story cross-region``: three governments, papers that travel, an auditor.

Each region is a process with its own database, keys, clock, log and memory. What it knows of the
others it learns over the wires: from the signed directory of regions, and from lists whose signers
its own list names. The tests of the same regions (``tests/faults``) let go wrong what can.

From the outside in:

- the telling: ``story`` goes through the ``chapters_*``, which speak by ``teller`` in ``words``;
- the world: ``country`` starts, asks, kills and parts processes, over ``roads`` (loopback) or
  ``namespaces`` with their ``wires``; ``backups`` puts old states in the place of new ones;
- a process: ``process`` opens a ``house`` by what it knows (``acquaintance``) and obeys ``orders``,
  each family in its ``orders_*``, acting on a ``region``; ``sites`` is what everybody sees of it;
- parts of a region: ``archive``, ``editions`` (of status lists), ``lookups``, ``village``;
- people's work at desks: ``lists`` and ``directory`` are signed there; ``keys`` says who is who;
- what is told about: ``people``, ``kinds``, ``wording`` (claims) and the ``train``;
- the audit: ``desk`` has the files, ``audit`` is the process that judges them; an ``auditor`` is a
  witness, and hands the directory out.
"""

from oneservice.cli.demo_regions.words import CROSS_REGION

__all__ = ["CROSS_REGION"]
