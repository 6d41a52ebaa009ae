"""What all trials of one run share: the line, the adapter's own words, a gallery of histories."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oneservice.conformance.line import Line
from oneservice.conformance.target import TEST_STEP, Target
from oneservice.conformance.trial import WITHDRAWAL, Filed, Trial
from oneservice.conformance.verdicts import BrokenError, NotApplicableError
from oneservice.departments import tls_context
from oneservice.errors import EnvironmentalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bench", "Shown"]

_SCRIPTS = (
    "accept correct / correct / grant",
    "decline",
    "accept refuse",
    "accept suspend resume extend progress grant",
    "accept pend",
    "accept",
    "accept keep",
)
_READ_AT_MOST = 12
"""Histories of others' cases that are looked at beside the kit's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One history of the gallery."""

    id: str
    state: Any
    events: list[Any]


@dataclass(slots=True)
class Bench:
    """One run against one adapter."""

    target: Target
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    capabilities: dict[str, Any] = field(default_factory=dict)
    line: Line = field(init=False)
    step_id: str = ""
    _gallery: asyncio.Task[list[Shown]] | None = None

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

    async def begin(self) -> None:
        """Ask the adapter what it serves.

        Raises:
            EnvironmentalError: it cannot be reached, or says nothing that could be tried.
        """
        trial = Trial(self, "P-00")
        found = await trial.get("/capabilities")
        if found.status != 200:  # noqa: PLR2004 - fine
            problem = f" {found.code}" if found.code else ""
            msg = (
                f"GET {self.line.base_url}/capabilities: {found.failure or found.status}{problem}; "
                "start the adapter, or mend its address or the caller's key"
            )
            raise EnvironmentalError(msg)
        try:
            self.capabilities = found.document
        except BrokenError as error:
            raise EnvironmentalError(f"{error}; is this the base address?") from None
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

    # --- histories to look at ---

    async def gallery(self, trial: Trial) -> list[Shown]:
        """Return histories of every kind that can be had; filed once a run, read by many."""
        if self._gallery is None:
            self._gallery = asyncio.ensure_future(self._filled())
        found = await asyncio.shield(self._gallery)
        if not found:
            raise NotApplicableError("no history could be had")
        with suppress(BrokenError):
            await trial.get(f"/submissions/{found[0].id}")
        return found

    async def _filled(self) -> list[Shown]:
        trial = Trial(self, "P-20")
        ids: list[str] = []
        for script in _SCRIPTS if self.has_test_step else ("", ""):
            with suppress(BrokenError, NotApplicableError):
                ids.append((await self._played(trial, script, len(ids))).id)
        with suppress(BrokenError):
            ids += [one for one in await self._strangers(trial) if one not in ids]
        shown = []
        for name in ids:
            with suppress(BrokenError):
                events = await trial.history(name)
                status = await trial.get(f"/submissions/{name}")
                shown.append(Shown(id=name, state=status.document.get("state"), events=events))
        return shown

    async def _played(self, trial: Trial, script: str, place: int) -> Filed:
        filed = await trial.file(script)
        for turn in range(1, script.count("/") + 1):
            asked = [
                one["data"].get("correction_id")
                for one in await trial.history(filed)
                if one.get("type") == "correction_requested"
            ]
            body = trial.supplement(asked[-1] if asked else "r0")
            await trial.put(f"{filed.path}/supplements/s{turn}", body)
        if "pend" in script:
            await trial.put(f"{filed.path}/supplements/s1", trial.supplement(None))
        if script in {"accept", "accept keep"} or (not script and place):
            await trial.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
        return filed

    async def _strangers(self, trial: Trial) -> list[str]:
        """Return ids of submissions that were there before: real ones of the staging system."""
        page = (await trial.get("/changes?limit=200")).document
        found = [str(one.get("submission_id")) for one in page.get("changes") or ()]
        own = f"conform-{self.run}-"
        return [one for one in found if not one.startswith(own)][:_READ_AT_MOST]

    def _chosen_step(self) -> str:
        listed = [str(one.get("step_id")) for one in self.steps]
        if self.target.step_id is not None:
            if self.target.step_id not in listed:
                msg = f"step {self.target.step_id} is not listed; listed are {', '.join(listed)}"
                raise EnvironmentalError(msg)
            return self.target.step_id
        if not listed:
            raise EnvironmentalError("the adapter lists no step: there is nothing to try")
        return TEST_STEP if TEST_STEP in listed else listed[0]
