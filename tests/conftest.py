"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", max_examples=2000, deadline=None, print_blob=True)
if "HYPOTHESIS_PROFILE" not in os.environ:
    settings.load_profile("default")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of official test vectors, which lives beside the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip(f"no official test vectors beside the repository ({folder.name}/ is missing)")
    return folder
