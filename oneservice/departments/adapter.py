"""The face of the SDK: one function per step makes an adapter that speaks the protocol.

An :class:`AdapterApp` is a plain ASGI application; any server runs it and any framework mounts
it. Everything that is the same for all departments (ids, repeats, events, chains, signatures, the
feed, documents, limits, problem documents) happens here; what is yours is the decision.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from oneservice.case import OPEN, SubmissionState
from oneservice.departments.asgi import AsgiFace
from oneservice.departments.capabilities import (
    Capabilities,
    KeyInfo,
    ServiceLimits,
)
from oneservice.departments.declaring import Declarations
from oneservice.departments.defaults import (
    HasNow,
    clock_of,
    loopback_only,
    register_of,
    zone_of,
)
from oneservice.departments.exchange import Receive, Scope, Send
from oneservice.departments.feed import Feed
from oneservice.departments.gate import Authenticate, Gate
from oneservice.departments.locks import Bell
from oneservice.departments.office import Office
from oneservice.departments.outcomes import Outcome, Text, people_text
from oneservice.departments.pace import Pace
from oneservice.departments.recording import Scribe
from oneservice.departments.ringing import Ringing
from oneservice.departments.routes import Routes
from oneservice.departments.signing import Ed25519EventKey, EventKey, event_key_from_pem
from oneservice.departments.steps import call
from oneservice.departments.wire import instant_text, is_id
from oneservice.errors import (
    AdapterError,
    CaseError,
)

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from oneservice.canonical import Digest
    from oneservice.departments.application import Submission
    from oneservice.departments.callers import Callers
    from oneservice.departments.register import Register
    from oneservice.departments.retirement import Retirement

__all__ = ["AdapterApp", "loopback_only"]

_log = logging.getLogger("oneservice.departments")


class AdapterApp(Declarations):
    """A department's adapter.

    Args:
        department: its id in catalogs and events.
        name: what people call it, ``{"zh": ..., "en": ...}`` or one text.
        region: the region it serves.
        store: path of its SQLite register, or a :class:`Register`; by default
            ``<department>.register.db`` in the current folder. What was answered 201 is in it.
        event_key: signs events. Without one, a key is made once and kept in the register: fine
            for trials, and no engine trusts it before a person puts it on the trust list.
        clock: anything with ``now()``, or a function; the system's by default.
        zone: where its days begin and end.
        authenticate: tells callers apart, see :class:`MutualTls` and :class:`AccessTokens`. By
            default the signature of a registered caller does, or, where there is no registry,
            only this machine may call.
        callers: the registry; where its callers have keys, every request must be signed.
        limits: what one caller may send, enforced here and told in the capabilities.
        base_url: its public address, told in the capabilities and covered by signatures; a
            server that binds an address by itself (:func:`serve`) fills it in.
        body_deadline_s: seconds in which a JSON body must have come.
        document_deadline_s: seconds in which a document must have come.
        retirement: says in every answer when this major version ends.
        callback_tls: trust anchors, and our certificate, for callers' callback addresses.
    """

    def __init__(
        self,
        department: str,
        *,
        name: Text | None = None,
        region: str | None = None,
        store: str | Path | Register | None = None,
        event_key: EventKey | None = None,
        clock: HasNow | Callable[[], datetime] | None = None,
        zone: str = "Asia/Shanghai",
        authenticate: Authenticate | None = None,
        callers: Callers | None = None,
        limits: ServiceLimits | None = None,
        base_url: str | None = None,
        body_deadline_s: float = 10.0,
        document_deadline_s: float = 60.0,
        callback_tls: ssl.SSLContext | None = None,
        retirement: Retirement | None = None,
    ) -> None:
        super().__init__()
        if not is_id(department):
            msg = "a department's id is 1 to 96 of A-Z a-z 0-9 . _ -"
            raise AdapterError(msg)
        self.department = department
        self.name = people_text(name or department)
        self.region = region
        self.limits = limits or ServiceLimits()
        self._zone_name = zone
        self._clock = clock_of(clock)
        self._event_key = event_key
        self.base_url = base_url
        self._settling = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._is_open = False
        bell = Bell()
        register = register_of(store, department)
        self._scribe = Scribe(department, register, self.now, zone_of(zone), bell=bell)
        self._office = Office(self._scribe, self._steps, self.limits.body_bytes, callers)
        routes = Routes(
            office=self._office,
            feed=Feed(register, bell),
            describe=self.capabilities,
            settle=self.settle,
            body_bytes=self.limits.body_bytes,
            document_bytes=self.limits.document_bytes,
            pace=Pace(self.limits.in_flight, self.limits.per_minute),
            body_deadline_s=body_deadline_s,
            document_deadline_s=document_deadline_s,
        )
        if authenticate is None and callers is None:
            authenticate = loopback_only
        self._gate = Gate(
            authenticate=authenticate,
            callers=callers,
            address=lambda: self.base_url,
            now=self.now,
        )
        self._callers = callers
        self._callback_tls = callback_tls
        self._ringing: Ringing | None = None
        self._face = AsgiFace(
            routes=routes,
            gate=self._gate,
            open=self.open,
            close=self.close,
            standing_headers=() if retirement is None else retirement.headers(),
        )

    # --- what the back office does ---

    async def record(
        self,
        submission_id: str,
        *outcomes: Outcome,
        caller: str | None = None,
        at: datetime | None = None,
    ) -> Submission:
        """Record what was decided later; return the submission as it then stands.

        Args:
            submission_id: which one.
            outcomes: in their order; all of them are recorded or none.
            caller: whose, where several callers used the same id.
            at: when it took legal effect; now by default.

        Raises:
            CaseNotFoundError: no such submission.
            IllegalInputError: the table does not allow it in this state; nothing was written.
            AdapterError: the outcome cannot be written; nothing was.
            JournalError: it could not be made durable; nothing was.
        """
        await self.open()
        return await self._office.record(submission_id, outcomes, caller=caller, at=at)

    async def submission(self, submission_id: str, *, caller: str | None = None) -> Submission:
        """Return one submission; raises :class:`CaseNotFoundError`."""
        await self.open()
        return await self._office.submission(submission_id, caller=caller)

    async def submissions(
        self, *, states: frozenset[SubmissionState] = OPEN, step_id: str | None = None
    ) -> tuple[Submission, ...]:
        """Return submissions of all callers that are in one of ``states``, oldest first."""
        await self.open()
        return await self._office.submissions(states=states, step_id=step_id)

    async def document(self, submission: Submission, digest: Digest) -> bytes:
        """Return the bytes of a document that ``submission`` names.

        Raises:
            AdapterError: its caller never uploaded it.
        """
        await self.open()
        found = await self._scribe.register.document(submission.caller, digest)
        if found is None:
            msg = f"submission {submission.id} has no document {digest}"
            raise AdapterError(msg)
        return found.data

    async def settle(self) -> None:
        """Let the ``before_read`` function record what has fallen due.

        A decision that cannot be recorded (the applicant withdrew meanwhile) is logged and left
        out: one such paper must not close the whole counter.
        """
        if self._before_read is None:
            return
        async with self._settling:
            for one in await call(self._before_read, self.now()) or ():
                outcomes = one.outcomes if isinstance(one.outcomes, tuple) else (one.outcomes,)
                try:
                    await self.record(one.submission_id, *outcomes, caller=one.caller, at=one.at)
                except (AdapterError, CaseError) as error:
                    _log.error("a decision was left out: %s", error)

    def now(self) -> datetime:
        """Return the present instant of the adapter's clock, in UTC."""
        return self._clock().astimezone(UTC)

    def capabilities(self) -> Capabilities:
        """Return what the adapter says of itself."""
        key = self._scribe.key
        following = (self.now().replace(day=1) + timedelta(days=62)).replace(day=1)
        midnight = following.replace(hour=0, minute=0, second=0, microsecond=0)
        return Capabilities(
            department=self.department,
            name=self.name,
            region=self.region,
            zone=self._zone_name,
            base_url=self.base_url,
            valid_until=instant_text(midnight),
            steps=tuple(step.info for _, step in sorted(self._steps.items())),
            features=self._features(),
            limits=self.limits,
            authentication=tuple(getattr(self._gate.authenticate, "schemes", ())),
            keys=()
            if key is None
            else (
                KeyInfo(
                    keyid=key.keyid,
                    alg=key.alg,
                    public_key=key.public_key,
                    use=("event", "callback"),
                ),
            ),
        )

    # --- life ---

    async def open(self) -> None:
        """Open the register; harmless to repeat. Servers with lifespan do it by themselves.

        Raises:
            JournalError: the register cannot be used; the text says what to do.
        """
        if self._is_open:
            return
        async with self._opening:
            if self._is_open:
                return
            self._gate.refuse_unusable()
            self._scribe.bell.start()
            try:
                await self._scribe.register.open()
                self._scribe.key = self._event_key or await self._kept_key()
            except BaseException:
                await self._scribe.register.close()
                raise
            if self._callers is not None:
                self._ringing = Ringing(self._scribe, self._callers, self._callback_tls)
            self._is_open = True

    async def close(self) -> None:
        """Give the register back; harmless to repeat."""
        async with self._opening:
            self._is_open = False
            if self._ringing is not None:
                await self._ringing.stop()
            await self._scribe.register.close()

    def drain(self) -> None:
        """Let those who wait for changes go, so that a server can stop at once."""
        self._scribe.bell.stop()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI: ``http`` and ``lifespan``."""
        await self._face.serve(scope, receive, send)

    async def send_callbacks(self) -> int:
        """Ring all callers that are owed a callback now; return how many were tried.

        The adapter does this by itself as soon as something is recorded, and again when a pause
        after a failure is over; call it to be sure that it has happened.
        """
        await self.open()
        return 0 if self._ringing is None else await self._ringing.round()

    def _features(self) -> tuple[str, ...]:
        callers = () if self._callers is None else tuple(self._callers)
        rings = any(one.callbacks for one in callers)
        return ("documents", "wait", *(("callbacks",) if rings else ()))

    async def _kept_key(self) -> EventKey:
        keyid = f"{self.department}-1"[:96]
        fresh = Ed25519EventKey.generate(keyid).to_pem().decode("ascii")
        pem = await self._scribe.register.setting("event_key", fresh)
        return event_key_from_pem(pem.encode("ascii"), keyid=keyid)
