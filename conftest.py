"""README.md and docs/*.md are tests: every Python block in them runs, in order, in one place.

How hypothesis draws is said here, since docs have properties, too.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

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

_ROOT = Path(__file__).parent


def _enter(namespace: dict[str, Any]) -> None:
    folder = tempfile.TemporaryDirectory(prefix="oneservice-docs-")
    namespace["_folder"], namespace["_before"] = folder, Path.cwd()
    namespace["here"] = Path(folder.name)
    # Blocks that readers paste name files as they lie in the checkout.
    (namespace["here"] / "examples").symlink_to(_ROOT / "examples")
    namespace["examples"] = _ROOT / "examples"
    namespace["catalogs"] = _ROOT / "catalogs"
    os.chdir(folder.name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_before"])
    namespace["_folder"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
