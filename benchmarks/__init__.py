"""Measurements as ratios within one run: us against the floor below. ``python -m benchmarks``."""
