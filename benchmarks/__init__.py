"""Measurements as ratios within one run: us against the floor below us. ``python -m benchmarks``."""
