"""A whole province on a virtual clock under seeded faults: the proof that no case is ever lost.

Rules that live only here: what can go wrong at every boundary and how often, how people behave
while it does, and what must be true of every case at every moment. The engine, the driver, the
journal's bytes and the pace with departments are the real ones; the disk, the network, the offices,
the people and time are simulated. One seed gives one run, byte for byte.
"""
