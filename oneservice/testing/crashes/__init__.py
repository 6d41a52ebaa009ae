"""The crash sweep: whatever dies, and wherever, a restart must end in the same case.

``crash_sweep(story, folder)`` tells a story once without a fault, then once for each boundary that
it crossed: every commit and every call, with a death before it and after it, a torn write, a full
disk. Boundaries are named by what they are, so each one is met again in every life.
"""

from oneservice.testing.crashes.sweep import End, Story, Sweep, comparable, crash_sweep
from oneservice.testing.crashes.watch import CountedIds, Fault, Point, Watch
from oneservice.testing.crashes.worlds import SandboxWorld, World

__all__ = [
    "CountedIds",
    "End",
    "Fault",
    "Point",
    "SandboxWorld",
    "Story",
    "Sweep",
    "Watch",
    "World",
    "comparable",
    "crash_sweep",
]
