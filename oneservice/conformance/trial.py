"""What the function of a statement has in its hands: calls, applications, histories.

Every trial has ids of its own (``conform-RUN-P07-1``), so that statements do not see one another,
and runs of the kit do not either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from oneservice.canonical import canonical
from oneservice.conformance.breaking import NotApplicableError, broken
from oneservice.conformance.exchanges import Exchange, Sent
from oneservice.conformance.words import JSON_TYPE

if TYPE_CHECKING:
    from datetime import datetime

    from oneservice.conformance.bench import Bench
    from oneservice.conformance.identity import Identity

__all__ = ["CANARY", "WITHDRAWAL", "Filed", "Trial"]

CANARY: Final = "Kanarienvogel-Zhang-7f3a"
"""The name of the person who does not exist: wherever it turns up, a real one would."""
_PATIENT_TRIES: Final = 6
_LONGEST_PAUSE_S: Final = 65.0
_POLL_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """An application that was filed: its id, its exact bytes, the answer."""

    id: str
    body: bytes
    exchange: Exchange

    @property
    def path(self) -> str:
        """Its resource, below the base address."""
        return f"/submissions/{self.id}"


@dataclass(slots=True)
class Trial:
    """One statement's trial; remembers what was said."""

    bench: Bench
    number: str
    exchanges: list[Exchange] = field(default_factory=list)
    _ids: int = 0

    # --- messages ---

    def id(self) -> str:
        """Return an id that nobody used before."""
        self._ids += 1
        return f"conform-{self.bench.run}-{self.number.replace('-', '')}-{self._ids}"

    def sent(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        who: Identity | None = None,
        headers: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
        at: datetime | None = None,
    ) -> Sent:
        """Return a signed request; ``without`` names fields to leave out after signing."""
        line = self.bench.line
        more = {"Accept": JSON_TYPE, "traceparent": self.bench.traceparent(), **(headers or {})}
        if body or method in {"PUT", "POST"}:
            more.setdefault("Content-Type", JSON_TYPE)
        caller = who or self.bench.target.caller
        fields = caller.fields(method, line.base_url.rstrip("/") + path, body, more, at=at)
        left = {name.lower() for name in without}
        kept = tuple((name, value) for name, value in fields.items() if name.lower() not in left)
        return Sent(
            method=method,
            path=line.root + path,
            headers=kept,
            body=body,
            secret=caller.secret,
        )

    async def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        who: Identity | None = None,
        headers: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
        at: datetime | None = None,
        deadline_s: float | None = None,
    ) -> Exchange:
        """Send a request and return the exchange; waits where the adapter says 429."""
        for _ in range(_PATIENT_TRIES):
            sent = self.sent(method, path, body, who=who, headers=headers, without=without, at=at)
            found = await self.send(sent, deadline_s=deadline_s)
            pause = found.header("retry-after") or "1"
            if found.status != 429 or not pause.isdigit():  # noqa: PLR2004 - too many requests
                break
            self.exchanges.remove(found)  # the kit's own haste is no finding
            await asyncio.sleep(min(int(pause), _LONGEST_PAUSE_S))
        return found

    async def send(self, sent: Sent, *, deadline_s: float | None = None) -> Exchange:
        """Send a request as it is, once."""
        return self.keep(await self.bench.line.call(sent, deadline_s=deadline_s))

    def keep(self, exchange: Exchange) -> Exchange:
        """Remember an exchange for the report."""
        self.exchanges.append(exchange)
        return exchange

    async def get(self, path: str, *, who: Identity | None = None) -> Exchange:
        """Read a resource."""
        return await self.call("GET", path, who=who)

    async def put(self, path: str, body: Any, *, who: Identity | None = None) -> Exchange:
        """Put bytes, or a JSON value."""
        data = body if isinstance(body, bytes) else canonical(body)
        return await self.call("PUT", path, data, who=who)

    # --- applications ---

    def application(self, script: str = "", **changes: Any) -> bytes:
        """Return the bytes of an application; ``script`` is for the test step."""
        if script and not self.bench.has_test_step:
            msg = "the adapter serves no test step that would take this course"
            raise NotApplicableError(msg)
        document: dict[str, Any] = {
            "case_id": f"conform-{self.bench.run}",
            "step_id": self.bench.step_id,
            "attempt": 1,
            "applicant": {"kind": "person", "name": CANARY},
            "fields": {},
            "materials": self.bench.materials,
            **({} if self.bench.has_test_step else self.bench.target.application),
        }
        if script:
            document["fields"] = {"conform": script}
        document |= changes
        return canonical({name: one for name, one in document.items() if one is not None})

    async def file(self, script: str = "", *, who: Identity | None = None, **changes: Any) -> Filed:
        """File an application that must be taken in."""
        name, body = self.id(), self.application(script, **changes)
        found = await self.call("PUT", f"/submissions/{name}", body, who=who)
        if found.status == 422 and not self.bench.has_test_step:  # noqa: PLR2004
            msg = "the step wants a form that the kit cannot make: give --application FILE"
            raise NotApplicableError(msg)
        if found.status not in {200, 201}:
            broken(f"{found.told}: an application could not be filed", found)
        return Filed(id=name, body=body, exchange=found)

    async def corrected(self, script: str = "accept correct / grant") -> tuple[Filed, str]:
        """File an application whose correction is requested; return the correction's id, too."""
        if self.bench.has_test_step:
            filed = await self.file(script)
        else:
            filed = await self.file(materials=[])
        events = await self.awaited(filed, "correction_requested")
        if not events:
            msg = "the step asked for no correction when its materials were missing"
            raise NotApplicableError(msg)
        return filed, str(_data(events[-1]).get("correction_id"))

    async def ended(self) -> Filed:
        """File an application that comes to its end."""
        if self.bench.has_test_step:
            return await self.file("accept grant")
        filed = await self.file()
        await self.put(f"{filed.path}/withdrawals/w1", WITHDRAWAL)
        if not await self.awaited(filed, "withdrawn"):
            raise NotApplicableError("no application of this step could be brought to an end")
        return filed

    def supplement(self, correction_id: str | None, **changes: Any) -> dict[str, Any]:
        """Return a supplement that delivers the material of the test step."""
        document = {"correction_id": correction_id, "materials": self.bench.materials, **changes}
        return {name: one for name, one in document.items() if one is not None}

    # --- histories ---

    async def history(self, filed: Filed | str, *, who: Identity | None = None) -> list[Any]:
        """Return all events of a submission as the adapter tells them, page by page."""
        path = filed.path if isinstance(filed, Filed) else f"/submissions/{filed}"
        events: list[Any] = []
        for _ in range(60):
            found = await self.get(f"{path}?after={len(events)}", who=who)
            found.expect(200)
            page = found.events
            events += page
            head = found.document.get("head")
            seq = head.get("seq") if isinstance(head, dict) else None
            if not page or not isinstance(seq, int) or seq <= len(events):
                break
        return events

    async def awaited(self, filed: Filed, *types: str) -> list[Any]:
        """Return the events of one of these types as soon as there are any; none in time: none."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.bench.target.patience.news_s
        while True:
            found = [one for one in await self.history(filed) if one.get("type") in types]
            if found or loop.time() >= until:
                return found
            await asyncio.sleep(_POLL_S)

    async def unchanged(self, filed: Filed, before: list[Any], why: str) -> None:
        """Break the statement if the submission's history is another than ``before``."""
        if await self.history(filed) != before:
            broken(f"{why}: the history of {filed.id} is another one", self.exchanges[-1])


WITHDRAWAL: Final = {"reason": {"en": "A test."}, "requested_by": "applicant"}


def _data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    data = event.get("data")
    return data if isinstance(data, Mapping) else {}
