"""What all trials of one run share: the line, and the adapter's own words about itself."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oneservice.conformance.line import Line
from oneservice.conformance.target import TEST_STEP, Target
from oneservice.departments import tls_context
from oneservice.errors import EnvironmentalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bench"]


@dataclass(slots=True)
class Bench:
    """One run against one adapter; ``kept`` holds what one trial makes for many."""

    target: Target
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    capabilities: dict[str, Any] = field(default_factory=dict)
    line: Line = field(init=False)
    step_id: str = ""
    kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.target.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            msg = "the adapter's address is http(s)://HOST/…/oneservice/v1"
            raise EnvironmentalError(msg)
        tls = (self.target.tls or tls_context()) if parts.scheme == "https" else None
        self.line = Line(
            base_url=self.target.url.rstrip("/"),
            tls=tls,
            deadline_s=self.target.patience.answer_s,
        )

    # --- what the adapter says of itself ---

    def learn(self, capabilities: dict[str, Any]) -> None:
        """Remember what the adapter says of itself, and choose the step that is filed.

        Raises:
            EnvironmentalError: it lists no step, or not the one that was asked for.
        """
        self.capabilities = capabilities
        self.step_id = self._chosen_step()

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps that are listed."""
        return [one for one in self.capabilities.get("steps") or () if isinstance(one, dict)]

    @property
    def features(self) -> frozenset[str]:
        """The features that are listed."""
        return frozenset(map(str, self.capabilities.get("features") or ()))

    def limit(self, name: str, otherwise: int) -> int:
        """Return a limit that the adapter tells."""
        limits = self.capabilities.get("limits")
        found = limits.get(name) if isinstance(limits, dict) else None
        return found if isinstance(found, int) and found > 0 else otherwise

    @property
    def has_test_step(self) -> bool:
        """Whether the step that is filed is the documented test step."""
        return self.step_id == TEST_STEP or self.step_id.startswith((f"{TEST_STEP}.", "conform-"))

    @property
    def materials(self) -> list[Mapping[str, Any]]:
        """What a supplement delivers: the test step's material, or the first that is listed."""
        found = next((one for one in self.steps if one.get("step_id") == self.step_id), {})
        named = (
            "m_conform" if self.has_test_step else next(iter(found.get("materials") or ()), None)
        )
        return [] if named is None else [{"material": str(named), "source": "applicant"}]

    def traceparent(self) -> str:
        """Return a fresh trace (W3C Trace Context)."""
        return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"

    def _chosen_step(self) -> str:
        listed = [str(one.get("step_id")) for one in self.steps]
        if not listed:
            raise EnvironmentalError("the adapter lists no step: there is nothing to try")
        if self.target.step_id is not None:
            if self.target.step_id not in listed:
                msg = f"step {self.target.step_id} is not listed; listed are {', '.join(listed)}"
                raise EnvironmentalError(msg)
            return self.target.step_id
        return TEST_STEP if TEST_STEP in listed else listed[0]
